//! Marks: what became of what was sent, written with the next commit instead of in one of their own.
//!
//! A mark that is lost to a crash costs nothing but certainty: what was going out then may have arrived, and is shown so.
//! That is why it need not be durable at once, and a turn takes three commits, not four. Whatever commits next takes the
//! marks along ([`Store::take_along`]); if nothing does for a while, the engine has them written by themselves. Reads see
//! a mark from the moment it is made.

use std::sync::{Mutex, PoisonError};

use souvenir_memory::{DeliveryState, MessageId, PartState, Timestamp, TurnId};
use sqlx::{Sqlite, Transaction};

use super::{Result, Store, TurnRecord};

/// Something to be written soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A part of a reply has a new state.
    Part(PartMark),
    /// A command's answer did not plainly arrive.
    Errand {
        /// The command's message.
        command: MessageId,
        /// What became of its answer.
        outcome: ErrandOutcome,
        /// When that was known.
        at: Timestamp,
    },
}

/// What became of the answer to a command, when it did not plainly arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrandOutcome {
    /// It did not go out: the command is carried out again.
    Due,
    /// Nobody can tell.
    Unknown,
    /// It was refused, in words for people.
    Failed(String),
}

/// What became of a part of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartMark {
    /// The turn.
    pub turn: TurnId,
    /// The part, from 0.
    pub part: u32,
    /// Its state.
    pub state: PartState,
    /// Telegram's id of it, once it arrived.
    pub telegram_message_id: Option<i64>,
    /// The state of the whole by that.
    pub delivery: DeliveryState,
    /// Why it did not arrive, in words for people.
    pub error: Option<String>,
    /// When that was known.
    pub at: Timestamp,
}

/// Marks not yet written, in the order they were made.
#[derive(Debug, Default)]
pub(super) struct Marks(Mutex<Vec<Mark>>);

impl Marks {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks that a transaction took along. Unless they have [`TakenAlong::arrived`], they go back.
#[must_use = "marks go back unless they are said to have arrived"]
pub(super) struct TakenAlong<'a> {
    marks: Vec<Mark>,
    from: &'a Marks,
}

impl TakenAlong<'_> {
    /// The transaction was committed.
    pub(super) fn arrived(mut self) {
        self.marks.clear();
    }
}

impl Drop for TakenAlong<'_> {
    fn drop(&mut self) {
        if !self.marks.is_empty() {
            let mut waiting = self.from.lock();
            waiting.splice(0..0, self.marks.drain(..));
        }
    }
}

impl Store {
    /// Makes a mark; says whether it is the first that waits.
    pub fn mark(&self, mark: Mark) -> bool {
        let mut marks = self.marks.lock();
        marks.push(mark);
        marks.len() == 1
    }

    /// Writes the marks that no commit has taken along.
    pub async fn write_marks(&self) -> Result<()> {
        if self.marks.lock().is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        Self::commit(tx).await?;
        marks.arrived();
        Ok(())
    }

    /// Writes the marks that wait as part of a transaction that is to be committed anyway.
    pub(super) async fn take_along(&self, tx: &mut Transaction<'static, Sqlite>) -> Result<TakenAlong<'_>> {
        let taken = TakenAlong { marks: std::mem::take(&mut *self.marks.lock()), from: &self.marks };
        for mark in &taken.marks {
            match mark {
                Mark::Part(part) => write_part(tx, part).await?,
                Mark::Errand { command, outcome, at } => {
                    super::errands::write_outcome(tx, *command, outcome, *at).await?;
                }
            }
        }
        Ok(taken)
    }

    /// A turn as the marks that wait have it.
    pub(super) fn with_marks(&self, mut turn: TurnRecord) -> TurnRecord {
        for mark in self.marks.lock().iter() {
            if let Mark::Part(part) = mark
                && part.turn == turn.id
            {
                turn.delivery = Some(part.delivery);
                turn.delivery_error.clone_from(&part.error);
                turn.delivered_at = is_settled(part.delivery).then_some(part.at);
            }
        }
        turn
    }

    /// The parts of a turn's reply that the marks that wait are about, in the order they were made.
    pub(super) fn marked_parts(&self, turn: TurnId) -> Vec<PartMark> {
        let marks = self.marks.lock();
        let parts = marks.iter().filter_map(|mark| match mark {
            Mark::Part(part) if part.turn == turn => Some(part.clone()),
            _ => None,
        });
        parts.collect()
    }
}

/// Whether nothing more happens by itself.
pub(super) fn is_settled(state: DeliveryState) -> bool {
    matches!(state, DeliveryState::Sent | DeliveryState::Unknown | DeliveryState::Failed)
}

async fn write_part(tx: &mut Transaction<'static, Sqlite>, mark: &PartMark) -> Result<()> {
    let delivery = mark.delivery.as_str();
    let delivered_at = is_settled(mark.delivery).then_some(mark.at.0);
    let turn = sqlx::query!(
        "UPDATE turns SET delivery = ?, delivery_error = ?, delivered_at = ? WHERE id = ?",
        delivery,
        mark.error,
        delivered_at,
        mark.turn.0
    )
    .execute(&mut **tx)
    .await?;
    // The turn may have been forgotten with its chat since.
    if turn.rows_affected() == 0 {
        return Ok(());
    }
    if mark.state == PartState::Waiting {
        sqlx::query!("DELETE FROM deliveries WHERE turn_id = ? AND part = ?", mark.turn.0, mark.part)
            .execute(&mut **tx)
            .await?;
        return Ok(());
    }
    let state = mark.state.as_str();
    sqlx::query!(
        r#"INSERT INTO deliveries (turn_id, part, state, telegram_message_id, updated_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (turn_id, part) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at,
               telegram_message_id = excluded.telegram_message_id"#,
        mark.turn.0,
        mark.part,
        state,
        mark.telegram_message_id,
        mark.at.0
    )
    .execute(&mut **tx)
    .await?;
    if let Some(id) = mark.telegram_message_id.filter(|_| mark.part == 0) {
        sqlx::query!(
            "UPDATE messages SET telegram_message_id = ? WHERE id = (SELECT outgoing_id FROM turns WHERE turns.id = ?)",
            id,
            mark.turn.0
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
