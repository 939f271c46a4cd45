//! Whole-history analyses: what one would take, begun, followed, decided line by line, and taken back.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use souvenir_memory::{AnalysisId, ChatId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{PageParams, Params},
    jobs::JobView,
    wire::Time,
};
use crate::{
    engine::{
        PRICES_AS_OF,
        maintenance::analysis::{AnalysisItem, Estimate, LineItem},
    },
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(estimate))
        .routes(routes!(analyse))
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(accept))
        .routes(routes!(reject))
        .routes(routes!(accept_line))
        .routes(routes!(reject_line))
        .routes(routes!(undo))
}

/// What an analysis would take.
#[derive(Serialize, ToSchema)]
struct EstimateView {
    /// The model that would be asked.
    model: String,
    /// Messages that would be read.
    messages: u32,
    /// Messages of windows whose findings are known from before, and are not read again.
    known_messages: u32,
    /// Questions to the model: windows, and those about facts.
    calls: u64,
    prompt_tokens: u64,
    /// As a rule.
    completion_tokens: u64,
    most_completion_tokens: u64,
    /// US dollars, as a rule; null when the model's price is not known.
    cost_usd: Option<f64>,
    /// US dollars, at most.
    most_cost_usd: Option<f64>,
    /// The day of the prices.
    prices_as_of: &'static str,
}

impl From<Estimate> for EstimateView {
    fn from(estimate: Estimate) -> Self {
        Self {
            model: estimate.model,
            messages: estimate.messages,
            known_messages: estimate.known_messages,
            calls: estimate.calls,
            prompt_tokens: estimate.prompt_tokens,
            completion_tokens: estimate.completion_tokens,
            most_completion_tokens: estimate.most_completion_tokens,
            cost_usd: estimate.cost.map(|cost| cost.as_usd()),
            most_cost_usd: estimate.most_cost.map(|cost| cost.as_usd()),
            prices_as_of: PRICES_AS_OF,
        }
    }
}

/// An analysis with its diff.
#[derive(Serialize, ToSchema)]
struct AnalysisView {
    id: i64,
    /// `running`, `proposed` (lines wait), `done`, `undone`, `abandoned` (begun anew before it was done).
    state: &'static str,
    /// `owner`, `schedule`, `growth`.
    asked_by: &'static str,
    model: Option<String>,
    /// Messages it covers.
    message_count: u32,
    /// Windows that were read for it.
    windows: u32,
    /// Windows whose findings were known from before.
    known_windows: u32,
    progress: Steps,
    /// The job, while it is being made.
    job: Option<JobView>,
    /// The diff.
    lines: Vec<LineView>,
    /// Lines that the model asked for and that were refused.
    refused: u32,
    /// Tokens of its calls, as the endpoint counted them.
    prompt_tokens: u64,
    completion_tokens: u64,
    /// What they cost in US dollars; null when a price is not known.
    cost_usd: Option<f64>,
    /// Lines that taking it back left, since a person had touched their facts; told by that call alone.
    kept_by_undo: u32,
    created_at: Time,
    finished_at: Option<Time>,
    undone_at: Option<Time>,
}

#[derive(Serialize, ToSchema)]
struct Steps {
    /// Windows and questions done.
    done: u32,
    /// In all, as far as is known.
    total: u32,
}

/// A line of a diff.
#[derive(Serialize, ToSchema)]
struct LineView {
    /// Its number, from 1.
    number: u32,
    /// `add`, `update`, `rephrase`, `merge`, `retract`.
    op: &'static str,
    /// `open`, `applied`, `declined`, `outdated` (the fact has changed since), `undone`.
    state: &'static str,
    /// The facts it is about; the first of several stays.
    facts: Vec<LineFact>,
    kind: &'static str,
    subject: Option<String>,
    /// What is to be said; of a fact that ends, what it says.
    statement: String,
    valid_at: Option<Time>,
    /// The words it rests on.
    evidence: Vec<LineQuote>,
}

#[derive(Serialize, ToSchema)]
struct LineFact {
    fact_id: i64,
    version: u32,
    /// What that version says; null when it was forgotten.
    statement: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct LineQuote {
    message_id: i64,
    /// The words, verbatim.
    quote: String,
    /// Their first byte in the message's text as it was then, in UTF-8.
    start: usize,
    /// One past their last byte.
    end: usize,
}

impl From<LineItem> for LineView {
    fn from(item: LineItem) -> Self {
        let LineItem { ordinal, line, state, before } = item;
        let facts = line.facts.iter().zip(before);
        Self {
            number: ordinal,
            op: line.op.as_str(),
            state,
            facts: facts
                .map(|((fact, version), statement)| LineFact { fact_id: fact.0, version: *version, statement })
                .collect(),
            kind: line.statement.kind.as_str(),
            subject: line.statement.subject,
            statement: line.statement.text,
            valid_at: line.statement.valid_at.map(Time),
            evidence: line
                .evidence
                .into_iter()
                .map(|piece| LineQuote {
                    message_id: piece.message.0,
                    quote: piece.quote,
                    start: piece.start,
                    end: piece.end,
                })
                .collect(),
        }
    }
}

impl From<AnalysisItem> for AnalysisView {
    fn from(item: AnalysisItem) -> Self {
        let record = item.record;
        #[expect(clippy::cast_precision_loss, reason = "exact up to nine million dollars")]
        let cost_usd = record.cost_nanousd.map(|cost| cost as f64 / 1e9);
        Self {
            id: record.id.0,
            state: record.state.as_str(),
            asked_by: record.asked_by.as_str(),
            model: record.model,
            message_count: record.messages,
            windows: record.windows,
            known_windows: record.known,
            progress: Steps { done: record.steps_done, total: record.steps },
            job: item.job.map(JobView::from),
            lines: item.lines.into_iter().map(LineView::from).collect(),
            refused: record.refused,
            prompt_tokens: record.usage.0,
            completion_tokens: record.usage.1,
            cost_usd,
            kept_by_undo: item.kept_by_undo,
            created_at: record.created_at.into(),
            finished_at: record.finished_at.map(Time),
            undone_at: record.undone_at.map(Time),
        }
    }
}

/// What analysing the whole history would take now. Nothing is begun.
#[utoipa::path(get, path = "/chats/{id}/analyses/estimate", tag = "analyses",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "Windows, tokens and cost", body = EstimateView),
        (status = 404, description = "No such chat", body = Problem)))]
async fn estimate(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<EstimateView>> {
    Ok(Json(web.engine.analysis_estimate(ChatId(id)).await?.into()))
}

/// Has the whole history analysed, as a job. One that is being made already is given.
#[utoipa::path(post, path = "/chats/{id}/analyse", tag = "analyses",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 202, description = "A job does it", body = AnalysisView),
        (status = 404, description = "No such chat", body = Problem),
        (status = 409, description = "Nothing was said here", body = Problem)))]
async fn analyse(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<(StatusCode, Json<AnalysisView>)> {
    Ok((StatusCode::ACCEPTED, Json(web.engine.analyse(ChatId(id)).await?.into())))
}

/// The analyses of a chat, newest first, each with its diff.
#[utoipa::path(get, path = "/chats/{id}/analyses", tag = "analyses",
    params(("id" = i64, Path, description = "The chat"), PageParams),
    responses((status = 200, description = "A page", body = List<AnalysisView>),
        (status = 404, description = "No such chat", body = Problem)))]
async fn list(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<PageParams>,
) -> ApiResult<Json<List<AnalysisView>>> {
    let (cursor, limit) = params.read()?;
    let page = web.engine.analyses(ChatId(id), cursor.map(AnalysisId), limit).await?;
    Ok(Json(List::page(page, AnalysisView::from)))
}

/// One analysis: how far it is, its diff, and what it took.
#[utoipa::path(get, path = "/chats/{id}/analyses/{analysis}", tag = "analyses",
    params(("id" = i64, Path, description = "The chat"), ("analysis" = i64, Path, description = "The analysis")),
    responses((status = 200, description = "The analysis", body = AnalysisView),
        (status = 404, description = "No such chat or analysis", body = Problem)))]
async fn show(State(web): State<Web>, PathOf((id, analysis)): PathOf<(i64, i64)>) -> ApiResult<Json<AnalysisView>> {
    Ok(Json(web.engine.analysis(ChatId(id), AnalysisId(analysis)).await?.into()))
}

/// Carries out every line that waits; those whose facts have changed since are left.
#[utoipa::path(post, path = "/chats/{id}/analyses/{analysis}/accept", tag = "analyses",
    params(("id" = i64, Path, description = "The chat"), ("analysis" = i64, Path, description = "The analysis")),
    responses((status = 200, description = "The analysis as it is now", body = AnalysisView),
        (status = 404, description = "No such chat or analysis", body = Problem),
        (status = 409, description = "Nothing of it waits", body = Problem)))]
async fn accept(State(web): State<Web>, PathOf((id, analysis)): PathOf<(i64, i64)>) -> ApiResult<Json<AnalysisView>> {
    Ok(Json(web.engine.accept_lines(ChatId(id), AnalysisId(analysis), None).await?.into()))
}

/// Turns down every line that waits.
#[utoipa::path(post, path = "/chats/{id}/analyses/{analysis}/reject", tag = "analyses",
    params(("id" = i64, Path, description = "The chat"), ("analysis" = i64, Path, description = "The analysis")),
    responses((status = 200, description = "The analysis as it is now", body = AnalysisView),
        (status = 404, description = "No such chat or analysis", body = Problem),
        (status = 409, description = "Nothing of it waits", body = Problem)))]
async fn reject(State(web): State<Web>, PathOf((id, analysis)): PathOf<(i64, i64)>) -> ApiResult<Json<AnalysisView>> {
    Ok(Json(web.engine.decline_lines(ChatId(id), AnalysisId(analysis), None).await?.into()))
}

/// Carries one line out, also one that was turned down or taken back.
#[utoipa::path(post, path = "/chats/{id}/analyses/{analysis}/lines/{line}/accept", tag = "analyses",
    params(("id" = i64, Path, description = "The chat"), ("analysis" = i64, Path, description = "The analysis"),
        ("line" = u32, Path, description = "The line's number")),
    responses((status = 200, description = "The analysis as it is now", body = AnalysisView),
        (status = 404, description = "No such chat or analysis", body = Problem),
        (status = 409, description = "It does not wait, or its fact has changed since", body = Problem)))]
async fn accept_line(
    State(web): State<Web>,
    PathOf((id, analysis, line)): PathOf<(i64, i64, u32)>,
) -> ApiResult<Json<AnalysisView>> {
    Ok(Json(web.engine.accept_lines(ChatId(id), AnalysisId(analysis), Some(line)).await?.into()))
}

/// Turns one line down: it is not proposed again unless something new is said.
#[utoipa::path(post, path = "/chats/{id}/analyses/{analysis}/lines/{line}/reject", tag = "analyses",
    params(("id" = i64, Path, description = "The chat"), ("analysis" = i64, Path, description = "The analysis"),
        ("line" = u32, Path, description = "The line's number")),
    responses((status = 200, description = "The analysis as it is now", body = AnalysisView),
        (status = 404, description = "No such chat or analysis", body = Problem),
        (status = 409, description = "It does not wait", body = Problem)))]
async fn reject_line(
    State(web): State<Web>,
    PathOf((id, analysis, line)): PathOf<(i64, i64, u32)>,
) -> ApiResult<Json<AnalysisView>> {
    Ok(Json(web.engine.decline_lines(ChatId(id), AnalysisId(analysis), Some(line)).await?.into()))
}

/// Takes back everything an analysis did to facts, but for what a person touched since.
#[utoipa::path(post, path = "/chats/{id}/analyses/{analysis}/undo", tag = "analyses",
    params(("id" = i64, Path, description = "The chat"), ("analysis" = i64, Path, description = "The analysis")),
    responses((status = 200, description = "The analysis as it is now", body = AnalysisView),
        (status = 404, description = "No such chat or analysis", body = Problem),
        (status = 409, description = "It has changed nothing", body = Problem)))]
async fn undo(State(web): State<Web>, PathOf((id, analysis)): PathOf<(i64, i64)>) -> ApiResult<Json<AnalysisView>> {
    Ok(Json(web.engine.undo_analysis(ChatId(id), AnalysisId(analysis)).await?.into()))
}
