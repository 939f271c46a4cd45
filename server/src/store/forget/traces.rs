//! What else repeats the words: proposals, the record of what the memory model asked for, and what went wrong.

use souvenir_memory::{
    FactId,
    consolidation::{Operation, Proposal},
};

use super::{Work, json};
use crate::store::Result;

/// Stands where an error repeated what is forgotten.
const FORGOTTEN: &str = "forgotten";

/// What becomes of a text that cites messages.
enum Cited {
    /// It does not touch what is forgotten.
    Untouched,
    /// It loses a citation and stays, as this JSON.
    Without(String),
    /// It goes.
    Gone,
}

impl Work<'_> {
    /// Deletes proposals, open or decided, that rest on the messages alone, repeat them, or are about a fact that went.
    pub(super) async fn forget_proposals(&mut self) -> Result<()> {
        let rows =
            sqlx::query!(r#"SELECT id AS "id!", fact_id, body FROM proposals WHERE chat_id = ?"#, self.wish.chat.0)
                .fetch_all(&mut *self.db)
                .await?;
        for row in rows {
            let about_gone = row.fact_id.is_some_and(|id| self.facts.contains(&FactId(id)));
            let cited = if about_gone { Cited::Gone } else { self.proposal(&row.body)? };
            match cited {
                Cited::Untouched => {}
                Cited::Without(body) => {
                    sqlx::query!("UPDATE proposals SET body = ? WHERE id = ?", body, row.id)
                        .execute(&mut *self.db)
                        .await?;
                }
                Cited::Gone => {
                    self.report.proposals += 1;
                    sqlx::query!("DELETE FROM proposals WHERE id = ?", row.id).execute(&mut *self.db).await?;
                }
            }
        }
        Ok(())
    }

    fn proposal(&self, body: &str) -> Result<Cited> {
        // What cannot be read cannot be shown to be without the words.
        let Ok(mut proposal) = serde_json::from_str::<Proposal>(body) else { return Ok(Cited::Gone) };
        let cited = proposal.evidence.len();
        proposal.evidence.retain(|piece| !self.messages.contains(&piece.message));
        let lost = proposal.evidence.len() < cited;
        let statement = &proposal.statement;
        let same = self.says_the_same(statement.subject.as_deref(), &statement.text);
        if (lost && proposal.evidence.is_empty()) || same || self.repeats(body) {
            return Ok(Cited::Gone);
        }
        Ok(if lost { Cited::Without(json(&proposal)?) } else { Cited::Untouched })
    }

    /// Deletes operations that cite the messages alone, repeat them, or came to a fact that went.
    pub(super) async fn forget_operations(&mut self) -> Result<()> {
        // A fact may have been learnt, or refused, at any time.
        let first = if self.asked.is_empty() { self.messages.first().map_or(i64::MAX, |id| id.0) } else { i64::MIN };
        let rows = sqlx::query!(
            r#"SELECT o.consolidation_id, o.ordinal, o.fact_id, o.body
               FROM consolidations c JOIN operations o ON o.consolidation_id = c.id
               WHERE c.chat_id = ? AND c.last_message_id >= ?"#,
            self.wish.chat.0,
            first
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            let about_gone = row.fact_id.is_some_and(|id| self.facts.contains(&FactId(id)));
            let cited = if about_gone { Cited::Gone } else { self.operation(&row.body)? };
            match cited {
                Cited::Untouched => {}
                Cited::Without(body) => {
                    sqlx::query!(
                        "UPDATE operations SET body = ? WHERE consolidation_id = ? AND ordinal = ?",
                        body,
                        row.consolidation_id,
                        row.ordinal
                    )
                    .execute(&mut *self.db)
                    .await?;
                }
                Cited::Gone => {
                    self.report.operations += 1;
                    sqlx::query!(
                        "DELETE FROM operations WHERE consolidation_id = ? AND ordinal = ?",
                        row.consolidation_id,
                        row.ordinal
                    )
                    .execute(&mut *self.db)
                    .await?;
                }
            }
        }
        Ok(())
    }

    fn operation(&self, body: &str) -> Result<Cited> {
        let Ok(mut operation) = serde_json::from_str::<Operation>(body) else { return Ok(Cited::Gone) };
        let cited = operation.evidence.len();
        operation.evidence.retain(|piece| !self.messages.contains(&souvenir_memory::MessageId(piece.message_id)));
        let lost = operation.evidence.len() < cited;
        let asked = operation.fact_id.is_some_and(|id| self.asked.contains(&FactId(id)));
        let same =
            operation.statement.as_ref().is_some_and(|text| self.says_the_same(operation.subject.as_deref(), text));
        if (lost && operation.evidence.is_empty()) || asked || same || self.repeats(body) {
            return Ok(Cited::Gone);
        }
        Ok(if lost { Cited::Without(json(&operation)?) } else { Cited::Untouched })
    }

    /// Takes out what went wrong where the words may be quoted: endpoints like to repeat what they were sent.
    pub(super) async fn forget_errors(&mut self) -> Result<()> {
        sqlx::query!("UPDATE jobs SET error = NULL WHERE chat_id = ? AND error IS NOT NULL", self.wish.chat.0)
            .execute(&mut *self.db)
            .await?;
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", error, delivery_error FROM turns
               WHERE chat_id = ? AND (error IS NOT NULL OR delivery_error IS NOT NULL)"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            let clean =
                |text: Option<String>| text.map(|text| if self.repeats(&text) { FORGOTTEN.to_owned() } else { text });
            let (error, delivery) = (clean(row.error.clone()), clean(row.delivery_error.clone()));
            if (&error, &delivery) != (&row.error, &row.delivery_error) {
                sqlx::query!("UPDATE turns SET error = ?, delivery_error = ? WHERE id = ?", error, delivery, row.id)
                    .execute(&mut *self.db)
                    .await?;
            }
        }
        Ok(())
    }
}
