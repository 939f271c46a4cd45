//! Facts: the atomic statements of `history_context`, and the rules that decide what may be done to one.
//!
//! The owner's word is final: a fact that a person wrote, edited or pinned is never changed by a model, and a
//! deleted one leaves a tombstone. Everything else is versioned: a change closes a version and opens the next.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    message::{ChatId, id},
};

id!(/** One fact, through all its versions. */ FactId);

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name on the wire and in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(UnknownName { value: other.to_owned(), allowed: [$($text),+].join(", ") }),
                }
            }
        }
    };
}

/// A name that is not one of a closed set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{value}” is not known: use one of {allowed}")]
pub struct UnknownName {
    /// What was given.
    pub value: String,
    /// What may be given.
    pub allowed: String,
}

names!(
    /// What a fact is about.
    FactKind {
        /// Who someone is.
        Identity = "identity",
        /// What someone likes or wants.
        Preference = "preference",
        /// How people relate.
        Relationship = "relationship",
        /// Something to be achieved; has a state and may have a due date.
        Goal = "goal",
        /// Something that happens at a time.
        Event = "event",
        /// Something to be done.
        Task = "task",
        /// Anything else.
        Other = "other",
    }
);

names!(
    /// Where a fact stands. Only active facts enter a context.
    FactStatus {
        /// In force.
        Active = "active",
        /// Waits for the owner.
        Pending = "pending",
        /// Replaced by a newer fact.
        Superseded = "superseded",
        /// No longer true.
        Retracted = "retracted",
        /// Deleted by a person; not to be learnt again.
        Tombstoned = "tombstoned",
    }
);

names!(
    /// Whose word a fact or a version of it is.
    FactSource {
        /// A model's, from what people said.
        Extracted = "extracted",
        /// The owner's.
        Owner = "owner",
        /// That of a person in the chat.
        Chatter = "chatter",
        /// From an import.
        Imported = "imported",
    }
);

names!(
    /// How far a goal is.
    GoalState {
        /// Not yet reached.
        Open = "open",
        /// Reached.
        Done = "done",
        /// Given up.
        Dropped = "dropped",
    }
);

/// One fact in its version of some moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its number.
    pub id: FactId,
    /// The chat whose memory it is.
    pub chat: ChatId,
    /// The version of the text, from 1.
    pub version: u32,
    /// What it is about.
    pub kind: FactKind,
    /// Whom or what it is about; none when the statement says so itself.
    pub subject: Option<String>,
    /// One atomic statement.
    pub statement: String,
    /// Where it stands.
    pub status: FactStatus,
    /// Kept first in every context, and closed to models.
    pub pinned: bool,
    /// Whose word this version is.
    pub source: FactSource,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// Goals only: how far.
    pub goal_state: Option<GoalState>,
    /// Goals and tasks: until when.
    pub due_at: Option<Timestamp>,
    /// From when it is true in the world.
    pub valid_at: Option<Timestamp>,
    /// Since when it is no longer true in the world.
    pub invalid_at: Option<Timestamp>,
    /// When this version was written down.
    pub recorded_at: Timestamp,
    /// When this version was replaced or ended; none for the current one.
    pub expired_at: Option<Timestamp>,
    /// When the fact's first version was written down.
    pub created_at: Timestamp,
}

impl Fact {
    /// Whether only a person may change it: it is pinned, or a person wrote its current version.
    #[must_use]
    pub fn is_closed_to_models(&self) -> bool {
        self.pinned || matches!(self.source, FactSource::Owner | FactSource::Chatter)
    }

    /// Whether it belongs in a context at `now`: in force, and not yet past its validity.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.status == FactStatus::Active && self.invalid_at.is_none_or(|end| end > now)
    }
}

/// The longest statement accepted, in characters: a fact is one statement, not a document.
pub const MAX_STATEMENT_CHARS: usize = 1000;

/// A statement that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStatement {
    /// Nothing in it.
    #[error("statement is empty: write one sentence")]
    Empty,
    /// Too long for one statement.
    #[error("statement has {0} characters: at most {MAX_STATEMENT_CHARS}; split it into several facts")]
    TooLong(usize),
}

/// Brings a statement into the form it is stored in: one line, single spaces, nothing around it.
///
/// # Errors
/// [`InvalidStatement`] when nothing is left or it is too long.
pub fn clean_statement(text: &str) -> Result<String, InvalidStatement> {
    let clean = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars = clean.chars().count();
    match chars {
        0 => Err(InvalidStatement::Empty),
        n if n > MAX_STATEMENT_CHARS => Err(InvalidStatement::TooLong(n)),
        _ => Ok(clean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_becomes_one_clean_line() {
        assert_eq!(clean_statement("  Lives\n in   Lyon.\t").unwrap(), "Lives in Lyon.");
        assert_eq!(clean_statement(" \n "), Err(InvalidStatement::Empty));
        assert_eq!(clean_statement(&"é".repeat(1001)), Err(InvalidStatement::TooLong(1001)));
    }

    #[test]
    fn names_read_back_and_wrong_ones_list_the_right_ones() {
        for kind in FactKind::ALL {
            assert_eq!(kind.as_str().parse::<FactKind>().unwrap(), *kind);
        }
        let error = "hobby".parse::<FactKind>().unwrap_err().to_string();
        assert!(error.contains("hobby") && error.contains("preference"), "{error}");
    }
}
