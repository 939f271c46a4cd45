//! Turns: what was asked, what was answered, and the record of what the model saw.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use souvenir_memory::{ChatId, TokenCount, TurnId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    context::{PreviewView, WhatIfParams},
    extract::{Body, PageParams, Params},
    manifest::ManifestView,
    messages::MessageView,
    wire::Time,
};
use crate::{
    engine::inspect::{CostReason, DeliveryDetail, SearchItem, TurnDetail, TurnItem},
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(replay)).routes(routes!(send))
}

/// A turn in a list.
#[derive(Serialize, ToSchema)]
struct TurnView {
    id: i64,
    /// `running`, `done`, `failed`, `stopped`.
    state: &'static str,
    question: String,
    answer: Option<String>,
    /// The model asked.
    model: Option<String>,
    /// Prompt tokens counted before sending, scaled.
    predicted_tokens: Option<u32>,
    /// Prompt tokens as the provider counted them; null when it does not say.
    reported_tokens: Option<u32>,
    /// Of those, served from its cache.
    cached_tokens: Option<u32>,
    /// Tokens of the answer.
    completion_tokens: Option<u32>,
    /// What it cost; null when the price is unknown.
    cost_usd: Option<f64>,
    /// When the first message it answers was stored.
    received_at: Time,
    started_at: Time,
    /// Building the context, in milliseconds.
    context_ms: Option<i64>,
    /// From the request to the first piece of text, in milliseconds.
    first_token_ms: Option<i64>,
    finished_at: Option<Time>,
    /// Why it failed.
    error: Option<String>,
    /// What became of the reply: `composed`, `sending`, `sent`, `unknown`, `failed`.
    delivery: Option<&'static str>,
    /// Why it did not arrive.
    delivery_error: Option<String>,
    /// When that was known.
    delivered_at: Option<Time>,
}

impl From<TurnItem> for TurnView {
    fn from(turn: TurnItem) -> Self {
        let record = turn.record;
        let tokens = |count: Option<TokenCount>| count.map(|count| count.0);
        Self {
            id: record.id.0,
            state: record.state.as_str(),
            question: turn.question,
            answer: turn.answer,
            model: record.model,
            predicted_tokens: tokens(record.predicted),
            reported_tokens: tokens(record.reported),
            cached_tokens: tokens(record.cached),
            completion_tokens: tokens(record.completion),
            cost_usd: turn.cost_usd,
            received_at: record.received_at.into(),
            started_at: record.started_at.into(),
            context_ms: record.context_ms,
            first_token_ms: record.first_token_ms,
            finished_at: record.finished_at.map(Time),
            error: record.error,
            delivery: record.delivery.map(|state| state.as_str()),
            delivery_error: record.delivery_error,
            delivered_at: record.delivered_at.map(Time),
        }
    }
}

/// The way of a reply.
#[derive(Serialize, ToSchema)]
struct DeliveryView {
    /// `composed`, `sending`, `sent`, `unknown`, `failed`.
    state: &'static str,
    /// The same in plain words, with the reason.
    told: String,
    /// The messages it was cut into.
    parts: Vec<PartView>,
    /// Whether `POST …/send` sends it again.
    can_send_again: bool,
    /// Whether some of it may then arrive twice: `may_double` has to be given.
    may_double: bool,
}

/// One message of a reply.
#[derive(Serialize, ToSchema)]
struct PartView {
    /// From 1.
    part: usize,
    /// `waiting`, `sending`, `sent`, `unknown`, `failed`.
    state: &'static str,
    telegram_message_id: Option<i64>,
}

impl From<DeliveryDetail> for DeliveryView {
    fn from(delivery: DeliveryDetail) -> Self {
        let parts = (1..).zip(&delivery.parts).map(|(part, known)| PartView {
            part,
            state: known.state.as_str(),
            telegram_message_id: known.telegram_message_id,
        });
        Self {
            state: delivery.state.as_str(),
            told: delivery.told(),
            parts: parts.collect(),
            can_send_again: delivery.can_be_sent_again(),
            may_double: delivery.may_double(),
        }
    }
}

/// A search by the model.
#[derive(Serialize, ToSchema)]
struct SearchView {
    /// What it looked for; null when that could not be read, or was forgotten.
    query: Option<String>,
    /// `found`, `nothing`, `above` (what matched stood in the context), `no_room`, `unreadable`, `unknown_tool`, `too_many`,
    /// `failed`.
    outcome: &'static str,
    /// The messages it was shown, best first; null stands for one that was forgotten since.
    message_ids: Vec<Option<i64>>,
    /// Raw tokens of the call and of what it came to.
    tokens: u32,
}

impl From<SearchItem> for SearchView {
    fn from(search: SearchItem) -> Self {
        Self {
            query: search.query,
            outcome: search.outcome.as_str(),
            message_ids: search.found.into_iter().map(|found| found.map(|found| found.message.0)).collect(),
            tokens: search.tokens.0,
        }
    }
}

/// Why a turn cost more than it should.
#[derive(Serialize, ToSchema)]
struct CostReasonView {
    /// `broken_prefix`, `uncached`, `other_model`, `searched`, `retried`, `long_recall`.
    #[schema(example = "broken_prefix")]
    code: &'static str,
    /// The same as a clause.
    told: String,
    /// What it cost beyond what it should have; null where that cannot be said.
    extra_usd: Option<f64>,
}

impl From<CostReason> for CostReasonView {
    fn from(reason: CostReason) -> Self {
        Self { code: reason.code, told: reason.told, extra_usd: reason.extra_usd }
    }
}

/// One turn with its messages and its manifest.
#[derive(Serialize, ToSchema)]
struct TurnDetailView {
    #[serde(flatten)]
    turn: TurnView,
    /// The messages it answers, and the answer.
    messages: Vec<MessageView>,
    /// What the model saw; null when the turn failed before a context was built.
    manifest: Option<ManifestView>,
    /// Requests that were answered, the model's searches among them; null for turns of earlier versions.
    requests: Option<u32>,
    /// Attempts that failed and were made again.
    retries: Option<u32>,
    /// Why it cost more than it should, by comparison with the turn before; empty when it did not.
    cost_reasons: Vec<CostReasonView>,
    /// What the model looked for while it answered, in order.
    searches: Vec<SearchView>,
    /// The way of the reply, part by part; null when it was shown, not sent.
    delivery_detail: Option<DeliveryView>,
    /// The turn before it in this chat.
    previous: Option<i64>,
    /// The turn after it in this chat.
    next: Option<i64>,
}

impl From<TurnDetail> for TurnDetailView {
    fn from(detail: TurnDetail) -> Self {
        Self {
            requests: detail.item.record.requests,
            retries: detail.item.record.retries,
            cost_reasons: detail.cost_reasons.into_iter().map(CostReasonView::from).collect(),
            turn: detail.item.into(),
            messages: detail.messages.into_iter().map(MessageView::from).collect(),
            manifest: detail.manifest.as_ref().map(ManifestView::from),
            searches: detail.searches.into_iter().map(SearchView::from).collect(),
            delivery_detail: detail.delivery.map(DeliveryView::from),
            previous: detail.previous.map(|turn| turn.0),
            next: detail.next.map(|turn| turn.0),
        }
    }
}

/// The turns of a chat, newest first. Each one's manifest is at its own address.
#[utoipa::path(get, path = "/chats/{id}/turns", tag = "turns",
    params(("id" = i64, Path, description = "The chat"), PageParams),
    responses((status = 200, description = "A page", body = List<TurnView>),
        (status = 404, description = "No such chat", body = Problem)))]
async fn list(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<PageParams>,
) -> ApiResult<Json<List<TurnView>>> {
    let (cursor, limit) = params.read()?;
    let page = web.engine.turns(ChatId(id), cursor.map(TurnId), limit).await?;
    Ok(Json(List::page(page, TurnView::from)))
}

/// One turn with its manifest.
#[utoipa::path(get, path = "/chats/{id}/turns/{turn}", tag = "turns",
    params(("id" = i64, Path, description = "The chat"), ("turn" = i64, Path, description = "The turn")),
    responses((status = 200, description = "The turn", body = TurnDetailView),
        (status = 404, description = "No such chat or turn", body = Problem)))]
async fn show(State(web): State<Web>, PathOf((id, turn)): PathOf<(i64, i64)>) -> ApiResult<Json<TurnDetailView>> {
    Ok(Json(web.engine.turn(ChatId(id), TurnId(turn)).await?.into()))
}

/// A past turn's context, built again as of its moment with other settings.
#[utoipa::path(get, path = "/chats/{id}/turns/{turn}/replay", tag = "turns",
    params(("id" = i64, Path, description = "The chat"), ("turn" = i64, Path, description = "The turn"), WhatIfParams),
    responses((status = 200, description = "The manifest", body = PreviewView),
        (status = 404, description = "No such chat or turn", body = Problem),
        (status = 422, description = "A parameter is refused", body = Problem)))]
async fn replay(
    State(web): State<Web>,
    PathOf((id, turn)): PathOf<(i64, i64)>,
    Params(params): Params<WhatIfParams>,
) -> ApiResult<Json<PreviewView>> {
    Ok(Json(web.engine.replay(ChatId(id), TurnId(turn), params.read()?).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Send {
    /// Send also what may have arrived already, so that it may arrive twice.
    #[serde(default)]
    may_double: bool,
}

/// Sends again what of a reply did not arrive. It goes out behind what the chat waits for already.
#[utoipa::path(post, path = "/chats/{id}/turns/{turn}/send", tag = "turns",
    params(("id" = i64, Path, description = "The chat"), ("turn" = i64, Path, description = "The turn")),
    request_body = Send,
    responses((status = 202, description = "It is due", body = DeliveryView),
        (status = 404, description = "No such chat or turn", body = Problem),
        (status = 409, description = "There is nothing to send again, or it may have arrived and `may_double` is not given",
            body = Problem)))]
async fn send(
    State(web): State<Web>,
    PathOf((id, turn)): PathOf<(i64, i64)>,
    Body(body): Body<Send>,
) -> ApiResult<(StatusCode, Json<DeliveryView>)> {
    let (chat, turn) = (ChatId(id), TurnId(turn));
    web.engine.send_again(chat, turn, body.may_double).await?;
    let delivery = web.engine.delivery(chat, turn).await?;
    let delivery = delivery.ok_or_else(|| Problem::not_found("this turn has nothing to send"))?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}
