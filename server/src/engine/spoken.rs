//! One message with who said it, for doors that point at one: what a quote rests on, what somebody replies to.

use souvenir_memory::{
    ChatId, MessageId,
    media::{self, File, FileKind},
};

use super::{Engine, EngineError, Incoming, Origin, Quoted, TelegramChat, error::Result};
pub use crate::store::SpokenRecord as Spoken;

/// Of what a message refers to, so many characters are kept with it.
pub(super) const LONGEST_QUOTE: usize = 1_000;

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

    /// What a message refers to. What is held of the message that it replies to is better than what the door could read of
    /// that: Telegram does not give a bot's rich messages back as they were sent.
    /// A file that came with it and was read already is not read again.
    pub(super) async fn quoted(&self, incoming: &Incoming) -> Result<(Option<Quoted>, Vec<(bool, File)>)> {
        let mut files = incoming.files.clone();
        let (Some(quoted), Some(replied), Origin::Telegram(chat)) =
            (&incoming.quoted, incoming.reply_to, &incoming.origin)
        else {
            return Ok((incoming.quoted.clone(), files));
        };
        // What was sent last has its id in a mark that may not be written yet.
        self.store().write_marks().await?;
        let chat = self.store().telegram_chat_id(chat.chat_id, chat.thread_id).await?.filter(|_| !quoted.is_part);
        let held = match chat {
            Some(chat) => self.spoken_in_telegram(chat, replied).await?,
            None => None,
        };
        if let Some(held) = &held {
            // A note alone is all that is known of it as yet.
            let is_read = !media::is_wordless(held.kind, &held.text);
            files.retain(|(of_reply, file)| !of_reply || file.kind == FileKind::Picture || !is_read);
        }
        let text = held.map_or_else(|| quoted.text.clone(), |held| held.text.chars().take(LONGEST_QUOTE).collect());
        Ok(((!text.trim().is_empty()).then(|| Quoted { text, ..quoted.clone() }), files))
    }

    /// Whether what Telegram knows by this id is an answer that a model wrote, and not Souvenir's own words.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_model_answer(&self, chat: &TelegramChat, telegram_message_id: i64) -> Result<bool> {
        Ok(self.store().is_answer_in_telegram(chat.chat_id, telegram_message_id).await?)
    }
}
