//! `/chats/{id}/turns`: the turns of a chat.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api,
    components::{Tab, chat_id, chat_page, sheet},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn TurnsPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.with(|query| query.get("before").and_then(|id| id.parse::<i64>().ok())));
    let changes = use_live().of(chat);
    let turns =
        Resource::new(move || (chat.get(), cursor.get(), changes.get()), |(chat, cursor, _)| api::turns(chat, cursor));
    chat_page(chat, Tab::Turns, sheet(turns))
}
