//! Summaries of the last so many days, made when a person asks.

use souvenir_memory::{
    ChatId, MessageId, Timestamp, TokenCount,
    receipt::{Lost, Receipt},
};

use super::{Result, Store, StoreError, count};

/// A summary of some days.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodRecord {
    /// Its number.
    pub id: i64,
    /// Over how many days.
    pub days_back: u32,
    /// The text.
    pub text: String,
    /// The first message it covers.
    pub first: MessageId,
    /// The last message it covers.
    pub last: MessageId,
    /// How many messages it covers.
    pub messages: u32,
    /// What it cost and lost.
    pub receipt: Receipt,
    /// The model that wrote it.
    pub model: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// The first and last message of conversation said since a moment and not archived.
    pub async fn said_since(&self, chat: ChatId, since: Timestamp) -> Result<Option<(MessageId, MessageId)>> {
        let row = sqlx::query!(
            r#"SELECT min(id) AS "first: i64", max(id) AS "last: i64" FROM messages
               WHERE chat_id = ? AND said_at >= ? AND kind IN ('text', 'media') AND archived_at IS NULL"#,
            chat.0,
            since.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(row.first.zip(row.last).map(|(first, last)| (MessageId(first), MessageId(last))))
    }

    /// Keeps a summary of some days; its number is made here.
    pub async fn keep_period(&self, chat: ChatId, new: &PeriodRecord) -> Result<i64> {
        let lost = serde_json::to_string(&new.receipt.lost).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let id = sqlx::query_scalar!(
            r#"INSERT INTO period_summaries (chat_id, days_back, text, first_message_id, last_message_id, message_count,
                                             tokens_before, tokens_after, lost, model, created_at)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id AS "id!""#,
            chat.0,
            new.days_back,
            new.text,
            new.first.0,
            new.last.0,
            new.messages,
            new.receipt.tokens_before.0,
            new.receipt.tokens_after.0,
            lost,
            new.model,
            new.created_at.0
        )
        .fetch_one(&self.write)
        .await?;
        Ok(id)
    }

    /// The last summary made of so many days, or of any number of days.
    pub async fn last_period(&self, chat: ChatId, days_back: Option<u32>) -> Result<Option<PeriodRecord>> {
        let row = sqlx::query!(
            r#"SELECT id AS "id!", days_back, text, first_message_id, last_message_id, message_count, tokens_before, tokens_after,
                      lost, model, created_at
               FROM period_summaries WHERE chat_id = ?1 AND (?2 IS NULL OR days_back = ?2) ORDER BY id DESC LIMIT 1"#,
            chat.0,
            days_back
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| {
            let lost: Vec<Lost> = serde_json::from_str(&row.lost).unwrap_or_default();
            PeriodRecord {
                id: row.id,
                days_back: count(row.days_back),
                text: row.text,
                first: MessageId(row.first_message_id),
                last: MessageId(row.last_message_id),
                messages: count(row.message_count),
                receipt: Receipt {
                    tokens_before: TokenCount(count(row.tokens_before)),
                    tokens_after: TokenCount(count(row.tokens_after)),
                    lost,
                },
                model: row.model,
                created_at: Timestamp(row.created_at),
            }
        }))
    }
}
