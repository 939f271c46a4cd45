//! A summary in the owner's words, with a receipt like any other.

use souvenir_memory::{
    ChatId, Encoding, EpisodeId,
    receipt::{Receipt, lost},
};

use super::consolidate::told;
use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result},
    llm::tokens::count_off_thread,
};

/// The longest summary, in characters.
const LONGEST: usize = 8_000;

impl Engine {
    /// Puts a summary by hand in the place of the one in force. The old version is kept; contexts hold the new one from the
    /// next reply on.
    ///
    /// # Errors
    /// [`EngineError::NoEpisode`]; [`EngineError::Invalid`] for an unusable text, or when there is no summary to rewrite.
    pub async fn rewrite_summary(&self, chat: ChatId, episode: EpisodeId, text: &str) -> Result<()> {
        // What is read of the messages here must not be written back after one was forgotten.
        let _forgetting = self.inner.forgetting.read().await;
        self.record(chat).await?;
        self.store().episode(chat, episode).await?.ok_or(EngineError::NoEpisode(episode))?;
        let text = text.trim();
        match text.chars().count() {
            0 => return Err(EngineError::invalid("text", "The summary is empty: write what is to be remembered.")),
            1..=LONGEST => {}
            long => {
                let why = format!("The summary has {long} characters: use at most {LONGEST}.");
                return Err(EngineError::invalid("text", why));
            }
        }
        let none = || EngineError::invalid("text", format!("episode {episode} has no summary to rewrite"));
        let (first, through, version) = self.store().summary_range(episode).await?.ok_or_else(none)?;
        let encoding = Encoding::of_model(&self.settings(Some(chat)).await?.chat_model.value);
        let covered = self.read(chat, (first, through), encoding).await?;
        let receipt = Receipt {
            tokens_before: covered.iter().map(|utterance| utterance.tokens).sum(),
            tokens_after: count_off_thread(encoding, text).await,
            lost: lost(told(&covered), text),
        };
        if !self.store().rewrite_summary(episode, version, (text, &receipt), self.now()).await? {
            return Err(EngineError::conflict("Another summary was written meanwhile: look at it first."));
        }
        self.emit(ChatEvent::Episodes { chat });
        Ok(())
    }
}
