//! Facts as people change them. A person's word is a new version; a deletion leaves a tombstone; both can be undone.

use sha2::{Digest, Sha256};
use souvenir_memory::{
    ChatId, Fact, FactId, FactKind, FactSource, FactStatus, GoalState, MessageId, Timestamp, TokenCount, TokenCounter,
    TurnId, consolidation::Evidence, fact::clean_statement, prompt::fact_line,
};

use super::{ChatEvent, Engine, EngineError, error::Result};
use crate::store::{FactChange, FactRecord, NewFact};

/// Which facts to list. By default everything but tombstones, as it is now.
#[derive(Clone, Copy, Debug, Default)]
pub struct FactQuery {
    /// As they were then.
    pub as_of: Option<Timestamp>,
    /// Only this kind.
    pub kind: Option<FactKind>,
    /// Only goals in this state.
    pub state: Option<GoalState>,
    /// Only facts that stand so; the one way to see tombstones.
    pub status: Option<FactStatus>,
}

/// A fact with its cost, its use and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct FactItem {
    /// The fact.
    pub fact: Fact,
    /// In how many contexts it was.
    pub uses: u64,
    /// The tokens it cost there, all together.
    pub used_tokens: u64,
    /// The last turn that had it.
    pub last_used_turn: Option<TurnId>,
    /// When that was.
    pub last_used_at: Option<Timestamp>,
    /// Tokens of its line in a context.
    pub tokens: TokenCount,
    /// What it rests on.
    pub evidence: Vec<EvidenceItem>,
}

/// A quote that a fact rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceItem {
    /// The fact's version.
    pub version: u32,
    /// The message.
    pub message: MessageId,
    /// The words, verbatim.
    pub quote: String,
    /// Their first byte in the text of the revision they stand in.
    pub start: usize,
    /// One past their last byte.
    pub end: usize,
}

/// A fact as a person writes it: only the statement is required.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactDraft {
    /// One sentence.
    pub statement: String,
    /// What it is about; `other` when not said.
    pub kind: Option<FactKind>,
    /// Whom it is about.
    pub subject: Option<String>,
    /// Kept first, and closed to models.
    pub pinned: bool,
    /// Goals only; open when not said.
    pub goal_state: Option<GoalState>,
    /// Goals and tasks.
    pub due_at: Option<Timestamp>,
    /// From when it is true.
    pub valid_at: Option<Timestamp>,
}

/// A person's change to a fact: what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactPatch {
    /// The statement.
    pub statement: Option<String>,
    /// The kind.
    pub kind: Option<FactKind>,
    /// The subject, or its removal.
    pub subject: Option<Option<String>>,
    /// The pin.
    pub pinned: Option<bool>,
    /// Active, pending or retracted.
    pub status: Option<FactStatus>,
    /// How far a goal is.
    pub goal_state: Option<GoalState>,
    /// The due date, or its removal.
    pub due_at: Option<Option<Timestamp>>,
    /// From when it is true.
    pub valid_at: Option<Option<Timestamp>>,
    /// Since when no longer.
    pub invalid_at: Option<Option<Timestamp>>,
}

impl Engine {
    /// The facts of a chat, pinned first, then oldest first: the order of the prompt.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn facts(&self, chat: ChatId, query: FactQuery) -> Result<Vec<FactItem>> {
        self.record(chat).await?;
        let records = match query.as_of {
            Some(then) => self.store().facts_believed(chat, then).await?,
            None => self.store().facts(chat, self.now()).await?,
        };
        let mut items = Vec::new();
        for record in records.into_iter().filter(|record| query.admits(&record.fact)) {
            items.push(self.fact_item(record).await?);
        }
        Ok(items)
    }

    /// Every version of a fact, oldest first.
    ///
    /// # Errors
    /// [`EngineError::NoFact`] when this chat has no such fact.
    pub async fn fact_history(&self, chat: ChatId, fact: FactId) -> Result<Vec<Fact>> {
        let versions = self.store().fact_versions(chat, fact).await?;
        if versions.is_empty() {
            return Err(EngineError::NoFact(fact));
        }
        Ok(versions.into_iter().map(|record| record.fact).collect())
    }

    /// Adds a fact on a person's word.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for an unusable statement.
    pub async fn add_fact(&self, chat: ChatId, draft: FactDraft, by: FactSource) -> Result<FactItem> {
        self.add_resting_on(chat, draft, by, &[]).await
    }

    /// Adds a fact on a person's word, with what it rests on.
    pub(super) async fn add_resting_on(
        &self,
        chat: ChatId,
        draft: FactDraft,
        by: FactSource,
        evidence: &[Evidence],
    ) -> Result<FactItem> {
        self.record(chat).await?;
        let kind = draft.kind.unwrap_or(FactKind::Other);
        let new = NewFact {
            kind,
            subject: clean_subject(draft.subject)?,
            statement: statement(&draft.statement)?,
            status: FactStatus::Active,
            source: by,
            confidence: 1.0,
            goal_state: goal_state(kind, draft.goal_state),
            due_at: draft.due_at,
            valid_at: draft.valid_at,
            invalid_at: None,
        };
        let id = self.store().add_fact(chat, &new, draft.pinned, evidence, self.now()).await?;
        self.emit(ChatEvent::Facts { chat });
        self.fact(chat, id).await
    }

    /// Changes a fact on a person's word: a new version where the text changes, and from then on closed to models.
    ///
    /// # Errors
    /// [`EngineError::NoFact`], [`EngineError::Invalid`].
    pub async fn edit_fact(&self, chat: ChatId, fact: FactId, patch: FactPatch, by: FactSource) -> Result<FactItem> {
        // What is read of the fact here must not be written back after it was forgotten.
        let _forgetting = self.inner.forgetting.read().await;
        let current = self.current(chat, fact).await?;
        if current.status == FactStatus::Tombstoned {
            return Err(EngineError::invalid("fact", format!("fact {fact} is deleted: restore it first")));
        }
        let before = NewFact::from(&current);
        let mut next = apply(&before, &patch)?;
        let changed = next != before;
        next.source = by;
        let pinned = patch.pinned.filter(|pinned| *pinned != current.pinned);
        let change = FactChange { next: changed.then_some(next), pinned, ..FactChange::default() };
        self.change(chat, fact, &change).await
    }

    /// Deletes a fact: it leaves every context and is not to be learnt again. [`Engine::restore_fact`] undoes it.
    ///
    /// # Errors
    /// [`EngineError::NoFact`].
    pub async fn delete_fact(&self, chat: ChatId, fact: FactId) -> Result<()> {
        // What is read of the fact here must not be written back after it was forgotten.
        let _forgetting = self.inner.forgetting.read().await;
        let current = self.current(chat, fact).await?;
        if current.status == FactStatus::Tombstoned {
            return Ok(());
        }
        let hash = self.statement_hash(current.subject.as_deref(), &current.statement);
        let next = NewFact { status: FactStatus::Tombstoned, ..NewFact::from(&current) };
        let change = FactChange {
            next: Some(next),
            pinned: current.pinned.then_some(false),
            tombstone: Some(hash),
            lift_tombstones: false,
        };
        self.change(chat, fact, &change).await?;
        Ok(())
    }

    /// Brings a fact back: a deleted one as it was, or any earlier version as the newest.
    ///
    /// # Errors
    /// [`EngineError::NoFact`]; [`EngineError::Invalid`] when there is no such version.
    pub async fn restore_fact(&self, chat: ChatId, fact: FactId, version: Option<u32>) -> Result<FactItem> {
        self.restore_by(chat, fact, version, FactSource::Owner).await
    }

    /// Brings a fact back on somebody's word.
    pub(super) async fn restore_by(
        &self,
        chat: ChatId,
        fact: FactId,
        version: Option<u32>,
        by: FactSource,
    ) -> Result<FactItem> {
        // What is read of the fact here must not be written back after it was forgotten.
        let _forgetting = self.inner.forgetting.read().await;
        let history = self.fact_history(chat, fact).await?;
        let usable = |candidate: &&Fact| match version {
            Some(version) => candidate.version == version,
            None => candidate.status != FactStatus::Tombstoned,
        };
        let found = history.iter().rev().find(usable).ok_or_else(|| {
            EngineError::invalid("version", format!("fact {fact} has no version {}", version.unwrap_or_default()))
        })?;
        let status = if found.status == FactStatus::Tombstoned { FactStatus::Active } else { found.status };
        let next = NewFact { status, source: by, ..NewFact::from(found) };
        let change = FactChange { next: Some(next), lift_tombstones: true, ..FactChange::default() };
        self.change(chat, fact, &change).await
    }

    /// Makes several facts one, in a person's words: the pinned or else the oldest one stays and rests on all that they
    /// rested on, the others are replaced by it. Gives each with the version it had, the one that stays first.
    ///
    /// # Errors
    /// [`EngineError::NoFact`]; [`EngineError::Invalid`] for fewer than two facts, one that is not in use, or an unusable
    /// statement.
    pub async fn merge_facts(&self, chat: ChatId, facts: &[FactId], words: &str) -> Result<Vec<(FactId, u32)>> {
        // What is read of the facts here must not be written back after one was forgotten.
        let _forgetting = self.inner.forgetting.read().await;
        let mut merging = Vec::with_capacity(facts.len());
        for id in facts {
            let fact = self.current(chat, *id).await?;
            if !matches!(fact.status, FactStatus::Active | FactStatus::Pending) {
                return Err(EngineError::invalid("facts", format!("fact {id} is not in use: it cannot be merged")));
            }
            if !merging.iter().any(|known: &Fact| known.id == fact.id) {
                merging.push(fact);
            }
        }
        if merging.len() < 2 {
            return Err(EngineError::invalid("facts", "one fact cannot be merged: choose those that say the same"));
        }
        merging.sort_by_key(|fact| (!fact.pinned, fact.id));
        let said = NewFact {
            statement: statement(words)?,
            status: FactStatus::Active,
            source: FactSource::Owner,
            ..NewFact::from(&merging[0])
        };
        let replaced: Vec<(FactId, NewFact)> = merging[1..]
            .iter()
            .map(|fact| (fact.id, NewFact { status: FactStatus::Superseded, ..NewFact::from(fact) }))
            .collect();
        self.store().merge_facts(chat, merging[0].id, &said, &replaced, self.now()).await?;
        self.emit(ChatEvent::Facts { chat });
        Ok(merging.iter().map(|fact| (fact.id, fact.version)).collect())
    }

    async fn change(&self, chat: ChatId, fact: FactId, change: &FactChange) -> Result<FactItem> {
        self.store().change_fact(chat, fact, change, self.now()).await?;
        self.emit(ChatEvent::Facts { chat });
        self.fact(chat, fact).await
    }

    /// One fact as it is now, deleted or not.
    ///
    /// # Errors
    /// [`EngineError::NoFact`].
    pub async fn fact(&self, chat: ChatId, fact: FactId) -> Result<FactItem> {
        let record = self.store().fact_versions(chat, fact).await?.pop().ok_or(EngineError::NoFact(fact))?;
        self.fact_item(record).await
    }

    async fn current(&self, chat: ChatId, fact: FactId) -> Result<Fact> {
        self.record(chat).await?;
        let record = self.store().fact_versions(chat, fact).await?.pop();
        record.map(|record| record.fact).ok_or(EngineError::NoFact(fact))
    }

    async fn fact_item(&self, record: FactRecord) -> Result<FactItem> {
        let evidence = self.store().evidence(record.fact.id).await?;
        let counter = crate::llm::tokens::BpeCounter::new(souvenir_memory::Encoding::default());
        Ok(FactItem {
            tokens: counter.count(&fact_line(&record.fact)),
            uses: record.uses,
            used_tokens: record.used_tokens,
            last_used_turn: record.last_used_turn,
            last_used_at: record.last_used_at,
            fact: record.fact,
            evidence: evidence
                .into_iter()
                .map(|row| EvidenceItem {
                    version: row.version,
                    message: row.message,
                    quote: row.quote,
                    start: row.start,
                    end: row.end,
                })
                .collect(),
        })
    }

    /// A hash under the installation's key: tells whether two things are the same without keeping either.
    pub(super) fn keyed_hash(&self, bytes: &[u8]) -> Vec<u8> {
        let inner = Sha256::new().chain_update(self.hash_key()).chain_update(bytes).finalize();
        Sha256::new().chain_update(self.hash_key()).chain_update(inner).finalize().to_vec()
    }
}

impl FactQuery {
    fn admits(&self, fact: &Fact) -> bool {
        let status = match self.status {
            Some(status) => fact.status == status,
            None => fact.status != FactStatus::Tombstoned,
        };
        status
            && self.kind.is_none_or(|kind| fact.kind == kind)
            && self.state.is_none_or(|state| fact.goal_state == Some(state))
    }
}

fn apply(before: &NewFact, patch: &FactPatch) -> Result<NewFact> {
    let mut next = before.clone();
    if let Some(text) = &patch.statement {
        next.statement = statement(text)?;
    }
    if let Some(subject) = &patch.subject {
        next.subject = clean_subject(subject.clone())?;
    }
    if let Some(status) = patch.status {
        if status == FactStatus::Tombstoned || status == FactStatus::Superseded {
            return Err(EngineError::invalid(
                "status",
                format!("status cannot be set to {status}: delete the fact instead"),
            ));
        }
        next.status = status;
    }
    next.kind = patch.kind.unwrap_or(before.kind);
    next.goal_state = goal_state(next.kind, patch.goal_state.or(before.goal_state));
    next.due_at = patch.due_at.unwrap_or(before.due_at);
    next.valid_at = patch.valid_at.unwrap_or(before.valid_at);
    next.invalid_at = patch.invalid_at.unwrap_or(before.invalid_at);
    Ok(next)
}

pub(super) fn statement(text: &str) -> Result<String> {
    clean_statement(text).map_err(|error| EngineError::invalid("statement", error))
}

fn clean_subject(subject: Option<String>) -> Result<Option<String>> {
    let clean =
        subject.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty());
    match &clean {
        Some(text) if text.chars().count() > 200 => {
            Err(EngineError::invalid("subject", "subject has over 200 characters: name one person or thing"))
        }
        _ => Ok(clean),
    }
}

/// Only a goal has a state, and a goal always has one.
fn goal_state(kind: FactKind, state: Option<GoalState>) -> Option<GoalState> {
    (kind == FactKind::Goal).then(|| state.unwrap_or(GoalState::Open))
}
