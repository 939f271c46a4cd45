//! `/chats/{id}/history`: everything said, by tier; with `?q=`, what is found in it.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::{self, HistoryAsk},
    components::{Forms, Tab, chat_id, chat_page, sheet},
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
            let number = |name: &str| query.get(name).and_then(|id| id.parse::<i64>().ok());
            HistoryAsk {
                tier,
                archived,
                cursor: number("before"),
                at: number("at"),
                forget: number("forget"),
                report: query.get("report").and_then(|id| id.parse().ok()),
                q: query.get("q").unwrap_or_default(),
                mode: query.get("mode").unwrap_or_default(),
            }
        })
    });
    let forms = Forms::new();
    let changes = use_live().of(chat);
    let history = Resource::new(
        move || (chat.get(), ask.get(), changes.get(), forms.version()),
        |(chat, ask, ..)| api::history(chat, ask),
    );
    let body = view! {
        <div on:submit=move |event| forms.take(&event)>{forms.alert()} {sheet(history)}</div>
    };
    chat_page(chat, Tab::History, body.into_any())
}
