//! Keeping vectors, and letting go of a model's. As with the index of words, no write waits for the disk: how far a chat is embedded
//! is written with them, and what a power cut takes away is embedded again.

use std::collections::BTreeMap;

use souvenir_memory::{ChatId, Timestamp, vectors::Kept};
use sqlx::{Connection, SqliteConnection};

use super::{VectorModel, place};
use crate::store::{Result, Store, StoreError, forget};

/// So many vectors go in one transaction when a model's are dropped: others wait to write meanwhile.
const DROPPED_AT_ONCE: i64 = 2_000;

/// Vectors made of messages that were read before.
#[derive(Clone, Debug)]
pub struct NewVectors {
    /// The chat.
    pub chat: ChatId,
    /// The vectors by ordinal, in that order.
    pub vectors: Vec<(u32, Kept)>,
    /// The messages that were embedded, by ordinal, each with the revision that was read.
    pub read: Vec<(u32, i64)>,
    /// The last ordinal that was looked at.
    pub through: u32,
    /// What had been forgotten in the chat when the messages were read.
    pub forgotten: i64,
}

impl Store {
    /// Keeps vectors of several chats in one transaction. Those of a chat in which something was forgotten or changed meanwhile
    /// are not kept: its messages are read again.
    pub async fn keep_vectors(&self, model: &VectorModel, batch: &[NewVectors]) -> Result<()> {
        let mut connection = self.relaxed().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        for new in batch {
            if forget::forgotten_so_far(&mut tx, new.chat).await? == new.forgotten && is_unchanged(&mut tx, new).await?
            {
                keep(&mut tx, model, new).await?;
            }
        }
        tx.commit().await?;
        connection.settle(self.durability).await
    }

    /// Notes that every message has its vector by `model`, and says whether others' vectors are still there.
    pub async fn vectors_are_complete(&self, model: i64, now: Timestamp) -> Result<bool> {
        sqlx::query!("UPDATE vector_models SET completed_at = ? WHERE id = ? AND completed_at IS NULL", now.0, model)
            .execute(&self.write)
            .await?;
        let others = sqlx::query_scalar!(r#"SELECT count(*) AS "count!: i64" FROM vector_models WHERE id <> ?"#, model)
            .fetch_one(&self.read)
            .await?;
        Ok(others > 0)
    }

    /// Drops some vectors of a model other than `model`; false once there are none.
    pub async fn drop_other_vectors(&self, model: i64) -> Result<bool> {
        let other = sqlx::query!(
            r#"SELECT v.id AS "id!: i64", e.chat_id AS "chat: i64"
               FROM vector_models v LEFT JOIN embedded e ON e.model_id = v.id WHERE v.id <> ? LIMIT 1"#,
            model
        )
        .fetch_optional(&self.read)
        .await?;
        let Some(other) = other else { return Ok(false) };
        let mut connection = self.relaxed().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        match other.chat {
            Some(chat) => drop_some(&mut tx, other.id, chat).await?,
            None => {
                sqlx::query!("DELETE FROM vector_models WHERE id = ?", other.id).execute(&mut *tx).await?;
            }
        }
        tx.commit().await?;
        connection.settle(self.durability).await?;
        Ok(true)
    }
}

/// Whether the messages still say what was embedded.
async fn is_unchanged(db: &mut SqliteConnection, new: &NewVectors) -> Result<bool> {
    let read = serde_json::to_string(&new.read).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let changed = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM json_each(?2) j CROSS JOIN messages m
                          ON m.chat_id = ?1 AND m.ordinal = j.value ->> 0
                          WHERE m.revision_id <> j.value ->> 1) AS "changed!: bool""#,
        new.chat.0,
        read
    )
    .fetch_one(db)
    .await?;
    Ok(!changed)
}

async fn keep(db: &mut SqliteConnection, model: &VectorModel, new: &NewVectors) -> Result<()> {
    let mut blocks: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for (ordinal, kept) in &new.vectors {
        let inserted = sqlx::query!(
            "INSERT INTO vectors (chat_id, model_id, ordinal, steps) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            new.chat.0,
            model.id,
            ordinal,
            kept.steps
        )
        .execute(&mut *db)
        .await?;
        if inserted.rows_affected() > 0 {
            let (block, place) = place(*ordinal);
            let signs = blocks.entry(block).or_default();
            signs.push(place);
            signs.extend(&kept.signs);
        }
    }
    for (block, signs) in blocks {
        // What is put together with `||` is text to SQLite, whatever it was.
        sqlx::query!(
            r#"INSERT INTO vector_signs (chat_id, model_id, block, signs) VALUES (?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET signs = CAST(signs || excluded.signs AS BLOB)"#,
            new.chat.0,
            model.id,
            block,
            signs
        )
        .execute(&mut *db)
        .await?;
    }
    sqlx::query!(
        r#"INSERT INTO embedded (model_id, chat_id, through) VALUES (?, ?, ?)
           ON CONFLICT DO UPDATE SET through = excluded.through"#,
        model.id,
        new.chat.0,
        new.through
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

/// Some vectors of one chat; with the last of them its signs, and that it was looked at.
async fn drop_some(db: &mut SqliteConnection, model: i64, chat: i64) -> Result<()> {
    let dropped = sqlx::query!(
        r#"DELETE FROM vectors
           WHERE id IN (SELECT id FROM vectors WHERE chat_id = ?1 AND model_id = ?2 LIMIT ?3)"#,
        chat,
        model,
        DROPPED_AT_ONCE
    )
    .execute(&mut *db)
    .await?;
    if dropped.rows_affected() >= DROPPED_AT_ONCE.unsigned_abs() {
        return Ok(());
    }
    sqlx::query!("DELETE FROM vector_signs WHERE chat_id = ? AND model_id = ?", chat, model).execute(&mut *db).await?;
    sqlx::query!("DELETE FROM embedded WHERE model_id = ? AND chat_id = ?", model, chat).execute(&mut *db).await?;
    Ok(())
}
