//! In groups there are no drafts: an answer that takes its time is shown in a message that is edited as it is written, and
//! that becomes the answer's first part.
//!
//! That message goes out saying nothing, and the database knows of it before it does. So whatever dies, the answer stands in
//! the chat once: the next process finds the message and goes on with it. Edits leave room for the answer itself: none goes
//! out that would make it wait.

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use souvenir_memory::TurnId;
use teloxide::{
    payloads::{DeleteMessage, EditMessageText, EditMessageTextSetters},
    types::{ChatId, MessageId, ParseMode},
};
use tokio::sync::{oneshot, watch};

use super::{
    Door,
    abilities::Ability,
    deliver::Piece,
    preview::Preview,
    rich::EditRichMessage,
    send::{Patience, Sender, Sent, Setback, Undelivered, message},
};
use crate::engine::{TelegramChat, Written};

/// What stands in the message until there is more.
const NOTHING_YET: &str = "…";
/// An answer that is there so soon after its first word is not shown before.
const FIRST_AFTER: Duration = Duration::from_millis(1_500);
/// Edits follow each other no faster; the pace of the group slows them further.
const EVERY: Duration = Duration::from_millis(1_500);
/// Where the group is busy, it is looked again after this time.
const BUSY: Duration = Duration::from_millis(500);

/// How showing something in the message ended.
enum Edit {
    /// It stands there.
    Done,
    /// Perhaps next time.
    Again,
    /// There is no sense in going on.
    GiveUp,
}

impl Preview<'_> {
    /// Goes on until the answer is made or there is no sense in it.
    pub(super) async fn run_in_group(&self) {
        let mut answer = self.door.engine.watch_answer(self.chat);
        let mut shown = String::new();
        let mut stands: Option<i64> = None;
        loop {
            let next = self.next_in_group(&mut answer, &shown);
            let Some(Written { turn: Some(turn), text }) = self.over.run_until_cancelled(next).await else { return };
            let wait = match stands {
                _ if !self.door.sender.take_spare(self.to.chat_id) => BUSY,
                None => match self.open(turn).await {
                    Some(id) => {
                        stands = Some(id);
                        EVERY
                    }
                    None => return,
                },
                Some(id) => match self.edit(id, text.trim()).await {
                    Edit::Done => {
                        shown = text;
                        EVERY
                    }
                    Edit::Again => EVERY,
                    Edit::GiveUp => return,
                },
            };
            if self.over.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return;
            }
        }
    }

    /// What is written, once there is more of it than is shown.
    async fn next_in_group(&self, answer: &mut watch::Receiver<Written>, shown: &str) -> Written {
        loop {
            let is_new = |written: &Written| written.turn.is_some() && written.text.trim() != shown.trim();
            // Without the engine there are no news any more.
            if answer.wait_for(is_new).await.is_err() {
                std::future::pending::<()>().await;
            }
            if shown.is_empty() {
                tokio::time::sleep(FIRST_AFTER).await;
            }
            let written = answer.borrow_and_update().clone();
            if is_new(&written) {
                return written;
            }
        }
    }

    /// Telegram's id of the message that shows the answer: one that a crash left, or a new one.
    ///
    /// Whoever waits for it may have the answer before it arrives, and no use for it any more: then it is taken away again.
    async fn open(&self, turn: TurnId) -> Option<i64> {
        let (engine, chat) = (&self.door.engine, self.chat);
        match engine.message_showing(chat, turn).await {
            Ok(Some(left)) => return Some(left),
            Ok(None) => engine.begin_preview(chat, turn).await.ok()?,
            Err(_) => return None,
        }
        let (arrived, waiting) = oneshot::channel();
        let (sender, to) = (Arc::clone(&self.door.sender), self.to.clone());
        tokio::spawn(async move {
            let opening = message(&to, NOTHING_YET);
            let sent = sender.attempt::<_, Sent>(to.chat_id, &opening, &mut Patience::new()).await;
            let id = sent.ok().map(|sent| sent.message_id);
            if let Err(Some(late)) = arrived.send(id) {
                sender.take_away(&to, late).await;
            }
        });
        let id = waiting.await.ok()?;
        if let Err(error) = engine.settle_preview(chat, id).await {
            tracing::error!(chat.id = %chat, %error, "failed to keep which message shows an answer");
            return None;
        }
        id
    }

    /// Shows a text in the message.
    async fn edit(&self, id: i64, text: &str) -> Edit {
        let Some(piece) = self.door.sender.first_piece(text, self.look) else { return Edit::Again };
        let mut patience = Patience::new();
        match self.door.sender.edit_piece(self.to, id, &piece, &mut patience).await {
            Ok(_) => Edit::Done,
            Err(Setback::Again { .. } | Setback::Over(Undelivered::Unknown(_))) => Edit::Again,
            Err(Setback::Over(error)) => {
                if matches!(piece, Piece::Rich(_)) && error.is_about_format() && !is_gone(&error) {
                    self.look.dislike_rich();
                    return Edit::Again;
                }
                tracing::debug!(chat.id = %self.chat, %error, "an answer being made is not shown any more");
                Edit::GiveUp
            }
        }
    }
}

impl Sender {
    /// Shows a part of an answer in a message that stands already; gives that message's id. Asking twice does no harm.
    pub(super) async fn edit_piece(
        &self,
        to: &TelegramChat,
        id: i64,
        piece: &Piece,
        patience: &mut Patience,
    ) -> Result<i64, Setback> {
        let edited = match piece {
            Piece::Rich(markdown) => {
                let edited = self.edit_by(to, &EditRichMessage::new(to, id, markdown), patience).await;
                // A server before Bot API 10.1 sees no text at all.
                if let Err(Setback::Over(Undelivered::Refused { description, .. })) = &edited
                    && description.contains("text is empty")
                {
                    self.abilities.refused(Ability::RichMessages, 404, description).await;
                }
                edited
            }
            Piece::Html(part) => {
                match self.edit_by(to, &edit(to, id, &part.html()).parse_mode(ParseMode::Html), patience).await {
                    Err(Setback::Over(error)) if error.is_about_format() && !is_gone(&error) => {
                        let text = part.plain().into_iter().next().unwrap_or_default();
                        self.edit_by(to, &edit(to, id, &text), patience).await
                    }
                    other => other,
                }
            }
            Piece::AsItStands(text) => self.edit_by(to, &edit(to, id, text), patience).await,
        };
        edited.map(|()| id)
    }

    /// Deletes a message of ours that says nothing.
    async fn take_away(&self, to: &TelegramChat, id: i64) {
        let delete = DeleteMessage::new(ChatId(to.chat_id), message_id(id));
        if let Err(error) = self.persist::<_, serde_json::Value>(to.chat_id, &delete).await {
            tracing::debug!(%error, "a message without an answer was not deleted");
        }
    }

    async fn edit_by<P>(&self, to: &TelegramChat, payload: &P, patience: &mut Patience) -> Result<(), Setback>
    where
        P: teloxide::requests::Payload + Serialize,
    {
        match self.attempt::<_, serde_json::Value>(to.chat_id, payload, patience).await {
            // It says already what it should.
            Err(Setback::Over(Undelivered::Refused { description, .. })) if description.contains("not modified") => {
                Ok(())
            }
            other => other.map(|_| ()),
        }
    }
}

fn edit(to: &TelegramChat, id: i64, text: &str) -> EditMessageText {
    EditMessageText::new(ChatId(to.chat_id), message_id(id), text)
}

fn message_id(id: i64) -> MessageId {
    MessageId(i32::try_from(id).unwrap_or_default())
}

/// Whether a message cannot be edited because it is not there any more, or is too old.
pub(super) fn is_gone(error: &Undelivered) -> bool {
    let Undelivered::Refused { description, .. } = error else { return false };
    let description = description.to_ascii_lowercase();
    ["message to edit not found", "can't be edited", "message_id_invalid", "message identifier"]
        .iter()
        .any(|words| description.contains(words))
}

impl Door {
    /// Takes away a message that was to show an answer of which nothing came.
    pub(super) async fn tidy(&self, chat: souvenir_memory::ChatId, to: &TelegramChat) {
        if to.private {
            return;
        }
        let Ok(Some(id)) = self.engine.leftover_preview(chat).await else { return };
        self.sender.take_away(to, id).await;
        if let Err(error) = self.engine.settle_preview(chat, None).await {
            tracing::error!(chat.id = %chat, %error, "failed to let go of a message without an answer");
        }
    }
}
