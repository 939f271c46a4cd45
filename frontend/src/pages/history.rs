//! `/chats/{id}/history`: everything said, by tier.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::{self, Archive, HistoryAsk},
    components::{Tab, alert, chat_id, chat_page, sheet, take},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let ask = Memo::new(move |_| {
        query.with(|query| {
            let tier = query.get("tier").unwrap_or_default();
            let archived = tier == "archived";
            let tier = if archived { String::new() } else { tier };
            HistoryAsk { tier, archived, cursor: query.get("before").and_then(|id| id.parse().ok()) }
        })
    });
    let archive = ServerAction::<Archive>::new();
    let changes = use_live().of(chat);
    let history = Resource::new(
        move || (chat.get(), ask.get(), changes.get(), archive.version().get()),
        |(chat, ask, ..)| api::history(chat, ask),
    );
    let body = view! {
        {alert(move || archive.value().get())}
        <div on:submit=move |event| { take(&event, archive); }>{sheet(history)}</div>
    };
    chat_page(chat, Tab::History, body.into_any())
}
