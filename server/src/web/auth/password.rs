//! The owner's password: hashed with argon2 when the process starts, so that memory holds no copy to compare with.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};

use tokio::sync::Semaphore;

use crate::config::Secret;

/// Checks passwords; the same work whether they are right or wrong.
#[derive(Clone, Debug)]
pub(super) struct PasswordCheck {
    hash: Option<Arc<str>>,
    /// One check at a time: each takes 19 MiB, and attempts that run side by side must not take a small machine's memory.
    turn: Arc<Semaphore>,
}

impl PasswordCheck {
    /// Hashes the configured password, if there is one. Takes a moment: argon2 is slow by design.
    pub(super) fn new(password: Option<&Secret>) -> Self {
        let hash = password.and_then(|password| {
            let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).ok()?;
            let hash = Argon2::default().hash_password(password.expose().as_bytes(), &salt);
            hash.inspect_err(|error| tracing::error!(%error, "failed to hash the dashboard's password"))
                .ok()
                .map(|hash| Arc::from(hash.to_string()))
        });
        Self { hash, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Whether there is a password at all.
    pub(super) fn is_offered(&self) -> bool {
        self.hash.is_some()
    }

    /// Whether `attempt` is the password. Runs on a thread of its own: it would block others for tens of milliseconds.
    pub(super) async fn accepts(&self, attempt: String) -> bool {
        let Some(hash) = self.hash.clone() else { return false };
        let Ok(_turn) = self.turn.acquire().await else { return false };
        let verify = move || {
            PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(attempt.as_bytes(), &hash).is_ok())
        };
        tokio::task::spawn_blocking(verify).await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_opens() {
        let check = PasswordCheck::new(Some(&Secret::new("correct horse")));
        assert!(check.accepts("correct horse".to_owned()).await);
        assert!(!check.accepts("correct horse ".to_owned()).await);
        assert!(!PasswordCheck::new(None).accepts(String::new()).await, "no password is no open door");
    }
}
