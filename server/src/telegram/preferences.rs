//! `/settings`: what can be set from the chat, with a button for each choice. Every choice is taken back by another.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::{
    Door,
    commands::Speaker,
    language::Language,
    press::button,
    replies::{self, preferences as texts},
    reply::Reply,
};
use crate::engine::{
    EngineError,
    settings::{GroupAnswers, Settings, SettingsPatch, Switch},
};

/// Shows the settings, or changes one: `group always`, `search on`, `remind on`.
pub(super) async fn run(door: &Door, speaker: Speaker, wish: &str) -> Result<Reply, EngineError> {
    let mut words = wish.split_whitespace();
    let change = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some("group"), Some(value), None) => Some(("group_answers", value)),
        (Some("search"), Some(value), None) => Some(("search_memory", value)),
        (Some("remind"), Some(value), None) => Some(("reminders", value)),
        _ => return Ok(Reply::alert(replies::stale_button(speaker.language))),
    };
    if let Some((key, value)) = change {
        // A search by the model costs the owner's money; how the bot behaves in a group is up to who runs that.
        let may = match key {
            "search_memory" => speaker.is_owner,
            _ => door.may_edit(speaker).await,
        };
        if !may {
            return Ok(Reply::alert(replies::only_administrators(speaker.language)));
        }
        let mut patch = SettingsPatch::default();
        match patch.set(key, Some(value.to_owned())) {
            Ok(()) => door.engine.patch_settings(Some(speaker.chat), patch).await?,
            Err(_) => return Ok(Reply::alert(replies::stale_button(speaker.language))),
        };
    }
    let settings = door.engine.settings(Some(speaker.chat)).await?;
    let reply = shown(speaker, &settings).instead();
    Ok(if change.is_some() { reply.noticed(texts::changed(speaker.language)) } else { reply })
}

fn shown(speaker: Speaker, settings: &Settings) -> Reply {
    let language = speaker.language;
    let mut rows = vec![vec![button(texts::session_button(language), "session:ask".to_owned())]];
    if !speaker.private {
        let now = settings.group_answers.value;
        rows.push([GroupAnswers::Mentions, GroupAnswers::Always].map(|choice| group(language, choice, now)).to_vec());
    }
    let now = settings.reminders.value;
    rows.push([Switch::Off, Switch::On].map(|choice| remind(language, choice, now)).to_vec());
    if speaker.is_owner {
        let now = settings.search_memory.value;
        rows.push([Switch::Off, Switch::On].map(|choice| search(language, choice, now)).to_vec());
    }
    Reply::text(texts::settings(language, settings, speaker.private)).with(InlineKeyboardMarkup::new(rows))
}

fn group(language: Language, choice: GroupAnswers, now: GroupAnswers) -> InlineKeyboardButton {
    button(marked(texts::group_button(language, choice), choice == now), format!("settings:group:{choice}"))
}

fn search(language: Language, choice: Switch, now: Switch) -> InlineKeyboardButton {
    button(marked(texts::search_button(language, choice), choice == now), format!("settings:search:{choice}"))
}

fn remind(language: Language, choice: Switch, now: Switch) -> InlineKeyboardButton {
    button(marked(texts::remind_button(language, choice), choice == now), format!("settings:remind:{choice}"))
}

fn marked(label: &str, is_current: bool) -> String {
    if is_current { format!("✓ {label}") } else { label.to_owned() }
}
