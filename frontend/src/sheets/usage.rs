//! What the models were used for: totals, plots of days, and tables by model, chat and day.

use leptos::prelude::*;

use super::{
    counts::counts,
    plot::{Measure, Part, plot, rows as plot_rows, stacked},
};
use crate::{
    api::{BudgetView, NoticeView, STRETCHES, SpentView, UsageView, UseRow, WaitView},
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
        {tokens(usage)}
        {costs(usage)}
        {waits(usage)}
        {drifts(usage)}
        {failures(usage)}
        {counts(&usage.counts)}
        {by_each(words::usage::MODELS_BESIDE_EACH_OTHER, &usage.models)}
        {table(words::usage::BY_MODEL, words::usage::MODEL, &usage.models, &usage.total)}
        {by_each(words::usage::CHATS_BESIDE_EACH_OTHER, &usage.chats)}
        {table(words::usage::BY_CHAT, words::usage::CHAT, &usage.chats, &usage.total)}
        {purposes(usage)}
        <details class="by-day">
            <summary>{words::usage::SAME_BY_DAY}</summary>
            {table(words::usage::BY_DAY, words::usage::DAY, &usage.days, &usage.total)}
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
    let waited = total
        .whole
        .map_or_else(|| words::UNKNOWN.to_owned(), |wait| words::usage::waited(wait.p50.into(), wait.p95.into()));
    let drift = total.drift_percent;
    view! {
        <dl class="facts-line totals">
            {figure(words::usage::ANSWERS, words::count_u64(answers.count), ended)}
            {figure(words::usage::TOKENS_IN, words::count_u64(answers.tokens_in), words::usage::from_the_cache(answers.tokens_cached))}
            {figure(words::usage::TOKENS_OUT, words::count_u64(answers.tokens_out), String::new())}
            {figure(words::usage::MEMORY, words::count_u64(memory.tokens_in + memory.tokens_out), words::usage::tokens_in_calls(memory.count))}
            {figure(words::COST, cost(&[answers, memory]), words::usage::of_memory(&cost(&[memory])))}
            {figure(words::usage::ANSWERED_IN, waited, String::new())}
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
fn cost(spent: &[SpentView]) -> String {
    let known: f64 = spent.iter().map(|spent| spent.cost_usd).sum();
    let (count, unpriced): (u64, u64) = (spent.iter().map(|s| s.count).sum(), spent.iter().map(|s| s.unpriced).sum());
    match unpriced {
        0 => words::usd(Some(known)),
        // What failed cost nothing, and says nothing of the price.
        all if all == count || known == 0.0 => words::usd(None),
        _ => words::usage::over(&words::usd(Some(known))),
    }
}

fn is_far(drift: Option<f64>) -> bool {
    drift.is_some_and(|percent| percent.abs() > DRIFT)
}

fn edges(usage: &UsageView) -> [&str; 2] {
    [usage.days.first(), usage.days.last()].map(|day| day.map_or("", |day| day.label.as_str()))
}

#[expect(clippy::cast_precision_loss, reason = "a height on screen")]
fn token_parts(row: &UseRow) -> Vec<Part> {
    let answers = row.answers;
    stacked(&[
        (answers.tokens_cached as f64, "p-cached"),
        (answers.tokens_in.saturating_sub(answers.tokens_cached) as f64, "p-in"),
        (answers.tokens_out as f64, "p-out"),
        ((row.memory.tokens_in + row.memory.tokens_out) as f64, "p-memory"),
    ])
}

fn tokens(usage: &UsageView) -> AnyView {
    let days: Vec<Vec<Part>> = usage.days.iter().map(token_parts).collect();
    let most = usage.days.iter().map(tokens_of).max().unwrap_or_default();
    let label = words::usage::plot_of(words::usage::TOKENS_A_DAY, &words::count_u64(most));
    view! {
        <section>
            <div class="sh">
                <h2>{words::usage::TOKENS_A_DAY}</h2>
                <span class="note plot-keys">{key("p-cached", words::usage::KEY_CACHED)}{key("p-in", words::usage::KEY_IN)}{key("p-out", words::usage::KEY_OUT)}{key("p-memory", words::usage::KEY_MEMORY)}</span>
            </div>
            {plot(&label, words::tokens(most), edges(usage), &days)}
        </section>
    }
    .into_any()
}

fn tokens_of(day: &UseRow) -> u64 {
    day.answers.tokens_in + day.answers.tokens_out + day.memory.tokens_in + day.memory.tokens_out
}

fn costs(usage: &UsageView) -> AnyView {
    let of = |day: &UseRow| day.answers.cost_usd + day.memory.cost_usd;
    let most = usage.days.iter().map(of).fold(0.0, f64::max);
    let column = |day: &UseRow| stacked(&[(day.answers.cost_usd, "p-in"), (day.memory.cost_usd, "p-memory")]);
    let days: Vec<Vec<Part>> = usage.days.iter().map(column).collect();
    let label = words::usage::plot_of(words::usage::COST_A_DAY, &words::usd(Some(most)));
    (most > 0.0)
        .then(|| {
            view! {
                <section>
                    <div class="sh">
                        <h2>{words::usage::COST_A_DAY}</h2>
                        <span class="note plot-keys">{key("p-in", words::usage::KEY_ANSWERS)}{key("p-memory", words::usage::KEY_MEMORY)}</span>
                    </div>
                    {plot(&label, words::usd(Some(most)), edges(usage), &days)}
                </section>
            }
        })
        .into_any()
}

fn waits(usage: &UsageView) -> AnyView {
    let column = |day: &UseRow| {
        day.whole.map_or_else(Vec::new, |wait| {
            let (half, most) = (f64::from(wait.p50), f64::from(wait.p95));
            vec![(half, most, "p-range"), (half * 0.98, half.max(1.0), "p-half")]
        })
    };
    let days: Vec<Vec<Part>> = usage.days.iter().map(column).collect();
    let most = usage.days.iter().filter_map(|day| day.whole).map(|wait| wait.p95).max().unwrap_or_default();
    let label = words::usage::plot_of(words::usage::WAITS_A_DAY, &words::span(most.into()));
    view! {
        <section>
            <div class="sh">
                <h2>{words::usage::TIME_TO_AN_ANSWER}</h2>
                <span class="note plot-keys">{key("p-half", words::usage::KEY_HALF)}{key("p-range", words::usage::KEY_RANGE)}</span>
            </div>
            {plot(&label, words::span(most.into()), edges(usage), &days)}
        </section>
    }
    .into_any()
}

/// How far counts were from reports, a day.
fn drifts(usage: &UsageView) -> AnyView {
    let column = |day: &UseRow| match day.drift_percent {
        Some(drift) if drift >= 0.0 => vec![(0.0, drift, "p-out")],
        Some(drift) => vec![(0.0, -drift, "p-cached")],
        None => Vec::new(),
    };
    let days: Vec<Vec<Part>> = usage.days.iter().map(column).collect();
    let most = usage.days.iter().filter_map(|day| day.drift_percent).map(f64::abs).fold(0.0, f64::max);
    let label = words::usage::plot_of(words::usage::DRIFT_A_DAY, &words::usage::percent(most));
    (most >= 0.05)
        .then(|| {
            view! {
                <section>
                    <div class="sh">
                        <h2>{words::usage::COUNTS_OFF_A_DAY}</h2>
                        <span class="note plot-keys">{key("p-out", words::usage::KEY_TOO_FEW)}{key("p-cached", words::usage::KEY_TOO_MANY)}</span>
                    </div>
                    {plot(&label, words::usage::percent(most), edges(usage), &days)}
                </section>
            }
        })
        .into_any()
}

/// Answers that failed or were stopped, a day.
#[expect(clippy::cast_precision_loss, reason = "a height on screen")]
fn failures(usage: &UsageView) -> AnyView {
    let column = |day: &UseRow| stacked(&[(day.failed as f64, "p-out"), (day.stopped as f64, "p-cached")]);
    let days: Vec<Vec<Part>> = usage.days.iter().map(column).collect();
    let most = usage.days.iter().map(|day| day.failed + day.stopped).max().unwrap_or_default();
    let label = words::usage::plot_of(words::usage::FAILED_OR_STOPPED_A_DAY, &words::count_u64(most));
    (most > 0)
        .then(|| {
            view! {
                <section>
                    <div class="sh">
                        <h2>{words::usage::FAILED_A_DAY}</h2>
                        <span class="note plot-keys">{key("p-out", words::FAILED)}{key("p-cached", words::STOPPED)}</span>
                    </div>
                    {plot(&label, words::usage::answers(most), edges(usage), &days)}
                </section>
            }
        })
        .into_any()
}

/// Models or chats beside each other: tokens, cost, time, drift and failures, each as a bar. One alone has nothing beside it.
#[expect(clippy::cast_precision_loss, reason = "a length on screen")]
fn by_each(title: &'static str, all: &[UseRow]) -> Option<AnyView> {
    const MOST: usize = 12;
    let used: Vec<&UseRow> = all.iter().filter(|row| row.answers.count + row.memory.count > 0).take(MOST).collect();
    if used.len() < 2 {
        return None;
    }
    let each = |of: &dyn Fn(&UseRow) -> Vec<Part>| -> Vec<Vec<Part>> { used.iter().map(|row| of(row)).collect() };
    let measures = [
        Measure { name: words::TOKENS, bars: each(&|row| token_parts(row)) },
        Measure {
            name: words::COST,
            bars: each(&|row| stacked(&[(row.answers.cost_usd, "p-in"), (row.memory.cost_usd, "p-memory")])),
        },
        Measure {
            name: words::usage::TIME,
            bars: each(&|row| {
                row.whole.map_or_else(Vec::new, |wait| {
                    vec![(f64::from(wait.p50), f64::from(wait.p95), "p-range"), (0.0, f64::from(wait.p50), "p-in")]
                })
            }),
        },
        Measure {
            name: words::usage::COUNTS_OFF,
            bars: each(&|row| vec![(0.0, row.drift_percent.unwrap_or_default().abs(), "p-out")]),
        },
        Measure { name: words::usage::FAILED, bars: each(&|row| stacked(&[(row.failed as f64, "p-out")])) },
    ];
    let names: Vec<&str> = used.iter().map(|row| row.label.as_str()).collect();
    Some(
        view! {
            <section>
                <div class="sh"><h2>{title}</h2><span class="note">{words::usage::HOW_BARS_COMPARE}</span></div>
                {plot_rows(title, &names, &measures)}
            </section>
        }
        .into_any(),
    )
}

/// What it was for.
fn purposes(usage: &UsageView) -> AnyView {
    let row = |row: &UseRow| {
        let spent = if row.answers.count > 0 { row.answers } else { row.memory };
        view! {
            <tr>
                <th scope="row">{row.label.clone()}</th>
                {number(spent.count)}
                {number(spent.tokens_in)}
                {number(spent.tokens_cached)}
                {number(spent.tokens_out)}
                <td class="num">{cost(&[spent])}</td>
            </tr>
        }
        .into_any()
    };
    let rows: Vec<_> = usage.purposes.iter().map(row).collect();
    view! {
        <section>
            <div class="sh"><h2>{words::usage::WHAT_IT_WAS_FOR}</h2></div>
            {wide_table(words::usage::WHAT_IT_WAS_FOR, &[words::usage::PURPOSE, words::usage::ANSWERS_OR_CALLS, words::usage::IN, words::usage::CACHED, words::usage::OUT, words::COST], rows)}
        </section>
    }
    .into_any()
}

/// A table of numbers under a title, which scrolls sideways where it is wider than the page; its first column says what of.
pub(super) fn wide_table(title: &'static str, heads: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    let head = |(place, name): (usize, &&'static str)| {
        let class = if place > 0 { "num" } else { "" };
        view! { <th scope="col" class=class>{*name}</th> }
    };
    let heads: Vec<_> = heads.iter().enumerate().map(head).collect();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=title>
            <table class="usage">
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn key(class: &'static str, name: &'static str) -> AnyView {
    view! { <span class="nowrap"><i class=format!("sw {class}")></i>{name}</span> }.into_any()
}

fn table(title: &'static str, what: &'static str, rows: &[UseRow], total: &UseRow) -> AnyView {
    let used = |row: &&UseRow| row.answers.count + row.memory.count > 0;
    let rows: Vec<_> = rows.iter().filter(used).map(row).collect();
    view! {
        <section>
            <div class="sh"><h2>{title}</h2></div>
            <div class="scroll-x" tabindex="0" role="region" aria-label=title>
            <table class="usage">
                <thead>
                    <tr>
                        <th scope="col">{what}</th>
                        <th scope="col" class="num">{words::usage::ANSWERS}</th>
                        <th scope="col" class="num">{words::usage::FAILED}</th>
                        <th scope="col" class="num">{words::usage::IN}</th>
                        <th scope="col" class="num">{words::usage::CACHED}</th>
                        <th scope="col" class="num">{words::usage::OUT}</th>
                        <th scope="col" class="num">{words::usage::MEMORY}</th>
                        <th scope="col" class="num">{words::usage::FIRST_WORDS_HALF[0]}<br/>{words::usage::FIRST_WORDS_HALF[1]}</th>
                        <th scope="col" class="num">{words::usage::ANSWER_HALF[0]}<br/>{words::usage::ANSWER_HALF[1]}</th>
                        <th scope="col" class="num">{words::usage::ANSWER_NEARLY_ALL[0]}<br/>{words::usage::ANSWER_NEARLY_ALL[1]}</th>
                        <th scope="col" class="num">{words::COUNTED}</th>
                        <th scope="col" class="num">{words::COST}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{row(&UseRow { label: words::usage::ALL.to_owned(), ..total.clone() })}</tfoot>
            </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(row: &UseRow) -> AnyView {
    let name = match &row.href {
        Some(href) => view! { <a href=href.clone()>{row.label.clone()}</a> }.into_any(),
        None => view! { {row.label.clone()} }.into_any(),
    };
    let wait = |of: Option<WaitView>, value: fn(WaitView) -> u32| of.map(|wait| words::span(value(wait).into()));
    let drift = if is_far(row.drift_percent) { "num state warn" } else { "num" };
    view! {
        <tr>
            <th scope="row">{name}</th>
            {number(row.answers.count)}
            {number(row.failed)}
            {number(row.answers.tokens_in)}
            {number(row.answers.tokens_cached)}
            {number(row.answers.tokens_out)}
            {number(row.memory.tokens_in + row.memory.tokens_out)}
            <td class="num dim">{wait(row.first_token, |wait| wait.p50)}</td>
            <td class="num dim">{wait(row.whole, |wait| wait.p50)}</td>
            <td class="num dim">{wait(row.whole, |wait| wait.p95)}</td>
            <td class="num dim nowrap"><span class=drift>{row.drift_percent.map(|drift| words::usage::drift(Some(drift)))}</span></td>
            <td class="num">{cost(&[row.answers, row.memory])}</td>
        </tr>
    }
    .into_any()
}

/// A cell with a count; zero is shown, faint.
fn number(count: u64) -> AnyView {
    let class = if count == 0 { "num zero" } else { "num" };
    view! { <td class=class>{words::count_u64(count)}</td> }.into_any()
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
