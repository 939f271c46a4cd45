//! Reads for people: pages of messages and turns, and the figures of an overview. None of it is on the reply path.

use souvenir_memory::{ChatId, Encoding, MessageId, MessageKind, Role, Source, Timestamp, TokenCount, TurnId};

use super::{
    Result, Store, Totals, count,
    messages::{kind, role, source},
};

#[cfg(test)]
mod tests;

/// A message as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its number.
    pub id: MessageId,
    /// Who speaks.
    pub role: Role,
    /// The speaker's name.
    pub author: Option<String>,
    /// What kind.
    pub kind: MessageKind,
    /// Which door.
    pub source: Source,
    /// The newest text.
    pub text: String,
    /// Its tokens in the encoding asked, or in any; zero until counted.
    pub tokens: TokenCount,
    /// When it was said.
    pub at: Timestamp,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Its turn.
    pub turn: Option<TurnId>,
    /// Telegram's id of it.
    pub telegram_message_id: Option<i64>,
    /// Whether it is an answer that a person stopped.
    pub stopped: bool,
}

/// Which messages to list, newest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessageFilter {
    /// Only before this one.
    pub before: Option<MessageId>,
    /// Only from this one on.
    pub from: Option<MessageId>,
    /// Only after the newest that was said before this: where a session begins, as a context has it. What is read to find
    /// it goes by the session and not by history.
    pub since: Option<Timestamp>,
    /// Only said before this, or before `from_reset`.
    pub until: Option<Timestamp>,
    /// With `until`: messages before this one count as older whatever their time.
    pub reset: Option<MessageId>,
    /// Only conversation (text and media).
    pub conversation: bool,
    /// Only archived, or only those that are not.
    pub archived: Option<bool>,
    /// At most so many.
    pub limit: u32,
}

/// What a tier holds, without its texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// How many messages.
    pub messages: u64,
    /// Their tokens.
    pub tokens: u64,
    /// The oldest.
    pub first: Option<MessageId>,
    /// When that was said.
    pub since: Option<Timestamp>,
}

/// A month's use of models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonthUse {
    /// Prompt and answer tokens.
    pub tokens: u64,
    /// Cost in billionths of a dollar; none when that of any turn is not known.
    pub cost_nanousd: Option<i64>,
}

struct Row {
    id: i64,
    role: String,
    author: Option<String>,
    kind: String,
    source: String,
    text: String,
    o200k_base: Option<i64>,
    cl100k_base: Option<i64>,
    said_at: i64,
    archived_at: Option<i64>,
    turn_id: Option<i64>,
    telegram_message_id: Option<i64>,
    stopped: bool,
}

impl Row {
    fn record(self, encoding: Encoding) -> Result<MessageRecord> {
        let exact = super::messages::tokens_in(encoding, self.o200k_base, self.cl100k_base);
        let any = self.o200k_base.or(self.cl100k_base).map(|tokens| TokenCount(count(tokens)));
        Ok(MessageRecord {
            id: MessageId(self.id),
            role: role(&self.role)?,
            author: self.author,
            kind: kind(&self.kind)?,
            source: source(&self.source)?,
            text: self.text,
            tokens: exact.or(any).unwrap_or_default(),
            at: Timestamp(self.said_at),
            archived_at: self.archived_at.map(Timestamp),
            turn: self.turn_id.map(TurnId),
            telegram_message_id: self.telegram_message_id,
            stopped: self.stopped,
        })
    }
}

impl Store {
    /// The message `places` after one, or the last one there is; none when it is the last itself.
    pub async fn message_after(&self, chat: ChatId, message: MessageId, places: u32) -> Result<Option<MessageId>> {
        let last = sqlx::query_scalar!(
            r#"SELECT max(id) AS "id: i64"
               FROM (SELECT id FROM messages WHERE chat_id = ? AND id > ? ORDER BY id LIMIT ?)"#,
            chat.0,
            message.0,
            places
        )
        .fetch_one(&self.read)
        .await?;
        Ok(last.map(MessageId))
    }

    /// Messages of a chat, newest first.
    pub async fn list_messages(
        &self,
        chat: ChatId,
        filter: MessageFilter,
        encoding: Encoding,
    ) -> Result<Vec<MessageRecord>> {
        let before = filter.before.map_or(i64::MAX, |id| id.0);
        let from = self.start(chat, filter).await?;
        let until = filter.until.map(|at| at.0);
        let reset = filter.reset.map_or(i64::MIN, |id| id.0);
        sqlx::query_as!(
            Row,
            r#"SELECT m.id AS "id!", m.role, m.author, m.kind, m.source, r.text, r.o200k_base, r.cl100k_base, m.said_at,
                      m.archived_at, m.turn_id, m.telegram_message_id,
                      EXISTS (SELECT 1 FROM turns t WHERE t.reply_id = m.id AND t.id = m.turn_id AND t.state = 'stopped') AS "stopped!: bool"
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ?1 AND m.id < ?2 AND m.id >= ?3
                 AND (?4 IS NULL OR m.said_at < ?4 OR m.id < ?5)
                 AND (NOT ?6 OR m.kind IN ('text', 'media'))
                 AND (?7 IS NULL OR (m.archived_at IS NOT NULL) = ?7)
               ORDER BY m.id DESC LIMIT ?8"#,
            chat.0,
            before,
            from,
            until,
            reset,
            filter.conversation,
            filter.archived,
            filter.limit
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(|row| row.record(encoding))
        .collect()
    }

    /// How many messages `filter` admits, their tokens, and the oldest of them with its time: no text is read.
    pub async fn measure_messages(&self, chat: ChatId, filter: MessageFilter, encoding: Encoding) -> Result<Measured> {
        let from = self.start(chat, filter).await?;
        let until = filter.until.map(|at| at.0);
        let reset = filter.reset.map_or(i64::MIN, |id| id.0);
        let cl100k = encoding == Encoding::Cl100kBase;
        let row = sqlx::query!(
            r#"SELECT count(*) AS "messages!: i64", ifnull(sum(tokens), 0) AS "tokens!: i64", min(id) AS "first: i64",
                      min(said_at) AS "since: i64"
               FROM (SELECT m.id AS id, m.said_at AS said_at, ifnull(iif(?5, r.cl100k_base, r.o200k_base),
                                               ifnull(r.o200k_base, ifnull(r.cl100k_base, 0))) AS tokens
                     FROM messages m JOIN revisions r ON r.id = m.revision_id
                     WHERE m.chat_id = ?1 AND m.id >= ?2
                       AND (?3 IS NULL OR m.said_at < ?3 OR m.id < ?4)
                       AND m.kind IN ('text', 'media') AND m.archived_at IS NULL
                     ORDER BY m.id DESC LIMIT ?6)"#,
            chat.0,
            from,
            until,
            reset,
            cl100k,
            filter.limit
        )
        .fetch_one(&self.read)
        .await?;
        Ok(Measured {
            messages: row.messages.unsigned_abs(),
            tokens: row.tokens.unsigned_abs(),
            first: row.first.map(MessageId),
            since: row.since.map(Timestamp),
        })
    }

    /// The first id that `filter` may admit: what follows the newest message said before its time, which is looked for from the
    /// newest on, as far as that.
    async fn start(&self, chat: ChatId, filter: MessageFilter) -> Result<i64> {
        let from = filter.from.map_or(i64::MIN, |id| id.0);
        let Some(since) = filter.since else { return Ok(from) };
        let before = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM messages WHERE chat_id = ? AND said_at < ? ORDER BY id DESC LIMIT 1"#,
            chat.0,
            since.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(before.map_or(from, |before| from.max(before + 1)))
    }

    /// The text of one revision, for manifests; none when it is forgotten.
    pub async fn revision_text(&self, revision: i64) -> Result<Option<(String, Option<String>, Role, Timestamp)>> {
        let row = sqlx::query!(
            r#"SELECT r.text, m.author, m.role, m.said_at FROM revisions r JOIN messages m ON m.id = r.message_id
               WHERE r.id = ?"#,
            revision
        )
        .fetch_optional(&self.read)
        .await?;
        row.map(|row| Ok((row.text, row.author, role(&row.role)?, Timestamp(row.said_at)))).transpose()
    }

    /// The text of one summary's version, for manifests.
    pub async fn summary_text(&self, episode: i64, version: u32) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("SELECT text FROM summaries WHERE episode_id = ? AND version = ?", episode, version)
            .fetch_optional(&self.read)
            .await?)
    }

    /// Conversation before a message as it was at a past moment, counted row by row: for replays only.
    pub async fn totals_before(&self, chat: ChatId, before: MessageId, turn: TurnId, at: Timestamp) -> Result<Totals> {
        let row = sqlx::query!(
            r#"SELECT count(*) FILTER (WHERE put = 0) AS "live!: i64",
                      ifnull(sum(tokens) FILTER (WHERE put = 0), 0) AS "live_tokens!: i64",
                      count(*) FILTER (WHERE put = 1) AS "archived!: i64",
                      ifnull(sum(tokens) FILTER (WHERE put = 1), 0) AS "archived_tokens!: i64"
               FROM (SELECT ifnull(r.o200k_base, ifnull(r.cl100k_base, 0)) AS tokens,
                            EXISTS (SELECT 1 FROM archivals a WHERE a.message_id = m.id AND a.archived_at <= ?3
                                    AND (a.restored_at IS NULL OR a.restored_at > ?3)) AS put
                     FROM messages m JOIN revisions r ON r.id = m.revision_id
                     WHERE m.chat_id = ?1 AND (m.id < ?2 OR (m.role = 'assistant' AND m.turn_id < ?4))
                       AND m.kind IN ('text', 'media'))"#,
            chat.0,
            before.0,
            at.0,
            turn.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(Totals {
            live_messages: count(row.live),
            live_tokens: TokenCount(count(row.live_tokens)),
            archived_messages: count(row.archived),
            archived_tokens: TokenCount(count(row.archived_tokens)),
        })
    }

    /// What a chat's turns took since `since`.
    pub async fn use_since(&self, chat: ChatId, since: Timestamp) -> Result<MonthUse> {
        Ok(self.spent_since(Some(chat), since).await?.into())
    }

    /// How many turns and episodes a chat has.
    pub async fn turn_and_episode_counts(&self, chat: ChatId) -> Result<(u64, u64)> {
        let row = sqlx::query!(
            r#"SELECT (SELECT count(*) FROM turns WHERE chat_id = ?1) AS "turns!: i64",
                      (SELECT count(*) FROM episodes WHERE chat_id = ?1) AS "episodes!: i64""#,
            chat.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok((row.turns.unsigned_abs(), row.episodes.unsigned_abs()))
    }

    /// The messages of a turn, oldest first.
    pub async fn turn_messages(&self, chat: ChatId, turn: TurnId, encoding: Encoding) -> Result<Vec<MessageRecord>> {
        sqlx::query_as!(
            Row,
            r#"SELECT m.id AS "id!", m.role, m.author, m.kind, m.source, r.text, r.o200k_base, r.cl100k_base, m.said_at,
                      m.archived_at, m.turn_id, m.telegram_message_id,
                      EXISTS (SELECT 1 FROM turns t WHERE t.reply_id = m.id AND t.id = m.turn_id AND t.state = 'stopped') AS "stopped!: bool"
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.turn_id = ? AND m.chat_id = ? ORDER BY m.id"#,
            turn.0,
            chat.0
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(|row| row.record(encoding))
        .collect()
    }

    /// Puts messages away or brings them back, with the time; gives those that changed.
    pub async fn archive(
        &self,
        chat: ChatId,
        ids: &[MessageId],
        archived: bool,
        now: Timestamp,
    ) -> Result<Vec<MessageId>> {
        let mut tx = self.begin().await?;
        let mut changed = Vec::new();
        for id in ids {
            if archive_one(&mut tx, chat, *id, archived, now).await? {
                changed.push(*id);
            }
        }
        if !changed.is_empty() {
            sqlx::query!("UPDATE chats SET trim_mark = NULL WHERE id = ?", chat.0).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// How many messages of conversation were said before `until` and are not archived.
    pub async fn count_live_before(&self, chat: ChatId, until: Timestamp) -> Result<u64> {
        let count = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!: i64" FROM messages WHERE chat_id = ? AND said_at < ? AND archived_at IS NULL
               AND kind IN ('text', 'media')"#,
            chat.0,
            until.0
        )
        .fetch_one(&self.read)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// Conversation said before `until` and not archived, oldest first, at most `limit` numbers.
    pub async fn live_before(&self, chat: ChatId, until: Timestamp, limit: u32) -> Result<Vec<MessageId>> {
        let ids = sqlx::query_scalar!(
            r#"SELECT id FROM messages WHERE chat_id = ? AND said_at < ? AND archived_at IS NULL
               AND kind IN ('text', 'media') ORDER BY id LIMIT ?"#,
            chat.0,
            until.0,
            limit
        )
        .fetch_all(&self.read)
        .await?;
        Ok(ids.into_iter().map(MessageId).collect())
    }
}

async fn archive_one(
    tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    chat: ChatId,
    id: MessageId,
    archived: bool,
    now: Timestamp,
) -> Result<bool> {
    let found = sqlx::query!(
        r#"SELECT m.archived_at, m.kind, ifnull(r.o200k_base, ifnull(r.cl100k_base, 0)) AS "tokens!: i64"
           FROM messages m JOIN revisions r ON r.id = m.revision_id WHERE m.id = ? AND m.chat_id = ?"#,
        id.0,
        chat.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(found) = found.filter(|found| found.archived_at.is_some() != archived) else { return Ok(false) };
    let archived_at = archived.then_some(now.0);
    sqlx::query!("UPDATE messages SET archived_at = ? WHERE id = ?", archived_at, id.0).execute(&mut **tx).await?;
    if archived {
        sqlx::query!("INSERT INTO archivals (message_id, archived_at) VALUES (?, ?)", id.0, now.0)
            .execute(&mut **tx)
            .await?;
    } else {
        sqlx::query!("UPDATE archivals SET restored_at = ? WHERE message_id = ? AND restored_at IS NULL", now.0, id.0)
            .execute(&mut **tx)
            .await?;
    }
    if matches!(found.kind.as_str(), "text" | "media") {
        let (messages, tokens) = if archived { (1, found.tokens) } else { (-1, -found.tokens) };
        sqlx::query!(
            r#"UPDATE chats SET live_messages = live_messages - ?2, live_tokens = live_tokens - ?3,
                      archived_messages = archived_messages + ?2, archived_tokens = archived_tokens + ?3 WHERE id = ?1"#,
            chat.0,
            messages,
            tokens
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(true)
}
