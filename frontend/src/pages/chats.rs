//! `/`: the chats, newest message first.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api,
    components::{Forms, sheet},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn ChatsPage() -> impl IntoView {
    let live = use_live();
    let forms = Forms::new();
    let query = use_query_map();
    let report = Memo::new(move |_| query.with(|query| query.get("report").and_then(|id| id.parse::<u64>().ok())));
    let chats = Resource::new(move || (live.any(), report.get()), |(_, report)| api::chats(report));
    view! {
        <Title text="Chats"/>
        <div on:submit=move |event| forms.take(&event)>{sheet(chats)}</div>
        {forms.alert()}
    }
}
