//! `/chats/{id}/proposals`: what waits for the owner.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::{self, ProposalsAsk},
    components::{Forms, Tab, chat_id, chat_page, sheet},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn ProposalsPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let ask =
        Memo::new(move |_| query.with(|query| ProposalsAsk { edit: query.get("edit").and_then(|id| id.parse().ok()) }));
    let forms = Forms::new();
    let changes = use_live().of(chat);
    let proposals = Resource::new(
        move || (chat.get(), ask.get(), changes.get(), forms.version()),
        |(chat, ask, ..)| api::proposals(chat, ask),
    );
    let body = view! {
        <div on:submit=move |event| forms.take(&event)>{forms.alert()} {sheet(proposals)}</div>
    };
    chat_page(chat, Tab::Proposals, body.into_any())
}
