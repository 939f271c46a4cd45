//! Proposals as the owner decides them: accepted, they change the fact; rejected, they are not made again.

use souvenir_memory::{
    ChatId, FactSource, FactStatus, ProposalId, Timestamp,
    consolidation::{Op, Proposal},
};

use super::{
    NewFact, Result, Store, StoreError,
    versions::{close_version, copy_evidence, insert_version, last_version, open_version, version},
};

impl Store {
    /// Does what a proposal asks for, in the owner's `wording` where there is one. False when it is not open any more.
    pub async fn accept_proposal(
        &self,
        chat: ChatId,
        id: ProposalId,
        proposal: &Proposal,
        wording: Option<String>,
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        if !decide(&mut tx, chat, id, "accepted", now).await? {
            return Ok(false);
        }
        let Some((_, current)) = open_version(&mut tx, proposal.fact).await? else { return Ok(false) };
        // What the owner accepted for a fact in a person's words stays closed to models.
        let source = match current.source {
            FactSource::Owner | FactSource::Chatter => FactSource::Owner,
            other => other,
        };
        let statement = &proposal.statement;
        let next = match proposal.op {
            Op::Add => NewFact { status: FactStatus::Active, ..current },
            Op::Update => NewFact {
                kind: statement.kind,
                subject: statement.subject.clone().or(current.subject),
                statement: statement.text.clone(),
                status: FactStatus::Active,
                source,
                goal_state: statement.goal_state,
                due_at: statement.due_at,
                valid_at: statement.valid_at,
                invalid_at: None,
                ..current
            },
            Op::Retract => NewFact { status: FactStatus::Retracted, source, invalid_at: Some(now), ..current },
        };
        let next = match wording {
            Some(statement) => NewFact { statement, source: FactSource::Owner, ..next },
            None => next,
        };
        let version = last_version(&mut tx, proposal.fact).await?.unwrap_or_default() + 1;
        close_version(&mut tx, proposal.fact, proposal.op != Op::Add, now).await?;
        insert_version(&mut tx, proposal.fact, version, &next, now).await?;
        super::consolidation::insert_evidence(&mut tx, proposal.fact, version, &proposal.evidence, None, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Turns a proposal down: what it says is not learnt again, neither by its words nor from where it was learnt.
    /// `hashes` are those of the statement; a retraction that is turned down leaves none. False when it is not open.
    pub async fn reject_proposal(
        &self,
        chat: ChatId,
        id: ProposalId,
        proposal: &Proposal,
        hashes: &[Vec<u8>],
        now: Timestamp,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        if !decide(&mut tx, chat, id, "rejected", now).await? {
            return Ok(false);
        }
        // Restoring the fact lifts what was set for it.
        let of_fact = (proposal.op == Op::Add).then_some(proposal.fact.0);
        for hash in hashes {
            sqlx::query!(
                "INSERT INTO tombstones (chat_id, fact_id, statement_hash, created_at) VALUES (?, ?, ?, ?)",
                chat.0,
                of_fact,
                hash,
                now.0
            )
            .execute(&mut *tx)
            .await?;
        }
        let offset = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        for evidence in proposal.evidence.iter().filter(|_| !hashes.is_empty()) {
            let (start, end, hash) = (offset(evidence.start), offset(evidence.end), &hashes[0]);
            sqlx::query!(
                r#"INSERT INTO tombstones (chat_id, fact_id, statement_hash, message_id, quote_start, quote_end, created_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?)"#,
                chat.0,
                of_fact,
                hash,
                evidence.message.0,
                start,
                end,
                now.0
            )
            .execute(&mut *tx)
            .await?;
        }
        if proposal.op == Op::Add
            && let Some((version, current)) = open_version(&mut tx, proposal.fact).await?
        {
            close_version(&mut tx, proposal.fact, false, now).await?;
            let next = NewFact { status: FactStatus::Tombstoned, ..current };
            insert_version(&mut tx, proposal.fact, version + 1, &next, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a decision back: the proposal waits again, the fact is as it was, what was forbidden is not any more. None
    /// when there is no such decision; false when the fact has changed since, and nothing was done.
    pub async fn reopen_proposal(&self, chat: ChatId, id: ProposalId, now: Timestamp) -> Result<Option<bool>> {
        let mut tx = self.begin().await?;
        let decided = sqlx::query!(
            r#"SELECT body, state, decided_at AS "decided_at!" FROM proposals
               WHERE id = ? AND chat_id = ? AND state <> 'open' AND decided_at IS NOT NULL"#,
            id.0,
            chat.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(decided) = decided else { return Ok(None) };
        let proposal: Proposal = serde_json::from_str(&decided.body)
            .map_err(|error| StoreError::Corrupt(format!("proposal {id}: {error}")))?;
        let changed_the_fact = decided.state == "accepted" || proposal.op == Op::Add;
        if changed_the_fact && !unwind(&mut tx, &proposal, decided.decided_at, now).await? {
            return Ok(Some(false));
        }
        sqlx::query!(
            "UPDATE tombstones SET lifted_at = ? WHERE chat_id = ? AND created_at = ? AND lifted_at IS NULL",
            now.0,
            chat.0,
            decided.decided_at
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("UPDATE proposals SET state = 'open', decided_at = NULL WHERE id = ?", id.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(true))
    }
}

/// Writes down anew what a fact said before it was decided on at `decided_at`; false when it has changed since.
async fn unwind(
    tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    proposal: &Proposal,
    decided_at: i64,
    now: Timestamp,
) -> Result<bool> {
    let current = sqlx::query!(
        r#"SELECT version AS "version!", recorded_at AS "recorded_at!" FROM fact_versions
           WHERE fact_id = ? AND expired_at IS NULL"#,
        proposal.fact.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(current) = current.filter(|current| current.recorded_at == decided_at) else { return Ok(false) };
    let Some(before) = version(tx, proposal.fact, current.version - 1).await? else { return Ok(false) };
    close_version(tx, proposal.fact, false, now).await?;
    insert_version(tx, proposal.fact, current.version + 1, &before, now).await?;
    copy_evidence(tx, proposal.fact, (current.version - 1, current.version + 1), now).await?;
    Ok(true)
}

async fn decide(
    tx: &mut sqlx::Transaction<'static, sqlx::Sqlite>,
    chat: ChatId,
    id: ProposalId,
    state: &str,
    now: Timestamp,
) -> Result<bool> {
    let changed = sqlx::query!(
        "UPDATE proposals SET state = ?, decided_at = ? WHERE id = ? AND chat_id = ? AND state = 'open'",
        state,
        now.0,
        id.0,
        chat.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() > 0)
}
