//! The head and the tabs of a chat's pages.

use std::time::Duration;

use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};

use super::{failed_title, failure, keyboard, load_or};
use crate::{
    api::{self, ApiError, ChatHead},
    live::use_live,
    words,
};

/// Which page of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    /// Tiers and the next context.
    Overview,
    /// What is remembered.
    Facts,
    /// What waits for the owner.
    Proposals,
    /// What reading all of it again proposes.
    Analysis,
    /// What was summed up.
    Episodes,
    /// What was answered.
    Turns,
    /// Talking.
    Console,
    /// Everything said.
    History,
    /// Its settings.
    Settings,
}

impl Tab {
    const ALL: [Self; 9] = [
        Self::Overview,
        Self::Facts,
        Self::Proposals,
        Self::Turns,
        Self::Console,
        Self::History,
        Self::Episodes,
        Self::Analysis,
        Self::Settings,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Overview => words::OVERVIEW,
            Self::Facts => words::FACTS,
            Self::Proposals => words::PROPOSALS,
            Self::Analysis => words::ANALYSIS,
            Self::Episodes => words::EPISODES,
            Self::Turns => words::TURNS,
            Self::Console => words::CONSOLE,
            Self::History => words::HISTORY,
            Self::Settings => words::SETTINGS,
        }
    }

    fn href(self, chat: i64) -> String {
        let page = match self {
            Self::Overview => return format!("/chats/{chat}"),
            Self::Facts => "facts",
            Self::Proposals => "proposals",
            Self::Analysis => "analysis",
            Self::Episodes => "episodes",
            Self::Turns => "turns",
            Self::Console => "console",
            Self::History => "history",
            Self::Settings => "settings",
        };
        format!("/chats/{chat}/{page}")
    }

    fn count(self, head: &ChatHead) -> Option<u64> {
        match self {
            Self::Facts => Some(head.facts),
            Self::Proposals => Some(head.proposals),
            Self::Episodes => Some(head.episodes),
            Self::Turns => Some(head.turns),
            Self::History => Some(head.messages),
            Self::Overview | Self::Console | Self::Analysis | Self::Settings => None,
        }
    }
}

/// The chat named in the address; 0, which no chat has, when it is no number.
pub(crate) fn chat_id() -> Memo<i64> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("id").and_then(|id| id.parse().ok()).unwrap_or(0)))
}

/// A chat's page: head, tabs, and `body`.
pub(crate) fn chat_page(chat: Memo<i64>, tab: Tab, body: AnyView) -> AnyView {
    search_key(chat);
    let changes = use_live().of(chat);
    let head = Resource::new(move || (chat.get(), changes.get()), |(chat, _)| api::head_of_chat(chat));
    view! {
        {load_or(head, move |head| chat_head(&head, tab), no_chat)}
        {body}
    }
    .into_any()
}

/// In the place of the head. A chat that is not here is told once: the rest of the page would say the same, and gives way.
fn no_chat(error: &ApiError) -> AnyView {
    let told = matches!(error, ApiError::NotFound { .. }).then(|| view! { <div class="gone">{failure(error)}</div> });
    view! { {failed_title(error)} {told} }.into_any()
}

/// `/` leads to the search field, on whichever page of the chat.
fn search_key(chat: Memo<i64>) {
    let navigate = use_navigate();
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() != "/" || !keyboard::may_act(&event) {
            return;
        }
        event.prevent_default();
        if !focus_search() {
            navigate(&format!("/chats/{}/history", chat.get_untracked()), NavigateOptions::default());
            focus_search_soon(40);
        }
    });
    on_cleanup(move || keys.remove());
}

/// Gives the focus to the search field once its page has been drawn, which is looked for so many times.
fn focus_search_soon(glances: u32) {
    if !focus_search() && glances > 0 {
        set_timeout(move || focus_search_soon(glances - 1), Duration::from_millis(100));
    }
}

/// Gives the focus to the search field; false when there is none on this page.
fn focus_search() -> bool {
    use leptos::wasm_bindgen::JsCast;
    let field = document().get_element_by_id("search");
    let field = field.and_then(|field| field.dyn_into::<leptos::web_sys::HtmlElement>().ok());
    field.is_some_and(|field| field.focus().is_ok())
}

fn chat_head(head: &ChatHead, tab: Tab) -> AnyView {
    let title = words::frame::page_of_chat(tab.name(), &head.title);
    let tabs = Tab::ALL.into_iter().filter(|tab| head.console || *tab != Tab::Console);
    let tabs: Vec<_> = tabs.map(|each| tab_link(head, each, each == tab)).collect();
    let meta = words::frame::about_chat(&head.kind, &head.since, &head.model, &head.time_zone);
    view! {
        <Title text=title/>
        <div class="head">
            <h1>{head.title.clone()}</h1>
            <span class="callno">{words::frame::number(head.id)}</span>
            <span class="meta">{meta}</span>
        </div>
        {head.unreachable.clone().map(|why| view! { <p class="alert warn">{why}</p> })}
        <nav class="tabs" aria-label=words::frame::THIS_CHAT>{tabs}</nav>
    }
    .into_any()
}

fn tab_link(head: &ChatHead, tab: Tab, current: bool) -> AnyView {
    view! {
        <a href=tab.href(head.id) aria-current=current.then_some("page")>
            {tab.name()}
            {tab.count(head).map(|n| view! { <span class="n">{words::count_u64(n)}</span> })}
        </a>
    }
    .into_any()
}
