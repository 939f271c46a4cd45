//! Summaries of the last so many days, made when a person asks.

use souvenir_memory::{
    ChatId, MessageId, Timestamp, TokenCount,
    receipt::{Lost, Receipt},
};

use sqlx::SqliteConnection;

use super::{Result, Store, StoreError, count, forget::forgotten_so_far};

/// A digest that is made by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestKind {
    /// Of a day.
    Daily,
    /// Of a week.
    Weekly,
}

impl DigestKind {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }
}

/// A summary of some days.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodRecord {
    /// Its number.
    pub id: i64,
    /// Over how many days.
    pub days_back: u32,
    /// The text.
    pub text: String,
    /// The first message it covers.
    pub first: MessageId,
    /// The last message it covers.
    pub last: MessageId,
    /// How many messages it covers.
    pub messages: u32,
    /// What it cost and lost.
    pub receipt: Receipt,
    /// The model that wrote it.
    pub model: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The digest it is, and the first day it is of: `2026-11-21`; none when a person asked for it.
    pub digest: Option<(DigestKind, String)>,
}

struct Row {
    id: i64,
    days_back: i64,
    text: String,
    first_message_id: i64,
    last_message_id: i64,
    message_count: i64,
    tokens_before: i64,
    tokens_after: i64,
    lost: String,
    model: Option<String>,
    created_at: i64,
    kind: String,
    day: Option<String>,
}

impl From<Row> for PeriodRecord {
    fn from(row: Row) -> Self {
        let lost: Vec<Lost> = serde_json::from_str(&row.lost).unwrap_or_default();
        let kind = if row.kind == "weekly" { DigestKind::Weekly } else { DigestKind::Daily };
        Self {
            id: row.id,
            days_back: count(row.days_back),
            text: row.text,
            first: MessageId(row.first_message_id),
            last: MessageId(row.last_message_id),
            messages: count(row.message_count),
            receipt: Receipt {
                tokens_before: TokenCount(count(row.tokens_before)),
                tokens_after: TokenCount(count(row.tokens_after)),
                lost,
            },
            model: row.model,
            created_at: Timestamp(row.created_at),
            digest: row.day.map(|day| (kind, day)),
        }
    }
}

impl Store {
    /// The first and last message of conversation said since a moment and not archived.
    pub async fn said_since(&self, chat: ChatId, since: Timestamp) -> Result<Option<(MessageId, MessageId)>> {
        let row = sqlx::query!(
            r#"SELECT min(id) AS "first: i64", max(id) AS "last: i64" FROM messages
               WHERE chat_id = ? AND said_at >= ? AND kind IN ('text', 'media') AND archived_at IS NULL"#,
            chat.0,
            since.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(row.first.zip(row.last).map(|(first, last)| (MessageId(first), MessageId(last))))
    }

    /// The first and last message of conversation said from one moment to before another and not archived.
    pub async fn said_between(
        &self,
        chat: ChatId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Option<(MessageId, MessageId)>> {
        let row = sqlx::query!(
            r#"SELECT min(id) AS "first: i64", max(id) AS "last: i64" FROM messages
               WHERE chat_id = ? AND said_at >= ? AND said_at < ? AND kind IN ('text', 'media') AND archived_at IS NULL"#,
            chat.0,
            from.0,
            to.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(row.first.zip(row.last).map(|(first, last)| (MessageId(first), MessageId(last))))
    }

    /// Whether the digest of a day or a week was made.
    pub async fn has_digest(&self, chat: ChatId, kind: DigestKind, day: &str) -> Result<bool> {
        let kind = kind.as_str();
        let found = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!: i64" FROM period_summaries WHERE chat_id = ? AND kind = ? AND day = ?"#,
            chat.0,
            kind,
            day
        )
        .fetch_one(&self.read)
        .await?;
        Ok(found > 0)
    }

    /// Keeps a digest, and that it is to be sent where it is; both once, whatever dies in between. `forgotten` says how much
    /// had been forgotten in the chat when it was begun; false when that has grown since.
    pub async fn keep_digest(&self, chat: ChatId, new: &PeriodRecord, send: bool, forgotten: i64) -> Result<bool> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, chat).await? != forgotten {
            return Ok(false);
        }
        let id = insert(&mut tx, chat, new).await?;
        if let Some(id) = id.filter(|_| send) {
            sqlx::query!(
                "INSERT INTO announcements (chat_id, period_id, state, created_at, updated_at) VALUES (?1, ?2, 'due', ?3, ?3)",
                chat.0,
                id,
                new.created_at.0
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The digests of a chat, newest first.
    pub async fn digests(&self, chat: ChatId, most: u32) -> Result<Vec<PeriodRecord>> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", days_back, text, first_message_id, last_message_id, message_count, tokens_before, tokens_after,
                      lost, model, created_at, kind, day
               FROM period_summaries WHERE chat_id = ? AND stale_since IS NULL AND day IS NOT NULL ORDER BY id DESC LIMIT ?"#,
            chat.0,
            most
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(PeriodRecord::from).collect())
    }

    /// The newest digest of the week, then that of the day, which there were at a moment.
    pub async fn digests_for_context(&self, chat: ChatId, at: Timestamp) -> Result<Vec<PeriodRecord>> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", days_back AS "days_back!", text AS "text!", first_message_id AS "first_message_id!",
                      last_message_id AS "last_message_id!", message_count AS "message_count!", tokens_before AS "tokens_before!",
                      tokens_after AS "tokens_after!", lost AS "lost!", model, created_at AS "created_at!", kind AS "kind!", day
               FROM period_summaries
               WHERE id IN (SELECT max(id) FROM period_summaries
                            WHERE chat_id = ?1 AND day IS NOT NULL AND created_at <= ?2 AND stale_since IS NULL GROUP BY kind)
               ORDER BY kind DESC"#,
            chat.0,
            at.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(PeriodRecord::from).collect())
    }

    /// A summary of some days, by its number; none when it waits to be made again.
    pub async fn period(&self, chat: ChatId, id: i64) -> Result<Option<PeriodRecord>> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", days_back, text, first_message_id, last_message_id, message_count, tokens_before, tokens_after,
                      lost, model, created_at, kind, day
               FROM period_summaries WHERE chat_id = ? AND id = ? AND stale_since IS NULL"#,
            chat.0,
            id
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(PeriodRecord::from))
    }

    /// The text of a digest, for manifests; none when it went.
    pub async fn digest_text(&self, id: i64) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("SELECT text FROM period_summaries WHERE id = ? AND stale_since IS NULL", id)
            .fetch_optional(&self.read)
            .await?)
    }

    /// Keeps a summary of some days; its number is made here. `forgotten` says how much had been forgotten in the chat when
    /// it was begun; none when that has grown since.
    pub async fn keep_period(&self, chat: ChatId, new: &PeriodRecord, forgotten: i64) -> Result<Option<i64>> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, chat).await? != forgotten {
            return Ok(None);
        }
        let id = insert(&mut tx, chat, new).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The oldest summary of a chat that is to be made again: its number, and the messages it covered.
    pub async fn stale_period(&self, chat: ChatId) -> Result<Option<(i64, MessageId, MessageId)>> {
        let row = sqlx::query!(
            r#"SELECT id AS "id!", first_message_id, last_message_id FROM period_summaries
               WHERE chat_id = ? AND stale_since IS NOT NULL ORDER BY id LIMIT 1"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| (row.id, MessageId(row.first_message_id), MessageId(row.last_message_id))))
    }

    /// Puts a summary that was made again in the place of the one that went; without one, when nothing is left to sum up,
    /// the row goes. False when more was forgotten meanwhile.
    pub async fn remake_period(
        &self,
        chat: ChatId,
        id: i64,
        made: Option<&PeriodRecord>,
        forgotten: i64,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, chat).await? != forgotten {
            return Ok(false);
        }
        match made {
            None => {
                sqlx::query!("DELETE FROM period_summaries WHERE id = ?", id).execute(&mut *tx).await?;
            }
            Some(made) => write_again(&mut tx, id, made).await?,
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The last summary made of so many days, or of any number of days.
    pub async fn last_period(&self, chat: ChatId, days_back: Option<u32>) -> Result<Option<PeriodRecord>> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", days_back, text, first_message_id, last_message_id, message_count, tokens_before, tokens_after,
                      lost, model, created_at, kind, day
               FROM period_summaries WHERE chat_id = ?1 AND stale_since IS NULL AND (?2 IS NULL OR days_back = ?2) ORDER BY id DESC LIMIT 1"#,
            chat.0,
            days_back
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(PeriodRecord::from))
    }
}

async fn write_again(tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>, id: i64, made: &PeriodRecord) -> Result<()> {
    let lost = serde_json::to_string(&made.receipt.lost).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query!(
        r#"UPDATE period_summaries SET text = ?, first_message_id = ?, last_message_id = ?, message_count = ?,
                  tokens_before = ?, tokens_after = ?, lost = ?, model = ?, stale_since = NULL WHERE id = ?"#,
        made.text,
        made.first.0,
        made.last.0,
        made.messages,
        made.receipt.tokens_before.0,
        made.receipt.tokens_after.0,
        lost,
        made.model,
        id
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds a summary; none for a digest that is there already.
async fn insert(db: &mut SqliteConnection, chat: ChatId, new: &PeriodRecord) -> Result<Option<i64>> {
    let lost = serde_json::to_string(&new.receipt.lost).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let (kind, day) = match &new.digest {
        Some((kind, day)) => (kind.as_str(), Some(day.as_str())),
        None => ("asked", None),
    };
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO period_summaries (chat_id, days_back, text, first_message_id, last_message_id, message_count,
                                         tokens_before, tokens_after, lost, model, created_at, kind, day)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id AS "id!""#,
        chat.0,
        new.days_back,
        new.text,
        new.first.0,
        new.last.0,
        new.messages,
        new.receipt.tokens_before.0,
        new.receipt.tokens_after.0,
        lost,
        new.model,
        new.created_at.0,
        kind,
        day
    )
    .fetch_optional(db)
    .await?)
}
