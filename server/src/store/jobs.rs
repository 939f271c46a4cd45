//! Background jobs: one a chat at a time, taken up again after a crash, tried again later when they fail.

use souvenir_memory::{ChatId, JobId, Timestamp};

use super::{Result, Store, StoreError, count, name};

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It waits, for its turn or for another attempt.
    Queued,
    /// It is being done.
    Running,
    /// It is done.
    Done,
    /// It was given up.
    Failed,
    /// A person stopped it.
    Stopped,
}

impl JobState {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

impl std::str::FromStr for JobState {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Stopped]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("job state {text}"))
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRecord {
    /// Its number.
    pub id: JobId,
    /// The chat it works for.
    pub chat: ChatId,
    /// What it does: `consolidation`, `analysis`, `digest`.
    pub kind: String,
    /// How far it is.
    pub state: JobState,
    /// Batches done.
    pub done: u32,
    /// Batches in all, as far as is known.
    pub total: u32,
    /// Attempts that failed since the last success.
    pub attempts: u32,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

struct Row {
    id: i64,
    chat_id: i64,
    kind: String,
    state: String,
    done: i64,
    total: i64,
    attempts: i64,
    next_attempt_at: Option<i64>,
    error: Option<String>,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

impl TryFrom<Row> for JobRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: JobId(row.id),
            chat: ChatId(row.chat_id),
            kind: row.kind,
            state: name(&row.state)?,
            done: count(row.done),
            total: count(row.total),
            attempts: count(row.attempts),
            next_attempt_at: row.next_attempt_at.map(Timestamp),
            error: row.error,
            created_at: Timestamp(row.created_at),
            started_at: row.started_at.map(Timestamp),
            finished_at: row.finished_at.map(Timestamp),
        })
    }
}

impl Store {
    /// Queues a job, or brings the one of its kind that waits or runs to the front: a chat has one of a kind at a time.
    pub async fn queue_job(&self, chat: ChatId, kind: &str, total: u32, now: Timestamp) -> Result<JobRecord> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            "UPDATE jobs SET next_attempt_at = NULL WHERE chat_id = ? AND kind = ? AND state = 'queued'",
            chat.0,
            kind
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            r#"INSERT OR IGNORE INTO jobs (chat_id, kind, state, total, created_at) VALUES (?, ?, 'queued', ?, ?)"#,
            chat.0,
            kind,
            total,
            now.0
        )
        .execute(&mut *tx)
        .await?;
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", chat_id, kind, state, done, total, attempts, next_attempt_at, error, created_at, started_at,
                      finished_at
               FROM jobs WHERE chat_id = ? AND kind = ? AND state IN ('queued', 'running')"#,
            chat.0,
            kind
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        JobRecord::try_from(row)
    }

    /// Has a job put away what was said before a moment, once it has consolidated it.
    pub async fn set_expiry(&self, id: JobId, until: Timestamp) -> Result<()> {
        sqlx::query!("UPDATE jobs SET payload = json_object('archive_before', ?) WHERE id = ?", until.0, id.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Until when the chat's job that waits or runs is to put away; none when it is not to.
    pub async fn expiry_of(&self, chat: ChatId) -> Result<Option<Timestamp>> {
        let until = sqlx::query_scalar!(
            r#"SELECT payload ->> '$.archive_before' AS "until: i64" FROM jobs
               WHERE chat_id = ? AND kind = 'consolidation' AND state IN ('queued', 'running')"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(until.flatten().map(Timestamp))
    }

    /// Jobs that a stop cut off wait again; gives how many.
    pub async fn recover_jobs(&self) -> Result<u64> {
        let changed =
            sqlx::query!("UPDATE jobs SET state = 'queued' WHERE state = 'running'").execute(&self.write).await?;
        Ok(changed.rows_affected())
    }

    /// The jobs that wait and are due, oldest first.
    pub async fn due_jobs(&self, now: Timestamp) -> Result<Vec<JobRecord>> {
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", chat_id, kind, state, done, total, attempts, next_attempt_at, error, created_at, started_at,
                      finished_at
               FROM jobs WHERE state = 'queued' AND (next_attempt_at IS NULL OR next_attempt_at <= ?) ORDER BY id"#,
            now.0
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(JobRecord::try_from)
        .collect()
    }

    /// The newest job of a kind that a chat has had.
    pub async fn last_job(&self, chat: ChatId, kind: &str) -> Result<Option<JobRecord>> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", chat_id, kind, state, done, total, attempts, next_attempt_at, error, created_at, started_at,
                      finished_at
               FROM jobs WHERE chat_id = ? AND kind = ? ORDER BY id DESC LIMIT 1"#,
            chat.0,
            kind
        )
        .fetch_optional(&self.read)
        .await?;
        row.map(JobRecord::try_from).transpose()
    }

    /// The job of a kind that waits or runs in a chat.
    pub async fn active_job(&self, chat: ChatId, kind: &str) -> Result<Option<JobRecord>> {
        let last = self.last_job(chat, kind).await?;
        Ok(last.filter(|job| matches!(job.state, JobState::Queued | JobState::Running)))
    }

    /// The jobs of a chat, newest first, those before `cursor`.
    pub async fn jobs(&self, chat: ChatId, cursor: Option<JobId>, most: u32) -> Result<Vec<JobRecord>> {
        let before = cursor.map_or(i64::MAX, |cursor| cursor.0);
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", chat_id, kind, state, done, total, attempts, next_attempt_at, error, created_at, started_at,
                      finished_at
               FROM jobs WHERE chat_id = ? AND id < ? ORDER BY id DESC LIMIT ?"#,
            chat.0,
            before,
            most
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(JobRecord::try_from)
        .collect()
    }

    /// One job of a chat.
    pub async fn job(&self, chat: ChatId, id: JobId) -> Result<Option<JobRecord>> {
        let next = JobId(id.0.saturating_add(1));
        Ok(self.jobs(chat, Some(next), 1).await?.into_iter().find(|job| job.id == id))
    }

    /// Begins a job that waits; false when it no longer does.
    pub async fn begin_job(&self, id: JobId, total: u32, now: Timestamp) -> Result<bool> {
        let changed = sqlx::query!(
            r#"UPDATE jobs SET state = 'running', total = max(total, done + ?), started_at = ifnull(started_at, ?)
               WHERE id = ? AND state = 'queued'"#,
            total,
            now.0,
            id.0
        )
        .execute(&self.write)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Lets a job that was interrupted wait for its turn again; one that has ended stays so.
    pub async fn requeue_job(&self, id: JobId) -> Result<()> {
        sqlx::query!(
            "UPDATE jobs SET state = 'queued', next_attempt_at = NULL WHERE id = ? AND state = 'running'",
            id.0
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Lets a job that failed wait for another attempt.
    pub async fn postpone_job(&self, id: JobId, until: Timestamp, error: &str) -> Result<()> {
        sqlx::query!(
            r#"UPDATE jobs SET state = 'queued', attempts = attempts + 1, next_attempt_at = ?, error = ?
               WHERE id = ? AND state = 'running'"#,
            until.0,
            error,
            id.0
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Lets a job wait for its budget: that is no failed attempt.
    pub async fn pause_job(&self, id: JobId, until: Timestamp, why: &str) -> Result<()> {
        sqlx::query!(
            "UPDATE jobs SET state = 'queued', next_attempt_at = ?, error = ? WHERE id = ? AND state = 'running'",
            until.0,
            why,
            id.0
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Lets jobs that wait for a budget be tried at once: those whose word begins so. Whether there are any.
    pub async fn wake_paused_jobs(&self, begins: &str) -> Result<bool> {
        let changed = sqlx::query!(
            r#"UPDATE jobs SET next_attempt_at = NULL, error = NULL
               WHERE state = 'queued' AND substr(error, 1, length(?1)) = ?1"#,
            begins
        )
        .execute(&self.write)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    /// Ends a job that waits or runs; false when it had ended.
    pub async fn end_job(&self, id: JobId, state: JobState, error: Option<&str>, now: Timestamp) -> Result<bool> {
        let state = state.as_str();
        let changed = sqlx::query!(
            r#"UPDATE jobs SET state = ?, error = ?, next_attempt_at = NULL, finished_at = ?, total = max(total, done)
               WHERE id = ? AND state IN ('queued', 'running')"#,
            state,
            error,
            now.0,
            id.0
        )
        .execute(&self.write)
        .await?;
        Ok(changed.rows_affected() > 0)
    }
}
