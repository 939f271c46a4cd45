//! What people used, and what they were told of it; and the last exchange of a chat, for whoever wants it answered anew.

use souvenir_memory::{ChatId, MessageId, Timestamp, TurnId};

use super::{Result, Store};

/// The exchange that came last in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastExchange {
    /// Its turn.
    pub turn: TurnId,
    /// The answer, if there is one.
    pub reply: Option<MessageId>,
    /// What was answered, oldest first.
    pub asked: Vec<MessageId>,
}

impl Store {
    /// The tokens that answers to a person, and what else they asked for, took since `since`, in all chats.
    pub async fn used_by(&self, user: i64, since: Timestamp) -> Result<u64> {
        let used = sqlx::query_scalar!(
            r#"SELECT ifnull(sum(ifnull(t.spent_prompt_tokens + t.spent_completion_tokens,
                                         ifnull(t.reported_tokens, ifnull(t.predicted_tokens, 0))
                                             + ifnull(t.completion_tokens, 0))), 0)
                          + (SELECT ifnull(sum(s.prompt_tokens + s.completion_tokens), 0) FROM spendings s
                             WHERE s.spent_at >= ?1 AND s.asked_by = ?2)
                          AS "used!: i64"
               FROM turns t INDEXED BY turns_by_start
               WHERE t.started_at >= ?1
                 AND EXISTS (SELECT 1 FROM messages m WHERE m.turn_id = t.id AND m.role = 'user' AND m.author_id = ?2)"#,
            since.0,
            user
        )
        .fetch_one(&self.read)
        .await?;
        Ok(used.unsigned_abs())
    }

    /// What all answers and work on memory took since `since`, with the cost where all of it is known.
    pub async fn used_by_all(&self, since: Timestamp) -> Result<super::MonthUse> {
        Ok(self.spent_since(None, since).await?.into())
    }

    /// Notes that a person is told on this day how much of their budget is used; false when they were told before.
    pub async fn note_budget(&self, user: i64, day: Timestamp, percent: u32) -> Result<bool> {
        let mut tx = self.begin().await?;
        sqlx::query!("DELETE FROM budget_notices WHERE day < ?", day.0).execute(&mut *tx).await?;
        let noted = sqlx::query!(
            "INSERT OR IGNORE INTO budget_notices (user_id, day, percent) VALUES (?, ?, ?)",
            user,
            day.0,
            percent
        )
        .execute(&mut *tx)
        .await?;
        Self::commit(tx).await?;
        Ok(noted.rows_affected() == 1)
    }

    /// The exchange that came last in a chat; none when there is none, or words wait for an answer already.
    pub async fn last_turn(&self, chat: ChatId) -> Result<Option<LastExchange>> {
        let turn = sqlx::query!(
            r#"SELECT id AS "id!", reply_id FROM turns WHERE chat_id = ? AND state <> 'running' ORDER BY id DESC LIMIT 1"#,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        let Some(turn) = turn else { return Ok(None) };
        let asked = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM messages WHERE turn_id = ? AND chat_id = ? AND role = 'user' ORDER BY id"#,
            turn.id,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        let asked: Vec<MessageId> = asked.into_iter().map(MessageId).collect();
        let reply = turn.reply_id.map(MessageId);
        Ok((!asked.is_empty()).then_some(LastExchange { turn: TurnId(turn.id), reply, asked }))
    }

    /// The messages of a turn wait for an answer again.
    pub async fn ask_again(&self, chat: ChatId, turn: TurnId) -> Result<()> {
        sqlx::query!(
            "UPDATE messages SET turn_id = NULL WHERE turn_id = ? AND chat_id = ? AND role = 'user'",
            turn.0,
            chat.0
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// The newest turn after `turn` that one of these messages belongs to now.
    pub async fn answered_anew_in(&self, chat: ChatId, turn: TurnId, asked: &[MessageId]) -> Result<Option<TurnId>> {
        let asked = serde_json::Value::from_iter(asked.iter().map(|id| id.0)).to_string();
        let found = sqlx::query_scalar!(
            r#"SELECT max(turn_id) AS "turn: i64" FROM messages
               WHERE chat_id = ? AND turn_id > ? AND role = 'user' AND id IN (SELECT value FROM json_each(?))"#,
            chat.0,
            turn.0,
            asked
        )
        .fetch_one(&self.read)
        .await?;
        Ok(found.map(TurnId))
    }
}
