//! Settings, each with the place its value comes from.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, BarView, Moment, Sheet};

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
    /// What the value comes to, in a sentence: `412 tokens in each request`; empty where there is nothing to say.
    pub told: String,
}

/// Whether a value would be accepted, and what it would come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckView {
    /// Whether it would.
    pub ok: bool,
    /// Why not, or what it comes to.
    pub told: String,
    /// The shares of the budget with it; none when they do not depend on it.
    pub shares: Option<BarView>,
}

/// What became of trying a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialView {
    /// The setting whose value was tried.
    pub key: String,
    /// The value.
    pub value: String,
    /// Whether it answered.
    pub ok: bool,
    /// What it said, or why it did not.
    pub told: String,
}

/// A check, drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSheet {
    /// Whether the value would be accepted.
    pub ok: bool,
    /// Why not, or what it comes to.
    pub told: String,
    /// The shares of the budget with it.
    pub shares: Option<Sheet>,
}

/// The settings of a chat or of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// In the order to show.
    pub settings: Vec<SettingView>,
    /// The shares of the budget.
    pub shares: BarView,
    /// What was tried just now.
    pub trial: Option<TrialView>,
}

/// The settings of a chat or, without one, of the dashboard.
#[server(prefix = "/fn", endpoint = "settings")]
pub async fn settings(chat: Option<i64>, trial: Option<u64>) -> Result<Sheet, ApiError> {
    let settings = dashboard()?.settings(chat, trial).await?;
    Ok(Sheet::of(crate::sheets::settings::settings(chat, &settings)))
}

/// Whether a value would be accepted, and what it would come to. Nothing changes.
#[server(prefix = "/fn", endpoint = "check_setting")]
pub async fn check_setting(chat: Option<i64>, key: String, value: String) -> Result<CheckSheet, ApiError> {
    let CheckView { ok, told, shares } = dashboard()?.check_setting(chat, key, value).await?;
    Ok(CheckSheet { ok, told, shares: shares.map(|bar| Sheet::of(crate::sheets::settings::shares(&bar))) })
}

/// Asks a model for a word, to see whether it answers. Nothing changes.
#[server(prefix = "/fn", endpoint = "try_model")]
pub async fn try_model(chat: Option<i64>, key: String, #[server(default)] value: String) -> Result<(), ApiError> {
    let trial = dashboard()?.try_model(key.clone(), value).await?;
    let page = chat.map_or_else(|| "/settings".to_owned(), |chat| format!("/chats/{chat}/settings"));
    leptos_axum::redirect(&format!("{page}?trial={trial}#s-{key}"));
    Ok(())
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
