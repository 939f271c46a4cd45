//! The chat that an exported one goes to.

use souvenir_memory::{ChatId, Timestamp};

use crate::store::{ChatKind, Result, Store};

/// A chat to be made for an exported one.
#[derive(Clone, Copy, Debug)]
pub struct NewTarget<'a> {
    /// What kind.
    pub kind: ChatKind,
    /// Its title.
    pub title: &'a str,
    /// By which number a bot would know it.
    pub telegram: i64,
}

impl Store {
    /// The chat that Telegram's bots know by this number, made if it is not there; and whether it was made.
    pub async fn import_target(&self, new: NewTarget<'_>, now: Timestamp) -> Result<(ChatId, bool)> {
        let mut tx = self.begin().await?;
        let known = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM chats WHERE telegram_chat_id = ? AND telegram_thread_id IS NULL"#,
            new.telegram
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(id) = known {
            return Ok((ChatId(id), false));
        }
        let kind = new.kind.as_str();
        let id = sqlx::query_scalar!(
            r#"INSERT INTO chats (kind, title, telegram_chat_id, created_at) VALUES (?, ?, ?, ?) RETURNING id AS "id!""#,
            kind,
            new.title,
            new.telegram,
            now.0
        )
        .fetch_one(&mut *tx)
        .await?;
        Self::commit(tx).await?;
        Ok((ChatId(id), true))
    }

    /// When the first message was said that the bot itself received in a chat or was told at the console.
    pub async fn own_since(&self, chat: ChatId) -> Result<Option<Timestamp>> {
        let since = sqlx::query_scalar!(
            r#"SELECT min(said_at) AS "since: i64" FROM messages WHERE chat_id = ? AND id > 0"#,
            chat.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(since.map(Timestamp))
    }

    /// Who said something in a chat in which second, of what the bot itself received.
    pub async fn own_said(&self, chat: ChatId) -> Result<Vec<(i64, i64)>> {
        let rows = sqlx::query!(
            r#"SELECT author_id AS "author!: i64", said_at / 1000 AS "second!: i64" FROM messages
               WHERE chat_id = ? AND id > 0 AND author_id IS NOT NULL"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|row| (row.author, row.second)).collect())
    }

    /// The bots that have received anything here.
    pub async fn known_bots(&self) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar!("SELECT DISTINCT bot_id FROM updates").fetch_all(&self.read).await?)
    }
}
