//! `/chats/{id}/analysis`: the whole history read again, and what that proposes.

use leptos::prelude::*;

use crate::{
    api::{self, AnalysesSheet},
    components::{Forms, Tab, chat_id, chat_page, load, part},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn AnalysesPage() -> impl IntoView {
    let chat = chat_id();
    let forms = Forms::new();
    let changes = use_live().of(chat);
    let analyses =
        Resource::new(move || (chat.get(), changes.get(), forms.version()), |(chat, ..)| api::analyses(chat));
    // Two parts: what a running job changes must not close what somebody has opened further down.
    let body = view! {
        <div on:submit=move |event| forms.take(&event)>
            {forms.alert()}
            {load(analyses, |sheet: AnalysesSheet| view! { {part(sheet.now)} {part(sheet.list)} }.into_any())}
        </div>
    };
    chat_page(chat, Tab::Analysis, body.into_any())
}
