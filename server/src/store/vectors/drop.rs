//! Vectors that hold no longer: of messages that are forgotten, or say something else now. The next message after each was
//! embedded together with it, so that one's vector goes too; how far the chat is embedded is set back to before it, and it is
//! embedded anew.

use std::collections::BTreeSet;

use souvenir_memory::ChatId;
use sqlx::SqliteConnection;

use super::{entries, length, place};
use crate::store::{Result, StoreError, count};

/// What becomes of the messages whose vectors are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Messages {
    /// They are embedded anew.
    Stay,
    /// They are gone.
    Go,
}

/// Takes messages out of a chat's vectors, by whichever model. To be done while their rows are there.
pub(in crate::store) async fn drop_vectors(
    db: &mut SqliteConnection,
    chat: ChatId,
    messages: &BTreeSet<u32>,
    become_of: Messages,
) -> Result<()> {
    delete(db, chat, messages).await?;
    let made_with = made_with(db, chat, messages).await?;
    delete(db, chat, &made_with).await?;
    let anew = made_with.first().into_iter().chain(messages.first().filter(|_| become_of == Messages::Stay));
    if let Some(first) = anew.min() {
        sqlx::query!("UPDATE embedded SET through = min(through, ? - 1) WHERE chat_id = ?", first, chat.0)
            .execute(&mut *db)
            .await?;
    }
    drop_signs(db, chat, &messages.union(&made_with).copied().collect()).await
}

/// The messages whose vectors were made with one of these: the next of each that is left.
async fn made_with(db: &mut SqliteConnection, chat: ChatId, messages: &BTreeSet<u32>) -> Result<BTreeSet<u32>> {
    let list = json(messages)?;
    let found = sqlx::query_scalar!(
        r#"SELECT DISTINCT (SELECT min(v.ordinal) FROM vectors v
                            WHERE v.chat_id = ?1 AND v.model_id = m.id AND v.ordinal > o.value) AS "ordinal: i64"
           FROM json_each(?2) o CROSS JOIN vector_models m"#,
        chat.0,
        list
    )
    .fetch_all(&mut *db)
    .await?;
    Ok(found.into_iter().flatten().map(count).collect())
}

async fn delete(db: &mut SqliteConnection, chat: ChatId, messages: &BTreeSet<u32>) -> Result<()> {
    let list = json(messages)?;
    sqlx::query!(
        r#"DELETE FROM vectors WHERE chat_id = ?1 AND model_id IN (SELECT id FROM vector_models)
           AND ordinal IN (SELECT value FROM json_each(?2))"#,
        chat.0,
        list
    )
    .execute(&mut *db)
    .await?;
    Ok(())
}

async fn drop_signs(db: &mut SqliteConnection, chat: ChatId, messages: &BTreeSet<u32>) -> Result<()> {
    let blocks: BTreeSet<u32> = messages.iter().map(|ordinal| place(*ordinal).0).collect();
    let list = json(&blocks)?;
    let rows = sqlx::query!(
        r#"SELECT s.model_id, s.block, s.signs, m.dimensions FROM vector_signs s JOIN vector_models m ON m.id = s.model_id
           WHERE s.chat_id = ?1 AND s.block IN (SELECT value FROM json_each(?2))"#,
        chat.0,
        list
    )
    .fetch_all(&mut *db)
    .await?;
    for row in rows {
        let dimensions = count(row.dimensions);
        let mut left = Vec::with_capacity(row.signs.len());
        for (ordinal, signs) in entries(count(row.block), dimensions, &row.signs) {
            if !messages.contains(&ordinal) {
                left.push(place(ordinal).1);
                left.extend(&signs[..length(dimensions)]);
            }
        }
        if left.len() < row.signs.len() {
            keep_signs(db, chat, (row.model_id, row.block), left).await?;
        }
    }
    Ok(())
}

async fn keep_signs(db: &mut SqliteConnection, chat: ChatId, (model, block): (i64, i64), left: Vec<u8>) -> Result<()> {
    if left.is_empty() {
        sqlx::query!("DELETE FROM vector_signs WHERE chat_id = ? AND model_id = ? AND block = ?", chat.0, model, block)
            .execute(&mut *db)
            .await?;
    } else {
        sqlx::query!(
            "UPDATE vector_signs SET signs = ? WHERE chat_id = ? AND model_id = ? AND block = ?",
            left,
            chat.0,
            model,
            block
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

fn json(numbers: &BTreeSet<u32>) -> Result<String> {
    serde_json::to_string(numbers).map_err(|error| StoreError::Corrupt(error.to_string()))
}
