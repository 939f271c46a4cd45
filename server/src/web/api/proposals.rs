//! Proposals: what waits for the owner, and the owner's decision.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use souvenir_memory::{ChatId, ProposalId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{List, PathOf, extract::Body, fact_view::FactView, wire::Time};
use crate::{
    engine::maintenance::{ProposalItem, ProposedEvidence},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(accept)).routes(routes!(reject))
}

/// A change that waits for the owner.
#[derive(Serialize, ToSchema)]
struct ProposalView {
    id: i64,
    /// `pending` (a new fact that is not used yet), `update`, `retract`, `contradiction`.
    kind: String,
    /// Why the owner is asked.
    reason: String,
    /// What the fact would say.
    proposed: Proposed,
    /// The fact as it is now, with what it rests on.
    fact: FactView,
    created_at: Time,
}

#[derive(Serialize, ToSchema)]
struct Proposed {
    /// `add`, `update`, `retract`.
    op: &'static str,
    kind: &'static str,
    subject: Option<String>,
    statement: String,
    valid_at: Option<Time>,
    due_at: Option<Time>,
    /// Goals: `open`, `done`, `dropped`.
    state: Option<&'static str>,
    /// What it rests on.
    evidence: Vec<Quote>,
}

#[derive(Serialize, ToSchema)]
struct Quote {
    message_id: i64,
    /// The words, verbatim.
    quote: String,
    /// Their first byte in the message's text as it was then, in UTF-8.
    start: usize,
    /// One past their last byte.
    end: usize,
}

impl From<ProposedEvidence> for Quote {
    fn from(evidence: ProposedEvidence) -> Self {
        Self { message_id: evidence.message.0, quote: evidence.quote, start: evidence.start, end: evidence.end }
    }
}

impl From<ProposalItem> for ProposalView {
    fn from(item: ProposalItem) -> Self {
        let statement = item.proposal.statement;
        Self {
            id: item.id.0,
            kind: item.kind,
            reason: item.reason,
            proposed: Proposed {
                op: item.proposal.op.as_str(),
                kind: statement.kind.as_str(),
                subject: statement.subject,
                statement: statement.text,
                valid_at: statement.valid_at.map(Time),
                due_at: statement.due_at.map(Time),
                state: statement.goal_state.map(|state| state.as_str()),
                evidence: item.evidence.into_iter().map(Quote::from).collect(),
            },
            fact: item.fact.into(),
            created_at: item.created_at.into(),
        }
    }
}

/// What waits for the owner in a chat, oldest first.
#[utoipa::path(get, path = "/chats/{id}/proposals", tag = "proposals",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "The proposals", body = List<ProposalView>),
        (status = 404, description = "No such chat", body = Problem)))]
async fn list(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<List<ProposalView>>> {
    let proposals = web.engine.proposals(ChatId(id)).await?;
    Ok(Json(List::whole(proposals.into_iter().map(ProposalView::from).collect())))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// What the fact is to say instead of what is proposed, in the owner's words. A retraction has none.
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    statement: Option<String>,
}

/// Does what a proposal asks for.
#[utoipa::path(post, path = "/chats/{id}/proposals/{proposal}/accept", tag = "proposals",
    params(("id" = i64, Path, description = "The chat"), ("proposal" = i64, Path, description = "The proposal")),
    request_body = Option<Accept>,
    responses((status = 200, description = "The fact as it is now", body = FactView),
        (status = 404, description = "No such chat, or no such proposal waits", body = Problem),
        (status = 422, description = "The statement is refused", body = Problem)))]
async fn accept(
    State(web): State<Web>,
    PathOf((id, proposal)): PathOf<(i64, i64)>,
    Body(accept): Body<Accept>,
) -> ApiResult<Json<FactView>> {
    let wording = accept.statement.as_deref();
    Ok(Json(web.engine.accept_proposal(ChatId(id), ProposalId(proposal), wording).await?.into()))
}

/// Turns a proposal down: what it says is not learnt again.
#[utoipa::path(post, path = "/chats/{id}/proposals/{proposal}/reject", tag = "proposals",
    params(("id" = i64, Path, description = "The chat"), ("proposal" = i64, Path, description = "The proposal")),
    responses((status = 200, description = "The fact as it is now", body = FactView),
        (status = 404, description = "No such chat, or no such proposal waits", body = Problem)))]
async fn reject(State(web): State<Web>, PathOf((id, proposal)): PathOf<(i64, i64)>) -> ApiResult<Json<FactView>> {
    Ok(Json(web.engine.reject_proposal(ChatId(id), ProposalId(proposal)).await?.into()))
}
