//! Messages in which answers are shown while they are made: see [`super::delivery`] for what becomes of them.
//!
//! The message says nothing of the answer when it goes out, so one whose fate is unknown doubles nothing. From then on it is
//! only edited, and what is edited can be edited again: its part of a reply is never in doubt.

use souvenir_memory::{ChatId, TurnId};

use super::{Engine, error::Result};

impl Engine {
    /// Marks durably that a message goes out which will show the answer of a turn.
    ///
    /// # Errors
    /// When the database fails: then it must not be sent.
    pub async fn begin_preview(&self, chat: ChatId, turn: TurnId) -> Result<()> {
        Ok(self.store().begin_preview(chat, turn, self.now()).await?)
    }

    /// What became of it: Telegram's id, or nothing that is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_preview(&self, chat: ChatId, telegram_message_id: Option<i64>) -> Result<()> {
        match telegram_message_id {
            Some(id) => Ok(self.store().keep_preview(chat, id).await?),
            None => Ok(self.store().drop_preview(chat).await?),
        }
    }

    /// The message that shows the answer of a turn, perhaps one that a crash left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message_showing(&self, chat: ChatId, turn: TurnId) -> Result<Option<i64>> {
        Ok(self.store().preview(chat, turn).await?)
    }

    /// A message that was to show an answer of which nothing came.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leftover_preview(&self, chat: ChatId) -> Result<Option<i64>> {
        Ok(self.store().leftover_preview(chat).await?)
    }
}
