//! One message with who said it, for doors that point at one: what a quote rests on, what somebody replies to.

use souvenir_memory::{ChatId, MessageId};

use super::{Engine, EngineError, TelegramChat, error::Result};
pub use crate::store::SpokenRecord as Spoken;

impl Engine {
    /// One message of a chat as it was said.
    ///
    /// # Errors
    /// [`EngineError::NoMessage`] when this chat has no such message.
    pub async fn spoken(&self, chat: ChatId, message: MessageId) -> Result<Spoken> {
        self.store().spoken(chat, message).await?.ok_or(EngineError::NoMessage(message))
    }

    /// The message that Telegram knows by this id; none when it was never stored, or is forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn spoken_in_telegram(&self, chat: ChatId, telegram_message_id: i64) -> Result<Option<Spoken>> {
        match self.store().message_in_telegram(chat, telegram_message_id).await? {
            Some(message) => Ok(self.store().spoken(chat, message).await?),
            None => Ok(None),
        }
    }

    /// Whether what Telegram knows by this id is an answer that a model wrote, and not Souvenir's own words.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_model_answer(&self, chat: &TelegramChat, telegram_message_id: i64) -> Result<bool> {
        Ok(self.store().is_answer_in_telegram(chat.chat_id, telegram_message_id).await?)
    }
}
