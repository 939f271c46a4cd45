//! The context builder: a snapshot, settings and a moment in; the exact messages to send and their manifest out.
//!
//! The strategy is a frozen prefix and a live tail. Sections stand in order of stability (system prompt, facts,
//! digests, summaries, recent messages, what was recalled for this message, the message itself), so that a provider's
//! cache serves the longest possible prefix. For the same reason recent messages are trimmed with hysteresis: all of
//! them stay while they fit, then a good part goes at once.
//!
//! Room is given out in this order: system prompt and current message at their real size; facts and summaries up
//! to their common cap; recent messages up to their cap; recall from what is unspent; and what recall leaves, to
//! more recent messages. Where the model has a tool, its definition counts like the system prompt, and room for what it
//! finds is kept free.

mod block;
mod build;
mod layout;
mod left_out;
mod recall;
mod recent;
mod sections;
mod validate;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use build::build;
pub use validate::request_tokens;

use crate::{
    EpisodeId, Fact, FactId, Message, MessageId, Role, Scale, SessionDuration, TokenBudget, TokenCount,
    manifest::{Manifest, MessageRange},
};

/// Everything the builder needs to know about one chat at one moment. The store makes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The system prompt in force.
    pub system_prompt: SystemPrompt,
    /// Facts that are active or pending, pinned first, then oldest first.
    pub facts: Vec<Fact>,
    /// The current summaries of closed episodes, oldest first.
    pub summaries: Vec<Summary>,
    /// Digests of whole days, the longest stretch first; empty where the context is not to hold them.
    pub digests: Vec<Digest>,
    /// The newest messages before `current`, oldest first, as many as could matter: to any budget, or since `trim_mark`.
    /// Commands and archived messages may be among them; the builder leaves them out and says so.
    pub messages: Vec<Message>,
    /// The messages being answered, oldest first; empty in a preview without a text.
    pub current: Vec<Message>,
    /// What recall found for `current`, best first.
    pub recalled: Vec<Recalled>,
    /// How well facts match `current`, on the scale of `recalled`: those that find no room among the facts compete there.
    pub fact_scores: BTreeMap<FactId, f64>,
    /// What lies before `messages`, counted but not read.
    pub older: Vec<OlderMessages>,
    /// The first recent message of the last context sent; none after a settings change and in what-if.
    pub trim_mark: Option<MessageId>,
    /// The first message after the last `/reset`.
    pub context_start: Option<MessageId>,
    /// The date, time and zone to tell the model, already in words; none to tell nothing.
    pub clock: Option<String>,
}

/// A system prompt and the hash that names it in manifests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemPrompt {
    /// The text.
    pub text: String,
    /// The SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

/// One version of an episode's summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The episode it condenses.
    pub episode: EpisodeId,
    /// Its version, from 1.
    pub version: u32,
    /// The text.
    pub text: String,
    /// The messages it covers.
    pub covers: MessageRange,
}

/// A digest of some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Its number.
    pub id: i64,
    /// The days it is of, in words: `2026-11-21`.
    pub days: String,
    /// The text.
    pub text: String,
}

/// A message that recall found.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled {
    /// The message.
    pub message: Message,
    /// The day it was said, in words and the chat's zone, to show to the model.
    pub day: String,
    /// How well it matches: 1 for the best match of one request.
    pub score: f64,
}

/// A run of messages that the snapshot counts without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OlderMessages {
    /// First and last.
    pub range: MessageRange,
    /// How many.
    pub count: u32,
    /// Their tokens.
    pub tokens: TokenCount,
    /// Whether they are archived; otherwise they are older than everything in `messages`.
    pub archived: bool,
}

/// The settings that shape a context.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextSettings {
    /// The model to be asked, for the manifest.
    pub model: String,
    /// The window and its reserve.
    pub budget: TokenBudget,
    /// What raw counts are multiplied by for this model.
    pub scale: Scale,
    /// How long a message stays in `short_term`.
    pub session: SessionDuration,
    /// What a tool of the model's takes; none where it has none.
    pub tool: Option<ToolRoom>,
}

/// The room of a tool that the model may call while it answers, in raw tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolRoom {
    /// Its definition, which is part of the request.
    pub definition: TokenCount,
    /// What is kept free for calls and what they come to.
    pub answers: TokenCount,
}

/// One message of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextMessage {
    /// Who speaks.
    pub role: Role,
    /// The exact content.
    pub content: String,
    /// The raw tokens of `content` with [`crate::tokens::MESSAGE_OVERHEAD`].
    pub tokens: TokenCount,
}

/// What is sent to the model, and what is to be remembered of how it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    /// The messages, in order.
    pub messages: Vec<ContextMessage>,
    /// The first recent message, to be stored as the chat's next `trim_mark`; none when there are no recent ones.
    pub trim_mark: Option<MessageId>,
}

/// A message that can never be answered within the budget. It stays stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message has {tokens} tokens, and at most {limit} fit the budget: shorten it, or raise max_context_tokens")]
pub struct MessageTooLarge {
    /// The scaled tokens of the current messages.
    pub tokens: TokenCount,
    /// The scaled tokens they may have.
    pub limit: TokenCount,
}

/// What [`build()`] gives.
pub type Built = Result<(Context, Manifest), MessageTooLarge>;
