//! The messages themselves: their rows, their words in the index, and what points at them.

use std::collections::BTreeSet;

use super::Work;
use crate::store::{Result, index};

impl Work<'_> {
    /// Deletes the messages with everything that hangs on them.
    pub(super) async fn forget_rows(&mut self) -> Result<()> {
        self.take_out_of_index().await?;
        self.take_out_of_totals().await?;
        self.let_go().await?;
        for sql in [
            "DELETE FROM archivals WHERE message_id IN (SELECT value FROM json_each(?))",
            "DELETE FROM attachments WHERE message_id IN (SELECT value FROM json_each(?))",
            "DELETE FROM errands WHERE message_id IN (SELECT value FROM json_each(?))",
            "DELETE FROM revisions WHERE message_id IN (SELECT value FROM json_each(?))",
            "DELETE FROM messages WHERE id IN (SELECT value FROM json_each(?))",
        ] {
            sqlx::query(sql).bind(&self.list).execute(&mut *self.db).await?;
        }
        Ok(())
    }

    /// Takes the messages out of the postings. Every row of their blocks is looked at, not only those of the words that
    /// their texts have by today's rules: an earlier version may have found other stems.
    async fn take_out_of_index(&mut self) -> Result<()> {
        let ordinals = sqlx::query_scalar!(
            "SELECT ordinal FROM messages WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?))",
            self.wish.chat.0,
            self.list
        )
        .fetch_all(&mut *self.db)
        .await?;
        let places: BTreeSet<(i64, i64)> = ordinals.into_iter().map(index::place).collect();
        let blocks: BTreeSet<i64> = places.iter().map(|(block, _)| *block).collect();
        for block in blocks {
            let rows = sqlx::query!(
                "SELECT term, ordinals FROM postings WHERE chat_id = ? AND block = ?",
                self.wish.chat.0,
                block
            )
            .fetch_all(&mut *self.db)
            .await?;
            for row in rows {
                let stays = |letter: &char| !places.contains(&(block, i64::from(u32::from(*letter))));
                let left: String = row.ordinals.chars().filter(stays).collect();
                let gone = row.ordinals.chars().count() - left.chars().count();
                if gone > 0 {
                    self.report.index_entries += super::many(gone);
                    self.keep_posting(&row.term, block, &left).await?;
                }
            }
        }
        Ok(())
    }

    async fn keep_posting(&mut self, term: &str, block: i64, left: &str) -> Result<()> {
        if left.is_empty() {
            sqlx::query!(
                "DELETE FROM postings WHERE chat_id = ? AND term = ? AND block = ?",
                self.wish.chat.0,
                term,
                block
            )
            .execute(&mut *self.db)
            .await?;
        } else {
            sqlx::query!(
                "UPDATE postings SET ordinals = ? WHERE chat_id = ? AND term = ? AND block = ?",
                left,
                self.wish.chat.0,
                term,
                block
            )
            .execute(&mut *self.db)
            .await?;
        }
        Ok(())
    }

    /// The chat's running totals without the messages; only what was counted is in them.
    async fn take_out_of_totals(&mut self) -> Result<()> {
        sqlx::query!(
            r#"UPDATE chats SET trim_mark = NULL,
                   live_messages = chats.live_messages - gone.live, live_tokens = chats.live_tokens - gone.spoken,
                   archived_messages = chats.archived_messages - gone.put,
                   archived_tokens = chats.archived_tokens - gone.put_tokens
               FROM (SELECT count(*) FILTER (WHERE m.archived_at IS NULL) AS live,
                            ifnull(sum(ifnull(r.o200k_base, r.cl100k_base)) FILTER (WHERE m.archived_at IS NULL), 0) AS spoken,
                            count(*) FILTER (WHERE m.archived_at IS NOT NULL) AS put,
                            ifnull(sum(ifnull(r.o200k_base, r.cl100k_base)) FILTER (WHERE m.archived_at IS NOT NULL), 0)
                                AS put_tokens
                     FROM messages m JOIN revisions r ON r.id = m.revision_id
                     WHERE m.id IN (SELECT value FROM json_each(?2)) AND m.kind IN ('text', 'media')
                       AND (r.o200k_base IS NOT NULL OR r.cl100k_base IS NOT NULL)) AS gone
               WHERE chats.id = ?1"#,
            self.wish.chat.0,
            self.list
        )
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// Takes away what points at the messages. A reply that did not arrive does not go out any more.
    async fn let_go(&mut self) -> Result<()> {
        // A file that came with them may also stand with those who replied.
        sqlx::query!(
            r#"DELETE FROM attachments WHERE of_reply = 1 AND message_id IN (
                   SELECT id FROM messages WHERE chat_id = ?1 AND reply_to IN (
                       SELECT telegram_message_id FROM messages
                       WHERE chat_id = ?1 AND id IN (SELECT value FROM json_each(?2)) AND telegram_message_id IS NOT NULL))"#,
            self.wish.chat.0,
            self.list
        )
        .execute(&mut *self.db)
        .await?;
        sqlx::query!(
            r#"UPDATE messages SET reply_to = NULL, quoted = NULL, quoted_author = NULL
               WHERE chat_id = ?1 AND reply_to IN (
                   SELECT telegram_message_id FROM messages
                   WHERE chat_id = ?1 AND id IN (SELECT value FROM json_each(?2)) AND telegram_message_id IS NOT NULL
                   UNION ALL
                   SELECT d.telegram_message_id FROM turns t JOIN deliveries d ON d.turn_id = t.id
                   WHERE t.chat_id = ?1 AND t.outgoing_id IN (SELECT value FROM json_each(?2)))"#,
            self.wish.chat.0,
            self.list
        )
        .execute(&mut *self.db)
        .await?;
        sqlx::query!(
            "UPDATE turns SET reply_id = NULL WHERE chat_id = ? AND reply_id IN (SELECT value FROM json_each(?))",
            self.wish.chat.0,
            self.list
        )
        .execute(&mut *self.db)
        .await?;
        sqlx::query!(
            r#"UPDATE turns SET outgoing_id = NULL, delivery = iif(delivery = 'sent', delivery, NULL)
               WHERE chat_id = ? AND outgoing_id IN (SELECT value FROM json_each(?))"#,
            self.wish.chat.0,
            self.list
        )
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }
}
