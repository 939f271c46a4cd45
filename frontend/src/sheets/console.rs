//! The console's conversation, and what the next reply would see.

use leptos::prelude::*;
use souvenir_memory::manifest::Section;

use super::{bar, section_name, swatch, talk, turns::state_mark};
use crate::{
    api::{BarView, ConsoleSheet, ConsoleView, Sheet, TurnLine},
    words,
};

/// Both, with what the browser must know about them.
pub(crate) fn console(chat: i64, console: &ConsoleView) -> ConsoleSheet {
    let replies = console.talk.iter().filter(|item| !item.message.person);
    ConsoleSheet {
        talk: Sheet::of(conversation(chat, console)),
        next: Sheet::of(next_reply(&console.next)),
        next_tokens: console.next.sent(),
        newest: console.talk.last().map_or(0, |item| item.message.id),
        answered: replies.filter_map(|item| item.message.turn).collect(),
        writing: console.writing.is_some(),
        failure: console.failure.clone(),
    }
}

fn conversation(chat: i64, console: &ConsoleView) -> AnyView {
    let mut day = String::new();
    let mut rows: Vec<AnyView> = Vec::with_capacity(console.talk.len() + 4);
    if console.more {
        rows.push(view! { <p class="more"><a href=format!("/chats/{chat}/history")>{words::console::OLDER_ARE_IN_HISTORY}</a></p> }.into_any());
    }
    for item in &console.talk {
        if item.message.at.day != day {
            day.clone_from(&item.message.at.day);
            rows.push(view! { <p class="day">{day.clone()}</p> }.into_any());
        }
        rows.push(talk(&item.message, false, line(chat, item.line.as_ref())));
    }
    if rows.is_empty() {
        rows.push(view! { <p class="hello serif">{words::console::SAY_SOMETHING}</p> }.into_any());
    }
    rows.into_any()
}

/// The line under a reply that leads to its turn.
fn line(chat: i64, line: Option<&TurnLine>) -> AnyView {
    let Some(line) = line else { return ().into_any() };
    let (class, word) = state_mark(&line.state);
    let state = (line.state != "done").then(|| view! { <span class=class>{word}</span> });
    view! {
        <div class="tl">
            {line.bar.as_ref().map(|parts| bar(parts, "bar-thin"))}
            <a href=format!("/chats/{chat}/turns/{}", line.id)>{words::turn_number(line.id)}</a>
            <span>{words::tokens(line.tokens)}</span>
            {line.took_ms.map(|ms| view! { <span>{words::span(ms)}</span> })}
            {line.cost_usd.map(|cost| view! { <span>{words::usd(Some(cost))}</span> })}
            {state}
        </div>
    }
    .into_any()
}

/// What the next reply would see, beside the conversation.
fn next_reply(next: &BarView) -> AnyView {
    let row = |class: &str, name: &'static str, tokens: u32| {
        view! { <dt>{swatch(class)} {name}</dt><dd>{words::count(tokens)}</dd> }.into_any()
    };
    let mut rows: Vec<AnyView> =
        Section::ALL.iter().zip(next.sections).map(|(s, n)| row(s.as_str(), section_name(*s), n)).collect();
    if next.scaling > 0 {
        rows.push(row("reserve", words::SCALING, next.scaling));
    }
    rows.push(row("reserve", words::RESERVE, next.reserve));
    rows.push(row("free", words::FREE, next.free));
    view! {
        <h2 class="h3">{words::console::THE_NEXT_REPLY_SEES}</h2>
        <p class="hero">{words::count(next.sent())} <span class="note">" "{words::TOKENS_OF_IT}</span></p>
        {bar(next, "bar-mid")}
        <dl class="kv">{rows}</dl>
        <p class="note">{words::console::YOUR_MESSAGE_ON_TOP}</p>
    }
    .into_any()
}
