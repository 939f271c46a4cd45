//! Versions of facts: one is in force, the others have ended, and none is ever overwritten.

use souvenir_memory::{ChatId, FactId, GoalState, Timestamp};
use sqlx::{Sqlite, Transaction};

use super::{NewFact, Result, name};

/// Writes a version of a fact down.
pub(super) async fn insert_version(
    tx: &mut Transaction<'static, Sqlite>,
    fact: FactId,
    version: i64,
    new: &NewFact,
    now: Timestamp,
) -> Result<()> {
    let (kind, status, source) = (new.kind.as_str(), new.status.as_str(), new.source.as_str());
    let goal_state = new.goal_state.map(GoalState::as_str);
    let (due, valid, invalid) = (new.due_at.map(|at| at.0), new.valid_at.map(|at| at.0), new.invalid_at.map(|at| at.0));
    sqlx::query!(
        r#"INSERT INTO fact_versions (fact_id, version, kind, subject, statement, status, source, confidence, goal_state,
                                      due_at, valid_at, invalid_at, recorded_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#,
        fact.0,
        version,
        kind,
        new.subject,
        new.statement,
        status,
        source,
        new.confidence,
        goal_state,
        due,
        valid,
        invalid,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends the current version of a fact. What was true until now is no longer true in the world when it is `superseded`;
/// otherwise it was merely said differently.
pub(super) async fn close_version(
    tx: &mut Transaction<'static, Sqlite>,
    fact: FactId,
    superseded: bool,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"UPDATE fact_versions SET expired_at = ?1, invalid_at = iif(?2, ifnull(invalid_at, ?1), invalid_at)
           WHERE fact_id = ?3 AND expired_at IS NULL"#,
        now.0,
        superseded,
        fact.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What one version of a fact rests on, another rests on as well.
pub(super) async fn copy_evidence(
    tx: &mut Transaction<'static, Sqlite>,
    fact: FactId,
    (from, to): (i64, i64),
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO evidence (fact_id, version, message_id, revision_id, quote, quote_start, quote_end, recorded_at)
           SELECT fact_id, ?3, message_id, revision_id, quote, quote_start, quote_end, ?4 FROM evidence
           WHERE fact_id = ?1 AND version = ?2"#,
        fact.0,
        from,
        to,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The number of a fact's newest version.
pub(super) async fn last_version(tx: &mut Transaction<'static, Sqlite>, fact: FactId) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(r#"SELECT max(version) AS "version: i64" FROM fact_versions WHERE fact_id = ?"#, fact.0)
        .fetch_one(&mut **tx)
        .await?)
}

/// The version of a fact that is in force, with its number; none when the fact has ended.
pub(super) async fn open_version(
    tx: &mut Transaction<'static, Sqlite>,
    fact: FactId,
) -> Result<Option<(i64, NewFact)>> {
    let number =
        sqlx::query_scalar!("SELECT version FROM fact_versions WHERE fact_id = ? AND expired_at IS NULL", fact.0)
            .fetch_optional(&mut **tx)
            .await?;
    let Some(number) = number else { return Ok(None) };
    Ok(version(tx, fact, number).await?.map(|said| (number, said)))
}

/// What a version of a fact said when it was in force: an end that it got by being superseded is not its own.
pub(super) async fn version(
    tx: &mut Transaction<'static, Sqlite>,
    fact: FactId,
    number: i64,
) -> Result<Option<NewFact>> {
    let row = sqlx::query!(
        r#"SELECT kind, subject, statement, status, source, confidence, goal_state, due_at, valid_at,
                  nullif(invalid_at, expired_at) AS "invalid_at: i64"
           FROM fact_versions WHERE fact_id = ? AND version = ?"#,
        fact.0,
        number
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(NewFact {
        kind: name(&row.kind)?,
        subject: row.subject,
        statement: row.statement,
        status: name(&row.status)?,
        source: name(&row.source)?,
        confidence: row.confidence,
        goal_state: row.goal_state.as_deref().map(name).transpose()?,
        due_at: row.due_at.map(Timestamp),
        valid_at: row.valid_at.map(Timestamp),
        invalid_at: row.invalid_at.map(Timestamp),
    }))
}

/// Marks the words that a deleted fact rested on: nothing is to be learnt from them again.
pub(super) async fn bury_evidence(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    fact: FactId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO tombstones (chat_id, fact_id, statement_hash, message_id, quote_start, quote_end, created_at)
           SELECT DISTINCT ?1, ?2, t.statement_hash, e.message_id, e.quote_start, e.quote_end, ?3
           FROM evidence e JOIN tombstones t ON t.fact_id = e.fact_id AND t.lifted_at IS NULL AND t.message_id IS NULL
           WHERE e.fact_id = ?2"#,
        chat.0,
        fact.0,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Sets or takes a fact's pin.
pub(super) async fn set_pin(
    tx: &mut Transaction<'static, Sqlite>,
    fact: FactId,
    pinned: bool,
    now: Timestamp,
) -> Result<()> {
    if pinned {
        sqlx::query!("INSERT OR IGNORE INTO pins (fact_id, pinned_at) VALUES (?, ?)", fact.0, now.0)
            .execute(&mut **tx)
            .await?;
    } else {
        sqlx::query!("UPDATE pins SET unpinned_at = ? WHERE fact_id = ? AND unpinned_at IS NULL", now.0, fact.0)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
