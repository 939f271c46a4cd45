//! Imports: history from elsewhere, what came of it, and what of it waits to be summed up.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, Moment, RailChat, Sheet};

/// What came of one chat of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedChatView {
    /// The chat that it went to; none when it was skipped, or is not there any more.
    pub chat: Option<i64>,
    /// Its title.
    pub title: String,
    /// Whether it was made for it.
    pub made: bool,
    /// Records read.
    pub read: u64,
    /// What came of them, in words: `12 messages are new`.
    pub told: Vec<String>,
    /// Why all of it was skipped.
    pub skipped: Option<String>,
}

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    /// Its number.
    pub id: i64,
    /// What the file is called.
    pub name: String,
    /// `queued`, `running`, `done`, `failed`, `stopped`.
    pub state: String,
    /// Bytes read.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
    /// What came of its chats.
    pub chats: Vec<ImportedChatView>,
    /// Records that could not be read.
    pub bad: u64,
    /// Where the first of them stand, and what is wrong with them.
    pub places: Vec<String>,
    /// Where and why the file could not be read any further.
    pub broken: Option<String>,
    /// Why it ended early.
    pub error: Option<String>,
    /// When it was asked for.
    pub at: Moment,
    /// When it ended.
    pub finished: Option<Moment>,
}

/// What of a chat waits for the owner's word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingView {
    /// The chat.
    pub chat: i64,
    /// Its title.
    pub title: String,
    /// Episodes to be summed up.
    pub episodes: u32,
    /// Messages in them.
    pub messages: u32,
    /// About how many tokens the model would read.
    pub tokens: u64,
    /// The model.
    pub model: String,
    /// About what it would cost, in dollars; none when its price is not known.
    pub usd: Option<f64>,
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportsView {
    /// The newest imports, newest first.
    pub imports: Vec<ImportView>,
    /// What waits.
    pub waiting: Vec<WaitingView>,
    /// The chats that there are.
    pub chats: Vec<RailChat>,
    /// Why the last file was not taken: `broken`, `empty`, `chat`, `internal`.
    pub refused: Option<String>,
}

/// The page of imports; `refused` says why the last file was not taken.
#[server(prefix = "/fn", endpoint = "imports")]
pub async fn imports(refused: Option<String>) -> Result<Sheet, ApiError> {
    let view = dashboard()?.imports().await?;
    Ok(Sheet::of(crate::sheets::imports::imports(&ImportsView { refused, ..view })))
}

/// Stops an import.
#[server(prefix = "/fn", endpoint = "stop_import")]
pub async fn stop_import(import: i64) -> Result<(), ApiError> {
    dashboard()?.stop_import(import).await
}

/// Has what was imported into a chat summed up.
#[server(prefix = "/fn", endpoint = "consolidate_imported")]
pub async fn consolidate_imported(chat: i64) -> Result<(), ApiError> {
    dashboard()?.consolidate_imported(chat).await
}
