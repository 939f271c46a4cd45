//! One turn: from the unanswered messages of a chat to a stored reply.

use souvenir_memory::{ChatId, MessageId, TurnId};

/// A reply on its way out. Holds the chat's turn until it is delivered or dropped.
#[derive(Debug)]
pub struct Answer {
    /// The chat to answer in.
    pub chat: ChatId,
    /// The turn that made it.
    pub turn: TurnId,
    /// The stored reply; none when the turn failed.
    pub message: Option<MessageId>,
    /// What to tell the person: the reply, or what went wrong.
    pub text: String,
    /// Whether the turn failed.
    pub failed: bool,
}

/// How delivering an [`Answer`] went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Sent, as these Telegram messages.
    Sent {
        /// Telegram's ids, in order.
        telegram_message_ids: Vec<i64>,
    },
    /// Shown in the browser or returned by the API.
    Shown,
    /// It may or may not have arrived.
    Unknown,
    /// It did not arrive.
    Failed {
        /// Why, safe to show.
        reason: String,
    },
}
