//! Proposals: changes that a model asked for and that wait for the owner.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use souvenir_memory::consolidation::Op;

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, EvidenceView, FactView, Moment, Sheet};

/// One proposal, with both sides of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProposalView {
    /// Its number.
    pub id: i64,
    /// `pending` (a new fact that is not used yet), `update`, `retract`, `contradiction`.
    pub kind: String,
    /// Why the owner is asked, as a clause.
    pub reason: String,
    /// What would be done.
    pub op: Op,
    /// What the fact would say.
    pub statement: String,
    /// What that rests on.
    pub evidence: Vec<EvidenceView>,
    /// The fact as it is now.
    pub fact: FactView,
    /// What that rests on.
    pub known: Vec<EvidenceView>,
    /// Whether the fact has changed since the proposal was made.
    pub outdated: bool,
    /// When it was made.
    pub at: Moment,
}

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalsAsk {
    /// The proposal whose statement is being edited.
    #[serde(default)]
    pub edit: Option<i64>,
}

/// What waits for the owner in a chat.
#[server(prefix = "/fn", endpoint = "proposals")]
pub async fn proposals(chat: i64, #[server(default)] ask: ProposalsAsk) -> Result<Sheet, ApiError> {
    let waiting = dashboard()?.proposals(chat).await?;
    Ok(Sheet::of(crate::sheets::proposals::proposals(chat, &ask, &waiting)))
}

/// Does what a proposal asks for, or has the fact say this statement instead.
#[server(prefix = "/fn", endpoint = "accept_proposal")]
pub async fn accept_proposal(chat: i64, proposal: i64, #[server(default)] statement: String) -> Result<(), ApiError> {
    decided(chat, dashboard()?.accept_proposal(chat, proposal, statement).await?)
}

/// Turns a proposal down.
#[server(prefix = "/fn", endpoint = "reject_proposal")]
pub async fn reject_proposal(chat: i64, proposal: i64) -> Result<(), ApiError> {
    decided(chat, dashboard()?.reject_proposal(chat, proposal).await?)
}

/// Leads back to what waits, with what was decided.
#[cfg(feature = "ssr")]
fn decided(chat: i64, did: Option<u64>) -> Result<(), ApiError> {
    super::undo::back(&format!("/chats/{chat}/"), "proposals", &[("did", did.map(|did| did.to_string()))]);
    Ok(())
}
