//! Long polling: the newest poll holds the line, an older one ends with a conflict, as with Telegram.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::params::{integer, structure};
use super::refusal::Refusal;
use super::state::State;

const WEBHOOK_IS_SET: &str =
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/// Confirms what lies below the offset, and waits until there is something to give.
pub(super) async fn get_updates(state: &Arc<watch::Sender<State>>, params: &Value) -> Result<Value, Refusal> {
    let offset = integer(params, "offset").unwrap_or(0);
    let limit = usize::try_from(integer(params, "limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let seconds = u64::try_from(integer(params, "timeout").unwrap_or(0).clamp(0, 50)).unwrap_or(0);
    let mut changes = state.subscribe();
    let mine = begin(state, structure(params, "allowed_updates")?)?;
    let deadline = tokio::time::sleep(Duration::from_secs(seconds));
    tokio::pin!(deadline);
    loop {
        if let Some(updates) = take(state, mine, offset, limit)? {
            return Ok(Value::Array(updates));
        }
        let news = changes.wait_for(|state| state.poll != mine || !state.queue.is_empty() || !state.again.is_empty());
        tokio::select! {
            () = &mut deadline => return Ok(json!([])),
            _ = news => {}
        }
    }
}

/// Begins a poll, which ends the one before; its number.
fn begin(state: &watch::Sender<State>, allowed: Option<Value>) -> Result<u64, Refusal> {
    let mut mine = Err(Refusal::new(409, WEBHOOK_IS_SET));
    state.send_if_modified(|state| {
        if state.webhook.is_none() {
            mine = state.allow(allowed).map(|()| state.begin_poll());
        }
        mine.is_ok()
    });
    mine
}

/// What there is for this poll, if it still holds the line.
fn take(state: &watch::Sender<State>, mine: u64, offset: i64, limit: usize) -> Result<Option<Vec<Value>>, Refusal> {
    let mut taken = Ok(None);
    state.send_if_modified(|state| {
        if state.poll != mine {
            let status = if state.revoked { 401 } else { 409 };
            taken = Err(Refusal::new(status, state.poll_ended));
            return false;
        }
        let before = state.queue.len() + state.again.len();
        let mut updates = state.deliver(offset, limit);
        let changed = before != state.queue.len() + state.again.len();
        state.trouble_updates(&mut updates);
        taken = Ok(Some(updates).filter(|updates| !updates.is_empty()));
        changed
    });
    taken
}
