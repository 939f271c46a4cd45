//! Lines of a diff carried out, turned down, and taken back.
//!
//! Each is carried out only on the versions it was decided on, and never on what a person wrote or pinned meanwhile. What
//! it did to each fact is kept, so that taking it back writes down anew what was said before; nothing is erased.

use std::collections::HashMap;

use souvenir_memory::{
    AnalysisId, ChatId, FactId, FactSource, FactStatus, Timestamp,
    analysis::{Line, LineOp},
    consolidation::key,
};
use sqlx::{Sqlite, Transaction};

use super::{LineState, read};
use crate::store::{
    NewFact, Result, Store,
    consolidation::{TakenBack, insert_evidence, is_pinned, new_fact, take_back},
    count,
    versions::{close_version, insert_version, open_version},
};

type Tx = Transaction<'static, Sqlite>;

impl Store {
    /// Decides on lines of an analysis that wait, or were decided otherwise before; none named stands for all that wait.
    /// Gives each with what became of it.
    pub async fn decide_lines(
        &self,
        (chat, analysis): (ChatId, AnalysisId),
        only: Option<u32>,
        accept: bool,
        now: Timestamp,
    ) -> Result<Vec<(u32, LineState)>> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query!(
            r#"SELECT ordinal, body FROM analysis_lines
               WHERE analysis_id = ?1 AND (ordinal = ?2 AND state IN ('open', 'declined', 'undone') OR ?2 IS NULL AND state = 'open')
               ORDER BY ordinal"#,
            analysis.0,
            only
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut decided = Vec::with_capacity(rows.len());
        for row in rows {
            let ordinal = count(row.ordinal);
            let state = if accept {
                apply(&mut tx, (chat, analysis), ordinal, &read::<Line>(&row.body)?, now).await?
            } else {
                mark(&mut tx, analysis, ordinal, LineState::Declined, now).await?;
                LineState::Declined
            };
            decided.push((ordinal, state));
        }
        if !decided.is_empty() {
            settle(&mut tx, analysis).await?;
        }
        tx.commit().await?;
        Ok(decided)
    }

    /// Takes back everything an analysis did; gives how many lines, and of how many the facts were touched since and stay.
    pub async fn undo_analysis(&self, analysis: AnalysisId, now: Timestamp) -> Result<(u32, u32)> {
        let mut tx = self.begin().await?;
        let effects = sqlx::query!(
            r#"SELECT e.line, e.fact_id, e.version_before, e.version_after
               FROM analysis_effects e JOIN analysis_lines l ON l.analysis_id = e.analysis_id AND l.ordinal = e.line
               WHERE e.analysis_id = ? AND l.state = 'applied' ORDER BY e.id DESC"#,
            analysis.0
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut stand_ins = HashMap::new();
        let mut lines: HashMap<u32, bool> = HashMap::new();
        for effect in effects {
            let back =
                TakenBack { fact: FactId(effect.fact_id), before: effect.version_before, after: effect.version_after };
            let done = take_back(&mut tx, &back, &mut stand_ins, now).await?;
            *lines.entry(count(effect.line)).or_insert(true) &= done;
        }
        for line in lines.keys() {
            mark(&mut tx, analysis, *line, LineState::Undone, now).await?;
        }
        sqlx::query!("DELETE FROM analysis_effects WHERE analysis_id = ?", analysis.0).execute(&mut *tx).await?;
        if !lines.is_empty() {
            sqlx::query!("UPDATE analyses SET state = 'undone', undone_at = ? WHERE id = ?", now.0, analysis.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        let kept = lines.values().filter(|done| !**done).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok((number(lines.len()), number(kept)))
    }
}

/// Nothing waits any more, or something does again.
async fn settle(tx: &mut Tx, analysis: AnalysisId) -> Result<()> {
    sqlx::query!(
        r#"UPDATE analyses SET state = iif(EXISTS (SELECT 1 FROM analysis_lines l WHERE l.analysis_id = ?1 AND l.state = 'open'),
                                           'proposed', 'done')
           WHERE id = ?1 AND state <> 'running'"#,
        analysis.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn mark(tx: &mut Tx, analysis: AnalysisId, line: u32, state: LineState, now: Timestamp) -> Result<()> {
    let state = state.as_str();
    sqlx::query!(
        "UPDATE analysis_lines SET state = ?, decided_at = ? WHERE analysis_id = ? AND ordinal = ?",
        state,
        now.0,
        analysis.0,
        line
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Carries a line out if its facts are as they were; says what became of it, and keeps that.
pub(super) async fn apply(
    tx: &mut Tx,
    (chat, analysis): (ChatId, AnalysisId),
    ordinal: u32,
    line: &Line,
    now: Timestamp,
) -> Result<LineState> {
    let state = match current(tx, chat, line).await? {
        Some(facts) => {
            let mut hand = Hand { tx, chat, analysis, ordinal, now };
            hand.carry_out(line, facts).await?;
            LineState::Applied
        }
        None => LineState::Outdated,
    };
    mark(tx, analysis, ordinal, state, now).await?;
    Ok(state)
}

/// The facts of a line as they are; none when one is not as it was, or what would be added is known by now.
async fn current(tx: &mut Tx, chat: ChatId, line: &Line) -> Result<Option<Vec<(FactId, i64, NewFact)>>> {
    let mut facts = Vec::with_capacity(line.facts.len());
    for (place, (fact, version)) in line.facts.iter().enumerate() {
        let Some((current, said)) = open_version(tx, *fact).await? else { return Ok(None) };
        let stays = line.kept_as_it_is && place == 0;
        let closed = matches!(said.source, FactSource::Owner | FactSource::Chatter) || is_pinned(tx, *fact).await?;
        if current != i64::from(*version) || said.status != FactStatus::Active || (closed && !stays) {
            return Ok(None);
        }
        facts.push((*fact, current, said));
    }
    let known = matches!(line.op, LineOp::Add | LineOp::Update) && is_known(tx, chat, line).await?;
    Ok((!known).then_some(facts))
}

async fn is_known(tx: &mut Tx, chat: ChatId, line: &Line) -> Result<bool> {
    let rows = sqlx::query!(
        r#"SELECT f.id AS "id!", v.subject, v.statement FROM facts f JOIN fact_versions v ON v.fact_id = f.id
           WHERE f.chat_id = ? AND v.expired_at IS NULL AND v.status IN ('active', 'pending')"#,
        chat.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let said = (line.statement.subject.as_deref(), line.statement.text.as_str());
    let others = rows.iter().filter(|row| !line.facts.iter().any(|(fact, _)| fact.0 == row.id));
    Ok(others.into_iter().any(|row| key::same((row.subject.as_deref(), &row.statement), said)))
}

/// The hands of one line.
struct Hand<'a> {
    tx: &'a mut Tx,
    chat: ChatId,
    analysis: AnalysisId,
    ordinal: u32,
    now: Timestamp,
}

impl Hand<'_> {
    async fn carry_out(&mut self, line: &Line, facts: Vec<(FactId, i64, NewFact)>) -> Result<()> {
        let said = new_fact(&line.statement, FactStatus::Active);
        let mut facts = facts.into_iter();
        match (line.op, facts.next()) {
            (LineOp::Add, _) => self.add(line, &said).await?,
            (LineOp::Retract, Some((fact, version, before))) => {
                let end = line.said_at.unwrap_or(self.now);
                let ended = NewFact { status: FactStatus::Retracted, invalid_at: Some(end), ..before };
                self.succeed(fact, version, &ended, true).await?;
                self.rest(fact, version + 1, line).await?;
            }
            (op, Some((fact, version, before))) => {
                if !line.kept_as_it_is {
                    let said = NewFact { subject: said.subject.clone().or(before.subject), ..said };
                    self.succeed(fact, version, &said, op == LineOp::Update).await?;
                    self.rest(fact, version + 1, line).await?;
                }
                for (other, version, before) in facts {
                    let replaced = NewFact { status: FactStatus::Superseded, ..before };
                    self.succeed(other, version, &replaced, false).await?;
                }
            }
            (_, None) => {}
        }
        Ok(())
    }

    async fn add(&mut self, line: &Line, said: &NewFact) -> Result<()> {
        let id = sqlx::query_scalar!(
            r#"INSERT INTO facts (chat_id, created_at) VALUES (?, ?) RETURNING id AS "id!""#,
            self.chat.0,
            self.now.0
        )
        .fetch_one(&mut **self.tx)
        .await?;
        insert_version(self.tx, FactId(id), 1, said, self.now).await?;
        self.rest(FactId(id), 1, line).await?;
        self.note(FactId(id), None, 1).await
    }

    async fn succeed(&mut self, fact: FactId, version: i64, next: &NewFact, superseded: bool) -> Result<()> {
        close_version(self.tx, fact, superseded, self.now).await?;
        insert_version(self.tx, fact, version + 1, next, self.now).await?;
        self.note(fact, Some(version), version + 1).await
    }

    async fn rest(&mut self, fact: FactId, version: i64, line: &Line) -> Result<()> {
        insert_evidence(self.tx, fact, version, &line.evidence, None, self.now).await
    }

    async fn note(&mut self, fact: FactId, before: Option<i64>, after: i64) -> Result<()> {
        sqlx::query!(
            r#"INSERT INTO analysis_effects (analysis_id, line, fact_id, version_before, version_after) VALUES (?, ?, ?, ?, ?)"#,
            self.analysis.0,
            self.ordinal,
            fact.0,
            before,
            after
        )
        .execute(&mut **self.tx)
        .await?;
        Ok(())
    }
}
