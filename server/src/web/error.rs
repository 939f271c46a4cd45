//! Errors as responses: the one place that turns what went wrong into RFC 9457 problem details.
//!
//! A [`Problem`] says what a caller may know. Internals are logged here, once, and shown as "internal error".

use axum::{
    Json,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::engine::EngineError;

/// The media type of problem details.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// What an API handler gives.
pub(super) type ApiResult<T> = Result<T, Problem>;

/// A problem as it goes over the wire (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Names the sort of problem: `urn:souvenir:problem:` and a word.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The sort of problem in words.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What happened this time, and the remedy.
    #[schema(example = "chat 12 does not exist")]
    detail: String,
    /// The field or parameter that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    field: Option<Box<str>>,
    /// What else a caller may need.
    #[serde(flatten)]
    #[schema(ignore)]
    more: Map<String, Value>,
    #[serde(skip)]
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl Problem {
    /// A problem with a status; its type and title follow from it.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: kind(status),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
            more: Map::new(),
            header: None,
        }
    }

    /// 404.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 400: the request cannot be read.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 422: a value that is understood and refused.
    pub(super) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail).about(field)
    }

    /// 500: logs what happened, shows nothing of it.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error: the log has the details")
    }

    /// Names the field that is at fault.
    #[must_use]
    pub(super) fn about(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into().into_boxed_str());
        self
    }

    /// Adds a member of its own to the problem.
    #[must_use]
    pub(super) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.more.insert(member.to_owned(), value.into());
        self
    }

    /// Adds a header to the response.
    #[must_use]
    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some(Box::new((name, value)));
        self
    }

    /// What happened, for doors that show no JSON.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// The field at fault, if there is one.
    pub(super) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

/// The sort of problem that a status stands for.
fn kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "urn:souvenir:problem:malformed-request",
        StatusCode::UNAUTHORIZED => "urn:souvenir:problem:unauthorized",
        StatusCode::FORBIDDEN => "urn:souvenir:problem:forbidden",
        StatusCode::NOT_FOUND => "urn:souvenir:problem:not-found",
        StatusCode::METHOD_NOT_ALLOWED => "urn:souvenir:problem:method-not-allowed",
        StatusCode::CONFLICT => "urn:souvenir:problem:conflict",
        StatusCode::PAYLOAD_TOO_LARGE => "urn:souvenir:problem:body-too-large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "urn:souvenir:problem:unsupported-media-type",
        StatusCode::UNPROCESSABLE_ENTITY => "urn:souvenir:problem:invalid-value",
        StatusCode::BAD_GATEWAY => "urn:souvenir:problem:no-answer",
        StatusCode::SERVICE_UNAVAILABLE => "urn:souvenir:problem:unavailable",
        _ => "urn:souvenir:problem:error",
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let header = self.header.take();
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response.headers_mut().extend(header.map(|header| *header));
        response
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NoChat(id) => Self::not_found(format!("chat {id} does not exist")).about("id"),
            EngineError::NoTurn(id) => Self::not_found(format!("turn {id} does not exist in this chat")),
            EngineError::Model(why) => Self::new(StatusCode::BAD_GATEWAY, why),
            EngineError::NoEpisode(id) => Self::not_found(format!("episode {id} does not exist in this chat")),
            EngineError::NoAnalysis(id) => Self::not_found(format!("analysis {id} does not exist in this chat")),
            EngineError::NoJob(id) => Self::not_found(format!("job {id} does not exist in this chat")),
            EngineError::NoImport(id) => Self::not_found(format!("there is no import {id}")),
            EngineError::NoProposal(id) => Self::not_found(format!("proposal {id} does not wait in this chat")),
            EngineError::NoFact(id) => Self::not_found(format!("fact {id} does not exist in this chat")),
            EngineError::NoMessage(id) => Self::not_found(format!("message {id} does not exist in this chat")),
            EngineError::NotConsole(id) => Self::new(
                StatusCode::CONFLICT,
                format!("chat {id} is not a console chat: write to it in Telegram, or make a console chat"),
            ),
            EngineError::Invalid { field, message } => Self::invalid(field, message),
            EngineError::Conflict(message) => Self::new(StatusCode::CONFLICT, message),
            EngineError::Paused(pause) => Self::new(StatusCode::CONFLICT, pause.to_string()),
            other => Self::internal(&other),
        }
    }
}

/// Gives errors that the framework made in plain text (405, 413, …) the form that every other error of the API has.
pub(super) async fn frame_plain_errors(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api");
    let response = next.run(request).await;
    let status = response.status();
    if !is_api || !(status.is_client_error() || status.is_server_error()) || is_problem(&response) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let problem = Problem::new(status, plain_detail(status));
    match allow {
        Some(methods) => problem.header(header::ALLOW, methods),
        None => problem,
    }
    .into_response()
}

fn is_problem(response: &Response) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|value| value.starts_with(PROBLEM_JSON))
}

fn plain_detail(status: StatusCode) -> &'static str {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => "this method is not offered here: the Allow header names those that are",
        StatusCode::PAYLOAD_TOO_LARGE => "the request body is larger than 1 MB",
        StatusCode::NOT_FOUND => "there is nothing at this path: /api/openapi.json lists what there is",
        _ => "the request could not be served",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_value_names_its_field() {
        let problem = Problem::invalid("session_duration", "session_duration is 3: use at least 15");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["status"], 422);
        assert_eq!(json["field"], "session_duration");
        assert_eq!(json["type"], "urn:souvenir:problem:invalid-value");
        assert_eq!(json["detail"], "session_duration is 3: use at least 15");
    }

    #[test]
    fn an_internal_error_shows_nothing_of_itself() {
        let problem = Problem::from(EngineError::Internal("table facts is gone".to_owned()));
        let json = serde_json::to_string(&problem).unwrap();
        assert!(!json.contains("facts"), "{json}");
    }
}
