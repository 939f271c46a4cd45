//! Errands: commands that were stored and not yet answered, so that a crash between the two loses none.

use souvenir_memory::{ChatId, DeliveryState, MessageId, Timestamp};
use sqlx::{Sqlite, Transaction};

use super::{
    ErrandOutcome, Result, Store, Undelivered,
    messages::{NewMessage, insert},
};

/// A command to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrandRecord {
    /// Its chat.
    pub chat: ChatId,
    /// Its message.
    pub command: MessageId,
    /// What was said.
    pub text: String,
    /// The speaker's Telegram id.
    pub author_id: Option<i64>,
}

impl Store {
    /// Commands that nobody has carried out yet, in order.
    pub async fn errands_due(&self) -> Result<Vec<ErrandRecord>> {
        let rows = sqlx::query!(
            r#"SELECT e.chat_id, e.message_id AS "message_id!", m.author_id, r.text
               FROM errands e JOIN messages m ON m.id = e.message_id JOIN revisions r ON r.id = m.revision_id
               WHERE e.state = 'due' ORDER BY e.message_id"#
        )
        .fetch_all(&self.read)
        .await?;
        let errands = rows.into_iter().map(|row| ErrandRecord {
            chat: ChatId(row.chat_id),
            command: MessageId(row.message_id),
            text: row.text,
            author_id: row.author_id,
        });
        Ok(errands.collect())
    }

    /// A command has been carried out and its answer goes out: durable before it does.
    pub async fn begin_command_answer(&self, command: MessageId, now: Timestamp) -> Result<()> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        sqlx::query!("UPDATE errands SET state = 'answering', updated_at = ? WHERE message_id = ?", now.0, command.0)
            .execute(&mut *tx)
            .await?;
        Self::commit(tx).await?;
        marks.arrived();
        Ok(())
    }

    /// A command's answer arrived: it becomes part of history and the errand is over, in one transaction.
    pub async fn end_errand(&self, command: MessageId, answer: &NewMessage<'_>, now: Timestamp) -> Result<MessageId> {
        let super::Destination::Chat(chat) = answer.destination else {
            return Err(super::StoreError::Corrupt("an answer without a chat".to_owned()));
        };
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        let (id, _) = insert(&mut tx, chat, answer, now).await?;
        drop_errand(&mut tx, command).await?;
        Self::commit(tx).await?;
        marks.arrived();
        Ok(id)
    }

    /// Nothing is to be done about a command any more.
    pub async fn forget_errand(&self, command: MessageId) -> Result<()> {
        sqlx::query!("DELETE FROM errands WHERE message_id = ?", command.0).execute(&self.write).await?;
        Ok(())
    }

    /// Answers to commands that were going out when a process ended may have arrived. Gives how many there were.
    pub async fn recover_errands(&self, now: Timestamp) -> Result<u64> {
        let recovered =
            sqlx::query!("UPDATE errands SET state = 'unknown', updated_at = ? WHERE state = 'answering'", now.0)
                .execute(&self.write)
                .await?;
        Ok(recovered.rows_affected())
    }

    /// Commands of a chat whose answers did not arrive, or nobody knows.
    pub async fn unanswered_commands(&self, chat: ChatId) -> Result<Vec<Undelivered>> {
        let rows = sqlx::query!(
            r#"SELECT message_id AS "message_id!", state, error FROM errands
               WHERE chat_id = ? AND state IN ('unknown', 'failed')"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let failed = |state: &str| if state == "failed" { DeliveryState::Failed } else { DeliveryState::Unknown };
        let commands = rows.into_iter().map(|row| Undelivered {
            message: MessageId(row.message_id),
            state: failed(&row.state),
            error: row.error,
        });
        Ok(commands.collect())
    }
}

/// A command came in.
pub(super) async fn add_errand(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    command: MessageId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO errands (message_id, chat_id, state, updated_at) VALUES (?, ?, 'due', ?)",
        command.0,
        chat.0,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn drop_errand(tx: &mut Transaction<'static, Sqlite>, command: MessageId) -> Result<()> {
    sqlx::query!("DELETE FROM errands WHERE message_id = ?", command.0).execute(&mut **tx).await?;
    Ok(())
}

/// What became of an answer that did not plainly arrive.
pub(super) async fn write_outcome(
    tx: &mut Transaction<'static, Sqlite>,
    command: MessageId,
    outcome: &ErrandOutcome,
    now: Timestamp,
) -> Result<()> {
    let (state, error) = match outcome {
        ErrandOutcome::Due => ("due", None),
        ErrandOutcome::Unknown => ("unknown", None),
        ErrandOutcome::Failed(why) => ("failed", Some(why)),
    };
    sqlx::query!(
        "UPDATE errands SET state = ?, error = ?, updated_at = ? WHERE message_id = ?",
        state,
        error,
        now.0,
        command.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
