//! Facts that are asked to be forgotten themselves: every version of them, and whatever repeats it.
//!
//! What people said stays, also where a fact rested on it: that is forgotten as a message. But commands that told the fact
//! (`/remember`, a correction) are no talk, and go with it, as do Souvenir's own words to them.

use std::collections::{BTreeMap, BTreeSet};

use souvenir_memory::{FactId, MessageId, Timestamp, consolidation::key, forgetting::ForgetReport};
use sqlx::SqliteConnection;

use super::{Wish, Work, json, many, words};
use crate::{store::Result, words::terms};

/// What the facts said, and since when.
struct Said {
    facts: BTreeSet<FactId>,
    /// Subject and statement of each version.
    statements: Vec<(Option<String>, String)>,
    since: Timestamp,
}

/// Reads what there is to forget; facts that are not of this chat are left alone.
pub(super) async fn gather<'a>(db: &'a mut SqliteConnection, wish: &'a Wish, ids: &[FactId]) -> Result<Work<'a>> {
    let said = said(db, wish, ids).await?;
    let told = told(db, wish, &said).await?;
    let first = match told.first() {
        Some(first) => *first,
        None => first_after(db, wish, said.since).await?,
    };
    let said_terms = said.statements.iter().flat_map(|(subject, statement)| {
        terms(&format!("{} {statement}", subject.as_deref().unwrap_or_default())).collect::<Vec<_>>()
    });
    let said_terms: BTreeMap<String, MessageId> = said_terms.map(|term| (term, first)).collect();
    let report = ForgetReport { messages: many(told.len()), revisions: many(told.len()), ..ForgetReport::default() };
    let mut work = words::follow(db, wish, told.clone(), &said_terms, said.since, report).await?;
    work.asked = said.facts;
    work.statements = said.statements;
    work.no_talk = told;
    Ok(work)
}

async fn said(db: &mut SqliteConnection, wish: &Wish, ids: &[FactId]) -> Result<Said> {
    let list = json(&ids)?;
    let rows = sqlx::query!(
        r#"SELECT f.id AS "id!", f.created_at, v.subject, v.statement FROM facts f JOIN fact_versions v ON v.fact_id = f.id
           WHERE f.chat_id = ? AND f.id IN (SELECT value FROM json_each(?))"#,
        wish.chat.0,
        list
    )
    .fetch_all(db)
    .await?;
    Ok(Said {
        facts: rows.iter().map(|row| FactId(row.id)).collect(),
        since: rows.iter().map(|row| row.created_at).min().map_or(wish.now, Timestamp),
        statements: rows.into_iter().map(|row| (row.subject, row.statement)).collect(),
    })
}

/// Commands, and Souvenir's words to them, in which a statement stands.
async fn told(db: &mut SqliteConnection, wish: &Wish, said: &Said) -> Result<BTreeSet<MessageId>> {
    let rows = sqlx::query!(
        r#"SELECT m.id AS "id!", r.text FROM messages m JOIN revisions r ON r.message_id = m.id
           WHERE m.chat_id = ? AND m.kind IN ('command', 'service')"#,
        wish.chat.0
    )
    .fetch_all(db)
    .await?;
    let statements: Vec<String> = said.statements.iter().map(|(_, text)| key::normalised(text)).collect();
    let tells = |text: &str| {
        let words = format!(" {} ", key::normalised(text));
        statements.iter().any(|statement| !statement.is_empty() && words.contains(&format!(" {statement} ")))
    };
    Ok(rows.into_iter().filter(|row| tells(&row.text)).map(|row| MessageId(row.id)).collect())
}

/// The number that the first message after a moment has, or would have.
async fn first_after(db: &mut SqliteConnection, wish: &Wish, since: Timestamp) -> Result<MessageId> {
    let first = sqlx::query_scalar!(
        r#"SELECT ifnull(max(m.id), 0) + 1 AS "first!: i64" FROM messages m JOIN revisions r ON r.message_id = m.id
           WHERE m.chat_id = ? AND r.created_at < ?"#,
        wish.chat.0,
        since.0
    )
    .fetch_one(db)
    .await?;
    Ok(MessageId(first))
}

impl Work<'_> {
    /// What the facts said, and the words they rested on, are not to be learnt again: hashes and places, no text.
    pub(super) async fn bury_what_was_asked(&mut self) -> Result<()> {
        for (fact, hash) in &self.wish.tombstones {
            sqlx::query!("DELETE FROM tombstones WHERE chat_id = ? AND fact_id = ?", self.wish.chat.0, fact.0)
                .execute(&mut *self.db)
                .await?;
            sqlx::query!(
                r#"INSERT INTO tombstones (chat_id, statement_hash, message_id, quote_start, quote_end, created_at)
                   SELECT DISTINCT ?1, ?3, message_id, quote_start, quote_end, ?4 FROM evidence WHERE fact_id = ?2
                   UNION ALL SELECT ?1, ?3, NULL, NULL, NULL, ?4"#,
                self.wish.chat.0,
                fact.0,
                hash,
                self.wish.now.0
            )
            .execute(&mut *self.db)
            .await?;
        }
        Ok(())
    }

    /// Whether a statement says what a fact said that is to be forgotten.
    pub(super) fn says_the_same(&self, subject: Option<&str>, statement: &str) -> bool {
        self.statements.iter().any(|(of, said)| key::same((of.as_deref(), said), (subject, statement)))
    }
}
