//! Analyses: what they found in the messages, what they asked of the model with it, and the diffs that rest on them.

use souvenir_memory::{FactId, MessageId, analysis::Line};

use super::{Work, json};
use crate::store::Result;

impl Work<'_> {
    /// Forgets the messages in every analysis of the chat.
    pub(super) async fn forget_analyses(&mut self) -> Result<()> {
        self.forget_windows().await?;
        self.forget_parts().await?;
        self.forget_lines().await
    }

    /// Empties the windows in which the messages stood, and those that repeat them: they are read again.
    async fn forget_windows(&mut self) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", first_message_id, last_message_id, findings FROM analysis_windows
               WHERE chat_id = ? AND findings IS NOT NULL"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            let covers = MessageId(row.first_message_id)..=MessageId(row.last_message_id.max(row.first_message_id));
            let body = row.findings.unwrap_or_default();
            if self.messages.range(covers).next().is_some() || self.repeats(&body) || self.tells_what_was_asked(&body) {
                sqlx::query!("UPDATE analysis_windows SET findings = NULL, read_at = NULL WHERE id = ?", row.id)
                    .execute(&mut *self.db)
                    .await?;
            }
        }
        Ok(())
    }

    /// Findings that say what a fact said that is to be forgotten itself. One that cannot be read may.
    fn tells_what_was_asked(&self, findings: &str) -> bool {
        let Ok(findings) = serde_json::from_str::<Vec<souvenir_memory::analysis::Finding>>(findings) else {
            return true;
        };
        findings.iter().any(|found| self.says_the_same(found.statement.subject.as_deref(), &found.statement.text))
    }

    /// What an analysis that is being made asked of the model: it is shared out and asked anew.
    async fn forget_parts(&mut self) -> Result<()> {
        sqlx::query!(
            r#"DELETE FROM analysis_parts WHERE analysis_id IN
               (SELECT id FROM analyses WHERE chat_id = ? AND state = 'running')"#,
            self.wish.chat.0
        )
        .execute(&mut *self.db)
        .await?;
        sqlx::query!("UPDATE analyses SET parts_at = NULL WHERE chat_id = ? AND state = 'running'", self.wish.chat.0)
            .execute(&mut *self.db)
            .await?;
        Ok(())
    }

    /// Lines of diffs, decided or not, that rest on the messages alone, repeat them, or are about a fact that went.
    async fn forget_lines(&mut self) -> Result<()> {
        let rows = sqlx::query!(
            r#"SELECT l.analysis_id, l.ordinal, l.body FROM analyses a JOIN analysis_lines l ON l.analysis_id = a.id
               WHERE a.chat_id = ?"#,
            self.wish.chat.0
        )
        .fetch_all(&mut *self.db)
        .await?;
        for row in rows {
            match self.line(&row.body)? {
                Some(body) if body == row.body => {}
                Some(body) => {
                    sqlx::query!(
                        "UPDATE analysis_lines SET body = ? WHERE analysis_id = ? AND ordinal = ?",
                        body,
                        row.analysis_id,
                        row.ordinal
                    )
                    .execute(&mut *self.db)
                    .await?;
                }
                None => {
                    self.report.proposals += 1;
                    for sql in [
                        "DELETE FROM analysis_effects WHERE analysis_id = ? AND line = ?",
                        "DELETE FROM analysis_lines WHERE analysis_id = ? AND ordinal = ?",
                    ] {
                        sqlx::query(sql).bind(row.analysis_id).bind(row.ordinal).execute(&mut *self.db).await?;
                    }
                }
            }
        }
        let facts = json(&self.facts)?;
        sqlx::query!(
            r#"DELETE FROM analysis_effects WHERE analysis_id IN (SELECT id FROM analyses WHERE chat_id = ?)
               AND fact_id IN (SELECT value FROM json_each(?))"#,
            self.wish.chat.0,
            facts
        )
        .execute(&mut *self.db)
        .await?;
        Ok(())
    }

    /// What is left of a line; none when it goes.
    fn line(&self, body: &str) -> Result<Option<String>> {
        // What cannot be read cannot be shown to be without the words.
        let Ok(mut line) = serde_json::from_str::<Line>(body) else { return Ok(None) };
        let cited = line.evidence.len();
        line.evidence.retain(|piece| !self.messages.contains(&piece.message));
        let about_gone = line.facts.iter().any(|(fact, _)| self.facts.contains(&FactId(fact.0)));
        let statement = &line.statement;
        let same = self.says_the_same(statement.subject.as_deref(), &statement.text);
        if (line.evidence.is_empty() && cited > 0) || about_gone || same || self.repeats(body) {
            return Ok(None);
        }
        if line.evidence.len() < cited { json(&line).map(Some) } else { Ok(Some(body.to_owned())) }
    }
}
