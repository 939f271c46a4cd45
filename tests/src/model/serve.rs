//! The way of a request: key, faults, refusals, the gate, the answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, State as Extract};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::refusal;
use super::stream::{self, Answer};
use super::{Fault, Recorded, State};
use crate::tokens;
use crate::wire::{Cut, now};

type Shared = Arc<watch::Sender<State>>;

/// Prompt caches serve prefixes from this length on.
const CACHE_TOKENS: usize = 1_024;

pub(super) fn router(state: Shared) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .route("/v1/audio/transcriptions", post(super::hearing::transcribe))
        .route("/v1/models", get(models))
        .route("/v1/models/{id}", get(model))
        // Recordings and pictures are larger than what axum takes by itself.
        .layer(axum::extract::DefaultBodyLimit::max(64 * 1024 * 1024))
        .with_state(state)
}

async fn models(Extract(state): Extract<Shared>, headers: HeaderMap) -> Response {
    let state = state.borrow();
    if !key_fits(&state, &headers) {
        return refusal::plain(state.dialect, 401);
    }
    Json(json!({"object": "list", "data": state.models})).into_response()
}

async fn model(Extract(state): Extract<Shared>, axum::extract::Path(id): axum::extract::Path<String>) -> Response {
    let state = state.borrow();
    let found = state.models.as_array().and_then(|models| models.iter().find(|model| model["id"] == id.as_str()));
    found.map_or_else(|| refusal::plain(state.dialect, 404), |model| Json(model.clone()).into_response())
}

async fn complete(
    Extract(state): Extract<Shared>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (index, fault) = record(&state, &headers, &body);
    gate(&state).await;
    let response = respond(&state, index, &headers, &body, fault, &cut).await;
    state.send_modify(|state| {
        if let Some(request) = state.requests.get_mut(index) {
            request.status = Some(response.status().as_u16());
        }
    });
    response
}

fn record(state: &Shared, headers: &HeaderMap, body: &Value) -> (usize, Option<Fault>) {
    let mut recorded = (0, None);
    let keep = state.borrow().keep;
    let prompt_tokens = if keep { tokens::count_request(body) } else { 0 };
    state.send_modify(|state| {
        let cached_tokens = if keep { cached_tokens(&state.requests, body) } else { 0 };
        let fault = state.faults.pop_front().or_else(|| state.dice.as_mut()?.next(body));
        recorded = (state.requests.len(), fault);
        state.requests.push(Recorded {
            body: if keep { body.clone() } else { Value::Null },
            key: bearer(headers),
            prompt_tokens,
            cached_tokens,
            at: now(),
            status: None,
            abandoned: false,
        });
    });
    recorded
}

/// Waits while answers are held back.
async fn gate(state: &Shared) {
    let mut changes = state.subscribe();
    // An error means that the server is gone, and with it everybody who waits.
    let _ = changes.wait_for(|state| !state.held).await;
}

async fn respond(
    state: &Shared,
    index: usize,
    headers: &HeaderMap,
    body: &Value,
    fault: Option<Fault>,
    cut: &Cut,
) -> Response {
    let dialect = state.borrow().dialect;
    let mut cut_after = None;
    let mut spoil = false;
    match fault {
        Some(Fault::TooManyRequests(seconds)) => {
            let mut response = refusal::plain(dialect, 429);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            return response;
        }
        Some(Fault::Status(status)) => return refusal::plain(dialect, status),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Cut) => {
            cut.now();
            return StatusCode::OK.into_response();
        }
        Some(Fault::CutAfter(pieces)) => cut_after = Some(pieces),
        Some(Fault::InvalidJson) => spoil = true,
        Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
        None => {}
    }
    if !key_fits(&state.borrow(), headers) {
        return refusal::plain(dialect, 401);
    }
    let answer = match prepare(state, index, body) {
        Ok(answer) => answer,
        Err(refusal) => return *refusal,
    };
    if body["stream"] == true {
        let pacing = stream::Pacing::new(state, index);
        return stream::streamed(&answer, cut_after, spoil, cut.clone(), pacing);
    }
    if cut_after.is_some() {
        cut.now();
    }
    if spoil {
        return ([(header::CONTENT_TYPE, "application/json")], "{this is not JSON").into_response();
    }
    stream::whole(&answer)
}

fn prepare(state: &Shared, index: usize, body: &Value) -> Result<Answer, Box<Response>> {
    let mut result = Err(Box::new(refusal::plain(super::Dialect::OpenAi, 400)));
    state.send_modify(|state| {
        let (raw, cached) =
            state.requests.get(index).map_or((0, 0), |request| (request.prompt_tokens, request.cached_tokens));
        let scaled = scale(raw, state.reported_scale);
        if let Some(refusal) = refusal::of(state, body, scaled) {
            result = Err(Box::new(refusal));
            return;
        }
        let caller = state.caller.as_ref().filter(|_| body["tools"].is_array());
        let calls = caller.map(|caller| caller(body)).unwrap_or_default();
        let text = match calls.is_empty() {
            true => state.script.pop_front().unwrap_or_else(|| (state.replier)(body)),
            false => String::new(),
        };
        result = Ok(Answer { calls, ..answer(body, text, scaled, scale(cached, state.reported_scale)) });
    });
    result
}

fn answer(body: &Value, text: String, prompt_tokens: usize, cached_tokens: usize) -> Answer {
    let allowed = body["max_completion_tokens"].as_u64().or_else(|| body["max_tokens"].as_u64());
    let written = tokens::count(&text);
    let allowed = allowed.and_then(|allowed| usize::try_from(allowed).ok()).unwrap_or(usize::MAX);
    let completion_tokens = written.min(allowed);
    Answer {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        text,
        calls: Vec::new(),
        with_usage: body["stream_options"]["include_usage"] == true,
        // The text stays whole: a script says what it says. Only the reason tells that it should not have fitted.
        cut_short: written > allowed,
        usage: json!({
            "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": cached_tokens, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small positive numbers"
)]
fn scale(tokens: usize, factor: f64) -> usize {
    (tokens as f64 * factor).ceil() as usize
}

/// The longest prefix of whole messages that this request shares with an earlier one to the same model, when it is long
/// enough to be cached; in steps of 128 tokens as OpenAI counts.
fn cached_tokens(earlier: &[Recorded], body: &Value) -> usize {
    let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let shared = |other: &Recorded| {
        let others = other.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let same = messages.iter().zip(others).take_while(|(one, other)| one == other).count();
        tokens::count_request(&json!({"messages": messages[..same]}))
    };
    let same_model = earlier.iter().filter(|other| other.body["model"] == body["model"]);
    let longest = same_model.map(shared).max().unwrap_or(0);
    if longest < CACHE_TOKENS { 0 } else { longest / 128 * 128 }
}

pub(super) fn key_fits(state: &State, headers: &HeaderMap) -> bool {
    state.key.is_none() || state.key == bearer(headers)
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::to_owned)
}
