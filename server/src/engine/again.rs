//! Answering anew: a question once more, or a question that was changed.
//!
//! Nothing is lost by it: the answer before is put away (the dashboard brings it back), and a changed message keeps every
//! wording it had as a revision.

use souvenir_memory::{ChatId, Encoding, MessageId, media::File};

use super::{ChatEvent, Engine, TelegramChat, error::Result, recall::index_terms};
use crate::{llm::tokens::count_off_thread, store::Revised};

/// A message that was changed after it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Its chat.
    pub chat: ChatId,
    /// The message.
    pub message: MessageId,
    /// Whether it was answered as it stood before, and nobody has said anything since: then another answer makes sense.
    pub worth_answering: bool,
}

impl Engine {
    /// Has the last question of a chat answered anew: `asked`, or whichever it is. The answer before is put away. False when
    /// there is nothing to answer anew. The answer itself is for [`Engine::answer_by`] to make.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](super::EngineError::NoChat), or when the database fails.
    pub async fn retry(&self, chat: ChatId, asked: Option<MessageId>) -> Result<bool> {
        self.record(chat).await?;
        let _turn = self.slot(chat).turn.clone().lock_owned().await;
        if !self.store().unanswered(chat).await?.is_empty() {
            // It waits for an answer already, by an earlier wish of the same kind, say.
            return Ok(true);
        }
        let Some(last) = self.store().last_turn(chat).await? else { return Ok(false) };
        if asked.is_some_and(|message| !last.asked.contains(&message)) {
            return Ok(false);
        }
        if let Some(reply) = last.reply {
            self.store().archive(chat, &[reply], true, self.now()).await?;
        }
        self.store().ask_again(chat, last.turn).await?;
        self.slot(chat).wait_since(self.now());
        self.emit(ChatEvent::Settings { chat });
        Ok(true)
    }

    /// Keeps a new wording of a message that a person changed in Telegram. None when it is none of ours, or says what it
    /// said before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revise(
        &self,
        to: &TelegramChat,
        telegram_message_id: i64,
        (text, file): (&str, Option<&File>),
    ) -> Result<Option<Edited>> {
        let Some(chat) = self.store().telegram_chat_id(to.chat_id, to.thread_id).await? else { return Ok(None) };
        let said = self.store().rephrased(chat, telegram_message_id, text, file).await?;
        let Some((message, text)) = said else { return Ok(None) };
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let tokens = count_off_thread(encoding, &text).await;
        let revised = self.store().revise(chat, message, &text, (encoding, tokens), self.now()).await?;
        let Some(revised) = revised else { return Ok(None) };
        self.follow_revision(chat, revised, &text).await?;
        Ok(Some(Edited { chat, message, worth_answering: revised.answered && revised.is_last }))
    }

    /// A message says something else now: it is found by that, in words and in meaning, and pages show it.
    pub(super) async fn follow_revision(&self, chat: ChatId, revised: Revised, text: &str) -> Result<()> {
        let Revised { message, ordinal, .. } = revised;
        let Some(spoken) = self.store().spoken(chat, message).await? else { return Ok(()) };
        let zone = self.settings_at(Some(chat), self.now()).await?.zone();
        // Nobody indexes it at the same time.
        let _alone = self.inner.upkeep.following().await;
        let terms = index_terms(text, spoken.author.as_deref(), spoken.at, &zone).await;
        self.store().index_again(chat, ordinal, &terms).await?;
        self.inner.vectors.nudge();
        self.emit(ChatEvent::Settings { chat });
        Ok(())
    }
}
