//! Messages in which answers are shown while they are made, where that is done by editing: each becomes its answer's first
//! part. Kept so that a crash neither leaves one behind nor doubles an answer.

use souvenir_memory::{ChatId, Timestamp, TurnId};

use super::{Result, Store};

impl Store {
    /// Such a message goes out for a turn: durable before it does.
    pub async fn begin_preview(&self, chat: ChatId, turn: TurnId, now: Timestamp) -> Result<()> {
        sqlx::query!(
            "INSERT OR REPLACE INTO previews (chat_id, turn_id, telegram_message_id, updated_at) VALUES (?, ?, NULL, ?)",
            chat.0,
            turn.0,
            now.0
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// It arrived, under this id.
    pub async fn keep_preview(&self, chat: ChatId, telegram_message_id: i64) -> Result<()> {
        sqlx::query!("UPDATE previews SET telegram_message_id = ? WHERE chat_id = ?", telegram_message_id, chat.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// There is none any more, or nobody knows of it.
    pub async fn drop_preview(&self, chat: ChatId) -> Result<()> {
        sqlx::query!("DELETE FROM previews WHERE chat_id = ?", chat.0).execute(&self.write).await?;
        Ok(())
    }

    /// The message that shows the answer of a turn. One that a turn before left without a word is taken over.
    pub async fn preview(&self, chat: ChatId, turn: TurnId) -> Result<Option<i64>> {
        let id = sqlx::query_scalar!(
            r#"UPDATE previews SET turn_id = ?2
               WHERE chat_id = ?1 AND telegram_message_id IS NOT NULL
                 AND (turn_id = ?2 OR EXISTS (SELECT 1 FROM turns t WHERE t.id = previews.turn_id AND t.outgoing_id IS NULL
                                              AND t.state <> 'running'))
               RETURNING telegram_message_id AS "id: i64""#,
            chat.0,
            turn.0
        )
        .fetch_optional(&self.write)
        .await?;
        Ok(id.flatten())
    }

    /// A message that was to show an answer of which nothing came.
    pub async fn leftover_preview(&self, chat: ChatId) -> Result<Option<i64>> {
        let id = sqlx::query_scalar!(
            r#"SELECT p.telegram_message_id AS "id: i64" FROM previews p JOIN turns t ON t.id = p.turn_id
               WHERE p.chat_id = ? AND t.state <> 'running' AND t.outgoing_id IS NULL"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(id.flatten())
    }

    /// Whether the first part of a reply goes out by editing, which can be done again.
    pub(super) async fn is_previewed(&self, chat: ChatId, turn: TurnId) -> Result<bool> {
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM previews WHERE chat_id = ? AND turn_id = ? AND telegram_message_id IS NOT NULL)
                   AS "found!: bool""#,
            chat.0,
            turn.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(found)
    }
}
