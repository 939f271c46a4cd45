//! `/chats/{id}/facts`: what is remembered. A row opens its evidence beside the list; editing opens the row in place.
//!
//! What is open stands in the address (`?fact=31`, `?fact=31&forget=1`, `?edit=44`, `?add=1`, `?kind=goal`, `?show=gone`), so every state can
//! be linked to and works without scripts.

use std::time::Duration;

use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::{self, FactsAsk},
    components::{Forms, Tab, chat_id, chat_page, load, part, sheet},
    live::use_live,
};

/// The page.
#[component]
pub(crate) fn FactsPage() -> impl IntoView {
    let chat = chat_id();
    let ask = asked();
    let forms = Forms::new();
    let changes = use_live().of(chat);
    let changed = Memo::new(move |_| (chat.get(), changes.get(), forms.version()));
    let facts = Resource::new(move || (changed.get(), ask.get()), |((chat, ..), ask)| api::facts(chat, ask));
    let opened = Memo::new(move |_| ask.with(|ask| ask.fact));
    let forget = Memo::new(move |_| ask.with(|ask| ask.forget));
    let detail = Resource::new(
        move || (changed.get(), opened.get(), forget.get()),
        |((chat, ..), fact, forget)| async move {
            match fact {
                Some(fact) => api::fact(chat, fact, forget).await.map(Some),
                None => Ok(None),
            }
        },
    );
    drawer_keys(chat, opened);
    let body = view! {
        <div class="facts-page" class:with-drawer=move || opened.get().is_some() on:submit=move |event| forms.take(&event)>
            <div class="body">{forms.alert()} {sheet(facts)}</div>
            {load(detail, |detail| detail.map_or_else(|| ().into_any(), part))}
        </div>
    };
    chat_page(chat, Tab::Facts, body.into_any())
}

/// What the address asks for.
fn asked() -> Memo<FactsAsk> {
    let query = use_query_map();
    Memo::new(move |_| {
        query.with(|query| {
            let number = |name: &str| query.get(name).and_then(|id| id.parse().ok());
            FactsAsk {
                fact: number("fact"),
                edit: number("edit"),
                merge: query.get("merge").unwrap_or_default(),
                q: query.get("q").unwrap_or_default(),
                forget: query.get("forget").is_some(),
                report: query.get("report").and_then(|id| id.parse().ok()),
                add: query.get("add").is_some(),
                kind: query.get("kind").unwrap_or_default(),
                show: query.get("show").unwrap_or_default(),
                as_of: query.get("as_of").unwrap_or_default(),
            }
        })
    })
}

/// Escape closes the drawer and gives the focus back to its row.
fn drawer_keys(chat: Memo<i64>, opened: Memo<Option<i64>>) {
    let navigate = use_navigate();
    let keys = window_event_listener(ev::keydown, move |event| {
        // What is being written is given up first.
        let writing = document().query_selector("main [data-key=esc]").ok().flatten().is_some();
        if event.key() != "Escape" || writing {
            return;
        }
        if let Some(fact) = opened.get_untracked() {
            navigate(&format!("/chats/{}/facts", chat.get_untracked()), quietly());
            focus_soon(format!("f{fact}"), "a");
        }
    });
    on_cleanup(move || keys.remove());
    Effect::new(move |_| {
        if opened.get().is_some() {
            focus_soon("drawer".to_owned(), "h2");
        }
    });
}

/// Goes to another address without moving the page.
fn quietly() -> NavigateOptions {
    NavigateOptions { scroll: false, ..NavigateOptions::default() }
}

/// Gives the focus once the parts that are on their way have been drawn.
fn focus_soon(id: String, tag: &'static str) {
    set_timeout(move || focus(&id, tag), Duration::from_millis(200));
}

/// Gives the focus to the first `tag` within the element called `id`.
fn focus(id: &str, tag: &str) {
    use leptos::wasm_bindgen::JsCast;
    let found = document().get_element_by_id(id).and_then(|place| place.query_selector(tag).ok().flatten());
    if let Some(element) = found.and_then(|element| element.dyn_into::<leptos::web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
