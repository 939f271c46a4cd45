//! One change carried out: facts, versions, evidence and proposals, within the batch's transaction.

use souvenir_memory::{
    ChatId, FactId, FactSource, FactStatus, Timestamp,
    consolidation::{Change, Evidence, Hold, Op, Proposal, Statement},
};
use sqlx::{Sqlite, Transaction};

use crate::store::{
    NewFact, Result, StoreError,
    versions::{close_version, insert_version, last_version, open_version},
};

type Tx = Transaction<'static, Sqlite>;

/// How sure a fact is that a model found and a quote proves.
const EXTRACTED: f64 = 0.8;

/// What became of an operation, for the record.
pub(in crate::store) struct Outcome {
    pub(super) name: &'static str,
    pub(super) reason: Option<String>,
    pub(super) fact: Option<i64>,
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
    pub(super) proposal: Option<i64>,
}

impl Outcome {
    fn of(name: &'static str) -> Self {
        Self { name, reason: None, fact: None, before: None, after: None, proposal: None }
    }
}

/// The hands of one operation.
pub(in crate::store) struct Work<'a> {
    pub(in crate::store) tx: &'a mut Tx,
    pub(in crate::store) chat: ChatId,
    /// The batch it belongs to; none when it is an analysis that asks.
    pub(in crate::store) consolidation: Option<i64>,
    pub(in crate::store) now: Timestamp,
}

impl Work<'_> {
    /// Carries a change out; none when the fact is not as it was when this was decided.
    pub(in crate::store) async fn carry_out(&mut self, change: &Change) -> Result<Option<Outcome>> {
        match change {
            Change::Add { statement, status, hold, evidence } => {
                self.add(statement, *status, hold.as_ref(), evidence).await.map(Some)
            }
            Change::Confirm { fact, evidence } => self.confirm(*fact, evidence).await,
            Change::Update { fact, statement, evidence } => {
                self.succeed(*fact, evidence, "updated", |before| NewFact {
                    status: before.status,
                    confidence: EXTRACTED,
                    ..new_fact(statement, before.status)
                })
                .await
            }
            Change::Retract { fact, invalid_at, evidence } => {
                let end = invalid_at.unwrap_or(self.now);
                self.succeed(*fact, evidence, "retracted", |before| NewFact {
                    status: FactStatus::Retracted,
                    source: FactSource::Extracted,
                    invalid_at: Some(end),
                    ..before.clone()
                })
                .await
            }
            Change::Propose(proposal) => self.propose(proposal).await.map(Some),
            Change::Refuse(refusal) => {
                Ok(Some(Outcome { reason: Some(refusal.to_string()), ..Outcome::of("refused") }))
            }
        }
    }

    async fn add(
        &mut self,
        statement: &Statement,
        status: FactStatus,
        hold: Option<&Hold>,
        evidence: &[Evidence],
    ) -> Result<Outcome> {
        let id = sqlx::query_scalar!(
            r#"INSERT INTO facts (chat_id, created_at) VALUES (?, ?) RETURNING id AS "id!""#,
            self.chat.0,
            self.now.0
        )
        .fetch_one(&mut **self.tx)
        .await?;
        insert_version(self.tx, FactId(id), 1, &new_fact(statement, status), self.now).await?;
        self.rest_on(FactId(id), 1, evidence).await?;
        let proposal = match hold {
            Some(hold) => {
                let proposal = Proposal {
                    fact: FactId(id),
                    version: 1,
                    op: Op::Add,
                    statement: statement.clone(),
                    hold: hold.clone(),
                    evidence: evidence.to_vec(),
                };
                Some(self.put_before_owner("pending", &proposal).await?)
            }
            None => None,
        };
        let name = if hold.is_some() { "pending" } else { "added" };
        let reason = hold.map(Hold::to_string);
        Ok(Outcome { reason, fact: Some(id), after: Some(1), proposal, ..Outcome::of(name) })
    }

    async fn confirm(&mut self, fact: FactId, evidence: &[Evidence]) -> Result<Option<Outcome>> {
        let Some(version) = last_version(self.tx, fact).await? else { return Ok(None) };
        self.rest_on(fact, version, evidence).await?;
        let outcome =
            Outcome { fact: Some(fact.0), before: Some(version), after: Some(version), ..Outcome::of("confirmed") };
        Ok(Some(outcome))
    }

    /// Closes a fact's version and opens the next, unless a person has touched it meanwhile.
    async fn succeed(
        &mut self,
        fact: FactId,
        evidence: &[Evidence],
        name: &'static str,
        next: impl FnOnce(&NewFact) -> NewFact,
    ) -> Result<Option<Outcome>> {
        let Some((version, current)) = open_version(self.tx, fact).await? else { return Ok(None) };
        if matches!(current.source, FactSource::Owner | FactSource::Chatter) || is_pinned(self.tx, fact).await? {
            return Ok(None);
        }
        close_version(self.tx, fact, true, self.now).await?;
        insert_version(self.tx, fact, version + 1, &next(&current), self.now).await?;
        self.rest_on(fact, version + 1, evidence).await?;
        let outcome =
            Outcome { fact: Some(fact.0), before: Some(version), after: Some(version + 1), ..Outcome::of(name) };
        Ok(Some(outcome))
    }

    async fn propose(&mut self, proposal: &Proposal) -> Result<Outcome> {
        let kind = if proposal.hold == Hold::Contradicts { "contradiction" } else { proposal.op.as_str() };
        let id = self.put_before_owner(kind, proposal).await?;
        let reason = Some(proposal.hold.to_string());
        Ok(Outcome { reason, fact: Some(proposal.fact.0), proposal: Some(id), ..Outcome::of("proposed") })
    }

    async fn put_before_owner(&mut self, kind: &str, proposal: &Proposal) -> Result<i64> {
        let body = serde_json::to_string(proposal).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(sqlx::query_scalar!(
            r#"INSERT INTO proposals (chat_id, fact_id, kind, body, state, created_at, consolidation_id)
               VALUES (?, ?, ?, ?, 'open', ?, ?) RETURNING id AS "id!""#,
            self.chat.0,
            proposal.fact.0,
            kind,
            body,
            self.now.0,
            self.consolidation
        )
        .fetch_one(&mut **self.tx)
        .await?)
    }

    async fn rest_on(&mut self, fact: FactId, version: i64, evidence: &[Evidence]) -> Result<()> {
        insert_evidence(self.tx, fact, version, evidence, self.consolidation, self.now).await
    }
}

/// Writes down what a version rests on.
pub(in crate::store) async fn insert_evidence(
    tx: &mut Tx,
    fact: FactId,
    version: i64,
    evidence: &[Evidence],
    consolidation: Option<i64>,
    now: Timestamp,
) -> Result<()> {
    let offset = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    for piece in evidence {
        let (start, end) = (offset(piece.start), offset(piece.end));
        sqlx::query!(
            r#"INSERT INTO evidence (fact_id, version, message_id, revision_id, quote, quote_start, quote_end, recorded_at,
                                     consolidation_id)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"#,
            fact.0,
            version,
            piece.message.0,
            piece.revision.0,
            piece.quote,
            start,
            end,
            now.0,
            consolidation
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Whether a fact is pinned now.
pub(in crate::store) async fn is_pinned(tx: &mut Tx, fact: FactId) -> Result<bool> {
    let pins = sqlx::query_scalar!(
        r#"SELECT count(*) AS "pins!: i64" FROM pins WHERE fact_id = ? AND unpinned_at IS NULL"#,
        fact.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(pins > 0)
}

/// A version that says this on the word of a model.
pub(in crate::store) fn new_fact(statement: &Statement, status: FactStatus) -> NewFact {
    NewFact {
        kind: statement.kind,
        subject: statement.subject.clone(),
        statement: statement.text.clone(),
        status,
        source: FactSource::Extracted,
        confidence: EXTRACTED,
        goal_state: statement.goal_state,
        due_at: statement.due_at,
        valid_at: statement.valid_at,
        invalid_at: None,
    }
}
