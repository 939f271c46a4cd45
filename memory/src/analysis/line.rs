//! The lines of a proposed diff, as a model asks for them and as code lets them stand.

use serde::{Deserialize, Serialize};

use crate::{
    FactId, Timestamp,
    consolidation::{Evidence, Refusal, Statement, key},
};

/// What a line does to facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineOp {
    /// Writes a new fact down.
    Add,
    /// Has a fact say what holds now.
    Update,
    /// Says the same in better words.
    Rephrase,
    /// Makes several facts one.
    Merge,
    /// Ends a fact.
    Retract,
}

impl LineOp {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Rephrase => "rephrase",
            Self::Merge => "merge",
            Self::Retract => "retract",
        }
    }
}

/// A line as a model asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineOperation {
    /// What to do.
    pub op: LineOp,
    /// The facts it is about; the first of several stays.
    #[serde(default)]
    pub fact_ids: Vec<i64>,
    /// What the statement is about.
    #[serde(default)]
    pub kind: Option<String>,
    /// Whom it is about.
    #[serde(default)]
    pub subject: Option<String>,
    /// The statement; may be absent when a fact ends.
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
    /// The findings it rests on, by number from 1; a model may name any number.
    #[serde(default)]
    pub findings: Vec<i64>,
    /// What is wrong with its form; it is refused for that. Never a model's to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

/// A line of the diff: what is to be done, and the words it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What to do.
    pub op: LineOp,
    /// The facts, each with the version this was decided on; the first of several stays.
    pub facts: Vec<(FactId, u32)>,
    /// What is to be said; of a fact that ends, what it said.
    pub statement: Statement,
    /// Whether the first fact keeps its words as they are: a person wrote it, and only the others end.
    #[serde(default)]
    pub kept_as_it_is: bool,
    /// When the newest of the words were said.
    pub said_at: Option<Timestamp>,
    /// The words, verbatim.
    pub evidence: Vec<Evidence>,
}

/// A line that the owner has turned down, or taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// The line.
    pub line: Line,
    /// When.
    pub at: Timestamp,
}

impl Declined {
    /// Whether this keeps a line from being proposed: it is the same wish for the same facts, and nothing was said since.
    #[must_use]
    pub fn forbids(&self, line: &Line) -> bool {
        let facts = |line: &Line| {
            let mut facts: Vec<FactId> = line.facts.iter().map(|(fact, _)| *fact).collect();
            facts.sort_unstable();
            facts
        };
        let says = |line: &Line| key::of(line.statement.subject.as_deref(), &line.statement.text);
        let same = match line.op {
            LineOp::Add | LineOp::Update => says(line) == says(&self.line),
            LineOp::Rephrase | LineOp::Merge | LineOp::Retract => true,
        };
        self.line.op == line.op
            && same
            && facts(&self.line) == facts(line)
            && line.said_at.is_none_or(|said| said <= self.at)
    }
}

/// Why a line was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineRefusal {
    /// For a reason that consolidation knows too.
    #[error("{0}")]
    Rule(#[from] Refusal),
    /// It rests on a finding that is not there.
    #[error("there is no finding {0}")]
    NoFinding(i64),
    /// It names too many facts, or too few.
    #[error("{op} takes {wanted}, and it names {named}")]
    FactCount {
        /// What it does.
        op: &'static str,
        /// How many it takes, in words.
        wanted: &'static str,
        /// How many it names.
        named: usize,
    },
    /// A fact says so already.
    #[error("fact {0} says so already")]
    Known(i64),
    /// Both are a person's words, or pinned.
    #[error("a person wrote or pinned more than one of them")]
    BothClosed,
    /// What it rests on is older than what the fact rests on.
    #[error("it rests on older words than fact {0} does")]
    Older(i64),
    /// It says something that was not said.
    #[error("“{0}” stands neither in the facts nor in their quotes")]
    NotThere(String),
    /// The owner has turned it down.
    #[error("it was turned down before, and nothing was said since")]
    Declined,
}

impl LineRefusal {
    /// Its name on the wire, which repeats nobody's words.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rule(refusal) => refusal.code(),
            Self::NoFinding(_) => "no_finding",
            Self::FactCount { .. } => "fact_count",
            Self::Known(_) => "known",
            Self::BothClosed => "both_closed",
            Self::Older(_) => "older",
            Self::NotThere(_) => "not_there",
            Self::Declined => "declined",
        }
    }

    /// The fact that stands against it.
    #[must_use]
    pub fn fact(&self) -> Option<FactId> {
        match self {
            Self::Known(fact)
            | Self::Older(fact)
            | Self::Rule(Refusal::FactNotShown(fact) | Refusal::NotInForce(fact) | Refusal::SaidBefore(fact)) => {
                Some(FactId(*fact))
            }
            _ => None,
        }
    }
}

/// A line that was refused, without its words: they may be nobody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// What it would have done.
    pub op: LineOp,
    /// The fact it was about, or that stands against it.
    #[serde(default)]
    pub fact: Option<i64>,
    /// Why, by [`LineRefusal::code`].
    pub reason: String,
}

impl RefusedLine {
    /// What is kept of an operation that was refused.
    #[must_use]
    pub fn of(operation: &LineOperation, refusal: &LineRefusal) -> Self {
        let fact = refusal.fact().map(|fact| fact.0).or_else(|| operation.fact_ids.first().copied());
        Self { op: operation.op, fact, reason: refusal.code().to_owned() }
    }
}
