//! Which messages are meant.

use std::collections::BTreeSet;

use souvenir_memory::{ChatId, MessageId, Timestamp};

use super::json;
use crate::store::{Result, Store};

impl Store {
    /// Those of `ids` that are no messages of this chat.
    pub async fn unknown_messages(&self, chat: ChatId, ids: &[MessageId]) -> Result<Vec<MessageId>> {
        let list = json(&ids)?;
        let known = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM messages WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?))"#,
            chat.0,
            list
        )
        .fetch_all(&self.read)
        .await?;
        let known: BTreeSet<i64> = known.into_iter().collect();
        Ok(ids.iter().copied().filter(|id| !known.contains(&id.0)).collect())
    }

    /// What was said last: what waits for an answer, or else the messages of the newest turn with what came of it.
    pub async fn last_exchange(&self, chat: ChatId) -> Result<Vec<MessageId>> {
        let waiting = self.unanswered(chat).await?;
        if !waiting.is_empty() {
            return Ok(waiting.into_iter().map(|message| message.id).collect());
        }
        let ids = sqlx::query_scalar!(
            r#"WITH last AS (SELECT max(turn_id) AS turn FROM messages WHERE chat_id = ?1 AND turn_id IS NOT NULL)
               SELECT m.id AS "id!" FROM messages m, last WHERE m.chat_id = ?1 AND m.turn_id = last.turn
               UNION
               SELECT m.id FROM messages m JOIN turns t ON t.outgoing_id = m.id, last
               WHERE m.chat_id = ?1 AND t.id = last.turn"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(ids.into_iter().map(MessageId).collect())
    }

    /// Everything said at or after a moment, by anybody, commands and notices too.
    pub async fn said_from(&self, chat: ChatId, since: Timestamp) -> Result<Vec<MessageId>> {
        let ids = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM messages WHERE chat_id = ? AND said_at >= ? ORDER BY id"#,
            chat.0,
            since.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(ids.into_iter().map(MessageId).collect())
    }
}
