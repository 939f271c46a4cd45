//! The way of a call: find the method, decode, log, meet the fault that is due, answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State as Extract};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::methods::{self, Refusal};
use super::params::{self, integer, structure};
use super::state::State;
use super::{Call, Fault, TOKEN};
use crate::wire::{Cut, now};

type Shared = Arc<watch::Sender<State>>;

/// Takes any path and method: what Telegram does not know gets Telegram's refusal.
pub(super) fn router(state: Shared) -> Router {
    Router::new().fallback(call).with_state(state)
}

async fn call(
    Extract(state): Extract<Shared>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((token, name)) = uri.path().strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return refused(&Refusal::new(404, "Not Found"));
    };
    if token != TOKEN {
        return refused(&Refusal::new(401, "Unauthorized"));
    }
    let known = methods::METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    let method = known.unwrap_or(name).to_owned();
    let decoded = params::decode(&uri, &headers, &body);
    let params = decoded.as_ref().ok().cloned().unwrap_or(Value::Null);
    let (index, fault) = log(&state, &method, known.is_some(), params.clone());

    let answer = match fault {
        Some(Fault::Cut) => {
            cut.now();
            return StatusCode::OK.into_response();
        }
        Some(Fault::ServerError(status)) => {
            note(&state, index, status);
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return (status, "<html><body>bad gateway</body></html>").into_response();
        }
        Some(Fault::TooManyRequests(seconds)) => Err(Refusal {
            status: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            retry_after: Some(seconds),
        }),
        Some(Fault::Refuse(status, description)) => Err(Refusal::new(status, description)),
        Some(Fault::CutAfter) => {
            let _ = answer(&state, &method, &params).await;
            cut.now();
            return StatusCode::OK.into_response();
        }
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            answer(&state, &method, &params).await
        }
        None => match decoded {
            Ok(params) => answer(&state, &method, &params).await,
            Err(refusal) => Err(refusal),
        },
    };
    note(&state, index, answer.as_ref().map_or_else(|refusal| refusal.status, |_| 200));
    match answer {
        Ok(result) => respond(200, &json!({"ok": true, "result": result})),
        Err(refusal) => refused(&refusal),
    }
}

fn log(state: &Shared, method: &str, known: bool, params: Value) -> (usize, Option<Fault>) {
    let mut logged = (0, None);
    state.send_modify(|state| {
        logged = (state.calls.len(), state.take_fault(method));
        state.calls.push(Call { method: method.to_owned(), known, params, at: now(), status: None });
    });
    logged
}

fn note(state: &Shared, index: usize, status: u16) {
    state.send_modify(|state| {
        if let Some(call) = state.calls.get_mut(index) {
            call.status = Some(status);
        }
    });
}

async fn answer(state: &Shared, method: &str, params: &Value) -> Result<Value, Refusal> {
    if method == "getUpdates" {
        return get_updates(state, params).await;
    }
    let mut result = Err(Refusal::new(500, "Internal Server Error"));
    state.send_modify(|state| result = methods::answer(state, method, params));
    result
}

/// Long polling: the newest poll holds the line, an older one ends with a conflict, as with Telegram.
async fn get_updates(state: &Shared, params: &Value) -> Result<Value, Refusal> {
    let offset = integer(params, "offset").unwrap_or(0);
    let limit = usize::try_from(integer(params, "limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let seconds = u64::try_from(integer(params, "timeout").unwrap_or(0).clamp(0, 50)).unwrap_or(0);
    let allowed = structure(params, "allowed_updates")?;
    let mut changes = state.subscribe();
    let mut mine = Err(Refusal::new(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    ));
    state.send_if_modified(|state| {
        if state.webhook.is_none() {
            mine = state.allow(allowed).map(|()| state.begin_poll());
        }
        mine.is_ok()
    });
    let mine = mine?;
    let deadline = tokio::time::sleep(Duration::from_secs(seconds));
    tokio::pin!(deadline);
    loop {
        let mut updates = Vec::new();
        let mut terminated = None;
        state.send_if_modified(|state| {
            terminated = (state.poll != mine).then_some(state.poll_ended);
            if terminated.is_none() {
                let before = state.queue.len() + state.again.len();
                updates = state.deliver(offset, limit);
                return before != state.queue.len() + state.again.len();
            }
            false
        });
        if let Some(why) = terminated {
            return Err(Refusal::new(409, why));
        }
        if !updates.is_empty() {
            return Ok(Value::Array(updates));
        }
        let news = changes.wait_for(|state| state.poll != mine || !state.queue.is_empty() || !state.again.is_empty());
        tokio::select! {
            () = &mut deadline => return Ok(json!([])),
            _ = news => {}
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let mut body = json!({"ok": false, "error_code": refusal.status, "description": refusal.description});
    if let Some(seconds) = refusal.retry_after {
        body["parameters"] = json!({"retry_after": seconds});
    }
    respond(refusal.status, &body)
}

fn respond(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
