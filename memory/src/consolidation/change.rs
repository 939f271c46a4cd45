//! What is done about an operation: a change, a proposal to the owner, or nothing, each with its reason.

use serde::{Deserialize, Serialize};

use super::{Evidence, Op, Statement};
use crate::{FactId, FactStatus, Timestamp};

/// Why something waits for the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Hold {
    /// It stands in a message that was forwarded from someone else.
    Forwarded,
    /// It stands in a file.
    Document,
    /// A member of the group said it of another person.
    AboutAnother,
    /// It contradicts another operation of the same answer.
    ContradictsOperation {
        /// The number of that operation, from 1.
        operation: usize,
    },
    /// It contradicts what is known.
    Contradicts,
    /// The fact is pinned.
    Pinned,
    /// A person wrote the fact.
    HandEdited,
    /// It names something that nobody said.
    NotThere {
        /// The name, the number, the date or the link.
        thing: String,
    },
    /// It is said in other words than what it cites.
    OtherWords,
    /// A negation stands in what it cites and not in it, or the other way round.
    Negation,
    /// It was asked, not said.
    Question,
    /// It was wished, planned, or said on a condition.
    Wish,
    /// It has nothing to do with the fact that it would change.
    OtherFact,
}

impl std::fmt::Display for Hold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Forwarded => f.write_str("it stands in a forwarded message"),
            Self::Document => f.write_str("it stands in a document"),
            Self::AboutAnother => f.write_str("one person said it of another"),
            Self::ContradictsOperation { operation } => {
                write!(f, "it contradicts what else was learnt (operation {operation})")
            }
            Self::Contradicts => f.write_str("it contradicts a known fact"),
            Self::Pinned => f.write_str("the fact is pinned"),
            Self::HandEdited => f.write_str("a person wrote the fact"),
            Self::NotThere { thing } => write!(f, "nobody said “{thing}” there"),
            Self::OtherWords => f.write_str("it says so in other words than the quote"),
            Self::Negation => f.write_str("one of them denies it, the quote or the statement"),
            Self::Question => f.write_str("it was asked, not said"),
            Self::Wish => f.write_str("it was said as a wish, a plan or a condition"),
            Self::OtherFact => f.write_str("it is not about what the fact says"),
        }
    }
}

/// Why an operation was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has not the form asked for.
    #[error("it has not the form asked for: {0}")]
    Unreadable(String),
    /// It cites nothing.
    #[error("it cites no message: no quote, no fact")]
    NoEvidence,
    /// It cites a message that was not shown.
    #[error("message {0} was not among those shown")]
    NotShown(i64),
    /// It cites a message of the bot, or a command.
    #[error("message {0} was not written by a person")]
    NotByPerson(i64),
    /// The words are not there.
    #[error("the quote does not stand in message {0}")]
    NotSaid(i64),
    /// The words that are cited have nothing to do with it.
    #[error("none of its words stand in what it cites")]
    NotCarried,
    /// The statement is unusable.
    #[error("{0}")]
    Statement(#[from] crate::fact::InvalidStatement),
    /// No fact is named.
    #[error("it names no fact")]
    NoFact,
    /// The fact named was not shown.
    #[error("fact {0} was not among those shown")]
    FactNotShown(i64),
    /// The fact is no longer in force.
    #[error("fact {0} is no longer in force")]
    NotInForce(i64),
    /// What the fact rests on was said later.
    #[error("fact {0} rests on what was said later")]
    SaidBefore(i64),
    /// Its words were deleted by a person.
    #[error("a person deleted this statement")]
    Tombstoned,
    /// It rests on words that a deleted fact rested on.
    #[error("a person deleted a fact that rested on the same words of message {0}")]
    SpanTombstoned(i64),
    /// The same answer has it already.
    #[error("operation {0} says the same")]
    Repeats(usize),
    /// The same answer does something else to the same fact.
    #[error("operation {0} changes the same fact")]
    ChangesAgain(usize),
    /// The same proposal waits already.
    #[error("the same waits for the owner already")]
    WaitsAlready,
}

impl Refusal {
    /// Its name on the wire, which repeats nobody's words.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::NoEvidence => "no_evidence",
            Self::NotShown(_) => "not_shown",
            Self::NotByPerson(_) => "not_by_person",
            Self::NotSaid(_) => "not_said",
            Self::NotCarried => "not_carried",
            Self::Statement(_) => "statement",
            Self::NoFact => "no_fact",
            Self::FactNotShown(_) => "fact_not_shown",
            Self::NotInForce(_) => "not_in_force",
            Self::SaidBefore(_) => "said_before",
            Self::Tombstoned => "deleted",
            Self::SpanTombstoned(_) => "span_deleted",
            Self::Repeats(_) => "repeats",
            Self::ChangesAgain(_) => "changes_again",
            Self::WaitsAlready => "waits_already",
        }
    }
}

/// What is to be done about one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Write a fact down.
    Add {
        /// What it says.
        statement: Statement,
        /// Active, or pending.
        status: FactStatus,
        /// Why it is pending.
        hold: Option<Hold>,
        /// What it rests on.
        evidence: Vec<Evidence>,
    },
    /// Nothing new: the evidence, if there is any more, goes to the fact.
    Confirm {
        /// The fact.
        fact: FactId,
        /// The evidence it did not have.
        evidence: Vec<Evidence>,
    },
    /// Close the fact's version and open the next.
    Update {
        /// The fact.
        fact: FactId,
        /// What it says from now on.
        statement: Statement,
        /// What that rests on.
        evidence: Vec<Evidence>,
    },
    /// End the fact.
    Retract {
        /// The fact.
        fact: FactId,
        /// Since when it is no longer so.
        invalid_at: Option<Timestamp>,
        /// What that rests on.
        evidence: Vec<Evidence>,
    },
    /// Ask the owner.
    Propose(Proposal),
    /// Do nothing.
    Refuse(Refusal),
}

/// A change that waits for the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The fact that would change.
    pub fact: FactId,
    /// Its version when this was proposed.
    pub version: u32,
    /// What would be done to it: an update or a retraction.
    pub op: Op,
    /// What it would say.
    pub statement: Statement,
    /// Why the owner is asked.
    pub hold: Hold,
    /// What the change rests on.
    pub evidence: Vec<Evidence>,
}
