//! A refusal in the Bot API's shape.

use serde_json::{Value, json};

/// Why a call was not carried out, in Telegram's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) description: String,
    pub(super) retry_after: Option<u64>,
    pub(super) migrate_to: Option<i64>,
    /// What is answered instead, as it stands, where this is no server of Telegram's.
    pub(super) foreign: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, description: &str) -> Self {
        Self { status, description: description.to_owned(), retry_after: None, migrate_to: None, foreign: None }
    }

    pub(super) fn bad(description: &str) -> Self {
        Self::new(400, description)
    }

    /// Flood control: again after so many seconds.
    pub(super) fn too_many(seconds: u64) -> Self {
        let refusal = Self::new(429, &format!("Too Many Requests: retry after {seconds}"));
        Self { retry_after: Some(seconds), ..refusal }
    }

    /// The group has become a supergroup with another id.
    pub(super) fn migrated(to: i64) -> Self {
        let refusal = Self::bad("Bad Request: group chat was upgraded to a supergroup chat");
        Self { migrate_to: Some(to), ..refusal }
    }

    /// An answer in somebody's own words.
    pub(super) fn foreign(status: u16, body: &str) -> Self {
        Self { foreign: Some(body.to_owned()), ..Self::new(status, "") }
    }

    pub(super) fn as_json(&self) -> Value {
        let mut body = json!({"ok": false, "error_code": self.status, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"]["retry_after"] = json!(seconds);
        }
        if let Some(chat) = self.migrate_to {
            body["parameters"]["migrate_to_chat_id"] = json!(chat);
        }
        body
    }
}
