//! Messages and the ids that everything else refers to.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, TokenCount};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(/** Souvenir's own number of a chat; Telegram's ids are fields of it. */ ChatId);
id!(/** One message. Ids grow with time across the whole database; those of imported messages are below zero. */ MessageId);
id!(/** One version of a message's text. */ RevisionId);
id!(/** One turn: a user message, or a burst of them, and its answer. */ TurnId);
id!(/** One episode: a run of turns without a long pause. */ EpisodeId);
id!(/** One analysis of a chat's whole history. */ AnalysisId);
id!(/** A piece of background work. */ JobId);
id!(/** A change that waits for the owner. */ ProposalId);
pub(crate) use id;

/// Who speaks, in the words of the chat-completions protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A person.
    User,
    /// The bot.
    Assistant,
    /// Souvenir itself, to the model.
    System,
    /// The result of a tool the model called.
    Tool,
}

/// What a message is. Only [`MessageKind::Text`] and [`MessageKind::Media`] are ever shown to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Something said.
    Text,
    /// A command to the bot or the bot's answer to one: stored, never context, never evidence.
    Command,
    /// A photo, voice note or file, described in words.
    Media,
    /// Something that happened: a member joined, a title changed.
    Service,
}

/// Where a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A Telegram chat.
    Telegram,
    /// The dashboard's console or the HTTP API.
    Console,
    /// An imported export.
    Import,
}

/// One message as the context builder sees it: the newest revision of a stored row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// The revision whose text this is.
    pub revision: RevisionId,
    /// The turn it belongs to; none until it is being answered.
    pub turn: Option<TurnId>,
    /// Who spoke.
    pub role: Role,
    /// The speaker's name as they give it; none for the bot.
    pub author: Option<String>,
    /// What kind of message.
    pub kind: MessageKind,
    /// The text, verbatim.
    pub text: String,
    /// Tokens of `text` in the chat model's encoding, without the overhead of a message.
    pub tokens: TokenCount,
    /// When it was said.
    pub at: Timestamp,
    /// When it was put away, if it was.
    pub archived_at: Option<Timestamp>,
}

impl Message {
    /// Whether a model may ever see this message.
    #[must_use]
    pub fn is_context(&self) -> bool {
        self.archived_at.is_none() && matches!(self.kind, MessageKind::Text | MessageKind::Media)
    }
}
