//! The pictures of a turn: which messages wait until theirs are at hand, and which pictures the budget holds.

use souvenir_memory::{
    ChatId, Encoding, Message, TokenBudget, TokenCount,
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};

use super::Work;
use crate::{
    engine::{Engine, error::Result, files::Shown, settings::Settings},
    llm::tokens::count_off_thread,
};

impl Engine {
    /// Leaves a message whose file is still to be read, and all after it, to the next turn: whoever brought it sees to that. The
    /// first is answered in any case.
    pub(super) async fn leave_unread(&self, chat: ChatId, waiting: &mut Vec<Message>) -> Result<()> {
        if waiting.len() < 2 {
            return Ok(());
        }
        // What was tried in vain is not waited for.
        let due = self.files_due(chat).await?;
        let unread = |message: &Message| due.iter().any(|file| file.message == message.id && file.tries == 0);
        if let Some(first) = waiting.iter().skip(1).position(unread) {
            waiting.truncate(first + 1);
        }
        Ok(())
    }
}

impl Engine {
    /// The raw tokens that pictures may take: three quarters of a request at most, the words of what is answered included.
    pub(in crate::engine) async fn room_for_pictures(
        &self,
        settings: &Settings,
        budget: TokenBudget,
        current: &[Message],
    ) -> Result<TokenCount> {
        let model = &settings.chat_model.value;
        let scale = self.scale(model).await?;
        let limit = TokenCount(scale.raw_limit(budget.hard_limit()).0 / 4 * 3);
        let prompt = count_off_thread(Encoding::of_model(model), &settings.system_prompt.value).await;
        let words: TokenCount = current.iter().map(|message| message.tokens + MESSAGE_OVERHEAD).sum();
        Ok(limit.saturating_sub(prompt + words + MESSAGE_OVERHEAD + ANSWER_PRIMING))
    }
}

impl Work<'_> {
    /// The pictures that go with the messages being answered, as far as there is room.
    pub(super) async fn pictures(&self, budget: TokenBudget) -> Result<Shown> {
        if !self.engine.sees(&self.settings) {
            return Ok(Shown::default());
        }
        let room = self.engine.room_for_pictures(&self.settings, budget, &self.current).await?;
        Ok(self.engine.pictures_of(self.record.id, &self.current, room))
    }
}
