//! A call's parameters, however they came: JSON, a form, or the query string; numbers and objects also as text.

use axum::body::Bytes;
use axum::http::{HeaderMap, Uri, header};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Joins the query string's and the body's parameters.
pub(super) fn decode(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Value, Refusal> {
    let mut params = Map::new();
    params.extend(pairs(uri.query().unwrap_or_default()));
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if body.is_empty() {
        // Nothing more to read.
    } else if kind.starts_with("application/json") {
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => params.extend(object),
            _ => return Err(Refusal::bad("Bad Request: can't parse JSON object")),
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        params.extend(pairs(&String::from_utf8_lossy(body)));
    } else if let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") {
        params.extend(parts(&String::from_utf8_lossy(body), boundary.trim_matches('"')));
    } else {
        return Err(Refusal::bad("Bad Request: unsupported content type in these tests"));
    }
    Ok(Value::Object(params))
}

/// The fields of a form in parts; one with a file is an object with its name and content.
fn parts(body: &str, boundary: &str) -> Vec<(String, Value)> {
    let read = |part: &str| {
        let (head, content) = part.split_once("\r\n\r\n")?;
        let attribute = |name: &str| {
            let (_, rest) = head.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        let content = content.strip_suffix("\r\n").unwrap_or(content);
        let value = match attribute(" filename") {
            Some(name) => serde_json::json!({"name": name, "content": content}),
            None => Value::String(content.to_owned()),
        };
        Some((attribute(" name")?, value))
    };
    body.split(&format!("--{boundary}")).filter_map(read).collect()
}

fn pairs(encoded: &str) -> impl Iterator<Item = (String, Value)> {
    // A URL's query decoder serves forms as well: they are written alike.
    let pairs = reqwest::Url::parse(&format!("http://form/?{encoded}")).ok();
    let pairs: Vec<_> = pairs
        .iter()
        .flat_map(reqwest::Url::query_pairs)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    pairs.into_iter()
}

/// An integer, also when written as text.
pub(super) fn integer(params: &Value, name: &str) -> Option<i64> {
    match &params[name] {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
}

/// An object or list, also when serialised as text.
pub(super) fn structure(params: &Value, name: &str) -> Result<Option<Value>, Refusal> {
    match &params[name] {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => serde_json::from_str(text)
            .map(Some)
            .map_err(|_| Refusal::bad(&format!("Bad Request: can't parse {name} JSON object"))),
        other => Ok(Some(other.clone())),
    }
}

/// A text; absent and null are the same.
pub(super) fn text<'a>(params: &'a Value, name: &str) -> Option<&'a str> {
    params[name].as_str()
}

/// A yes or no; absent is no.
pub(super) fn boolean(params: &Value, name: &str) -> bool {
    match &params[name] {
        Value::String(text) => matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "yes" | "1"),
        other => other.as_bool().unwrap_or(false),
    }
}
