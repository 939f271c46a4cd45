//! `/settings` and `/chats/{id}/settings`.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api,
    components::{Forms, Tab, chat_id, chat_page, sheet},
    live::use_live,
};

/// The settings of all chats.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    view! {
        <Title text="Settings"/>
        <div class="head">
            <h1>"Settings"</h1>
            <span class="meta">"for all chats; a chat may have its own"</span>
        </div>
        {all_settings(Signal::derive(|| None), Forms::new(), ().into_any())}
    }
}

/// The settings of one chat.
#[component]
pub(crate) fn ChatSettingsPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get("forget").is_some()));
    let forms = Forms::new();
    let forget = Resource::new(
        move || (chat.get(), asked.get(), forms.version()),
        |(chat, asked, _)| api::forget_chat_part(chat, asked),
    );
    chat_page(chat, Tab::Settings, all_settings(Signal::derive(move || Some(chat.get())), forms, sheet(forget)))
}

/// The settings, and what stands below them.
fn all_settings(chat: Signal<Option<i64>>, forms: Forms, below: AnyView) -> AnyView {
    let live = use_live();
    let settings = Resource::new(move || (chat.get(), live.any(), forms.version()), |(chat, ..)| api::settings(chat));
    view! {
        <div on:submit=move |event| forms.take(&event)>{forms.alert()} {sheet(settings)} {below}</div>
    }
    .into_any()
}
