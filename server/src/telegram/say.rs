//! What Souvenir says of its own accord: answers to commands, each once.
//!
//! That an answer goes out is durable before it does, so a crash neither loses the command nor repeats the answer: see
//! [`engine`](crate::engine)'s errands. An answer becomes part of history once it has arrived.

use std::time::Duration;

use souvenir_memory::{ChatId, MessageId};

use super::{
    Door,
    commands::Reply,
    send::{Patience, Setback, Undelivered},
};
use crate::engine::{CommandAnswered, TelegramChat};

impl Door {
    /// Sends a reply of our own and stores it. `command` is what it answers, if it is a command.
    pub(super) async fn say(&self, chat: ChatId, to: &TelegramChat, command: Option<MessageId>, reply: &Reply) {
        let outcome = match self.send(chat, to.clone(), command, reply).await {
            Ok(()) => CommandAnswered::Sent { record: reply.record() },
            Err(error) => {
                tracing::warn!(chat.id = %chat, error = %error, "a reply to a command was not delivered");
                self.note_obstacle(chat, &error).await;
                match error {
                    Undelivered::Unknown(_) => CommandAnswered::Unknown,
                    Undelivered::Stopping => CommandAnswered::NotSent,
                    refused => CommandAnswered::Failed { reason: refused.told() },
                }
            }
        };
        self.settle(chat, command, outcome).await;
    }

    /// Sends it, however long that takes, to where the group has gone if need be. While Telegram makes it wait, the
    /// command is due again.
    async fn send(
        &self,
        chat: ChatId,
        mut to: TelegramChat,
        command: Option<MessageId>,
        reply: &Reply,
    ) -> Result<(), Undelivered> {
        let mut patience = Patience::new();
        loop {
            self.sender.wait_for_place(to.chat_id).await?;
            self.begin(chat, command).await;
            let sent = self.sender.try_note(&to, &reply.markdown, reply.keyboard.clone(), &mut patience).await;
            match sent {
                Ok(()) => return Ok(()),
                Err(Setback::Again { wait, flood }) => {
                    self.settle(chat, command, CommandAnswered::NotSent).await;
                    // A chat that is paused is waited for at the next attempt.
                    self.sender.wait(if flood { Duration::ZERO } else { wait }).await?;
                }
                Err(Setback::Over(Undelivered::Migrated(id))) if id != to.chat_id => {
                    self.migrate(to.chat_id, id).await;
                    to.chat_id = id;
                }
                Err(Setback::Over(error)) => return Err(error),
            }
        }
    }

    async fn begin(&self, chat: ChatId, command: Option<MessageId>) {
        let Some(command) = command else { return };
        if let Err(error) = self.engine.begin_command_answer(command).await {
            // It is sent all the same: who waits for an answer should not wait for a disk.
            tracing::error!(chat.id = %chat, error = %error, "that a command is being answered was not stored");
        }
    }

    /// Records what became of the answer to a command, or of words that answer none.
    pub(super) async fn settle(&self, chat: ChatId, command: Option<MessageId>, outcome: CommandAnswered) {
        let settled = match (command, outcome) {
            (Some(command), outcome) => self.engine.settle_command(chat, command, outcome).await,
            (None, CommandAnswered::Sent { record }) => self.engine.record_own_words(chat, &record).await,
            (None, _) => Ok(()),
        };
        if let Err(error) = settled {
            tracing::error!(chat.id = %chat, error = %error, "a reply to a command was not stored");
        }
    }

    /// Keeps why nothing can be sent to a chat, where that is why something was not sent.
    pub(super) async fn note_obstacle(&self, chat: ChatId, error: &Undelivered) {
        let Some(obstacle) = error.obstacle() else { return };
        if let Err(error) = self.engine.report_unreachable(chat, &obstacle.told()).await {
            tracing::error!(chat.id = %chat, error = %error, "failed to keep that a chat cannot be written to");
        }
    }

    /// A group has become a supergroup.
    pub(super) async fn migrate(&self, from: i64, to: i64) {
        if let Err(error) = self.engine.migrate_telegram_chat(from, to).await {
            tracing::error!(error = %error, "failed to keep the new id of a group");
        }
    }
}
