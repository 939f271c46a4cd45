//! Changes to settings: which there are, and what each may be.

use serde_json::Value;
use souvenir_memory::{NanoUsd, SessionDuration, TokenBudget};

use super::{AnalysisApply, AnalysisSchedule, DigestSchedule, ExpirySchedule, GroupAnswers, Sight, Switch};
use crate::{
    clock,
    engine::{EngineError, error::Result},
};

/// Keys of settings, on the wire and in the database.
const KEYS: [&str; 25] = [
    "session_duration",
    "max_context_tokens",
    "reserve_tokens",
    "system_prompt",
    "chat_model",
    "memory_model",
    "time_zone",
    "reasoning_effort",
    "mid_term_messages",
    "keep_days",
    "expiry_schedule",
    "search_memory",
    "pictures",
    "group_answers",
    "daily_usd",
    "daily_tokens",
    "chat_daily_usd",
    "chat_daily_tokens",
    "analysis_schedule",
    "analysis_growth",
    "analysis_apply",
    "digest",
    "digest_send",
    "digest_context",
    "reminders",
];
/// Those that hold for all chats together, and for none by itself.
pub(super) const OF_ALL: [(&str, &str); 2] = [("daily_usd", "chat_daily_usd"), ("daily_tokens", "chat_daily_tokens")];
/// Those of what may be spent in a day.
pub(super) const BUDGETS: [&str; 4] = ["daily_usd", "daily_tokens", "chat_daily_usd", "chat_daily_tokens"];
/// Those of them that are texts: a number there is a slip.
const TEXTS: [&str; 15] = [
    "system_prompt",
    "chat_model",
    "memory_model",
    "time_zone",
    "reasoning_effort",
    "expiry_schedule",
    "search_memory",
    "pictures",
    "group_answers",
    "analysis_schedule",
    "analysis_apply",
    "digest",
    "digest_send",
    "digest_context",
    "reminders",
];
/// Changes to settings, checked one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsPatch {
    pub(super) changes: Vec<(&'static str, Option<String>)>,
}

impl SettingsPatch {
    /// Reads a JSON object of settings; null takes an override back.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] that names the field, the value and the remedy.
    pub fn from_json(object: &serde_json::Map<String, Value>) -> Result<Self> {
        let mut patch = Self::default();
        for (name, value) in object {
            let Some(key) = KEYS.into_iter().find(|key| key == name) else {
                return Err(EngineError::invalid(
                    "settings",
                    format!("there is no setting “{name}”: the settings are {}", KEYS.join(", ")),
                ));
            };
            let text = match value {
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                Value::Number(number) if !TEXTS.contains(&key) => Some(number.to_string()),
                other => return Err(EngineError::invalid(key, format!("{key} is {other}: use a text or a number"))),
            };
            patch.set(key, text)?;
        }
        Ok(patch)
    }

    /// Sets one setting from its text, or takes it back with `None`.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] that names the field, the value and the remedy.
    pub fn set(&mut self, key: &'static str, value: Option<String>) -> Result<()> {
        let value = value.map(|text| check(key, &text)).transpose()?;
        self.changes.push((key, value));
        Ok(())
    }

    /// The session duration alone.
    #[must_use]
    pub fn session_duration(duration: SessionDuration) -> Self {
        Self { changes: vec![("session_duration", Some(duration_text(duration)))] }
    }

    /// Whether nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The number that a setting would have; none where it is not set, or taken back.
    pub(in crate::engine) fn number(&self, key: &str) -> Option<u32> {
        self.value(key)?.as_ref()?.parse().ok()
    }

    /// The text that a setting would have; none where it is not set, or taken back.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.as_deref()
    }

    pub(super) fn value(&self, key: &str) -> Option<&Option<String>> {
        self.changes.iter().rev().find(|(name, _)| *name == key).map(|(_, value)| value)
    }
}

fn duration_text(duration: SessionDuration) -> String {
    match duration {
        SessionDuration::Custom(minutes) => minutes.to_string(),
        named => named.name().to_owned(),
    }
}

/// Checks one value and brings it into the form it is stored in.
fn check(key: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    let number = |range: std::ops::RangeInclusive<u32>| {
        text.parse::<u32>().ok().filter(|value| range.contains(value)).map(|value| value.to_string()).ok_or_else(|| {
            let (low, high) = (range.start(), range.end());
            EngineError::invalid(key, format!("{key} is “{text}”: use a whole number from {low} to {high}"))
        })
    };
    match key {
        "session_duration" => text
            .parse()
            .map(duration_text)
            .map_err(|error: souvenir_memory::session::InvalidDuration| EngineError::invalid(key, error)),
        "max_context_tokens" => number(TokenBudget::MIN_CONTEXT..=1_000_000),
        "reserve_tokens" => number(16..=500_000),
        "mid_term_messages" => number(1..=10_000),
        "keep_days" => number(1..=36_500),
        "daily_tokens" | "chat_daily_tokens" => number(0..=u32::MAX),
        "daily_usd" | "chat_daily_usd" => {
            let amount = text.parse::<NanoUsd>().map(|amount| amount.to_string());
            amount.map_err(|error| EngineError::invalid(key, format!("{key} is “{text}”: {error}, or 0 for no limit")))
        }
        "expiry_schedule" => one_of::<ExpirySchedule>(key, text),
        "search_memory" | "digest_send" | "digest_context" | "reminders" => one_of::<Switch>(key, text),
        "analysis_schedule" => one_of::<AnalysisSchedule>(key, text),
        "analysis_apply" => one_of::<AnalysisApply>(key, text),
        "digest" => one_of::<DigestSchedule>(key, text),
        "analysis_growth" => match text {
            "0" => Ok(text.to_owned()),
            _ => number(20..=1_000_000),
        },
        "pictures" => one_of::<Sight>(key, text),
        "group_answers" => one_of::<GroupAnswers>(key, text),
        "time_zone" => clock::zone(text).map(|_| text.to_owned()).map_err(|error| EngineError::invalid(key, error)),
        "reasoning_effort" => {
            let known = ["", "none", "minimal", "low", "medium", "high", "xhigh", "max"];
            known.contains(&text).then(|| text.to_owned()).ok_or_else(|| {
                EngineError::invalid(
                    key,
                    format!("{key} is “{text}”: use one of {}, or leave it empty", known[1..].join(", ")),
                )
            })
        }
        "system_prompt" if text.chars().count() > 20_000 => {
            Err(EngineError::invalid(key, "system_prompt has over 20,000 characters: shorten it"))
        }
        _ if text.is_empty() => {
            Err(EngineError::invalid(key, format!("{key} is empty: give a value, or null to take it back")))
        }
        "chat_model" | "memory_model" if text.chars().count() > 200 => {
            Err(EngineError::invalid(key, format!("{key} has over 200 characters: give a model's name")))
        }
        _ => Ok(text.to_owned()),
    }
}

/// A value that is one of a few words.
fn one_of<T: std::str::FromStr<Err = String>>(key: &'static str, text: &str) -> Result<String> {
    let refused = |remedy| EngineError::invalid(key, format!("{key} is “{text}”: {remedy}"));
    text.parse::<T>().map(|_| text.to_owned()).map_err(refused)
}
