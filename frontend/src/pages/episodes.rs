//! `/chats/{id}/episodes`: what was talked about and what was made of it; what is due, and how far the work is.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::{self, EpisodesSheet},
    components::{Forms, Tab, chat_id, chat_page, load, part},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn EpisodesPage() -> impl IntoView {
    let chat = chat_id();
    let query = use_query_map();
    let number = move |name: &'static str| {
        Memo::new(move |_| query.with(|query| query.get(name).and_then(|id| id.parse::<i64>().ok())))
    };
    let (cursor, edit) = (number("before"), number("edit"));
    let forms = Forms::new();
    let changes = use_live().of(chat);
    let episodes = Resource::new(
        move || (chat.get(), cursor.get(), edit.get(), changes.get(), forms.version()),
        |(chat, cursor, edit, ..)| api::episodes(chat, cursor, edit),
    );
    // Four parts: what a running job changes must not close what somebody has opened further down.
    let body = view! {
        <div on:submit=move |event| forms.take(&event)>
            {forms.alert()}
            {load(episodes, |sheet: EpisodesSheet| {
                view! { {part(sheet.now)} {part(sheet.list)} {part(sheet.days)} {part(sheet.jobs)} }.into_any()
            })}
        </div>
    };
    chat_page(chat, Tab::Episodes, body.into_any())
}
