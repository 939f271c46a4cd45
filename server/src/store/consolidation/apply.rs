//! A batch's changes in one transaction: facts, versions, evidence, proposals, the summary with its receipt, and the
//! watermark. Either all of it is there after a crash, or the batch is still due.

use souvenir_memory::{
    ChatId, EpisodeId, JobId, MessageId, Timestamp,
    consolidation::{Change, Operation},
    receipt::Receipt,
};
use sqlx::{Sqlite, Transaction};

use super::work::{Outcome, Work};
use crate::store::{Result, Store, StoreError, forget::forgotten_so_far};

type Tx = Transaction<'static, Sqlite>;

/// A summary as it is kept.
#[derive(Clone, Debug)]
pub struct Summed {
    /// The words.
    pub text: String,
    /// Who wrote them.
    pub model: String,
    /// The first message it covers.
    pub first: MessageId,
    /// What it cost and lost.
    pub receipt: Receipt,
}

/// What came of one batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The chat.
    pub chat: ChatId,
    /// The episode.
    pub episode: EpisodeId,
    /// The watermark that the batch goes on from; none when it is the episode's first.
    pub watermark: Option<MessageId>,
    /// Its first message.
    pub from: MessageId,
    /// Its last message: the new watermark.
    pub through: MessageId,
    /// The summary of the episode so far; none when there was nothing to sum up.
    pub summary: Option<&'a Summed>,
    /// The model that was asked.
    pub model: Option<&'a str>,
    /// The endpoint's counts of prompt and answer.
    pub usage: Option<(u32, u32)>,
    /// What it asked for, and what is done about it.
    pub operations: &'a [(Operation, Change)],
    /// How much had been forgotten in the chat when the batch was read.
    pub forgotten: i64,
    /// The job whose progress this is.
    pub job: JobId,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// All of it is stored.
    Done {
        /// Whether facts or proposals changed.
        facts_changed: bool,
    },
    /// A fact was changed by a person meanwhile: decide again.
    Outdated,
    /// The batch was consolidated meanwhile, its episode is gone, or something was forgotten that it may have been made of.
    NotDue,
}

impl Store {
    /// Stores what came of a batch, all or nothing.
    pub async fn apply_batch(&self, batch: &Batch<'_>, now: Timestamp) -> Result<Applied> {
        let mut tx = self.begin().await?;
        if forgotten_so_far(&mut tx, batch.chat).await? != batch.forgotten {
            return Ok(Applied::NotDue);
        }
        let moved = sqlx::query!(
            r#"UPDATE episodes SET consolidated_through = ?, reverted_at = NULL, held_at = NULL
               WHERE id = ? AND chat_id = ? AND consolidated_through IS ?"#,
            batch.through.0,
            batch.episode.0,
            batch.chat.0,
            batch.watermark.map(|id| id.0)
        )
        .execute(&mut *tx)
        .await?;
        if moved.rows_affected() == 0 {
            return Ok(Applied::NotDue);
        }
        let version = write_summary(&mut tx, batch, now).await?;
        let consolidation = open(&mut tx, batch, version, now).await?;
        let mut facts_changed = false;
        for (ordinal, (operation, change)) in (1_i64..).zip(batch.operations) {
            let mut work = Work { tx: &mut tx, chat: batch.chat, consolidation: Some(consolidation), now };
            let Some(outcome) = work.carry_out(change).await? else { return Ok(Applied::Outdated) };
            facts_changed |= outcome.name != "refused";
            record(&mut tx, consolidation, ordinal, operation, &outcome).await?;
        }
        move_context_start(&mut tx, batch, now).await?;
        sqlx::query!(
            "UPDATE jobs SET done = done + 1, total = max(total, done + 1), attempts = 0, error = NULL WHERE id = ?",
            batch.job.0
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Applied::Done { facts_changed })
    }
}

/// The new version of the episode's summary; the number of the one in force when there is nothing new. A number that a
/// forgotten version had is not used again: manifests name versions.
async fn write_summary(tx: &mut Tx, batch: &Batch<'_>, now: Timestamp) -> Result<i64> {
    let last = sqlx::query_scalar!(
        r#"SELECT max(ifnull((SELECT max(version) FROM summaries WHERE episode_id = ?1), 0),
                      ifnull((SELECT max(summary_version) FROM consolidations WHERE episode_id = ?1), 0)) AS "last!: i64""#,
        batch.episode.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let Some(Summed { text, model, first, receipt }) = batch.summary else { return Ok(last) };
    let lost = serde_json::to_string(&receipt.lost).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let version = last + 1;
    sqlx::query!(
        "UPDATE summaries SET expired_at = ? WHERE episode_id = ? AND expired_at IS NULL",
        now.0,
        batch.episode.0
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        r#"INSERT INTO summaries (episode_id, version, text, first_message_id, covers_through, model, tokens_before,
                                  tokens_after, lost, recorded_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#,
        batch.episode.0,
        version,
        text,
        first.0,
        batch.through.0,
        model,
        receipt.tokens_before.0,
        receipt.tokens_after.0,
        lost,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(version)
}

async fn open(tx: &mut Tx, batch: &Batch<'_>, summary_version: i64, now: Timestamp) -> Result<i64> {
    let (prompt, completion) = batch.usage.unzip();
    Ok(sqlx::query_scalar!(
        r#"INSERT INTO consolidations (chat_id, episode_id, first_message_id, last_message_id, summary_version, model,
                                       prompt_tokens, completion_tokens, recorded_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id AS "id!""#,
        batch.chat.0,
        batch.episode.0,
        batch.from.0,
        batch.through.0,
        summary_version,
        batch.model,
        prompt,
        completion,
        now.0
    )
    .fetch_one(&mut **tx)
    .await?)
}

async fn record(tx: &mut Tx, consolidation: i64, ordinal: i64, operation: &Operation, outcome: &Outcome) -> Result<()> {
    let body = serde_json::to_string(operation).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let op = operation.op.as_str();
    sqlx::query!(
        r#"INSERT INTO operations (consolidation_id, ordinal, op, outcome, reason, fact_id, version_before, version_after,
                                   proposal_id, body)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#,
        consolidation,
        ordinal,
        op,
        outcome.name,
        outcome.reason,
        outcome.fact,
        outcome.before,
        outcome.after,
        outcome.proposal,
        body
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A shift of topic puts the old subject away once its episode has a summary that covers it to its end.
async fn move_context_start(tx: &mut Tx, batch: &Batch<'_>, now: Timestamp) -> Result<()> {
    if batch.summary.is_none() {
        return Ok(());
    }
    let next = sqlx::query_scalar!(
        r#"SELECT min(n.first_message_id) AS "next: i64" FROM episodes e JOIN episodes n ON n.chat_id = e.chat_id AND n.first_message_id > e.first_message_id
           WHERE e.id = ?1 AND e.closed_by = 'topic' AND e.last_message_id <= ?2
             AND n.first_message_id > ifnull((SELECT CAST(s.value AS INTEGER) FROM settings s
                 WHERE s.chat_id = e.chat_id AND s.key = 'context_start' ORDER BY s.set_at DESC LIMIT 1), 0)"#,
        batch.episode.0,
        batch.through.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let Some(next) = next else { return Ok(()) };
    let value = next.to_string();
    sqlx::query!(
        "INSERT OR REPLACE INTO settings (chat_id, key, set_at, value) VALUES (?, 'context_start', ?, ?)",
        batch.chat.0,
        now.0,
        value
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("UPDATE chats SET trim_mark = NULL WHERE id = ?", batch.chat.0).execute(&mut **tx).await?;
    Ok(())
}
