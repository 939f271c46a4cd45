//! Turns: opened with the messages they answer, ended with the reply and the manifest in one transaction.

use souvenir_memory::{
    ChatId, Encoding, Message, MessageId, MessageKind, Role, Source, Timestamp, TokenCount, TurnId, manifest::Manifest,
};
use sqlx::{Sqlite, Transaction};

use super::{
    Result, Store, StoreError, count,
    messages::{Counted, Destination, NewMessage, index, insert},
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

/// What became of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Stored, not yet sent.
    Composed,
    /// On its way.
    Sending,
    /// Arrived.
    Sent,
    /// It may have arrived.
    Unknown,
    /// It did not arrive.
    Failed,
}

macro_rules! state_names {
    ($type:ty { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// Its name in the database and on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> std::result::Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("state {other}")),
                }
            }
        }
    };
}

state_names!(TurnState { Running = "running", Done = "done", Failed = "failed", Stopped = "stopped" });
state_names!(DeliveryState {
    Composed = "composed",
    Sending = "sending",
    Sent = "sent",
    Unknown = "unknown",
    Failed = "failed",
});

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
    /// What became of the reply.
    pub delivery: Option<DeliveryState>,
    /// Why it did not arrive.
    pub delivery_error: Option<String>,
    /// When that was known.
    pub delivered_at: Option<Timestamp>,
}

/// How a turn ended.
#[derive(Clone, Debug)]
pub struct FinishedTurn<'a> {
    /// The turn.
    pub turn: TurnId,
    /// Its chat.
    pub chat: ChatId,
    /// Done, failed or stopped.
    pub state: TurnState,
    /// The reply's text, tokens and words; none when there is none.
    pub reply: Option<(&'a str, TokenCount, Vec<String>)>,
    /// Which door the reply leaves by.
    pub source: Source,
    /// The encoding of all counts.
    pub encoding: Encoding,
    /// The model asked.
    pub model: &'a str,
    /// The record of what the model saw; none when no context could be built.
    pub manifest: Option<&'a Manifest>,
    /// The answer's tokens.
    pub completion: Option<TokenCount>,
    /// The cost in billionths of a dollar.
    pub cost_nanousd: Option<i64>,
    /// Why it failed.
    pub error: Option<&'a str>,
    /// Building the context, in milliseconds.
    pub context_ms: i64,
    /// From the request to the first text, in milliseconds.
    pub first_token_ms: Option<i64>,
    /// The chat's next trim mark.
    pub trim_mark: Option<MessageId>,
}

impl Store {
    /// Opens a turn for `messages` and records their counts and words, found since they were stored.
    pub async fn open_turn(
        &self,
        chat: ChatId,
        messages: &[Message],
        counted: &[Counted],
        encoding: Encoding,
        now: Timestamp,
    ) -> Result<TurnId> {
        let received_at = messages.first().map_or(now, |message| message.at).min(now);
        let mut tx = self.begin().await?;
        let turn = sqlx::query_scalar!(
            r#"INSERT INTO turns (chat_id, state, received_at, started_at) VALUES (?, 'running', ?, ?) RETURNING id AS "id!""#,
            chat.0,
            received_at.0,
            now.0
        )
        .fetch_one(&mut *tx)
        .await?;
        for message in messages {
            sqlx::query!("UPDATE messages SET turn_id = ? WHERE id = ?", turn, message.id.0).execute(&mut *tx).await?;
        }
        for counted in counted {
            index(&mut tx, chat, encoding, counted).await?;
        }
        tx.commit().await?;
        Ok(TurnId(turn))
    }

    /// Ends a turn: reply, manifest, figures and the use of facts, all or nothing.
    pub async fn finish_turn(&self, end: &FinishedTurn<'_>, now: Timestamp) -> Result<Option<MessageId>> {
        let mut tx = self.begin().await?;
        let reply = match &end.reply {
            Some((text, tokens, terms)) => Some(store_reply(&mut tx, end, text, *tokens, terms, now).await?),
            None => None,
        };
        update_turn(&mut tx, end, reply, now).await?;
        if let Some(manifest) = end.manifest {
            store_manifest(&mut tx, end.turn, manifest).await?;
            super::facts::count_use(&mut tx, end.turn, manifest, now).await?;
        }
        // A turn without a context leaves the mark where it was.
        if end.manifest.is_some() {
            let mark = end.trim_mark.map(|mark| mark.0);
            sqlx::query!("UPDATE chats SET trim_mark = ? WHERE id = ?", mark, end.chat.0).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(reply)
    }

    /// Turns that a crash left running: they are marked failed, and their messages wait for an answer again.
    pub async fn recover_turns(&self, now: Timestamp) -> Result<u64> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            "UPDATE messages SET turn_id = NULL WHERE turn_id IN (SELECT id FROM turns WHERE state = 'running')"
        )
        .execute(&mut *tx)
        .await?;
        let ended = sqlx::query!(
            r#"UPDATE turns SET state = 'failed', error = 'souvenir stopped before the answer; it was asked again',
                                finished_at = ? WHERE state = 'running'"#,
            now.0
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        Ok(ended)
    }

    /// Records what became of a reply, and Telegram's ids of its parts.
    pub async fn set_delivery(
        &self,
        turn: TurnId,
        state: DeliveryState,
        error: Option<&str>,
        telegram_message_ids: &[i64],
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let name = state.as_str();
        sqlx::query!(
            "UPDATE turns SET delivery = ?, delivery_error = ?, delivered_at = ? WHERE id = ?",
            name,
            error,
            now.0,
            turn.0
        )
        .execute(&mut *tx)
        .await?;
        for (part, id) in (0_i64..).zip(telegram_message_ids) {
            sqlx::query!(
                r#"INSERT OR REPLACE INTO deliveries (turn_id, part, state, telegram_message_id, updated_at)
                   VALUES (?, ?, 'sent', ?, ?)"#,
                turn.0,
                part,
                id,
                now.0
            )
            .execute(&mut *tx)
            .await?;
        }
        if let Some(first) = telegram_message_ids.first() {
            sqlx::query!(
                r#"UPDATE messages SET telegram_message_id = ?
                   WHERE id = (SELECT reply_id FROM turns WHERE turns.id = ?)"#,
                first,
                turn.0
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The manifest of a turn; none when it never had a context.
    pub async fn manifest(&self, turn: TurnId) -> Result<Option<Manifest>> {
        let body = sqlx::query_scalar!("SELECT body FROM manifests WHERE turn_id = ?", turn.0)
            .fetch_optional(&self.read)
            .await?;
        body.map(|body| inflate(&body)).transpose()
    }

    /// Keeps a prompt text under its hash.
    pub async fn keep_prompt(&self, sha256: &str, text: &str, now: Timestamp) -> Result<()> {
        sqlx::query!("INSERT OR IGNORE INTO prompts (sha256, text, created_at) VALUES (?, ?, ?)", sha256, text, now.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// A prompt text by its hash.
    pub async fn prompt(&self, sha256: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("SELECT text FROM prompts WHERE sha256 = ?", sha256).fetch_optional(&self.read).await?)
    }
}

async fn store_reply(
    tx: &mut Transaction<'static, Sqlite>,
    end: &FinishedTurn<'_>,
    text: &str,
    tokens: TokenCount,
    terms: &[String],
    now: Timestamp,
) -> Result<MessageId> {
    let new = NewMessage {
        destination: Destination::Chat(end.chat),
        update: None,
        role: Role::Assistant,
        kind: MessageKind::Text,
        source: end.source,
        author: None,
        author_id: None,
        telegram_message_id: None,
        reply_to: None,
        forwarded_from: None,
        text,
        said_at: now,
    };
    let (id, revision) = insert(tx, end.chat, &new, now).await?;
    sqlx::query!("UPDATE messages SET turn_id = ? WHERE id = ?", end.turn.0, id.0).execute(&mut **tx).await?;
    index(tx, end.chat, end.encoding, &Counted { message: id, revision, tokens, terms: terms.to_vec() }).await?;
    Ok(id)
}

async fn update_turn(
    tx: &mut Transaction<'static, Sqlite>,
    end: &FinishedTurn<'_>,
    reply: Option<MessageId>,
    now: Timestamp,
) -> Result<()> {
    let (state, encoding, reply) = (end.state.as_str(), end.encoding.as_str(), reply.map(|id| id.0));
    let totals = end.manifest.map(|manifest| manifest.totals);
    let predicted = totals.map(|totals| totals.predicted.0);
    let reported = totals.and_then(|totals| totals.reported).map(|tokens| tokens.0);
    let cached = totals.and_then(|totals| totals.cached).map(|tokens| tokens.0);
    let completion = end.completion.map(|tokens| tokens.0);
    let delivery = reply.map(|_| "composed");
    sqlx::query!(
        r#"UPDATE turns SET state = ?, reply_id = ?, model = ?, encoding = ?, predicted_tokens = ?, reported_tokens = ?,
                  cached_tokens = ?, completion_tokens = ?, cost_nanousd = ?, error = ?, context_ms = ?,
                  first_token_ms = ?, finished_at = ?, delivery = ?
           WHERE id = ?"#,
        state,
        reply,
        end.model,
        encoding,
        predicted,
        reported,
        cached,
        completion,
        end.cost_nanousd,
        end.error,
        end.context_ms,
        end.first_token_ms,
        now.0,
        delivery,
        end.turn.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn store_manifest(tx: &mut Transaction<'static, Sqlite>, turn: TurnId, manifest: &Manifest) -> Result<()> {
    let body = deflate(manifest)?;
    sqlx::query!("INSERT OR REPLACE INTO manifests (turn_id, body) VALUES (?, ?)", turn.0, body)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Manifests repeat themselves much: deflated they take about an eighth.
fn deflate(manifest: &Manifest) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    serde_json::to_writer(&mut encoder, manifest).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    encoder.finish().map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn inflate(body: &[u8]) -> Result<Manifest> {
    serde_json::from_reader(flate2::read::ZlibDecoder::new(body))
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A row of `turns`.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) chat_id: i64,
    pub(super) state: String,
    pub(super) reply_id: Option<i64>,
    pub(super) model: Option<String>,
    pub(super) predicted_tokens: Option<i64>,
    pub(super) reported_tokens: Option<i64>,
    pub(super) cached_tokens: Option<i64>,
    pub(super) completion_tokens: Option<i64>,
    pub(super) cost_nanousd: Option<i64>,
    pub(super) error: Option<String>,
    pub(super) received_at: i64,
    pub(super) started_at: i64,
    pub(super) context_ms: Option<i64>,
    pub(super) first_token_ms: Option<i64>,
    pub(super) finished_at: Option<i64>,
    pub(super) delivery: Option<String>,
    pub(super) delivery_error: Option<String>,
    pub(super) delivered_at: Option<i64>,
}

impl TryFrom<Row> for TurnRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let tokens = |value: Option<i64>| value.map(|value| TokenCount(count(value)));
        Ok(Self {
            id: TurnId(row.id),
            chat: ChatId(row.chat_id),
            state: super::name(&row.state)?,
            reply: row.reply_id.map(MessageId),
            model: row.model,
            predicted: tokens(row.predicted_tokens),
            reported: tokens(row.reported_tokens),
            cached: tokens(row.cached_tokens),
            completion: tokens(row.completion_tokens),
            cost_nanousd: row.cost_nanousd,
            error: row.error,
            received_at: Timestamp(row.received_at),
            started_at: Timestamp(row.started_at),
            context_ms: row.context_ms,
            first_token_ms: row.first_token_ms,
            finished_at: row.finished_at.map(Timestamp),
            delivery: row.delivery.as_deref().map(super::name).transpose()?,
            delivery_error: row.delivery_error,
            delivered_at: row.delivered_at.map(Timestamp),
        })
    }
}
