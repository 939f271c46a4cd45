//! Plots of use: a column a day, and models or chats beside each other.

use leptos::prelude::*;

use super::plot::{Measure, Part, plot, rows as plot_rows, stacked};
use crate::{
    api::{UsageView, UseRow},
    words,
};

/// All plots of days.
pub(super) fn by_day(usage: &UsageView) -> AnyView {
    view! {
        {tokens(usage)}
        {costs(usage)}
        {waits(usage)}
        {drifts(usage)}
        {failures(usage)}
    }
    .into_any()
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
pub(super) fn by_each(title: &'static str, all: &[UseRow]) -> Option<AnyView> {
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

fn key(class: &'static str, name: &'static str) -> AnyView {
    view! { <span class="nowrap"><i class=format!("sw {class}")></i>{name}</span> }.into_any()
}
