//! What the next reply would see: the bars, the ledger, and what would change.

use leptos::{prelude::*, server_fn::ServerFn};

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
    // Two budgets share one ruler: the smaller one's bar is shorter.
    let width = |total: u32| format!("inline-size:{:.2}%", f64::from(total) * 100.0 / f64::from(widest.max(1)));
    let then = other(answer).map(|then| {
        view! {
            <div class="l"><b>"What if"</b>" "{words::named_duration(then.session_minutes)}</div>
            <div class="r">{words::count(then.bar.sent())}<small>" "{words::change(now.bar.sent(), then.bar.sent())}</small></div>
            <div class="track" style=width(then.bar.total())>{bar(&then.bar, "bar-mid")}</div>
        }
    });
    view! {
        <div class="bars">
            <div class="l"><b>"In force"</b>" "{words::named_duration(now.session_minutes)}</div>
            <div class="r">{words::count(now.bar.sent())}<small>" tokens sent"</small></div>
            <div class="track" style=width(now.bar.total())>{bar(&now.bar, "")}</div>
            {then}
            {ruler(widest)}
        </div>
    }
    .into_any()
}

fn effect(chat: i64, answer: &WhatIfView) -> AnyView {
    let Some(then) = other(answer) else {
        return view! {
            <h3>"As it is"</h3>
            <p class="note">"Choose another duration or budget to see what would enter and what would leave. Nothing changes until you apply."</p>
            {answer.now.cost.map(|cost| view! { <p class="note">{usual(cost)}</p> })}
        }
        .into_any();
    };
    let now = &answer.now;
    let names = |context: &ContextView| {
        let duration = (then.session_minutes != now.session_minutes).then(|| words::duration(context.session_minutes));
        let budget = (then.max_context_tokens != now.max_context_tokens)
            .then(|| format!("{} tokens", words::count(context.max_context_tokens)));
        [duration, budget].into_iter().flatten().collect::<Vec<_>>().join(" and ")
    };
    let (session, budget) = (then.session_minutes.to_string(), then.max_context_tokens.to_string());
    let (apply_words, keep_words) = (format!("Apply {}", names(then)), format!("Keep {}", names(now)));
    let fields = [("chat", chat.to_string()), ("session_duration", session), ("max_context_tokens", budget)];
    let buttons = view! {
        <p class="inline">
            <button class="btn btn-primary" type="submit">{apply_words}</button>
            <a class="btn" href=format!("/chats/{chat}") data-keep="" data-noscroll="">{keep_words}</a>
        </p>
    };
    view! {
        <h3>{format!("What {} would change", names(then))}</h3>
        <ul class="moves">{moves(&answer.enters, "+", "enters", "enter")}{moves(&answer.leaves, "−", "leaves", "leave")}
            {(answer.enters.is_empty() && answer.leaves.is_empty()).then(|| view! { <li><span class="sg"></span><span class="dim">"Nothing enters or leaves."</span><span></span></li> })}
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
        format!(
            "A reply’s request costs about {} where the cache serves what stands before the message, and {new} where it does not; the answer comes on top.",
            words::usd(Some(cost.usual))
        )
    } else {
        format!("A reply’s request costs about {new}; the answer comes on top.")
    }
}

/// What would be paid more or less from then on, and for the first reply, whose beginning no cache knows.
fn costs(answer: &WhatIfView, then: &ContextView) -> String {
    let Some((before, after)) = answer.now.cost.zip(then.cost) else {
        return format!("What it would cost is not known: {} has no price yet.", then.model);
    };
    let told = |change: String| match change.strip_prefix('−') {
        Some(less) => format!("{less} less"),
        None if change == "$0" => "as much as now".to_owned(),
        None => format!("{} more", change.trim_start_matches('+')),
    };
    let each = format!("Each reply costs about {}.", told(words::usd_change(before.usual, after.usual)));
    let first = answer.first_usd.map(|first| (first, words::usd_change(before.usual, first)));
    match first {
        Some((first, change)) if first > after.usual => {
            format!("{each} The next one costs about {}, because the cache cannot serve it.", told(change))
        }
        _ => each,
    }
}

/// How many moves are named one by one.
const NAMED: usize = 3;

/// What enters or leaves, section by section: the sum, the first few, and how many more.
pub(super) fn moves(moves: &[MoveView], sign: &'static str, one: &'static str, many: &'static str) -> Vec<AnyView> {
    let mut rows = Vec::new();
    for section in souvenir_memory::manifest::Section::ALL {
        let here: Vec<&MoveView> = moves.iter().filter(|each| each.section == section).collect();
        if here.is_empty() {
            continue;
        }
        let sum = |moves: &[&MoveView]| moves.iter().map(|each| each.item.tokens).sum::<u32>();
        let verb = if here.len() == 1 { one } else { many };
        let what = format!("{} {verb} {}", words::plural(here.len(), "item", "items"), section_name(section));
        rows.push(move_row(
            sign,
            view! { <span>{what}</span> }.into_any(),
            format!("{sign}{}", words::count(sum(&here))),
            "num",
        ));
        for each in here.iter().take(NAMED) {
            let text = view! { <span class="clip dim">{format!("“{}”", each.item.text)}</span> }.into_any();
            rows.push(move_row("", text, words::count(each.item.tokens), "num faint"));
        }
        if here.len() > NAMED {
            rows.push(rest(&here[NAMED..], sum(&here[NAMED..])));
        }
    }
    rows
}

/// Those that are not named at once, on demand.
fn rest(moves: &[&MoveView], tokens: u32) -> AnyView {
    let rows: Vec<_> = moves
        .iter()
        .map(|each| {
            view! { <li><span></span><span class="dim">{format!("“{}”", each.item.text)}</span><span class="num faint">{words::count(each.item.tokens)}</span></li> }
        })
        .collect();
    view! {
        <li class="rest">
            <details>
                <summary><span class="sg"></span><span class="more-of">{format!("{} more", words::count_u64(moves.len() as u64))}</span><span class="num faint">{words::count(tokens)}</span></summary>
                <ul>{rows}</ul>
            </details>
        </li>
    }
    .into_any()
}

fn move_row(sign: &'static str, what: AnyView, tokens: String, class: &'static str) -> AnyView {
    view! { <li><span class="sg">{sign}</span>{what}<span class=class>{tokens}</span></li> }.into_any()
}
