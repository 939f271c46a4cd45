//! `/settings` and `/chats/{id}/settings`.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    api::{self, ClearSetting, SetSetting},
    components::{Tab, alert, chat_id, chat_page, sheet, take},
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
        {all_settings(Signal::derive(|| None))}
    }
}

/// The settings of one chat.
#[component]
pub(crate) fn ChatSettingsPage() -> impl IntoView {
    let chat = chat_id();
    chat_page(chat, Tab::Settings, all_settings(Signal::derive(move || Some(chat.get()))))
}

fn all_settings(chat: Signal<Option<i64>>) -> AnyView {
    let set = ServerAction::<SetSetting>::new();
    let clear = ServerAction::<ClearSetting>::new();
    let live = use_live();
    let settings = Resource::new(
        move || (chat.get(), live.any(), set.version().get() + clear.version().get()),
        |(chat, ..)| api::settings(chat),
    );
    view! {
        {alert(move || set.value().get())}
        {alert(move || clear.value().get())}
        <div on:submit=move |event| { let _ = take(&event, set) || take(&event, clear); }>{sheet(settings)}</div>
    }
    .into_any()
}
