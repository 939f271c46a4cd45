//! Jobs: what is done in the background, how far it is, and how to stop it.

use axum::{Json, extract::State};
use serde::Serialize;
use souvenir_memory::{ChatId, JobId, NanoUsd};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{PageParams, Params},
    wire::Time,
};
use crate::{
    engine::maintenance::JobItem,
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(stop))
}

/// A job.
#[derive(Serialize, ToSchema)]
pub(super) struct JobView {
    id: i64,
    /// `consolidation`, `analysis`, `digest`.
    kind: String,
    /// `queued`, `running`, `done`, `failed`, `stopped`.
    state: &'static str,
    progress: Progress,
    /// What went wrong last; the job is tried again at `next_attempt_at`.
    error: Option<String>,
    /// Attempts that failed since the last success.
    attempts: u32,
    next_attempt_at: Option<Time>,
    created_at: Time,
    started_at: Option<Time>,
    finished_at: Option<Time>,
    /// Tokens that it took so far, in lists of jobs.
    tokens: u64,
    /// What those cost; null when a price is not known.
    cost_usd: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct Progress {
    /// Batches or windows done.
    done: u32,
    /// Batches or windows in all, as far as is known.
    total: u32,
}

impl From<JobItem> for JobView {
    fn from(job: JobItem) -> Self {
        Self {
            id: job.id.0,
            kind: job.kind,
            state: job.state,
            progress: Progress { done: job.done, total: job.total },
            error: job.error,
            attempts: job.attempts,
            next_attempt_at: job.next_attempt_at.map(Time),
            created_at: job.created_at.into(),
            started_at: job.started_at.map(Time),
            finished_at: job.finished_at.map(Time),
            tokens: job.tokens,
            cost_usd: job.cost.map(NanoUsd::as_usd),
        }
    }
}

/// The jobs of a chat, newest first.
#[utoipa::path(get, path = "/chats/{id}/jobs", tag = "jobs",
    params(("id" = i64, Path, description = "The chat"), PageParams),
    responses((status = 200, description = "A page", body = List<JobView>),
        (status = 404, description = "No such chat", body = Problem)))]
async fn list(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<PageParams>,
) -> ApiResult<Json<List<JobView>>> {
    let (cursor, limit) = params.read()?;
    let page = web.engine.jobs(ChatId(id), cursor.map(JobId), limit).await?;
    Ok(Json(List::page(page, JobView::from)))
}

/// Stops a job. What it has done stays.
#[utoipa::path(delete, path = "/chats/{id}/jobs/{job}", tag = "jobs",
    params(("id" = i64, Path, description = "The chat"), ("job" = i64, Path, description = "The job")),
    responses((status = 200, description = "The job as it is now", body = JobView),
        (status = 404, description = "No such chat or job", body = Problem)))]
async fn stop(State(web): State<Web>, PathOf((id, job)): PathOf<(i64, i64)>) -> ApiResult<Json<JobView>> {
    Ok(Json(web.engine.stop_job(ChatId(id), JobId(job)).await?.into()))
}
