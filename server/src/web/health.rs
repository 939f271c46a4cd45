//! How the process is: `/healthz` for supervisors, `/readyz` for people and monitors, `/metrics` for Prometheus.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use serde::Serialize;
use tower_sessions::Session;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Web, auth};
use crate::{
    engine::{Health, Progress, ServiceState, Status, VectorState, notices::Notice},
    measure,
};

/// The routes of this module that the API's description lists.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// `/metrics`, which is text.
pub(super) fn metrics_route() -> Router<Web> {
    Router::new().route("/metrics", get(metrics))
}

#[derive(Serialize, ToSchema)]
struct Alive {
    /// Always `ok`: a process that is not does not answer.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()),
    responses((status = 200, description = "It is", body = Alive)))]
async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

#[derive(Serialize, ToSchema)]
struct Ready {
    /// `ok`, or `degraded` when any part that is configured does not work.
    #[schema(example = "ok")]
    status: &'static str,
    database: Part,
    telegram: Part,
    model: Part,
    recall: Part,
    /// How far vectors have got: for the owner, where there is an endpoint that makes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    vectors: Option<Vectors>,
    /// What the owner should see to, though everything works: for the owner.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<NoticeView>,
}

/// Something to see to.
#[derive(Serialize, ToSchema)]
pub(super) struct NoticeView {
    /// `retirement`, `drift`, `budget` or `unpriced`.
    #[schema(example = "retirement")]
    kind: &'static str,
    /// What is the matter.
    told: String,
    /// What to do about it.
    remedy: String,
}

impl From<Notice> for NoticeView {
    fn from(notice: Notice) -> Self {
        Self { kind: notice.kind.as_str(), told: notice.told, remedy: notice.remedy }
    }
}

#[derive(Serialize, ToSchema)]
struct Vectors {
    /// The model that makes them, once it is known.
    #[schema(example = "text-embedding-3-small")]
    model: Option<String>,
    /// Messages done with. Those without text get no vector.
    embedded: u64,
    /// All messages.
    messages: u64,
    /// Why there are no new ones at present; it is tried again.
    failure: Option<String>,
}

impl From<VectorState> for Vectors {
    fn from(state: VectorState) -> Self {
        let Progress { done, total } = state.progress;
        Self { model: state.model, embedded: done, messages: total, failure: state.failure }
    }
}

#[derive(Serialize, ToSchema)]
struct Part {
    /// `ok`, `degraded`, or `off` when it is not configured.
    #[schema(example = "ok")]
    status: &'static str,
    /// The state in a few words; for callers without a token or a session, the status once more.
    #[schema(example = "polling")]
    detail: String,
}

impl Part {
    /// Details may name addresses and quote providers, so strangers get the state alone.
    fn of(state: &ServiceState, to_owner: bool) -> Self {
        let detail = if to_owner { state.detail.clone() } else { state.status.as_str().to_owned() };
        Self { status: state.status.as_str(), detail }
    }
}

/// Whether everything that is configured works: database, Telegram, model, each with its state.
///
/// 503 as soon as one of them does not, so that a monitor sees it; a part that is not configured is `off` and counts
/// as well. Details are for the owner. Recall by words alone is no failure. The process recovers by itself: nothing needs a restart.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses(
    (status = 200, description = "All configured parts work", body = Ready),
    (status = 503, description = "At least one does not", body = Ready)))]
async fn ready(State(web): State<Web>, session: Session, headers: HeaderMap) -> impl IntoResponse {
    let health = web.engine.health().await;
    let (ready, to_owner) = (is_ready(&health), auth::is_owner(&web, &session, &headers).await);
    let body = Ready {
        status: if ready { "ok" } else { "degraded" },
        database: Part::of(&health.database, to_owner),
        telegram: Part::of(&health.telegram, to_owner),
        model: Part::of(&health.model, to_owner),
        recall: Part::of(&health.recall, to_owner),
        vectors: web.engine.vector_state().filter(|_| to_owner).map(Vectors::from),
        notices: notices(&web, to_owner).await,
    };
    (if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(body))
}

/// Nobody else is told; and that the database fails is told already.
async fn notices(web: &Web, to_owner: bool) -> Vec<NoticeView> {
    if !to_owner {
        return Vec::new();
    }
    let notices = web.engine.notices().await.unwrap_or_else(|error| {
        tracing::error!(%error, "failed to see what the owner should see to");
        Vec::new()
    });
    notices.into_iter().map(NoticeView::from).collect()
}

/// Recall without vectors is a smaller feature, not a fault.
fn is_ready(health: &Health) -> bool {
    [&health.database, &health.telegram, &health.model].into_iter().all(|part| part.status != Status::Degraded)
}

async fn metrics(State(web): State<Web>) -> impl IntoResponse {
    let health = web.engine.health().await;
    let mut parts = vec![("database", &health.database), ("telegram", &health.telegram), ("model", &health.model)];
    if let Some(vectors) = web.engine.vector_state() {
        parts.push(("recall", &health.recall));
        measure::embedded_part(vectors.progress.done, vectors.progress.total);
    }
    for (part, state) in parts.into_iter().filter(|(_, state)| state.status != Status::Off) {
        measure::part(part, state.status == Status::Ok);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], web.config.figures.render())
}
