//! Who may come in: the paired owner, one-time links, strangers, and the dashboard's sessions.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use souvenir_memory::Timestamp;

use super::{Engine, error::Result};
use crate::{
    config::Secret,
    store::{SessionRecord, Store},
};

/// How long a one-time link may be used.
const LINK_MINUTES: i64 = 10;
/// How long a stranger is remembered as refused.
const STRANGER_DAYS: i64 = 30;
const OWNER: &str = "telegram_owner";
const WEBHOOK_SECRET: &str = "telegram_webhook_secret";

impl Engine {
    /// The Telegram user who owns this installation, once paired.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn telegram_owner(&self) -> Result<Option<i64>> {
        Ok(self.store().installation(OWNER).await?.and_then(|id| id.parse().ok()))
    }

    /// Makes a Telegram user the owner.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pair_telegram_owner(&self, user_id: i64) -> Result<()> {
        Ok(self.store().set_installation(OWNER, &user_id.to_string()).await?)
    }

    /// The secret that Telegram shows when it delivers to the webhook; made once, so that a restart changes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_secret(&self) -> Result<Secret> {
        Ok(Secret::new(kept_token(self.store(), WEBHOOK_SECRET).await?))
    }

    /// The code that the owner sends to the bot to be known; made anew at each start.
    #[must_use]
    pub fn pairing_code(&self) -> &str {
        &self.inner.pairing_code
    }

    /// Whether this stranger has not been refused lately: then one refusal is due. Keeps a keyed hash of the id only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stranger_is_new(&self, user_id: i64) -> Result<bool> {
        let now = self.now();
        let until = Timestamp(now.0 + STRANGER_DAYS * 86_400_000);
        Ok(self.store().note_stranger(&self.keyed_hash(&user_id.to_le_bytes()), until, now).await?)
    }

    /// Makes a one-time sign-in link, good for ten minutes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_signin_link(&self) -> Result<String> {
        let token = random_token();
        let now = self.now();
        let until = Timestamp(now.0 + LINK_MINUTES * 60_000);
        self.store().add_signin_link(&Sha256::digest(&token), until, now).await?;
        Ok(format!("{}/signin/{token}", self.public_url()))
    }

    /// Whether a one-time link could be used, without using it: link previews fetch links too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signin_token_is_open(&self, token: &str) -> Result<bool> {
        Ok(self.store().signin_link_is_open(&Sha256::digest(token), self.now()).await?)
    }

    /// Uses a one-time link up; false when it is unknown, used or too old.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn redeem_signin_token(&self, token: &str) -> Result<bool> {
        Ok(self.store().take_signin_link(&Sha256::digest(token), self.now()).await?)
    }

    /// Where the dashboard's sessions are kept.
    #[must_use]
    pub fn session_records(&self) -> SessionRecords {
        SessionRecords { store: self.store().clone() }
    }
}

/// The dashboard's sessions in the database, for the web's session layer.
#[derive(Clone, Debug)]
pub struct SessionRecords {
    store: Store,
}

impl SessionRecords {
    /// Keeps a session as JSON until `expires_at`; false when it is new and its number is taken.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(&self, id: &str, data: String, expires_at: Timestamp, replace: bool) -> Result<bool> {
        Ok(self.store.save_session(id, &SessionRecord { data, expires_at }, replace).await?)
    }

    /// A session's JSON and end, unless it has ended by `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(&self, id: &str, now: Timestamp) -> Result<Option<(String, Timestamp)>> {
        Ok(self.store.session(id, now).await?.map(|session| (session.data, session.expires_at)))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: &str) -> Result<()> {
        Ok(self.store.delete_session(id).await?)
    }

    /// Ends all sessions, and one-time links that nobody has used yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_all(&self) -> Result<()> {
        Ok(self.store.delete_all_sessions().await?)
    }
}

/// A token of the installation; made when it is first asked for.
pub(super) async fn kept_token(store: &Store, name: &str) -> Result<String> {
    if let Some(token) = store.installation(name).await? {
        return Ok(token);
    }
    let token = random_token();
    store.set_installation(name, &token).await?;
    Ok(token)
}

/// 256 random bits, fit for a URL.
pub(super) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Eight characters that are read and typed without mistakes.
pub(super) fn pairing_code() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    rand::random::<[u8; 8]>().iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}
