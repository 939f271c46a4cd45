//! What the model looked for while it answered: its words may be anybody's.

use souvenir_memory::MessageId;

use super::{Work, json};
use crate::store::{ModelSearch, Result, StoreError};

impl Work<'_> {
    /// Takes away what the model looked for where it repeats what is forgotten, found it, or was asked by it; and the names
    /// of what it was shown.
    pub(super) async fn forget_searches(&mut self) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT s.turn_id AS "turn_id!", s.ordinal, s.query, s.found,
                      EXISTS (SELECT 1 FROM messages m WHERE m.chat_id = t.chat_id AND m.turn_id = t.id
                              AND m.id IN (SELECT value FROM json_each(?2))) AS "is_about!: bool"
               FROM turns t JOIN model_searches s ON s.turn_id = t.id WHERE t.chat_id = ?1"#,
            self.wish.chat.0,
            self.list
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            let shown: Vec<MessageId> =
                serde_json::from_str(&row.found).map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let left: Vec<MessageId> =
                shown.iter().map(|id| if self.messages.contains(id) { ModelSearch::FORGOTTEN } else { *id }).collect();
            let found_it = left != shown;
            let repeats = row.query.as_deref().is_some_and(|query| self.repeats(query));
            if !(found_it || repeats || row.is_about) {
                continue;
            }
            let list = json(&left)?;
            sqlx::query!(
                "UPDATE model_searches SET query = NULL, found = ? WHERE turn_id = ? AND ordinal = ?",
                list,
                row.turn_id,
                row.ordinal
            )
            .execute(&mut *self.db)
            .await?;
        }
        Ok(())
    }
}
