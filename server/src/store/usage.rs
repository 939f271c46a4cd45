//! What answers and the calls for work on memory took, a row each, for a stretch of time.

use souvenir_memory::{ChatId, Timestamp};

use super::{Result, Store, TurnState, count, name};

/// One answer, or one call for work on memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseRecord {
    /// Whose; none where it was for no chat in particular.
    pub chat: Option<ChatId>,
    /// When it began; of work on memory, when it was recorded.
    pub at: Timestamp,
    /// Work on memory, not an answer.
    pub is_memory: bool,
    /// What such work was for: `consolidation`, `summary`, `embedding`.
    pub purpose: Option<String>,
    /// The model asked, where one was.
    pub model: Option<String>,
    /// How it ended.
    pub state: TurnState,
    /// Prompt tokens we expected to be reported.
    pub predicted: Option<u32>,
    /// Prompt tokens reported, of the last request.
    pub reported: Option<u32>,
    /// Those from the provider's cache.
    pub cached: Option<u32>,
    /// Tokens written.
    pub completion: Option<u32>,
    /// How long a recording was.
    pub seconds: Option<u32>,
    /// What all requests of an answer took together, where that is known: prompts, of these from the cache, written.
    pub spent: Option<[u32; 3]>,
    /// In billionths of a dollar; none where the price was not known.
    pub cost_nanousd: Option<i64>,
    /// From the request to the first piece of the answer, in milliseconds.
    pub first_token_ms: Option<u32>,
    /// From the message to its finished answer, in milliseconds.
    pub whole_ms: Option<u32>,
}

struct Row {
    chat_id: i64,
    at: i64,
    model: Option<String>,
    state: String,
    predicted: Option<i64>,
    reported: Option<i64>,
    cached: Option<i64>,
    completion: Option<i64>,
    spent_in: Option<i64>,
    spent_cached: Option<i64>,
    spent_out: Option<i64>,
    cost: Option<i64>,
    first_token_ms: Option<i64>,
    whole_ms: Option<i64>,
}

impl Store {
    /// Every answer begun from `from` to before `to`, of one chat or of all, in no order; running ones are left out.
    pub async fn use_of_turns(&self, chat: Option<ChatId>, from: Timestamp, to: Timestamp) -> Result<Vec<UseRecord>> {
        let chat = chat.map(|chat| chat.0);
        // Chat by chat, since turns are ordered by time within theirs.
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT t.chat_id, t.started_at AS "at!", t.model, t.state, t.predicted_tokens AS predicted,
                      t.reported_tokens AS reported, t.cached_tokens AS cached, t.completion_tokens AS completion,
                      t.spent_prompt_tokens AS spent_in, t.spent_cached_tokens AS spent_cached,
                      t.spent_completion_tokens AS spent_out, t.cost_nanousd AS cost, t.first_token_ms, t.finished_at - t.received_at AS "whole_ms: i64"
               FROM chats c CROSS JOIN turns t ON t.chat_id = c.id AND t.started_at >= ?2 AND t.started_at < ?3
               WHERE (?1 IS NULL OR c.id = ?1) AND t.state <> 'running'"#,
            chat,
            from.0,
            to.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Row::record).collect()
    }

    /// Every call for work on memory from `from` to before `to`, those too that nothing came of: they were paid for.
    pub async fn use_of_memory(&self, chat: Option<ChatId>, from: Timestamp, to: Timestamp) -> Result<Vec<UseRecord>> {
        let chat = chat.map(|chat| chat.0);
        let rows = sqlx::query!(
            "SELECT chat_id, spent_at, purpose, model, prompt_tokens, cached_tokens, completion_tokens, seconds, cost_nanousd
             FROM spendings WHERE (?1 IS NULL OR chat_id = ?1) AND spent_at >= ?2 AND spent_at < ?3",
            chat,
            from.0,
            to.0
        )
        .fetch_all(&self.read)
        .await?;
        let records = rows.into_iter().map(|row| UseRecord {
            chat: row.chat_id.map(ChatId),
            at: Timestamp(row.spent_at),
            is_memory: true,
            purpose: Some(row.purpose),
            model: Some(row.model),
            state: TurnState::Done,
            predicted: None,
            reported: Some(count(row.prompt_tokens)),
            cached: row.cached_tokens.map(count),
            completion: Some(count(row.completion_tokens)),
            seconds: row.seconds.map(count),
            spent: None,
            cost_nanousd: row.cost_nanousd,
            first_token_ms: None,
            whole_ms: None,
        });
        Ok(records.collect())
    }
}

impl Row {
    fn record(self) -> Result<UseRecord> {
        Ok(UseRecord {
            chat: Some(ChatId(self.chat_id)),
            at: Timestamp(self.at),
            is_memory: false,
            purpose: None,
            model: self.model,
            state: name(&self.state)?,
            predicted: self.predicted.map(count),
            reported: self.reported.map(count),
            cached: self.cached.map(count),
            completion: self.completion.map(count),
            seconds: None,
            spent: self.spent_in.map(|spent| {
                [spent, self.spent_cached.unwrap_or_default(), self.spent_out.unwrap_or_default()].map(count)
            }),
            cost_nanousd: self.cost,
            first_token_ms: self.first_token_ms.map(count),
            whole_ms: self.whole_ms.map(count),
        })
    }
}
