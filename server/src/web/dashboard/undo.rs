//! What was done just now and how to take it back: numbers only, no words of anybody.
//!
//! A fact is taken back to the version and the pin it had. That is done only while the fact is still as the deed left it, so that
//! nothing done since is lost, and no deed is taken back twice.

use souvenir_frontend::api::{ApiError, Deed, DoneView};
use souvenir_memory::{ChatId, FactId, FactSource, MessageId, ProposalId};

use super::{errors::told, port::WebDashboard};
use crate::engine::facts::FactPatch;

/// A deed with what its undoing needs.
#[derive(Clone, Debug)]
pub(super) struct Done {
    chat: ChatId,
    deed: Deed,
    of: Of,
}

#[derive(Clone, Debug)]
enum Of {
    Facts(Vec<Changed>),
    Messages(Vec<MessageId>),
    Proposal(ProposalId),
}

/// A fact that was changed.
#[derive(Clone, Debug)]
struct Changed {
    fact: FactId,
    before: State,
    after: State,
}

/// What a fact says, by its version, and whether it is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    version: u32,
    pinned: bool,
}

impl WebDashboard {
    /// Does something to facts and keeps what they were before; gives what came of it, and the number, if anything changed.
    pub(super) async fn facts_changed<T>(
        &self,
        (chat, deed): (i64, Deed),
        facts: &[i64],
        change: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<(T, Option<u64>), ApiError> {
        let chat = ChatId(chat);
        let mut before = Vec::with_capacity(facts.len());
        for fact in facts {
            before.push(self.state_of(chat, FactId(*fact)).await?);
        }
        let came = change.await?;
        let mut changed = Vec::with_capacity(facts.len());
        for (fact, before) in facts.iter().zip(before) {
            let fact = FactId(*fact);
            let after = self.state_of(chat, fact).await?;
            if after != before {
                changed.push(Changed { fact, before, after });
            }
        }
        let number = (!changed.is_empty()).then(|| self.deeds.keep(Done { chat, deed, of: Of::Facts(changed) }));
        Ok((came, number))
    }

    /// Puts messages away or brings them back.
    pub(super) async fn messages_archived(
        &self,
        chat: i64,
        messages: Vec<i64>,
        archived: bool,
    ) -> Result<Option<u64>, ApiError> {
        let (chat, messages) = (ChatId(chat), messages.into_iter().map(MessageId).collect::<Vec<_>>());
        let changed = self.web.engine.archive(chat, &messages, archived).await.map_err(told)?;
        let deed = if archived { Deed::Archived } else { Deed::BroughtBack };
        Ok((!changed.is_empty()).then(|| self.deeds.keep(Done { chat, deed, of: Of::Messages(changed) })))
    }

    /// Keeps that a proposal was decided.
    pub(super) fn proposal_decided(&self, chat: i64, proposal: i64, deed: Deed) -> Option<u64> {
        Some(self.deeds.keep(Done { chat: ChatId(chat), deed, of: Of::Proposal(ProposalId(proposal)) }))
    }

    /// What was done under a number.
    pub(super) fn done_view(&self, number: u64) -> Option<DoneView> {
        let done = self.deeds.find(number)?;
        let of = match done.of {
            Of::Facts(facts) => facts.into_iter().map(|changed| changed.fact.0).collect(),
            Of::Messages(messages) => messages.into_iter().map(|message| message.0).collect(),
            Of::Proposal(proposal) => vec![proposal.0],
        };
        Some(DoneView { number, chat: done.chat.0, deed: done.deed, of })
    }

    /// Takes a deed back; gives its chat.
    pub(super) async fn taken_back(&self, number: u64) -> Result<i64, ApiError> {
        let gone =
            || ApiError::invalid("did", "This was too long ago to be taken back here: see the versions of the fact.");
        let Done { chat, deed, of } = self.deeds.find(number).ok_or_else(gone)?;
        match of {
            Of::Facts(facts) => self.take_facts_back(chat, &facts).await?,
            Of::Messages(messages) => {
                let archived = deed != Deed::Archived;
                self.web.engine.archive(chat, &messages, archived).await.map_err(told)?;
            }
            Of::Proposal(proposal) => self.web.engine.undo_proposal(chat, proposal).await.map_err(told)?,
        }
        Ok(chat.0)
    }

    async fn take_facts_back(&self, chat: ChatId, facts: &[Changed]) -> Result<(), ApiError> {
        for Changed { fact, after, .. } in facts {
            if self.state_of(chat, *fact).await? != *after {
                let why = format!("Fact {fact} has changed since: its versions are beside it, each can be restored.");
                return Err(ApiError::invalid("did", why));
            }
        }
        for Changed { fact, before, after } in facts {
            if before.version != after.version {
                let version = Some(before.version);
                self.web.engine.restore_fact(chat, *fact, version).await.map_err(told)?;
            }
            if before.pinned != after.pinned {
                let pin = FactPatch { pinned: Some(before.pinned), ..FactPatch::default() };
                self.web.engine.edit_fact(chat, *fact, pin, FactSource::Owner).await.map_err(told)?;
            }
        }
        Ok(())
    }

    async fn state_of(&self, chat: ChatId, fact: FactId) -> Result<State, ApiError> {
        let item = self.web.engine.fact(chat, fact).await.map_err(told)?;
        Ok(State { version: item.fact.version, pinned: item.fact.pinned })
    }
}
