//! Chats: the list, one chat with its settings, and making console chats.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use souvenir_memory::ChatId;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::Body,
    manifest::json,
    settings::{SettingsChange, SettingsView, patch},
    wire::Time,
};
use crate::{
    engine::inspect::{ChatDetail, ChatSummary, LastMessage, TierCount},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, change))
}

/// A chat in a list.
#[derive(Serialize, ToSchema)]
struct ChatView {
    id: i64,
    title: String,
    /// `private`, `group`, `console`.
    kind: &'static str,
    created_at: Time,
    last_message: Option<LastMessageView>,
    /// All messages kept.
    message_count: u64,
    tiers: TiersView,
    /// What the next request would cost, in scaled tokens.
    next_context_tokens: u32,
    /// The window in force.
    max_context_tokens: u32,
    /// Facts in force.
    fact_count: u64,
    open_goal_count: u64,
    /// Tokens of this month, in and out.
    month_tokens: u64,
    /// What they cost; null when a price is unknown.
    month_cost_usd: Option<f64>,
    /// Why nothing can be sent to it; null once somebody writes in it again.
    unreachable: Option<UnreachableView>,
}

/// Why nothing can be sent to a chat.
#[derive(Serialize, ToSchema)]
struct UnreachableView {
    /// In plain words, with what would help.
    #[schema(example = "the person has blocked the bot; once they unblock it and write again, it can answer")]
    reason: String,
    since: Time,
}

#[derive(Serialize, ToSchema)]
struct LastMessageView {
    #[schema(value_type = String)]
    role: Value,
    author: Option<String>,
    text: String,
    created_at: Time,
}

/// Views over the messages of a chat; `whole_history` counts all, `archived` those of it that are put away.
#[derive(Serialize, ToSchema)]
struct TiersView {
    short_term: TierView,
    mid_term: TierView,
    whole_history: TierView,
    archived: TierView,
}

#[derive(Serialize, ToSchema)]
struct TierView {
    messages: u64,
    tokens: u64,
}

impl From<TierCount> for TierView {
    fn from(count: TierCount) -> Self {
        Self { messages: count.messages, tokens: count.tokens }
    }
}

impl From<LastMessage> for LastMessageView {
    fn from(last: LastMessage) -> Self {
        Self { role: json(&last.role), author: last.author, text: last.text, created_at: last.at.into() }
    }
}

impl From<ChatSummary> for ChatView {
    fn from(chat: ChatSummary) -> Self {
        Self {
            id: chat.id.0,
            title: chat.title,
            kind: chat.kind.as_str(),
            created_at: chat.created_at.into(),
            last_message: chat.last.map(LastMessageView::from),
            message_count: chat.messages,
            tiers: TiersView {
                short_term: chat.tiers.short_term.into(),
                mid_term: chat.tiers.mid_term.into(),
                whole_history: chat.tiers.whole_history.into(),
                archived: chat.tiers.archived.into(),
            },
            next_context_tokens: chat.next_context.totals.scaled.0,
            max_context_tokens: chat.next_context.budget.max_context_tokens.0,
            fact_count: chat.facts,
            open_goal_count: chat.open_goals,
            month_tokens: chat.month_tokens,
            month_cost_usd: chat.month_cost_usd,
            unreachable: chat
                .unreachable
                .map(|unreachable| UnreachableView { reason: unreachable.reason, since: unreachable.since.into() }),
        }
    }
}

/// One chat with its settings.
#[derive(Serialize, ToSchema)]
struct ChatDetailView {
    #[serde(flatten)]
    chat: ChatView,
    /// The settings in force, each with its origin.
    settings: SettingsView,
    /// The values of the settings, by the names that PATCH takes.
    #[serde(flatten)]
    values: Map<String, Value>,
    session_minutes: u32,
    turn_count: u64,
    episode_count: u64,
    /// Messages before this one were left behind by a reset.
    context_start: Option<i64>,
    short_term_since: Time,
    telegram_chat_id: Option<i64>,
    telegram_thread_id: Option<i64>,
}

impl From<ChatDetail> for ChatDetailView {
    fn from(detail: ChatDetail) -> Self {
        let settings = SettingsView::from(&detail.settings);
        let mut values = settings.values();
        // The chat's own field says the same.
        values.remove("max_context_tokens");
        // What all chats may spend together is no chat's own.
        values.retain(|name, _| !matches!(name.as_str(), "daily_usd" | "daily_tokens"));
        Self {
            chat: detail.summary.into(),
            values,
            settings,
            session_minutes: detail.settings.session_duration.value.minutes(),
            turn_count: detail.turns,
            episode_count: detail.episodes,
            context_start: detail.settings.context_start.map(|message| message.0),
            short_term_since: detail.short_term_since.into(),
            telegram_chat_id: detail.telegram.as_ref().map(|chat| chat.chat_id),
            telegram_thread_id: detail.telegram.and_then(|chat| chat.thread_id),
        }
    }
}

/// All chats, the one with the newest message first.
#[utoipa::path(get, path = "/chats", tag = "chats",
    responses((status = 200, description = "The chats", body = List<ChatView>)))]
async fn list(State(web): State<Web>) -> ApiResult<Json<List<ChatView>>> {
    let chats = web.engine.chats().await?;
    Ok(Json(List::whole(chats.into_iter().map(ChatView::from).collect())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewChat {
    /// What to call it.
    #[schema(example = "Kitchen and December", min_length = 1, max_length = 200, pattern = r"\S")]
    title: String,
}

/// Makes a console chat.
#[utoipa::path(post, path = "/chats", tag = "chats", request_body = NewChat,
    responses((status = 201, description = "The chat", body = ChatDetailView),
        (status = 422, description = "The title is refused", body = Problem)))]
async fn create(State(web): State<Web>, Body(new): Body<NewChat>) -> ApiResult<impl IntoResponse> {
    let id = web.engine.create_console_chat(&new.title).await?;
    let chat = ChatDetailView::from(web.engine.chat(id).await?);
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/api/chats/{id}"))], Json(chat)))
}

/// One chat with its settings.
#[utoipa::path(get, path = "/chats/{id}", tag = "chats", params(("id" = i64, Path, description = "The chat")),
    responses((status = 200, description = "The chat", body = ChatDetailView),
        (status = 404, description = "No such chat", body = Problem)))]
async fn show(State(web): State<Web>, PathOf(id): PathOf<i64>) -> ApiResult<Json<ChatDetailView>> {
    Ok(Json(web.engine.chat(ChatId(id)).await?.into()))
}

/// Changes settings of one chat; null takes an override back. Tiers follow at once.
#[utoipa::path(patch, path = "/chats/{id}", tag = "chats", params(("id" = i64, Path, description = "The chat")),
    request_body(content = Option<SettingsChange>, description = "Values by name", example = json!({"session_duration": 45})),
    responses((status = 200, description = "The chat as it is now", body = ChatDetailView),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A value or a name is refused", body = Problem)))]
async fn change(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Body(body): Body<Map<String, Value>>,
) -> ApiResult<Json<ChatDetailView>> {
    let chat = ChatId(id);
    web.engine.patch_settings(Some(chat), patch(&body)?).await?;
    Ok(Json(web.engine.chat(chat).await?.into()))
}
