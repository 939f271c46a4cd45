//! Episodes among imported messages. They are held until the owner wants them summed up, unless nothing has to be paid for it.

use souvenir_memory::{
    ChatId, MessageId, Timestamp, TokenCount,
    episode::{Closing, Span},
};

use crate::store::{Followed, Result, Store, count, episodes::followed};

/// So many messages an episode has, about.
const MESSAGES_AN_EPISODE: u32 = 12;

/// What of a chat waits for the owner's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many episodes.
    pub episodes: u32,
    /// How many messages of conversation are in them.
    pub messages: u32,
    /// Their raw tokens.
    pub tokens: TokenCount,
    /// Those of the largest episode.
    pub largest: TokenCount,
}

impl Store {
    /// Whether imported messages of a chat are in no episode yet.
    pub async fn has_unfollowed(&self, chat: ChatId) -> Result<bool> {
        let found = sqlx::query_scalar!("SELECT has_unfollowed FROM chats WHERE id = ?", chat.0)
            .fetch_optional(&self.read)
            .await?;
        Ok(found == Some(1))
    }

    /// Lets go of the imported episodes of which nothing was consolidated: they are found anew. Gives those that stay, in order.
    pub async fn loosen_imported(&self, chat: ChatId) -> Result<Vec<(MessageId, MessageId)>> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            r#"DELETE FROM episodes WHERE chat_id = ? AND first_message_id < 0 AND consolidated_through IS NULL
               AND NOT EXISTS (SELECT 1 FROM consolidations c WHERE c.episode_id = episodes.id)"#,
            chat.0
        )
        .execute(&mut *tx)
        .await?;
        let rows = sqlx::query!(
            r#"SELECT first_message_id, ifnull(last_message_id, first_message_id) AS "last!: i64" FROM episodes
               WHERE chat_id = ? AND first_message_id < 0 ORDER BY first_message_id"#,
            chat.0
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(rows.into_iter().map(|row| (MessageId(row.first_message_id), MessageId(row.last))).collect())
    }

    /// The conversation of a chat after one message and before another, oldest first, at most so many.
    pub async fn conversation_within(
        &self,
        chat: ChatId,
        (after, before): (MessageId, MessageId),
        most: u32,
    ) -> Result<Vec<Followed>> {
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.turn_id, m.role, m.said_at, r.text
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ? AND m.id > ? AND m.id < ? AND m.kind IN ('text', 'media') ORDER BY m.id LIMIT ?"#,
            chat.0,
            after.0,
            before.0,
            most
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(|row| followed(row.id, row.turn_id, &row.role, row.said_at, row.text)).collect()
    }

    /// Keeps episodes among imported messages, held.
    pub async fn hold_imported(&self, chat: ChatId, spans: &[Span], now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        for span in spans {
            let closing = span.closing.unwrap_or(Closing::Idle).as_str();
            sqlx::query!(
                r#"INSERT INTO episodes (chat_id, first_message_id, last_message_id, opened_at, closed_at, closed_by, held_at)
                   VALUES (?1, ?2, ?3, ifnull((SELECT said_at FROM messages WHERE id = ?2), ?4), ?4, ?5, ?4)"#,
                chat.0,
                span.first.0,
                span.last.0,
                now.0,
                closing
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Every imported message of a chat is in an episode.
    pub async fn imported_is_followed(&self, chat: ChatId) -> Result<()> {
        sqlx::query!("UPDATE chats SET has_unfollowed = 0 WHERE id = ?", chat.0).execute(&self.write).await?;
        Ok(())
    }

    /// What of a chat is held; none when nothing is.
    pub async fn held(&self, chat: ChatId) -> Result<Option<Held>> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "episodes!: i64", ifnull(sum(messages), 0) AS "messages!: i64",
                      ifnull(sum(tokens), 0) AS "tokens!: i64", ifnull(max(tokens), 0) AS "largest!: i64"
               FROM (SELECT count(m.id) AS messages, ifnull(sum(ifnull(r.o200k_base, r.cl100k_base)), 0) AS tokens
                     FROM episodes e JOIN messages m ON m.chat_id = e.chat_id AND m.id >= e.first_message_id AND m.id <= e.last_message_id
                          AND m.kind IN ('text', 'media') AND m.archived_at IS NULL
                          JOIN revisions r ON r.id = m.revision_id
                     WHERE e.chat_id = ? AND e.held_at IS NOT NULL GROUP BY e.id)"#,
            chat.0
        )
        .fetch_one(&self.read)
        .await?;
        let held = Held {
            episodes: count(row.episodes),
            messages: count(row.messages),
            tokens: TokenCount(count(row.tokens)),
            largest: TokenCount(count(row.largest)),
        };
        Ok(Some(held).filter(|held| held.episodes > 0))
    }

    /// What was imported into a chat and was never summed up, before episodes are found in it; of those there is a guess.
    pub async fn imported_unfollowed(&self, chat: ChatId) -> Result<Option<Held>> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "messages!: i64", ifnull(sum(ifnull(r.o200k_base, r.cl100k_base)), 0) AS "tokens!: i64"
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ?1 AND m.id < 0 AND m.kind IN ('text', 'media') AND m.archived_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM episodes e WHERE e.chat_id = ?1 AND e.consolidated_through IS NOT NULL
                                 AND m.id >= e.first_message_id AND m.id <= e.consolidated_through)"#,
            chat.0
        )
        .fetch_one(&self.read)
        .await?;
        let (messages, tokens) = (count(row.messages), TokenCount(count(row.tokens)));
        let held =
            Held { episodes: messages.div_ceil(MESSAGES_AN_EPISODE), messages, tokens, largest: TokenCount::ZERO };
        Ok(Some(held).filter(|held| held.messages > 0))
    }

    /// Chats of which something is held.
    pub async fn chats_held(&self) -> Result<Vec<ChatId>> {
        let chats = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM chats WHERE has_unfollowed = 1
               OR EXISTS (SELECT 1 FROM episodes e WHERE e.chat_id = chats.id AND e.held_at IS NOT NULL) ORDER BY id"#
        )
        .fetch_all(&self.read)
        .await?;
        Ok(chats.into_iter().map(ChatId).collect())
    }

    /// The owner wants what is held summed up; gives how many episodes were.
    pub async fn release_held(&self, chat: ChatId) -> Result<u64> {
        let released =
            sqlx::query!("UPDATE episodes SET held_at = NULL WHERE chat_id = ? AND held_at IS NOT NULL", chat.0)
                .execute(&self.write)
                .await?;
        Ok(released.rows_affected())
    }
}
