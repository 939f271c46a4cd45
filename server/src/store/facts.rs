//! Facts and their versions. A change closes the current version and opens the next; nothing is overwritten.

use souvenir_memory::{
    ChatId, Fact, FactId, FactKind, FactSource, FactStatus, GoalState, MessageId, RevisionId, Timestamp, TokenCount,
    TurnId,
    consolidation::Evidence,
    manifest::{ItemRef, Manifest},
};
use sqlx::{Sqlite, Transaction};

use super::{
    Result, Store, StoreError,
    consolidation::insert_evidence,
    count, name, of_json,
    versions::{bury_evidence, close_version, insert_version, set_pin},
};

/// A fact with what is known of its use.
#[derive(Clone, Debug, PartialEq)]
pub struct FactRecord {
    /// The fact.
    pub fact: Fact,
    /// In how many contexts it was.
    pub uses: u64,
    /// The tokens it cost there, all together.
    pub used_tokens: u64,
    /// The last turn that had it.
    pub last_used_turn: Option<TurnId>,
    /// When that was.
    pub last_used_at: Option<Timestamp>,
}

/// What a fact's version says; the rest is bookkeeping.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFact {
    /// What it is about.
    pub kind: FactKind,
    /// Whom it is about.
    pub subject: Option<String>,
    /// The statement.
    pub statement: String,
    /// Where it stands.
    pub status: FactStatus,
    /// Whose word it is.
    pub source: FactSource,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// Goals only.
    pub goal_state: Option<GoalState>,
    /// Goals and tasks.
    pub due_at: Option<Timestamp>,
    /// From when it is true.
    pub valid_at: Option<Timestamp>,
    /// Since when no longer.
    pub invalid_at: Option<Timestamp>,
}

impl From<&Fact> for NewFact {
    fn from(fact: &Fact) -> Self {
        Self {
            kind: fact.kind,
            subject: fact.subject.clone(),
            statement: fact.statement.clone(),
            status: fact.status,
            source: fact.source,
            confidence: fact.confidence,
            goal_state: fact.goal_state,
            due_at: fact.due_at,
            valid_at: fact.valid_at,
            invalid_at: fact.invalid_at,
        }
    }
}

/// A change of a fact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactChange {
    /// The next version; none when only the pin changes.
    pub next: Option<NewFact>,
    /// The pin from now on; none to leave it.
    pub pinned: Option<bool>,
    /// A tombstone to set: the keyed hash of the statement.
    pub tombstone: Option<Vec<u8>>,
    /// Whether tombstones of this fact are lifted.
    pub lift_tombstones: bool,
}

/// What a version of a fact rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRecord {
    /// The version.
    pub version: u32,
    /// The message.
    pub message: MessageId,
    /// Its revision.
    pub revision: RevisionId,
    /// The words.
    pub quote: String,
    /// Their first byte in the revision's text.
    pub start: usize,
    /// One past their last byte.
    pub end: usize,
}

/// A fact's version, as [`of_json`] reads it too: these columns in this order.
#[derive(serde::Deserialize)]
struct Row {
    id: i64,
    chat_id: i64,
    created_at: i64,
    uses: i64,
    used_tokens: i64,
    last_used_turn: Option<i64>,
    last_used_at: Option<i64>,
    version: i64,
    kind: String,
    subject: Option<String>,
    statement: String,
    status: String,
    source: String,
    confidence: f64,
    goal_state: Option<String>,
    due_at: Option<i64>,
    valid_at: Option<i64>,
    invalid_at: Option<i64>,
    recorded_at: i64,
    expired_at: Option<i64>,
    pinned: i64,
}

impl TryFrom<Row> for FactRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let fact = Fact {
            id: FactId(row.id),
            chat: ChatId(row.chat_id),
            version: count(row.version),
            kind: name(&row.kind)?,
            subject: row.subject,
            statement: row.statement,
            status: name(&row.status)?,
            pinned: row.pinned != 0,
            source: name(&row.source)?,
            confidence: row.confidence,
            goal_state: row.goal_state.as_deref().map(name).transpose()?,
            due_at: row.due_at.map(Timestamp),
            valid_at: row.valid_at.map(Timestamp),
            invalid_at: row.invalid_at.map(Timestamp),
            recorded_at: Timestamp(row.recorded_at),
            expired_at: row.expired_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
        };
        Ok(Self {
            fact,
            uses: row.uses.unsigned_abs(),
            used_tokens: row.used_tokens.unsigned_abs(),
            last_used_turn: row.last_used_turn.map(TurnId),
            last_used_at: row.last_used_at.map(Timestamp),
        })
    }
}

impl Store {
    /// The facts of a chat as they were at `at`, pinned first, then oldest first.
    pub async fn facts(&self, chat: ChatId, at: Timestamp) -> Result<Vec<FactRecord>> {
        let rows = sqlx::query_scalar!(
            r#"SELECT json_array(f.id, f.chat_id, f.created_at, f.uses, f.used_tokens, f.last_used_turn, f.last_used_at, v.version,
                                 v.kind, v.subject, v.statement, v.status, v.source, v.confidence, v.goal_state, v.due_at,
                                 v.valid_at, v.invalid_at, v.recorded_at, v.expired_at,
                                 EXISTS (SELECT 1 FROM pins p WHERE p.fact_id = f.id AND p.pinned_at <= ?2
                                         AND (p.unpinned_at IS NULL OR p.unpinned_at > ?2))) AS "row!: String"
               FROM facts f JOIN fact_versions v ON v.fact_id = f.id
               WHERE f.chat_id = ?1 AND v.recorded_at <= ?2 AND (v.expired_at IS NULL OR v.expired_at > ?2)
               ORDER BY f.id"#,
            chat.0,
            at.0
        )
        .fetch_all(&self.read)
        .await?;
        let mut rows: Vec<Row> = rows.iter().map(|row| of_json(row)).collect::<Result<_>>()?;
        rows.sort_by_key(|row| row.pinned == 0);
        rows.into_iter().map(FactRecord::try_from).collect()
    }

    /// The facts of a chat as they were believed at `at`: what was imported counts from when it was said, since nobody
    /// was there to learn it then; everything else from when it was written down. Pinned first, then oldest first.
    pub async fn facts_believed(&self, chat: ChatId, at: Timestamp) -> Result<Vec<FactRecord>> {
        sqlx::query_as!(
            Row,
            r#"WITH learnt AS (
                   SELECT v.fact_id, v.version,
                          min(v.recorded_at, ifnull((SELECT min(m.said_at) FROM evidence e JOIN messages m ON m.id = e.message_id
                              WHERE e.fact_id = v.fact_id AND e.version = v.version AND m.source = 'import'), v.recorded_at)) AS at
                   FROM facts f JOIN fact_versions v ON v.fact_id = f.id WHERE f.chat_id = ?1),
               newest AS (SELECT fact_id, max(version) AS version FROM learnt WHERE at <= ?2 GROUP BY fact_id)
               SELECT f.id AS "id!", f.chat_id AS "chat_id!", f.created_at AS "created_at!", f.uses AS "uses!",
                      f.used_tokens AS "used_tokens!", f.last_used_turn, f.last_used_at, v.version AS "version!",
                      v.kind AS "kind!", v.subject, v.statement AS "statement!", v.status AS "status!", v.source AS "source!",
                      v.confidence AS "confidence!", v.goal_state, v.due_at, v.valid_at, v.invalid_at,
                      v.recorded_at AS "recorded_at!", v.expired_at,
                      EXISTS (SELECT 1 FROM pins p WHERE p.fact_id = f.id AND p.pinned_at <= ?2
                              AND (p.unpinned_at IS NULL OR p.unpinned_at > ?2)) AS "pinned!: i64"
               FROM newest n JOIN facts f ON f.id = n.fact_id
               JOIN fact_versions v ON v.fact_id = n.fact_id AND v.version = n.version
               WHERE v.expired_at IS NULL OR v.expired_at > ?2
               ORDER BY 21 DESC, f.id"#,
            chat.0,
            at.0
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(FactRecord::try_from)
        .collect()
    }

    /// Every version of a fact of this chat, oldest first; empty when there is no such fact here.
    pub async fn fact_versions(&self, chat: ChatId, fact: FactId) -> Result<Vec<FactRecord>> {
        sqlx::query_as!(
            Row,
            r#"SELECT f.id AS "id!", f.chat_id, f.created_at, f.uses, f.used_tokens, f.last_used_turn, f.last_used_at, v.version,
                      v.kind, v.subject, v.statement, v.status, v.source, v.confidence, v.goal_state, v.due_at, v.valid_at,
                      v.invalid_at, v.recorded_at, v.expired_at,
                      EXISTS (SELECT 1 FROM pins p WHERE p.fact_id = f.id AND p.unpinned_at IS NULL) AS "pinned!: i64"
               FROM facts f JOIN fact_versions v ON v.fact_id = f.id
               WHERE f.chat_id = ? AND f.id = ?
               ORDER BY v.version"#,
            chat.0,
            fact.0
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(FactRecord::try_from)
        .collect()
    }

    /// The text of one version, for manifests.
    pub async fn fact_version_text(&self, fact: i64, version: u32) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("SELECT statement FROM fact_versions WHERE fact_id = ? AND version = ?", fact, version)
            .fetch_optional(&self.read)
            .await?)
    }

    /// What a fact rests on, every version, newest first.
    pub async fn evidence(&self, fact: FactId) -> Result<Vec<EvidenceRecord>> {
        let rows = sqlx::query!(
            r#"SELECT version, message_id, revision_id, quote, quote_start, quote_end FROM evidence
               WHERE fact_id = ? ORDER BY version DESC, id"#,
            fact.0
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| EvidenceRecord {
                version: count(row.version),
                message: MessageId(row.message_id),
                revision: RevisionId(row.revision_id),
                quote: row.quote,
                start: usize::try_from(row.quote_start).unwrap_or_default(),
                end: usize::try_from(row.quote_end).unwrap_or_default(),
            })
            .collect())
    }

    /// Makes a fact with its first version.
    pub async fn add_fact(
        &self,
        chat: ChatId,
        new: &NewFact,
        pinned: bool,
        evidence: &[Evidence],
        now: Timestamp,
    ) -> Result<FactId> {
        let mut tx = self.begin().await?;
        let id = sqlx::query_scalar!(
            r#"INSERT INTO facts (chat_id, created_at) VALUES (?, ?) RETURNING id AS "id!""#,
            chat.0,
            now.0
        )
        .fetch_one(&mut *tx)
        .await?;
        insert_version(&mut tx, FactId(id), 1, new, now).await?;
        insert_evidence(&mut tx, FactId(id), 1, evidence, None, now).await?;
        if pinned {
            set_pin(&mut tx, FactId(id), true, now).await?;
        }
        tx.commit().await?;
        Ok(FactId(id))
    }

    /// Changes a fact: closes its current version where there is a next one, sets or takes the pin.
    pub async fn change_fact(&self, chat: ChatId, fact: FactId, change: &FactChange, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        if let Some(next) = &change.next {
            let last = sqlx::query_scalar!(
                r#"SELECT max(version) AS "version!: i64" FROM fact_versions WHERE fact_id = ?"#,
                fact.0
            )
            .fetch_one(&mut *tx)
            .await?;
            close_version(&mut tx, fact, false, now).await?;
            insert_version(&mut tx, fact, last + 1, next, now).await?;
        }
        if let Some(pinned) = change.pinned {
            set_pin(&mut tx, fact, pinned, now).await?;
        }
        if let Some(hash) = &change.tombstone {
            sqlx::query!(
                "INSERT INTO tombstones (chat_id, fact_id, statement_hash, created_at) VALUES (?, ?, ?, ?)",
                chat.0,
                fact.0,
                hash,
                now.0
            )
            .execute(&mut *tx)
            .await?;
        }
        if change.tombstone.is_some() {
            bury_evidence(&mut tx, chat, fact, now).await?;
        }
        if change.lift_tombstones {
            sqlx::query!("UPDATE tombstones SET lifted_at = ? WHERE fact_id = ? AND lifted_at IS NULL", now.0, fact.0)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// Counts the facts of a context that was sent.
pub(super) async fn count_use(
    tx: &mut Transaction<'static, Sqlite>,
    turn: TurnId,
    manifest: &Manifest,
    now: Timestamp,
) -> Result<()> {
    let used = manifest.segments.iter().filter_map(|segment| match segment.item {
        Some(ItemRef::Fact { fact_id, .. }) => Some((fact_id, segment.tokens)),
        _ => None,
    });
    let used: Vec<(i64, TokenCount)> = used.collect();
    if used.is_empty() {
        return Ok(());
    }
    let used = serde_json::to_string(&used).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query!(
        r#"UPDATE facts SET uses = uses + 1, used_tokens = used_tokens + (used.value ->> 1), last_used_turn = ?1, last_used_at = ?2
           FROM json_each(?3) AS used WHERE facts.id = (used.value ->> 0)"#,
        turn.0,
        now.0,
        used
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
