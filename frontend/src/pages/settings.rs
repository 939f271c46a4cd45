//! `/settings` and `/chats/{id}/settings`. With scripts, what is typed is checked while it is typed.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    api,
    components::{Forms, Tab, chat_id, chat_page, sheet},
    live::use_live,
    words,
};

/// The settings of all chats.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    view! {
        <Title text=words::SETTINGS/>
        <div class="head">
            <h1>{words::SETTINGS}</h1>
            <span class="meta">{words::settings::FOR_ALL_CHATS}</span>
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
    let query = use_query_map();
    let trial =
        Memo::new(move |_| query.with(|query| query.get("trial").and_then(|number| number.parse::<u64>().ok())));
    let settings = Resource::new(
        move || (chat.get(), trial.get(), live.any(), forms.version()),
        |(chat, trial, ..)| api::settings(chat, trial),
    );
    #[cfg(feature = "hydrate")]
    let check = browser::checker(chat);
    #[cfg(not(feature = "hydrate"))]
    let check = |_| ();
    view! {
        <div on:submit=move |event| forms.take(&event) on:input=check>{forms.alert()} {sheet(settings)} {below}</div>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::{
        ev,
        leptos_dom::helpers::debounce,
        prelude::*,
        task::spawn_local,
        wasm_bindgen::JsCast,
        web_sys::{Element, HtmlFormElement, HtmlInputElement},
    };

    use crate::api::{self, CheckSheet};

    /// How long to wait after the last key before asking.
    const REST: Duration = Duration::from_millis(250);

    /// Checks a setting's value while it is typed, and says beside it what it comes to or why it would be refused.
    pub(super) fn checker(chat: Signal<Option<i64>>) -> impl FnMut(ev::Event) {
        let mut later = debounce(REST, move |(told, key, value): (Element, String, String)| {
            let chat = chat.get_untracked();
            spawn_local(async move {
                let check = api::check_setting(chat, key.clone(), value).await;
                // Once the form was sent the page is drawn anew, and says what came of that.
                if let Some(check) = check.ok().filter(|_| told.is_connected()) {
                    show(&told, &key, check);
                }
            });
        });
        move |event: ev::Event| later_if_setting(&event, &mut later)
    }

    fn later_if_setting(event: &ev::Event, later: &mut impl FnMut((Element, String, String))) {
        let field = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let form = field.and_then(|field| field.closest("form[action='/fn/set_setting']").ok().flatten());
        let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else { return };
        let key = form.query_selector("input[name=key]").ok().flatten();
        let key = key.and_then(|key| key.dyn_into::<HtmlInputElement>().ok());
        let Some(key) = key.map(|key| key.value()) else { return };
        if let Some(told) = document().get_element_by_id(&format!("told-{key}")) {
            later((told, key, event_target_value(event)));
        }
    }

    fn show(told: &Element, key: &str, check: CheckSheet) {
        told.set_text_content(Some(&check.told));
        told.set_class_name(if check.ok { "note told" } else { "note told bad" });
        if let Some(field) = document().get_element_by_id(&format!("s-{key}")) {
            let _ = field.set_attribute("aria-invalid", if check.ok { "false" } else { "true" });
        }
        if let Some((shares, sheet)) = document().get_element_by_id("shares").zip(check.shares) {
            shares.set_inner_html(&sheet.into_html());
        }
    }
}
