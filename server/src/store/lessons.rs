//! What was learnt of model endpoints: what they refuse, and how their tokens compare to our counts.

use souvenir_memory::{Scale, Timestamp};

use super::{Result, Store, count};

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

    /// Keeps the scale of a model.
    pub async fn keep_scale(&self, model: &str, scale: Scale, now: Timestamp) -> Result<()> {
        write_scale(&self.write, model, scale, now).await
    }
}

/// Keeps the scale of a model, by itself or as part of a transaction.
pub(super) async fn write_scale<'e>(
    executor: impl sqlx::SqliteExecutor<'e>,
    model: &str,
    scale: Scale,
    now: Timestamp,
) -> Result<()> {
    let thousandths = scale.thousandths();
    sqlx::query!(
        r#"INSERT INTO model_scales (model, thousandths, samples, updated_at) VALUES (?, ?, 1, ?)
           ON CONFLICT (model) DO UPDATE SET thousandths = excluded.thousandths, samples = samples + 1,
                                             updated_at = excluded.updated_at"#,
        model,
        thousandths,
        now.0
    )
    .execute(executor)
    .await?;
    Ok(())
}
