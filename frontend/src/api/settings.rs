//! Settings, each with the place its value comes from.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, Moment, Sheet};

/// Where a value comes from, nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginView {
    /// Set for this chat.
    Chat,
    /// Set on the dashboard for all chats.
    Dashboard,
    /// An environment variable.
    Environment,
    /// The settings file.
    File,
    /// Built in.
    Default,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingView {
    /// Its name on the wire: `session_duration`, `max_context_tokens`, `reserve_tokens`, `system_prompt`,
    /// `chat_model`, `memory_model`, `time_zone`, `reasoning_effort`, `mid_term_messages`, `keep_days`.
    pub key: String,
    /// Its value, as one would write it: `medium`, `8000`, `Europe/Paris`.
    pub value: String,
    /// Where it comes from.
    pub origin: OriginView,
    /// When it was set; none for the environment, the file and defaults.
    pub set_at: Option<Moment>,
}

/// The settings of a chat or of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// In the order to show.
    pub settings: Vec<SettingView>,
}

/// The settings of a chat or, without one, of the dashboard.
#[server(prefix = "/fn", endpoint = "settings")]
pub async fn settings(chat: Option<i64>) -> Result<Sheet, ApiError> {
    let settings = dashboard()?.settings(chat).await?;
    Ok(Sheet::of(crate::sheets::settings::settings(chat, &settings)))
}

/// Sets one setting.
#[server(prefix = "/fn", endpoint = "set_setting")]
pub async fn set_setting(chat: Option<i64>, key: String, #[server(default)] value: String) -> Result<(), ApiError> {
    dashboard()?.set_setting(chat, key, value).await
}

/// Takes a setting back.
#[server(prefix = "/fn", endpoint = "clear_setting")]
pub async fn clear_setting(chat: Option<i64>, key: String) -> Result<(), ApiError> {
    dashboard()?.clear_setting(chat, key).await
}
