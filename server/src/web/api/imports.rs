//! Imports: history from elsewhere, sent as a file, and what came of it.

use axum::{
    Json,
    body::{Body as RawBody, BodyDataStream},
    extract::State,
    http::StatusCode,
};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use souvenir_memory::ChatId;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{PageParams, Params, flag, parsed},
    jobs::JobView,
    wire::Time,
};
use crate::{
    engine::{
        Engine,
        import::{BadPlace, ChatReport, ImportItem, Upload},
        maintenance::Waiting,
    },
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The longest pause between two pieces of a file.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(30);

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(waiting))
        .routes(routes!(show, stop))
        .routes(routes!(consolidate))
}

/// An import.
#[derive(Serialize, ToSchema)]
struct ImportView {
    id: i64,
    /// What the file is called.
    name: String,
    /// `queued`, `running`, `done`, `failed`, `stopped`.
    state: &'static str,
    progress: Progress,
    /// What came of each chat of the file, in their order.
    chats: Vec<ChatView>,
    /// Records that could not be read and were skipped.
    bad_records: u64,
    /// Where the first hundred of them stand.
    bad_places: Vec<BadView>,
    /// Where and why the file could not be read any further.
    broken: Option<String>,
    /// Why it ended early.
    error: Option<String>,
    created_at: Time,
    finished_at: Option<Time>,
}

#[derive(Serialize, ToSchema)]
struct Progress {
    /// Bytes read.
    done: u64,
    /// Bytes in all.
    total: u64,
}

/// What came of one chat of a file.
#[derive(Serialize, ToSchema)]
struct ChatView {
    /// The chat that it went to; null when it was skipped.
    chat_id: Option<i64>,
    /// Whether the chat was made for it.
    made: bool,
    /// Records read.
    read: u64,
    /// New messages.
    added: u64,
    /// Messages that were there.
    already: u64,
    /// Of those, how many got a newer text.
    edited: u64,
    /// Messages that had been forgotten and stay so.
    forgotten: u64,
    /// Messages of the time since the bot is in the chat that it never received: nothing can come in between.
    later: u64,
    /// Why all of it was skipped.
    skipped: Option<String>,
}

/// Where a record stands that could not be read.
#[derive(Serialize, ToSchema)]
struct BadView {
    /// The chat in the file, from 1.
    chat: u64,
    /// The record in that chat, from 1.
    record: u64,
    /// The number it gives itself.
    id: Option<i64>,
    /// The line on which it ends.
    line: u64,
    /// The byte at which it ends.
    byte: u64,
    /// What is wrong with it.
    reason: String,
}

/// What of a chat waits for the owner's word before a model sums it up.
#[derive(Serialize, ToSchema)]
struct WaitingView {
    chat_id: i64,
    title: String,
    /// Episodes to be summed up.
    episodes: u32,
    /// Messages of conversation in them.
    messages: u32,
    /// About how many tokens the model would read.
    tokens: u64,
    model: String,
    /// About what it would cost; null when the model's price is unknown.
    estimated_cost_usd: Option<f64>,
}

impl From<ImportItem> for ImportView {
    fn from(item: ImportItem) -> Self {
        Self {
            id: item.id,
            name: item.name,
            state: item.state,
            progress: Progress { done: item.done, total: item.total },
            chats: item.report.chats.into_iter().map(ChatView::from).collect(),
            bad_records: item.report.bad,
            bad_places: item.report.places.into_iter().map(BadView::from).collect(),
            broken: item.report.broken,
            error: item.error,
            created_at: item.asked_at.into(),
            finished_at: item.finished_at.map(Time),
        }
    }
}

impl From<ChatReport> for ChatView {
    fn from(chat: ChatReport) -> Self {
        let ChatReport { chat: chat_id, made, read, added, already, edited, forgotten, later, skipped, .. } = chat;
        Self { chat_id, made, read, added, already, edited, forgotten, later, skipped }
    }
}

impl From<BadPlace> for BadView {
    fn from(place: BadPlace) -> Self {
        let BadPlace { chat, record, id, line, byte, why } = place;
        Self { chat, record, id, line, byte, reason: why }
    }
}

impl From<Waiting> for WaitingView {
    fn from(waiting: Waiting) -> Self {
        Self {
            chat_id: waiting.chat.0,
            title: waiting.title,
            episodes: waiting.episodes,
            messages: waiting.messages,
            tokens: waiting.tokens,
            model: waiting.model,
            estimated_cost_usd: waiting.usd,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BeginParams {
    /// The chat to go to; otherwise what was exported says.
    #[param(value_type = Option<i64>)]
    chat: Option<String>,
    /// `true` to have what comes summed up at once, whatever it costs.
    #[param(value_type = Option<bool>)]
    consolidate: Option<String>,
    /// What the file is called.
    name: Option<String>,
}

/// Imports a file: the body is the `result.json` of Telegram Desktop, or an export of Souvenir's own, of any size.
///
/// Importing a file again adds nothing. What it came to is read from the import, which is done in the background.
#[utoipa::path(post, path = "/imports", tag = "imports", params(BeginParams),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses((status = 202, description = "It is being imported", body = ImportView),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "The file is empty, or a parameter is refused", body = Problem)))]
async fn begin(
    State(web): State<Web>,
    Params(params): Params<BeginParams>,
    body: RawBody,
) -> ApiResult<(StatusCode, Json<ImportView>)> {
    let chat = parsed::<i64>("chat", params.chat.as_deref())?.map(ChatId);
    let consolidate = flag("consolidate", params.consolidate.as_deref())?.unwrap_or(false);
    if let Some(chat) = chat {
        web.engine.settings(Some(chat)).await?;
    }
    let upload = received(&web.engine, body.into_data_stream()).await?;
    let name = params.name.unwrap_or_default();
    let item = web.engine.queue_upload(upload, &name, chat, consolidate).await?;
    Ok((StatusCode::ACCEPTED, Json(item.into())))
}

/// A file from the body of a request.
async fn received(engine: &Engine, mut pieces: BodyDataStream) -> ApiResult<Upload> {
    let mut upload = engine.upload().await?;
    loop {
        let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "the file did not arrive in time");
        let Some(piece) = tokio::time::timeout(PAUSE, pieces.next()).await.map_err(late)? else { return Ok(upload) };
        let piece = piece.map_err(|_| Problem::malformed("the file broke off"))?;
        upload.write(&piece).await?;
    }
}

/// Imports, newest first.
#[utoipa::path(get, path = "/imports", tag = "imports", params(PageParams),
    responses((status = 200, description = "A page", body = List<ImportView>)))]
async fn list(State(web): State<Web>, Params(params): Params<PageParams>) -> ApiResult<Json<List<ImportView>>> {
    let (cursor, limit) = params.read()?;
    Ok(Json(List::page(web.engine.imports(cursor, limit).await?, ImportView::from)))
}

/// One import, with how far it is.
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = i64, Path, description = "The import")),
    responses((status = 200, description = "The import", body = ImportView),
        (status = 404, description = "No such import", body = Problem)))]
async fn show(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<ImportView>> {
    Ok(Json(web.engine.import(id).await?.into()))
}

/// Stops an import. What was read by then stays.
#[utoipa::path(delete, path = "/imports/{id}", tag = "imports", params(("id" = i64, Path, description = "The import")),
    responses((status = 200, description = "The import as it is now", body = ImportView),
        (status = 404, description = "No such import", body = Problem)))]
async fn stop(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<ImportView>> {
    Ok(Json(web.engine.stop_import(id).await?.into()))
}

/// What was imported and waits for the owner's word before a model that costs something sums it up.
#[utoipa::path(get, path = "/imports/waiting", tag = "imports",
    responses((status = 200, description = "A chat each", body = List<WaitingView>)))]
async fn waiting(State(web): State<Web>) -> ApiResult<Json<List<WaitingView>>> {
    let waiting = web.engine.waiting_imports().await?;
    Ok(Json(List::whole(waiting.into_iter().map(WaitingView::from).collect())))
}

#[derive(Serialize, ToSchema)]
struct Consolidation {
    /// The job that was started, or that runs already; null when nothing waits.
    job: Option<JobView>,
}

/// Has what was imported into a chat summed up.
#[utoipa::path(post, path = "/chats/{id}/imported/consolidate", tag = "imports",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 202, description = "A job does it", body = Consolidation),
        (status = 200, description = "Nothing waits: `job` is null", body = Consolidation),
        (status = 404, description = "No such chat", body = Problem)))]
async fn consolidate(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<(StatusCode, Json<Consolidation>)> {
    let job = web.engine.consolidate_imported(ChatId(id)).await?.map(JobView::from);
    let status = if job.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(Consolidation { job })))
}
