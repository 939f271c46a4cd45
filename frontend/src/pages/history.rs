//! `/chats/{id}/history`: everything said, newest first, each message with its tier now.

use leptos::{form::ActionForm, prelude::*};
use leptos_router::hooks::use_query_map;
use souvenir_memory::Tier;

use crate::{
    api::{self, Archive, HistoryAsk, HistoryView, MessageView},
    components::{Tab, alert, chat_id, chat_page, load, talk},
    live::use_live,
    words,
};

/// The filters: what the address says, the name, and the place of its count.
const FILTERS: [(&str, &str, usize); 4] =
    [("", "Everything", 0), ("short_term", "Short term", 1), ("mid_term", "Mid term", 2), ("archived", "Archived", 3)];

/// The page.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let shown = Memo::new(move |_| query.with(|query| query.get("tier").unwrap_or_default()));
    let ask = Memo::new(move |_| {
        let archived = shown.with(|shown| shown == "archived");
        HistoryAsk {
            tier: if archived { String::new() } else { shown.get() },
            archived,
            cursor: query.with(|query| query.get("before").and_then(|id| id.parse().ok())),
        }
    });
    let archive = ServerAction::<Archive>::new();
    let changes = use_live().of(chat);
    let history = Resource::new(
        move || (chat.get(), ask.get(), changes.get(), archive.version().get()),
        |(chat, ask, ..)| api::history(chat, ask),
    );
    let body = view! {
        {alert(move || archive.value().get())}
        {load(history, move |history| list(chat.get_untracked(), &shown.get_untracked(), &history, archive))}
    };
    chat_page(chat, Tab::History, body.into_any())
}

fn list(chat: i64, shown: &str, history: &HistoryView, archive: ServerAction<Archive>) -> AnyView {
    let messages =
        if history.messages.is_empty() { nothing(chat, shown) } else { messages(chat, &history.messages, archive) };
    let more = history.next_cursor.map(|cursor| {
        let tier = if shown.is_empty() { String::new() } else { format!("tier={shown}&") };
        view! { <p class="more"><a class="btn" href=format!("/chats/{chat}/history?{tier}before={cursor}")>"Older messages"</a></p> }
    });
    view! {
        {filters(chat, shown, history.counts)}
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
fn messages(chat: i64, messages: &[MessageView], archive: ServerAction<Archive>) -> AnyView {
    let mut day = String::new();
    let mut rows = Vec::with_capacity(messages.len() + 4);
    for message in messages {
        if message.at.day != day {
            day.clone_from(&message.at.day);
            rows.push(view! { <h2 class="day">{day.clone()}</h2> }.into_any());
        }
        rows.push(row(chat, message, archive));
    }
    view! { <div class="history">{rows}</div> }.into_any()
}

fn row(chat: i64, message: &MessageView, archive: ServerAction<Archive>) -> AnyView {
    let (key, name) = tier_of(message);
    let verb = if message.archived { "Bring back" } else { "Archive" };
    let (id, archived) = (message.id, message.archived);
    let below = view! {
        <div class="tl">
            <span>{tier_swatch(key)} {name}</span>
            {message.note.clone().map(|note| view! { <span>{note}</span> })}
            <span>{format!("{} tokens", words::count(message.tokens))}</span>
            <span class="mono">{format!("message {}", words::count(message.id))}</span>
            {message.turn.map(|turn| view! { <a href=format!("/chats/{chat}/turns/{turn}")>{format!("Turn {}", words::count(turn))}</a> })}
            <ActionForm action=archive>
                <input type="hidden" name="chat" value=chat.to_string()/>
                <input type="hidden" name="message" value=id.to_string()/>
                <input type="hidden" name="archived" value=(!archived).to_string()/>
                <button class="link" type="submit">{verb}<span class="vh">{format!(" message {id}")}</span></button>
            </ActionForm>
        </div>
    };
    talk(message, below.into_any())
}

fn tier_of(message: &MessageView) -> (&'static str, &'static str) {
    match message.tier {
        _ if message.archived => ("archived", "archived"),
        Tier::ShortTerm => ("short_term", "short term"),
        Tier::MidTerm => ("mid_term", "mid term"),
        Tier::WholeHistory => ("whole_history", "whole history"),
    }
}
