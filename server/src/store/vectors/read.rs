//! Finding what is near: all signs of a chat, then the vectors of the best.

use std::sync::Arc;

use souvenir_memory::{
    ChatId, MessageId,
    vectors::{Best, Probe},
};

use super::{VectorModel, entries, place};
use crate::store::{Result, Store, StoreError, count};

/// So many of the best by their signs are looked at closely, or as many as are wanted where those are more.
const LOOKED_AT: usize = 200;
/// More signs than this many bytes are looked through on a thread of their own: some milliseconds' work.
const INLINE_BYTES: usize = 512 * 1024;

impl Store {
    /// The messages of a chat before `before` that are nearest to what is looked for, best first, with the cosine of the angle.
    pub async fn nearest(
        &self,
        chat: ChatId,
        model: &VectorModel,
        probe: &Arc<Probe>,
        before: MessageId,
        most: usize,
    ) -> Result<Vec<(u32, f32)>> {
        let last = self.ordinal_from(chat, before).await?.saturating_sub(1);
        let rows = self.signs(chat, model.id, last).await?;
        let looked_at = LOOKED_AT.max(most);
        let bytes: usize = rows.iter().map(|(_, signs)| signs.len()).sum();
        let (probe_here, dimensions) = (Arc::clone(probe), model.dimensions);
        let scan = move || best_by_signs(&probe_here, dimensions, &rows, last, looked_at);
        let candidates = if bytes <= INLINE_BYTES {
            scan()
        } else {
            let task = tokio::task::spawn_blocking(scan).await;
            task.map_err(|error| StoreError::Corrupt(format!("the scan of a chat's signs failed: {error}")))?
        };
        self.rank(chat, model.id, probe, &candidates, most).await
    }

    /// A chat's rows of signs up to the one of an ordinal.
    async fn signs(&self, chat: ChatId, model: i64, last: u32) -> Result<Vec<(u32, Vec<u8>)>> {
        let (block, _) = place(last);
        let rows = sqlx::query!(
            "SELECT block, signs FROM vector_signs WHERE chat_id = ? AND model_id = ? AND block <= ?",
            chat.0,
            model,
            block
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|row| (count(row.block), row.signs)).collect())
    }

    /// The candidates by their vectors, best first.
    async fn rank(
        &self,
        chat: ChatId,
        model: i64,
        probe: &Probe,
        candidates: &[u32],
        most: usize,
    ) -> Result<Vec<(u32, f32)>> {
        let list = serde_json::to_string(candidates).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let rows = sqlx::query!(
            r#"SELECT v.ordinal, v.steps FROM json_each(?3) j
               CROSS JOIN vectors v ON v.chat_id = ?1 AND v.model_id = ?2 AND v.ordinal = j.value"#,
            chat.0,
            model,
            list
        )
        .fetch_all(&self.read)
        .await?;
        let mut best = Best::new(most);
        for row in rows {
            if let Some(similarity) = probe.similarity(&row.steps) {
                best.offer(count(row.ordinal), similarity);
            }
        }
        Ok(best.into_sorted())
    }
}

fn best_by_signs(probe: &Probe, dimensions: u32, rows: &[(u32, Vec<u8>)], last: u32, most: usize) -> Vec<u32> {
    let mut best = Best::new(most);
    for (block, signs) in rows {
        for (ordinal, signs) in entries(*block, dimensions, signs).filter(|(ordinal, _)| *ordinal <= last) {
            best.offer(ordinal, probe.rough(signs));
        }
    }
    best.into_sorted().into_iter().map(|(ordinal, _)| ordinal).collect()
}
