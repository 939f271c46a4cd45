//! Taking an episode's consolidation back: facts are as they were, as far as nobody touched them since.
//!
//! Nothing is erased: a fact that was added ends without a successor, one that was changed gets a version that says
//! what the one before said. So any moment in between can still be shown as it was.

use std::collections::HashMap;

use souvenir_memory::{ChatId, EpisodeId, FactId, Timestamp};
use sqlx::{Sqlite, Transaction};

use super::is_pinned;
use crate::store::{
    NewFact, Result, Store,
    versions::{close_version, copy_evidence, insert_version, last_version, open_version, version},
};

type Tx = Transaction<'static, Sqlite>;

struct Row {
    consolidation_id: i64,
    outcome: String,
    fact_id: Option<i64>,
    version_before: Option<i64>,
    version_after: Option<i64>,
}

impl Store {
    /// Takes back what consolidating an episode did; gives how many operations, none when there was nothing.
    pub async fn revert_episode(&self, chat: ChatId, episode: EpisodeId, now: Timestamp) -> Result<Option<u32>> {
        let mut tx = self.begin().await?;
        let consolidations = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM consolidations WHERE chat_id = ? AND episode_id = ? AND reverted_at IS NULL"#,
            chat.0,
            episode.0
        )
        .fetch_all(&mut *tx)
        .await?;
        if consolidations.is_empty() {
            return Ok(None);
        }
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT o.consolidation_id, o.outcome, o.fact_id, o.version_before, o.version_after
               FROM consolidations c JOIN operations o ON o.consolidation_id = c.id
               WHERE c.chat_id = ? AND c.episode_id = ? AND c.reverted_at IS NULL
               ORDER BY o.consolidation_id DESC, o.ordinal DESC"#,
            chat.0,
            episode.0
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut stand_ins = HashMap::new();
        let mut reverted = 0;
        for row in rows {
            reverted += u32::from(take_row_back(&mut tx, &row, &mut stand_ins, now).await?);
        }
        for id in consolidations {
            close(&mut tx, id, now).await?;
        }
        sqlx::query!(
            "UPDATE summaries SET expired_at = ? WHERE episode_id = ? AND expired_at IS NULL",
            now.0,
            episode.0
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("UPDATE episodes SET reverted_at = ? WHERE id = ?", now.0, episode.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(Some(reverted))
    }
}

async fn close(tx: &mut Tx, consolidation: i64, now: Timestamp) -> Result<()> {
    sqlx::query!("UPDATE consolidations SET reverted_at = ? WHERE id = ?", now.0, consolidation)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "UPDATE proposals SET state = 'rejected', decided_at = ? WHERE consolidation_id = ? AND state = 'open'",
        now.0,
        consolidation
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes one operation back; false when there is nothing to take back, or a person has touched the fact since.
async fn take_row_back(
    tx: &mut Tx,
    row: &Row,
    stand_ins: &mut HashMap<i64, (i64, i64)>,
    now: Timestamp,
) -> Result<bool> {
    let (Some(id), Some(after)) = (row.fact_id, row.version_after) else { return Ok(false) };
    if row.outcome == "confirmed" {
        let gone =
            sqlx::query!("DELETE FROM evidence WHERE fact_id = ? AND consolidation_id = ?", id, row.consolidation_id)
                .execute(&mut **tx)
                .await?;
        return Ok(gone.rows_affected() > 0);
    }
    take_back(tx, &TakenBack { fact: FactId(id), before: row.version_before, after }, stand_ins, now).await
}

/// A change of a fact that is to be taken back.
pub(in crate::store) struct TakenBack {
    pub(in crate::store) fact: FactId,
    /// The version before; none when the fact was new.
    pub(in crate::store) before: Option<i64>,
    /// The version that it made.
    pub(in crate::store) after: i64,
}

/// Takes one change of a fact back; false when a person has touched the fact since.
///
/// `stand_ins` says which version now stands for which earlier one, so that several changes of one fact unwind.
pub(in crate::store) async fn take_back(
    tx: &mut Tx,
    change: &TakenBack,
    stand_ins: &mut HashMap<i64, (i64, i64)>,
    now: Timestamp,
) -> Result<bool> {
    let fact = change.fact;
    let Some((current, _)) = open_version(tx, fact).await? else { return Ok(false) };
    let stands_for = stand_ins.get(&fact.0).filter(|(stand_in, _)| *stand_in == current).map_or(current, |(_, of)| *of);
    if stands_for != change.after || is_pinned(tx, fact).await? {
        return Ok(false);
    }
    close_version(tx, fact, false, now).await?;
    let Some(before) = change.before else { return Ok(true) };
    let Some(earlier) = version(tx, fact, before).await? else { return Ok(false) };
    let next = last_version(tx, fact).await?.unwrap_or(before) + 1;
    insert_version(tx, fact, next, &NewFact { ..earlier }, now).await?;
    copy_evidence(tx, fact, (before, next), now).await?;
    stand_ins.insert(fact.0, (next, before));
    Ok(true)
}
