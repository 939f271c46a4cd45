//! `POST /v1/audio/transcriptions`: a form with a recording and a model's name, answered with what a test says is heard.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::watch;

use super::serve::key_fits;
use super::{ModelServer, State, refusal};
use crate::wire::soon;

/// A recording as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The model asked for.
    pub model: String,
    /// The name of the file.
    pub name: String,
    /// The recording.
    pub bytes: Vec<u8>,
}

impl ModelServer {
    /// Hears these words, one recording after the other; otherwise how long each is.
    pub fn hear<T: Into<String>>(&self, words: impl IntoIterator<Item = T>) {
        let words: Vec<String> = words.into_iter().map(Into::into).collect();
        self.change(|state| state.words.extend(words));
    }

    /// The next recordings are answered with this status, so often.
    pub fn fail_hearing(&self, status: u16, times: usize) {
        self.change(|state| state.deaf.extend(std::iter::repeat_n(status, times)));
    }

    /// The recordings so far.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.state.borrow().heard.clone()
    }

    /// Waits until so many recordings have come.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn wait_until_heard(&self, count: usize) {
        let mut changes = self.state.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|state| state.heard.len() >= count).await;
        };
        soon(&format!("recording {count}"), waiting).await;
    }
}

pub(super) async fn transcribe(
    Extract(state): Extract<Arc<watch::Sender<State>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !key_fits(&state.borrow(), &headers) {
        return refusal::plain(super::Dialect::OpenAi, 401);
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") else {
        return refusal::plain(super::Dialect::OpenAi, 400);
    };
    let parts = parts(&body, boundary.trim_matches('"'));
    let field = |name: &str| parts.iter().find(|part| part.name == name);
    let (Some(model), Some(file)) = (field("model"), field("file")) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": {"message": "model and file are required"}})))
            .into_response();
    };
    let heard = Heard {
        model: String::from_utf8_lossy(&model.content).into_owned(),
        name: file.file_name.clone().unwrap_or_default(),
        bytes: file.content.clone(),
    };
    let otherwise = format!("I hear {} bytes", heard.bytes.len());
    let (mut words, mut failure) = (None, None);
    state.send_modify(|state| {
        failure = state.deaf.pop_front();
        if failure.is_none() {
            words = state.words.pop_front();
        }
        state.heard.push(heard);
    });
    match failure {
        Some(status) => refusal::plain(super::Dialect::OpenAi, status),
        None => Json(json!({"text": words.unwrap_or(otherwise)})).into_response(),
    }
}

struct FormPart {
    name: String,
    file_name: Option<String>,
    content: Vec<u8>,
}

fn parts(body: &[u8], boundary: &str) -> Vec<FormPart> {
    let mark = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(at) = position(rest, mark.as_bytes()) {
        let part = &rest[..at];
        rest = &rest[at + mark.len()..];
        let Some(end) = position(part, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&part[..end]).into_owned();
        let attribute = |name: &str| {
            let (_, rest) = head.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value.to_owned())
        };
        let content = part[end + 4..].strip_suffix(b"\r\n").unwrap_or(&part[end + 4..]).to_vec();
        parts.extend(attribute(" name").map(|name| FormPart { name, file_name: attribute(" filename"), content }));
    }
    parts
}

fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
