//! Reading requests: bodies, paths and parameters, with errors that name the field, the value and the remedy.

use std::{fmt::Display, str::FromStr};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::web::error::{ApiResult, Problem};

/// A JSON body. An empty one, or null, counts as `{}`, for calls whose fields are all optional.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let detail = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                "the request body is larger than 1 MB".to_owned()
            } else {
                rejection.body_text()
            };
            Problem::new(rejection.status(), detail)
        })?;
        if bytes.is_empty() || bytes.trim_ascii() == b"null" {
            return read(b"{}").map(Self);
        }
        if !says_json(&headers) {
            let detail = "the body is read as JSON only: send Content-Type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        read(&bytes).map(Self)
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let essence = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = essence.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() {
            return refused(&path, &without_position(&cause.to_string()));
        }
        Problem::malformed(format!("the body is not JSON: {cause}"))
    })?;
    json.end().map_err(|cause| Problem::malformed(format!("the body is not JSON: {cause}")))?;
    Ok(value)
}

/// JSON that says something else than what was asked for.
fn refused(path: &str, cause: &str) -> Problem {
    let named = |prefix: &str| {
        let (_, rest) = cause.split_once(prefix)?;
        rest.split('`').next().map(str::to_owned)
    };
    let own = named("unknown field `").or_else(|| named("missing field `"));
    let field = match (path, own) {
        ("." | "", Some(name)) => name,
        ("." | "", None) => return Problem::malformed(format!("the body is not what is expected here: {cause}")),
        (path, Some(name)) if !path.ends_with(&name) => format!("{path}.{name}"),
        (path, _) => path.to_owned(),
    };
    let detail = if cause.contains(&field) { cause.to_owned() } else { format!("{field}: {cause}") };
    Problem::invalid(field, detail)
}

fn without_position(message: &str) -> String {
    message.rfind(" at line ").map_or(message, |at| &message[..at]).to_owned()
}

/// Numbers in the path. A path without them leads nowhere, like any other wrong path.
pub(in crate::web) struct PathOf<T>(pub(in crate::web) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(ids)| Self(ids))
            .map_err(|_| Problem::not_found("there is nothing at this path: ids are whole numbers, such as 12"))
    }
}

/// Query parameters, all texts at first: see [`parsed`].
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(params)| Self(params)).map_err(|rejection| {
            let text = rejection.body_text();
            let cause = text.rsplit_once("query string: ").map_or(text.as_str(), |(_, cause)| cause);
            refused(".", cause)
        })
    }
}

/// A parameter that is read by a rule of its own, whose error says all there is to say.
pub(super) fn parsed<T>(field: &str, value: Option<&str>) -> ApiResult<Option<T>>
where
    T: FromStr<Err: Display>,
{
    let read = |text: &str| {
        text.parse().map_err(|error: T::Err| {
            let cause = error.to_string();
            let detail = if cause.starts_with(field) { cause } else { format!("{field}: {cause}") };
            Problem::invalid(field, detail)
        })
    };
    value.map(str::trim).filter(|text| !text.is_empty()).map(read).transpose()
}

/// A whole number within a range.
pub(super) fn number<T>(field: &str, value: Option<&str>, range: std::ops::RangeInclusive<T>) -> ApiResult<Option<T>>
where
    T: FromStr + PartialOrd + Display,
{
    let Some(text) = value.map(str::trim) else { return Ok(None) };
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(Some(number)),
        _ => {
            let (least, most) = (range.start(), range.end());
            let detail = format!("{field} is “{text}”: use a whole number from {least} to {most}");
            Err(Problem::invalid(field, detail))
        }
    }
}

/// Yes or no.
pub(super) fn flag(field: &str, value: Option<&str>) -> ApiResult<Option<bool>> {
    match value.map(str::trim) {
        None | Some("") => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(Problem::invalid(field, format!("{field} is “{other}”: use true or false"))),
    }
}

/// How many items a page has: 50 unless asked otherwise.
pub(super) fn limit(value: Option<&str>) -> ApiResult<u32> {
    number("limit", value, 1..=200).map(|limit| limit.unwrap_or(50))
}

/// Where a page goes on, as the page before said.
pub(super) fn cursor(value: Option<&str>) -> ApiResult<Option<i64>> {
    number("cursor", value, i64::MIN..=i64::MAX)
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParams {
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<i64>)]
    cursor: Option<String>,
    /// From 1 to 200; 50 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

impl PageParams {
    /// Where the page goes on, and how many items it has.
    pub(super) fn read(&self) -> ApiResult<(Option<i64>, u32)> {
        Ok((cursor(self.cursor.as_deref())?, limit(self.limit.as_deref())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Draft {
        #[expect(dead_code, reason = "only its reading is tested")]
        statement: String,
        #[expect(dead_code, reason = "only its reading is tested")]
        pinned: Option<bool>,
    }

    fn problem(body: &str) -> serde_json::Value {
        serde_json::to_value(read::<Draft>(body.as_bytes()).unwrap_err()).unwrap()
    }

    #[test]
    fn json_that_cannot_be_read_names_the_place() {
        let broken = problem("{\"statement\": }");
        assert_eq!(broken["status"], 400);
        assert!(broken["detail"].as_str().unwrap().contains("line 1 column 15"), "{broken}");
        assert_eq!(problem("{\"statement\": \"a\"} x")["status"], 400);
        assert_eq!(problem("[]")["status"], 400);
    }

    #[test]
    fn unknown_missing_and_mistyped_fields_are_refused_by_name() {
        for (body, field) in [
            ("{\"statement\": \"a\", \"colour\": 1}", "colour"),
            ("{}", "statement"),
            ("{\"statement\": 3}", "statement"),
            ("{\"statement\": \"a\", \"pinned\": \"yes\"}", "pinned"),
        ] {
            let refused = problem(body);
            assert_eq!(refused["status"], 422, "{refused}");
            assert_eq!(refused["field"], field, "{refused}");
            assert!(refused["detail"].as_str().unwrap().contains(field), "{refused}");
        }
    }

    #[test]
    fn parameters_out_of_range_say_which_range() {
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some("7")).unwrap(), 7);
        let refused = limit(Some("1000")).unwrap_err();
        assert_eq!(refused.field(), Some("limit"));
        assert!(refused.detail().contains("1 to 200"));
        assert_eq!(limit(Some("")).unwrap_err().field(), Some("limit"));
    }
}
