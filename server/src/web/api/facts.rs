//! Facts: what is remembered, as statements, with their versions.
//!
//! Whoever calls is the owner, whose word is final: what is written here, models may no longer change.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use souvenir_memory::{ChatId, FactId, FactKind, FactSource, FactStatus, GoalState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    List, PathOf,
    extract::{Body, Params, flag, parsed},
    fact_view::{FactVersionView, FactView},
    forget::ForgetReportView,
    wire::{Time, Whole, name, nullable},
};
use crate::{
    engine::{
        Forget,
        facts::{FactDraft, FactPatch, FactQuery},
    },
    web::{
        Web,
        error::{ApiResult, Problem},
    },
};

/// The routes of this module.
pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, delete))
        .routes(routes!(history))
        .routes(routes!(restore))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Facts as they were known at this moment.
    #[param(format = DateTime)]
    as_of: Option<String>,
    /// `identity`, `preference`, `relationship`, `goal`, `event`, `task`, `other`.
    #[param(pattern = "^(identity|preference|relationship|goal|event|task|other)?$")]
    kind: Option<String>,
    /// Goals: `open`, `done`, `dropped`.
    #[param(pattern = "^(open|done|dropped)?$")]
    state: Option<String>,
    /// `active`, `pending`, `superseded`, `retracted`, `tombstoned`; all but tombstoned ones unless given.
    #[param(pattern = "^(active|pending|superseded|retracted|tombstoned)?$")]
    status: Option<String>,
}

/// The facts of a chat, in the order of the prompt.
#[utoipa::path(get, path = "/chats/{id}/facts", tag = "facts",
    params(("id" = i64, Path, description = "The chat"), ListParams),
    responses((status = 200, description = "The facts", body = List<FactView>),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A parameter is refused", body = Problem)))]
async fn list(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Params(params): Params<ListParams>,
) -> ApiResult<Json<List<FactView>>> {
    let query = FactQuery {
        as_of: parsed::<Time>("as_of", params.as_of.as_deref())?.map(|time| time.0),
        kind: parsed("kind", params.kind.as_deref())?,
        state: parsed("state", params.state.as_deref())?,
        status: parsed("status", params.status.as_deref())?,
    };
    let facts = web.engine.facts(ChatId(id), query).await?;
    Ok(Json(List::whole(facts.into_iter().map(FactView::from).collect())))
}

/// A fact to be written down; the statement alone is required.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFact {
    /// One sentence.
    #[schema(example = "Vera is allergic to walnuts.", min_length = 1, max_length = 1000, pattern = r"\S")]
    statement: String,
    #[serde(default, deserialize_with = "name")]
    #[schema(value_type = Option<String>, pattern = "^(identity|preference|relationship|goal|event|task|other)$")]
    kind: Option<FactKind>,
    #[schema(max_length = 200)]
    subject: Option<String>,
    #[serde(default)]
    pinned: bool,
    /// Goals: `open`, `done`, `dropped`.
    #[serde(default, alias = "goal_state", deserialize_with = "name")]
    #[schema(value_type = Option<String>, pattern = "^(open|done|dropped)$")]
    state: Option<GoalState>,
    due_at: Option<Time>,
    valid_at: Option<Time>,
}

/// Writes a fact down.
#[utoipa::path(post, path = "/chats/{id}/facts", tag = "facts",
    params(("id" = i64, Path, description = "The chat")), request_body = NewFact,
    responses((status = 201, description = "The fact", body = FactView),
        (status = 404, description = "No such chat", body = Problem),
        (status = 422, description = "A field is refused", body = Problem)))]
async fn add(
    State(web): State<Web>,
    PathOf(id): PathOf<i64>,
    Body(new): Body<NewFact>,
) -> ApiResult<impl IntoResponse> {
    let draft = FactDraft {
        statement: new.statement,
        kind: new.kind,
        subject: new.subject,
        pinned: new.pinned,
        goal_state: new.state,
        due_at: new.due_at.map(|time| time.0),
        valid_at: new.valid_at.map(|time| time.0),
    };
    let fact = web.engine.add_fact(ChatId(id), draft, FactSource::Owner).await?;
    let location = format!("/api/chats/{id}/facts/{}", fact.fact.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(FactView::from(fact))))
}

/// What to change; what is absent stays, null empties what may be empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactChange {
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S")]
    statement: Option<String>,
    #[serde(default, deserialize_with = "name")]
    #[schema(value_type = Option<String>, pattern = "^(identity|preference|relationship|goal|event|task|other)$")]
    kind: Option<FactKind>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, max_length = 200)]
    subject: Option<Option<String>>,
    pinned: Option<bool>,
    /// `active` accepts a pending fact, `retracted` takes one back.
    #[serde(default, deserialize_with = "name")]
    #[schema(value_type = Option<String>, pattern = "^(active|pending|retracted)$")]
    status: Option<FactStatus>,
    #[serde(default, alias = "goal_state", deserialize_with = "name")]
    #[schema(value_type = Option<String>, pattern = "^(open|done|dropped)$")]
    state: Option<GoalState>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Time>)]
    due_at: Option<Option<Time>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Time>)]
    valid_at: Option<Option<Time>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<Time>)]
    invalid_at: Option<Option<Time>>,
}

/// Changes a fact: a new version where the statement changes.
#[utoipa::path(patch, path = "/chats/{id}/facts/{fact}", tag = "facts",
    params(("id" = i64, Path, description = "The chat"), ("fact" = i64, Path, description = "The fact")),
    request_body = Option<FactChange>,
    responses((status = 200, description = "The fact as it is now", body = FactView),
        (status = 404, description = "No such chat or fact", body = Problem),
        (status = 422, description = "A field is refused", body = Problem)))]
async fn change(
    State(web): State<Web>,
    PathOf((id, fact)): PathOf<(i64, i64)>,
    Body(change): Body<FactChange>,
) -> ApiResult<Json<FactView>> {
    let moment = |time: Option<Option<Time>>| time.map(|time| time.map(|time| time.0));
    let patch = FactPatch {
        statement: change.statement,
        kind: change.kind,
        subject: change.subject,
        pinned: change.pinned,
        status: change.status,
        goal_state: change.state,
        due_at: moment(change.due_at),
        valid_at: moment(change.valid_at),
        invalid_at: moment(change.invalid_at),
    };
    Ok(Json(web.engine.edit_fact(ChatId(id), FactId(fact), patch, FactSource::Owner).await?.into()))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeleteParams {
    /// `true` forgets the fact: every version, its quotes and what repeats it. It cannot be undone.
    #[param(value_type = Option<bool>)]
    forget: Option<String>,
}

/// Deletes a fact. A tombstone keeps models from learning it again; `restore` brings it back. With `forget=true` the fact,
/// deleted before or not, is forgotten for good, and of the tombstone only hashes and places stay.
#[utoipa::path(delete, path = "/chats/{id}/facts/{fact}", tag = "facts",
    params(("id" = i64, Path, description = "The chat"), ("fact" = i64, Path, description = "The fact"), DeleteParams),
    responses((status = 200, description = "It was forgotten: what went", body = ForgetReportView),
        (status = 204, description = "It was deleted"),
        (status = 404, description = "No such chat or fact", body = Problem),
        (status = 422, description = "A parameter is refused", body = Problem)))]
async fn delete(
    State(web): State<Web>,
    PathOf((id, fact)): PathOf<(i64, i64)>,
    Params(params): Params<DeleteParams>,
) -> ApiResult<Response> {
    if flag("forget", params.forget.as_deref())?.unwrap_or_default() {
        let report = web.engine.forget(ChatId(id), &Forget::Facts(vec![FactId(fact)])).await?;
        return Ok(Json(ForgetReportView::from(report)).into_response());
    }
    web.engine.delete_fact(ChatId(id), FactId(fact)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// All versions of a fact, oldest first.
#[utoipa::path(get, path = "/chats/{id}/facts/{fact}/history", tag = "facts",
    params(("id" = i64, Path, description = "The chat"), ("fact" = i64, Path, description = "The fact")),
    responses((status = 200, description = "The versions", body = List<FactVersionView>),
        (status = 404, description = "No such chat or fact", body = Problem)))]
async fn history(
    State(web): State<Web>,
    PathOf((id, fact)): PathOf<(i64, i64)>,
) -> ApiResult<Json<List<FactVersionView>>> {
    let versions = web.engine.fact_history(ChatId(id), FactId(fact)).await?;
    Ok(Json(List::whole(versions.into_iter().map(FactVersionView::from).collect())))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Restore {
    /// The version to write down anew; without one a deleted fact comes back as it was.
    #[schema(value_type = Option<u32>, minimum = 1)]
    version: Option<Whole<u32>>,
}

/// Brings a deleted fact back, or an old version as a new one.
#[utoipa::path(post, path = "/chats/{id}/facts/{fact}/restore", tag = "facts",
    params(("id" = i64, Path, description = "The chat"), ("fact" = i64, Path, description = "The fact")),
    request_body = Option<Restore>,
    responses((status = 200, description = "The fact as it is now", body = FactView),
        (status = 404, description = "No such chat or fact", body = Problem),
        (status = 422, description = "There is no such version", body = Problem)))]
async fn restore(
    State(web): State<Web>,
    PathOf((id, fact)): PathOf<(i64, i64)>,
    Body(body): Body<Restore>,
) -> ApiResult<Json<FactView>> {
    Ok(Json(web.engine.restore_fact(ChatId(id), FactId(fact), body.version.map(|version| version.0)).await?.into()))
}
