//! Announcements: what Souvenir says in a chat by itself, each once. The rows hold no text.

use souvenir_memory::{ChatId, FactId, Timestamp};

use super::{Result, Store};

/// What an announcement is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnouncementOf {
    /// A digest.
    Period(i64),
    /// A goal that is due.
    Goal(FactId),
}

/// A announcement that is to go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnouncementRecord {
    /// Its number.
    pub id: i64,
    /// Where it goes.
    pub chat: ChatId,
    /// What it is of.
    pub of: AnnouncementOf,
}

impl Store {
    /// The announcements that are to go out and were made since a moment, oldest first.
    pub async fn announcements_due(&self, since: Timestamp) -> Result<Vec<AnnouncementRecord>> {
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", chat_id, period_id, fact_id FROM announcements WHERE state = 'due' AND created_at >= ? ORDER BY id"#,
            since.0
        )
        .fetch_all(&self.read)
        .await?;
        let announcements = rows.into_iter().filter_map(|row| {
            let of = row
                .period_id
                .map(AnnouncementOf::Period)
                .or_else(|| row.fact_id.map(|id| AnnouncementOf::Goal(FactId(id))))?;
            Some(AnnouncementRecord { id: row.id, chat: ChatId(row.chat_id), of })
        });
        Ok(announcements.collect())
    }

    /// A announcement goes out from this commit on; false when it does not wait any more.
    pub async fn begin_announcement(&self, id: i64, now: Timestamp) -> Result<bool> {
        let changed = sqlx::query!(
            "UPDATE announcements SET state = 'sending', updated_at = ? WHERE id = ? AND state = 'due'",
            now.0,
            id
        )
        .execute(&self.write)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// What became of an announcement: `due` again, `sent`, `unknown` or `failed`.
    pub async fn settle_announcement(&self, id: i64, state: &str, error: Option<&str>, now: Timestamp) -> Result<()> {
        sqlx::query!(
            "UPDATE announcements SET state = ?, error = ?, updated_at = ? WHERE id = ?",
            state,
            error,
            now.0,
            id
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Announcements that a process was sending when it ended may have arrived: they do not go out again.
    pub async fn recover_announcements(&self) -> Result<u64> {
        let changed = sqlx::query!("UPDATE announcements SET state = 'unknown' WHERE state = 'sending'")
            .execute(&self.write)
            .await?;
        Ok(changed.rows_affected())
    }

    /// Notes that a chat is to be reminded of the open goals that are due from one moment to before another, each once.
    pub async fn remind(&self, chat: ChatId, (from, to): (Timestamp, Timestamp), now: Timestamp) -> Result<u64> {
        let noted = sqlx::query!(
            r#"INSERT OR IGNORE INTO announcements (chat_id, fact_id, due_at, state, created_at, updated_at)
               SELECT f.chat_id, f.id, v.due_at, 'due', ?4, ?4
               FROM facts f JOIN fact_versions v ON v.fact_id = f.id AND v.expired_at IS NULL
               WHERE f.chat_id = ?1 AND v.kind = 'goal' AND v.status = 'active' AND ifnull(v.goal_state, 'open') = 'open'
                 AND v.due_at >= ?2 AND v.due_at < ?3"#,
            chat.0,
            from.0,
            to.0,
            now.0
        )
        .execute(&self.write)
        .await?;
        Ok(noted.rows_affected())
    }
}
