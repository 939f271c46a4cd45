//! Tables of use: by model, chat, day and purpose.

use leptos::prelude::*;

use super::usage::{cost, is_far};
use crate::{
    api::{UsageView, UseRow, WaitView},
    words,
};

/// What it was for.
pub(super) fn purposes(usage: &UsageView) -> AnyView {
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

/// What models, chats or days were used for, with the sum of all.
pub(super) fn table(title: &'static str, what: &'static str, rows: &[UseRow], total: &UseRow) -> AnyView {
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
