//! What was asked for: kept before anything is deleted, so that a crash in the middle ends with it done.

use souvenir_memory::{ChatId, FactId, MessageId, Timestamp, forgetting::ForgetReport};
use sqlx::SqliteConnection;

use super::{Wish, json};
use crate::store::{Result, Store, StoreError};

/// No messages, or no facts, as JSON.
const NONE: &str = "[]";

/// How much of a chat is to be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// These messages.
    Messages(Vec<MessageId>),
    /// These facts, as such: what was said stays.
    Facts(Vec<FactId>),
    /// All that was said and learnt; the chat and its settings stay.
    Everything,
    /// The chat itself.
    Chat,
}

impl Scope {
    fn name(&self) -> &'static str {
        match self {
            Self::Messages(_) | Self::Facts(_) => "messages",
            Self::Everything => "everything",
            Self::Chat => "chat",
        }
    }
}

/// A forgetting that a stop cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub id: i64,
    /// The chat.
    pub chat: ChatId,
    /// How much of it.
    pub scope: Scope,
}

impl Store {
    /// Keeps what is to be forgotten, by this process and at once; gives its number.
    pub async fn ask_to_forget(&self, chat: ChatId, scope: &Scope, now: Timestamp) -> Result<i64> {
        let id = ask(&mut *self.write.acquire().await?, chat, scope, now).await?;
        self.take_up_asked(id, now).await?;
        Ok(id)
    }

    /// Begins with what was asked for; false when somebody has.
    pub async fn take_up_asked(&self, id: i64, now: Timestamp) -> Result<bool> {
        let taken = sqlx::query!(
            "UPDATE forgettings SET taken_up_at = ? WHERE id = ? AND taken_up_at IS NULL AND error IS NULL",
            now.0,
            id
        )
        .execute(&self.write)
        .await?;
        Ok(taken.rows_affected() > 0)
    }

    /// What a process that ended had begun with and not done is to be begun again.
    pub async fn recover_forgettings(&self) -> Result<u64> {
        let again = sqlx::query!(
            "UPDATE forgettings SET taken_up_at = NULL WHERE erased_at IS NULL AND forgotten_at IS NULL AND taken_up_at IS NOT NULL"
        )
        .execute(&self.write)
        .await?;
        Ok(again.rows_affected())
    }

    /// What was asked for and nobody has begun with, oldest first.
    pub async fn forgettings_asked(&self) -> Result<Vec<Asked>> {
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", chat_id, scope, messages, facts FROM forgettings
               WHERE erased_at IS NULL AND forgotten_at IS NULL AND taken_up_at IS NULL AND error IS NULL ORDER BY id"#
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                let scope = match row.scope.as_str() {
                    "everything" => Scope::Everything,
                    "chat" => Scope::Chat,
                    _ if row.facts != NONE => Scope::Facts(
                        serde_json::from_str(&row.facts).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                    ),
                    _ => Scope::Messages(
                        serde_json::from_str(&row.messages).map_err(|error| StoreError::Corrupt(error.to_string()))?,
                    ),
                };
                Ok(Asked { id: row.id, chat: ChatId(row.chat_id), scope })
            })
            .collect()
    }

    /// Gives up a forgetting that failed.
    pub async fn give_up_forgetting(&self, id: i64, why: &str) -> Result<()> {
        sqlx::query!("UPDATE forgettings SET error = ? WHERE id = ?", why, id).execute(&self.write).await?;
        Ok(())
    }

    /// A number that grows with each forgetting in a chat, and whenever its messages get their places anew: what was read
    /// before it grew may hold forgotten words, or name places that are others' now.
    pub async fn forgotten_so_far(&self, chat: ChatId) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"SELECT ifnull(max(id), 0) + ifnull((SELECT renumbered FROM chats WHERE id = ?1), 0) AS "id!: i64"
               FROM forgettings WHERE chat_id = ?1 AND forgotten_at IS NOT NULL"#,
            chat.0
        )
        .fetch_one(&self.read)
        .await?)
    }
}

/// Writes down what is to be forgotten, for whoever takes it up.
pub(super) async fn ask(db: &mut SqliteConnection, chat: ChatId, scope: &Scope, now: Timestamp) -> Result<i64> {
    let name = scope.name();
    let (messages, facts) = match scope {
        Scope::Messages(ids) => (json(ids)?, NONE.to_owned()),
        Scope::Facts(ids) => (NONE.to_owned(), json(ids)?),
        Scope::Everything | Scope::Chat => (NONE.to_owned(), NONE.to_owned()),
    };
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO forgettings (chat_id, scope, messages, facts, asked_at) VALUES (?, ?, ?, ?, ?) RETURNING id AS "id!""#,
        chat.0,
        name,
        messages,
        facts,
        now.0
    )
    .fetch_one(db)
    .await?)
}

/// The same, within a transaction that is about to write what was made of what was read.
pub(in crate::store) async fn forgotten_so_far(db: &mut SqliteConnection, chat: ChatId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT ifnull(max(id), 0) + ifnull((SELECT renumbered FROM chats WHERE id = ?1), 0) AS "id!: i64"
               FROM forgettings WHERE chat_id = ?1 AND forgotten_at IS NOT NULL"#,
        chat.0
    )
    .fetch_one(db)
    .await?)
}

/// Whether something of the chat was forgotten while a turn was being answered.
pub(in crate::store) async fn forgotten_since(
    db: &mut SqliteConnection,
    chat: ChatId,
    turn: souvenir_memory::TurnId,
) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!: i64" FROM forgettings WHERE chat_id = ? AND forgotten_at IS NOT NULL AND last_turn_id >= ?"#,
        chat.0,
        turn.0
    )
    .fetch_one(db)
    .await?;
    Ok(found > 0)
}

/// The rows are gone.
pub(super) async fn done(db: &mut SqliteConnection, asked: i64, wish: &Wish, report: &ForgetReport) -> Result<()> {
    let report = json(report)?;
    sqlx::query!(
        r#"UPDATE forgettings SET forgotten_at = ?2, report = ?3,
                  last_turn_id = (SELECT seq FROM sqlite_sequence WHERE name = 'turns') WHERE id = ?1"#,
        asked,
        wish.now.0,
        report
    )
    .execute(db)
    .await?;
    Ok(())
}
