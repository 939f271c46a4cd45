//! What each tier admits: three views over one list, derived by rule.

use serde::{Deserialize, Serialize};

use crate::{Message, MessageId, SessionDuration, Timestamp, manifest::Reason};

/// The view of a chat's messages that a message falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Younger than the session duration and not before `context_start`.
    ShortTerm,
    /// Among the newest that have left `short_term`.
    MidTerm,
    /// Only in the whole history: older, archived, or never context.
    WholeHistory,
}

impl Tier {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ShortTerm => "short_term",
            Self::MidTerm => "mid_term",
            Self::WholeHistory => "whole_history",
        }
    }
}

/// How many messages `mid_term` holds unless set otherwise.
pub const MID_TERM_MESSAGES: usize = 200;

/// What decides where `short_term` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boundary {
    /// How long a message stays.
    pub session: SessionDuration,
    /// The first message after `/reset`; none when nothing was reset.
    pub context_start: Option<MessageId>,
}

impl Boundary {
    /// Whether `message` is in `short_term` at `now`.
    #[must_use]
    pub fn admits(&self, message: &Message, now: Timestamp) -> bool {
        self.exclusion(message, now).is_none()
    }

    /// Why `message` is not in `short_term` at `now`; none when it is.
    ///
    /// Where several reasons hold, the one that would still hold if the others were lifted by a setting is named:
    /// an archived message first, then one that never was conversation, then one before a reset, then one too old.
    #[must_use]
    pub fn exclusion(&self, message: &Message, now: Timestamp) -> Option<Reason> {
        if message.archived_at.is_some() {
            Some(Reason::Archived)
        } else if !message.is_context() {
            Some(Reason::NotConversation)
        } else if self.context_start.is_some_and(|start| message.id < start) {
            Some(Reason::BeforeReset)
        } else if message.at < self.session.start(now) {
            Some(Reason::OlderThanSession { minutes: self.session.minutes() })
        } else {
            None
        }
    }
}

/// The tier of every message of a chat, in the order given.
///
/// `messages` are oldest first; `mid_term` counts at most `mid_size` of those that are context and not in `short_term`.
#[must_use]
pub fn assign(messages: &[Message], boundary: &Boundary, mid_size: usize, now: Timestamp) -> Vec<Tier> {
    let mut room = mid_size;
    let mut tiers: Vec<Tier> = messages
        .iter()
        .rev()
        .map(|message| {
            if boundary.admits(message, now) {
                Tier::ShortTerm
            } else if message.is_context() && room > 0 {
                room -= 1;
                Tier::MidTerm
            } else {
                Tier::WholeHistory
            }
        })
        .collect();
    tiers.reverse();
    tiers
}
