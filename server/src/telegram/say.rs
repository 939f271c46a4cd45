//! What Souvenir says of its own accord: answers to commands, each once.
//!
//! That an answer goes out is durable before it does, so a crash neither loses the command nor repeats the answer: see
//! [`engine`](crate::engine)'s errands. An answer becomes part of history once it has arrived.

use std::time::Duration;

use souvenir_memory::{ChatId, MessageId};
use teloxide::types::{ForceReply, ReplyMarkup};

use super::{
    Door,
    format::{self, Part},
    language::Language,
    note::Extras,
    replies,
    reply::Reply,
    send::{Patience, Setback, Undelivered},
};
use crate::engine::{CommandAnswered, TelegramChat};

impl Door {
    /// Sends a reply of our own and stores it. `command` is what it answers, if it is a command.
    pub(super) async fn say(&self, chat: ChatId, to: &TelegramChat, command: Option<MessageId>, reply: &Reply) {
        if reply.markdown.is_empty() {
            return self.let_go(chat, command).await;
        }
        let sent = match &reply.document {
            Some(document) => {
                self.begin(chat, command).await;
                self.send_document(to, document, &format::plain(&reply.markdown)).await
            }
            None => self.send(chat, to.clone(), command, reply).await,
        };
        if let (Some(_), Err(error @ Undelivered::Refused { .. })) = (&reply.document, &sent)
            && error.obstacle().is_none()
        {
            tracing::warn!(chat.id = %chat, %error, "a file was refused");
            let told = replies::files::not_taken(Language::of(to.language.as_deref()));
            return Box::pin(self.say(chat, to, command, &Reply::text(told))).await;
        }
        let outcome = match sent {
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

    /// Sends it part by part, to where the group has gone if need be. Once a part has arrived, what becomes of the others
    /// is in doubt at worst: it is not begun again.
    pub(super) async fn send(
        &self,
        chat: ChatId,
        mut to: TelegramChat,
        command: Option<MessageId>,
        reply: &Reply,
    ) -> Result<(), Undelivered> {
        let parts = format::parts(&reply.markdown);
        let last = parts.len().checked_sub(1).ok_or(Undelivered::Empty)?;
        for (index, part) in parts.iter().enumerate() {
            let markup = markup(reply).filter(|_| index == last);
            let answers = reply.answers.and_then(|id| i32::try_from(id).ok()).filter(|_| index == 0);
            let errand = command.filter(|_| index == 0);
            match self.send_part(chat, &mut to, errand, part, &Extras { markup, answers }).await {
                Err(error) if index > 0 => return Err(Undelivered::Unknown(error.to_string())),
                sent => sent?,
            }
        }
        Ok(())
    }

    /// Sends one part, however long that takes. While Telegram makes it wait, the command is due again.
    async fn send_part(
        &self,
        chat: ChatId,
        to: &mut TelegramChat,
        command: Option<MessageId>,
        part: &Part,
        extras: &Extras,
    ) -> Result<(), Undelivered> {
        let mut patience = Patience::new();
        loop {
            self.sender.wait_for_place(to.chat_id).await?;
            self.begin(chat, command).await;
            match self.sender.try_note(to, part, extras, &mut patience).await {
                Ok(()) => return Ok(()),
                Err(Setback::Again { wait, flood }) => {
                    if command.is_some() {
                        self.settle(chat, command, CommandAnswered::NotSent).await;
                    }
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

    /// A command has its effect, and nothing was said that history should hold.
    pub(super) async fn let_go(&self, chat: ChatId, command: Option<MessageId>) {
        let Some(command) = command else { return };
        if let Err(error) = self.engine.drop_errand(command).await {
            tracing::error!(chat.id = %chat, error = %error, "failed to let go of a command");
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

/// Buttons, or a field to reply in.
fn markup(reply: &Reply) -> Option<ReplyMarkup> {
    let field = |words: &'static str| ReplyMarkup::from(ForceReply::new().input_field_placeholder(words.to_owned()));
    reply.keyboard.clone().map(ReplyMarkup::from).or_else(|| reply.asks.map(field))
}
