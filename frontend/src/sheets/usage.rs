//! What the models were used for: notices and budgets, totals, plots and tables.

use leptos::prelude::*;

use super::{counts::counts, use_plots, use_tables};
use crate::{
    api::{BudgetView, NoticeView, STRETCHES, SpentView, UsageView, UseRow},
    words,
};

/// From here on counts are so far from reports that somebody should look, in percent.
const DRIFT: f64 = 5.0;

/// The page.
pub(crate) fn usage(usage: &UsageView) -> AnyView {
    let UsageView { from, to, time_zone, total, .. } = usage;
    let body = if total.answers.count + total.memory.count == 0 { nothing(usage.stretch) } else { body(usage) };
    view! {
        <div class="head">
            <h1>{words::USAGE}</h1>
            <span class="meta">{words::usage::from_to(from, to, time_zone)}</span>
            <nav class="act stretches" aria-label=words::usage::HOW_MANY_DAYS>{STRETCHES.map(|days| stretch(days, usage.stretch))}</nav>
        </div>
        {notices(&usage.notices)}
        {budgets(&usage.budgets)}
        {body}
    }
    .into_any()
}

/// What the owner should see to.
fn notices(notices: &[NoticeView]) -> Option<AnyView> {
    let notice = |notice: &NoticeView| view! { <li><b>{notice.told.clone()}</b>" "{notice.remedy.clone()}</li> };
    (!notices.is_empty()).then(|| {
        view! { <ul class="alert warn notices" id="notices" aria-label=words::usage::NOTICES>{notices.iter().map(notice).collect_view()}</ul> }
            .into_any()
    })
}

/// How far the day's budgets are used.
fn budgets(budgets: &[BudgetView]) -> Option<AnyView> {
    let row = |budget: &BudgetView| {
        let paused = budget.paused.as_ref().map(|paused| {
            view! { <span class="state warn">{words::usage::paused(&budget.until, paused)}</span> }
        });
        let style = format!("--a:0;--b:{}", budget.percent.min(100));
        view! {
            <li>
                <a href=budget.href.clone()>{budget.name.clone()}</a>
                <span class="lane-bar" aria-hidden="true"><i class="p-out" style=style></i></span>
                <span>{words::usage::used(budget.percent, &budget.told)}</span>
                {paused}
            </li>
        }
    };
    (!budgets.is_empty()).then(|| {
        view! {
            <section>
                <div class="sh"><h2>{words::usage::TODAYS_BUDGET}</h2><span class="note">{words::usage::WHERE_WORK_STOPS}</span></div>
                <ul class="budgets">{budgets.iter().map(row).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

fn stretch(days: u32, shown: u32) -> AnyView {
    let name = words::usage::stretch(days);
    let current = (days == shown).then_some("page");
    view! { <a href=format!("/usage?days={days}") aria-current=current>{name}</a> }.into_any()
}

fn nothing(days: u32) -> AnyView {
    view! {
        <div class="empty">
            <h2>{words::usage::NO_USE_YET}</h2>
            <p>{words::usage::nothing_in(days)}</p>
        </div>
    }
    .into_any()
}

fn body(usage: &UsageView) -> AnyView {
    view! {
        {totals(&usage.total)}
        {use_plots::by_day(usage)}
        {counts(&usage.counts)}
        {use_plots::by_each(words::usage::MODELS_BESIDE_EACH_OTHER, &usage.models)}
        {use_tables::table(words::usage::BY_MODEL, words::usage::MODEL, &usage.models, &usage.total)}
        {use_plots::by_each(words::usage::CHATS_BESIDE_EACH_OTHER, &usage.chats)}
        {use_tables::table(words::usage::BY_CHAT, words::usage::CHAT, &usage.chats, &usage.total)}
        {use_tables::purposes(usage)}
        <details class="by-day">
            <summary>{words::usage::SAME_BY_DAY}</summary>
            {use_tables::table(words::usage::BY_DAY, words::usage::DAY, &usage.days, &usage.total)}
        </details>
        <p class="note">{prices(usage)}</p>
    }
    .into_any()
}

/// Where prices come from.
fn prices(usage: &UsageView) -> String {
    words::usage::prices(&usage.prices_as_of, &usage.own_prices)
}

fn totals(total: &UseRow) -> AnyView {
    let (answers, memory) = (total.answers, total.memory);
    let ended = words::usage::ended(total.failed, total.stopped);
    let (waited, nearly_all) = total.whole.map_or_else(
        || (words::UNKNOWN.to_owned(), String::new()),
        |wait| (words::span(wait.p50.into()), words::usage::nearly_all_within(wait.p95.into())),
    );
    let drift = total.drift_percent;
    view! {
        <dl class="facts-line totals">
            {figure(words::usage::ANSWERS, words::count_u64(answers.count), ended)}
            {figure(words::usage::TOKENS_IN, words::count_u64(answers.tokens_in), words::usage::from_the_cache(answers.tokens_cached))}
            {figure(words::usage::TOKENS_OUT, words::count_u64(answers.tokens_out), String::new())}
            {figure(words::usage::MEMORY, words::count_u64(memory.tokens_in + memory.tokens_out), words::usage::tokens_in_calls(memory.count))}
            {figure(words::COST, cost(&[answers, memory]), words::usage::of_memory(&cost(&[memory])))}
            {figure(words::usage::ANSWERED_IN, waited, nearly_all)}
            {figure(words::COUNTED, words::usage::drift(drift), if is_far(drift) { words::usage::SCALE_LEARNS.to_owned() } else { String::new() })}
        </dl>
    }
    .into_any()
}

fn figure(name: &'static str, value: String, note: String) -> AnyView {
    let note = (!note.is_empty()).then(|| view! { <small>{note}</small> });
    view! { <div><dt>{name}</dt><dd>{value}{note}</dd></div> }.into_any()
}

/// The sum, said to be a part of the whole where some prices are not known.
pub(super) fn cost(spent: &[SpentView]) -> String {
    let known: f64 = spent.iter().map(|spent| spent.cost_usd).sum();
    let (count, unpriced): (u64, u64) = (spent.iter().map(|s| s.count).sum(), spent.iter().map(|s| s.unpriced).sum());
    match unpriced {
        0 => words::usd(Some(known)),
        // What failed cost nothing, and says nothing of the price.
        all if all == count || known == 0.0 => words::usd(None),
        _ => words::usage::over(&words::usd(Some(known))),
    }
}

/// Whether counts are so far from reports that somebody should look.
pub(super) fn is_far(drift: Option<f64>) -> bool {
    drift.is_some_and(|percent| percent.abs() > DRIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_that_is_known_in_part_is_said_to_be_more() {
        let known = SpentView { count: 2, cost_usd: 0.5, ..SpentView::default() };
        let unknown = SpentView { count: 1, unpriced: 1, ..SpentView::default() };
        assert_eq!(cost(&[known]), "$0.5000");
        assert_eq!(cost(&[known, unknown]), "over $0.5000");
        assert_eq!(cost(&[unknown]), "unknown");
        assert_eq!(cost(&[SpentView { count: 3, ..unknown }]), "unknown", "two failed");
    }

    #[test]
    fn more_than_five_percent_is_far() {
        assert!(is_far(Some(-5.1)) && !is_far(Some(5.0)));
    }
}
