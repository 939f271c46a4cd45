//! The webhook: the Bot API server brings updates to us.
//!
//! Whoever serves HTTP holds an [`Inbox`] and hands in what arrives; this side stores it and only then says so, so that
//! the server may be told to bring it again. All the rest is as with polling. Meanwhile [`keeper`] sees to it that the
//! webhook is set, and stays set, to our address.

mod info;
mod keeper;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{
    Door, NOT_STORED, intake,
    lane::{Job, Lanes},
};
use crate::{config::Secret, engine::ServiceState};

pub use info::{WebhookState, probe};

/// The path under our public address. It holds no secret: paths are written to logs everywhere.
pub const PATH: &str = "/telegram/webhook";
/// So many updates wait to be stored; more are brought again.
const WAITING: usize = 256;
/// The Bot API server gives up after a minute; it is told before.
const PATIENCE: Duration = Duration::from_secs(25);

/// Where updates are handed in. Cheap to clone.
#[derive(Clone)]
pub struct Inbox {
    secret_sha256: [u8; 32],
    updates: mpsc::Sender<Delivery>,
    suspicion: Arc<Notify>,
}

/// What became of an update that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// It is stored, now or before, or calls for nothing: it must not come again.
    Stored,
    /// Whoever brought it does not know the secret.
    WrongSecret,
    /// It is no update.
    Unreadable,
    /// It could not be stored in time and must come again.
    NotStored,
}

/// The other end of an [`Inbox`], for [`super::run`].
pub struct Deliveries {
    /// The address to be set.
    url: String,
    secret: Secret,
    updates: mpsc::Receiver<Delivery>,
    suspicion: Arc<Notify>,
}

struct Delivery {
    update_id: i64,
    update: Value,
    stored: oneshot::Sender<bool>,
}

/// A webhook at `public_url`, whose caller has to show `secret`.
#[must_use]
pub fn open(public_url: &str, secret: Secret) -> (Inbox, Deliveries) {
    let (sender, updates) = mpsc::channel(WAITING);
    let suspicion = Arc::new(Notify::new());
    let secret_sha256 = Sha256::digest(secret.expose()).into();
    let url = format!("{public_url}{PATH}");
    let inbox = Inbox { secret_sha256, updates: sender, suspicion: Arc::clone(&suspicion) };
    (inbox, Deliveries { url, secret, updates, suspicion })
}

impl Inbox {
    /// Takes the body of a request with what its `X-Telegram-Bot-Api-Secret-Token` says, and waits until it is stored.
    pub async fn deliver(&self, secret: Option<&[u8]>, body: &[u8]) -> Reception {
        // Digests have one length, so that not even the secret's length shows.
        let shown: [u8; 32] = Sha256::digest(secret.unwrap_or_default()).into();
        if !bool::from(shown.ct_eq(&self.secret_sha256)) {
            // Telegram itself would bring another secret if somebody had set the webhook anew.
            self.suspicion.notify_one();
            return Reception::WrongSecret;
        }
        let update = serde_json::from_slice::<Value>(body).ok();
        let Some((update_id, update)) = update.and_then(|update| Some((intake::update_id(&update)?, update))) else {
            tracing::warn!("the webhook was brought something that is no update");
            return Reception::Unreadable;
        };
        let (stored, told) = oneshot::channel();
        let handed_in = async {
            self.updates.send(Delivery { update_id, update, stored }).await.ok()?;
            told.await.ok()
        };
        match tokio::time::timeout(PATIENCE, handed_in).await {
            Ok(Some(true)) => Reception::Stored,
            _ => Reception::NotStored,
        }
    }
}

/// Takes what is handed in, and keeps the webhook set, until the process is to stop. It stays set then: what people
/// write meanwhile waits at Telegram.
pub(super) async fn run(door: &Door, lanes: &mut Lanes, deliveries: Deliveries) {
    let Deliveries { url, secret, mut updates, suspicion } = deliveries;
    let condition = Condition { door, webhook: Mutex::default(), unstored: Mutex::default() };
    let keeper = keeper::Keeper::new(&condition, url, &secret, &suspicion);
    tokio::select! {
        () = keeper.run() => {}
        () = take(&condition, lanes, &mut updates) => {}
        () = door.shutdown.cancelled() => {}
    }
}

/// Stores what has come, then lets the work on it begin: what came together is answered together.
async fn take(condition: &Condition<'_>, lanes: &mut Lanes, updates: &mut mpsc::Receiver<Delivery>) {
    let mut together = Vec::new();
    while updates.recv_many(&mut together, WAITING).await > 0 {
        // Of one chat they come one after the other, unless a proxy shuffled them.
        together.sort_by_key(|delivery: &Delivery| delivery.update_id);
        let mut jobs: Vec<Job> = Vec::new();
        for Delivery { update_id, update, stored } in together.drain(..) {
            let taken = intake::take(condition.door, lanes, update_id, update).await;
            condition.stores(taken.is_ok());
            // Whoever brought it may have gone; then it comes again, and is known.
            stored.send(taken.is_ok()).ok();
            jobs.extend(taken.ok().flatten());
        }
        for job in jobs {
            lanes.push(job);
        }
    }
}

/// How this door is, of which the keeper knows one half and the intake the other.
struct Condition<'a> {
    door: &'a Door,
    webhook: Mutex<ServiceState>,
    unstored: Mutex<bool>,
}

impl Condition<'_> {
    /// The keeper's half.
    fn webhook(&self, state: ServiceState) {
        *self.webhook.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.report();
    }

    /// The intake's half.
    fn stores(&self, well: bool) {
        let unstored = !well;
        let before = std::mem::replace(&mut *self.unstored.lock().unwrap_or_else(PoisonError::into_inner), unstored);
        if before != unstored {
            self.report();
        }
    }

    fn report(&self) {
        let unstored = *self.unstored.lock().unwrap_or_else(PoisonError::into_inner);
        let webhook = self.webhook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.door.engine.report_telegram(if unstored { ServiceState::degraded(NOT_STORED) } else { webhook });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"a-secret-of-some-length";

    fn inbox() -> (Inbox, Deliveries) {
        open("https://me.example", Secret::new("a-secret-of-some-length"))
    }

    #[tokio::test]
    async fn only_who_knows_the_secret_is_listened_to() {
        let (inbox, mut deliveries) = inbox();
        for wrong in [None, Some(b"".as_slice()), Some(b"a-secret"), Some(b"a-secret-of-some-lengthy")] {
            assert_eq!(inbox.deliver(wrong, br#"{"update_id": 1}"#).await, Reception::WrongSecret);
        }
        assert!(deliveries.updates.try_recv().is_err());
        assert!(!deliveries.url.contains("secret"), "paths are logged by proxies");
    }

    #[tokio::test]
    async fn what_is_no_update_is_not_asked_for_again() {
        let (inbox, _deliveries) = inbox();
        for body in [b"".as_slice(), b"hello", b"[1]", b"{}", br#"{"update_id": "one"}"#, b"\xff\xfe"] {
            assert_eq!(inbox.deliver(Some(SECRET), body).await, Reception::Unreadable);
        }
    }

    #[tokio::test]
    async fn an_update_counts_as_received_when_it_is_stored_and_not_before() {
        for (said, reception) in
            [(Some(true), Reception::Stored), (Some(false), Reception::NotStored), (None, Reception::NotStored)]
        {
            let (inbox, mut deliveries) = inbox();
            let storing = async {
                let delivery = deliveries.updates.recv().await.unwrap();
                assert_eq!(delivery.update_id, 7);
                said.map(|stored| delivery.stored.send(stored));
            };
            let (got, ()) = tokio::join!(inbox.deliver(Some(SECRET), br#"{"update_id": 7}"#), storing);
            assert_eq!(got, reception);
        }
        let (inbox, deliveries) = inbox();
        drop(deliveries);
        assert_eq!(inbox.deliver(Some(SECRET), br#"{"update_id": 7}"#).await, Reception::NotStored);
    }
}
