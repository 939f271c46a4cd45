//! The conversation as one thing: what is being talked about now, and putting away what is old.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souvenir_memory::{ChatId, Tier};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    PathOf,
    extract::Body,
    jobs::JobView,
    manifest::json,
    wire::{Time, Whole},
};
use crate::{
    engine::inspect::{MessageItem, MessageQuery},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// At most so many recent messages are shown.
const RECENT: u32 = 100;

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(cleanup)).routes(routes!(expire))
}

#[derive(Serialize, ToSchema)]
struct Conversation {
    /// The chat's id.
    id: i64,
    /// The messages in `short_term`, oldest first; at most the newest hundred.
    recent_messages: Vec<RecentMessage>,
    /// All messages of the chat.
    message_count: u64,
    /// What the next request would cost, in scaled tokens.
    context_tokens: u32,
}

#[derive(Serialize, ToSchema)]
struct RecentMessage {
    id: i64,
    /// `user` or `assistant`.
    #[schema(value_type = String)]
    role: Value,
    content: String,
    created_at: Time,
}

impl From<MessageItem> for RecentMessage {
    fn from(message: MessageItem) -> Self {
        Self { id: message.id.0, role: json(&message.role), content: message.text, created_at: message.at.into() }
    }
}

/// What is being talked about: the messages of `short_term`.
#[utoipa::path(get, path = "/chats/{id}/conversation", tag = "conversation",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "The conversation", body = Conversation),
        (status = 404, description = "No such chat", body = Problem)))]
async fn show(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<Conversation>> {
    let chat = web.engine.chat(ChatId(id)).await?;
    let query = MessageQuery { tier: Some(Tier::ShortTerm), archived: Some(false), cursor: None, limit: RECENT };
    let mut recent = web.engine.messages(ChatId(id), query).await?.items;
    recent.reverse();
    Ok(Json(Conversation {
        id,
        recent_messages: recent.into_iter().map(RecentMessage::from).collect(),
        message_count: chat.summary.messages,
        context_tokens: chat.summary.next_context.totals.scaled.0,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Cleanup {
    /// Messages older than so many days are archived; the chat's `keep_days` setting unless given.
    #[serde(alias = "keepDays")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 36_500)]
    keep_days: Option<Whole<u32>>,
}

#[derive(Serialize, ToSchema)]
struct CleanedUp {
    /// How many messages were archived.
    archived_count: u64,
    keep_days: u32,
}

/// Archives messages older than `keep_days`. Nothing is deleted: `messages/archive` brings them back.
#[utoipa::path(post, path = "/chats/{id}/conversation/cleanup", tag = "conversation",
    params(("id" = i64, Path, description = "The chat")), request_body = Option<Cleanup>,
    responses((status = 200, description = "Done", body = CleanedUp),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A field is refused", body = Problem)))]
async fn cleanup(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Body(body): Body<Cleanup>,
) -> ApiResult<Json<CleanedUp>> {
    put_away(&web, ChatId(id), body.keep_days.map(|days| days.0)).await
}

#[derive(Serialize, ToSchema)]
struct ExpiredView {
    /// How many messages were archived so far.
    archived_count: u64,
    keep_days: u32,
    /// The job that consolidates them first, while it has not ended: the rest is archived when it has.
    job: Option<JobView>,
}

/// Applies the chat's retention setting `keep_days` now: what is older is consolidated, then archived.
#[utoipa::path(post, path = "/chats/{id}/conversation/expire", tag = "conversation",
    params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "Done", body = ExpiredView),
        (status = 202, description = "It goes on: the job consolidates, and archives then", body = ExpiredView),
        (status = 404, description = "No such chat", body = Problem)))]
async fn expire(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<(StatusCode, Json<ExpiredView>)> {
    let expired = web.engine.expire(ChatId(id)).await?;
    let status = if expired.job.is_some() { StatusCode::ACCEPTED } else { StatusCode::OK };
    let view = ExpiredView {
        archived_count: expired.archived,
        keep_days: expired.keep_days,
        job: expired.job.map(JobView::from),
    };
    Ok((status, Json(view)))
}

async fn put_away(web: &Web, chat: ChatId, keep_days: Option<u32>) -> ApiResult<Json<CleanedUp>> {
    let setting = web.engine.settings(Some(chat)).await?.keep_days.value;
    let keep_days = keep_days.unwrap_or(setting);
    if !(1..=36_500).contains(&keep_days) {
        return Err(Problem::invalid("keep_days", format!("keep_days is {keep_days}: use from 1 to 36500")));
    }
    let archived_count = web.engine.archive_older_than(chat, keep_days).await?;
    Ok(Json(CleanedUp { archived_count, keep_days }))
}
