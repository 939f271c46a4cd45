//! The manifest: the stored record of one context. It names immutable things and never copies their text.

use serde::{Deserialize, Serialize};

use crate::{Encoding, MessageId, Scale, Timestamp, TokenCount};

/// A section of the context. The order is that of the prompt, most stable first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// The system prompt.
    System,
    /// `history_context`: what is remembered as facts.
    Facts,
    /// Summaries of closed episodes.
    Summaries,
    /// `short_term`, word for word.
    Recent,
    /// Found for this message, and the clock.
    Recalled,
    /// The message being answered.
    Current,
}

impl Section {
    /// All, in prompt order.
    pub const ALL: [Self; 6] =
        [Self::System, Self::Facts, Self::Summaries, Self::Recent, Self::Recalled, Self::Current];

    /// Its name on the wire and in class names.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Facts => "facts",
            Self::Summaries => "summaries",
            Self::Recent => "recent",
            Self::Recalled => "recalled",
            Self::Current => "current",
        }
    }
}

/// What a segment or a left-out item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A prompt text, by hash.
    Prompt,
    /// The fixed words around a section's items, and its message overhead.
    Frame,
    /// One version of a fact.
    Fact,
    /// One version of an episode's summary.
    Summary,
    /// A digest of a day or a week.
    Digest,
    /// One revision of a message.
    Message,
    /// The date and time told to the model.
    Clock,
    /// The tokens that prime the answer.
    Priming,
    /// The definition of a tool that the model may call.
    Tool,
    /// A call of it, with the words around what it came to.
    Call,
}

/// What an item names. Every one is immutable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ItemRef {
    /// A message's revision.
    Message {
        /// The message.
        message_id: i64,
        /// Its revision.
        revision_id: i64,
    },
    /// A fact's version.
    Fact {
        /// The fact.
        fact_id: i64,
        /// Its version.
        version: u32,
    },
    /// A summary's version.
    Summary {
        /// The episode.
        episode_id: i64,
        /// The summary's version.
        version: u32,
    },
    /// A digest.
    Digest {
        /// Its number.
        digest_id: i64,
    },
    /// A prompt text.
    Prompt {
        /// The SHA-256 of the text, in hexadecimal.
        sha256: String,
    },
    /// What was here has been forgotten since.
    Forgotten {
        /// Always true.
        forgotten: bool,
    },
}

/// One part of what the model saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Where it stands.
    pub section: Section,
    /// What it is.
    pub kind: ItemKind,
    /// What it names, where it names something.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemRef>,
    /// Raw tokens, message overhead included.
    pub tokens: TokenCount,
    /// Recall only: how well it matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

/// Why something was left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// Older than the session duration.
    OlderThanSession {
        /// The duration, in minutes.
        minutes: u32,
    },
    /// Before the last `/reset`.
    BeforeReset,
    /// Put away by expiry or by hand.
    Archived,
    /// A command or a service message, never shown to a model.
    NotConversation,
    /// No room in its section.
    NoRoom {
        /// The section's cap in raw tokens.
        cap: u32,
    },
    /// Trimmed with the turns before the mark, so that the prompt's start stays the same for a while.
    Trimmed,
    /// Found by recall, but better matches took the room.
    RankedLower {
        /// Its place, from 1.
        rank: u32,
    },
    /// Waits for the owner's decision.
    Pending,
    /// Replaced, retracted or past its validity.
    NotInForce,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OlderThanSession { minutes } if minutes % 60 == 0 => write!(f, "older than {} h", minutes / 60),
            Self::OlderThanSession { minutes } => write!(f, "older than {minutes} min"),
            Self::BeforeReset => f.write_str("before the last reset"),
            Self::Archived => f.write_str("archived"),
            Self::NotConversation => f.write_str("a command, not conversation"),
            Self::NoRoom { cap } => write!(f, "no room: its section holds at most {cap} tokens"),
            Self::Trimmed => f.write_str("trimmed: newer turns fill the section"),
            Self::RankedLower { rank } => write!(f, "number {rank} in recall; better matches took the room"),
            Self::Pending => f.write_str("pending: not accepted yet"),
            Self::NotInForce => f.write_str("no longer in force"),
        }
    }
}

/// First and last of a run of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageRange {
    /// The oldest.
    pub first: MessageId,
    /// The newest.
    pub last: MessageId,
}

/// Something the model did not see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// What it is.
    pub kind: ItemKind,
    /// The one thing left out, or
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub item: Option<ItemRef>,
    /// the run of messages left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<MessageRange>,
    /// How many things.
    pub count: u32,
    /// Their raw tokens.
    pub tokens: TokenCount,
    /// Why.
    pub reason: Reason,
}

/// A section's cap and what was used of it, in raw tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionUse {
    /// Which section.
    pub name: Section,
    /// What it may take. Facts and summaries share one cap.
    pub cap: TokenCount,
    /// What it takes.
    pub used: TokenCount,
}

/// The budget as it was, with what each section used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetUse {
    /// The whole, in scaled tokens.
    pub max_context_tokens: TokenCount,
    /// The reserve: answer and slack.
    pub reserve: TokenCount,
    /// The part of the reserve that is the answer's.
    pub reserve_for_response: TokenCount,
    /// Every section in prompt order.
    pub sections: Vec<SectionUse>,
}

/// Counts of the whole request.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// The sum of all segments.
    pub raw: TokenCount,
    /// What raw counts are multiplied by.
    pub scale: Scale,
    /// The scaled sum.
    pub scaled: TokenCount,
    /// What we expect the provider to report: the scaled sum.
    pub predicted: TokenCount,
    /// What the provider reported; none until it has, or when it does not.
    pub reported: Option<TokenCount>,
    /// How many of those came from the provider's cache.
    pub cached: Option<TokenCount>,
}

/// The record of one context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// How the window was divided.
    pub budget: BudgetUse,
    /// Every part the model saw, in prompt order.
    pub segments: Vec<Segment>,
    /// What it did not see, of what was examined.
    pub left_out: Vec<LeftOut>,
    /// The sums.
    pub totals: Totals,
    /// The model asked.
    pub model: String,
    /// The encoding of the raw counts.
    pub encoding: Encoding,
    /// The session duration in force, in minutes.
    pub session_minutes: u32,
    /// When the context was built.
    pub built_at: Timestamp,
    /// The SHA-256 of the request body as sent, in hexadecimal; none for a preview.
    pub request_sha256: Option<String>,
}

impl Manifest {
    /// Adds what the model was given after the context: parts of the section `recalled`, whose cap grows by as much as it
    /// takes more than it may.
    pub fn append(&mut self, segments: impl IntoIterator<Item = Segment>) {
        for segment in segments {
            if let Some(section) = self.budget.sections.iter_mut().find(|section| section.name == segment.section) {
                section.used += segment.tokens;
                section.cap = section.cap.max(section.used);
            }
            self.totals.raw += segment.tokens;
            self.segments.push(segment);
        }
        self.totals.scaled = self.totals.scale.apply(self.totals.raw);
        self.totals.predicted = self.totals.scaled;
    }

    /// Raw tokens of one section.
    #[must_use]
    pub fn used(&self, section: Section) -> TokenCount {
        self.segments.iter().filter(|segment| segment.section == section).map(|segment| segment.tokens).sum()
    }

    /// Tokens of the window that nothing uses: neither the request nor the reserve.
    #[must_use]
    pub fn free(&self) -> TokenCount {
        self.budget.max_context_tokens.saturating_sub(self.budget.reserve).saturating_sub(self.totals.scaled)
    }
}
