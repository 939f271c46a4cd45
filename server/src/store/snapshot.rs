//! The snapshot a context is built from: one chat, one moment, and only as much history as could matter.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use serde::Deserialize;
use souvenir_memory::{
    ChatId, Encoding, EpisodeId, Message, MessageId, RevisionId, Role, Timestamp, TokenCount, TurnId,
    context::{OlderMessages, Summary},
    manifest::MessageRange,
    tokens::MESSAGE_OVERHEAD,
};

use super::{
    Result, Store, Totals, count,
    messages::{kind, role},
    of_json,
};

#[cfg(test)]
mod tests;

/// Which part of history to read.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotQuery {
    /// The chat.
    pub chat: ChatId,
    /// The moment to show it at: archive marks, summaries and facts as they were then.
    pub at: Timestamp,
    /// Only messages before this one…
    pub before: MessageId,
    /// …and the replies of turns before this one: a reply may be stored after the message that follows it in the
    /// conversation.
    pub turn: Option<TurnId>,
    /// Stop once this many tokens of conversation were read.
    pub tokens: TokenCount,
    /// Stop at the first message older than this.
    pub since: Timestamp,
    /// Stop before the turn of this message, the first of the last context: what lies before was trimmed already.
    pub mark: Option<MessageId>,
    /// Which counts to read.
    pub encoding: Encoding,
}

/// A message as [`super::of_json`] reads it: these columns in this order.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) revision_id: i64,
    pub(super) turn_id: Option<i64>,
    pub(super) role: String,
    pub(super) author: Option<String>,
    pub(super) kind: String,
    pub(super) text: String,
    /// In the encoding asked for.
    pub(super) tokens: Option<i64>,
    pub(super) said_at: i64,
    pub(super) archived_at: Option<i64>,
}

impl Row {
    pub(super) fn message(self) -> Result<(Message, bool)> {
        let tokens = self.tokens.map(|tokens| TokenCount(count(tokens)));
        let message = Message {
            id: MessageId(self.id),
            revision: RevisionId(self.revision_id),
            turn: self.turn_id.map(TurnId),
            role: role(&self.role)?,
            author: self.author,
            kind: kind(&self.kind)?,
            text: self.text,
            tokens: tokens.unwrap_or_default(),
            at: Timestamp(self.said_at),
            archived_at: self.archived_at.map(Timestamp),
        };
        Ok((message, tokens.is_some()))
    }
}

impl Store {
    /// The newest messages that `query` asks for, oldest first, each with whether it is counted in the encoding asked.
    ///
    /// The rows are bounded to a few before the mark, since they are read ahead of what is asked for here.
    pub async fn recent_messages(&self, query: SnapshotQuery) -> Result<Vec<(Message, bool)>> {
        let (turn, mark) = (query.turn.map(|turn| turn.0), query.mark.map_or(i64::MIN, |mark| mark.0));
        let encoding = query.encoding.as_str();
        let mut rows = sqlx::query_scalar!(
            r#"SELECT json_array(m.id, m.revision_id, m.turn_id, m.role, m.author, m.kind, r.text,
                                 CASE ?6 WHEN 'cl100k_base' THEN r.cl100k_base ELSE r.o200k_base END, m.said_at,
                                 (SELECT a.archived_at FROM archivals a WHERE a.message_id = m.id AND a.archived_at <= ?2
                                  AND (a.restored_at IS NULL OR a.restored_at > ?2))) AS "row!: String"
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ?1 AND (m.id < ?3 OR (m.role = 'assistant' AND m.turn_id < ?4))
                 AND m.id >= ifnull((SELECT n.id FROM messages n WHERE n.chat_id = ?1 AND n.id < ?5
                                     ORDER BY n.id DESC LIMIT 1 OFFSET 15), -9223372036854775807)
               ORDER BY m.id DESC"#,
            query.chat.0,
            query.at.0,
            query.before.0,
            turn,
            mark,
            encoding
        )
        .fetch(&self.read);
        let mut messages = Vec::new();
        let mut turns = BTreeSet::new();
        let mut tokens = TokenCount::ZERO;
        while let Some(row) = rows.try_next().await? {
            let (message, counted) = of_json::<Row>(&row)?.message()?;
            if message.at < query.since || tokens > query.tokens {
                break;
            }
            if message.is_context() {
                tokens += message.tokens + MESSAGE_OVERHEAD;
            }
            // A turn that reaches across the mark is read whole; the first that does not is read to tell why it is absent.
            let before_mark = message.id.0 < mark;
            let trimmed = before_mark
                && message.role == Role::User
                && message.is_context()
                && message.turn.is_none_or(|turn| !turns.contains(&turn));
            if !before_mark {
                turns.extend(message.turn);
            }
            messages.push((message, counted));
            if trimmed {
                break;
            }
        }
        messages.reverse();
        Ok(messages)
    }

    /// Messages by number, in the order given; those of another chat or archived at `at` are left out.
    pub async fn messages_by_id(
        &self,
        chat: ChatId,
        ids: &[MessageId],
        encoding: Encoding,
        at: Timestamp,
    ) -> Result<Vec<(Message, bool)>> {
        let mut connection = self.read.acquire().await?;
        let mut messages = Vec::with_capacity(ids.len());
        let encoding = encoding.as_str();
        for id in ids {
            let row = sqlx::query_as!(
                Row,
                r#"SELECT m.id AS "id!", m.revision_id, m.turn_id, m.role, m.author, m.kind, r.text, m.said_at,
                          CASE ?4 WHEN 'cl100k_base' THEN r.cl100k_base ELSE r.o200k_base END AS "tokens?: i64",
                          (SELECT a.archived_at FROM archivals a WHERE a.message_id = m.id AND a.archived_at <= ?3
                           AND (a.restored_at IS NULL OR a.restored_at > ?3)) AS "archived_at: i64"
                   FROM messages m JOIN revisions r ON r.id = m.revision_id
                   WHERE m.id = ?1 AND m.chat_id = ?2"#,
                id.0,
                chat.0,
                at.0,
                encoding
            )
            .fetch_optional(&mut *connection)
            .await?;
            if let Some(row) = row {
                let (message, counted) = row.message()?;
                if message.is_context() {
                    messages.push((message, counted));
                }
            }
        }
        Ok(messages)
    }

    /// Keeps counts that were missing in one encoding.
    pub async fn keep_counts(&self, encoding: Encoding, counts: &[(RevisionId, TokenCount)]) -> Result<()> {
        let mut tx = self.begin().await?;
        for (revision, tokens) in counts {
            super::messages::set_tokens(&mut tx, *revision, encoding, *tokens).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What lies before the messages read, by the chat's running totals: nothing is counted here.
    /// `known` are the messages read and the stored ones being answered; `totals` may be of a past moment.
    pub async fn older_messages(
        &self,
        chat: ChatId,
        totals: Totals,
        known: &[&Message],
        before: MessageId,
    ) -> Result<Vec<OlderMessages>> {
        let first_read = known.first().map_or(before, |message| message.id.min(before));
        let live = sqlx::query!(
            r#"SELECT min(id) AS "first: i64",
                      (SELECT max(id) FROM messages WHERE chat_id = ?1 AND id < ?2) AS "last: i64"
               FROM messages WHERE chat_id = ?1 AND id < ?2"#,
            chat.0,
            first_read.0
        )
        .fetch_one(&self.read)
        .await?;
        let archived = sqlx::query!(
            r#"SELECT min(id) AS "first: i64", max(id) AS "last: i64" FROM messages
               WHERE chat_id = ?1 AND id < ?2 AND archived_at IS NOT NULL"#,
            chat.0,
            first_read.0
        )
        .fetch_one(&self.read)
        .await?;
        let of = |first: Option<i64>, last: Option<i64>, messages: u32, tokens: TokenCount, archived| {
            (messages > 0).then_some(())?;
            let range = MessageRange { first: MessageId(first?), last: MessageId(last?) };
            Some(OlderMessages { range, count: messages, tokens, archived })
        };
        let (live_count, live_tokens) = rest(totals.live_messages, totals.live_tokens, known, false);
        let (put_count, put_tokens) = rest(totals.archived_messages, totals.archived_tokens, known, true);
        let ranges = [
            of(archived.first, archived.last, put_count, put_tokens, true),
            of(live.first, live.last, live_count, live_tokens, false),
        ];
        Ok(ranges.into_iter().flatten().collect())
    }

    /// The summaries of a chat that were in force at `at`, oldest episode first.
    pub async fn summaries(&self, chat: ChatId, at: Timestamp) -> Result<Vec<Summary>> {
        let rows = sqlx::query!(
            r#"SELECT s.episode_id, s.version, s.text, s.first_message_id, s.covers_through
               FROM episodes e JOIN summaries s ON s.episode_id = e.id
               WHERE e.chat_id = ?1 AND s.recorded_at <= ?2 AND (s.expired_at IS NULL OR s.expired_at > ?2)
               ORDER BY e.first_message_id DESC LIMIT 50"#,
            chat.0,
            at.0
        )
        .fetch_all(&self.read)
        .await?;
        let mut summaries: Vec<Summary> = rows
            .into_iter()
            .map(|row| Summary {
                episode: EpisodeId(row.episode_id),
                version: count(row.version),
                text: row.text,
                covers: MessageRange { first: MessageId(row.first_message_id), last: MessageId(row.covers_through) },
            })
            .collect();
        summaries.reverse();
        Ok(summaries)
    }
}

/// A running total less what was read of it.
fn rest(messages: u32, tokens: TokenCount, known: &[&Message], archived: bool) -> (u32, TokenCount) {
    use souvenir_memory::MessageKind::{Media, Text};
    let of_kind = known
        .iter()
        .filter(|message| message.archived_at.is_some() == archived && matches!(message.kind, Text | Media));
    let (count, sum) =
        of_kind.fold((0_u32, TokenCount::ZERO), |(count, sum), message| (count + 1, sum + message.tokens));
    (messages.saturating_sub(count), tokens.saturating_sub(sum))
}
