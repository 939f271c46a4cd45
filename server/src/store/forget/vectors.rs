//! Vectors of what is forgotten. The next message after each was embedded together with it, so that one's vector goes too; how far
//! the chat is embedded is set back to before it, and it is embedded anew.

use std::collections::BTreeSet;

use super::{Work, json};
use crate::store::{
    Result, count,
    vectors::{entries, length, place},
};

impl Work<'_> {
    /// Takes the messages out of the vectors, by whichever model. To be done while their rows are there.
    pub(super) async fn forget_vectors(&mut self) -> Result<()> {
        let gone = sqlx::query_scalar!(
            "SELECT ordinal FROM messages WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?))",
            self.wish.chat.0,
            self.list
        )
        .fetch_all(&mut *self.db)
        .await?;
        let mut ordinals: BTreeSet<u32> = gone.into_iter().map(count).collect();
        self.drop_vectors(&ordinals).await?;
        let made_with = self.made_with(&ordinals).await?;
        self.drop_vectors(&made_with).await?;
        if let Some(first) = made_with.first() {
            sqlx::query!(
                "UPDATE embedded SET through = min(through, ? - 1) WHERE chat_id = ?",
                first,
                self.wish.chat.0
            )
            .execute(&mut *self.db)
            .await?;
        }
        ordinals.extend(made_with);
        self.drop_signs(&ordinals).await
    }

    /// The messages whose vectors were made with one of these: the next of each that is left.
    async fn made_with(&mut self, ordinals: &BTreeSet<u32>) -> Result<BTreeSet<u32>> {
        let list = json(ordinals)?;
        let found = sqlx::query_scalar!(
            r#"SELECT DISTINCT (SELECT min(v.ordinal) FROM vectors v
                                WHERE v.chat_id = ?1 AND v.model_id = m.id AND v.ordinal > o.value) AS "ordinal: i64"
               FROM json_each(?2) o CROSS JOIN vector_models m"#,
            self.wish.chat.0,
            list
        )
        .fetch_all(&mut *self.db)
        .await?;
        Ok(found.into_iter().flatten().map(count).collect())
    }

    async fn drop_vectors(&mut self, ordinals: &BTreeSet<u32>) -> Result<()> {
        let list = json(ordinals)?;
        sqlx::query!(
            r#"DELETE FROM vectors WHERE chat_id = ?1 AND model_id IN (SELECT id FROM vector_models)
               AND ordinal IN (SELECT value FROM json_each(?2))"#,
            self.wish.chat.0,
            list
        )
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    async fn drop_signs(&mut self, ordinals: &BTreeSet<u32>) -> Result<()> {
        let blocks: BTreeSet<u32> = ordinals.iter().map(|ordinal| place(*ordinal).0).collect();
        let list = json(&blocks)?;
        let rows = sqlx::query!(
            r#"SELECT s.model_id, s.block, s.signs, m.dimensions FROM vector_signs s JOIN vector_models m ON m.id = s.model_id
               WHERE s.chat_id = ?1 AND s.block IN (SELECT value FROM json_each(?2))"#,
            self.wish.chat.0,
            list
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            let dimensions = count(row.dimensions);
            let mut left = Vec::with_capacity(row.signs.len());
            for (ordinal, signs) in entries(count(row.block), dimensions, &row.signs) {
                if !ordinals.contains(&ordinal) {
                    left.push(place(ordinal).1);
                    left.extend(&signs[..length(dimensions)]);
                }
            }
            if left.len() < row.signs.len() {
                self.keep_signs(row.model_id, row.block, left).await?;
            }
        }
        Ok(())
    }

    async fn keep_signs(&mut self, model: i64, block: i64, left: Vec<u8>) -> Result<()> {
        if left.is_empty() {
            sqlx::query!(
                "DELETE FROM vector_signs WHERE chat_id = ? AND model_id = ? AND block = ?",
                self.wish.chat.0,
                model,
                block
            )
            .execute(&mut *self.db)
            .await?;
        } else {
            sqlx::query!(
                "UPDATE vector_signs SET signs = ? WHERE chat_id = ? AND model_id = ? AND block = ?",
                left,
                self.wish.chat.0,
                model,
                block
            )
            .execute(&mut *self.db)
            .await?;
        }
        Ok(())
    }
}
