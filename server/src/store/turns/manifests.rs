//! Manifests and the prompts they name: what the model saw, for good.

use souvenir_memory::{ChatId, Timestamp, TurnId, manifest::Manifest};
use sqlx::{Sqlite, Transaction};

use crate::store::{
    Result, Store,
    manifest::{Prefix, pack, unpack},
};

impl Store {
    /// The manifest of a turn; none when it never had a context.
    pub async fn manifest(&self, turn: TurnId) -> Result<Option<Manifest>> {
        let kept = sqlx::query!(
            r#"SELECT m.body, p.body AS "prefix?" FROM manifests m LEFT JOIN manifest_prefixes p ON p.id = m.prefix_id
               WHERE m.turn_id = ?"#,
            turn.0
        )
        .fetch_optional(&self.read)
        .await?;
        let Some(kept) = kept else { return Ok(None) };
        let prefix = kept.prefix.as_deref().map(Prefix::unpack).transpose()?;
        unpack(&kept.body, prefix.as_ref()).map(Some)
    }

    /// Keeps a prompt text under its hash.
    pub async fn keep_prompt(&self, sha256: &str, text: &str, now: Timestamp) -> Result<()> {
        sqlx::query!("INSERT OR IGNORE INTO prompts (sha256, text, created_at) VALUES (?, ?, ?)", sha256, text, now.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// A prompt text by its hash.
    pub async fn prompt(&self, sha256: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("SELECT text FROM prompts WHERE sha256 = ?", sha256).fetch_optional(&self.read).await?)
    }
}

pub(in crate::store) async fn store_manifest(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    turn: TurnId,
    manifest: &Manifest,
) -> Result<()> {
    let kept = sqlx::query!(
        r#"SELECT id AS "id!", body FROM manifest_prefixes WHERE chat_id = ? ORDER BY id DESC LIMIT 1"#,
        chat.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    let mut prefix = match kept {
        Some(kept) => Some((kept.id, Prefix::unpack(&kept.body)?)),
        None => None,
    };
    let own = Prefix::of(manifest);
    if own.is_worth_keeping_beside(prefix.as_ref().map(|(_, kept)| kept)) {
        let body = own.pack()?;
        let added = sqlx::query!("INSERT INTO manifest_prefixes (chat_id, body) VALUES (?, ?)", chat.0, body)
            .execute(&mut **tx)
            .await?;
        prefix = Some((added.last_insert_rowid(), own));
    }
    let body = pack(manifest, prefix.as_ref().map(|(_, kept)| kept))?;
    let prefix = prefix.map(|(id, _)| id);
    sqlx::query!("INSERT OR REPLACE INTO manifests (turn_id, body, prefix_id) VALUES (?, ?, ?)", turn.0, body, prefix)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
