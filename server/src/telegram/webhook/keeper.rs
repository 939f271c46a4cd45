//! Sets the webhook, looks after it, and sets it again when somebody changed it.
//!
//! # Strategy
//! It is set at every start, since its secret cannot be read back. Then the server is asked how it is: soon, then ever
//! less often, down to once a minute; at once when somebody brings a wrong secret; and soon again after any change.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use teloxide::requests::Payload;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

use super::{
    Condition,
    info::{Change, GetWebhookInfo, Info},
};
use crate::{
    config::Secret,
    engine::ServiceState,
    telegram::{api::CallError, intake, remedy},
};

/// The first look after a change, and the longest time between two.
const SOON: Duration = Duration::from_secs(2);
const RARELY: Duration = Duration::from_secs(60);
/// Looks because of wrong secrets are no more frequent than this: anybody can bring one.
const SUSPICION_REST: Duration = Duration::from_secs(2);

/// `setWebhook`. Without `drop_pending_updates`: what waits is ours.
#[derive(Serialize)]
struct SetWebhook<'a> {
    url: &'a str,
    secret_token: &'a str,
    allowed_updates: &'static [&'static str],
}

impl Payload for SetWebhook<'_> {
    type Output = Value;
    const NAME: &'static str = "SetWebhook";
}

/// What Telegram finds wrong with a webhook is mostly its address.
fn remedy_for_webhook(error: &CallError) -> String {
    match error {
        CallError::Refused { code: 400, .. } => format!("{error}: check SOUVENIR_PUBLIC_URL"),
        _ => remedy(error),
    }
}

/// Keeps the webhook at one address.
pub(super) struct Keeper<'a> {
    condition: &'a Condition<'a>,
    url: String,
    secret: &'a Secret,
    suspicion: &'a Notify,
    /// Whether it was set since the start.
    set: bool,
    /// The Unix time of the last failed delivery that is known.
    known_failure: Option<i64>,
    /// What was told last, so that the log says each thing once.
    trouble: Option<String>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(condition: &'a Condition<'a>, url: String, secret: &'a Secret, suspicion: &'a Notify) -> Self {
        Self { condition, url, secret, suspicion, set: false, known_failure: None, trouble: None }
    }

    /// Never ends by itself.
    pub(super) async fn run(mut self) {
        let mut pause = SOON;
        loop {
            match self.look().await {
                Ok(true) => pause = SOON,
                Ok(false) => {}
                Err(error) => {
                    self.in_trouble(format!("{}; trying again", remedy_for_webhook(&error)));
                    if let CallError::TooMany(wait) = error {
                        sleep(wait).await;
                    }
                }
            }
            let looked = Instant::now();
            if timeout(pause, self.suspicion.notified()).await.is_ok() {
                tokio::time::sleep_until(looked + SUSPICION_REST).await;
            }
            pause = (pause * 2).min(RARELY);
        }
    }

    /// Asks how the webhook is and sets it if need be; whether it had to.
    async fn look(&mut self) -> Result<bool, CallError> {
        let info = self.info().await?;
        let change = info.change(&self.url, self.known_failure);
        if self.set && change.is_none() {
            self.deliveries(&info);
            return Ok(false);
        }
        if let Some(change) = change.filter(|_| self.set || info.url != self.url) {
            self.tell_of(&change);
        }
        self.known_failure = info.failure().map(|failure| failure.at);
        self.set_webhook().await?;
        let info = self.info().await?;
        match info.change(&self.url, self.known_failure) {
            None => self.deliveries(&info),
            Some(change) => self.in_trouble(format!("{change}, right after it was set: stop the other program")),
        }
        Ok(true)
    }

    async fn info(&self) -> Result<Info, CallError> {
        self.condition.door.api.call(&GetWebhookInfo {}).await
    }

    async fn set_webhook(&mut self) -> Result<(), CallError> {
        let secret_token = self.secret.expose();
        let mut wanted = SetWebhook { url: &self.url, secret_token, allowed_updates: intake::ALLOWED_UPDATES };
        let api = &self.condition.door.api;
        match api.call::<_, Value>(&wanted).await {
            // There are servers that refuse a kind of updates that they do not know.
            Err(CallError::Refused { code: 400, description }) if description.contains("allowed_updates") => {
                wanted.allowed_updates = intake::OLD_UPDATES;
                api.call::<_, Value>(&wanted).await?;
            }
            set => drop(set?),
        }
        tracing::info!(url = self.url, "the webhook is set");
        self.set = true;
        Ok(())
    }

    /// A change while we run is somebody's doing; one found at start is how it was left.
    fn tell_of(&self, change: &Change) {
        match (self.set, change) {
            (true, _) => tracing::warn!("{change}: it is set again; let only one program use this token"),
            (false, Change::Elsewhere(host)) => tracing::warn!(host, "the webhook led elsewhere and is moved here"),
            (false, _) => {}
        }
    }

    /// How deliveries go: trouble is a failure since the last look, or an old one that updates still wait for.
    fn deliveries(&mut self, info: &Info) {
        let failure = info.failure();
        let is_new = failure.as_ref().map(|failure| failure.at) > self.known_failure;
        let waiting = info.pending_update_count;
        match failure {
            Some(failure) if is_new || (waiting > 0 && self.trouble.is_some()) => {
                self.known_failure = Some(failure.at);
                self.in_trouble(format!(
                    "Telegram cannot deliver to {}: {}; {waiting} updates wait: check that SOUVENIR_PUBLIC_URL leads \
                     here, with a certificate that is valid",
                    self.url, failure.why
                ));
            }
            _ => self.well(),
        }
    }

    fn well(&mut self) {
        if self.trouble.take().is_some() {
            tracing::info!("the webhook works again");
        }
        let name = &self.condition.door.me.username;
        self.condition.webhook(ServiceState::ok(format!("webhook as @{name}")));
    }

    fn in_trouble(&mut self, told: String) {
        if self.trouble.as_ref() != Some(&told) {
            tracing::warn!(error = told, "the webhook does not work");
        }
        self.condition.webhook(ServiceState::degraded(told.clone()));
        self.trouble = Some(told);
    }
}
