//! The API's description, as OpenAPI: what the routes say of themselves, and what holds for all of them.
//!
//! Handlers name the responses of their own. What the gate, the body's reading and the error responses do for every
//! operation is added here, in one place, so that none of it is forgotten: the media type of problems, and the refusals
//! that can meet any request. `cargo xtask fuzz-api` holds the server to this description.

use std::collections::BTreeMap;

use utoipa::openapi::{
    Content, HttpMethod, PathItem, Ref, RefOr, Response, ResponseBuilder,
    path::{Operation, ParameterIn},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::web::{auth, error::PROBLEM_JSON};

/// The schema of problems, as responses refer to it.
const PROBLEM: &str = "#/components/schemas/Problem";

/// Refusals that can meet every request.
const ALWAYS: [(&str, &str); 2] =
    [("401", "Neither a token nor a session"), ("421", "Sent to a name that is not this server's")];
/// Refusals of requests that change something.
const CHANGES: [(&str, &str); 3] = [
    ("403", "A session's request from a page of another origin"),
    ("408", "The body did not arrive in time"),
    ("413", "The body is larger than 1 MB"),
];
/// Refusals of a body.
const BODIES: [(&str, &str); 3] =
    [("400", "The body is not JSON"), ("415", "The body does not say that it is JSON"), ("422", "A field is refused")];
/// Refusals of parameters in the query.
const QUERIES: [(&str, &str); 2] = [("400", "A parameter is there twice"), ("422", "A parameter is refused")];

/// Completes what the routes said.
pub(super) fn complete(description: &mut utoipa::openapi::OpenApi, secure: bool) {
    add_security(description, secure);
    for (method, operation) in operations(description) {
        name_by_tag(operation);
        add_refusals(method, operation);
        operation.responses.responses.values_mut().for_each(say_problem);
    }
}

/// Every operation with its method.
pub(super) fn operations(
    description: &mut utoipa::openapi::OpenApi,
) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    description.paths.paths.values_mut().flat_map(|item| {
        let PathItem { get, put, post, delete, patch, .. } = item;
        let by_method = [
            (HttpMethod::Get, get),
            (HttpMethod::Put, put),
            (HttpMethod::Post, post),
            (HttpMethod::Delete, delete),
            (HttpMethod::Patch, patch),
        ];
        by_method.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
    })
}

/// Handlers are called `list` and `show` in many a module; names of operations must differ: `facts_list`.
fn name_by_tag(operation: &mut Operation) {
    let tag = operation.tags.as_ref().and_then(|tags| tags.first());
    operation.operation_id = operation.operation_id.take().zip(tag).map(|(name, tag)| format!("{tag}_{name}"));
}

fn add_refusals(method: HttpMethod, operation: &mut Operation) {
    let is_open = operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == "health"));
    if is_open {
        return;
    }
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let has_query = parameters.iter().any(|parameter| matches!(parameter.parameter_in, ParameterIn::Query));
    let mut refusals: Vec<(&str, &str)> = ALWAYS.to_vec();
    if !matches!(method, HttpMethod::Get) {
        refusals.extend(CHANGES);
    }
    if operation.request_body.is_some() {
        refusals.extend(BODIES);
    }
    if has_query {
        refusals.extend(QUERIES);
    }
    let responses: &mut BTreeMap<String, RefOr<Response>> = &mut operation.responses.responses;
    for (status, meaning) in refusals {
        let problem = Content::new(Some(Ref::new(PROBLEM)));
        let response = ResponseBuilder::new().description(meaning).content(PROBLEM_JSON, problem).build();
        responses.entry(status.to_owned()).or_insert(RefOr::T(response));
    }
}

/// Problems have a media type of their own, which the handlers' attributes cannot know.
fn say_problem(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else { return };
    let is_problem = |content: &Content| matches!(&content.schema, Some(RefOr::Ref(to)) if to.ref_location == PROBLEM);
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert(PROBLEM_JSON.to_owned(), content);
    }
}

fn add_security(description: &mut utoipa::openapi::OpenApi, secure: bool) {
    let components = description.components.get_or_insert_default();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("SOUVENIR_API_TOKEN")).build();
    components.add_security_scheme("token", SecurityScheme::Http(token));
    let about = "A dashboard session; changes need a same-origin Origin";
    let cookie = ApiKeyValue::with_description(auth::cookie_name(secure), about);
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}
