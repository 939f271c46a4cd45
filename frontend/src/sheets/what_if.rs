//! What the next reply would see: the bars, the ledger, and what would change.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::manifest::Section;

use super::{bar, ledger, post, ruler, section_name};
use crate::{
    api::{ApplyContext, ContextView, MoveView, RequestCost, WhatIfView},
    words,
};

/// Everything under the controls; `open` names the section whose text is shown.
pub(crate) fn what_if(chat: i64, answer: &WhatIfView, open: &str) -> AnyView {
    view! {
        {bars(answer)}
        <div class="cols">
            {ledger::ledger(answer, open)}
            <div class="effect">{effect(chat, answer)}</div>
        </div>
    }
    .into_any()
}

/// The context that is tried, when it differs from the one in force.
pub(super) fn other(answer: &WhatIfView) -> Option<&ContextView> {
    answer.then.as_ref().filter(|then| {
        then.session_minutes != answer.now.session_minutes || then.max_context_tokens != answer.now.max_context_tokens
    })
}

fn bars(answer: &WhatIfView) -> AnyView {
    let now = &answer.now;
    let widest = other(answer).map_or(0, |then| then.bar.total()).max(now.bar.total());
    let width = |total: u32| width_among(total, widest);
    let then = other(answer).map(|then| {
        view! {
            <div class="l"><b>{words::what_if::WHAT_IF}</b>" "{words::named_duration(then.session_minutes)}</div>
            <div class="r">{words::count(then.bar.sent())}<small>" "{words::change(now.bar.sent(), then.bar.sent())}</small></div>
            <div class="track" style=width(then.bar.total())>{bar(&then.bar, "bar-mid")}</div>
        }
    });
    view! {
        <div class="bars">
            <div class="l"><b>{words::what_if::IN_FORCE}</b>" "{words::named_duration(now.session_minutes)}</div>
            <div class="r">{words::count(now.bar.sent())}<small>" "{words::what_if::TOKENS_SENT}</small></div>
            <div class="track" style=width(now.bar.total())>{bar(&now.bar, "")}</div>
            {then}
            {ruler(widest)}
        </div>
    }
    .into_any()
}

/// Two budgets share one ruler: the smaller one's bar is shorter.
pub(super) fn width_among(total: u32, widest: u32) -> String {
    format!("inline-size:{:.2}%", f64::from(total) * 100.0 / f64::from(widest.max(1)))
}

fn effect(chat: i64, answer: &WhatIfView) -> AnyView {
    let Some(then) = other(answer) else {
        return view! {
            <h3>{words::what_if::AS_IT_IS}</h3>
            <p class="note">{words::what_if::HOW_TO_TRY}</p>
            {answer.now.cost.map(|cost| view! { <p class="note">{usual(cost)}</p> })}
        }
        .into_any();
    };
    let now = &answer.now;
    let names = |context: &ContextView| {
        let duration = (then.session_minutes != now.session_minutes).then(|| words::duration(context.session_minutes));
        let budget =
            (then.max_context_tokens != now.max_context_tokens).then(|| words::tokens(context.max_context_tokens));
        words::what_if::both(duration, budget)
    };
    let (session, budget) = (then.session_minutes.to_string(), then.max_context_tokens.to_string());
    let (apply_words, keep_words) = (words::what_if::apply(&names(then)), words::what_if::keep(&names(now)));
    let fields = [("chat", chat.to_string()), ("session_duration", session), ("max_context_tokens", budget)];
    let buttons = view! {
        <p class="inline">
            <button class="btn btn-primary" type="submit">{apply_words}</button>
            <a class="btn" href=format!("/chats/{chat}") data-keep="" data-noscroll="">{keep_words}</a>
        </p>
    };
    view! {
        <h3>{words::what_if::would_change(&names(then))}</h3>
        <ul class="moves">{moves(answer)}
            {(answer.enters.is_empty() && answer.leaves.is_empty()).then(|| view! { <li><span class="sg"></span><span class="dim">{words::what_if::NOTHING_ENTERS_OR_LEAVES}</span><span></span></li> })}
        </ul>
        <p class="note cost">{costs(answer, then)}</p>
        {post(ApplyContext::url(), &fields, buttons.into_any())}
    }
    .into_any()
}

/// What a request costs as things are.
fn usual(cost: RequestCost) -> String {
    let new = words::usd(Some(cost.new));
    if cost.usual < cost.new {
        words::what_if::costs_with_cache(&words::usd(Some(cost.usual)), &new)
    } else {
        words::what_if::costs(&new)
    }
}

/// What would be paid more or less from then on, and for the first reply, whose beginning no cache knows.
fn costs(answer: &WhatIfView, then: &ContextView) -> String {
    let Some((before, after)) = answer.now.cost.zip(then.cost) else {
        return words::what_if::no_price(&then.model);
    };
    let each = words::usd_change(before.usual, after.usual);
    let first = answer.first_usd.map(|first| (first, words::usd_change(before.usual, first)));
    match first {
        Some((first, change)) if first > after.usual => words::what_if::each_and_next_reply(&each, &change),
        _ => words::what_if::each_reply(&each),
    }
}

/// How many moves are named one by one.
const NAMED: usize = 3;

/// What enters, and what leaves; what only stands in another section then is named once, where it enters.
pub(super) fn moves(answer: &WhatIfView) -> Vec<AnyView> {
    let moved_to = |item: &MoveView| {
        let entering = answer.enters.iter().find(|entering| entering.item.reference == item.item.reference);
        entering.map(|entering| entering.section)
    };
    let mut rows = Vec::new();
    for section in Section::ALL {
        let entering: Vec<&MoveView> = answer.enters.iter().filter(|each| each.section == section).collect();
        named("+", &entering, words::what_if::enter, &mut rows);
    }
    for section in Section::ALL {
        let leaving: Vec<&MoveView> = answer.leaves.iter().filter(|each| each.section == section).collect();
        let (staying, gone): (Vec<&MoveView>, Vec<&MoveView>) =
            leaving.into_iter().partition(|each| moved_to(each).is_some());
        for to in Section::ALL {
            let here: Vec<&MoveView> = staying.iter().copied().filter(|each| moved_to(each) == Some(to)).collect();
            let told =
                |number, things: &str, from: &str| words::what_if::move_on(number, things, from, section_name(to));
            sum_row("−", &here, told, &mut rows);
        }
        named("−", &gone, words::what_if::leave, &mut rows);
    }
    rows
}

/// What it is that moves, counted: messages, facts, or whatever it is.
fn things(moves: &[&MoveView]) -> String {
    let all = |kind: &str| moves.iter().all(|each| each.item.reference.starts_with(kind));
    match moves.len() {
        number if all("message") => words::messages(number),
        number if all("fact") => words::facts(number),
        number if all("episode") => words::episodes(number),
        number => words::what_if::items(number),
    }
}

/// A row with the sum of what moves.
fn sum_row(
    sign: &'static str,
    moves: &[&MoveView],
    told: impl Fn(usize, &str, &str) -> String,
    rows: &mut Vec<AnyView>,
) {
    let Some(first) = moves.first() else { return };
    let what = told(moves.len(), &things(moves), section_name(first.section));
    let tokens = format!("{sign}{}", words::count(tokens(moves)));
    rows.push(move_row(sign, view! { <span>{what}</span> }.into_any(), tokens, "num"));
}

/// The same, and under it the first few by their words, and how many more.
fn named(sign: &'static str, moves: &[&MoveView], told: fn(usize, &str, &str) -> String, rows: &mut Vec<AnyView>) {
    sum_row(sign, moves, told, rows);
    for each in moves.iter().take(NAMED) {
        let text = view! { <span class="clip dim">{words::quoted(&each.item.text)}</span> }.into_any();
        rows.push(move_row("", text, words::count(each.item.tokens), "num faint"));
    }
    if moves.len() > NAMED {
        rows.push(rest(&moves[NAMED..], tokens(&moves[NAMED..])));
    }
}

fn tokens(moves: &[&MoveView]) -> u32 {
    moves.iter().map(|each| each.item.tokens).sum()
}

/// Those that are not named at once, on demand.
fn rest(moves: &[&MoveView], tokens: u32) -> AnyView {
    let rows: Vec<_> = moves
        .iter()
        .map(|each| {
            view! { <li><span></span><span class="dim">{words::quoted(&each.item.text)}</span><span class="num faint">{words::count(each.item.tokens)}</span></li> }
        })
        .collect();
    view! {
        <li class="rest">
            <details>
                <summary><span class="sg"></span><span class="more-of">{words::what_if::more(moves.len())}</span><span class="num faint">{words::count(tokens)}</span></summary>
                <ul>{rows}</ul>
            </details>
        </li>
    }
    .into_any()
}

fn move_row(sign: &'static str, what: AnyView, tokens: String, class: &'static str) -> AnyView {
    view! { <li><span class="sg">{sign}</span>{what}<span class=class>{tokens}</span></li> }.into_any()
}
