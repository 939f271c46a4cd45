//! Every setting with its value and where that comes from.
//!
//! Each setting is a form of its own, so that saving one never touches another.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{bar, post, swatch};
use crate::{
    api::{BarView, ClearSetting, OriginView, SetSetting, SettingView, SettingsView, TrialView, TryModel},
    escape::in_text_area,
    words,
};

/// What is known about a setting: its name on the wire, its label, and what it does.
const KNOWN: [(&str, &str, &str); 25] = [
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
        "pictures",
        "Pictures for the model",
        "auto: photos are shown to the chat model unless it is known, or found, to take none; on; off.",
    ),
    (
        "group_answers",
        "Answers in groups",
        "Always is everything that the bot hears; with Telegram's privacy mode on that is little more than the other.",
    ),
    (
        "daily_usd",
        "Dollars a day, all chats",
        "At 80 % you are told, and work in the background pauses until midnight; at the end answers stop, too. 0 for any amount.",
    ),
    ("daily_tokens", "Tokens a day, all chats", "The same in tokens, read and written. 0 for any number."),
    ("chat_daily_usd", "Dollars a day, each chat", "The same for a chat by itself."),
    ("chat_daily_tokens", "Tokens a day, each chat", "The same for a chat by itself, in tokens."),
    (
        "analysis_schedule",
        "Analysis by itself",
        "daily reads what was said since, at 03:00, and proposes a better list of facts; paid for like any work of the memory model. off.",
    ),
    (
        "analysis_growth",
        "Analysis after",
        "So many new messages, from 20; 0 for never. The first one reads all there is.",
    ),
    (
        "analysis_apply",
        "Its proposals",
        "hold: they wait for you. apply: carried out at once; one step takes them back.",
    ),
    (
        "digest",
        "Digests",
        "daily: of each day, made at 08:00 of the next. weekly: of each week, on Monday. Each is one question to the memory model. off.",
    ),
    ("digest_send", "Digests in the chat", "on sends each into the chat."),
    ("digest_context", "Digests in the context", "on puts the newest of the day and of the week before the summaries."),
    ("reminders", "Reminders", "on sends a word into the chat on the day a goal is due; no model is asked."),
];

/// The settings of a chat or, without one, of the dashboard.
pub(crate) fn settings(chat: Option<i64>, settings: &SettingsView) -> AnyView {
    let row = |setting: &SettingView| {
        let trial = settings.trial.as_ref().filter(|trial| trial.key == setting.key);
        row(chat, setting, trial)
    };
    let rows: Vec<_> = settings.settings.iter().map(row).collect();
    view! {
        <section aria-label="Shares of the budget">
            <div class="sh"><h2>"How the budget is shared"</h2><span class="note">"What a section leaves goes to recent messages and to recall."</span></div>
            <div id="shares" aria-live="polite">{shares(&settings.shares)}</div>
        </section>
        <table class="settings stack">
            <thead><tr><th scope="col">"Setting"</th><th scope="col">"Value"</th><th scope="col">"From"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="note">"Nearest first: this chat, the dashboard, the environment, the file, what is built in. Keys, paths and addresses come from the environment or the file only."</p>
        {chat.is_none().then(sign_out_everywhere)}
    }
    .into_any()
}

/// What each section may take of a budget.
pub(crate) fn shares(budget: &BarView) -> AnyView {
    let part = |class: &'static str, name: &'static str, tokens: u32| {
        view! { <li class="nowrap">{swatch(class)}{name}" "<span class="dim">{words::count(tokens)}</span></li> }
            .into_any()
    };
    let [system, facts, summaries, recent, _, current] = budget.sections;
    let parts = [
        part("system", "System", system),
        part("facts", "Facts and summaries", facts + summaries),
        part("recent", "Recent", recent),
        part("current", "Current", current),
        part("reserve", "Reserve", budget.reserve),
    ];
    let rest = (budget.free > 0).then(|| part("free", "Not shared out", budget.free));
    view! {
        {bar(budget, "bar-mid")}
        <ul class="legend note">{Vec::from(parts)}{rest}<li class="nowrap">"Budget "<b>{words::count(budget.total())}</b></li></ul>
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

fn row(chat: Option<i64>, setting: &SettingView, trial: Option<&TrialView>) -> AnyView {
    let key = setting.key.clone();
    let known = KNOWN.iter().find(|(name, ..)| *name == key);
    let (label, help) =
        known.map_or((key.clone(), String::new()), |(_, label, help)| ((*label).to_owned(), (*help).to_owned()));
    let id = format!("s-{key}");
    let here = if chat.is_some() { OriginView::Chat } else { OriginView::Dashboard };
    let clear = (setting.origin == here).then(|| clear_form(chat, &key));
    let set_at = setting.set_at.as_ref().map(|at| format!(", {}", at.short));
    // What was tried stands in its field, though it is not in force.
    let value = trial.map_or(&setting.value, |trial| &trial.value);
    let told = trial.map_or(&setting.told, |trial| &trial.told).clone();
    let refused = trial.is_some_and(|trial| !trial.ok);
    let control = control(&id, &key, value, refused);
    let test = matches!(key.as_str(), "chat_model" | "memory_model").then(|| {
        view! { <button class="btn" type="submit" formaction=TryModel::url()>"Test"<span class="vh">{format!(" the {}", label.to_lowercase())}</span></button> }
    });
    let hint = format!(": {}", label.to_lowercase());
    let class = match trial {
        Some(trial) if trial.ok => "note told ok",
        Some(_) => "note told bad",
        None => "note told",
    };
    let save = view! {
        <div class="inline">{control}<button class="btn" type="submit">"Save"<span class="vh">{hint}</span></button>{test}</div>
        <p class=class id=format!("told-{key}") role="status">{told}</p>
    };
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

/// The values of settings that have few.
fn choices(key: &str) -> Option<&'static [(&'static str, &'static str)]> {
    match key {
        "expiry_schedule" => Some(&[("off", "off"), ("daily", "daily")]),
        "search_memory" | "digest_send" | "digest_context" | "reminders" => Some(&[("off", "off"), ("on", "on")]),
        "group_answers" => Some(&[("mentions", "when named or replied to"), ("always", "always")]),
        "analysis_schedule" => Some(&[("off", "off"), ("daily", "daily")]),
        "analysis_apply" => Some(&[("hold", "hold"), ("apply", "apply")]),
        "digest" => Some(&[("off", "off"), ("daily", "daily"), ("weekly", "weekly"), ("both", "both")]),
        "pictures" => Some(&[("auto", "auto"), ("on", "on"), ("off", "off")]),
        "reasoning_effort" => Some(&[
            ("", "left to the model"),
            ("none", "none"),
            ("minimal", "minimal"),
            ("low", "low"),
            ("medium", "medium"),
            ("high", "high"),
            ("xhigh", "xhigh"),
            ("max", "max"),
        ]),
        _ => None,
    }
}

fn control(id: &str, key: &str, value: &str, refused: bool) -> AnyView {
    let (id, value, told) = (id.to_owned(), value.to_owned(), format!("told-{key}"));
    let invalid = refused.then_some("true");
    if let Some(choices) = choices(key) {
        let options: Vec<_> = choices
            .iter()
            .map(|(choice, name)| view! { <option value=*choice selected=*choice == value>{*name}</option> })
            .collect();
        return view! { <select class="field" id=id name="value" aria-describedby=told>{options}</select> }.into_any();
    }
    match key {
        "system_prompt" => view! {
            <textarea class="field" id=id name="value" rows="8" aria-describedby=told aria-invalid=invalid>{in_text_area(&value)}</textarea>
        }
        .into_any(),
        "max_context_tokens" | "reserve_tokens" | "mid_term_messages" | "keep_days" | "daily_tokens"
        | "chat_daily_tokens" | "analysis_growth" => view! {
            <input class="field" id=id name="value" inputmode="numeric" value=value aria-describedby=told aria-invalid=invalid/>
        }
        .into_any(),
        _ => view! {
            <input class="field" id=id name="value" value=value autocomplete="off" spellcheck="false" aria-describedby=told aria-invalid=invalid/>
        }
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
