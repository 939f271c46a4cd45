//! Places in order again, after messages came between or before others.
//!
//! Places are dense and in the order of ids; the index of words and the vectors refer to them. So all of a chat's places are given
//! anew in one transaction: the words are indexed again in the background, and vectors move along with their messages.
//! [`Store::forgotten_so_far`] grows with it, so that nothing is kept that was made of earlier places.

use std::collections::{BTreeMap, HashMap};

use souvenir_memory::ChatId;
use sqlx::{Sqlite, Transaction};

use crate::store::{Result, Store, count, vectors};

type Tx = Transaction<'static, Sqlite>;

impl Store {
    /// Chats whose places are not in order.
    pub async fn unordered_chats(&self) -> Result<Vec<ChatId>> {
        let chats = sqlx::query_scalar!(r#"SELECT id AS "id!" FROM chats WHERE is_unordered = 1 AND is_restoring = 0"#)
            .fetch_all(&self.read)
            .await?;
        Ok(chats.into_iter().map(ChatId).collect())
    }

    /// Gives a chat's messages their places anew where they are not in order; says whether they were not.
    pub async fn order_messages(&self, chat: ChatId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let unordered =
            sqlx::query_scalar!("SELECT is_unordered FROM chats WHERE id = ?", chat.0).fetch_optional(&mut *tx).await?;
        if unordered != Some(1) {
            return Ok(false);
        }
        write_plan(&mut tx, chat).await?;
        move_signs(&mut tx, chat).await?;
        move_all(&mut tx, chat).await?;
        sqlx::query!("DELETE FROM postings WHERE chat_id = ?", chat.0).execute(&mut *tx).await?;
        sqlx::query!("UPDATE embedded SET through = 0 WHERE chat_id = ?", chat.0).execute(&mut *tx).await?;
        sqlx::query!(
            "UPDATE chats SET is_unordered = 0, indexed_through = 0, renumbered = renumbered + 1 WHERE id = ?",
            chat.0
        )
        .execute(&mut *tx)
        .await?;
        Self::commit(tx).await?;
        Ok(true)
    }
}

/// Which place becomes which.
async fn write_plan(tx: &mut Tx, chat: ChatId) -> Result<()> {
    sqlx::query("CREATE TEMP TABLE IF NOT EXISTS renumbering (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM temp.renumbering").execute(&mut **tx).await?;
    sqlx::query(
        "INSERT INTO temp.renumbering SELECT ordinal, row_number() OVER (ORDER BY id) FROM messages WHERE chat_id = ?",
    )
    .bind(chat.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Messages and vectors take their new places, by way of places that nobody has: each is taken by one at any time.
async fn move_all(tx: &mut Tx, chat: ChatId) -> Result<()> {
    for sql in [
        "DELETE FROM vectors WHERE chat_id = ? AND ordinal NOT IN (SELECT old FROM temp.renumbering)",
        "UPDATE messages SET ordinal = -(SELECT new FROM temp.renumbering WHERE old = ordinal) WHERE chat_id = ?",
        "UPDATE messages SET ordinal = -ordinal WHERE chat_id = ?",
        "UPDATE vectors SET ordinal = -(SELECT new FROM temp.renumbering WHERE old = ordinal) WHERE chat_id = ?",
        "UPDATE vectors SET ordinal = -ordinal WHERE chat_id = ?",
    ] {
        sqlx::query(sql).bind(chat.0).execute(&mut **tx).await?;
    }
    sqlx::query("DELETE FROM temp.renumbering").execute(&mut **tx).await?;
    Ok(())
}

/// The signs of vectors lie together by place: their rows are made anew.
async fn move_signs(tx: &mut Tx, chat: ChatId) -> Result<()> {
    let rows = sqlx::query!(
        r#"SELECT s.model_id, s.block, s.signs, m.dimensions FROM vector_signs s JOIN vector_models m ON m.id = s.model_id
           WHERE s.chat_id = ?"#,
        chat.0
    )
    .fetch_all(&mut **tx)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let plan: Vec<(i64, i64)> = sqlx::query_as("SELECT old, new FROM temp.renumbering").fetch_all(&mut **tx).await?;
    let plan: HashMap<u32, u32> = plan.into_iter().map(|(old, new)| (count(old), count(new))).collect();
    let mut moved: BTreeMap<(i64, u32), Vec<u8>> = BTreeMap::new();
    for row in &rows {
        for (ordinal, signs) in vectors::entries(count(row.block), count(row.dimensions), &row.signs) {
            let Some(new) = plan.get(&ordinal) else { continue };
            let (block, place) = vectors::place(*new);
            let entries = moved.entry((row.model_id, block)).or_default();
            entries.push(place);
            entries.extend(signs);
        }
    }
    sqlx::query!("DELETE FROM vector_signs WHERE chat_id = ?", chat.0).execute(&mut **tx).await?;
    for ((model, block), signs) in moved {
        sqlx::query!(
            "INSERT INTO vector_signs (chat_id, model_id, block, signs) VALUES (?, ?, ?, ?)",
            chat.0,
            model,
            block,
            signs
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
