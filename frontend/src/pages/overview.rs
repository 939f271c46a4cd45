//! `/chats/{id}`: what a chat holds, tier by tier, and what its next reply would see.

use leptos::{form::ActionForm, prelude::*};

use super::what_if::{self, InForce};
use crate::{
    api::{self, ApplyContext, OverviewSheet, Reset},
    components::{Tab, alert, chat_id, chat_page, load, part},
    live::use_live,
    words,
};

/// The page.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let chat = chat_id();
    let apply = ServerAction::<ApplyContext>::new();
    let reset = ServerAction::<Reset>::new();
    let changes = use_live().of(chat);
    let changed = Memo::new(move |_| (chat.get(), changes.get(), apply.version().get() + reset.version().get()));
    let overview = Resource::new(move || changed.get(), |(chat, ..)| api::overview(chat));
    let controls = |tried, form| {
        load(overview, move |overview: OverviewSheet| {
            let OverviewSheet { session_minutes, max_context_tokens, .. } = overview;
            what_if::controls(InForce { session_minutes, max_context_tokens }, tried, form)
        })
    };
    let body = view! {
        {load(overview, |overview: OverviewSheet| part(overview.tiers))}
        {what_if::what_if(changed, controls, apply)}
        {load(overview, |overview: OverviewSheet| part(overview.figures))}
        <section>
            <div class="sh"><h2>{words::overview::A_FRESH_START}</h2></div>
            {alert(move || reset.value().get())}
            <ActionForm action=reset>
                <input type="hidden" name="chat" value=move || chat.get().to_string()/>
                <p class="dim inline">
                    <button class="btn" type="submit">{words::overview::BEGIN_A_NEW_CONTEXT}</button>
                    <span>{words::overview::WHAT_BEGINNING_DOES}</span>
                </p>
            </ActionForm>
        </section>
    };
    chat_page(chat, Tab::Overview, body.into_any())
}
