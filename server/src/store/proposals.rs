//! Proposals as the owner decides them: accepted, they change the fact; rejected, they are not made again.

use souvenir_memory::{
    ChatId, FactSource, FactStatus, ProposalId, Timestamp,
    consolidation::{Op, Proposal},
};

use super::{
    NewFact, Result, Store,
    versions::{close_version, insert_version, last_version, open_version},
};

impl Store {
    /// Does what a proposal asks for. False when it is not open any more.
    pub async fn accept_proposal(
        &self,
        chat: ChatId,
        id: ProposalId,
        proposal: &Proposal,
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
