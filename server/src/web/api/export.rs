//! Everything held about a chat, as a file.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use serde::Deserialize;
use souvenir_memory::ChatId;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{PathOf, extract::Params};
use crate::{
    engine::export::Export,
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(export))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportParams {
    /// `jsonl` (unless given), which can be imported again; or `markdown`, for reading.
    #[param(pattern = "^(jsonl|markdown)?$")]
    format: Option<String>,
}

/// Everything held about a chat: as JSON lines that can be imported again, or as Markdown.
#[utoipa::path(get, path = "/chats/{id}/export", tag = "chats",
    params(("id" = i64, Path, description = "The chat"), ExportParams),
    responses((status = 200, description = "The file",
            content((String = "application/jsonl"), (String = "text/markdown"))),
        (status = 404, description = "No such chat", body = Problem)))]
async fn export(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<ExportParams>,
) -> ApiResult<Response> {
    let (markdown, media_type, ending) = match params.format.as_deref().map(str::trim) {
        None | Some("" | "jsonl") => (false, "application/jsonl", "jsonl"),
        Some("markdown") => (true, "text/markdown; charset=utf-8", "md"),
        Some(other) => return Err(Problem::invalid("format", format!("format is “{other}”: use jsonl or markdown"))),
    };
    let export = web.engine.begin_export(ChatId(id), markdown).await?;
    let name = format!("attachment; filename=\"souvenir-chat-{id}.{ending}\"");
    let headers = [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(pieces(export))).into_response())
}

/// The file, piece by piece. One that cannot be read to its end breaks off, which the client sees.
fn pieces(export: Export) -> impl stream::Stream<Item = Result<Bytes, std::io::Error>> {
    stream::try_unfold(export, |mut export| async {
        match export.next().await {
            Ok(Some(piece)) => Ok(Some((Bytes::from(piece), export))),
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::error!(%error, "an export broke off");
                Err(std::io::Error::other("the export broke off"))
            }
        }
    })
}
