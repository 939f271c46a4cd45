//! Summaries of the last days, on demand.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souvenir_memory::ChatId;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{Body, Params, number},
    manifest::json,
    wire::{Time, Whole},
};
use crate::{
    engine::maintenance::{MOST_DAYS, PeriodItem},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// Over how many days unless said otherwise.
const DAYS_BACK: u32 = 7;

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(make, last)).routes(routes!(digests))
}

/// A summary of some days; null where nothing was said, or none was made yet.
#[derive(Serialize, ToSchema)]
struct PeriodView {
    id: Option<i64>,
    /// The text.
    summary: Option<String>,
    days_back: u32,
    /// How many messages it covers.
    message_count: u32,
    first_message_id: Option<i64>,
    last_message_id: Option<i64>,
    tokens_before: u32,
    tokens_after: u32,
    /// Names, numbers, dates and links that stand in the messages and not in the summary: `{kind, text}`.
    #[schema(value_type = Vec<Object>)]
    lost: Value,
    model: Option<String>,
    created_at: Option<Time>,
}

impl PeriodView {
    fn of(item: Option<PeriodItem>, days_back: u32) -> Self {
        let Some(PeriodItem { record }) = item else {
            return Self {
                id: None,
                summary: None,
                days_back,
                message_count: 0,
                first_message_id: None,
                last_message_id: None,
                tokens_before: 0,
                tokens_after: 0,
                lost: Value::Array(Vec::new()),
                model: None,
                created_at: None,
            };
        };
        Self {
            id: Some(record.id),
            summary: Some(record.text),
            days_back: record.days_back,
            message_count: record.messages,
            first_message_id: Some(record.first.0),
            last_message_id: Some(record.last.0),
            tokens_before: record.receipt.tokens_before.0,
            tokens_after: record.receipt.tokens_after.0,
            lost: json(&record.receipt.lost),
            model: record.model,
            created_at: Some(record.created_at.into()),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Over how many days; 7 unless given.
    #[serde(alias = "daysBack")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 366)]
    days_back: Option<Whole<u32>>,
}

/// Makes a summary of the last days with the memory model. It is kept; facts are not changed by it.
#[utoipa::path(post, path = "/chats/{id}/conversation/summary", tag = "conversation",
    operation_id = "summarise", params(("id" = i64, Path, description = "The chat")), request_body = Option<Wanted>,
    responses((status = 200, description = "The summary; null when nothing was said", body = PeriodView),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A field is refused", body = Problem),
        (status = 502, description = "The memory model gave none", body = Problem)))]
async fn make(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Body(body): Body<Wanted>,
) -> ApiResult<Json<PeriodView>> {
    let days_back = body.days_back.map_or(DAYS_BACK, |days| days.0);
    Ok(Json(PeriodView::of(web.engine.summarise(ChatId(id), days_back, None).await?, days_back)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LastParams {
    /// Only one of so many days.
    #[serde(alias = "daysBack")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 366)]
    days_back: Option<String>,
}

/// The last summary that was made of so many days.
#[utoipa::path(get, path = "/chats/{id}/conversation/summary", tag = "conversation",
    operation_id = "last_summary", params(("id" = i64, Path, description = "The chat"), LastParams),
    responses((status = 200, description = "The summary; null when none was made", body = PeriodView),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A parameter is refused", body = Problem)))]
async fn last(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<LastParams>,
) -> ApiResult<Json<PeriodView>> {
    let days_back = number("days_back", params.days_back.as_deref(), 1..=MOST_DAYS)?;
    let last = web.engine.last_summary(ChatId(id), days_back).await?;
    Ok(Json(PeriodView::of(last, days_back.unwrap_or(DAYS_BACK))))
}

/// A digest: a summary of a day or a week that was made by itself.
#[derive(Serialize, ToSchema)]
struct DigestView {
    id: i64,
    /// `daily`, `weekly`.
    kind: &'static str,
    /// The first day it is of, in the chat's time zone.
    #[schema(example = "2026-11-21")]
    day: String,
    summary: String,
    message_count: u32,
    first_message_id: i64,
    last_message_id: i64,
    tokens_before: u32,
    tokens_after: u32,
    model: Option<String>,
    created_at: Time,
}

/// The digests of a chat, newest first; at most a hundred.
#[utoipa::path(get, path = "/chats/{id}/digests", tag = "conversation",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "The digests", body = List<DigestView>),
        (status = 404, description = "No such chat", body = Problem)))]
async fn digests(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<List<DigestView>>> {
    let digests = web.engine.digests(ChatId(id)).await?;
    let view = |record: crate::engine::maintenance::DigestItem| DigestView {
        id: record.id,
        kind: record.kind,
        day: record.day,
        summary: record.text,
        message_count: record.messages,
        first_message_id: record.first.0,
        last_message_id: record.last.0,
        tokens_before: record.tokens_before,
        tokens_after: record.tokens_after,
        model: record.model,
        created_at: record.created_at.into(),
    };
    Ok(Json(List::whole(digests.into_iter().map(view).collect())))
}
