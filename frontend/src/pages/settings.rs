//! `/settings` and `/chats/{id}/settings`: every setting with its value and where that comes from.
//!
//! Each setting is a form of its own, so that saving one never touches another.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;

use crate::{
    api::{self, ApiError, ClearSetting, OriginView, SetSetting, SettingView, SettingsView},
    components::{Tab, alert, chat_id, chat_page, load},
    live::use_live,
};

/// What is known about a setting: its name on the wire, its label, and what it does.
const KNOWN: [(&str, &str, &str); 10] = [
    (
        "session_duration",
        "Session duration",
        "How long a message stays word for word: short (3 h), medium (6 h), long (12 h), or 15 to 10,080 minutes.",
    ),
    ("max_context_tokens", "Token budget", "The most a request may hold, with the room kept for the answer."),
    ("reserve_tokens", "Kept for the answer", "Tokens of the budget that no request takes."),
    ("system_prompt", "System prompt", "Stands first in every context."),
    ("chat_model", "Chat model", "Writes the replies."),
    ("memory_model", "Memory model", "Writes summaries and finds facts."),
    (
        "reasoning_effort",
        "Reasoning effort",
        "For models that reason: minimal, low, medium or high. Empty leaves it to the model.",
    ),
    ("time_zone", "Time zone", "For days and clocks, as in Europe/Paris."),
    ("mid_term_messages", "Mid term holds", "How many messages that left short term are kept near."),
    ("keep_days", "Expiry keeps", "Days; what is older is archived when you ask for it."),
];

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

#[derive(Clone, Copy)]
struct Actions {
    set: ServerAction<SetSetting>,
    clear: ServerAction<ClearSetting>,
}

fn all_settings(chat: Signal<Option<i64>>) -> AnyView {
    let actions = Actions { set: ServerAction::new(), clear: ServerAction::new() };
    let live = use_live();
    let settings = Resource::new(
        move || (chat.get(), live.any(), actions.set.version().get() + actions.clear.version().get()),
        |(chat, ..)| api::settings(chat),
    );
    view! {
        {alert(move || actions.set.value().get())}
        {alert(move || actions.clear.value().get())}
        {load(settings, move |settings| table(chat.get_untracked(), &settings, actions))}
    }
    .into_any()
}

fn table(chat: Option<i64>, settings: &SettingsView, actions: Actions) -> AnyView {
    let rows: Vec<_> = settings.settings.iter().map(|setting| row(chat, setting, actions)).collect();
    view! {
        <table class="settings stack">
            <thead><tr><th scope="col">"Setting"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="note">"Nearest first: this chat, the dashboard, the environment, the file, what is built in. Keys, paths and addresses come from the environment or the file only."</p>
    }
    .into_any()
}

fn row(chat: Option<i64>, setting: &SettingView, actions: Actions) -> AnyView {
    let key = setting.key.clone();
    let known = KNOWN.iter().find(|(name, ..)| *name == key);
    let (label, help) =
        known.map_or((key.clone(), String::new()), |(_, label, help)| ((*label).to_owned(), (*help).to_owned()));
    let id = format!("s-{key}");
    let here = if chat.is_some() { OriginView::Chat } else { OriginView::Dashboard };
    let clear = (setting.origin == here).then(|| clear_form(chat, &key, actions.clear));
    let set_at = setting.set_at.as_ref().map(|at| format!(", {}", at.short));
    let is_wrong = {
        let key = key.clone();
        move || {
            actions
                .set
                .value()
                .with(|outcome| matches!(outcome, Some(Err(ApiError::Invalid { field, .. })) if *field == key))
        }
    };
    let control = control(&id, &key, &setting.value, is_wrong);
    let origin = origin(setting.origin);
    view! {
        <tr>
            <th scope="row" class="first"><label for=id.clone()>{label}</label><p class="note">{help}</p></th>
            <td class="value">
                <ActionForm action=actions.set>
                    {chat.map(|chat| view! { <input type="hidden" name="chat" value=chat.to_string()/> })}
                    <input type="hidden" name="key" value=key/>
                    <div class="inline">{control}<button class="btn" type="submit">"Save"</button></div>
                </ActionForm>
            </td>
            <td class="origin"><span>{origin}{set_at}</span>{clear}</td>
        </tr>
    }
    .into_any()
}

fn control(id: &str, key: &str, value: &str, is_wrong: impl Fn() -> bool + Send + Sync + 'static) -> AnyView {
    let (id, value) = (id.to_owned(), value.to_owned());
    let invalid = move || is_wrong().then_some("true");
    match key {
        "system_prompt" => view! { <textarea class="field" id=id name="value" rows="6" aria-invalid=invalid>{value}</textarea> }.into_any(),
        "max_context_tokens" | "reserve_tokens" | "mid_term_messages" | "keep_days" => {
            view! { <input class="field" id=id name="value" inputmode="numeric" value=value aria-invalid=invalid/> }.into_any()
        }
        _ => view! { <input class="field" id=id name="value" value=value autocomplete="off" spellcheck="false" aria-invalid=invalid/> }.into_any(),
    }
}

fn clear_form(chat: Option<i64>, key: &str, clear: ServerAction<ClearSetting>) -> AnyView {
    let key = key.to_owned();
    let words = if chat.is_some() { "Use that of all chats" } else { "Take back" };
    view! {
        <ActionForm action=clear>
            {chat.map(|chat| view! { <input type="hidden" name="chat" value=chat.to_string()/> })}
            <input type="hidden" name="key" value=key/>
            <button class="link" type="submit">{words}</button>
        </ActionForm>
    }
    .into_any()
}

fn origin(origin: OriginView) -> &'static str {
    match origin {
        OriginView::Chat => "this chat",
        OriginView::Dashboard => "the dashboard",
        OriginView::Environment => "the environment",
        OriginView::File => "the file",
        OriginView::Default => "built in",
    }
}
