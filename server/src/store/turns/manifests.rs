//! Manifests and the prompts they name: what the model saw, for good.

use souvenir_memory::{Timestamp, TurnId, manifest::Manifest};
use sqlx::{Sqlite, Transaction};

use crate::store::{
    Result, Store,
    manifest::{pack, unpack},
};

impl Store {
    /// The manifest of a turn; none when it never had a context.
    pub async fn manifest(&self, turn: TurnId) -> Result<Option<Manifest>> {
        let body = sqlx::query_scalar!("SELECT body FROM manifests WHERE turn_id = ?", turn.0)
            .fetch_optional(&self.read)
            .await?;
        body.map(|body| unpack(&body)).transpose()
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

pub(super) async fn store_manifest(
    tx: &mut Transaction<'static, Sqlite>,
    turn: TurnId,
    manifest: &Manifest,
) -> Result<()> {
    let body = pack(manifest)?;
    sqlx::query!("INSERT OR REPLACE INTO manifests (turn_id, body) VALUES (?, ?)", turn.0, body)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
