//! The bytes: after the rows are gone, the file is written anew without them and the log is emptied.
//!
//! Overwriting what is deleted (`PRAGMA secure_delete`) is not enough. SQLite moves rows about within and between pages,
//! and where they stood before, copies stay in the unused part of pages until something else takes their room: with
//! `secure_delete` on from the first day, a few in a thousand deleted texts could still be read in the file. `VACUUM` writes
//! every page anew from what is in the tables, so that nothing else can be in any; then a checkpoint brings those pages into
//! the file and cuts the log to nothing. It takes as long as writing the file twice, during which nothing else is written.
//!
//! A row of `forgettings` without `erased_at` says that this is due. It is set only once all of it is done, so that a crash
//! at any moment ends with it done at the next start.

use std::time::Duration;

use souvenir_memory::Timestamp;
use sqlx::Row;

use crate::store::{Result, Store};

/// How often emptying the log is tried while somebody reads from it, and how long a try waits.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);

impl Store {
    /// Whether something was forgotten whose bytes may still be in the file.
    pub async fn erasing_is_due(&self) -> Result<bool> {
        let due = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!: i64" FROM forgettings WHERE erased_at IS NULL AND forgotten_at IS NOT NULL"#
        )
        .fetch_one(&self.read)
        .await?;
        Ok(due > 0)
    }

    /// Writes the file anew and empties the log; says whether nothing that was forgotten before is left in either. False
    /// when somebody kept reading from the log: it is to be tried again.
    pub async fn erase(&self, now: Timestamp) -> Result<bool> {
        let last = sqlx::query_scalar!(
            r#"SELECT max(id) AS "id: i64" FROM forgettings WHERE erased_at IS NULL AND forgotten_at IS NOT NULL"#
        )
        .fetch_one(&self.read)
        .await?;
        let Some(last) = last else { return Ok(true) };
        self.rewrite(last, now).await?;
        for _ in 0..TRIES {
            if self.empty_log().await? {
                sqlx::query!(
                    "UPDATE forgettings SET erased_at = ? WHERE id <= ? AND forgotten_at IS NOT NULL AND erased_at IS NULL",
                    now.0,
                    last
                )
                .execute(&self.write)
                .await?;
                return Ok(true);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(false)
    }

    /// Writes the file anew unless that was done since the last forgetting.
    async fn rewrite(&self, last: i64, now: Timestamp) -> Result<()> {
        let done = sqlx::query_scalar!("SELECT rewritten_at FROM forgettings WHERE id = ?", last)
            .fetch_one(&self.read)
            .await?;
        if done.is_none() {
            sqlx::query("VACUUM").execute(&self.write).await?;
            sqlx::query!(
                "UPDATE forgettings SET rewritten_at = ? WHERE id <= ? AND forgotten_at IS NOT NULL AND rewritten_at IS NULL",
                now.0,
                last
            )
            .execute(&self.write)
            .await?;
        }
        Ok(())
    }

    /// Brings the log into the file and cuts it to nothing; false when a reader is in the way.
    async fn empty_log(&self) -> Result<bool> {
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.write).await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }
}
