//! Summaries of the last so many days, made when a person asks.

use souvenir_memory::{
    ChatId, MessageId, Timestamp, TokenCount,
    receipt::{Lost, Receipt},
};

use super::{Result, Store, StoreError, count, forget::forgotten_so_far};

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

    /// Keeps a summary of some days; its number is made here. `forgotten` says how much had been forgotten in the chat when
    /// it was begun; none when that has grown since.
    pub async fn keep_period(&self, chat: ChatId, new: &PeriodRecord, forgotten: i64) -> Result<Option<i64>> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, chat).await? != forgotten {
            return Ok(None);
        }
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
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// The oldest summary of a chat that is to be made again: its number, and the messages it covered.
    pub async fn stale_period(&self, chat: ChatId) -> Result<Option<(i64, MessageId, MessageId)>> {
        let row = sqlx::query!(
            r#"SELECT id AS "id!", first_message_id, last_message_id FROM period_summaries
               WHERE chat_id = ? AND stale_since IS NOT NULL ORDER BY id LIMIT 1"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| (row.id, MessageId(row.first_message_id), MessageId(row.last_message_id))))
    }

    /// Puts a summary that was made again in the place of the one that went; without one, when nothing is left to sum up,
    /// the row goes. False when more was forgotten meanwhile.
    pub async fn remake_period(
        &self,
        chat: ChatId,
        id: i64,
        made: Option<&PeriodRecord>,
        forgotten: i64,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, chat).await? != forgotten {
            return Ok(false);
        }
        match made {
            None => {
                sqlx::query!("DELETE FROM period_summaries WHERE id = ?", id).execute(&mut *tx).await?;
            }
            Some(made) => write_again(&mut tx, id, made).await?,
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The last summary made of so many days, or of any number of days.
    pub async fn last_period(&self, chat: ChatId, days_back: Option<u32>) -> Result<Option<PeriodRecord>> {
        let row = sqlx::query!(
            r#"SELECT id AS "id!", days_back, text, first_message_id, last_message_id, message_count, tokens_before, tokens_after,
                      lost, model, created_at
               FROM period_summaries WHERE chat_id = ?1 AND stale_since IS NULL AND (?2 IS NULL OR days_back = ?2) ORDER BY id DESC LIMIT 1"#,
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

async fn write_again(tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>, id: i64, made: &PeriodRecord) -> Result<()> {
    let lost = serde_json::to_string(&made.receipt.lost).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query!(
        r#"UPDATE period_summaries SET text = ?, first_message_id = ?, last_message_id = ?, message_count = ?,
                  tokens_before = ?, tokens_after = ?, lost = ?, model = ?, stale_since = NULL WHERE id = ?"#,
        made.text,
        made.first.0,
        made.last.0,
        made.messages,
        made.receipt.tokens_before.0,
        made.receipt.tokens_after.0,
        lost,
        made.model,
        id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
