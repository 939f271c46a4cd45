//! Summaries that cover the messages or repeat them: deleted, and due to be made again.

use std::ops::RangeInclusive;

use souvenir_memory::MessageId;

use super::{Work, json, many};
use crate::store::Result;

impl Work<'_> {
    /// Deletes all versions of the summaries of the episodes concerned; those episodes are due again.
    pub(super) async fn forget_summaries(&mut self) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT s.episode_id, s.text, s.lost, s.first_message_id, s.covers_through
               FROM episodes e JOIN summaries s ON s.episode_id = e.id WHERE e.chat_id = ?"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            let covers = MessageId(row.first_message_id)..=MessageId(row.covers_through.max(row.first_message_id));
            let concerned = self.talk_within(covers.clone())
                || self.orphaned.range(covers).next().is_some()
                || self.repeats(&row.text)
                || self.repeats(&row.lost);
            if concerned {
                self.episodes.insert(row.episode_id);
            }
        }
        let list = json(&self.episodes)?;
        let gone = sqlx::query!("DELETE FROM summaries WHERE episode_id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        self.report.summaries = gone.rows_affected();
        // What the owner took back is not done again.
        sqlx::query!(
            r#"UPDATE episodes SET consolidated_through = NULL
               WHERE reverted_at IS NULL AND id IN (SELECT value FROM json_each(?))"#,
            list
        )
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Whether something that summaries are made of goes from among these messages.
    fn talk_within(&self, covers: RangeInclusive<MessageId>) -> bool {
        self.messages.range(covers).any(|id| !self.no_talk.contains(id))
    }

    /// Empties the summaries of some days that are concerned: they wait to be made again.
    pub(super) async fn forget_periods(&mut self) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", text, lost, first_message_id, last_message_id FROM period_summaries WHERE chat_id = ?"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            let covers = MessageId(row.first_message_id)..=MessageId(row.last_message_id.max(row.first_message_id));
            let concerned = self.talk_within(covers) || self.repeats(&row.text) || self.repeats(&row.lost);
            if concerned {
                self.periods.insert(row.id);
                self.report.period_summaries += 1;
                self.report.remaking = true;
                sqlx::query!(
                    "UPDATE period_summaries SET text = '', lost = '[]', stale_since = ? WHERE id = ?",
                    self.wish.now.0,
                    row.id
                )
                .execute(&mut *self.db)
                .await?;
            }
        }
        Ok(())
    }

    /// Brings the ends of episodes back to messages that are there; an episode without any goes.
    pub(super) async fn mend_episodes(&mut self) -> Result<()> {
        let (first, last) = match (self.messages.first(), self.messages.last()) {
            (Some(first), Some(last)) => (first.0, last.0),
            _ => return Ok(()),
        };
        sqlx::query!(
            r#"UPDATE episodes SET
                 first_message_id = ifnull((SELECT min(m.id) FROM messages m WHERE m.chat_id = episodes.chat_id
                     AND m.id >= episodes.first_message_id AND m.id <= ifnull(episodes.last_message_id, episodes.first_message_id)
                     AND m.kind IN ('text', 'media')), 0),
                 last_message_id = (SELECT max(m.id) FROM messages m WHERE m.chat_id = episodes.chat_id
                     AND m.id >= episodes.first_message_id AND m.id <= ifnull(episodes.last_message_id, episodes.first_message_id)
                     AND m.kind IN ('text', 'media')),
                 consolidated_through = (SELECT max(m.id) FROM messages m WHERE m.chat_id = episodes.chat_id
                     AND m.id >= episodes.first_message_id AND m.id <= episodes.consolidated_through
                     AND m.kind IN ('text', 'media'))
               WHERE chat_id = ?1 AND first_message_id <= ?3 AND ifnull(last_message_id, first_message_id) >= ?2"#,
            self.wish.chat.0,
            first,
            last
        )
        .execute(&mut *self.db)
        .await?;
        self.drop_empty_episodes().await?;
        let list = json(&self.episodes)?;
        let remade = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!: i64" FROM episodes
               WHERE reverted_at IS NULL AND id IN (SELECT value FROM json_each(?))"#,
            list
        )
        .fetch_one(&mut *self.db)
        .await?;
        self.report.remaking |= remade > 0;
        Ok(())
    }

    async fn drop_empty_episodes(&mut self) -> Result<()> {
        let empty: Vec<i64> = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM episodes WHERE chat_id = ? AND (first_message_id = 0 OR last_message_id IS NULL)"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        let list = json(&empty)?;
        let summaries =
            sqlx::query!("DELETE FROM summaries WHERE episode_id IN (SELECT value FROM json_each(?))", list)
                .execute(&mut *self.db)
                .await?;
        self.report.summaries += summaries.rows_affected();
        let operations = sqlx::query!(
            r#"DELETE FROM operations WHERE consolidation_id IN
               (SELECT id FROM consolidations WHERE episode_id IN (SELECT value FROM json_each(?)))"#,
            list
        )
        .execute(&mut *self.db)
        .await?;
        self.report.operations += operations.rows_affected();
        sqlx::query!("DELETE FROM consolidations WHERE episode_id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        sqlx::query!("DELETE FROM episodes WHERE id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        tracing::debug!(episodes = many(empty.len()), "episodes without messages went");
        Ok(())
    }
}
