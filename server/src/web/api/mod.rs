//! The HTTP API: one file a resource, and its description, which comes from the same routes.
//!
//! Views of the wire are built here from the engine's structs: times become RFC 3339, reasons become sentences.

mod chats;
mod context;
mod conversation;
mod extract;
mod fact_view;
mod facts;
mod manifest;
mod messages;
mod say;
mod settings;
mod turns;
mod wire;

use axum::{Json, Router, routing::get};
use serde::Serialize;
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        PathItem,
        path::Operation,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

pub(super) use extract::PathOf;
pub(super) use say::{answered, receive};

use super::{Web, auth, error::Problem, events, health};

/// The head of the description; paths and schemas are collected from the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Souvenir",
        description = "A Telegram bot that remembers in tiers. Errors are RFC 9457 problem details; lists are \
            `{items, next_cursor}`; times are RFC 3339, UTC.",
        version = env!("CARGO_PKG_VERSION"),
    ),
    security(("token" = []), ("session" = [])),
    components(schemas(Problem)),
)]
struct Description;

/// Everything under `/api`, with `/healthz` and `/readyz`, and the description of all of it.
pub(super) fn router() -> Router<Web> {
    let (router, description) = described();
    router
        .route("/api/openapi.json", get(move || std::future::ready(Json(description))))
        .route("/api", get(nothing_here))
        .route("/api/{*path}", axum::routing::any(nothing_here))
}

fn described() -> (Router<Web>, utoipa::openapi::OpenApi) {
    let resources = OpenApiRouter::new()
        .merge(chats::routes())
        .merge(messages::routes())
        .merge(say::routes())
        .merge(conversation::routes())
        .merge(context::routes())
        .merge(turns::routes())
        .merge(facts::routes())
        .merge(settings::routes())
        .merge(events::routes());
    let (router, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .nest("/api", resources)
        .merge(health::routes())
        .split_for_parts();
    add_security(&mut description);
    operations(&mut description).for_each(name_by_tag);
    (router, description)
}

fn operations(description: &mut utoipa::openapi::OpenApi) -> impl Iterator<Item = &mut Operation> {
    description.paths.paths.values_mut().flat_map(|item| {
        let PathItem { get, put, post, delete, patch, .. } = item;
        [get, put, post, delete, patch].into_iter().flatten()
    })
}

/// Handlers are called `list` and `show` in many a module; names of operations must differ: `facts_list`.
fn name_by_tag(operation: &mut Operation) {
    let tag = operation.tags.as_ref().and_then(|tags| tags.first());
    operation.operation_id = operation.operation_id.take().zip(tag).map(|(name, tag)| format!("{tag}_{name}"));
}

fn add_security(description: &mut utoipa::openapi::OpenApi) {
    let components = description.components.get_or_insert_default();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("SOUVENIR_API_TOKEN")).build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let cookie = ApiKeyValue::with_description(auth::COOKIE, "A dashboard session; changes need a same-origin Origin");
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

async fn nothing_here() -> Problem {
    Problem::not_found("there is nothing at this path: /api/openapi.json lists what there is")
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
struct List<T> {
    /// The items of this page.
    items: Vec<T>,
    /// Pass it as `cursor` for the next page; null on the last one.
    next_cursor: Option<i64>,
}

impl<T> List<T> {
    /// A list that has one page.
    fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page of the engine's, each item as `view` shows it.
    fn page<E>(page: crate::engine::inspect::Page<E>, view: impl FnMut(E) -> T) -> Self {
        Self { items: page.items.into_iter().map(view).collect(), next_cursor: page.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
        let (_, mut description) = described();
        let mut names = BTreeSet::new();
        for operation in operations(&mut description) {
            let name = operation.operation_id.clone().expect("a name");
            assert!(operation.summary.is_some(), "{name} says nothing");
            assert!(names.insert(name.clone()), "{name} is there twice");
        }
        assert!(names.contains("facts_list") && names.contains("messages_say"), "{names:?}");
    }
}
