//! What happened, for pages and doors that are looking.

use serde::{Deserialize, Serialize};
use souvenir_memory::{ChatId, JobId, MessageId, TurnId};

/// Something that happened in a chat. Serialised as `{"type": "message", …}` for server-sent events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatEvent {
    /// A message was stored: somebody's, or the bot's.
    Message {
        /// The chat.
        chat: ChatId,
        /// The message.
        id: MessageId,
    },
    /// The model began to write.
    TurnStarted {
        /// The chat.
        chat: ChatId,
        /// The turn.
        turn: TurnId,
    },
    /// A piece of the answer being written.
    Delta {
        /// The chat.
        chat: ChatId,
        /// The turn.
        turn: TurnId,
        /// The text to append.
        text: String,
    },
    /// A turn ended, well or not; its record can be read.
    TurnFinished {
        /// The chat.
        chat: ChatId,
        /// The turn.
        turn: TurnId,
        /// `done`, `failed` or `stopped`.
        state: String,
    },
    /// What is known of a reply's way has changed.
    Delivery {
        /// The chat.
        chat: ChatId,
        /// The turn.
        turn: TurnId,
        /// `composed`, `sent`, `unknown` or `failed`.
        state: String,
    },
    /// Facts changed.
    Facts {
        /// The chat.
        chat: ChatId,
    },
    /// A whole-history analysis was begun, got on, or was decided on.
    Analysis {
        /// The chat.
        chat: ChatId,
    },
    /// Episodes or their summaries changed.
    Episodes {
        /// The chat.
        chat: ChatId,
    },
    /// A background job was queued, got on, or ended.
    Job {
        /// The chat.
        chat: ChatId,
        /// The job.
        job: JobId,
        /// `queued`, `running`, `done`, `failed` or `stopped`.
        state: String,
        /// Batches done.
        done: u32,
        /// Batches in all, as far as is known.
        total: u32,
    },
    /// A file is being imported, or was.
    Import {
        /// Always 0: a file may hold many chats.
        chat: ChatId,
        /// The import.
        import: i64,
        /// `queued`, `running`, `done`, `failed` or `stopped`.
        state: String,
        /// Bytes read.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Something was forgotten: whatever is shown of the chat is to be read anew.
    Forgotten {
        /// The chat.
        chat: ChatId,
        /// How many messages were.
        messages: u64,
        /// Whether everything was, or the chat itself.
        whole: bool,
    },
    /// Settings, the session boundary or archive marks changed: tiers are to be read anew.
    Settings {
        /// The chat.
        chat: ChatId,
    },
}

impl ChatEvent {
    /// The chat it happened in.
    #[must_use]
    pub fn chat(&self) -> ChatId {
        match self {
            Self::Message { chat, .. }
            | Self::TurnStarted { chat, .. }
            | Self::Delta { chat, .. }
            | Self::TurnFinished { chat, .. }
            | Self::Delivery { chat, .. }
            | Self::Facts { chat }
            | Self::Analysis { chat }
            | Self::Episodes { chat }
            | Self::Job { chat, .. }
            | Self::Import { chat, .. }
            | Self::Forgotten { chat, .. }
            | Self::Settings { chat } => *chat,
        }
    }

    /// The name of the server-sent event.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::TurnStarted { .. } => "turn_started",
            Self::Delta { .. } => "delta",
            Self::TurnFinished { .. } => "turn_finished",
            Self::Delivery { .. } => "delivery",
            Self::Facts { .. } => "facts",
            Self::Analysis { .. } => "analysis",
            Self::Episodes { .. } => "episodes",
            Self::Job { .. } => "job",
            Self::Import { .. } => "import",
            Self::Forgotten { .. } => "forgotten",
            Self::Settings { .. } => "settings",
        }
    }
}
