//! Episodes as pages and the API see them, and taking one's consolidation back.

use souvenir_memory::{ChatId, EpisodeId, MessageId, Timestamp, receipt::Lost};

use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result, inspect::Page},
    store::{EpisodeRecord, OperationRecord},
};

/// An episode with its summary and receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct EpisodeItem {
    /// Its number.
    pub id: EpisodeId,
    /// Its first message.
    pub first: MessageId,
    /// Its last message so far.
    pub last: MessageId,
    /// How many messages of conversation it has.
    pub messages: u32,
    /// When it began.
    pub opened_at: Timestamp,
    /// When it was closed; none while it is open.
    pub closed_at: Option<Timestamp>,
    /// `idle`, `reset`, `topic` or `asked`.
    pub closed_by: Option<&'static str>,
    /// The last message that was consolidated.
    pub consolidated_through: Option<MessageId>,
    /// When its consolidation was taken back.
    pub reverted_at: Option<Timestamp>,
    /// Its summary in force.
    pub summary: Option<SummaryItem>,
    /// What became of what the model asked for.
    pub operations: Vec<OperationItem>,
}

/// A summary with its receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryItem {
    /// Its version.
    pub version: u32,
    /// The text.
    pub text: String,
    /// The first message it covers.
    pub first: MessageId,
    /// The last message it covers.
    pub covers_through: MessageId,
    /// Who wrote it.
    pub model: Option<String>,
    /// Tokens of the messages it covers.
    pub tokens_before: u32,
    /// Its own tokens.
    pub tokens_after: u32,
    /// What is in the messages and not in the summary.
    pub lost: Vec<Lost>,
    /// When it was written.
    pub recorded_at: Timestamp,
}

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationItem {
    /// `add`, `update` or `retract`.
    pub op: String,
    /// `added`, `pending`, `confirmed`, `updated`, `retracted`, `proposed` or `refused`.
    pub outcome: String,
    /// Why it waits or was refused.
    pub reason: Option<String>,
    /// The fact it came to.
    pub fact: Option<i64>,
    /// What the model would have it say.
    pub statement: Option<String>,
}

impl Engine {
    /// The episodes of a chat, newest first, a page from `cursor` on.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn episodes(&self, chat: ChatId, cursor: Option<EpisodeId>, limit: u32) -> Result<Page<EpisodeItem>> {
        self.record(chat).await?;
        self.follow(chat).await?;
        let mut items = Vec::new();
        let records = self.store().episodes(chat, cursor, limit + 1).await?;
        for record in records {
            let operations = self.store().operations(record.id).await?;
            items.push(item(record, operations));
        }
        Ok(page(items, limit, |episode| episode.id.0))
    }

    /// Takes back what consolidating an episode did to facts, and its summary. What a person touched since stays.
    ///
    /// # Errors
    /// [`EngineError::NoEpisode`]; [`EngineError::Invalid`] when there is nothing to take back.
    pub async fn revert_episode(&self, chat: ChatId, id: EpisodeId) -> Result<EpisodeItem> {
        self.record(chat).await?;
        self.store().episode(chat, id).await?.ok_or(EngineError::NoEpisode(id))?;
        let reverted = self.store().revert_episode(chat, id, self.now()).await?;
        let Some(operations) = reverted else {
            return Err(EngineError::invalid("episode", format!("episode {id} has no consolidation to take back")));
        };
        tracing::info!(chat.id = %chat, episode.id = %id, operations, "an episode's consolidation was taken back");
        self.emit(ChatEvent::Facts { chat });
        self.emit(ChatEvent::Episodes { chat });
        let record = self.store().episode(chat, id).await?.ok_or(EngineError::NoEpisode(id))?;
        Ok(item(record, Vec::new()))
    }
}

/// A page of a list of which one item more than wanted was read.
pub(in crate::engine) fn page<T>(mut items: Vec<T>, limit: u32, id: impl Fn(&T) -> i64) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| has_more).map(id);
    Page { items, next_cursor }
}

fn item(record: EpisodeRecord, operations: Vec<OperationRecord>) -> EpisodeItem {
    EpisodeItem {
        id: record.id,
        first: record.first,
        last: record.last,
        messages: record.messages,
        opened_at: record.opened_at,
        closed_at: record.closed_at,
        closed_by: record.closing.map(souvenir_memory::episode::Closing::as_str),
        consolidated_through: record.consolidated_through,
        reverted_at: record.reverted_at,
        summary: record.summary.map(|summary| SummaryItem {
            version: summary.version,
            text: summary.text,
            first: summary.first,
            covers_through: summary.covers_through,
            model: summary.model,
            tokens_before: summary.receipt.tokens_before.0,
            tokens_after: summary.receipt.tokens_after.0,
            lost: summary.receipt.lost,
            recorded_at: summary.recorded_at,
        }),
        operations: operations
            .into_iter()
            .map(|record| OperationItem {
                op: record.op,
                outcome: record.outcome,
                reason: record.reason,
                fact: record.fact,
                statement: record.statement,
            })
            .collect(),
    }
}
