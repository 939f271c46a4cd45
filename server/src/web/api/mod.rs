//! The HTTP API: one file a resource, and its description, which comes from the same routes.
//!
//! Views of the wire are built here from the engine's structs: times become RFC 3339, reasons become sentences.

mod analyses;
mod chats;
mod context;
mod conversation;
mod description;
mod episodes;
mod export;
mod extract;
mod fact_view;
mod facts;
mod forget;
mod imports;
mod jobs;
mod manifest;
mod messages;
mod proposals;
mod say;
mod search;
mod settings;
mod summary;
mod turns;
mod usage;
mod wire;

use axum::{Json, Router, routing::get};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;

pub(super) use extract::PathOf;
pub(super) use say::{answered, receive};

use super::{Web, error::Problem, events, health};

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

/// Everything under `/api`, with `/healthz` and `/readyz`, and the description of all of it. Over HTTPS (`secure`) the
/// session's cookie has another name.
pub(super) fn router(secure: bool) -> Router<Web> {
    let (router, description) = described(secure);
    router
        .route("/api/openapi.json", get(move || std::future::ready(Json(description))))
        .route("/api", get(nothing_here))
        .route("/api/{*path}", axum::routing::any(nothing_here))
}

fn described(secure: bool) -> (Router<Web>, utoipa::openapi::OpenApi) {
    let resources = OpenApiRouter::new()
        .merge(chats::routes())
        .merge(messages::routes())
        .merge(forget::routes())
        .merge(say::routes())
        .merge(search::routes())
        .merge(conversation::routes())
        .merge(summary::routes())
        .merge(context::routes())
        .merge(turns::routes())
        .merge(facts::routes())
        .merge(episodes::routes())
        .merge(proposals::routes())
        .merge(analyses::routes())
        .merge(jobs::routes())
        .merge(imports::routes())
        .merge(export::routes())
        .merge(settings::routes())
        .merge(usage::routes())
        .merge(events::routes());
    let (router, mut description) = OpenApiRouter::with_openapi(Description::openapi())
        .nest("/api", resources)
        .merge(health::routes())
        .split_for_parts();
    description::complete(&mut description, secure);
    (router, description)
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
        let (_, mut description) = described(false);
        let mut names = BTreeSet::new();
        for (_, operation) in description::operations(&mut description) {
            let name = operation.operation_id.clone().expect("a name");
            assert!(operation.summary.is_some(), "{name} says nothing");
            assert!(names.insert(name.clone()), "{name} is there twice");
        }
        assert!(names.contains("facts_list") && names.contains("messages_say"), "{names:?}");
    }

    #[test]
    fn problems_are_described_as_what_they_are() {
        let (_, description) = described(false);
        let json = serde_json::to_value(&description).unwrap();
        let show = &json["paths"]["/api/chats/{id}"]["patch"]["responses"];
        for status in ["400", "401", "403", "404", "408", "413", "415", "421", "422"] {
            let content = show[status]["content"].as_object().unwrap_or_else(|| panic!("{status} is not described"));
            assert_eq!(content.keys().collect::<Vec<_>>(), ["application/problem+json"], "{status}");
        }
        assert!(json["paths"]["/healthz"]["get"]["responses"].get("401").is_none(), "that one is open to all");
    }
}
