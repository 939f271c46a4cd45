//! Everything said, newest first, each message with its tier now.

use leptos::{prelude::*, server_fn::ServerFn};
use souvenir_memory::Tier;

use super::{forget, post, search, talk};
use crate::{
    api::{Archive, ForgetView, HistoryAsk, HistoryView, MessageView},
    words,
};

/// The filters: what the address says, the name, and the place of its count.
const FILTERS: [(&str, &str, usize); 4] =
    [("", "Everything", 0), ("short_term", "Short term", 1), ("mid_term", "Mid term", 2), ("archived", "Archived", 3)];

/// The filters, and the messages they let through.
pub(crate) fn history(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> AnyView {
    let shown = if ask.archived { "archived" } else { ask.tier.as_str() };
    let messages = if history.messages.is_empty() { nothing(chat, shown) } else { messages(chat, ask, history) };
    let around = ask.at.map(|at| {
        view! {
            <p class="note">
                {format!("Message {} among those around it. ", words::count(at))}
                <a href=format!("/chats/{chat}/history")>"The newest messages"</a>
            </p>
        }
    });
    let more = history.next_cursor.map(|cursor| {
        let tier = if shown.is_empty() { String::new() } else { format!("tier={shown}&") };
        view! { <p class="more"><a class="btn" href=format!("/chats/{chat}/history?{tier}before={cursor}")>"Older messages"</a></p> }
    });
    view! {
        {history.report.as_ref().map(|report| forget::report(chat, report))}
        {search::field(chat, ask, false)}
        {filters(chat, shown, history.counts)}
        {around}
        {messages}
        {more}
    }
    .into_any()
}

fn filters(chat: i64, shown: &str, counts: [u64; 4]) -> AnyView {
    let link = |(key, name, place): (&str, &'static str, usize)| {
        let href =
            if key.is_empty() { format!("/chats/{chat}/history") } else { format!("/chats/{chat}/history?tier={key}") };
        view! {
            <a href=href aria-current=(key == shown).then_some("true")>
                {tier_swatch(key)} {name} <span class="n">{words::count_u64(counts[place])}</span>
            </a>
        }
    };
    let links: Vec<_> = FILTERS.map(link).into();
    view! { <nav class="filters" aria-label="Tiers">{links}</nav> }.into_any()
}

fn tier_swatch(tier: &str) -> AnyView {
    let class = if tier.is_empty() { "tier whole_history".to_owned() } else { format!("tier {tier}") };
    view! { <span class=class aria-hidden="true"></span> }.into_any()
}

fn nothing(chat: i64, shown: &str) -> AnyView {
    let name = FILTERS.iter().find(|(key, ..)| *key == shown).map_or("this filter", |(_, name, _)| name);
    let (title, text) = if shown.is_empty() {
        ("Nothing said yet", "The first message will stand here.".to_owned())
    } else {
        ("Nothing here", format!("No message is in “{name}” now."))
    };
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {(!shown.is_empty()).then(|| view! { <a class="btn" href=format!("/chats/{chat}/history")>"Show everything"</a> })}
        </div>
    }
    .into_any()
}

/// Messages under the days they were said on.
fn messages(chat: i64, ask: &HistoryAsk, history: &HistoryView) -> AnyView {
    let mut day = String::new();
    let mut rows = Vec::with_capacity(history.messages.len() + 4);
    for message in &history.messages {
        if message.at.day != day {
            day.clone_from(&message.at.day);
            rows.push(view! { <h2 class="day">{day.clone()}</h2> }.into_any());
        }
        rows.push(row(chat, message, ask, history.would_forget.as_ref()));
    }
    view! { <div class="history">{rows}</div> }.into_any()
}

fn row(chat: i64, message: &MessageView, ask: &HistoryAsk, would_forget: Option<&ForgetView>) -> AnyView {
    let (key, name) = tier_of(message);
    let verb = if message.archived { "Bring back" } else { "Archive" };
    let (id, archived) = (message.id, message.archived);
    let hint = format!(" message {id}");
    let button = view! { <button class="link" type="submit">{verb}<span class="vh">{hint.clone()}</span></button> };
    let fields = [("chat", chat.to_string()), ("message", id.to_string()), ("archived", (!archived).to_string())];
    let question = would_forget
        .filter(|_| ask.forget == Some(id))
        .map(|preview| forget::message_question(chat, id, preview, &address(chat, ask, None)));
    let below = view! {
        <div class="tl">
            <span>{tier_swatch(key)} {name}</span>
            {message.note.clone().map(|note| view! { <span>{note}</span> })}
            {message.trouble.clone().map(|trouble| view! { <span class="state warn">{trouble}</span> })}
            <span>{format!("{} tokens", words::count(message.tokens))}</span>
            <span class="mono">{format!("message {}", words::count(message.id))}</span>
            {message.turn.map(|turn| view! { <a href=format!("/chats/{chat}/turns/{turn}")>{format!("Turn {}", words::count(turn))}</a> })}
            {post(Archive::url(), &fields, button.into_any())}
            <a class="forget" href=address(chat, ask, Some(id)) data-noscroll="">"Forget"<span class="vh">{hint}</span></a>
        </div>
        {question}
    };
    talk(message, ask.at == Some(id), below.into_any())
}

/// The address of what is shown, with the message that is about to be forgotten.
fn address(chat: i64, ask: &HistoryAsk, forget: Option<i64>) -> String {
    let tier = if ask.archived { "archived" } else { ask.tier.as_str() };
    let mut asked: Vec<String> = Vec::new();
    if !tier.is_empty() {
        asked.push(format!("tier={tier}"));
    }
    let numbers = [("before", ask.cursor), ("at", ask.at), ("forget", forget)];
    asked.extend(numbers.into_iter().filter_map(|(name, number)| Some(format!("{name}={}", number?))));
    let place = forget.map(|id| format!("#m{id}")).unwrap_or_default();
    format!("/chats/{chat}/history?{}{place}", asked.join("&"))
}

fn tier_of(message: &MessageView) -> (&'static str, &'static str) {
    match message.tier {
        _ if message.archived => ("archived", "archived"),
        Tier::ShortTerm => ("short_term", "short term"),
        Tier::MidTerm => ("mid_term", "mid term"),
        Tier::WholeHistory => ("whole_history", "whole history"),
    }
}
