//! Sending: paced, and tried again where that is safe.
//!
//! - Flood control pauses one chat for the time asked, and the message is sent afterwards.
//! - A request that never left, or that the server says it failed at, is sent again.
//! - A request whose outcome is unknown is not: the message may stand in the chat already.

use std::{sync::Mutex, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use teloxide::{
    payloads::{
        AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageText, EditMessageTextSetters, SendChatAction,
        SendChatActionSetters, SendMessage, SendMessageSetters,
    },
    requests::Payload,
    types::{
        CallbackQueryId, ChatAction, ChatId, InlineKeyboardMarkup, LinkPreviewOptions, MessageId, ParseMode, ThreadId,
    },
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    api::{Api, CallError},
    format,
    pace::{Backoff, Pace},
};
use crate::engine::TelegramChat;

/// A server that says it failed is asked so many times in all.
const ATTEMPTS_AT_SERVER_ERRORS: u32 = 4;

/// Replies of Souvenir's own lead nowhere that needs a picture, and a preview would fetch a sign-in link.
const NO_PREVIEW: LinkPreviewOptions = LinkPreviewOptions {
    is_disabled: true,
    url: None,
    prefer_small_media: false,
    prefer_large_media: false,
    show_above_text: false,
};

/// Sends to all chats of one bot.
pub(super) struct Sender {
    api: Api,
    pace: Pace,
    /// When the server was found not to know rich messages.
    pub(super) no_rich_since: Mutex<Option<Instant>>,
    /// Waiting ends when the process is to stop.
    shutdown: CancellationToken,
}

/// Why a message did not arrive, or may not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Undelivered {
    /// It may have arrived.
    #[error("Telegram did not say whether it arrived ({0})")]
    Unknown(String),
    /// Telegram does not take it.
    #[error("Telegram refused it: {description}")]
    Refused {
        /// The error code.
        code: u16,
        /// In Telegram's words.
        description: String,
    },
    /// There was nothing to send.
    #[error("it was empty")]
    Empty,
    /// The process stops before Telegram took it.
    #[error("Souvenir stopped before Telegram took it")]
    Stopping,
}

/// All that is needed of a message that was sent.
#[derive(Deserialize)]
pub(super) struct Sent {
    pub(super) message_id: i64,
}

impl Sender {
    /// A sender that gives up waiting at `shutdown`.
    pub(super) fn new(api: Api, shutdown: CancellationToken) -> Self {
        Self { api, pace: Pace::new(), no_rich_since: Mutex::new(None), shutdown }
    }

    /// Sends a reply of Souvenir's own as one HTML message, with buttons where it has some.
    pub(super) async fn note(
        &self,
        to: &TelegramChat,
        markdown: &str,
        keyboard: Option<InlineKeyboardMarkup>,
    ) -> Result<(), Undelivered> {
        let Some(part) = format::parts(markdown).into_iter().next() else { return Err(Undelivered::Empty) };
        let mut note = message(to, &part.html()).parse_mode(ParseMode::Html).link_preview_options(NO_PREVIEW);
        note.reply_markup = keyboard.map(Into::into);
        match self.persist::<_, Sent>(to.chat_id, &note).await {
            Err(Undelivered::Refused { code: code @ 400..=499, description }) if !is_final(code, &description) => {
                tracing::warn!(telegram.error = description, "Telegram cannot read our HTML; sending plain text");
                note.parse_mode = None;
                note.text = format::plain(markdown);
                self.persist::<_, Sent>(to.chat_id, &note).await.map(|_| ())
            }
            other => other.map(|_| ()),
        }
    }

    /// Replaces the text and the buttons of a reply of Souvenir's own.
    pub(super) async fn edit(
        &self,
        to: &TelegramChat,
        message_id: i32,
        markdown: &str,
        keyboard: InlineKeyboardMarkup,
    ) -> Result<(), Undelivered> {
        let Some(part) = format::parts(markdown).into_iter().next() else { return Err(Undelivered::Empty) };
        let edit = EditMessageText::new(ChatId(to.chat_id), MessageId(message_id), part.html())
            .parse_mode(ParseMode::Html)
            .reply_markup(keyboard);
        match self.persist::<_, serde_json::Value>(to.chat_id, &edit).await {
            // It says already what it should.
            Err(Undelivered::Refused { description, .. }) if description.contains("not modified") => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Ends the waiting of a pressed button. Late or lost, it does not matter.
    pub(super) async fn answer_press(&self, id: &str, text: &str) {
        let mut answer = AnswerCallbackQuery::new(CallbackQueryId(id.to_owned()));
        if !text.is_empty() {
            answer = answer.text(text);
        }
        if let Err(error) = self.api.call::<_, serde_json::Value>(&answer).await {
            tracing::debug!(error = %error, "a pressed button was not answered");
        }
    }

    /// Shows that an answer is being made, for five seconds. Lost, it does not matter; the wait it asks for, if any, does.
    pub(super) async fn typing(&self, to: &TelegramChat) -> Option<Duration> {
        let mut action = SendChatAction::new(ChatId(to.chat_id), ChatAction::Typing);
        if let Some(thread) = thread(to) {
            action = action.message_thread_id(thread);
        }
        match self.api.call::<_, serde_json::Value>(&action).await {
            Err(CallError::TooMany(wait)) => Some(wait),
            _ => None,
        }
    }

    /// Makes a call until it succeeds, is refused, or may have succeeded.
    pub(super) async fn persist<P, T>(&self, chat: i64, payload: &P) -> Result<T, Undelivered>
    where
        P: Payload + Serialize,
        T: DeserializeOwned,
    {
        let mut backoff = Backoff::new();
        let mut server_errors = 0;
        loop {
            self.wait_until(self.pace.place(chat, Instant::now())).await?;
            let error = match self.api.call(payload).await {
                Ok(result) => return Ok(result),
                Err(error) => error,
            };
            match error {
                CallError::TooMany(wait) => {
                    tracing::info!(wait_s = wait.as_secs(), "Telegram asks to wait with a chat");
                    self.pace.pause(chat, wait, Instant::now());
                }
                CallError::Unreachable(_) => self.wait_until(Instant::now() + backoff.next()).await?,
                CallError::Refused { code: 500 | 502..=599, .. } if server_errors + 1 < ATTEMPTS_AT_SERVER_ERRORS => {
                    server_errors += 1;
                    self.wait_until(Instant::now() + backoff.next()).await?;
                }
                CallError::Unanswered(why) => return Err(Undelivered::Unknown(why)),
                CallError::Refused { code, description } => return Err(Undelivered::Refused { code, description }),
            }
        }
    }

    async fn wait_until(&self, time: Instant) -> Result<(), Undelivered> {
        if time <= Instant::now() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep_until(time) => Ok(()),
            () = self.shutdown.cancelled() => Err(Undelivered::Stopping),
        }
    }
}

pub(super) fn message(to: &TelegramChat, text: &str) -> SendMessage {
    let message = SendMessage::new(ChatId(to.chat_id), text);
    match thread(to) {
        Some(thread) => message.message_thread_id(thread),
        None => message,
    }
}

fn thread(to: &TelegramChat) -> Option<ThreadId> {
    to.thread_id.and_then(|id| i32::try_from(id).ok()).map(|id| ThreadId(MessageId(id)))
}

/// Whether no other format could change the refusal.
pub(super) fn is_final(code: u16, description: &str) -> bool {
    const HOPELESS: [&str; 5] = ["chat not found", "blocked", "deactivated", "kicked", "peer_id_invalid"];
    let description = description.to_ascii_lowercase();
    matches!(code, 401 | 403) || HOPELESS.iter().any(|words| description.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_cannot_be_reached_is_given_up() {
        assert!(is_final(403, "Forbidden: bot was blocked by the user"));
        assert!(is_final(400, "Bad Request: chat not found"));
        assert!(!is_final(400, "Bad Request: can't parse entities: Unsupported start tag"));
        assert!(!is_final(404, "Not Found: method not found"));
    }
}
