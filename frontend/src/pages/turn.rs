//! `/chats/{id}/turns/{turn}`: why it said that, and how it would be with other settings.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    api::{self, WhatIfAsk},
    components::{Forms, Tab, chat_id, chat_page, sheet},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn TurnPage() -> impl IntoView {
    let chat = chat_id();
    let (params, query) = (use_params_map(), use_query_map());
    let number =
        Memo::new(move |_| params.with(|params| params.get("turn").and_then(|id| id.parse().ok()).unwrap_or(0)));
    let ask = Memo::new(move |_| {
        query.with(|query| {
            let text = |name: &str| query.get(name).unwrap_or_default();
            WhatIfAsk { session_duration: text("d"), max_context_tokens: text("b"), text: String::new() }
        })
    });
    // A turn does not change once it has ended, but for the way of its reply; who reads it should not lose their place.
    let writing = use_live().writing;
    let ended = Memo::new(move |_| {
        writing.with(|writing| writing.as_ref().is_some_and(|writing| writing.done && writing.turn == number.get()))
    });
    let delivered = use_live().delivered(number);
    let forms = Forms::new();
    let turn = Resource::new(
        move || (chat.get(), number.get(), ended.get(), delivered.get(), forms.version()),
        |(chat, turn, ..)| api::turn(chat, turn),
    );
    let replay =
        Resource::new(move || (chat.get(), number.get(), ask.get()), |(chat, turn, ask)| api::replay(chat, turn, ask));
    let body = view! {
        <div on:submit=move |event| forms.take(&event)>{forms.alert()} {sheet(turn)}</div>
        {sheet(replay)}
    };
    chat_page(chat, Tab::Turns, body.into_any())
}
