//! What a soak left behind: in the database file, behind the API, and in the Bot API's ledger.

use std::time::Duration;

use sqlx::{FromRow, SqlitePool};

use super::speech::{Place, Said, place};
use crate::bot_api::{Call, Sent};
use crate::harness::Api;

/// All of it.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) said: Vec<Said>,
    pub(super) stored: Vec<Stored>,
    pub(super) turns: Vec<Turn>,
    /// The places of messages, as the API lists them.
    pub(super) told: Vec<Place>,
    pub(super) ledger: Vec<Sent>,
    pub(super) calls: Vec<Call>,
    /// What the Bot API server complains of.
    pub(super) complaints: Vec<String>,
    pub(super) kills: Vec<Duration>,
    pub(super) peak_memory: u64,
}

/// A message of a person as it is stored.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Stored {
    pub(super) telegram_chat_id: i64,
    pub(super) text: String,
    pub(super) turn_id: Option<i64>,
}

/// A turn as it is stored.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Turn {
    pub(super) id: i64,
    pub(super) telegram_chat_id: i64,
    pub(super) state: String,
    pub(super) delivery: Option<String>,
    /// Milliseconds since the epoch.
    pub(super) finished_at: Option<i64>,
    pub(super) reply: Option<String>,
    /// How many replies name this turn as theirs.
    pub(super) replies: i64,
}

pub(super) async fn stored(database: &SqlitePool) -> Vec<Stored> {
    let query = "SELECT c.telegram_chat_id, r.text, m.turn_id
        FROM messages m JOIN chats c ON c.id = m.chat_id JOIN revisions r ON r.id = m.revision_id
        WHERE m.role = 'user' AND c.telegram_chat_id IS NOT NULL ORDER BY m.id";
    sqlx::query_as(query).fetch_all(database).await.expect("messages can be read")
}

pub(super) async fn turns(database: &SqlitePool) -> Vec<Turn> {
    let query = "SELECT t.id, c.telegram_chat_id, t.state, t.delivery, t.finished_at,
            (SELECT r.text FROM messages m JOIN revisions r ON r.id = m.revision_id WHERE m.id = t.reply_id) AS reply,
            (SELECT count(*) FROM messages m WHERE m.turn_id = t.id AND m.role = 'assistant' AND m.kind = 'text') AS replies
        FROM turns t JOIN chats c ON c.id = t.chat_id ORDER BY t.id";
    sqlx::query_as(query).fetch_all(database).await.expect("turns can be read")
}

/// The places of all messages that the API tells of.
pub(super) async fn told(api: &Api) -> Vec<Place> {
    let mut told = Vec::new();
    for chat in api.list("/api/chats").await {
        let messages = api.list(&format!("/api/chats/{}/messages?limit=200", chat["id"])).await;
        let users = messages.iter().filter(|message| message["role"] == "user");
        told.extend(users.filter_map(|message| place(message["text"].as_str()?)));
    }
    told
}

/// How far the app has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub(super) struct Progress {
    stored: i64,
    waiting: i64,
    underway: i64,
}

impl Progress {
    pub(super) async fn read(database: &SqlitePool) -> sqlx::Result<Self> {
        let query = "SELECT
            (SELECT count(*) FROM messages WHERE role = 'user') AS stored,
            (SELECT count(*) FROM messages WHERE role = 'user' AND turn_id IS NULL) AS waiting,
            (SELECT count(*) FROM turns WHERE state = 'running' OR delivery IN ('composed', 'sending')) AS underway";
        sqlx::query_as(query).fetch_one(database).await
    }

    /// Whether as much as was said is stored, and nothing is left to do.
    pub(super) fn is_done(&self, said: usize) -> bool {
        usize::try_from(self.stored).is_ok_and(|stored| stored >= said) && self.waiting == 0 && self.underway == 0
    }
}
