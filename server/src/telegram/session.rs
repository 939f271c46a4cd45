//! `/session`: how long messages stay in `short_term`, by buttons or by minutes.

use souvenir_memory::{ChatId, SessionDuration};
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::{commands::Reply, language::Language, replies};
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
            Ok(Reply::text(replies::session_set(language, duration)))
        }
        Err(_) => Ok(Reply::text(replies::session_invalid(language, wanted))),
    }
}

/// The three named durations as buttons, the current one marked.
pub(super) fn choice(language: Language, current: SessionDuration) -> Reply {
    let button = |duration: SessionDuration| {
        let label = replies::session_button(language, duration, duration == current);
        vec![InlineKeyboardButton::callback(label, data(duration))]
    };
    let keyboard = Some(InlineKeyboardMarkup::new(OFFERED.map(button)));
    Reply { keyboard, ..Reply::text(replies::session_choice(language, current)) }
}

/// The duration that a pressed button stands for, if it is one of ours.
pub(super) fn pressed(data: &str) -> Option<SessionDuration> {
    data.strip_prefix(PREFIX)?.parse().ok()
}

/// Changes the duration of a chat.
pub(super) async fn set(engine: &Engine, chat: ChatId, duration: SessionDuration) -> Result<(), EngineError> {
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
            assert_eq!(pressed(&data(duration)), Some(duration));
        }
        for other in ["session:", "session:soon", "other:short", ""] {
            assert_eq!(pressed(other), None, "{other}");
        }
    }

    #[test]
    fn the_current_duration_is_marked_and_only_that() {
        let keyboard = choice(Language::English, SessionDuration::Medium).keyboard.unwrap();
        let labels: Vec<String> = keyboard.inline_keyboard.into_iter().flatten().map(|button| button.text).collect();
        assert_eq!(labels, ["Short · 3 h", "✓ Medium · 6 h", "Long · 12 h"]);
    }
}
