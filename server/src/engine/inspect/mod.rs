//! Reads for pages and the API: chats, messages by tier, turns with their manifests, and what the next reply would see.
//!
//! Previews and replays call the same builder as the reply path; nothing here changes anything.

mod chats;
mod delivery;
mod expense;
mod messages;
mod previews;
mod reach;
mod texts;
mod turns;
mod usage;

use souvenir_memory::{
    ChatId, DeliveryState, MessageId, MessageKind, NanoUsd, Role, SessionDuration, Source, Tier, Timestamp, TokenCount,
    TurnId, context::ContextMessage, expense::LEAST_CACHED, manifest::Manifest,
};

use super::{Engine, TelegramChat, settings::Settings};
use crate::llm::Usage;
pub use crate::store::{ChatKind, EpisodeSpan, SearchOutcome, TurnRecord, TurnState, Unreachable};
pub use delivery::{DeliveredPart, DeliveryDetail};
pub use expense::CostReason;
pub use reach::{InReach, LastRecalled};
pub use usage::{ModelScale, Percentiles, Spent, UsageBy, UsageGroup, UsageQuery, UsageReport};

/// Messages and tokens of one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierCount {
    /// How many messages.
    pub messages: u64,
    /// Their tokens, without overhead.
    pub tokens: u64,
}

/// What each tier holds. The whole history holds the archived messages too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierCounts {
    /// Younger than the session duration.
    pub short_term: TierCount,
    /// The newest that left it.
    pub mid_term: TierCount,
    /// All of them.
    pub whole_history: TierCount,
    /// Those put away.
    pub archived: TierCount,
}

/// The newest message of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastMessage {
    /// Who spoke.
    pub role: Role,
    /// The speaker's name.
    pub author: Option<String>,
    /// The text.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// A chat in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatSummary {
    /// Its number.
    pub id: ChatId,
    /// Its title.
    pub title: String,
    /// What kind.
    pub kind: ChatKind,
    /// The newest message.
    pub last: Option<LastMessage>,
    /// Rows of history, commands included.
    pub messages: u64,
    /// What each tier holds.
    pub tiers: TierCounts,
    /// What the next reply would see, without its message.
    pub next_context: Manifest,
    /// Facts that are not deleted.
    pub facts: u64,
    /// Goals that are open.
    pub open_goals: u64,
    /// Prompt and answer tokens of this month.
    pub month_tokens: u64,
    /// This month's cost in dollars; none when a price is not known.
    pub month_cost_usd: Option<f64>,
    /// Why nothing can be sent to it.
    pub unreachable: Option<Unreachable>,
    /// The time zone its times are shown in.
    pub time_zone: String,
    /// When it began.
    pub created_at: Timestamp,
}

/// A chat with everything its overview shows.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatDetail {
    /// As in the list.
    pub summary: ChatSummary,
    /// Its settings.
    pub settings: Settings,
    /// Telegram's view of it.
    pub telegram: Option<TelegramChat>,
    /// How many episodes.
    pub episodes: u64,
    /// How many turns.
    pub turns: u64,
    /// Where `short_term` begins now.
    pub short_term_since: Timestamp,
    /// When its first message was said.
    pub first_message_at: Option<Timestamp>,
    /// When the oldest message of `mid_term` was said.
    pub mid_term_since: Option<Timestamp>,
    /// Messages per slice of time from the first to now: start, number, and how many were put away; finer slices in nearer
    /// tiers.
    pub histogram: Vec<(Timestamp, u32, u32)>,
    /// The newest episodes, newest first.
    pub episode_spans: Vec<EpisodeSpan>,
    /// How its messages can reach the next reply.
    pub in_reach: InReach,
    /// What recall brought for the newest reply; none before the first.
    pub last_recalled: Option<LastRecalled>,
}

/// Which messages to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessageQuery {
    /// Only this tier.
    pub tier: Option<Tier>,
    /// Only archived, or only those that are not.
    pub archived: Option<bool>,
    /// Only before this message.
    pub cursor: Option<MessageId>,
    /// At most so many; 50 when zero, never over 500.
    pub limit: u32,
}

/// A message with its tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageItem {
    /// Its number.
    pub id: MessageId,
    /// Who spoke.
    pub role: Role,
    /// The speaker's name.
    pub author: Option<String>,
    /// What kind.
    pub kind: MessageKind,
    /// The text.
    pub text: String,
    /// Its tokens.
    pub tokens: TokenCount,
    /// When it was said.
    pub at: Timestamp,
    /// Its tier now.
    pub tier: Tier,
    /// When it was put away.
    pub archived_at: Option<Timestamp>,
    /// Its turn.
    pub turn: Option<TurnId>,
    /// The door it came through.
    pub source: Source,
    /// Telegram's id of it.
    pub telegram_message_id: Option<i64>,
    /// What became of it when it was to be sent and is not known to have arrived; of a command, what became of its answer.
    pub delivery: Option<DeliveryState>,
    /// Why it did not arrive.
    pub delivery_error: Option<String>,
    /// Whether it is an answer that a person stopped.
    pub stopped: bool,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next_cursor: Option<i64>,
}

/// Other settings to try, and a message to try them with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatIf {
    /// Another session duration.
    pub session_duration: Option<SessionDuration>,
    /// Another window.
    pub max_context_tokens: Option<u32>,
    /// The message to answer.
    pub text: Option<String>,
}

/// A context that was not sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Its manifest.
    pub manifest: Manifest,
    /// The text of each segment, in the same order.
    pub texts: Vec<ItemText>,
    /// The text of each thing left out, where it is one thing.
    pub left_out_texts: Vec<Option<String>>,
    /// The request's messages.
    pub messages: Vec<ContextMessage>,
}

/// The text behind an item of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemText {
    /// What it is, in few words: `message 12`, `fact 3 v2`, `clock`.
    pub label: String,
    /// Its text; empty for frames, or when it has been forgotten.
    pub text: String,
    /// Who said it.
    pub author: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A turn in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnItem {
    /// The record.
    pub record: TurnRecord,
    /// What was said, the burst in one; empty when it was forgotten, or belongs to another turn now.
    pub question: String,
    /// The turn that answered the same words anew.
    pub answered_anew: Option<TurnId>,
    /// What was answered.
    pub answer: Option<String>,
    /// What it cost in dollars.
    pub cost_usd: Option<f64>,
}

/// A turn with everything known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnDetail {
    /// As in the list.
    pub item: TurnItem,
    /// Its messages.
    pub messages: Vec<MessageItem>,
    /// What the model saw.
    pub manifest: Option<Manifest>,
    /// The text of each segment.
    pub texts: Vec<ItemText>,
    /// The text of each thing left out.
    pub left_out_texts: Vec<Option<String>>,
    /// What the model looked for while it answered.
    pub searches: Vec<SearchItem>,
    /// What it cost in its parts, in dollars: the prompt's new tokens, those from the cache, the answer.
    pub cost_parts_usd: Option<[f64; 3]>,
    /// Why it cost more than it should, what weighs most first.
    pub cost_reasons: Vec<CostReason>,
    /// The way of its reply; none when it was shown, or there was nothing to send.
    pub delivery: Option<DeliveryDetail>,
    /// The settings as they were.
    pub settings: Settings,
    /// The turn before.
    pub previous: Option<TurnId>,
    /// The turn after.
    pub next: Option<TurnId>,
}

/// What the model looked for, with what it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchItem {
    /// What it looked for; none when that could not be read, or was forgotten.
    pub query: Option<String>,
    /// What came of it.
    pub outcome: SearchOutcome,
    /// What it was shown, best first; none for what was forgotten since.
    pub found: Vec<Option<FoundItem>>,
    /// Raw tokens of the call and of what it came to.
    pub tokens: TokenCount,
}

/// A message that the model was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundItem {
    /// The message.
    pub message: MessageId,
    /// Who spoke.
    pub role: Role,
    /// The speaker's name.
    pub author: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The text as it is now.
    pub text: String,
}

impl Engine {
    /// What so many tokens of a prompt cost with a model, in dollars, where no cache serves them; none when the price is not
    /// known.
    #[must_use]
    pub fn prompt_cost_usd(&self, model: &str, tokens: u32) -> Option<f64> {
        self.request_cost_usd(model, tokens, 0)
    }

    /// What a request of so many tokens costs, where a cache serves the first `known` of them, if caches keep so few.
    #[must_use]
    pub fn request_cost_usd(&self, model: &str, tokens: u32, known: u32) -> Option<f64> {
        let cached = (known >= LEAST_CACHED).then_some(TokenCount(known));
        let usage = Usage { prompt: TokenCount(tokens), cached, ..Usage::default() };
        self.cost(model, usage).map(NanoUsd::as_usd)
    }

    /// What a turn cost in its parts, in dollars: the prompt's new tokens, those from the cache, the answer. None when the
    /// price is not known, was another then, or when more than one request was paid for.
    pub(super) fn cost_parts_usd(&self, turn: &TurnRecord) -> Option<[f64; 3]> {
        let usage = Usage { prompt: turn.reported?, cached: turn.cached, completion: turn.completion? };
        let parts = self.prices().parts(turn.model.as_deref()?, usage)?;
        let whole = parts.iter().copied().sum::<NanoUsd>();
        (i64::try_from(whole.0).ok() == turn.cost_nanousd).then(|| parts.map(NanoUsd::as_usd))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a cost of 2^53 billionths of a dollar is out of reach")]
fn dollars(nanousd: i64) -> f64 {
    nanousd as f64 / 1_000_000_000.0
}
