//! A chat to decide on.

use super::super::{Borrowed, Change, Citation, Evidence, Ground, Op, Operation, Place, Proposal, Utterance, decide};
use crate::{
    ChatId, Fact, FactId, FactKind, FactSource, FactStatus, MessageId, MessageKind, RevisionId, Role, Timestamp,
    TokenCount,
};

/// Everything the rules stand on, owned.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    pub(super) utterances: Vec<Utterance>,
    pub(super) facts: Vec<Fact>,
    pub(super) evidence: Vec<(FactId, Evidence)>,
    pub(super) deleted: Vec<String>,
    pub(super) buried: Vec<(MessageId, Place)>,
    pub(super) waiting: Vec<Proposal>,
    pub(super) group: bool,
}

impl Scene {
    pub(super) fn decide(&self, operations: &[Operation]) -> Vec<Change> {
        let shown: Vec<FactId> = self.facts.iter().map(|fact| fact.id).collect();
        decide(
            &Ground {
                utterances: &self.utterances,
                facts: &self.facts,
                evidence: &self.evidence,
                shown: &shown,
                is_deleted: &|statement| self.deleted.iter().any(|deleted| deleted == statement),
                buried: &self.buried,
                waiting: &self.waiting,
                group: self.group,
                moment: &moment,
            },
            operations,
        )
    }

    pub(super) fn one(&self, operation: Operation) -> Change {
        self.decide(&[operation]).remove(0)
    }
}

/// A day of the years about 2026, near enough for what is reckoned from it.
fn moment(text: &str) -> Option<Timestamp> {
    let mut parts = text.split('-').filter_map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let days = (year - 1970) * 365 + (year - 1969) / 4 + (month - 1) * 304 / 10 + day - 1;
    Some(Timestamp(days * 86_400_000))
}

/// A person's message.
pub(super) fn says(id: i64, author: &str, text: &str) -> Utterance {
    Utterance {
        message: MessageId(id),
        revision: RevisionId(id + 100),
        turn: None,
        role: Role::User,
        kind: MessageKind::Text,
        author: Some(author.to_owned()),
        borrowed: None,
        text: text.to_owned(),
        words_from: 0,
        tokens: TokenCount(10),
        at: Timestamp(id * 1000),
    }
}

/// The bot's message.
pub(super) fn bot(id: i64, text: &str) -> Utterance {
    Utterance { role: Role::Assistant, author: None, ..says(id, "", text) }
}

/// A person's forward.
pub(super) fn forwards(id: i64, author: &str, from: &str, text: &str) -> Utterance {
    Utterance { borrowed: Some(Borrowed::Forward(from.to_owned())), ..says(id, author, text) }
}

/// A fact that a model found.
pub(super) fn fact(id: i64, subject: &str, statement: &str) -> Fact {
    Fact {
        id: FactId(id),
        chat: ChatId(1),
        version: 1,
        kind: FactKind::Identity,
        subject: (!subject.is_empty()).then(|| subject.to_owned()),
        statement: statement.to_owned(),
        status: FactStatus::Active,
        pinned: false,
        source: FactSource::Extracted,
        confidence: 0.8,
        goal_state: None,
        due_at: None,
        valid_at: None,
        invalid_at: None,
        recorded_at: Timestamp(0),
        expired_at: None,
        created_at: Timestamp(0),
    }
}

/// An operation with one quote.
pub(super) fn op(op: Op, fact: Option<i64>, subject: &str, statement: &str, message: i64, quote: &str) -> Operation {
    Operation {
        op,
        fact_id: fact,
        kind: Some("identity".to_owned()),
        subject: (!subject.is_empty()).then(|| subject.to_owned()),
        statement: Some(statement.to_owned()),
        valid_at: None,
        due_at: None,
        goal_state: None,
        evidence: vec![Citation { message_id: message, quote: quote.to_owned() }],
        unreadable: None,
    }
}

/// A new fact with one quote.
pub(super) fn add(subject: &str, statement: &str, message: i64, quote: &str) -> Operation {
    op(Op::Add, None, subject, statement, message, quote)
}
