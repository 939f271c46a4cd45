//! Facts on the wire.

use serde::Serialize;
use souvenir_memory::Fact;
use utoipa::ToSchema;

use super::wire::Time;
use crate::engine::facts::{EvidenceItem, FactItem};

/// One version of a fact.
#[derive(Serialize, ToSchema)]
pub(super) struct FactVersionView {
    /// The fact, through all its versions.
    id: i64,
    version: u32,
    kind: &'static str,
    /// Whom or what it is about.
    subject: Option<String>,
    statement: String,
    /// `active`, `pending`, `superseded`, `retracted`, `tombstoned`.
    status: &'static str,
    /// Kept first in every context, and closed to models.
    pinned: bool,
    /// Whose word it is: `extracted`, `owner`, `chatter`, `imported`.
    source: &'static str,
    /// From 0 to 1.
    confidence: f64,
    /// Goals: `open`, `done`, `dropped`.
    state: Option<&'static str>,
    due_at: Option<Time>,
    /// From when it is true.
    valid_at: Option<Time>,
    /// Since when it is no longer true.
    invalid_at: Option<Time>,
    /// When this version was written down.
    recorded_at: Time,
    /// When this version was replaced or ended.
    expired_at: Option<Time>,
    /// When the first version was written down.
    created_at: Time,
}

impl From<Fact> for FactVersionView {
    fn from(fact: Fact) -> Self {
        Self {
            id: fact.id.0,
            version: fact.version,
            kind: fact.kind.as_str(),
            subject: fact.subject,
            statement: fact.statement,
            status: fact.status.as_str(),
            pinned: fact.pinned,
            source: fact.source.as_str(),
            confidence: fact.confidence,
            state: fact.goal_state.map(|state| state.as_str()),
            due_at: fact.due_at.map(Time),
            valid_at: fact.valid_at.map(Time),
            invalid_at: fact.invalid_at.map(Time),
            recorded_at: fact.recorded_at.into(),
            expired_at: fact.expired_at.map(Time),
            created_at: fact.created_at.into(),
        }
    }
}

/// A fact as it is now, with its evidence and its use.
#[derive(Serialize, ToSchema)]
pub(super) struct FactView {
    #[serde(flatten)]
    fact: FactVersionView,
    /// Tokens of its line in the prompt.
    tokens: u32,
    /// How many contexts held it.
    use_count: u64,
    /// What it cost in them.
    used_tokens: u64,
    last_used_at: Option<Time>,
    last_used_turn_id: Option<i64>,
    evidence: Vec<EvidenceView>,
}

/// Where a fact comes from.
#[derive(Serialize, ToSchema)]
struct EvidenceView {
    /// The version of the fact that rests on it.
    version: u32,
    message_id: i64,
    /// The words it rests on.
    quote: String,
    /// Their first byte in the message's text as it was then, in UTF-8.
    start: usize,
    /// One past their last byte.
    end: usize,
}

impl From<EvidenceItem> for EvidenceView {
    fn from(evidence: EvidenceItem) -> Self {
        Self {
            version: evidence.version,
            message_id: evidence.message.0,
            quote: evidence.quote,
            start: evidence.start,
            end: evidence.end,
        }
    }
}

impl From<FactItem> for FactView {
    fn from(item: FactItem) -> Self {
        Self {
            fact: item.fact.into(),
            tokens: item.tokens.0,
            use_count: item.uses,
            used_tokens: item.used_tokens,
            last_used_at: item.last_used_at.map(Time),
            last_used_turn_id: item.last_used_turn.map(|turn| turn.0),
            evidence: item.evidence.into_iter().map(EvidenceView::from).collect(),
        }
    }
}
