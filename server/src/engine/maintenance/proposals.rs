//! What waits for the owner, and the owner's decisions.

use souvenir_memory::{
    ChatId, FactStatus, MessageId, ProposalId, Timestamp,
    consolidation::{Op, Proposal, key},
};

use crate::{
    engine::{
        ChatEvent, Engine, EngineError,
        error::Result,
        facts::{FactItem, statement},
    },
    store::ProposalRecord,
};

/// A proposal with the fact it is about, so that both sources can be seen side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct ProposalItem {
    /// Its number.
    pub id: ProposalId,
    /// `pending`, `update`, `retract` or `contradiction`.
    pub kind: String,
    /// What would change.
    pub proposal: Proposal,
    /// Why the owner is asked.
    pub reason: String,
    /// The fact as it is now, with what it rests on.
    pub fact: FactItem,
    /// What the proposal rests on.
    pub evidence: Vec<ProposedEvidence>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A quote that a proposal rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedEvidence {
    /// The message.
    pub message: MessageId,
    /// The words, verbatim.
    pub quote: String,
    /// Their first byte in the text of the revision they stand in.
    pub start: usize,
    /// One past their last byte.
    pub end: usize,
}

impl Engine {
    /// What waits for the owner in a chat, oldest first.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn proposals(&self, chat: ChatId) -> Result<Vec<ProposalItem>> {
        self.record(chat).await?;
        let mut items = Vec::new();
        for record in self.store().proposals(chat).await? {
            items.push(self.proposal_item(chat, record).await?);
        }
        Ok(items)
    }

    /// Does what a proposal asks for, or has the fact say what the owner makes of it; gives the fact as it is then.
    ///
    /// # Errors
    /// [`EngineError::NoProposal`] when it does not wait any more; [`EngineError::Invalid`] for an unusable wording, or one
    /// for a fact that is to end.
    pub async fn accept_proposal(&self, chat: ChatId, id: ProposalId, wording: Option<&str>) -> Result<FactItem> {
        let _forgetting = self.inner.forgetting.read().await;
        let record = self.waiting(chat, id).await?;
        let wording = wording.map(statement).transpose()?;
        if wording.is_some() && record.proposal.op == Op::Retract {
            let why = "this proposal ends a fact: accept it as it is, or reject it and edit the fact";
            return Err(EngineError::invalid("statement", why));
        }
        // The same words are still the model's.
        let wording = wording.filter(|wording| *wording != record.proposal.statement.text);
        if !self.store().accept_proposal(chat, id, &record.proposal, wording, self.now()).await? {
            return Err(EngineError::NoProposal(id));
        }
        self.emit(ChatEvent::Facts { chat });
        self.fact(chat, record.proposal.fact).await
    }

    /// Turns a proposal down; it is not made again. Gives the fact as it is then.
    ///
    /// # Errors
    /// [`EngineError::NoProposal`] when it does not wait any more.
    pub async fn reject_proposal(&self, chat: ChatId, id: ProposalId) -> Result<FactItem> {
        let _forgetting = self.inner.forgetting.read().await;
        let record = self.waiting(chat, id).await?;
        let statement = &record.proposal.statement;
        let hashes = match record.proposal.op {
            // What stays is not to be forbidden.
            Op::Retract => Vec::new(),
            Op::Add | Op::Update => vec![self.statement_hash(statement.subject.as_deref(), &statement.text)],
        };
        if !self.store().reject_proposal(chat, id, &record.proposal, &hashes, self.now()).await? {
            return Err(EngineError::NoProposal(id));
        }
        self.emit(ChatEvent::Facts { chat });
        self.fact(chat, record.proposal.fact).await
    }

    /// How many proposals wait for the owner in a chat.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn proposals_waiting(&self, chat: ChatId) -> Result<u64> {
        Ok(self.store().proposals(chat).await?.len() as u64)
    }

    /// Takes the owner's decision on a proposal back: it waits again, and the fact is as it was.
    ///
    /// # Errors
    /// [`EngineError::NoProposal`]; [`EngineError::Conflict`] when the fact has changed since.
    pub async fn undo_proposal(&self, chat: ChatId, id: ProposalId) -> Result<()> {
        self.record(chat).await?;
        match self.store().reopen_proposal(chat, id, self.now()).await? {
            None => Err(EngineError::NoProposal(id)),
            Some(false) => Err(EngineError::conflict(
                "The fact has changed since this was decided, so it stays decided. Its versions can be restored.",
            )),
            Some(true) => {
                self.emit(ChatEvent::Facts { chat });
                Ok(())
            }
        }
    }

    async fn waiting(&self, chat: ChatId, id: ProposalId) -> Result<ProposalRecord> {
        self.record(chat).await?;
        let waiting = self.store().proposals(chat).await?;
        waiting.into_iter().find(|record| record.id == id).ok_or(EngineError::NoProposal(id))
    }

    async fn proposal_item(&self, chat: ChatId, record: ProposalRecord) -> Result<ProposalItem> {
        let fact = self.fact(chat, record.proposal.fact).await?;
        debug_assert!(fact.fact.status != FactStatus::Tombstoned);
        let evidence = record.proposal.evidence.iter();
        Ok(ProposalItem {
            id: record.id,
            kind: record.kind,
            reason: record.proposal.hold.to_string(),
            evidence: evidence
                .map(|piece| ProposedEvidence {
                    message: piece.message,
                    quote: piece.quote.clone(),
                    start: piece.start,
                    end: piece.end,
                })
                .collect(),
            proposal: record.proposal,
            fact,
            created_at: record.created_at,
        })
    }

    /// The keyed hash under which a deleted statement is known again.
    pub(in crate::engine) fn statement_hash(&self, subject: Option<&str>, statement: &str) -> Vec<u8> {
        self.keyed_hash(key::of(subject, statement).as_bytes())
    }
}
