//! The end of a turn: everything there is to say about it, in one transaction.

use souvenir_memory::{
    ChatId, DeliveryState, Encoding, MessageId, MessageKind, Role, Source, Timestamp, TokenCount, TurnId,
    manifest::Manifest,
};
use sqlx::{Sqlite, Transaction};

use super::{TurnState, manifests::store_manifest};
use crate::store::{
    Result, Store,
    deliveries::mark_sending,
    forget::forgotten_since,
    lessons::{Report, learn},
    messages::{Counted, NewMessage, add_to_totals, insert},
    model_searches::{ModelSearch, insert_searches},
};

/// How a turn ended.
#[derive(Clone, Debug)]
pub struct FinishedTurn<'a> {
    /// The turn.
    pub turn: TurnId,
    /// Its chat.
    pub chat: ChatId,
    /// Done, failed or stopped.
    pub state: TurnState,
    /// The reply's text and tokens; none when there is none.
    pub reply: Option<(&'a str, TokenCount)>,
    /// What the person is told in place of a reply: part of history, never of a context.
    pub notice: Option<&'a str>,
    /// How reply or notice leave.
    pub departure: Departure<'a>,
    /// Which door the reply leaves by.
    pub source: Source,
    /// The encoding of all counts.
    pub encoding: Encoding,
    /// The model asked.
    pub model: &'a str,
    /// The record of what the model saw; none when no context could be built.
    pub manifest: Option<&'a Manifest>,
    /// What the provider counted where we counted, if there is anything to learn from it.
    pub report: Option<Report<'a>>,
    /// The answer's tokens.
    pub completion: Option<TokenCount>,
    /// What the model looked for meanwhile.
    pub searches: &'a [ModelSearch],
    /// What all requests together took, as far as was reported.
    pub spent: Option<Spent>,
    /// How many requests were answered, and how many attempts failed.
    pub requests: (u32, u32),
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

/// What the requests of a turn took together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Tokens of prompts.
    pub prompt: TokenCount,
    /// Of these, tokens from the provider's cache.
    pub cached: Option<TokenCount>,
    /// Tokens written.
    pub completion: TokenCount,
}

/// What became of the words of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// They are part of history, if there were any.
    Kept(Option<MessageId>),
    /// They may hold what was forgotten meanwhile, and are not kept.
    Abandoned,
}

/// How a reply leaves once it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure<'a> {
    /// It is shown where it was asked for: with that it has arrived.
    Shown,
    /// It is sent in parts.
    InParts {
        /// The door's word for how it cuts.
        format: &'a str,
        /// How many parts.
        parts: u32,
        /// Whether the first goes out at once, so that this commit marks it as going out.
        at_once: bool,
    },
}

impl Departure<'_> {
    fn state(self) -> DeliveryState {
        match self {
            Self::Shown => DeliveryState::Sent,
            Self::InParts { at_once: true, .. } => DeliveryState::Sending,
            Self::InParts { at_once: false, .. } => DeliveryState::Composed,
        }
    }
}

impl Store {
    /// Ends a turn: reply, manifest, figures, the use of facts and the first step of the delivery, all or nothing. Gives
    /// the stored words: the reply's or the notice's.
    ///
    /// Where something of the chat was forgotten while the answer was being made, nothing of it is stored: it may hold
    /// the words.
    pub async fn finish_turn(&self, end: &FinishedTurn<'_>, now: Timestamp) -> Result<Stored> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        if forgotten_since(&mut tx, end.chat, end.turn).await? {
            abandon(&mut tx, end, now).await?;
            Self::commit(tx).await?;
            marks.arrived();
            return Ok(Stored::Abandoned);
        }
        let reply = match &end.reply {
            Some((text, tokens)) => Some(store_reply(&mut tx, end, text, *tokens, now).await?),
            None => None,
        };
        let notice = match end.notice.filter(|_| reply.is_none()) {
            Some(text) => {
                Some(insert(&mut tx, end.chat, &own_words(end, MessageKind::Service, text, now), now).await?.0)
            }
            None => None,
        };
        update_turn(&mut tx, end, reply, now).await?;
        if let Some(outgoing) = reply.or(notice) {
            depart(&mut tx, end, outgoing, now).await?;
        }
        if let Some(manifest) = end.manifest {
            store_manifest(&mut tx, end.chat, end.turn, manifest).await?;
            crate::store::facts::count_use(&mut tx, end.turn, manifest, now).await?;
            // A turn without a context leaves the mark where it was.
            let mark = end.trim_mark.map(|mark| mark.0);
            sqlx::query!("UPDATE chats SET trim_mark = ? WHERE id = ?", mark, end.chat.0).execute(&mut *tx).await?;
        }
        insert_searches(&mut tx, end.turn, end.searches).await?;
        if let Some(report) = &end.report {
            learn(&mut tx, report, now).await?;
        }
        Self::commit(tx).await?;
        marks.arrived();
        Ok(Stored::Kept(reply.or(notice)))
    }
}

/// Ends a turn without a word of it.
async fn abandon(tx: &mut Transaction<'static, Sqlite>, end: &FinishedTurn<'_>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        r#"UPDATE turns SET state = 'stopped', error = 'something was forgotten while this was being answered',
                            finished_at = ? WHERE id = ?"#,
        now.0,
        end.turn.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn own_words<'a>(end: &FinishedTurn<'_>, kind: MessageKind, text: &'a str, now: Timestamp) -> NewMessage<'a> {
    NewMessage { role: Role::Assistant, kind, ..NewMessage::said(end.chat, end.source, text, now) }
}

async fn store_reply(
    tx: &mut Transaction<'static, Sqlite>,
    end: &FinishedTurn<'_>,
    text: &str,
    tokens: TokenCount,
    now: Timestamp,
) -> Result<MessageId> {
    let (id, revision) = insert(tx, end.chat, &own_words(end, MessageKind::Text, text, now), now).await?;
    sqlx::query!("UPDATE messages SET turn_id = ? WHERE id = ?", end.turn.0, id.0).execute(&mut **tx).await?;
    add_to_totals(tx, end.chat, end.encoding, &Counted { message: id, revision, tokens }).await?;
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
    let spent_prompt = end.spent.map(|spent| spent.prompt.0);
    let spent_cached = end.spent.and_then(|spent| spent.cached).map(|tokens| tokens.0);
    let spent_completion = end.spent.map(|spent| spent.completion.0);
    sqlx::query!(
        r#"UPDATE turns SET state = ?, reply_id = ?, model = ?, encoding = ?, predicted_tokens = ?, reported_tokens = ?,
                  cached_tokens = ?, completion_tokens = ?, cost_nanousd = ?, error = ?, context_ms = ?,
                  first_token_ms = ?, finished_at = ?, requests = ?, retries = ?, spent_prompt_tokens = ?,
                  spent_cached_tokens = ?, spent_completion_tokens = ?
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
        end.requests.0,
        end.requests.1,
        spent_prompt,
        spent_cached,
        spent_completion,
        end.turn.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The words of a turn begin their way out.
async fn depart(
    tx: &mut Transaction<'static, Sqlite>,
    end: &FinishedTurn<'_>,
    outgoing: MessageId,
    now: Timestamp,
) -> Result<()> {
    let state = end.departure.state();
    let (format, parts, at_once) = match end.departure {
        Departure::Shown => (None, 1, false),
        Departure::InParts { format, parts, at_once } => (Some(format), parts, at_once),
    };
    let (name, delivered_at) = (state.as_str(), (state == DeliveryState::Sent).then_some(now.0));
    sqlx::query!(
        r#"UPDATE turns SET outgoing_id = ?, delivery = ?, delivery_format = ?, delivery_parts = ?, delivered_at = ?
           WHERE id = ?"#,
        outgoing.0,
        name,
        format,
        parts,
        delivered_at,
        end.turn.0
    )
    .execute(&mut **tx)
    .await?;
    if at_once {
        mark_sending(tx, end.turn, 0, now).await?;
    }
    Ok(())
}
