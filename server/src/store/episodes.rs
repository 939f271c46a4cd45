//! Episodes, kept in step with messages: rows say where each begins and ends, and how far it is consolidated.

use souvenir_memory::{
    ChatId, EpisodeId, MessageId, Role, Timestamp, TokenCount, TurnId,
    consolidation::due::EpisodeState,
    episode::{Closing, Span},
    receipt::{Lost, Receipt},
};

use super::{Result, Store, StoreError, count, messages::role};

/// A message to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The message.
    pub id: MessageId,
    /// Its turn.
    pub turn: Option<TurnId>,
    /// Who spoke.
    pub role: Role,
    /// When.
    pub at: Timestamp,
    /// What was said.
    pub text: String,
}

/// Where following a chat goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// The open episode's first and last message, if one is open.
    pub open: Option<(MessageId, MessageId)>,
    /// The last message of the newest episode; nothing was followed when there is none.
    pub followed_through: Option<MessageId>,
}

/// An episode with its summary, as pages and the API show it.
#[derive(Clone, Debug, PartialEq)]
pub struct EpisodeRecord {
    /// Its number.
    pub id: EpisodeId,
    /// Its first message.
    pub first: MessageId,
    /// Its last message so far.
    pub last: MessageId,
    /// When its first message was said.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Why.
    pub closing: Option<Closing>,
    /// The last message that was consolidated.
    pub consolidated_through: Option<MessageId>,
    /// When its consolidation was taken back.
    pub reverted_at: Option<Timestamp>,
    /// How many messages of conversation it has.
    pub messages: u32,
    /// Its summary.
    pub summary: Option<SummaryRecord>,
}

/// From when to when an episode went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpisodeSpan {
    /// The episode.
    pub id: EpisodeId,
    /// When its first message was said.
    pub from: Timestamp,
    /// When its last message so far was said.
    pub until: Timestamp,
    /// Whether it is open.
    pub open: bool,
}

/// A summary with its receipt.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryRecord {
    /// Its version.
    pub version: u32,
    /// The text.
    pub text: String,
    /// The first message it covers.
    pub first: MessageId,
    /// The last message it covers.
    pub covers_through: MessageId,
    /// The model that wrote it.
    pub model: Option<String>,
    /// What it cost and lost.
    pub receipt: Receipt,
    /// When it was written.
    pub recorded_at: Timestamp,
}

struct Row {
    id: i64,
    first_message_id: i64,
    last_message_id: Option<i64>,
    opened_at: i64,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    consolidated_through: Option<i64>,
    reverted_at: Option<i64>,
    messages: i64,
    version: Option<i64>,
    text: Option<String>,
    summary_first: Option<i64>,
    covers_through: Option<i64>,
    model: Option<String>,
    tokens_before: Option<i64>,
    tokens_after: Option<i64>,
    lost: Option<String>,
    recorded_at: Option<i64>,
}

impl Row {
    fn summary(&mut self) -> Option<SummaryRecord> {
        let lost: Vec<Lost> = serde_json::from_str(self.lost.as_deref()?).unwrap_or_default();
        let tokens = |value: Option<i64>| TokenCount(count(value.unwrap_or_default()));
        Some(SummaryRecord {
            version: count(self.version?),
            text: self.text.take()?,
            first: MessageId(self.summary_first?),
            covers_through: MessageId(self.covers_through?),
            model: self.model.take(),
            receipt: Receipt {
                tokens_before: tokens(self.tokens_before),
                tokens_after: tokens(self.tokens_after),
                lost,
            },
            recorded_at: Timestamp(self.recorded_at?),
        })
    }
}

impl TryFrom<Row> for EpisodeRecord {
    type Error = StoreError;

    fn try_from(mut row: Row) -> Result<Self> {
        Ok(Self {
            id: EpisodeId(row.id),
            first: MessageId(row.first_message_id),
            last: MessageId(row.last_message_id.unwrap_or(row.first_message_id)),
            opened_at: Timestamp(row.opened_at),
            closed_at: row.closed_at.map(Timestamp),
            closing: row.closed_by.as_deref().map(super::name).transpose()?,
            consolidated_through: row.consolidated_through.map(MessageId),
            reverted_at: row.reverted_at.map(Timestamp),
            messages: count(row.messages),
            summary: row.summary(),
        })
    }
}

impl Store {
    /// Chats in which episodes may have to be followed, closed or consolidated; those that are held only with `held`.
    pub async fn chats_to_follow(&self, held: bool) -> Result<Vec<ChatId>> {
        let ids = sqlx::query_scalar!(
            r#"SELECT c.id AS "id!" FROM chats c
               WHERE EXISTS (SELECT 1 FROM episodes e WHERE e.chat_id = c.id
                             AND (e.closed_at IS NULL OR ((?1 OR e.held_at IS NULL)
                                  AND (e.consolidated_through IS NULL OR e.consolidated_through < e.last_message_id))))
                  OR c.has_unfollowed = 1
                  OR EXISTS (SELECT 1 FROM messages m WHERE m.chat_id = c.id AND m.kind IN ('text', 'media')
                             AND m.id > (SELECT max(0, ifnull(max(e.last_message_id), 0)) FROM episodes e WHERE e.chat_id = c.id))
                  OR EXISTS (SELECT 1 FROM period_summaries p WHERE p.chat_id = c.id AND p.stale_since IS NOT NULL)"#,
            held
        )
        .fetch_all(&self.read)
        .await?;
        Ok(ids.into_iter().map(ChatId).collect())
    }

    /// Where following a chat goes on. Imported messages stand before and are followed by themselves.
    pub async fn trail(&self, chat: ChatId) -> Result<Trail> {
        let row = sqlx::query!(
            r#"SELECT first_message_id, ifnull(last_message_id, first_message_id) AS "last!: i64", closed_at
               FROM episodes WHERE chat_id = ? AND first_message_id > 0 ORDER BY id DESC LIMIT 1"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map_or_else(Trail::default, |row| Trail {
            open: row.closed_at.is_none().then_some((MessageId(row.first_message_id), MessageId(row.last))),
            followed_through: Some(MessageId(row.last)),
        }))
    }

    /// The conversation of a chat after a message, oldest first, at most so many.
    pub async fn conversation_after(&self, chat: ChatId, after: MessageId, most: u32) -> Result<Vec<Followed>> {
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.turn_id, m.role, m.said_at, r.text
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ? AND m.id > ? AND m.kind IN ('text', 'media') ORDER BY m.id LIMIT ?"#,
            chat.0,
            after.0,
            most
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(|row| followed(row.id, row.turn_id, &row.role, row.said_at, row.text)).collect()
    }

    /// The last messages of conversation between two messages, both included, oldest first, at most so many.
    pub async fn conversation_before(
        &self,
        chat: ChatId,
        first: MessageId,
        last: MessageId,
        most: u32,
    ) -> Result<Vec<Followed>> {
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.turn_id, m.role, m.said_at, r.text
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ? AND m.id >= ? AND m.id <= ? AND m.kind IN ('text', 'media')
               ORDER BY m.id DESC LIMIT ?"#,
            chat.0,
            first.0,
            last.0,
            most
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().rev().map(|row| followed(row.id, row.turn_id, &row.role, row.said_at, row.text)).collect()
    }

    /// The first messages after each `/reset` after a message, and after each shift of topic.
    pub async fn context_starts(&self, chat: ChatId, after: MessageId) -> Result<Vec<MessageId>> {
        let values = sqlx::query_scalar!(
            r#"SELECT DISTINCT CAST(value AS INTEGER) AS "value!: i64" FROM settings
               WHERE chat_id = ?1 AND key = 'context_start' AND value IS NOT NULL AND CAST(value AS INTEGER) > ?2"#,
            chat.0,
            after.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(values.into_iter().map(MessageId).collect())
    }

    /// Writes down what following a chat gave; the first span may go on with the open episode.
    pub async fn keep_episodes(&self, chat: ChatId, spans: &[Span], now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        for span in spans {
            let closed_at = span.closing.map(|_| now.0);
            let closing = span.closing.map(Closing::as_str);
            let known = sqlx::query!(
                r#"UPDATE episodes SET last_message_id = ?, closed_at = ?, closed_by = ?
                   WHERE chat_id = ? AND first_message_id <= ? AND closed_at IS NULL"#,
                span.last.0,
                closed_at,
                closing,
                chat.0,
                span.first.0
            )
            .execute(&mut *tx)
            .await?;
            if known.rows_affected() == 0 {
                sqlx::query!(
                    r#"INSERT INTO episodes (chat_id, first_message_id, last_message_id, opened_at, closed_at, closed_by)
                       VALUES (?1, ?2, ?3, ifnull((SELECT said_at FROM messages WHERE id = ?2), ?6), ?4, ?5)"#,
                    chat.0,
                    span.first.0,
                    span.last.0,
                    closed_at,
                    closing,
                    now.0
                )
                .execute(&mut *tx)
                .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Closes the open episode of a chat because a person asked for it; false when none is open.
    pub async fn close_open_episode(&self, chat: ChatId, now: Timestamp) -> Result<bool> {
        let closed = sqlx::query!(
            "UPDATE episodes SET closed_at = ?, closed_by = 'asked' WHERE chat_id = ? AND closed_at IS NULL",
            now.0,
            chat.0
        )
        .execute(&self.write)
        .await?;
        Ok(closed.rows_affected() > 0)
    }

    /// The episodes of a chat that are open or not consolidated to their end; those that are held only with `held`.
    pub async fn unconsolidated(&self, chat: ChatId, held: bool) -> Result<Vec<EpisodeState>> {
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", first_message_id, ifnull(last_message_id, first_message_id) AS "last!: i64", closed_at,
                      consolidated_through
               FROM episodes
               WHERE chat_id = ? AND (closed_at IS NULL OR consolidated_through IS NULL OR consolidated_through < last_message_id)
                 AND (? OR held_at IS NULL)
               ORDER BY first_message_id"#,
            chat.0,
            held
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| EpisodeState {
                id: EpisodeId(row.id),
                first: MessageId(row.first_message_id),
                last: MessageId(row.last),
                closed: row.closed_at.is_some(),
                watermark: row.consolidated_through.map(MessageId),
            })
            .collect())
    }

    /// How many messages of conversation after `after` were said before `before_time` or stand before `before_id`, and
    /// the last of them: what has left `short_term`.
    pub async fn left_short_term(
        &self,
        chat: ChatId,
        after: MessageId,
        before_time: Timestamp,
        before_id: MessageId,
    ) -> Result<Option<(usize, MessageId)>> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "count!: i64", max(id) AS "last: i64" FROM messages
               WHERE chat_id = ? AND id > ? AND kind IN ('text', 'media') AND archived_at IS NULL
                 AND (said_at < ? OR id < ?)"#,
            chat.0,
            after.0,
            before_time.0,
            before_id.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(row.last.map(|last| (usize::try_from(row.count).unwrap_or(0), MessageId(last))))
    }

    /// The episodes of a chat with their summaries in force, newest first, those before `cursor`.
    pub async fn episodes(&self, chat: ChatId, cursor: Option<EpisodeId>, most: u32) -> Result<Vec<EpisodeRecord>> {
        self.some_episodes(chat, cursor, None, most).await
    }

    async fn some_episodes(
        &self,
        chat: ChatId,
        cursor: Option<EpisodeId>,
        only: Option<EpisodeId>,
        most: u32,
    ) -> Result<Vec<EpisodeRecord>> {
        let (cursor, only) = (cursor.map(|cursor| cursor.0), only.map(|only| only.0));
        sqlx::query_as!(
            Row,
            r#"SELECT e.id AS "id!", e.first_message_id, e.last_message_id, e.opened_at, e.closed_at, e.closed_by,
                      e.consolidated_through, e.reverted_at,
                      (SELECT count(*) FROM messages m WHERE m.chat_id = e.chat_id AND m.id >= e.first_message_id
                       AND m.id <= e.last_message_id AND m.kind IN ('text', 'media')) AS "messages!: i64",
                      s.version AS "version?", s.text AS "text?", s.first_message_id AS "summary_first?",
                      s.covers_through AS "covers_through?", s.model AS "model?", s.tokens_before AS "tokens_before?",
                      s.tokens_after AS "tokens_after?", s.lost AS "lost?", s.recorded_at AS "recorded_at?"
               FROM episodes e LEFT JOIN summaries s ON s.episode_id = e.id AND s.expired_at IS NULL
               WHERE e.chat_id = ?1
                 AND (?2 IS NULL OR e.first_message_id < (SELECT c.first_message_id FROM episodes c WHERE c.id = ?2))
                 AND (?4 IS NULL OR e.id = ?4)
               ORDER BY e.first_message_id DESC LIMIT ?3"#,
            chat.0,
            cursor,
            most,
            only
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(EpisodeRecord::try_from)
        .collect()
    }

    /// From when to when the newest episodes of a chat went, newest first.
    pub async fn episode_spans(&self, chat: ChatId, most: u32) -> Result<Vec<EpisodeSpan>> {
        let rows = sqlx::query!(
            r#"SELECT e.id AS "id!", e.opened_at, e.closed_at,
                      ifnull((SELECT said_at FROM messages WHERE id = e.last_message_id), e.opened_at) AS "until!: i64"
               FROM episodes e WHERE e.chat_id = ? ORDER BY e.first_message_id DESC LIMIT ?"#,
            chat.0,
            most
        )
        .fetch_all(&self.read)
        .await?;
        let span = |id, from, until, open| EpisodeSpan {
            id: EpisodeId(id),
            from: Timestamp(from),
            until: Timestamp(until),
            open,
        };
        Ok(rows.into_iter().map(|row| span(row.id, row.opened_at, row.until, row.closed_at.is_none())).collect())
    }

    /// One episode of a chat with its summary in force.
    pub async fn episode(&self, chat: ChatId, id: EpisodeId) -> Result<Option<EpisodeRecord>> {
        Ok(self.some_episodes(chat, None, Some(id), 1).await?.pop())
    }
}

pub(super) fn followed(id: i64, turn: Option<i64>, role_name: &str, at: i64, text: String) -> Result<Followed> {
    Ok(Followed { id: MessageId(id), turn: turn.map(TurnId), role: role(role_name)?, at: Timestamp(at), text })
}
