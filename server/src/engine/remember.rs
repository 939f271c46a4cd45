//! Facts on the word of somebody in the chat: added once however often they are said, and what they rest on.

use souvenir_memory::{ChatId, FactId, FactSource, FactStatus, MessageId, Role, consolidation::Evidence};

use super::{
    Engine,
    error::Result,
    facts::{FactDraft, FactItem, FactPatch, FactQuery, statement},
};

/// What came of being told something.
#[derive(Clone, Debug, PartialEq)]
pub enum Remembered {
    /// It is a fact now.
    New(FactItem),
    /// It was one already.
    Known(FactItem),
}

impl Engine {
    /// Takes a statement on somebody's word. What is known already stays as it is; what was waiting for a decision is
    /// in force from now on. When the words are those of a message that a person wrote, the fact rests on that.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](super::EngineError::NoChat); [`EngineError::Invalid`](super::EngineError::Invalid) for an
    /// unusable statement.
    pub async fn remember(
        &self,
        chat: ChatId,
        draft: FactDraft,
        by: FactSource,
        words: Option<MessageId>,
    ) -> Result<Remembered> {
        let text = statement(&draft.statement)?;
        let said = self.statement_hash(None, &text);
        let facts = self.facts(chat, FactQuery::default()).await?;
        let known = facts.into_iter().find(|item| {
            let usable = item.fact.is_in_force(self.now()) || item.fact.status == FactStatus::Pending;
            usable && self.statement_hash(None, &item.fact.statement) == said
        });
        match known {
            Some(item) if item.fact.status == FactStatus::Pending => {
                let patch = FactPatch { status: Some(FactStatus::Active), ..FactPatch::default() };
                self.edit_fact(chat, item.fact.id, patch, by).await.map(Remembered::New)
            }
            Some(item) => Ok(Remembered::Known(item)),
            None => {
                let evidence = self.evidence_in(chat, words).await?;
                self.add_resting_on(chat, draft, by, &evidence).await.map(Remembered::New)
            }
        }
    }

    /// Undoes on somebody's word: a deleted fact comes back as it was before, or an earlier version as the newest. Doing it
    /// again changes nothing.
    ///
    /// # Errors
    /// [`EngineError::NoFact`](super::EngineError::NoFact); [`EngineError::Invalid`](super::EngineError::Invalid) when there
    /// is no such version.
    pub async fn bring_back_fact(
        &self,
        chat: ChatId,
        fact: FactId,
        version: Option<u32>,
        by: FactSource,
    ) -> Result<FactItem> {
        let item = self.fact(chat, fact).await?;
        let is_there = match version {
            None => item.fact.status != FactStatus::Tombstoned,
            Some(version) => {
                let history = self.fact_history(chat, fact).await?;
                let earlier = history.into_iter().find(|earlier| earlier.version == version);
                earlier.is_some_and(|earlier| earlier.statement == item.fact.statement)
            }
        };
        if is_there { Ok(item) } else { self.restore_by(chat, fact, version, by).await }
    }

    /// A whole message as evidence, when a person wrote it.
    async fn evidence_in(&self, chat: ChatId, words: Option<MessageId>) -> Result<Vec<Evidence>> {
        let Some(message) = words else { return Ok(Vec::new()) };
        let said = self.spoken(chat, message).await?;
        let piece =
            Evidence { message: said.id, revision: said.revision, start: 0, end: said.text.len(), quote: said.text };
        Ok(if said.role == Role::User { vec![piece] } else { Vec::new() })
    }
}
