//! Settings that a person changed, each change with its time.

use souvenir_memory::{ChatId, Timestamp};

use super::{Result, Store};

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingRow {
    /// Whether the chat set it; otherwise the dashboard did, for all chats.
    pub of_chat: bool,
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Since when.
    pub set_at: Timestamp,
}

/// The chat number that stands for the whole dashboard.
const DASHBOARD: i64 = 0;

impl Store {
    /// The settings in force at `at`: the dashboard's, and those of `chat` where one is named.
    pub async fn settings(&self, chat: Option<ChatId>, at: Timestamp) -> Result<Vec<SettingRow>> {
        let chat = chat.map_or(DASHBOARD, |chat| chat.0);
        let rows = sqlx::query!(
            r#"SELECT s.chat_id, s.key, s.value, s.set_at FROM settings s
               WHERE s.chat_id IN (0, ?1) AND s.value IS NOT NULL
                 AND s.set_at = (SELECT max(n.set_at) FROM settings n
                                 WHERE n.chat_id = s.chat_id AND n.key = s.key AND n.set_at <= ?2)"#,
            chat,
            at.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                Some(SettingRow {
                    of_chat: row.chat_id != DASHBOARD,
                    key: row.key,
                    value: row.value?,
                    set_at: Timestamp(row.set_at),
                })
            })
            .collect())
    }

    /// The models that are set anywhere, for answers or for work on memory.
    pub async fn models_set(&self) -> Result<Vec<String>> {
        let models = sqlx::query_scalar!(
            r#"SELECT DISTINCT s.value AS "value!" FROM settings s
               WHERE s.key IN ('chat_model', 'memory_model') AND s.value IS NOT NULL
                 AND s.set_at = (SELECT max(n.set_at) FROM settings n WHERE n.chat_id = s.chat_id AND n.key = s.key)"#
        )
        .fetch_all(&self.read)
        .await?;
        Ok(models)
    }

    /// Sets a setting, or takes it back with `None`, for a chat or for the whole dashboard.
    /// A changed setting starts contexts anew: the chat's trim mark, or every chat's, goes.
    pub async fn set_settings(
        &self,
        chat: Option<ChatId>,
        changes: &[(&str, Option<String>)],
        now: Timestamp,
    ) -> Result<()> {
        let id = chat.map_or(DASHBOARD, |chat| chat.0);
        let mut tx = self.begin().await?;
        for (key, value) in changes {
            sqlx::query!(
                "INSERT OR REPLACE INTO settings (chat_id, key, set_at, value) VALUES (?, ?, ?, ?)",
                id,
                key,
                now.0,
                value
            )
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query!("UPDATE chats SET trim_mark = NULL WHERE ?1 = 0 OR id = ?1", id).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}
