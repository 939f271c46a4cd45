//! The steps of an analysis, each stored whole or not at all.
//!
//! What was read before something was forgotten is not stored after it: the step is done again.

use souvenir_memory::{
    AnalysisId, ChatId, JobId, MessageId, Timestamp,
    analysis::{Finding, Line, LineOperation, RefusedLine},
    consolidation::Change,
};
use sqlx::{Sqlite, Transaction};

use super::{AskedBy, read, written};
use crate::store::{Result, Store, consolidation::Work, count, forget::forgotten_so_far};

type Tx = Transaction<'static, Sqlite>;

/// A window to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewWindow {
    /// Its first message.
    pub first: MessageId,
    /// Its last message.
    pub last: MessageId,
    /// Whether no more fits into it.
    pub is_full: bool,
}

/// A window of a chat's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowRecord {
    /// Its number.
    pub id: i64,
    /// Its first message.
    pub first: MessageId,
    /// Its last message.
    pub last: MessageId,
}

/// One part of the question what is to become of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRecord {
    /// Its place.
    pub ordinal: u32,
    /// The numbers of the facts shown.
    pub facts: Vec<i64>,
    /// The numbers of the findings shown, from 1.
    pub findings: Vec<usize>,
    /// What the model answered; none until it was asked.
    pub operations: Option<Vec<LineOperation>>,
}

/// A call to the memory model, and what it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The model.
    pub model: String,
    /// The endpoint's counts of prompt and answer.
    pub usage: (u32, u32),
    /// What it cost, in billionths of a dollar.
    pub cost_nanousd: Option<i64>,
}

/// The end of an analysis.
#[derive(Debug)]
pub struct Finish<'a> {
    /// Which.
    pub analysis: AnalysisId,
    /// Its chat.
    pub chat: ChatId,
    /// The diff.
    pub lines: &'a [Line],
    /// What waits for the owner by itself.
    pub apart: &'a [Change],
    /// What was refused.
    pub refused: &'a [RefusedLine],
    /// Whether the diff is carried out at once.
    pub apply: bool,
    /// How much had been forgotten in the chat when this was decided.
    pub forgotten: i64,
}

impl Store {
    /// Begins an analysis with its job; one that was being made is given up.
    pub async fn begin_analysis(
        &self,
        chat: ChatId,
        asked_by: AskedBy,
        through: MessageId,
        messages: u32,
        now: Timestamp,
    ) -> Result<AnalysisId> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            "UPDATE analyses SET state = 'abandoned', finished_at = ? WHERE chat_id = ? AND state = 'running'",
            now.0,
            chat.0
        )
        .execute(&mut *tx)
        .await?;
        let asked_by = asked_by.as_str();
        let id = sqlx::query_scalar!(
            r#"INSERT INTO analyses (chat_id, asked_by, state, through, messages, created_at)
               VALUES (?, ?, 'running', ?, ?, ?) RETURNING id AS "id!""#,
            chat.0,
            asked_by,
            through.0,
            messages,
            now.0
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(AnalysisId(id))
    }

    /// The windows of a chat that serve again: read by this model, full, and nothing in them was changed, put away or
    /// brought back since.
    pub async fn windows_that_serve(&self, chat: ChatId, model: &str, through: MessageId) -> Result<Vec<WindowRecord>> {
        let rows = sqlx::query!(
            r#"SELECT w.id AS "id!", w.first_message_id, w.last_message_id FROM analysis_windows w
               WHERE w.chat_id = ?1 AND w.model = ?2 AND w.is_full AND w.findings IS NOT NULL AND w.last_message_id <= ?3
                 AND NOT EXISTS (
                   SELECT 1 FROM messages m JOIN revisions r ON r.id = m.revision_id
                   LEFT JOIN archivals a ON a.message_id = m.id
                   WHERE m.chat_id = ?1 AND m.id >= w.first_message_id AND m.id <= w.last_message_id
                     AND (r.created_at > w.read_at OR a.archived_at > w.read_at OR a.restored_at > w.read_at))
               ORDER BY w.first_message_id"#,
            chat.0,
            model,
            through.0
        )
        .fetch_all(&self.read)
        .await?;
        let window = |row: (i64, i64, i64)| WindowRecord { id: row.0, first: MessageId(row.1), last: MessageId(row.2) };
        Ok(rows.into_iter().map(|row| window((row.id, row.first_message_id, row.last_message_id))).collect())
    }

    /// Keeps the windows of an analysis: those that serve again, and new ones; others of the chat go.
    pub async fn plan_analysis(
        &self,
        (chat, id, job): (ChatId, AnalysisId, JobId),
        model: &str,
        kept: &[i64],
        new: &[NewWindow],
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let (list, known, windows) = (written(&kept)?, many(kept.len()), many(new.len()));
        let planned = sqlx::query!(
            r#"UPDATE analyses SET planned_at = ?, model = ?, windows = ?, known = ?
               WHERE id = ? AND chat_id = ? AND state = 'running' AND planned_at IS NULL"#,
            now.0,
            model,
            windows,
            known,
            id.0,
            chat.0
        )
        .execute(&mut *tx)
        .await?;
        if planned.rows_affected() == 0 {
            return Ok(());
        }
        sqlx::query!(
            "DELETE FROM analysis_windows WHERE chat_id = ? AND id NOT IN (SELECT value FROM json_each(?))",
            chat.0,
            list
        )
        .execute(&mut *tx)
        .await?;
        for window in new {
            insert_window(&mut tx, chat, model, *window).await?;
        }
        let steps = windows + 1;
        sqlx::query!("UPDATE jobs SET done = 0, total = ? WHERE id = ?", steps, job.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The first window of a chat that was not read yet.
    pub async fn next_window(&self, chat: ChatId) -> Result<Option<WindowRecord>> {
        let row = sqlx::query!(
            r#"SELECT id AS "id!", first_message_id, last_message_id FROM analysis_windows
               WHERE chat_id = ? AND findings IS NULL ORDER BY first_message_id LIMIT 1"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        let window = |id, first, last| WindowRecord { id, first: MessageId(first), last: MessageId(last) };
        Ok(row.map(|row| window(row.id, row.first_message_id, row.last_message_id)))
    }

    /// Puts smaller windows in the place of one that was too large for the model.
    pub async fn split_window(
        &self,
        (chat, analysis, job): (ChatId, AnalysisId, JobId),
        model: &str,
        window: i64,
        smaller: &[NewWindow],
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let gone = sqlx::query!(
            "DELETE FROM analysis_windows WHERE id = ? AND chat_id = ? AND findings IS NULL",
            window,
            chat.0
        )
        .execute(&mut *tx)
        .await?;
        if gone.rows_affected() == 0 {
            return Ok(());
        }
        for window in smaller {
            insert_window(&mut tx, chat, model, *window).await?;
        }
        let more = many(smaller.len()) - 1;
        sqlx::query!("UPDATE analyses SET windows = windows + ? WHERE id = ?", more, analysis.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query!("UPDATE jobs SET total = total + ? WHERE id = ?", more, job.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps what was found in a window. False when something was forgotten since `forgotten`: then it is read again.
    pub async fn keep_findings(
        &self,
        (chat, analysis, job): (ChatId, AnalysisId, JobId),
        window: i64,
        findings: &[Finding],
        call: Option<&CallRecord>,
        (forgotten, read_at, now): (i64, Timestamp, Timestamp),
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let is_fresh = forgotten_so_far(&mut tx, chat).await? == forgotten;
        if is_fresh {
            let body = written(&findings)?;
            sqlx::query!(
                "UPDATE analysis_windows SET findings = ?, read_at = ? WHERE id = ? AND chat_id = ? AND findings IS NULL",
                body,
                read_at.0,
                window,
                chat.0
            )
            .execute(&mut *tx)
            .await?;
            get_on(&mut tx, job).await?;
        }
        // It was paid for either way.
        keep_call(&mut tx, analysis, call, now).await?;
        tx.commit().await?;
        Ok(is_fresh)
    }

    /// Keeps how facts and findings were shared out.
    pub async fn keep_parts(
        &self,
        (chat, analysis, job): (ChatId, AnalysisId, JobId),
        parts: &[(Vec<i64>, Vec<usize>)],
        forgotten: i64,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, chat).await? != forgotten {
            return Ok(false);
        }
        for (ordinal, (facts, findings)) in (1_i64..).zip(parts) {
            let (facts, findings) = (written(facts)?, written(findings)?);
            sqlx::query!(
                "INSERT INTO analysis_parts (analysis_id, ordinal, facts, findings) VALUES (?, ?, ?, ?)",
                analysis.0,
                ordinal,
                facts,
                findings
            )
            .execute(&mut *tx)
            .await?;
        }
        sqlx::query!("UPDATE analyses SET parts_at = ? WHERE id = ? AND state = 'running'", now.0, analysis.0)
            .execute(&mut *tx)
            .await?;
        let more = many(parts.len()).max(1) - 1;
        sqlx::query!("UPDATE jobs SET total = total + ? WHERE id = ?", more, job.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The parts of an analysis, in their order.
    pub async fn analysis_parts(&self, analysis: AnalysisId) -> Result<Vec<PartRecord>> {
        let rows = sqlx::query!(
            "SELECT ordinal, facts, findings, operations FROM analysis_parts WHERE analysis_id = ? ORDER BY ordinal",
            analysis.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(PartRecord {
                    ordinal: count(row.ordinal),
                    facts: read(&row.facts)?,
                    findings: read(&row.findings)?,
                    operations: row.operations.as_deref().map(read).transpose()?,
                })
            })
            .collect()
    }

    /// Keeps what the model made of a part. False when something was forgotten since `forgotten`.
    pub async fn keep_part(
        &self,
        (chat, analysis, job): (ChatId, AnalysisId, JobId),
        ordinal: u32,
        operations: &[LineOperation],
        call: Option<&CallRecord>,
        (forgotten, now): (i64, Timestamp),
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let is_fresh = forgotten_so_far(&mut tx, chat).await? == forgotten;
        if is_fresh {
            let body = written(&operations)?;
            sqlx::query!(
                "UPDATE analysis_parts SET operations = ? WHERE analysis_id = ? AND ordinal = ?",
                body,
                analysis.0,
                ordinal
            )
            .execute(&mut *tx)
            .await?;
            get_on(&mut tx, job).await?;
        }
        keep_call(&mut tx, analysis, call, now).await?;
        tx.commit().await?;
        Ok(is_fresh)
    }

    /// Stores the diff, and carries it out if that is wanted; all or nothing. False when something was forgotten since it
    /// was decided, or the analysis was given up.
    pub async fn finish_analysis(&self, finish: &Finish<'_>, now: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, finish.chat).await? != finish.forgotten {
            return Ok(false);
        }
        let state = if finish.apply || finish.lines.is_empty() { "done" } else { "proposed" };
        let (refused, refusals) = (i64::try_from(finish.refused.len()).unwrap_or(i64::MAX), written(&finish.refused)?);
        let ended = sqlx::query!(
            "UPDATE analyses SET state = ?, finished_at = ?, refused = ?, refusals = ? WHERE id = ? AND state = 'running'",
            state,
            now.0,
            refused,
            refusals,
            finish.analysis.0
        )
        .execute(&mut *tx)
        .await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        for change in finish.apart {
            let mut work = Work { tx: &mut tx, chat: finish.chat, consolidation: None, now };
            work.carry_out(change).await?;
        }
        for (ordinal, line) in (1_u32..).zip(finish.lines) {
            let body = written(line)?;
            sqlx::query!(
                "INSERT INTO analysis_lines (analysis_id, ordinal, body, state) VALUES (?, ?, ?, 'open')",
                finish.analysis.0,
                ordinal,
                body
            )
            .execute(&mut *tx)
            .await?;
            if finish.apply {
                super::lines::apply(&mut tx, (finish.chat, finish.analysis), ordinal, line, now).await?;
            }
        }
        sqlx::query!("DELETE FROM analysis_parts WHERE analysis_id = ?", finish.analysis.0).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn insert_window(tx: &mut Tx, chat: ChatId, model: &str, window: NewWindow) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO analysis_windows (chat_id, model, first_message_id, last_message_id, is_full) VALUES (?, ?, ?, ?, ?)"#,
        chat.0,
        model,
        window.first.0,
        window.last.0,
        window.is_full
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn get_on(tx: &mut Tx, job: JobId) -> Result<()> {
    sqlx::query!(
        "UPDATE jobs SET done = done + 1, total = max(total, done + 1), attempts = 0, error = NULL WHERE id = ?",
        job.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn keep_call(tx: &mut Tx, analysis: AnalysisId, call: Option<&CallRecord>, now: Timestamp) -> Result<()> {
    let Some(call) = call else { return Ok(()) };
    sqlx::query!(
        r#"INSERT INTO analysis_calls (analysis_id, model, prompt_tokens, completion_tokens, cost_nanousd, called_at)
           VALUES (?, ?, ?, ?, ?, ?)"#,
        analysis.0,
        call.model,
        call.usage.0,
        call.usage.1,
        call.cost_nanousd,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn many(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
