//! Deliveries: how far each reply has got, part by part, so that another process can finish it.
//!
//! Which step may follow which is [`souvenir_memory::delivery`]'s to say; here it is kept.

use souvenir_memory::{
    ChatId, DeliveryState, MessageId, PartState, Timestamp, TurnId,
    delivery::{Outcome, Progress},
};
use sqlx::{Sqlite, Transaction};

use super::{Result, Store, TurnState, count, marks::is_settled, name};

/// A reply, as it is known to be on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingRecord {
    /// The turn.
    pub turn: TurnId,
    /// How the turn ended.
    pub turn_state: TurnState,
    /// The reply, or the words in its place.
    pub message: MessageId,
    /// Its text; none when it has been forgotten.
    pub text: Option<String>,
    /// The door's word for how it cuts; none when it was only shown.
    pub format: Option<String>,
    /// How far it has got.
    pub progress: Progress,
    /// Telegram's ids of its parts, where they are known.
    pub telegram_message_ids: Vec<Option<i64>>,
}

/// A message that did not arrive, or not yet, or nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// A reply, or the words in its place; or a command that was not answered.
    pub message: MessageId,
    /// What became of it.
    pub state: DeliveryState,
    /// Why it did not arrive.
    pub error: Option<String>,
}

impl Store {
    /// What is known of the reply of a turn; none when nothing was to be sent.
    pub async fn outgoing(&self, chat: ChatId, turn: TurnId) -> Result<Option<OutgoingRecord>> {
        let row = sqlx::query!(
            r#"SELECT t.outgoing_id, t.state, t.delivery, t.delivery_format, t.delivery_parts, r.text AS "text?"
               FROM turns t LEFT JOIN messages m ON m.id = t.outgoing_id LEFT JOIN revisions r ON r.id = m.revision_id
               WHERE t.id = ? AND t.chat_id = ? AND t.delivery IS NOT NULL"#,
            turn.0,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        let Some((row, message)) = row.and_then(|row| row.outgoing_id.map(|id| (row, MessageId(id)))) else {
            return Ok(None);
        };
        let parts = sqlx::query!(
            r#"SELECT part, state, telegram_message_id FROM deliveries WHERE turn_id = ? ORDER BY part"#,
            turn.0
        )
        .fetch_all(&self.read)
        .await?;
        let mut known = Vec::with_capacity(parts.len());
        for part in &parts {
            known.push((count(part.part) as usize, name(&part.state)?, part.telegram_message_id));
        }
        let marked = self.marked_parts(turn);
        known.extend(marked.into_iter().map(|mark| (mark.part as usize, mark.state, mark.telegram_message_id)));
        if known.is_empty() && row.delivery.as_deref() == Some(DeliveryState::Sent.as_str()) {
            // It was shown, which leaves no trace of parts.
            known.push((0, PartState::Sent, None));
        }
        let progress =
            Progress::known(count(row.delivery_parts) as usize, known.iter().map(|(part, state, _)| (*part, *state)));
        let mut telegram_message_ids = vec![None; progress.parts().len()];
        for (part, _, id) in known {
            telegram_message_ids[part] = id;
        }
        Ok(Some(OutgoingRecord {
            turn,
            turn_state: name(&row.state)?,
            message,
            text: row.text,
            format: row.delivery_format,
            progress,
            telegram_message_ids,
        }))
    }

    /// A part goes out: durable before it does. Marks that wait are taken along.
    pub async fn begin_part(&self, turn: TurnId, part: u32, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        mark_sending(&mut tx, turn, part, now).await?;
        sqlx::query!(
            "UPDATE turns SET delivery = 'sending', delivery_error = NULL, delivered_at = NULL WHERE id = ?",
            turn.0
        )
        .execute(&mut *tx)
        .await?;
        Self::commit(tx).await?;
        marks.arrived();
        Ok(())
    }

    /// A reply of which nothing can have arrived is cut into other parts, of which none has gone out.
    pub async fn replan(&self, turn: TurnId, format: &str, parts: u32) -> Result<()> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        sqlx::query!("DELETE FROM deliveries WHERE turn_id = ?", turn.0).execute(&mut *tx).await?;
        sqlx::query!(
            r#"UPDATE turns SET delivery = 'composed', delivery_error = NULL, delivered_at = NULL, delivery_format = ?,
                                delivery_parts = ? WHERE id = ?"#,
            format,
            parts,
            turn.0
        )
        .execute(&mut *tx)
        .await?;
        Self::commit(tx).await?;
        marks.arrived();
        Ok(())
    }

    /// Keeps how far a reply has got as a whole: after a restart, or once a person wants it sent again.
    pub async fn keep_progress(&self, turn: TurnId, progress: &Progress, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        write_progress(&mut tx, turn, progress, now).await?;
        Self::commit(tx).await?;
        marks.arrived();
        Ok(())
    }

    /// Replies that a process was sending when it ended: their parts may have arrived. Gives how many there were.
    pub async fn recover_deliveries(&self, now: Timestamp) -> Result<usize> {
        let turns = sqlx::query!(
            r#"SELECT t.id AS "id!", t.chat_id FROM turns t JOIN deliveries d ON d.turn_id = t.id
               WHERE t.delivery IN ('composed', 'sending', 'unknown', 'failed') AND d.state = 'sending'"#
        )
        .fetch_all(&self.read)
        .await?;
        for turn in &turns {
            let id = TurnId(turn.id);
            if let Some(mut outgoing) = self.outgoing(ChatId(turn.chat_id), id).await? {
                // What is shown by editing can be edited again: nothing is in doubt.
                if outgoing.progress.going_out() == Some(0) && self.is_previewed(ChatId(turn.chat_id), id).await? {
                    outgoing.progress.settle(0, Outcome::NotSent).ok();
                }
                outgoing.progress.recover();
                self.keep_progress(id, &outgoing.progress, now).await?;
            }
        }
        Ok(turns.len())
    }

    /// Turns whose replies are to be sent, in order. Some of those that are being sent now are among them.
    pub async fn deliveries_due(&self) -> Result<Vec<(ChatId, TurnId)>> {
        // Left to itself, SQLite would look through all turns, since those are in the order asked for.
        let turns = sqlx::query!(
            r#"SELECT id AS "id!", chat_id FROM turns INDEXED BY turns_undelivered
               WHERE delivery IN ('composed', 'sending', 'unknown', 'failed') AND delivery IN ('composed', 'sending')
               ORDER BY id"#
        )
        .fetch_all(&self.read)
        .await?;
        let turns = turns.into_iter().map(|turn| (ChatId(turn.chat_id), TurnId(turn.id)));
        let is_over = |turn| self.marked_parts(turn).last().is_some_and(|mark| is_settled(mark.delivery));
        Ok(turns.filter(|(_, turn)| !is_over(*turn)).collect())
    }

    /// Replies of a chat that did not arrive, or not yet, or nobody knows.
    pub async fn undelivered(&self, chat: ChatId) -> Result<Vec<Undelivered>> {
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", outgoing_id AS "outgoing!", delivery AS "delivery!", delivery_error FROM turns
               WHERE chat_id = ? AND delivery IN ('composed', 'sending', 'unknown', 'failed')
                 AND outgoing_id IS NOT NULL"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let mut undelivered = Vec::with_capacity(rows.len());
        for row in rows {
            let marked = self.marked_parts(TurnId(row.id)).pop();
            let (state, error) = match marked {
                Some(mark) => (mark.delivery, mark.error),
                None => (name(&row.delivery)?, row.delivery_error),
            };
            if state != DeliveryState::Sent {
                undelivered.push(Undelivered { message: MessageId(row.outgoing), state, error });
            }
        }
        Ok(undelivered)
    }
}

/// A part is going out from this commit on.
pub(super) async fn mark_sending(
    tx: &mut Transaction<'static, Sqlite>,
    turn: TurnId,
    part: u32,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"INSERT INTO deliveries (turn_id, part, state, updated_at) VALUES (?, ?, 'sending', ?)
           ON CONFLICT (turn_id, part) DO UPDATE SET state = 'sending', telegram_message_id = NULL,
               updated_at = excluded.updated_at"#,
        turn.0,
        part,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn write_progress(
    tx: &mut Transaction<'static, Sqlite>,
    turn: TurnId,
    progress: &Progress,
    now: Timestamp,
) -> Result<()> {
    for (part, state) in (0_u32..).zip(progress.parts()) {
        let name = state.as_str();
        if *state == PartState::Waiting {
            sqlx::query!("DELETE FROM deliveries WHERE turn_id = ? AND part = ?", turn.0, part)
                .execute(&mut **tx)
                .await?;
        } else {
            sqlx::query!(
                "UPDATE deliveries SET state = ?, updated_at = ? WHERE turn_id = ? AND part = ? AND state <> ?",
                name,
                now.0,
                turn.0,
                part,
                name
            )
            .execute(&mut **tx)
            .await?;
        }
    }
    let state = progress.state();
    let open = matches!(state, DeliveryState::Composed | DeliveryState::Sending);
    let (state, delivered_at) = (state.as_str(), (!open).then_some(now.0));
    sqlx::query!(
        r#"UPDATE turns SET delivery = ?1, delivered_at = ?2, delivery_error = iif(?3, NULL, delivery_error)
           WHERE id = ?4"#,
        state,
        delivered_at,
        open,
        turn.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
