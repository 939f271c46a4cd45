//! Turns: opened with the messages they answer, ended with the reply and the manifest in one transaction.
//!
//! `finish` writes the end, `manifests` keeps what the model saw, `read` gives turns back.

mod finish;
mod manifests;
mod read;

pub use finish::{Departure, FinishedTurn, Spent, Stored};
pub(super) use manifests::store_manifest;
use souvenir_memory::{ChatId, DeliveryState, Encoding, Message, MessageId, Timestamp, TokenCount, TurnId};

use super::{
    Result, Store,
    messages::{Counted, add_to_totals},
};

/// How far a turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnState {
    /// The model is being asked.
    Running,
    /// Answered.
    Done,
    /// Not answered, or not to the end.
    Failed,
    /// Stopped by a person; what was written is kept.
    Stopped,
}

impl TurnState {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

impl std::str::FromStr for TurnState {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        [Self::Running, Self::Done, Self::Failed, Self::Stopped]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("turn state {text}"))
    }
}

/// One turn, without its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnRecord {
    /// Its number.
    pub id: TurnId,
    /// Its chat.
    pub chat: ChatId,
    /// How far it is.
    pub state: TurnState,
    /// The stored reply.
    pub reply: Option<MessageId>,
    /// The model asked.
    pub model: Option<String>,
    /// Prompt tokens we expected to be reported.
    pub predicted: Option<TokenCount>,
    /// Prompt tokens reported.
    pub reported: Option<TokenCount>,
    /// Those from the provider's cache.
    pub cached: Option<TokenCount>,
    /// The answer's tokens, as reported or counted.
    pub completion: Option<TokenCount>,
    /// What it cost, in billionths of a dollar; none when the price is not known.
    pub cost_nanousd: Option<i64>,
    /// How many requests were answered, the model's searches among them.
    pub requests: Option<u32>,
    /// Attempts that failed and were made again.
    pub retries: Option<u32>,
    /// Why it failed.
    pub error: Option<String>,
    /// When its first message was stored.
    pub received_at: Timestamp,
    /// When it began.
    pub started_at: Timestamp,
    /// Building the context, in milliseconds.
    pub context_ms: Option<i64>,
    /// From the request to the first text, in milliseconds.
    pub first_token_ms: Option<i64>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What became of the reply, or of the words in its place.
    pub delivery: Option<DeliveryState>,
    /// Why it did not arrive.
    pub delivery_error: Option<String>,
    /// When that was known.
    pub delivered_at: Option<Timestamp>,
}

impl Store {
    /// Opens a turn for `messages` and records their counts, made since they were stored. None when one of them
    /// was forgotten meanwhile.
    pub async fn open_turn(
        &self,
        chat: ChatId,
        messages: &[Message],
        counted: &[Counted],
        encoding: Encoding,
        now: Timestamp,
    ) -> Result<Option<TurnId>> {
        let received_at = messages.first().map_or(now, |message| message.at).min(now);
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        let turn = sqlx::query_scalar!(
            r#"INSERT INTO turns (chat_id, state, received_at, started_at) VALUES (?, 'running', ?, ?) RETURNING id AS "id!""#,
            chat.0,
            received_at.0,
            now.0
        )
        .fetch_one(&mut *tx)
        .await?;
        for message in messages {
            let found = sqlx::query!("UPDATE messages SET turn_id = ? WHERE id = ?", turn, message.id.0)
                .execute(&mut *tx)
                .await?;
            if found.rows_affected() == 0 {
                return Ok(None);
            }
        }
        for counted in counted {
            add_to_totals(&mut tx, chat, encoding, counted).await?;
        }
        Self::commit(tx).await?;
        marks.arrived();
        Ok(Some(TurnId(turn)))
    }

    /// The turn of a chat that is said to be running: at most one is, and only while somebody makes its answer.
    pub async fn running_turn(&self, chat: ChatId) -> Result<Option<TurnId>> {
        // Left to itself, SQLite would look through all turns of the chat.
        let found = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM turns INDEXED BY turns_running WHERE state = 'running' AND chat_id = ? LIMIT 1"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(found.map(TurnId))
    }

    /// Turns that nobody is making any more, of one chat or of all: they are marked failed, and their messages wait for
    /// an answer again. Gives how many there were.
    pub async fn recover_turns(&self, chat: Option<ChatId>, now: Timestamp) -> Result<u64> {
        let chat = chat.map(|chat| chat.0);
        let mut tx = self.begin().await?;
        sqlx::query!(
            r#"UPDATE messages SET turn_id = NULL
               WHERE turn_id IN (SELECT id FROM turns WHERE state = 'running' AND (?1 IS NULL OR chat_id = ?1))"#,
            chat
        )
        .execute(&mut *tx)
        .await?;
        let ended = sqlx::query!(
            r#"UPDATE turns SET state = 'failed', error = 'souvenir stopped before the answer; it was asked again',
                                finished_at = ?2 WHERE state = 'running' AND (?1 IS NULL OR chat_id = ?1)"#,
            chat,
            now.0
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        Self::commit(tx).await?;
        Ok(ended)
    }
}
