//! A summary in a person's words: a new version of an episode's summary, beside those that models wrote.

use souvenir_memory::{EpisodeId, MessageId, Timestamp, receipt::Receipt};

use super::{Result, Store, StoreError};

/// Who wrote a summary that a person wrote.
const BY_HAND: &str = "owner";

impl Store {
    /// Puts a summary by hand in force. It covers what the one in force covers; false when there is none any more, or another
    /// one than `before`.
    pub async fn rewrite_summary(
        &self,
        episode: EpisodeId,
        before: u32,
        (text, receipt): (&str, &Receipt),
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let ended = sqlx::query_scalar!(
            r#"UPDATE summaries SET expired_at = ?1 WHERE episode_id = ?2 AND version = ?3 AND expired_at IS NULL
               RETURNING version AS "version!: i64""#,
            now.0,
            episode.0,
            before
        )
        .fetch_optional(&mut *tx)
        .await?;
        if ended.is_none() {
            return Ok(false);
        }
        let lost = serde_json::to_string(&receipt.lost).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        // A number that a forgotten version had is not used again: manifests name versions.
        sqlx::query!(
            r#"INSERT INTO summaries (episode_id, version, text, first_message_id, covers_through, model, tokens_before,
                                      tokens_after, lost, recorded_at)
               SELECT episode_id,
                      1 + max((SELECT max(version) FROM summaries WHERE episode_id = ?1),
                              ifnull((SELECT max(summary_version) FROM consolidations WHERE episode_id = ?1), 0)),
                      ?3, first_message_id, covers_through, ?4, ?5, ?6, ?7, ?8
               FROM summaries WHERE episode_id = ?1 AND version = ?2"#,
            episode.0,
            before,
            text,
            BY_HAND,
            receipt.tokens_before.0,
            receipt.tokens_after.0,
            lost,
            now.0
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The first message that an episode's summary in force covers, the last, and its version; none without a summary.
    pub async fn summary_range(&self, episode: EpisodeId) -> Result<Option<(MessageId, MessageId, u32)>> {
        let row = sqlx::query!(
            "SELECT first_message_id, covers_through, version FROM summaries WHERE episode_id = ? AND expired_at IS NULL",
            episode.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| (MessageId(row.first_message_id), MessageId(row.covers_through), super::count(row.version))))
    }
}
