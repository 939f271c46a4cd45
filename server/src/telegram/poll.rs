//! Long polling. An update is confirmed only after what it says has been stored.
//!
//! teloxide's dispatcher confirms updates before its handlers are done and panics when the Bot API is down at start;
//! here a crash loses nothing, and a Bot API that is down is a degraded state that heals by itself.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use teloxide::{payloads::DeleteWebhook, requests::Payload};
use tokio::time::Instant;

use super::{
    Door,
    api::CallError,
    intake,
    lane::{Job, Lanes},
    pace::Backoff,
};
use crate::engine::ServiceState;

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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    allowed_updates: &'static [&'static str],
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
    door.report_polling();
    let mut poller = Poller { door, lanes, next: None, kinds: intake::ALLOWED_UPDATES, trouble: None };
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
    /// The kinds of updates that are asked for; without any, the server's own choice.
    kinds: &'static [&'static str],
    /// What is wrong at present, as it was reported.
    trouble: Option<String>,
}

impl Poller<'_> {
    async fn run(&mut self) {
        let mut backoff = Backoff::new();
        loop {
            // After trouble an answer at once shows that it is over.
            let timeout = if self.trouble.is_none() { POLL.as_secs() } else { 0 };
            let poll = GetUpdates { offset: self.next, timeout, allowed_updates: self.kinds };
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
                Err(CallError::Refused { code: 400, description }) if self.ask_for_less(&description) => {}
                Err(error) if is_webhook(&error) => self.delete_webhook(&error, &mut backoff).await,
                Err(error) => self.wait_out(&error, &mut backoff).await,
            }
        }
    }

    /// There are servers that refuse a poll for a kind of updates that they do not know. Whether less can be asked for.
    fn ask_for_less(&mut self, description: &str) -> bool {
        let less = match self.kinds.len() {
            0 => return false,
            all if all > intake::OLD_UPDATES.len() => intake::OLD_UPDATES,
            _ => &[],
        };
        tracing::warn!(telegram.error = description, "the poll was refused; asking for fewer kinds of updates");
        self.kinds = less;
        true
    }

    fn recovered(&mut self) {
        if self.trouble.take().is_some() {
            tracing::info!("the Bot API answers again");
            self.door.report_polling();
        }
    }

    /// Whoever set a webhook, this bot is to be polled now. What waits for the webhook is kept for the poll.
    async fn delete_webhook(&mut self, conflict: &CallError, backoff: &mut Backoff) {
        tracing::warn!("this bot has a webhook, and TELEGRAM_MODE is polling: the webhook is deleted");
        match self.door.api.call::<_, Value>(&DeleteWebhook::new()).await {
            // Setting it again at once, as another Souvenir would, must not end in a tight loop.
            Ok(_) => tokio::time::sleep(SHORTEST_POLL).await,
            Err(CallError::Refused { .. }) => self.wait_out(conflict, backoff).await,
            Err(error) => self.wait_out(&error, backoff).await,
        }
    }

    async fn wait_out(&mut self, error: &CallError, backoff: &mut Backoff) {
        let wait = match error {
            CallError::TooMany(wait) => *wait,
            _ => backoff.next(),
        };
        let told = super::remedy(error);
        if self.trouble.as_ref() != Some(&told) {
            tracing::warn!(error = told, "polling failed; trying again until it works");
            self.door.engine.report_telegram(ServiceState::degraded(format!("{told}; trying again")));
            self.trouble = Some(told);
        }
        tokio::time::sleep(wait).await;
    }

    /// Stores all updates of one poll, then lets the work on them begin: what came together is answered together.
    /// Whether anything was new.
    async fn take(&mut self, mut updates: Vec<Value>) -> bool {
        // Servers other than Telegram's do not promise an order; what was said first is stored first.
        updates.sort_by_key(intake::update_id);
        let mut jobs = Vec::new();
        let mut newest = None;
        for update in updates {
            let Some(update_id) = intake::update_id(&update) else { continue };
            jobs.extend(self.store(update_id, update).await);
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
    async fn store(&mut self, update_id: i64, update: Value) -> Option<Job> {
        let mut backoff = Backoff::new();
        loop {
            if let Ok(job) = intake::take(self.door, self.lanes, update_id, update.clone()).await {
                self.recovered();
                return job;
            }
            self.trouble = Some(super::NOT_STORED.to_owned());
            self.door.engine.report_telegram(ServiceState::degraded(super::NOT_STORED));
            tokio::time::sleep(backoff.next()).await;
        }
    }
}

/// Whether a poll was refused because a webhook is set, rather than because somebody else polls.
fn is_webhook(error: &CallError) -> bool {
    matches!(error, CallError::Refused { code: 409, description } if description.contains("webhook"))
}

impl Door {
    /// Tells the engine that all is well.
    pub(super) fn report_polling(&self) {
        self.engine.report_telegram(ServiceState::ok(format!("polling as @{}", self.me.username)));
    }
}
