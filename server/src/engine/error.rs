//! What can go wrong for those who ask something of the engine.

use souvenir_memory::{AnalysisId, ChatId, EpisodeId, FactId, JobId, MessageId, ProposalId, TurnId};

use super::spending::Pause;
use crate::store::StoreError;

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no such chat.
    #[error("there is no chat {0}")]
    NoChat(ChatId),
    /// There is no such turn in this chat.
    #[error("there is no turn {0} in this chat")]
    NoTurn(TurnId),
    /// There is no such fact in this chat.
    #[error("there is no fact {0} in this chat")]
    NoFact(FactId),
    /// There is no such message in this chat.
    #[error("there is no message {0} in this chat")]
    NoMessage(MessageId),
    /// There is no such episode in this chat.
    #[error("there is no episode {0} in this chat")]
    NoEpisode(EpisodeId),
    /// There is no such analysis in this chat.
    #[error("there is no analysis {0} in this chat")]
    NoAnalysis(AnalysisId),
    /// There is no such job in this chat.
    #[error("there is no job {0} in this chat")]
    NoJob(JobId),
    /// There is no such import.
    #[error("there is no import {0}")]
    NoImport(i64),
    /// There is no such proposal in this chat, or it has been decided.
    #[error("no proposal {0} waits in this chat")]
    NoProposal(ProposalId),
    /// Only console chats take messages from here.
    #[error("chat {0} is not a console chat: write to it in Telegram")]
    NotConsole(ChatId),
    /// Something given is wrong; the message names the value and the remedy.
    #[error("{message}")]
    Invalid {
        /// The field that is wrong.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// What is asked for does not go with how things are; the message says why.
    #[error("{0}")]
    Conflict(String),
    /// A budget of the day is used too far for what is asked.
    #[error("{0}")]
    Paused(Box<Pause>),
    /// The memory model gave no usable answer; the message is safe to show.
    #[error("{0}")]
    Model(String),
    /// The database failed. To be logged, not shown.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Anything else that should not happen. To be logged, not shown.
    #[error("{0}")]
    Internal(String),
}

impl EngineError {
    /// A wrong value.
    pub fn invalid(field: &'static str, message: impl ToString) -> Self {
        Self::Invalid { field, message: message.to_string() }
    }

    /// Something that does not go with how things are.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict(message.into())
    }
}

/// What the engine's methods give.
pub type Result<T> = std::result::Result<T, EngineError>;
