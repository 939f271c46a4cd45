//! Vectors of messages: by which model, of which messages, and those of a chat that are near another.
//!
//! Everything here is keyed by chat and ordinal. [`passages`] reads what has no vector yet, [`mod@write`] keeps what was made of it,
//! [`read`] finds. A chat's signs lie together, [`BLOCK`] ordinals in a row; they are added to the end of their row, so that a
//! new message costs no reading of old ones.

mod drop;
mod passages;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(super) use drop::{Messages, drop_vectors};
pub use passages::{Passage, Passages, ToEmbed};
use souvenir_memory::{Timestamp, vectors::signs_length};
pub use write::NewVectors;

use super::{Result, Store, count};

/// How many ordinals share a row of signs. The schema says so too.
const BLOCK: u32 = 256;

/// A model that makes vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorModel {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The dimensions of its vectors.
    pub dimensions: u32,
    /// Where signs are taken from; empty for zero.
    pub centre: Vec<f32>,
}

/// How far a model has got, counted in messages that were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Those done with.
    pub done: u64,
    /// All there are.
    pub total: u64,
}

impl Store {
    /// The model of this name that was used last.
    pub async fn vector_model(&self, name: &str) -> Result<Option<VectorModel>> {
        let row = sqlx::query!(
            r#"SELECT id AS "id!", name, dimensions, centre FROM vector_models WHERE name = ? ORDER BY id DESC LIMIT 1"#,
            name
        )
        .fetch_optional(&self.read)
        .await?;
        let model = row.map(|row| VectorModel {
            id: row.id,
            name: row.name,
            dimensions: count(row.dimensions),
            centre: numbers(&row.centre),
        });
        Ok(model)
    }

    /// The model of this name and these dimensions, made with this centre if it is new.
    pub async fn vector_model_of(
        &self,
        name: &str,
        dimensions: u32,
        centre: &[f32],
        now: Timestamp,
    ) -> Result<VectorModel> {
        let bytes: Vec<u8> = centre.iter().flat_map(|number| number.to_le_bytes()).collect();
        let row = sqlx::query!(
            r#"INSERT INTO vector_models (name, dimensions, created_at, centre) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (name, dimensions) DO UPDATE SET dimensions = excluded.dimensions
               RETURNING id AS "id!", centre AS "centre!: Vec<u8>""#,
            name,
            dimensions,
            now.0,
            bytes
        )
        .fetch_one(&self.write)
        .await?;
        Ok(VectorModel { id: row.id, name: name.to_owned(), dimensions, centre: numbers(&row.centre) })
    }

    /// How far a model has got in all chats.
    pub async fn vector_progress(&self, model: Option<i64>) -> Result<Progress> {
        let row = sqlx::query!(
            r#"SELECT ifnull(sum(min(ifnull(e.through, 0), c.last_ordinal)), 0) AS "done!: i64",
                      ifnull(sum(c.last_ordinal), 0) AS "total!: i64"
               FROM chats c LEFT JOIN embedded e ON e.model_id = ? AND e.chat_id = c.id"#,
            model
        )
        .fetch_one(&self.read)
        .await?;
        Ok(Progress { done: row.done.unsigned_abs(), total: row.total.unsigned_abs() })
    }
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    let number = |bytes: &[u8]| Some(f32::from_le_bytes(bytes.try_into().ok()?));
    bytes.chunks_exact(size_of::<f32>()).filter_map(number).collect()
}

/// The messages whose signs are in a row, each with them.
pub(super) fn entries(block: u32, dimensions: u32, signs: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    signs.chunks_exact(1 + length(dimensions)).map(move |entry| (block * BLOCK + u32::from(entry[0]), &entry[1..]))
}

/// How many bytes the signs of one vector take.
pub(super) fn length(dimensions: u32) -> usize {
    signs_length(usize::try_from(dimensions).unwrap_or(0))
}

/// Where an ordinal's signs stand: their row, and the byte that names the ordinal there.
pub(super) fn place(ordinal: u32) -> (u32, u8) {
    (ordinal / BLOCK, (ordinal % BLOCK).to_le_bytes()[0])
}
