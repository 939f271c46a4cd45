//! Asking from another process: what is to be forgotten is written into the database, and whoever serves it does it.

use std::{path::Path, time::Duration};

use souvenir_memory::{ChatId, MessageId, Timestamp, forgetting::ForgetReport};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{Scope, log::ask};
use crate::store::{Result, StoreError};

/// How long to wait for another program's lock: the file may be in the middle of being written anew.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection of its own, beside whoever has the database open.
#[derive(Debug)]
pub struct ForgetRequest {
    db: SqliteConnection,
}

/// How far a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody has begun with it.
    Waits,
    /// Somebody has.
    Begun,
    /// The rows are gone; the report says whether the bytes are.
    Forgotten(ForgetReport),
    /// It cannot be done.
    Failed(String),
}

impl ForgetRequest {
    /// Opens the database at `path`, which is there and up to date.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(PATIENCE);
        Ok(Self { db: SqliteConnection::connect_with(&options).await? })
    }

    /// A chat's title, by its number.
    pub async fn title(&mut self, chat: ChatId) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("SELECT title FROM chats WHERE id = ?", chat.0).fetch_optional(&mut self.db).await?)
    }

    /// A chat by Telegram's number, and its topic's.
    pub async fn telegram_chat(&mut self, chat: i64, thread: Option<i64>) -> Result<Option<ChatId>> {
        let id = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM chats WHERE telegram_chat_id = ? AND ifnull(telegram_thread_id, 0) = ifnull(?, 0)"#,
            chat,
            thread
        )
        .fetch_optional(&mut self.db)
        .await?;
        Ok(id.map(ChatId))
    }

    /// Whether a message is in a chat.
    pub async fn has_message(&mut self, chat: ChatId, message: MessageId) -> Result<bool> {
        let found = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!: i64" FROM messages WHERE id = ? AND chat_id = ?"#,
            message.0,
            chat.0
        )
        .fetch_one(&mut self.db)
        .await?;
        Ok(found > 0)
    }

    /// Writes the request down; gives its number.
    pub async fn ask(&mut self, chat: ChatId, scope: &Scope, now: Timestamp) -> Result<i64> {
        ask(&mut self.db, chat, scope, now).await
    }

    /// Takes the request back unless somebody has begun with it; says whether it was.
    pub async fn withdraw(&mut self, id: i64) -> Result<bool> {
        let gone = sqlx::query!("DELETE FROM forgettings WHERE id = ? AND taken_up_at IS NULL", id)
            .execute(&mut self.db)
            .await?;
        Ok(gone.rows_affected() > 0)
    }

    /// How far it is.
    pub async fn outcome(&mut self, id: i64) -> Result<Outcome> {
        let row = sqlx::query!(
            "SELECT taken_up_at, forgotten_at, erased_at, report, error FROM forgettings WHERE id = ?",
            id
        )
        .fetch_one(&mut self.db)
        .await?;
        Ok(match (row.error, row.report, row.forgotten_at) {
            (Some(error), ..) => Outcome::Failed(error),
            (None, Some(report), Some(_)) => {
                let report: ForgetReport =
                    serde_json::from_str(&report).map_err(|error| StoreError::Corrupt(error.to_string()))?;
                Outcome::Forgotten(ForgetReport { erased: row.erased_at.is_some(), ..report })
            }
            _ if row.taken_up_at.is_some() => Outcome::Begun,
            _ => Outcome::Waits,
        })
    }

    /// Lets the database go.
    pub async fn close(self) -> Result<()> {
        Ok(self.db.close().await?)
    }
}
