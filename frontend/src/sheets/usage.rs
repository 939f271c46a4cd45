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
            <h1>"Usage"</h1>
            <span class="meta">{format!("{from} to {to}, {time_zone}")}</span>
            <nav class="act stretches" aria-label="How many days">{STRETCHES.map(|days| stretch(days, usage.stretch))}</nav>
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
        view! { <ul class="alert warn notices" id="notices" aria-label="Notices">{notices.iter().map(notice).collect_view()}</ul> }
            .into_any()
    })
}

/// How far the day's budgets are used.
fn budgets(budgets: &[BudgetView]) -> Option<AnyView> {
    let row = |budget: &BudgetView| {
        let paused = budget.paused.as_ref().map(|paused| {
            view! { <span class="state warn">{format!("paused until {}: {paused}", budget.until)}</span> }
        });
        let style = format!("--a:0;--b:{}", budget.percent.min(100));
        view! {
            <li>
                <a href=budget.href.clone()>{budget.name.clone()}</a>
                <span class="lane-bar" aria-hidden="true"><i class="p-out" style=style></i></span>
                <span>{format!("{} %, {}", budget.percent, budget.told)}</span>
                {paused}
            </li>
        }
    };
    (!budgets.is_empty()).then(|| {
        view! {
            <section>
                <div class="sh"><h2>"Today's budget"</h2><span class="note">"background work stops at 80 %, answers at 100 %"</span></div>
                <ul class="budgets">{budgets.iter().map(row).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

fn stretch(days: u32, shown: u32) -> AnyView {
    let name = if days == 365 { "a year".to_owned() } else { format!("{days} days") };
    let current = (days == shown).then_some("page");
    view! { <a href=format!("/usage?days={days}") aria-current=current>{name}</a> }.into_any()
}

fn nothing(days: u32) -> AnyView {
    view! {
        <div class="empty">
            <h2>"No use yet"</h2>
            <p>{format!("Nothing was answered in these {days} days. Each answer will count here with its tokens, its cost and its time.")}</p>
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
        {by_each("Models beside each other", &usage.models)}
        {table("By model", "Model", &usage.models, &usage.total)}
        {by_each("Chats beside each other", &usage.chats)}
        {table("By chat", "Chat", &usage.chats, &usage.total)}
        {purposes(usage)}
        <details class="by-day">
            <summary>"The same by day, as a table"</summary>
            {table("By day", "Day", &usage.days, &usage.total)}
        </details>
        <p class="note">{prices(usage)}</p>
    }
    .into_any()
}

/// Where prices come from.
fn prices(usage: &UsageView) -> String {
    let own = match usage.own_prices.as_slice() {
        [] => String::new(),
        own => format!(" {} as your settings say.", own.join(", ")),
    };
    format!("Prices as of {}.{own} A model without a known price is not in these sums.", usage.prices_as_of)
}

fn totals(total: &UseRow) -> AnyView {
    let (answers, memory) = (total.answers, total.memory);
    let ended = match (total.failed, total.stopped) {
        (0, 0) => "all answered".to_owned(),
        (failed, stopped) => format!("{} failed, {} stopped", words::count_u64(failed), words::count_u64(stopped)),
    };
    let waited = total.whole.map_or_else(
        || "unknown".to_owned(),
        |wait| format!("{}, {} of 20 within {}", words::span(wait.p50.into()), 19, words::span(wait.p95.into())),
    );
    let drift = total.drift_percent;
    view! {
        <dl class="facts-line totals">
            {figure("Answers", words::count_u64(answers.count), ended)}
            {figure("Tokens in", words::count_u64(answers.tokens_in), format!("{} from the cache", words::count_u64(answers.tokens_cached)))}
            {figure("Tokens out", words::count_u64(answers.tokens_out), String::new())}
            {figure("Memory", words::count_u64(memory.tokens_in + memory.tokens_out), format!("tokens in {}", calls(memory.count)))}
            {figure("Cost", cost(&[answers, memory]), format!("memory {}", cost(&[memory])))}
            {figure("Answered in", waited, String::new())}
            {figure("Counted", drift_words(drift), if is_far(drift) { "the scale learns from it".to_owned() } else { String::new() })}
        </dl>
    }
    .into_any()
}

fn figure(name: &'static str, value: String, note: String) -> AnyView {
    let note = (!note.is_empty()).then(|| view! { <small>{note}</small> });
    view! { <div><dt>{name}</dt><dd>{value}{note}</dd></div> }.into_any()
}

fn calls(count: u64) -> String {
    words::plural(usize::try_from(count).unwrap_or(usize::MAX), "call", "calls")
}

/// The sum, said to be a part of the whole where some prices are not known.
fn cost(spent: &[SpentView]) -> String {
    let known: f64 = spent.iter().map(|spent| spent.cost_usd).sum();
    let (count, unpriced): (u64, u64) = (spent.iter().map(|s| s.count).sum(), spent.iter().map(|s| s.unpriced).sum());
    match unpriced {
        0 => words::usd(Some(known)),
        // What failed cost nothing, and says nothing of the price.
        all if all == count || known == 0.0 => words::usd(None),
        _ => format!("over {}", words::usd(Some(known))),
    }
}

fn is_far(drift: Option<f64>) -> bool {
    drift.is_some_and(|percent| percent.abs() > DRIFT)
}

pub(super) fn drift_words(drift: Option<f64>) -> String {
    match drift {
        None => "unknown".to_owned(),
        Some(percent) if percent.abs() < 0.05 => "as reported".to_owned(),
        Some(percent) if percent > 0.0 => format!("{percent:.1} % too few"),
        Some(percent) => format!("{:.1} % too many", percent.abs()),
    }
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
    let label = format!("Tokens a day; at most {}. The numbers stand in the table by day.", words::count_u64(most));
    view! {
        <section>
            <div class="sh">
                <h2>"Tokens a day"</h2>
                <span class="note plot-keys">{key("p-cached", "cached")}{key("p-in", "in")}{key("p-out", "out")}{key("p-memory", "memory")}</span>
            </div>
            {plot(&label, format!("{} tokens", words::count_u64(most)), edges(usage), &days)}
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
    let label = format!("Cost a day; at most {}. The numbers stand in the table by day.", words::usd(Some(most)));
    (most > 0.0)
        .then(|| {
            view! {
                <section>
                    <div class="sh">
                        <h2>"Cost a day"</h2>
                        <span class="note plot-keys">{key("p-in", "answers")}{key("p-memory", "memory")}</span>
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
    let label = format!(
        "Time to an answer a day; at most {}. The numbers stand in the table by day.",
        words::span(most.into())
    );
    view! {
        <section>
            <div class="sh">
                <h2>"Time to an answer"</h2>
                <span class="note plot-keys">{key("p-half", "half of them")}{key("p-range", "up to 19 of 20")}</span>
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
    let label =
        format!("How far counts were from reports, a day; at most {most:.1} %. The numbers stand in the table by day.");
    (most >= 0.05)
        .then(|| {
            view! {
                <section>
                    <div class="sh">
                        <h2>"Counts off, a day"</h2>
                        <span class="note plot-keys">{key("p-out", "too few")}{key("p-cached", "too many")}</span>
                    </div>
                    {plot(&label, format!("{most:.1} %"), edges(usage), &days)}
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
    let label =
        format!("Answers that failed or were stopped, a day; at most {most}. The numbers stand in the table by day.");
    (most > 0)
        .then(|| {
            view! {
                <section>
                    <div class="sh">
                        <h2>"Failed a day"</h2>
                        <span class="note plot-keys">{key("p-out", "failed")}{key("p-cached", "stopped")}</span>
                    </div>
                    {plot(&label, format!("{} answers", words::count_u64(most)), edges(usage), &days)}
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
        Measure { name: "Tokens", bars: each(&|row| token_parts(row)) },
        Measure {
            name: "Cost",
            bars: each(&|row| stacked(&[(row.answers.cost_usd, "p-in"), (row.memory.cost_usd, "p-memory")])),
        },
        Measure {
            name: "Time",
            bars: each(&|row| {
                row.whole.map_or_else(Vec::new, |wait| {
                    vec![(f64::from(wait.p50), f64::from(wait.p95), "p-range"), (0.0, f64::from(wait.p50), "p-in")]
                })
            }),
        },
        Measure {
            name: "Counts off",
            bars: each(&|row| vec![(0.0, row.drift_percent.unwrap_or_default().abs(), "p-out")]),
        },
        Measure { name: "Failed", bars: each(&|row| stacked(&[(row.failed as f64, "p-out")])) },
    ];
    let names: Vec<&str> = used.iter().map(|row| row.label.as_str()).collect();
    Some(view! {
        <section>
            <div class="sh"><h2>{title}</h2><span class="note">"the longest bar of each column is the most; numbers in the table below"</span></div>
            {plot_rows(title, &names, &measures)}
        </section>
    }
    .into_any())
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
            <div class="sh"><h2>"What it was for"</h2></div>
            {wide_table("What it was for", &["Purpose", "Answers or calls", "In", "Cached", "Out", "Cost"], rows)}
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
                        <th scope="col" class="num">"Answers"</th>
                        <th scope="col" class="num">"Failed"</th>
                        <th scope="col" class="num">"In"</th>
                        <th scope="col" class="num">"Cached"</th>
                        <th scope="col" class="num">"Out"</th>
                        <th scope="col" class="num">"Memory"</th>
                        <th scope="col" class="num">"First words,"<br/>"half"</th>
                        <th scope="col" class="num">"Answer,"<br/>"half"</th>
                        <th scope="col" class="num">"Answer,"<br/>"19 of 20"</th>
                        <th scope="col" class="num">"Counted"</th>
                        <th scope="col" class="num">"Cost"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{row(&UseRow { label: "All".to_owned(), ..total.clone() })}</tfoot>
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
            <td class="num dim nowrap"><span class=drift>{row.drift_percent.map(|drift| drift_words(Some(drift)))}</span></td>
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
    fn drift_is_said_from_the_owners_side() {
        assert_eq!(drift_words(Some(7.25)), "7.2 % too few");
        assert_eq!(drift_words(Some(-3.0)), "3.0 % too many");
        assert_eq!([drift_words(Some(0.0)), drift_words(None)], ["as reported", "unknown"]);
        assert!(is_far(Some(-5.1)) && !is_far(Some(5.0)));
    }
}
