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

/// The settings of a chat or, without one, of the dashboard.
pub(crate) fn settings(chat: Option<i64>, settings: &SettingsView) -> AnyView {
    let row = |setting: &SettingView| {
        let trial = settings.trial.as_ref().filter(|trial| trial.key == setting.key);
        row(chat, setting, trial)
    };
    let rows: Vec<_> = settings.settings.iter().map(row).collect();
    view! {
        <section aria-label=words::settings::SHARES_OF_THE_BUDGET>
            <div class="sh"><h2>{words::settings::HOW_THE_BUDGET_IS_SHARED}</h2><span class="note">{words::settings::WHAT_IS_LEFT}</span></div>
            <div id="shares" aria-live="polite">{shares(&settings.shares)}</div>
        </section>
        <table class="settings stack">
            <thead><tr><th scope="col">{words::settings::SETTING}</th><th scope="col">{words::settings::VALUE}</th><th scope="col">{words::settings::FROM}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="note">{words::settings::WHICH_COUNTS}</p>
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
        part("system", words::SYSTEM, system),
        part("facts", words::settings::FACTS_AND_SUMMARIES, facts + summaries),
        part("recent", words::RECENT, recent),
        part("current", words::CURRENT, current),
        part("reserve", words::RESERVE, budget.reserve),
    ];
    let rest = (budget.free > 0).then(|| part("free", words::settings::NOT_SHARED_OUT, budget.free));
    view! {
        {bar(budget, "bar-mid")}
        <ul class="legend note">{Vec::from(parts)}{rest}<li class="nowrap">{words::BUDGET}" "<b>{words::count(budget.total())}</b></li></ul>
    }
    .into_any()
}

/// A plain form, as signing out is.
fn sign_out_everywhere() -> AnyView {
    view! {
        <form class="sessions" method="post" action="/logout/everywhere">
            <p class="note">{words::settings::WHAT_SIGNING_OUT_DOES}</p>
            <button class="btn" type="submit">{words::settings::SIGN_OUT_EVERYWHERE}</button>
        </form>
    }
    .into_any()
}

fn row(chat: Option<i64>, setting: &SettingView, trial: Option<&TrialView>) -> AnyView {
    let key = setting.key.clone();
    let (label, help) = words::settings::known(&key).unwrap_or((&setting.key, ""));
    let (label, help) = (label.to_owned(), help.to_owned());
    let id = format!("s-{key}");
    let here = if chat.is_some() { OriginView::Chat } else { OriginView::Dashboard };
    let clear = (setting.origin == here).then(|| clear_form(chat, &key));
    let set_at = setting.set_at.as_ref().map(|at| words::settings::set_at(&at.short));
    // What was tried stands in its field, though it is not in force.
    let value = trial.map_or(&setting.value, |trial| &trial.value);
    let told = trial.map_or(&setting.told, |trial| &trial.told).clone();
    let refused = trial.is_some_and(|trial| !trial.ok);
    let control = control(&id, &key, value, refused);
    let test = matches!(key.as_str(), "chat_model" | "memory_model").then(|| {
        view! { <button class="btn" type="submit" formaction=TryModel::url()>{words::settings::TEST}<span class="vh">{words::settings::the_model(&label)}</span></button> }
    });
    let hint = words::settings::of_setting(&label);
    let class = match trial {
        Some(trial) if trial.ok => "note told ok",
        Some(_) => "note told bad",
        None => "note told",
    };
    let save = view! {
        <div class="inline">{control}<button class="btn" type="submit">{words::SAVE}<span class="vh">{hint}</span></button>{test}</div>
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
fn choices(key: &str) -> Option<&'static [&'static str]> {
    match key {
        "expiry_schedule" | "analysis_schedule" => Some(&["off", "daily"]),
        "search_memory" | "digest_send" | "digest_context" | "reminders" => Some(&["off", "on"]),
        "group_answers" => Some(&["mentions", "always"]),
        "analysis_apply" => Some(&["hold", "apply"]),
        "digest" => Some(&["off", "daily", "weekly", "both"]),
        "pictures" => Some(&["auto", "on", "off"]),
        "reasoning_effort" => Some(&["", "none", "minimal", "low", "medium", "high", "xhigh", "max"]),
        _ => None,
    }
}

fn control(id: &str, key: &str, value: &str, refused: bool) -> AnyView {
    let (id, value, told) = (id.to_owned(), value.to_owned(), format!("told-{key}"));
    let invalid = refused.then_some("true");
    if let Some(choices) = choices(key) {
        let options: Vec<_> = choices
            .iter()
            .map(|choice| view! { <option value=*choice selected=*choice == value>{words::settings::choice(key, choice)}</option> })
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
    let words = if chat.is_some() { words::settings::USE_THAT_OF_ALL_CHATS } else { words::settings::TAKE_BACK };
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
        OriginView::Chat => words::settings::THIS_CHAT,
        OriginView::Dashboard => words::settings::THE_DASHBOARD,
        OriginView::Environment => words::settings::THE_ENVIRONMENT,
        OriginView::File => words::settings::THE_FILE,
        OriginView::Default => words::settings::BUILT_IN,
    }
}
