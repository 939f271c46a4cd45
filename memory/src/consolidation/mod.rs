//! Consolidation: turning messages that left `short_term` into an episode's summary and facts.
//!
//! A model proposes, this code decides. [`due`] says which messages are to be read; [`crate::prompt::consolidation`]
//! shows them to the model; [`answer`] reads what it says, strictly; [`decide()`] turns that into [`Change`]s, each
//! operation by the same rules in the same order:
//!
//! 1. every quote is found in the text of a message that a person wrote and that was shown ([`quote`]), or the
//!    operation is refused: no quote, no fact. So it is when nothing of the statement stands in what it cites (`carried`);
//! 2. what a person deleted is not learnt again, neither by its words nor from the place it was learnt from;
//! 3. what is known already is not written twice: its evidence is added;
//! 4. what a person wrote or pinned, and what contradicts a known fact, is left to the owner as a proposal;
//! 5. what somebody else said (a forward, a document, one member of a group about another) waits for the owner, and so does
//!    what its quotes do not plainly carry: other words, a name nobody said, a negation, a question, a wish (`carried`);
//! 6. the rest is written down: a new fact, or a new version of one that closes the old.
//!
//! Nothing is ever erased here, and whatever is refused is recorded with its reason.

pub mod answer;
pub(crate) mod carried;
mod change;
mod contradiction;
pub mod decide;
pub mod due;
pub(crate) mod form;
pub mod key;
mod places;
pub mod quote;
pub(crate) mod rules;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use carried::is_of;
pub use change::{Change, Hold, Proposal, Refusal};
pub use contradiction::contradicts;
pub use decide::{Ground, decide};
pub use places::touched;
pub use quote::Place;

use crate::{Fact, FactKind, GoalState, MessageId, MessageKind, RevisionId, Role, Timestamp, TokenCount, TurnId};

/// A message as consolidation reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utterance {
    /// The message.
    pub message: MessageId,
    /// The revision whose text this is.
    pub revision: RevisionId,
    /// Its turn.
    pub turn: Option<TurnId>,
    /// Who spoke.
    pub role: Role,
    /// What kind.
    pub kind: MessageKind,
    /// The speaker's name.
    pub author: Option<String>,
    /// Whose words they are, when they are not the speaker's own.
    pub borrowed: Option<Borrowed>,
    /// The text.
    pub text: String,
    /// Where the person's words begin in `text`: behind Souvenir's own note about a photo or a file.
    pub words_from: usize,
    /// Tokens of `text` in the memory model's encoding.
    pub tokens: TokenCount,
    /// When it was said.
    pub at: Timestamp,
}

/// Words that a person passed on rather than said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Borrowed {
    /// Forwarded from someone of this name.
    Forward(String),
    /// A file.
    Document,
}

impl Utterance {
    /// Whether a person wrote it.
    #[must_use]
    pub fn is_by_person(&self) -> bool {
        self.role == Role::User && matches!(self.kind, MessageKind::Text | MessageKind::Media)
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Writes a new fact down.
    Add,
    /// Replaces what a fact says.
    Update,
    /// Ends a fact.
    Retract,
}

impl Op {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Retract => "retract",
        }
    }
}

/// A quote as a model gives it, not verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The message it says it is from.
    pub message_id: i64,
    /// The words.
    pub quote: String,
}

/// One operation as a model asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// The fact it is about; none to add one.
    #[serde(default)]
    pub fact_id: Option<i64>,
    /// What the statement is about.
    #[serde(default)]
    pub kind: Option<String>,
    /// Whom it is about.
    #[serde(default)]
    pub subject: Option<String>,
    /// The statement; may be absent when a fact is retracted.
    #[serde(default)]
    pub statement: Option<String>,
    /// Since when it is so, as a date.
    #[serde(default)]
    pub valid_at: Option<String>,
    /// Until when, for goals and tasks, as a date.
    #[serde(default)]
    pub due_at: Option<String>,
    /// How far a goal is.
    #[serde(default)]
    pub goal_state: Option<String>,
    /// What it rests on.
    pub evidence: Vec<Citation>,
    /// What is wrong with its form; it is refused for that. Never a model's to say.
    #[serde(skip)]
    pub unreadable: Option<String>,
}

/// A quote that was found where it was said.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// The message.
    pub message: MessageId,
    /// Its revision.
    pub revision: RevisionId,
    /// The words as they stand there.
    pub quote: String,
    /// The first byte in the revision's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Evidence {
    /// Its place in the text.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { start: self.start, end: self.end }
    }
}

/// What a fact is to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What it is about.
    pub kind: FactKind,
    /// Whom it is about.
    pub subject: Option<String>,
    /// The statement.
    pub text: String,
    /// From when it is true.
    pub valid_at: Option<Timestamp>,
    /// Until when, for goals and tasks.
    pub due_at: Option<Timestamp>,
    /// Goals only.
    pub goal_state: Option<GoalState>,
}

impl From<&Fact> for Statement {
    fn from(fact: &Fact) -> Self {
        Self {
            kind: fact.kind,
            subject: fact.subject.clone(),
            text: fact.statement.clone(),
            valid_at: fact.valid_at,
            due_at: fact.due_at,
            goal_state: fact.goal_state,
        }
    }
}
