//! Which messages of a chat a context covers without quoting them.

use souvenir_memory::{ChatId, MessageId, Timestamp};

use super::{Result, Store, StoreError};

impl Store {
    /// The conversation that the summaries in force of some episodes cover, save what is archived.
    pub async fn covered_by_summaries(&self, chat: ChatId, episodes: &[i64]) -> Result<Vec<MessageId>> {
        let episodes = list(episodes)?;
        let covered = sqlx::query_scalar!(
            r#"SELECT DISTINCT m.id AS "id!" FROM json_each(?1) t
                   CROSS JOIN summaries s ON s.episode_id = t.value AND s.expired_at IS NULL
                   CROSS JOIN messages m ON m.chat_id = ?2 AND m.id BETWEEN s.first_message_id AND s.covers_through
               WHERE m.kind IN ('text', 'media') AND m.archived_at IS NULL"#,
            episodes,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(covered.into_iter().map(MessageId).collect())
    }

    /// The messages that some facts rest on, save what is archived.
    pub async fn covered_by_facts(&self, chat: ChatId, facts: &[i64]) -> Result<Vec<MessageId>> {
        let facts = list(facts)?;
        let covered = sqlx::query_scalar!(
            r#"SELECT DISTINCT m.id AS "id!" FROM json_each(?1) t
                   CROSS JOIN evidence e ON e.fact_id = t.value
                   JOIN messages m ON m.id = e.message_id
               WHERE m.chat_id = ?2 AND m.kind IN ('text', 'media') AND m.archived_at IS NULL"#,
            facts,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(covered.into_iter().map(MessageId).collect())
    }

    /// How much of the conversation, save what is archived, stands after a place in the chat.
    pub async fn spoken_after(&self, chat: ChatId, ordinal: u32) -> Result<u64> {
        let waiting = sqlx::query_scalar!(
            r#"SELECT count(*) AS "waiting!: i64" FROM messages
               WHERE chat_id = ? AND ordinal > ? AND kind IN ('text', 'media') AND archived_at IS NULL"#,
            chat.0,
            ordinal
        )
        .fetch_one(&self.read)
        .await?;
        Ok(u64::try_from(waiting).unwrap_or_default())
    }

    /// When some messages of a chat were said, oldest first; those that are gone are left out.
    pub async fn times_of(&self, chat: ChatId, messages: &[i64]) -> Result<Vec<Timestamp>> {
        let messages = list(messages)?;
        let times = sqlx::query_scalar!(
            r#"SELECT m.said_at FROM json_each(?1) t CROSS JOIN messages m ON m.id = t.value
               WHERE m.chat_id = ?2 ORDER BY m.said_at"#,
            messages,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(times.into_iter().map(Timestamp).collect())
    }
}

fn list(numbers: &[i64]) -> Result<String> {
    serde_json::to_string(numbers).map_err(|error| StoreError::Corrupt(error.to_string()))
}
