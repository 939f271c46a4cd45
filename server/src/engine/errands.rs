//! Errands: a command that was stored is carried out once, whatever dies in between.
//!
//! What a command does can be done twice without harm, so until its answer goes out it is simply done again after a
//! crash. From then on it is not: the answer may have arrived. An answer becomes part of history once it has arrived.

use souvenir_memory::{ChatId, MessageId, MessageKind};

use super::{ChatEvent, Engine, TelegramChat, error::Result, own_words, telegram_of};
use crate::store::{ErrandOutcome, Mark};

/// A command that the last process did not get to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Its chat.
    pub chat: ChatId,
    /// Telegram's view of that.
    pub to: TelegramChat,
    /// Its message.
    pub command: MessageId,
    /// What was said.
    pub text: String,
    /// The speaker's Telegram id.
    pub user: i64,
}

/// What became of the answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandAnswered {
    /// It arrived.
    Sent {
        /// What is kept of it.
        record: String,
    },
    /// It may or may not have arrived.
    Unknown,
    /// It was refused.
    Failed {
        /// Why, in plain words.
        reason: String,
    },
    /// It did not go out, and is due again at the next start.
    NotSent,
}

impl Engine {
    /// Commands that were stored and not carried out, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn errands(&self) -> Result<Vec<Errand>> {
        let mut errands = Vec::new();
        for due in self.store().errands_due().await? {
            let to = self.record(due.chat).await.ok().as_ref().and_then(telegram_of);
            let Some((to, user)) = to.zip(due.author_id) else { continue };
            errands.push(Errand { chat: due.chat, to, command: due.command, text: due.text, user });
        }
        Ok(errands)
    }

    /// Marks durably that the answer to a command goes out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_command_answer(&self, command: MessageId) -> Result<()> {
        Ok(self.store().begin_command_answer(command, self.now()).await?)
    }

    /// Records what became of the answer to a command.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_command(&self, chat: ChatId, command: MessageId, outcome: CommandAnswered) -> Result<()> {
        let at = self.now();
        let outcome = match outcome {
            CommandAnswered::Sent { record: text } => {
                let record = self.record(chat).await?;
                let answer = own_words(&record, MessageKind::Command, &text, at);
                let id = self.store().end_errand(command, &answer, at).await?;
                self.emit(ChatEvent::Message { chat, id });
                return Ok(());
            }
            CommandAnswered::Unknown => ErrandOutcome::Unknown,
            CommandAnswered::Failed { reason } => ErrandOutcome::Failed(reason),
            CommandAnswered::NotSent => ErrandOutcome::Due,
        };
        self.mark(Mark::Errand { command, outcome, at });
        Ok(())
    }

    /// Nothing is to be done about a command any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_errand(&self, command: MessageId) -> Result<()> {
        Ok(self.store().forget_errand(command).await?)
    }
}
