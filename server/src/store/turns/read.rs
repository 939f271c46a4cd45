//! Turns as they are read back.

use souvenir_memory::{ChatId, MessageId, Timestamp, TokenCount, TurnId};

use super::TurnRecord;
use crate::store::{Result, Store, StoreError, count, name};

impl Store {
    /// Turns of a chat before `before`, newest first.
    pub async fn list_turns(&self, chat: ChatId, before: Option<TurnId>, limit: u32) -> Result<Vec<TurnRecord>> {
        let before = before.map_or(i64::MAX, |id| id.0);
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", chat_id, state, reply_id, model, predicted_tokens, reported_tokens, cached_tokens,
                      completion_tokens, cost_nanousd, requests, retries, error, received_at, started_at, context_ms, first_token_ms,
                      finished_at, delivery, delivery_error, delivered_at
               FROM turns WHERE chat_id = ? AND id < ? ORDER BY id DESC LIMIT ?"#,
            chat.0,
            before,
            limit
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(|row| TurnRecord::try_from(row).map(|turn| self.with_marks(turn)))
        .collect()
    }

    /// The turn after a turn, in its chat.
    pub async fn turn_after(&self, chat: ChatId, turn: TurnId) -> Result<Option<TurnId>> {
        let next = sqlx::query_scalar!(
            r#"SELECT min(id) AS "next: i64" FROM turns WHERE chat_id = ? AND id > ?"#,
            chat.0,
            turn.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(next.map(TurnId))
    }
}

/// A row of `turns`.
struct Row {
    id: i64,
    chat_id: i64,
    state: String,
    reply_id: Option<i64>,
    model: Option<String>,
    predicted_tokens: Option<i64>,
    reported_tokens: Option<i64>,
    cached_tokens: Option<i64>,
    completion_tokens: Option<i64>,
    cost_nanousd: Option<i64>,
    requests: Option<i64>,
    retries: Option<i64>,
    error: Option<String>,
    received_at: i64,
    started_at: i64,
    context_ms: Option<i64>,
    first_token_ms: Option<i64>,
    finished_at: Option<i64>,
    delivery: Option<String>,
    delivery_error: Option<String>,
    delivered_at: Option<i64>,
}

impl TryFrom<Row> for TurnRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let tokens = |value: Option<i64>| value.map(|value| TokenCount(count(value)));
        Ok(Self {
            id: TurnId(row.id),
            chat: ChatId(row.chat_id),
            state: name(&row.state)?,
            reply: row.reply_id.map(MessageId),
            model: row.model,
            predicted: tokens(row.predicted_tokens),
            reported: tokens(row.reported_tokens),
            cached: tokens(row.cached_tokens),
            completion: tokens(row.completion_tokens),
            cost_nanousd: row.cost_nanousd,
            requests: row.requests.map(count),
            retries: row.retries.map(count),
            error: row.error,
            received_at: Timestamp(row.received_at),
            started_at: Timestamp(row.started_at),
            context_ms: row.context_ms,
            first_token_ms: row.first_token_ms,
            finished_at: row.finished_at.map(Timestamp),
            delivery: row.delivery.as_deref().map(name).transpose()?,
            delivery_error: row.delivery_error,
            delivered_at: row.delivered_at.map(Timestamp),
        })
    }
}
