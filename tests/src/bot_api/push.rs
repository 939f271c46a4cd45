//! Delivery to the webhook, as Telegram does it: one update of a chat at a time, chats beside each other up to
//! `max_connections`, each again and again until it is answered with a status of success.
//!
//! The answer's body may name a method, which is then carried out as if the bot had called it. Waits between attempts
//! are much shorter than Telegram's, so that tests are quick.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Url};
use serde_json::Value;
use tokio::sync::watch;

use super::Call;
use super::methods;
use super::records::Route;
use super::state::State;
use super::webhook::Webhook;
use crate::wire::now;

type Shared = Arc<watch::Sender<State>>;

/// Telegram waits about a minute.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Delivers for ever; to be aborted.
pub(super) async fn run(state: Shared) {
    let client = Client::builder().no_proxy().timeout(ANSWER_TIMEOUT).build().expect("a client without TLS");
    let mut changes = state.subscribe();
    loop {
        let mut next = None;
        state.send_if_modified(|state| {
            next = take(state);
            next.is_some()
        });
        match next {
            Some(delivery) => {
                tokio::spawn(deliver(Arc::clone(&state), client.clone(), delivery));
            }
            // An error means that the server is gone; then this task is about to be aborted.
            None => drop(changes.wait_for(|state| peek(state).is_some()).await),
        }
    }
}

/// One update on its way.
struct Delivery {
    webhook: Webhook,
    update: Value,
    /// What it must not overtake and nothing may overtake it in; none for a repetition.
    chat: Option<i64>,
}

fn is_possible(state: &State) -> bool {
    !state.down && state.webhook.as_ref().is_some_and(|webhook| state.pushing.len() < webhook.max_connections)
}

/// The first update in the queue of whose chat none is on its way.
fn peek(state: &State) -> Option<usize> {
    if !is_possible(state) {
        return None;
    }
    if !state.again.is_empty() {
        return Some(usize::MAX);
    }
    state.queue.iter().position(|update| !state.pushing.contains(&chat_of(update)))
}

fn take(state: &mut State) -> Option<Delivery> {
    let index = peek(state)?;
    let webhook = state.webhook.clone()?;
    if index == usize::MAX {
        return Some(Delivery { webhook, update: state.again.remove(0), chat: None });
    }
    let update = state.queue.get(index)?.clone();
    let chat = chat_of(&update);
    state.pushing.insert(chat);
    Some(Delivery { webhook, update, chat: Some(chat) })
}

/// The chat an update belongs to; those of none share a line.
fn chat_of(update: &Value) -> i64 {
    let kinds = update.as_object().into_iter().flatten();
    let chat = |body: &Value| body["chat"]["id"].as_i64().or_else(|| body["message"]["chat"]["id"].as_i64());
    kinds.filter_map(|(_, body)| chat(body)).next().unwrap_or_default()
}

async fn deliver(state: Shared, client: Client, delivery: Delivery) {
    let mut wait = FIRST_WAIT;
    loop {
        let outcome = post(&state, &client, &delivery).await;
        let mut over = false;
        state.send_modify(|state| over = conclude(state, &delivery, outcome));
        if over {
            return;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

/// Notes what came of an attempt; whether there is nothing more to do.
fn conclude(state: &mut State, delivery: &Delivery, outcome: Result<Value, String>) -> bool {
    let number = delivery.webhook.number;
    let current = state.webhook.as_ref().is_some_and(|webhook| webhook.number == number);
    let delivered = outcome.is_ok();
    match outcome {
        Ok(body) => {
            state.queue.retain(|update| delivery.chat.is_none() || update["update_id"] != delivery.update["update_id"]);
            call_in_answer(state, &body);
            if delivery.chat.is_some() {
                state.trouble_delivered(&delivery.update);
            }
        }
        Err(message) => state.note_webhook_error(number, message),
    }
    let over = delivered || !current;
    if over && let Some(chat) = delivery.chat {
        state.pushing.remove(&chat);
    }
    over
}

async fn post(state: &Shared, client: &Client, delivery: &Delivery) -> Result<Value, String> {
    let address = resolve(&state.borrow().routes, &delivery.webhook.url)?;
    let mut request = client.post(address).json(&delivery.update);
    if let Some(secret) = &delivery.webhook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let response = request.send().await.map_err(|error| {
        let words = if error.is_timeout() { "Read timeout expired" } else { "Connection refused" };
        words.to_owned()
    })?;
    let status = response.status();
    if !status.is_success() {
        let reason = status.canonical_reason().unwrap_or_default();
        return Err(format!("Wrong response from the webhook: {} {reason}", status.as_u16()));
    }
    let body = response.bytes().await.map_err(|_| "Connection reset by peer".to_owned())?;
    Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
}

/// Where an address leads: a name is looked up among the routes, a loopback address stands for itself.
fn resolve(routes: &[Route], url: &Url) -> Result<Url, String> {
    if let Some(route) = routes.iter().rfind(|route| url.as_str().starts_with(&route.from)) {
        let path = url.as_str()[route.from.len()..].trim_start_matches('/');
        return format!("{}/{path}", route.to).parse().map_err(|_| "Failed to parse the address".to_owned());
    }
    match url.host_str() {
        Some("127.0.0.1" | "localhost" | "[::1]") => Ok(url.clone()),
        _ => Err("Failed to resolve host: Name or service not known".to_owned()),
    }
}

/// Carries out the method that an answer names. Telegram does not say what became of it.
fn call_in_answer(state: &mut State, body: &Value) {
    let Some(name) = body["method"].as_str() else { return };
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("get") || ["setwebhook", "deletewebhook", "close", "logout"].contains(&lower.as_str()) {
        return;
    }
    let known = methods::METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(name));
    let method = known.unwrap_or(name).to_owned();
    let mut params = body.clone();
    if let Some(params) = params.as_object_mut() {
        params.remove("method");
    }
    let index = state.calls.len();
    let call = Call {
        method: method.clone(),
        known: known.is_some(),
        params: params.clone(),
        at: now(),
        status: None,
        fault: None,
        message_id: None,
    };
    state.calls.push(call);
    let answer = state.carry_out(index, &method, &params);
    state.calls[index].status = Some(answer.map_or_else(|refusal| refusal.status, |_| 200));
}
