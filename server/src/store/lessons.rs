//! What was learnt of model endpoints: what they refuse, and how their tokens compare to our counts.

use std::{path::Path, time::Duration};

use souvenir_memory::{Scale, Timestamp, TokenCount, calibration::Calibration};
use sqlx::{Connection, Sqlite, SqliteConnection, Transaction, sqlite::SqliteConnectOptions};

use super::{Result, Store, StoreError, count};

impl Store {
    /// Everything endpoints were found to refuse: endpoint, model, quirk.
    pub async fn lessons(&self) -> Result<Vec<(String, String, String)>> {
        let rows = sqlx::query!("SELECT endpoint, model, quirk FROM model_lessons").fetch_all(&self.read).await?;
        Ok(rows.into_iter().map(|row| (row.endpoint, row.model, row.quirk)).collect())
    }

    /// Keeps a lesson.
    pub async fn keep_lesson(&self, endpoint: &str, model: &str, quirk: &str, now: Timestamp) -> Result<()> {
        sqlx::query!(
            "INSERT OR IGNORE INTO model_lessons (endpoint, model, quirk, learnt_at) VALUES (?, ?, ?, ?)",
            endpoint,
            model,
            quirk,
            now.0
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The scale learnt for a model.
    pub async fn scale(&self, model: &str) -> Result<Option<Scale>> {
        let found = sqlx::query_scalar!("SELECT thousandths FROM model_scales WHERE model = ?", model)
            .fetch_optional(&self.read)
            .await?;
        Ok(found.map(|thousandths| Scale::from_thousandths(count(thousandths))))
    }

    /// Keeps the scale of a model that its endpoint's refusal speaks for.
    pub async fn keep_scale(&self, model: &str, scale: Scale, now: Timestamp) -> Result<()> {
        let thousandths = scale.thousandths();
        sqlx::query!(
            r#"INSERT INTO model_scales (model, thousandths, samples, updated_at) VALUES (?, ?, 1, ?)
               ON CONFLICT (model) DO UPDATE SET thousandths = excluded.thousandths, samples = samples + 1,
                                                 updated_at = excluded.updated_at"#,
            model,
            thousandths,
            now.0
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The last `most` counts of each model that answers: model, predicted, reported, newest first.
    pub async fn last_counts(&self, most: u32) -> Result<Vec<(String, TokenCount, TokenCount)>> {
        last_counts(&self.read, most).await
    }

    /// How many reports the scale of each model was learnt from, with the scale.
    pub async fn scales(&self) -> Result<Vec<(String, Scale, u32)>> {
        let rows = sqlx::query!("SELECT model, thousandths, samples FROM model_scales ORDER BY model")
            .fetch_all(&self.read)
            .await?;
        let scale = |thousandths| Scale::from_thousandths(count(thousandths));
        Ok(rows.into_iter().map(|row| (row.model, scale(row.thousandths), count(row.samples))).collect())
    }
}

/// The last counts of a file that another process may have open.
///
/// # Errors
/// When it cannot be read.
pub async fn counts_in(path: &Path, most: u32) -> Result<Vec<(String, TokenCount, TokenCount)>> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(2));
    last_counts(&mut SqliteConnection::connect_with(&options).await?, most).await
}

/// Of the last five hundred turns, those of each model that came last.
async fn last_counts<'e>(
    executor: impl sqlx::SqliteExecutor<'e>,
    most: u32,
) -> Result<Vec<(String, TokenCount, TokenCount)>> {
    let rows = sqlx::query!(
        r#"SELECT model AS "model!", predicted AS "predicted!: i64", reported AS "reported!: i64"
           FROM (SELECT id, model, predicted_tokens AS predicted, reported_tokens AS reported,
                        row_number() OVER (PARTITION BY model ORDER BY id DESC) AS place
                 FROM turns
                 WHERE id > (SELECT ifnull(max(id), 0) - 500 FROM turns) AND model IS NOT NULL
                   AND predicted_tokens IS NOT NULL AND reported_tokens IS NOT NULL)
           WHERE place <= ? ORDER BY id DESC"#,
        most
    )
    .fetch_all(executor)
    .await?;
    let tokens = |value| TokenCount(count(value));
    Ok(rows.into_iter().map(|row| (row.model, tokens(row.predicted), tokens(row.reported))).collect())
}

/// What a provider counted where we counted `raw`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// The model asked.
    pub model: &'a str,
    /// Our count.
    pub raw: TokenCount,
    /// The provider's.
    pub reported: TokenCount,
}

/// Learns from a report as part of a transaction; nothing is written where nothing changes.
pub(super) async fn learn(tx: &mut Transaction<'static, Sqlite>, report: &Report<'_>, now: Timestamp) -> Result<()> {
    let model = report.model;
    let known = sqlx::query!("SELECT thousandths, recent FROM model_scales WHERE model = ?", model)
        .fetch_optional(&mut **tx)
        .await?;
    let unreadable = |error| StoreError::Corrupt(format!("the reports of a model: {error}"));
    let before = match known {
        Some(row) => Calibration {
            scale: Scale::from_thousandths(count(row.thousandths)),
            recent: serde_json::from_str(&row.recent).map_err(unreadable)?,
        },
        None => Calibration::new(Scale::initial(model)),
    };
    let after = before.clone().learn(report.raw, report.reported);
    if after == before {
        return Ok(());
    }
    let (thousandths, recent) = (after.scale.thousandths(), serde_json::json!(after.recent).to_string());
    sqlx::query!(
        r#"INSERT INTO model_scales (model, thousandths, recent, samples, updated_at) VALUES (?, ?, ?, 1, ?)
           ON CONFLICT (model) DO UPDATE SET thousandths = excluded.thousandths, recent = excluded.recent,
                                             samples = samples + 1, updated_at = excluded.updated_at"#,
        model,
        thousandths,
        recent,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
