//! Sending: paced, and tried again where that is safe.
//!
//! - Flood control pauses one chat for the time asked, and the message is sent afterwards.
//! - A request that never left, or that the server says it failed at, is sent again.
//! - A request whose outcome is unknown is not: the message may stand in the chat already.

use std::time::Duration;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use teloxide::{
    payloads::{
        AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageText, EditMessageTextSetters, SendChatAction,
        SendChatActionSetters, SendMessage, SendMessageSetters,
    },
    requests::Payload,
    types::{CallbackQueryId, ChatAction, ChatId, InlineKeyboardMarkup, MessageId, ParseMode, ThreadId},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    abilities::Abilities,
    api::{Api, CallError},
    format,
    obstacle::Obstacle,
    pace::{Backoff, Pace},
};
use crate::engine::TelegramChat;

/// A server that says it failed is asked so many times in all.
const ATTEMPTS_AT_SERVER_ERRORS: u32 = 4;

/// A preview that is not taken by then is as good as lost.
const PREVIEW_PATIENCE: Duration = Duration::from_secs(5);
/// Where others need all the room there is, previews are tried again after this time.
const BUSY: Duration = Duration::from_secs(2);
/// An answer waits so long at most because its preview came too often.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The characters that may be shown over a chat when a button is pressed.
const NOTICE: usize = 200;

/// Sends to all chats of one bot.
pub(super) struct Sender {
    api: Api,
    pace: Pace,
    pub(super) abilities: Abilities,
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
    /// The group is a supergroup now, with this id.
    #[error("the group has become a supergroup")]
    Migrated(i64),
    /// There was nothing to send.
    #[error("it was empty")]
    Empty,
    /// The process stops before Telegram took it.
    #[error("Souvenir stopped before Telegram took it")]
    Stopping,
}

impl Undelivered {
    /// Why nothing can be sent to the chat, where that is the reason.
    pub(super) fn obstacle(&self) -> Option<Obstacle> {
        match self {
            Self::Refused { code, description } => Obstacle::of(*code, description),
            _ => None,
        }
    }

    /// What is wrong, for people.
    pub(super) fn told(&self) -> String {
        self.obstacle().map_or_else(|| self.to_string(), |obstacle| obstacle.told())
    }

    /// Whether another format might be taken.
    pub(super) fn is_about_format(&self) -> bool {
        matches!(self, Self::Refused { code: 400..=499, .. }) && self.obstacle().is_none()
    }
}

/// What to do about a call that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Setback {
    /// Nothing has happened: call again after this time. `flood` when the chat as a whole has to wait.
    Again { wait: Duration, flood: bool },
    /// It is over.
    Over(Undelivered),
}

/// How long one message is tried: for ever, where trying harms nobody and the trouble is not the message's.
#[derive(Debug)]
pub(super) struct Patience {
    backoff: Backoff,
    server_errors: u32,
}

impl Patience {
    /// Nothing has failed yet.
    pub(super) fn new() -> Self {
        Self { backoff: Backoff::new(), server_errors: 0 }
    }

    /// What an error means for the message.
    pub(super) fn after(&mut self, error: CallError) -> Setback {
        match error {
            CallError::TooMany(wait) => Setback::Again { wait, flood: true },
            // A revoked token, or a server that is not up: the message waits until somebody mends that.
            CallError::Unreachable(_) | CallError::Refused { code: 401 | 503, .. } => self.again(),
            CallError::Refused { code: 500 | 502..=599, .. } if self.server_errors + 1 < ATTEMPTS_AT_SERVER_ERRORS => {
                self.server_errors += 1;
                self.again()
            }
            CallError::Unanswered(why) => Setback::Over(Undelivered::Unknown(why)),
            CallError::Migrated(to) => Setback::Over(Undelivered::Migrated(to)),
            CallError::Refused { code, description } => Setback::Over(Undelivered::Refused { code, description }),
        }
    }

    fn again(&mut self) -> Setback {
        Setback::Again { wait: self.backoff.next(), flood: false }
    }
}

/// All that is needed of a message that was sent.
#[derive(Deserialize)]
pub(super) struct Sent {
    pub(super) message_id: i64,
}

impl Sender {
    /// A sender that gives up waiting at `shutdown`.
    pub(super) fn new(api: Api, abilities: Abilities, shutdown: CancellationToken) -> Self {
        Self { api, pace: Pace::new(), abilities, shutdown }
    }

    /// Takes a place in a chat for something that can be left out, if an answer would not wait for it.
    pub(super) fn take_spare(&self, chat: i64) -> bool {
        self.pace.take_spare_in(chat, Instant::now())
    }

    /// Shows what is written so far, once. Nothing is lost when it does not arrive, so it takes no place in the chat's lane;
    /// where the bot as a whole is busy it is left out. A chat that is to wait waits with the answer, too, but not long: a
    /// preview must not keep the answer back.
    pub(super) async fn show<P>(&self, chat: i64, preview: &P) -> Result<(), CallError>
    where
        P: Payload + Serialize,
    {
        if !self.pace.take_spare(Instant::now()) || self.pace.paused_until(chat, Instant::now()).is_some() {
            return Err(CallError::TooMany(BUSY));
        }
        let call = self.api.call::<_, serde_json::Value>(preview);
        let shown = tokio::time::timeout(PREVIEW_PATIENCE, call).await;
        match shown.unwrap_or_else(|_| Err(CallError::Unanswered("timed out".to_owned()))) {
            Err(CallError::TooMany(wait)) => {
                self.pace.pause(chat, wait.min(LONGEST_PAUSE), Instant::now());
                Err(CallError::TooMany(wait))
            }
            shown => shown.map(|_| ()),
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
    pub(super) async fn answer_press(&self, id: &str, text: &str, alert: bool) {
        let mut answer = AnswerCallbackQuery::new(CallbackQueryId(id.to_owned()));
        if !text.is_empty() {
            answer = answer.text(text.chars().take(NOTICE).collect::<String>());
        }
        if alert {
            answer = answer.show_alert(true);
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
        let mut patience = Patience::new();
        loop {
            self.wait_for_place(chat).await?;
            match self.attempt(chat, payload, &mut patience).await {
                Ok(result) => return Ok(result),
                Err(Setback::Again { wait, .. }) => self.wait(wait).await?,
                Err(Setback::Over(error)) => return Err(error),
            }
        }
    }

    /// Makes a call once. A chat that is to wait is paused by it.
    pub(super) async fn attempt<P, T>(&self, chat: i64, payload: &P, patience: &mut Patience) -> Result<T, Setback>
    where
        P: Payload + Serialize,
        T: DeserializeOwned,
    {
        self.api.call(payload).await.map_err(|error| self.after(chat, error, patience))
    }

    /// What an error means for a message. A chat that is to wait is paused by it.
    pub(super) fn after(&self, chat: i64, error: CallError, patience: &mut Patience) -> Setback {
        let setback = patience.after(error);
        if let Setback::Again { wait, flood: true } = setback {
            tracing::info!(wait_s = wait.as_secs(), "Telegram asks to wait with a chat");
            self.pace.pause(chat, wait, Instant::now());
        }
        setback
    }

    /// Whether a message to `chat` would go at once.
    pub(super) fn is_free(&self, chat: i64) -> bool {
        self.pace.is_free(chat, Instant::now())
    }

    /// Waits until a message may go to `chat`.
    pub(super) async fn wait_for_place(&self, chat: i64) -> Result<(), Undelivered> {
        self.wait_until(self.pace.place(chat, Instant::now())).await?;
        // While it waited the chat may have been paused.
        while let Some(until) = self.pace.paused_until(chat, Instant::now()) {
            self.wait_until(until).await?;
        }
        self.wait_until(self.pace.bot_place(Instant::now())).await
    }

    /// Waits, unless the process is to stop.
    pub(super) async fn wait(&self, time: Duration) -> Result<(), Undelivered> {
        self.wait_until(Instant::now() + time).await
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

pub(super) fn thread(to: &TelegramChat) -> Option<ThreadId> {
    // The General topic is the first, and is meant where none is named.
    to.thread_id.filter(|id| *id != 1).and_then(|id| i32::try_from(id).ok()).map(|id| ThreadId(MessageId(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: u16, description: &str) -> CallError {
        CallError::Refused { code, description: description.to_owned() }
    }

    #[test]
    fn what_is_not_the_messages_fault_is_waited_out_however_long() {
        let mut patience = Patience::new();
        let token = refused(401, "Unauthorized");
        for trouble in [CallError::Unreachable("refused".to_owned()), refused(503, "Service Unavailable"), token] {
            for _ in 0..20 {
                assert!(matches!(patience.after(trouble.clone()), Setback::Again { flood: false, .. }));
            }
        }
        let flood = patience.after(CallError::TooMany(Duration::from_secs(7)));
        assert_eq!(flood, Setback::Again { wait: Duration::from_secs(7), flood: true });
    }

    #[test]
    fn a_server_that_fails_at_a_message_is_asked_a_few_times() {
        let mut patience = Patience::new();
        let again =
            (0..10).take_while(|_| matches!(patience.after(refused(500, "oops")), Setback::Again { .. })).count();
        assert_eq!(again, 3);
    }

    #[test]
    fn what_may_have_arrived_is_over() {
        let unanswered = Patience::new().after(CallError::Unanswered("reset".to_owned()));
        assert_eq!(unanswered, Setback::Over(Undelivered::Unknown("reset".to_owned())));
    }

    #[test]
    fn only_a_refused_format_leads_to_another() {
        let about_format = |code: u16, description: &str| {
            Undelivered::Refused { code, description: description.to_owned() }.is_about_format()
        };
        assert!(about_format(400, "Bad Request: can't parse entities: Unsupported start tag"));
        assert!(!about_format(403, "Forbidden: bot was blocked by the user"));
        assert!(!about_format(500, "Internal Server Error"));
    }
}
