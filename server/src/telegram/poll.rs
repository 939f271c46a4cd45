//! Long polling. An update is confirmed only after what it says has been stored.
//!
//! teloxide's dispatcher confirms updates before its handlers are done and panics when the Bot API is down at start;
//! here a crash loses nothing, and a Bot API that is down is a degraded state that heals by itself.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use souvenir_memory::Timestamp;
use teloxide::{
    payloads::DeleteWebhook,
    requests::Payload,
    types::{Update, UpdateKind},
};
use tokio::time::Instant;

use super::{
    Door,
    api::CallError,
    lane::{Job, Lanes},
    pace::Backoff,
    receive,
    update::{self, Arrival},
};
use crate::engine::{EngineError, ServiceState, UpdateKey};

/// How long the Bot API holds a poll open when nothing comes.
const POLL: Duration = Duration::from_secs(30);
/// Polls that bring nothing follow each other no faster than this.
const SHORTEST_POLL: Duration = Duration::from_millis(300);

/// `getUpdates`. Ours, because teloxide's offset is too small for some servers' ids, and because an update that cannot
/// be read must not cost the others.
#[derive(Debug, Serialize)]
struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    /// In seconds.
    timeout: u64,
    allowed_updates: [&'static str; 4],
}

impl Payload for GetUpdates {
    type Output = Vec<Value>;
    const NAME: &'static str = "GetUpdates";

    fn timeout_hint(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.timeout))
    }
}

/// Polls until the process is to stop.
pub(super) async fn run(door: &Door, lanes: &mut Lanes) {
    let mut poller = Poller { door, lanes, next: None, healthy: true };
    tokio::select! {
        () = poller.run() => {}
        () = door.shutdown.cancelled() => {}
    }
}

struct Poller<'a> {
    door: &'a Door,
    lanes: &'a mut Lanes,
    /// The id of the first update not yet stored.
    next: Option<i64>,
    healthy: bool,
}

impl Poller<'_> {
    async fn run(&mut self) {
        let mut backoff = Backoff::new();
        loop {
            // After trouble an answer at once shows that it is over.
            let timeout = if self.healthy { POLL.as_secs() } else { 0 };
            let allowed_updates = ["message", "edited_message", "callback_query", "my_chat_member"];
            let poll = GetUpdates { offset: self.next, timeout, allowed_updates };
            let asked = Instant::now();
            match self.door.api.call::<_, Vec<Value>>(&poll).await {
                Ok(updates) => {
                    backoff = Backoff::new();
                    self.recovered();
                    if !self.take(updates).await {
                        // A server that does not hold polls open is not asked in a tight loop.
                        tokio::time::sleep_until(asked + SHORTEST_POLL).await;
                    }
                }
                Err(error) => self.wait_out(error, &mut backoff).await,
            }
        }
    }

    fn recovered(&mut self) {
        if !std::mem::replace(&mut self.healthy, true) {
            tracing::info!("the Bot API answers again");
            self.door.report_polling();
        }
    }

    async fn wait_out(&mut self, error: CallError, backoff: &mut Backoff) {
        let wait = match &error {
            CallError::TooMany(wait) => *wait,
            _ => backoff.next(),
        };
        if std::mem::replace(&mut self.healthy, false) {
            tracing::warn!(error = %error, "polling failed; trying again until it works");
        }
        let state = ServiceState::degraded(format!("{}; trying again", super::remedy(&error)));
        self.door.engine.report_telegram(state);
        if matches!(&error, CallError::Refused { code: 409, description } if description.contains("webhook")) {
            // Whoever set it, this bot is to be polled now.
            self.door.api.call::<_, Value>(&DeleteWebhook::new()).await.ok();
        }
        tokio::time::sleep(wait).await;
    }

    /// Stores all updates of one poll, then lets the work on them begin: what came together is answered together.
    /// Whether anything was new.
    async fn take(&mut self, updates: Vec<Value>) -> bool {
        let mut jobs = Vec::new();
        let mut newest = None;
        for value in updates {
            let Some(update_id) = value["update_id"].as_i64() else { continue };
            jobs.extend(self.store(update_id, value).await);
            newest = newest.max(Some(update_id));
        }
        for job in jobs {
            self.lanes.push(job);
        }
        // After a quiet week Telegram begins its ids anew, perhaps lower.
        let next = newest.map_or(self.next, |id| Some(id + 1));
        std::mem::replace(&mut self.next, next) != next
    }

    /// Stores what one update says, however long that takes: it is not confirmed before.
    async fn store(&mut self, update_id: i64, value: Value) -> Option<Job> {
        let key = UpdateKey { bot_id: self.door.me.id, update_id };
        let arrival = read(key, value, self.door.engine.now())?;
        let mut backoff = Backoff::new();
        loop {
            match receive::receive(self.door, self.lanes, &arrival).await {
                Ok(job) => {
                    self.recovered();
                    return job;
                }
                Err(EngineError::Invalid { field, message }) => {
                    tracing::warn!(update.id = update_id, field, message, "skipped an update that cannot be stored");
                    return None;
                }
                Err(error) => {
                    tracing::error!(update.id = update_id, error = %error, "failed to store an update; trying again");
                    self.healthy = false;
                    let state = ServiceState::degraded("messages cannot be stored; trying again");
                    self.door.engine.report_telegram(state);
                    tokio::time::sleep(backoff.next()).await;
                }
            }
        }
    }
}

/// Reads one update; one that cannot be read is skipped, and the log says so.
fn read(key: UpdateKey, mut value: Value, now: Timestamp) -> Option<Arrival> {
    // The id is known already, and may be larger than teloxide's type for it.
    value["update_id"] = 0.into();
    fill_in(&mut value, now);
    // teloxide reads updates from text only.
    match serde_json::from_str::<Update>(&value.to_string()) {
        Ok(Update { kind: UpdateKind::Error(_), .. }) | Err(_) => {
            tracing::warn!(update.id = key.update_id, "skipped an update that cannot be read");
            None
        }
        Ok(update) => update::read(update, key, now),
    }
}

/// Servers other than Telegram's leave out fields that teloxide insists on and nothing here depends on: a message is not
/// to be lost for that.
fn fill_in(update: &mut Value, now: Timestamp) {
    let default = |parent: &mut Value, key: &str, value: Value| {
        if let Some(object) = parent.as_object_mut() {
            object.entry(key).or_insert(value);
        }
    };
    if let Some(press) = update.get_mut("callback_query") {
        default(press, "chat_instance", "".into());
        default(&mut press["from"], "is_bot", false.into());
        default(&mut press["from"], "first_name", "".into());
    }
    let message = if update.get("message").is_some() { "/message" } else { "/callback_query/message" };
    let Some(message) = update.pointer_mut(message) else { return };
    default(message, "date", (now.0 / 1000).into());
    default(&mut message["chat"], "type", "private".into());
    if let Some(from) = message.get_mut("from") {
        default(from, "is_bot", false.into());
        default(from, "first_name", "".into());
    }
}

impl Door {
    /// Tells the engine that all is well.
    pub(super) fn report_polling(&self) {
        self.engine.report_telegram(ServiceState::ok(format!("polling as @{}", self.me.username)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: UpdateKey = UpdateKey { bot_id: 7, update_id: 5_000_000_000 };
    const NOW: Timestamp = Timestamp(1_795_353_480_000);

    #[test]
    fn an_update_that_cannot_be_read_is_skipped() {
        assert!(read(KEY, json!({"update_id": 1, "message": {"message_id": "odd"}}), NOW).is_none());
        assert!(read(KEY, json!({"update_id": 1, "something_new": {"id": 1}}), NOW).is_none());
        assert!(read(KEY, json!({"update_id": 1}), NOW).is_none());
    }

    #[test]
    fn a_message_is_read_without_the_fields_that_nothing_depends_on() {
        let message = json!({"message_id": 5, "chat": {"id": 42}, "from": {"id": 42}, "text": "hello"});
        let arrival = read(KEY, json!({"update_id": 1, "message": message}), NOW);
        assert!(matches!(arrival, Some(Arrival::Message(said)) if said.incoming.text == "hello"));
        let press = json!({"id": "1", "from": {"id": 42}, "data": "session:short",
            "message": {"message_id": 6, "chat": {"id": 42}, "text": "which?"}});
        let arrival = read(KEY, json!({"update_id": 2, "callback_query": press}), NOW);
        assert!(matches!(arrival, Some(Arrival::Press(_))));
    }

    #[test]
    fn ids_may_be_larger_than_teloxide_thinks() {
        let message = json!({
            "message_id": 5, "date": 1, "chat": {"id": 42, "type": "private", "first_name": "Ada"},
            "from": {"id": 42, "is_bot": false, "first_name": "Ada"}, "text": "hello",
        });
        let arrival = read(KEY, json!({"update_id": KEY.update_id, "message": message}), NOW);
        assert!(matches!(arrival, Some(Arrival::Message(said)) if said.incoming.update == Some(KEY)));
    }
}
