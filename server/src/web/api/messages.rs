//! Messages: the history by tier, and the archive.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use souvenir_memory::{ChatId, MessageId, Tier};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{Body, Params, cursor, flag, limit},
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

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(archive))
}

/// One message.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageView {
    id: i64,
    /// `user` or `assistant`.
    #[schema(value_type = String)]
    role: Value,
    /// Who spoke; null for the bot.
    author: Option<String>,
    text: String,
    /// Tokens of the text.
    tokens: u32,
    /// When it was said.
    created_at: Time,
    /// `short_term`, `mid_term` or `whole_history`.
    tier: &'static str,
    archived: bool,
    archived_at: Option<Time>,
    /// `text`, `command`, `media`, `service`.
    #[schema(value_type = String)]
    kind: Value,
    /// `telegram`, `console`, `import`.
    #[schema(value_type = String)]
    source: Value,
    /// The turn it belongs to.
    turn_id: Option<i64>,
    telegram_message_id: Option<i64>,
    /// When it was to be sent and is not known to have arrived: `composed`, `sending`, `unknown`, `failed`. Of a command:
    /// what became of its answer.
    delivery: Option<&'static str>,
    /// Why it did not arrive, in plain words.
    delivery_error: Option<String>,
    /// Whether it is an answer that a person stopped: the text is what was written until then.
    stopped: bool,
}

impl From<MessageItem> for MessageView {
    fn from(message: MessageItem) -> Self {
        Self {
            id: message.id.0,
            role: json(&message.role),
            author: message.author,
            text: message.text,
            tokens: message.tokens.0,
            created_at: message.at.into(),
            tier: message.tier.as_str(),
            archived: message.archived_at.is_some(),
            archived_at: message.archived_at.map(Time),
            kind: json(&message.kind),
            source: json(&message.source),
            turn_id: message.turn.map(|turn| turn.0),
            telegram_message_id: message.telegram_message_id,
            delivery: message.delivery.map(|state| state.as_str()),
            delivery_error: message.delivery_error,
            stopped: message.stopped,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// `short_term`, `mid_term` or `whole_history`.
    #[param(pattern = "^(short_term|mid_term|whole_history)?$")]
    tier: Option<String>,
    /// `true` for archived messages only, `false` for the others only.
    #[param(value_type = Option<bool>)]
    archived: Option<String>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<i64>)]
    cursor: Option<String>,
    /// From 1 to 200; 50 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// The messages of a chat, newest first.
#[utoipa::path(get, path = "/chats/{id}/messages", tag = "messages",
    params(("id" = i64, Path, description = "The chat"), ListParams),
    responses((status = 200, description = "A page", body = List<MessageView>),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A parameter is refused", body = Problem)))]
async fn list(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<ListParams>,
) -> ApiResult<Json<List<MessageView>>> {
    let query = MessageQuery {
        tier: tier(params.tier.as_deref())?,
        archived: flag("archived", params.archived.as_deref())?,
        cursor: cursor(params.cursor.as_deref())?.map(MessageId),
        limit: limit(params.limit.as_deref())?,
    };
    let page = web.engine.messages(ChatId(id), query).await?;
    Ok(Json(List::page(page, MessageView::from)))
}

fn tier(value: Option<&str>) -> ApiResult<Option<Tier>> {
    match value.map(str::trim) {
        None | Some("") => Ok(None),
        Some("short_term") => Ok(Some(Tier::ShortTerm)),
        Some("mid_term") => Ok(Some(Tier::MidTerm)),
        Some("whole_history") => Ok(Some(Tier::WholeHistory)),
        Some(other) => {
            let detail = format!("tier is “{other}”: use short_term, mid_term or whole_history");
            Err(Problem::invalid("tier", detail))
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Archive {
    /// The messages; at most 1000.
    #[schema(value_type = Vec<i64>, min_items = 1, max_items = 1000)]
    ids: Vec<Whole<i64>>,
    /// True to put away, false to bring back.
    #[serde(default = "yes")]
    archived: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, ToSchema)]
struct Archived {
    /// How many messages changed; those that were so already do not count.
    changed_count: u64,
    archived: bool,
}

/// Archives messages, or brings them back.
#[utoipa::path(post, path = "/chats/{id}/messages/archive", tag = "messages",
    params(("id" = i64, Path, description = "The chat")), request_body = Archive,
    responses((status = 200, description = "Done", body = Archived),
        (status = 404, description = "No such chat or message", body = Problem),
        (status = 422, description = "A field is refused", body = Problem)))]
async fn archive(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Body(body): Body<Archive>,
) -> ApiResult<Json<Archived>> {
    if body.ids.is_empty() || body.ids.len() > 1000 {
        let detail = format!("ids has {} messages: name from 1 to 1000", body.ids.len());
        return Err(Problem::invalid("ids", detail));
    }
    let ids: Vec<MessageId> = body.ids.into_iter().map(|id| MessageId(id.0)).collect();
    let changed_count = web.engine.archive(ChatId(id), &ids, body.archived).await?.len() as u64;
    Ok(Json(Archived { changed_count, archived: body.archived }))
}
