//! The way of a call: find the method, decode, log, meet the fault that is due, answer.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State as Extract};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::refusal::Refusal;
use super::state::State;
use super::{Call, Fault, TOKEN, files, methods, params, polling, specs};
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
    if files::is_address(&uri) {
        return files::fetch(&state, &uri, &cut).await;
    }
    let Some((token, name)) = uri.path().strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
        return respond(&Err(Refusal::new(404, "Not Found")));
    };
    if token != TOKEN || state.borrow().revoked {
        return respond(&Err(Refusal::new(401, "Unauthorized")));
    }
    let decoded = params::decode(&uri, &headers, &body);
    let others = state.borrow().others;
    let refused = others.and_then(|others| others.refuses(name, decoded.as_ref().ok()));
    let call = Calling::begin(state, name, decoded.as_ref().ok());
    match refused {
        Some(refusal) => call.end(&Err(refusal)),
        None => call.meet_fault(decoded, &cut).await,
    }
}

/// A call that is being made.
struct Calling {
    state: Shared,
    method: String,
    /// Its place in the log.
    index: usize,
    fault: Option<Fault>,
}

impl Calling {
    /// Logs a call and draws its fault.
    fn begin(state: Shared, name: &str, params: Option<&Value>) -> Self {
        let known = methods::METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        let method = known.unwrap_or(name).to_owned();
        let params = params.cloned().unwrap_or(Value::Null);
        let (mut index, mut fault) = (0, None);
        state.send_modify(|state| {
            index = state.calls.len();
            fault = state.faults.next(&method, &params);
            match known {
                Some(known) => state.complaints.extend(specs::complaints(known, &params)),
                None => state.complaints.push(format!("there is no method {name:?}")),
            }
            let call = Call {
                method: method.clone(),
                known: known.is_some(),
                params,
                at: now(),
                status: None,
                fault: fault.clone(),
                message_id: None,
            };
            state.calls.push(call);
        });
        Self { state, method, index, fault }
    }

    /// Answers, or does what the call's fault has it do instead.
    async fn meet_fault(&self, params: Result<Value, Refusal>, cut: &Cut) -> Response {
        match &self.fault {
            Some(Fault::Cut) => return cut_off(cut),
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::ServerError(status)) => return self.proxy_error(*status),
            Some(Fault::TooManyRequests(seconds)) => return self.end(&Err(Refusal::too_many(*seconds))),
            Some(Fault::Refuse(status, description)) => return self.end(&Err(Refusal::new(*status, description))),
            Some(Fault::Delay(time)) => tokio::time::sleep(*time).await,
            _ => {}
        }
        let answer = match params {
            Ok(params) => self.answer(&params).await,
            Err(refusal) => Err(refusal),
        };
        match &self.fault {
            Some(Fault::CutAfter) => cut_off(cut),
            Some(Fault::HangAfter) => std::future::pending().await,
            Some(Fault::ServerErrorAfter(status)) => self.proxy_error(*status),
            _ => self.end(&answer),
        }
    }

    /// Carries the call out.
    async fn answer(&self, params: &Value) -> Result<Value, Refusal> {
        if self.method == "getUpdates" {
            let others = self.state.borrow().others;
            let updates = polling::get_updates(&self.state, params).await;
            return updates.map(|updates| others.map_or(updates.clone(), |others| others.tells("getUpdates", updates)));
        }
        let mut result = Err(Refusal::new(500, "Internal Server Error"));
        self.state.send_modify(|state| result = state.carry_out(self.index, &self.method, params));
        let others = self.state.borrow().others;
        result.map(|result| others.map_or(result.clone(), |others| others.tells(&self.method, result)))
    }

    /// Tells the bot.
    fn end(&self, answer: &Result<Value, Refusal>) -> Response {
        self.note(answer.as_ref().map_or_else(|refusal| refusal.status, |_| 200));
        respond(answer)
    }

    fn note(&self, status: u16) {
        self.state.send_modify(|state| {
            if let Some(call) = state.calls.get_mut(self.index) {
                call.status = Some(status);
            }
        });
    }

    /// What a proxy says when the server behind it fails.
    fn proxy_error(&self, status: u16) -> Response {
        self.note(status);
        let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let html = format!("<html><head><title>{code}</title></head><body><h1>{code}</h1></body></html>");
        (code, [(header::CONTENT_TYPE, "text/html")], html).into_response()
    }
}

impl State {
    /// Carries out the call at this place of the log, and notes which message it sent.
    pub(super) fn carry_out(&mut self, index: usize, method: &str, params: &Value) -> Result<Value, Refusal> {
        let before = self.sent.len();
        let answer = methods::answer(self, method, params);
        if let Some(sent) = self.sent.get_mut(before) {
            sent.call = index;
            self.calls[index].message_id = Some(sent.message_id);
        }
        answer
    }
}

fn cut_off(cut: &Cut) -> Response {
    cut.now();
    StatusCode::OK.into_response()
}

fn respond(answer: &Result<Value, Refusal>) -> Response {
    let (status, body) = match answer {
        Ok(result) => (200, json!({"ok": true, "result": result}).to_string()),
        Err(refusal) => (refusal.status, refusal.foreign.clone().unwrap_or_else(|| refusal.as_json().to_string())),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
