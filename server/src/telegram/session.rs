//! `/session`: how long messages stay in `short_term`, by buttons or by minutes.

use souvenir_memory::{ChatId, SessionDuration};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::{Door, commands::Speaker, language::Language, replies, reply::Reply};
use crate::engine::{Engine, EngineError, settings::SettingsPatch};

/// What the data of our buttons begins with.
const PREFIX: &str = "session:";
const OFFERED: [SessionDuration; 3] = [SessionDuration::Short, SessionDuration::Medium, SessionDuration::Long];

/// `/session` alone offers the durations; with one, it sets it.
pub(super) async fn ask_or_set(
    engine: &Engine,
    chat: ChatId,
    language: Language,
    wanted: &str,
) -> Result<Reply, EngineError> {
    if wanted.is_empty() {
        let current = engine.settings(Some(chat)).await?.session_duration.value;
        return Ok(choice(language, current));
    }
    match wanted.parse() {
        Ok(duration) => {
            set(engine, chat, duration).await?;
            Ok(Reply::text(replies::session::session_set(language, duration)))
        }
        Err(_) => Ok(Reply::text(replies::session::session_invalid(language, wanted))),
    }
}

/// The three named durations as buttons, the current one marked.
fn choice(language: Language, current: SessionDuration) -> Reply {
    let button = |duration: SessionDuration| {
        let label = replies::session::session_button(language, duration, duration == current);
        vec![InlineKeyboardButton::callback(label, data(duration))]
    };
    Reply::text(replies::session::session_choice(language, current))
        .with(InlineKeyboardMarkup::new(OFFERED.map(button)))
}

/// Sets the duration that a pressed button stands for, and shows the buttons anew.
pub(super) async fn press(door: &Door, speaker: Speaker, wanted: &str) -> Result<Reply, EngineError> {
    let language = speaker.language;
    if wanted == "ask" {
        let current = door.engine.settings(Some(speaker.chat)).await?.session_duration.value;
        return Ok(choice(language, current).instead());
    }
    let Ok(duration) = wanted.parse() else { return Ok(Reply::alert(replies::stale_button(language))) };
    if !door.may_edit(speaker).await {
        return Ok(Reply::alert(replies::only_administrators(language)));
    }
    set(&door.engine, speaker.chat, duration).await?;
    Ok(choice(language, duration).instead().noticed(replies::session::session_set(language, duration)))
}

/// Changes the duration of a chat.
async fn set(engine: &Engine, chat: ChatId, duration: SessionDuration) -> Result<(), EngineError> {
    engine.patch_settings(Some(chat), SettingsPatch::session_duration(duration)).await.map(|_| ())
}

fn data(duration: SessionDuration) -> String {
    format!("{PREFIX}{}", duration.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_stands_for_the_duration_it_names() {
        for duration in OFFERED {
            assert_eq!(data(duration).strip_prefix(PREFIX).unwrap().parse(), Ok(duration));
        }
    }

    #[test]
    fn the_current_duration_is_marked_and_only_that() {
        let keyboard = choice(Language::English, SessionDuration::Medium).keyboard.unwrap();
        let labels: Vec<String> = keyboard.inline_keyboard.into_iter().flatten().map(|button| button.text).collect();
        assert_eq!(labels, ["Short · 3 h", "✓ Medium · 6 h", "Long · 12 h"]);
    }
}
