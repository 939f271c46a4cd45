//! Who may come in: dashboard sessions, one-time links, strangers, and the installation's own values.

use souvenir_memory::Timestamp;

use super::{Result, Store};

/// A stored session of the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// The session's data, as JSON.
    pub data: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Store {
    /// Keeps a session; false when the number is taken and `replace` is not set.
    pub async fn save_session(&self, id: &str, session: &SessionRecord, replace: bool) -> Result<bool> {
        let expires = session.expires_at.0;
        let done = if replace {
            sqlx::query!(
                "INSERT OR REPLACE INTO sessions (id, data, expires_at) VALUES (?, ?, ?)",
                id,
                session.data,
                expires
            )
            .execute(&self.write)
            .await?
        } else {
            sqlx::query!(
                "INSERT OR IGNORE INTO sessions (id, data, expires_at) VALUES (?, ?, ?)",
                id,
                session.data,
                expires
            )
            .execute(&self.write)
            .await?
        };
        Ok(done.rows_affected() == 1)
    }

    /// A session that has not ended.
    pub async fn session(&self, id: &str, now: Timestamp) -> Result<Option<SessionRecord>> {
        let row = sqlx::query!("SELECT data, expires_at FROM sessions WHERE id = ? AND expires_at > ?", id, now.0)
            .fetch_optional(&self.read)
            .await?;
        Ok(row.map(|row| SessionRecord { data: row.data, expires_at: Timestamp(row.expires_at) }))
    }

    /// Ends a session.
    pub async fn delete_session(&self, id: &str) -> Result<()> {
        sqlx::query!("DELETE FROM sessions WHERE id = ?", id).execute(&self.write).await?;
        Ok(())
    }

    /// Ends all sessions, and with them the one-time links that would open new ones.
    pub async fn delete_all_sessions(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query!("DELETE FROM sessions").execute(&mut *tx).await?;
        sqlx::query!("DELETE FROM signin_links").execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps a one-time link, and drops what has run out.
    pub async fn add_signin_link(&self, token_sha256: &[u8], expires_at: Timestamp, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query!("DELETE FROM signin_links WHERE expires_at <= ?", now.0).execute(&mut *tx).await?;
        sqlx::query!("DELETE FROM sessions WHERE expires_at <= ?", now.0).execute(&mut *tx).await?;
        sqlx::query!("INSERT INTO signin_links (token_sha256, expires_at) VALUES (?, ?)", token_sha256, expires_at.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a one-time link could be used now.
    pub async fn signin_link_is_open(&self, token_sha256: &[u8], now: Timestamp) -> Result<bool> {
        let found = sqlx::query_scalar!(
            "SELECT 1 AS one FROM signin_links WHERE token_sha256 = ? AND expires_at > ?",
            token_sha256,
            now.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(found.is_some())
    }

    /// Uses a one-time link up; false when it is unknown, used or too old.
    pub async fn take_signin_link(&self, token_sha256: &[u8], now: Timestamp) -> Result<bool> {
        let done =
            sqlx::query!("DELETE FROM signin_links WHERE token_sha256 = ? AND expires_at > ?", token_sha256, now.0)
                .execute(&self.write)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes a stranger; true when they were not known.
    pub async fn note_stranger(&self, id_hash: &[u8], expires_at: Timestamp, now: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        sqlx::query!("DELETE FROM strangers WHERE expires_at <= ?", now.0).execute(&mut *tx).await?;
        let done =
            sqlx::query!("INSERT OR IGNORE INTO strangers (id_hash, expires_at) VALUES (?, ?)", id_hash, expires_at.0)
                .execute(&mut *tx)
                .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// A value the installation keeps for itself.
    pub async fn installation(&self, key: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("SELECT value FROM installation WHERE key = ?", key).fetch_optional(&self.read).await?)
    }

    /// Keeps a value of the installation.
    pub async fn set_installation(&self, key: &str, value: &str) -> Result<()> {
        sqlx::query!("INSERT OR REPLACE INTO installation (key, value) VALUES (?, ?)", key, value)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
