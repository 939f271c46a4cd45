//! Every setting with its value and where that comes from.
//!
//! Each setting is a form of its own, so that saving one never touches another.

use leptos::{prelude::*, server_fn::ServerFn};

use super::post;
use crate::{
    api::{ClearSetting, OriginView, SetSetting, SettingView, SettingsView},
    escape::in_text_area,
};

/// What is known about a setting: its name on the wire, its label, and what it does.
const KNOWN: [(&str, &str, &str); 13] = [
    (
        "session_duration",
        "Session duration",
        "How long a message stays word for word: short (3 h), medium (6 h), long (12 h), or 15 to 10,080 minutes.",
    ),
    ("max_context_tokens", "Token budget", "The most a request may hold, with the room kept for the answer."),
    ("reserve_tokens", "Kept for the answer", "Tokens of the budget that no request takes."),
    ("system_prompt", "System prompt", "Stands first in every context."),
    ("chat_model", "Chat model", "Writes the replies."),
    ("memory_model", "Memory model", "Sums up conversations that ended, and finds facts in them."),
    (
        "reasoning_effort",
        "Reasoning effort",
        "For models that reason: none, minimal, low, medium or high. Empty leaves it to the model.",
    ),
    ("time_zone", "Time zone", "For days and clocks, as in Europe/Paris."),
    ("mid_term_messages", "Mid term holds", "How many messages that left short term are kept near."),
    ("keep_days", "Expiry keeps", "Days; what is older is summed up, then archived, when you ask for it."),
    ("expiry_schedule", "Expiry by itself", "off, or daily."),
    (
        "search_memory",
        "Search by the model",
        "on lets the chat model look for more of what was said while it answers, three times at most; off.",
    ),
    (
        "group_answers",
        "Answers in groups",
        "mentions: what names the bot or replies to it; always: everything it hears.",
    ),
];

/// The settings of a chat or, without one, of the dashboard.
pub(crate) fn settings(chat: Option<i64>, settings: &SettingsView) -> AnyView {
    let rows: Vec<_> = settings.settings.iter().map(|setting| row(chat, setting)).collect();
    view! {
        <table class="settings stack">
            <thead><tr><th scope="col">"Setting"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="note">"Nearest first: this chat, the dashboard, the environment, the file, what is built in. Keys, paths and addresses come from the environment or the file only."</p>
        {chat.is_none().then(sign_out_everywhere)}
    }
    .into_any()
}

/// A plain form, as signing out is.
fn sign_out_everywhere() -> AnyView {
    view! {
        <form class="sessions" method="post" action="/logout/everywhere">
            <p class="note">"Lost a device, or changed the password? This ends every session of the dashboard, this one too, and every unused sign-in link."</p>
            <button class="btn" type="submit">"Sign out everywhere"</button>
        </form>
    }
    .into_any()
}

fn row(chat: Option<i64>, setting: &SettingView) -> AnyView {
    let key = setting.key.clone();
    let known = KNOWN.iter().find(|(name, ..)| *name == key);
    let (label, help) =
        known.map_or((key.clone(), String::new()), |(_, label, help)| ((*label).to_owned(), (*help).to_owned()));
    let id = format!("s-{key}");
    let here = if chat.is_some() { OriginView::Chat } else { OriginView::Dashboard };
    let clear = (setting.origin == here).then(|| clear_form(chat, &key));
    let set_at = setting.set_at.as_ref().map(|at| format!(", {}", at.short));
    let control = control(&id, &key, &setting.value);
    let save = view! { <div class="inline">{control}<button class="btn" type="submit">"Save"</button></div> };
    let save = post(SetSetting::url(), &named(chat, &key), save.into_any());
    let origin = origin(setting.origin);
    view! {
        <tr>
            <th scope="row" class="first"><label for=id.clone()>{label}</label><p class="note">{help}</p></th>
            <td class="value">
                {save}
            </td>
            <td class="origin"><span>{origin}{set_at}</span>{clear}</td>
        </tr>
    }
    .into_any()
}

fn control(id: &str, key: &str, value: &str) -> AnyView {
    let (id, value) = (id.to_owned(), value.to_owned());
    match key {
        "system_prompt" => {
            view! { <textarea class="field" id=id name="value" rows="6">{in_text_area(&value)}</textarea> }.into_any()
        }
        "max_context_tokens" | "reserve_tokens" | "mid_term_messages" | "keep_days" => {
            view! { <input class="field" id=id name="value" inputmode="numeric" value=value/> }.into_any()
        }
        _ => view! { <input class="field" id=id name="value" value=value autocomplete="off" spellcheck="false"/> }
            .into_any(),
    }
}

fn clear_form(chat: Option<i64>, key: &str) -> AnyView {
    let words = if chat.is_some() { "Use that of all chats" } else { "Take back" };
    let button = view! { <button class="link" type="submit">{words}</button> };
    post(ClearSetting::url(), &named(chat, key), button.into_any())
}

/// The fields that say which setting of which chat.
fn named(chat: Option<i64>, key: &str) -> Vec<(&'static str, String)> {
    let chat = chat.map(|chat| ("chat", chat.to_string()));
    chat.into_iter().chain([("key", key.to_owned())]).collect()
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
