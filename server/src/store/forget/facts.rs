//! Facts: which go, which versions go, and what is in force again.

use std::collections::{BTreeMap, BTreeSet};

use souvenir_memory::{
    FactId, MessageId,
    forgetting::{Fate, Version, fate},
};

use super::{Work, json, many};
use crate::store::{Result, count};

/// What a version rests on: the message, and whether it was so when the version was written.
type Rests = BTreeMap<(i64, i64), Vec<(MessageId, bool)>>;

impl Work<'_> {
    /// Deletes facts and versions that rest on the messages alone, and every piece of evidence from them.
    pub(super) async fn forget_facts(&mut self) -> Result<()> {
        let facts = self.facts_with_versions().await?;
        for (fact, versions) in facts {
            if self.asked.contains(&fact) {
                self.facts.insert(fact);
                continue;
            }
            match fate(&versions, &self.messages) {
                Fate::Untouched => {}
                Fate::Gone => {
                    self.orphan(&versions, |_| true);
                    self.facts.insert(fact);
                }
                Fate::Stays { gone, reopened, repeats_by_hand } => {
                    let touched = versions.iter().flat_map(|version| &version.evidence);
                    let lost = !gone.is_empty() || touched.into_iter().any(|id| self.messages.contains(id));
                    self.report.facts_kept += u64::from(lost);
                    if repeats_by_hand {
                        self.report.kept_by_hand.push(fact);
                    }
                    self.orphan(&versions, |version| gone.contains(&version.number));
                    self.delete_versions(fact, &gone, reopened).await?;
                }
            }
        }
        self.report.facts = many(self.facts.len());
        self.bury_what_was_asked().await?;
        self.delete_facts().await?;
        let gone = sqlx::query!("DELETE FROM evidence WHERE message_id IN (SELECT value FROM json_each(?))", self.list)
            .execute(&mut *self.db)
            .await?;
        self.report.evidence += gone.rows_affected();
        // Nothing can be learnt again from what is gone; the hash of what must not be learnt stays.
        sqlx::query!(
            "DELETE FROM tombstones WHERE chat_id = ? AND message_id IN (SELECT value FROM json_each(?))",
            self.wish.chat.0,
            self.list
        )
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// What versions that go rested on besides is to be consolidated again.
    fn orphan(&mut self, versions: &[Version], goes: impl Fn(&Version) -> bool) {
        let left = versions.iter().filter(|version| goes(version)).flat_map(|version| &version.evidence);
        let left: BTreeSet<MessageId> = left.copied().filter(|id| !self.messages.contains(id)).collect();
        self.orphaned.extend(left);
    }

    async fn facts_with_versions(&mut self) -> Result<BTreeMap<FactId, Vec<Version>>> {
        let rests = self.what_versions_rest_on().await?;
        let rows = sqlx::query!(
            r#"SELECT v.fact_id, v.version, v.subject, v.statement, v.source, v.expired_at
               FROM facts f JOIN fact_versions v ON v.fact_id = f.id WHERE f.chat_id = ? ORDER BY v.fact_id, v.version"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        let mut facts: BTreeMap<FactId, Vec<Version>> = BTreeMap::new();
        for row in rows {
            let rests = rests.get(&(row.fact_id, row.version)).map_or(&[][..], Vec::as_slice);
            let written_on_evidence = rests.iter().any(|(_, from_the_start)| *from_the_start);
            let subject = row.subject.unwrap_or_default();
            facts.entry(FactId(row.fact_id)).or_default().push(Version {
                number: count(row.version),
                repeats: self.repeats(&format!("{subject} {}", row.statement)),
                statement: row.statement,
                by_person: matches!(row.source.as_str(), "owner" | "chatter") && !written_on_evidence,
                evidence: rests.iter().map(|(message, _)| *message).collect(),
                is_open: row.expired_at.is_none(),
            });
        }
        Ok(facts)
    }

    async fn what_versions_rest_on(&mut self) -> Result<Rests> {
        let rows = sqlx::query!(
            r#"SELECT e.fact_id, e.version, e.message_id, e.recorded_at <= v.recorded_at AS "from_the_start!: bool"
               FROM facts f JOIN evidence e ON e.fact_id = f.id
               JOIN fact_versions v ON v.fact_id = e.fact_id AND v.version = e.version WHERE f.chat_id = ?"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        let mut rests = Rests::new();
        for row in rows {
            let piece = (MessageId(row.message_id), row.from_the_start);
            rests.entry((row.fact_id, row.version)).or_default().push(piece);
        }
        Ok(rests)
    }

    async fn delete_versions(&mut self, fact: FactId, gone: &[u32], reopened: Option<u32>) -> Result<()> {
        let list = json(&gone)?;
        let evidence = sqlx::query!(
            "DELETE FROM evidence WHERE fact_id = ? AND version IN (SELECT value FROM json_each(?))",
            fact.0,
            list
        )
        .execute(&mut *self.db)
        .await?;
        sqlx::query!(
            "DELETE FROM fact_versions WHERE fact_id = ? AND version IN (SELECT value FROM json_each(?))",
            fact.0,
            list
        )
        .execute(&mut *self.db)
        .await?;
        self.report.evidence += evidence.rows_affected();
        self.report.fact_versions += many(gone.len());
        self.versions.extend(gone.iter().map(|version| (fact.0, *version)));
        if let Some(version) = reopened {
            // An end that it got by being superseded is not its own.
            sqlx::query!(
                r#"UPDATE fact_versions SET invalid_at = nullif(invalid_at, expired_at), expired_at = NULL
                   WHERE fact_id = ? AND version = ?"#,
                fact.0,
                version
            )
            .execute(&mut *self.db)
            .await?;
        }
        Ok(())
    }

    async fn delete_facts(&mut self) -> Result<()> {
        let list = json(&self.facts)?;
        let evidence = sqlx::query!("DELETE FROM evidence WHERE fact_id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        self.report.evidence += evidence.rows_affected();
        sqlx::query!("DELETE FROM pins WHERE fact_id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        sqlx::query!("DELETE FROM fact_versions WHERE fact_id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        sqlx::query!("DELETE FROM announcements WHERE fact_id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        sqlx::query!("DELETE FROM facts WHERE id IN (SELECT value FROM json_each(?))", list)
            .execute(&mut *self.db)
            .await?;
        sqlx::query!(
            "UPDATE tombstones SET fact_id = NULL WHERE chat_id = ? AND fact_id IN (SELECT value FROM json_each(?))",
            self.wish.chat.0,
            list
        )
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }
}
