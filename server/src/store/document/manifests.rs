//! Manifests in a document, with the prompts they name: what the model saw of each turn.
//!
//! A manifest is written as it is told to programs, and read back into the form in which it is kept.

use std::collections::HashSet;

use serde_json::{Value, json};
use souvenir_memory::{
    TurnId,
    manifest::{ItemRef, Manifest},
};
use sqlx::SqliteConnection;

use super::{
    Thing,
    export::{corrupt, time, typed},
    numbers::{Numbers, renumber},
    restore::{Restoring, Taken, moment},
};
use crate::{
    hash,
    store::{
        Result, StoreError,
        manifest::{Prefix, unpack},
        turns::store_manifest,
    },
};

/// So many manifests are read at a time.
pub(super) const AT_A_TIME: i64 = 50;

/// The manifests of a chat from the so-manieth on, with the prompts that no line has told yet; and how many manifests.
pub(super) async fn lines(
    db: &mut SqliteConnection,
    chat: i64,
    after: i64,
    numbers: &(dyn Numbers + Sync),
    told: &mut HashSet<String>,
) -> Result<(Vec<String>, i64)> {
    let rows = sqlx::query!(
        r#"SELECT t.id AS "turn!", m.body, p.body AS "prefix?"
           FROM turns t JOIN manifests m ON m.turn_id = t.id LEFT JOIN manifest_prefixes p ON p.id = m.prefix_id
           WHERE t.chat_id = ? ORDER BY t.id LIMIT ? OFFSET ?"#,
        chat,
        AT_A_TIME,
        after
    )
    .fetch_all(&mut *db)
    .await?;
    let count = i64::try_from(rows.len()).unwrap_or(AT_A_TIME);
    let mut lines = Vec::new();
    for row in rows {
        let prefix = row.prefix.as_deref().map(Prefix::unpack).transpose()?;
        let manifest = unpack(&row.body, prefix.as_ref())?;
        for sha256 in prompts(&manifest) {
            if told.insert(sha256.to_owned()) {
                lines.extend(prompt(db, sha256).await?);
            }
        }
        let mut body = serde_json::to_value(&manifest).map_err(corrupt)?;
        renumber(&mut body, numbers);
        let line = json!({"turn": numbers.of(Thing::Turn, row.turn), "manifest": body});
        lines.push(typed("manifest", &line));
    }
    Ok((lines, count))
}

fn prompts(manifest: &Manifest) -> impl Iterator<Item = &str> {
    manifest.segments.iter().filter_map(|segment| match &segment.item {
        Some(ItemRef::Prompt { sha256 }) => Some(sha256.as_str()),
        _ => None,
    })
}

async fn prompt(db: &mut SqliteConnection, sha256: &str) -> Result<Option<String>> {
    let row = sqlx::query!("SELECT text, created_at FROM prompts WHERE sha256 = ?", sha256).fetch_optional(db).await?;
    let told = |text: String, at| typed("prompt", &json!({"sha256": sha256, "text": text, "created_at": time(at)}));
    Ok(row.map(|row| told(row.text, row.created_at)))
}

impl Restoring {
    /// Takes a prompt in that a manifest names.
    pub(super) async fn prompt(&mut self, line: &Value) -> Result<Taken> {
        let (Some(sha256), Some(text)) = (line["sha256"].as_str(), line["text"].as_str()) else {
            return Ok(Err("it has no text or no hash"));
        };
        if hash::sha256(text.as_bytes()) != sha256 {
            return Ok(Err("its text is not the one of its hash"));
        }
        let at = moment(&line["created_at"]).unwrap_or_default();
        sqlx::query!("INSERT OR IGNORE INTO prompts (sha256, text, created_at) VALUES (?, ?, ?)", sha256, text, at)
            .execute(&mut *self.tx)
            .await?;
        Ok(Ok(()))
    }

    /// Takes a manifest in.
    pub(super) async fn manifest(&mut self, line: &Value) -> Result<Taken> {
        let Some(turn) = self.id(Thing::Turn, &line["turn"]).as_i64() else { return Ok(Err("it is of no turn")) };
        let mut body = line["manifest"].clone();
        renumber(&mut body, self);
        let Ok(manifest) = serde_json::from_value::<Manifest>(body) else {
            return Ok(Err("it is no manifest that can be read"));
        };
        match store_manifest(&mut self.tx, self.chat, TurnId(turn), &manifest).await {
            Err(StoreError::Database(sqlx::Error::Database(_))) => Ok(Err("it does not fit the others")),
            other => other.map(Ok),
        }
    }
}
