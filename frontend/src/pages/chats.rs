//! `/`: the chats. What is searched for and the order stand in the address (`?q=heron`, `?sort=cost`).

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api::{self, ChatsAsk},
    components::{Forms, sheet},
    live::use_live,
    words,
};

/// The page.
#[component]
pub(crate) fn ChatsPage() -> impl IntoView {
    let live = use_live();
    let forms = Forms::new();
    let query = use_query_map();
    let ask = Memo::new(move |_| {
        query.with(|query| ChatsAsk {
            q: query.get("q").unwrap_or_default(),
            sort: query.get("sort").unwrap_or_default(),
            report: query.get("report").and_then(|id| id.parse().ok()),
        })
    });
    let chats = Resource::new(move || (live.any(), ask.get()), |(_, ask)| api::chats(ask));
    view! {
        <Title text=words::CHATS/>
        <div on:submit=move |event| forms.take(&event)>{sheet(chats)}</div>
        {forms.alert()}
    }
}
