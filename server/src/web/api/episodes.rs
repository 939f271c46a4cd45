//! Episodes: what was talked about from one pause to the next, with summaries, receipts, and the way back.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::Value;
use souvenir_memory::{ChatId, EpisodeId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{PageParams, Params},
    jobs::JobView,
    manifest::json,
    wire::Time,
};
use crate::{
    engine::maintenance::{EpisodeItem, OperationItem, SummaryItem},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(consolidate)).routes(routes!(revert))
}

/// An episode.
#[derive(Serialize, ToSchema)]
struct EpisodeView {
    id: i64,
    /// `open` or `closed`.
    state: &'static str,
    first_message_id: i64,
    last_message_id: i64,
    /// Messages of conversation in it.
    message_count: u32,
    /// When its first message was said.
    opened_at: Time,
    closed_at: Option<Time>,
    /// Why it was closed: `idle`, `reset`, `topic`, `asked`.
    closed_by: Option<&'static str>,
    /// The last message whose facts and summary were made.
    consolidated_through: Option<i64>,
    /// When its consolidation was taken back.
    reverted_at: Option<Time>,
    /// The text of its summary.
    summary: Option<String>,
    /// How the summary came about and what it lost.
    receipt: Option<ReceiptView>,
    /// What became of each change of facts that the model asked for.
    operations: Vec<OperationView>,
}

/// A receipt: which messages became which summary, and what went missing.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceiptView {
    /// The summary's version.
    version: u32,
    first_message_id: i64,
    /// The last message that the summary covers.
    covers_through: i64,
    model: Option<String>,
    tokens_before: u32,
    tokens_after: u32,
    /// Names, numbers, dates and links that stand in the messages and not in the summary: `{kind, text}`.
    #[schema(value_type = Vec<Object>)]
    lost: Value,
    recorded_at: Time,
}

/// What became of one change of facts.
#[derive(Serialize, ToSchema)]
struct OperationView {
    /// `add`, `update`, `retract`.
    op: String,
    /// `added`, `pending`, `confirmed`, `updated`, `retracted`, `proposed`, `refused`.
    outcome: String,
    /// Why it waits or was refused.
    reason: Option<String>,
    fact_id: Option<i64>,
    /// What the model would have the fact say.
    statement: Option<String>,
}

impl From<SummaryItem> for ReceiptView {
    fn from(summary: SummaryItem) -> Self {
        Self {
            version: summary.version,
            first_message_id: summary.first.0,
            covers_through: summary.covers_through.0,
            model: summary.model,
            tokens_before: summary.tokens_before,
            tokens_after: summary.tokens_after,
            lost: json(&summary.lost),
            recorded_at: summary.recorded_at.into(),
        }
    }
}

impl From<OperationItem> for OperationView {
    fn from(item: OperationItem) -> Self {
        Self { op: item.op, outcome: item.outcome, reason: item.reason, fact_id: item.fact, statement: item.statement }
    }
}

impl From<EpisodeItem> for EpisodeView {
    fn from(item: EpisodeItem) -> Self {
        Self {
            id: item.id.0,
            state: if item.closed_at.is_some() { "closed" } else { "open" },
            first_message_id: item.first.0,
            last_message_id: item.last.0,
            message_count: item.messages,
            opened_at: item.opened_at.into(),
            closed_at: item.closed_at.map(Time),
            closed_by: item.closed_by,
            consolidated_through: item.consolidated_through.map(|id| id.0),
            reverted_at: item.reverted_at.map(Time),
            summary: item.summary.as_ref().map(|summary| summary.text.clone()),
            receipt: item.summary.map(ReceiptView::from),
            operations: item.operations.into_iter().map(OperationView::from).collect(),
        }
    }
}

/// The episodes of a chat, newest first, each with its summary and receipt.
#[utoipa::path(get, path = "/chats/{id}/episodes", tag = "episodes",
    params(("id" = i64, Path, description = "The chat"), PageParams),
    responses((status = 200, description = "A page", body = List<EpisodeView>),
        (status = 404, description = "No such chat", body = Problem)))]
async fn list(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<PageParams>,
) -> ApiResult<Json<List<EpisodeView>>> {
    let (cursor, limit) = params.read()?;
    let page = web.engine.episodes(ChatId(id), cursor.map(EpisodeId), limit).await?;
    Ok(Json(List::page(page, EpisodeView::from)))
}

#[derive(Serialize, ToSchema)]
struct Consolidation {
    /// The job that was started, or that runs already; null when nothing is due.
    job: Option<JobView>,
}

/// Closes the open episode and has everything that is due summarised.
#[utoipa::path(post, path = "/chats/{id}/consolidate", tag = "episodes",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 202, description = "A job does it", body = Consolidation),
        (status = 200, description = "Nothing is due: `job` is null", body = Consolidation),
        (status = 404, description = "No such chat", body = Problem)))]
async fn consolidate(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<(StatusCode, Json<Consolidation>)> {
    let job = web.engine.consolidate(ChatId(id)).await?.map(JobView::from);
    let status = if job.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(Consolidation { job })))
}

/// Takes back what consolidating an episode did: facts are as they were, but for those a person touched since.
#[utoipa::path(post, path = "/chats/{id}/episodes/{episode}/revert", tag = "episodes",
    params(("id" = i64, Path, description = "The chat"), ("episode" = i64, Path, description = "The episode")),
    responses((status = 200, description = "The episode as it is now", body = EpisodeView),
        (status = 404, description = "No such chat or episode", body = Problem),
        (status = 422, description = "There is nothing to take back", body = Problem)))]
async fn revert(State(web): State<Web>, PathOf((id, episode)): PathOf<(i64, i64)>) -> ApiResult<Json<EpisodeView>> {
    Ok(Json(web.engine.revert_episode(ChatId(id), EpisodeId(episode)).await?.into()))
}
