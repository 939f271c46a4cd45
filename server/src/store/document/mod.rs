//! Everything held about a chat, as JSON lines: for whoever wants it elsewhere, and to be read back to the same state.
//!
//! This module is the format, version 2. Each line is an object with a `type`; the first says what this is. Numbers of messages,
//! facts, turns and the like count from 1 within the document; times are RFC 3339 in UTC. What can be made again from the rest
//! (vectors, the index of words) is not in it, nor are manifests, which record what a model was shown, and what is under way (jobs,
//! deliveries). [`export`] writes it, [`begin`] and [`restore`] read it.

mod begin;
mod export;
mod restore;
mod rows;

pub use begin::Restored as RestoredChat;
pub use export::Document;
pub use restore::Restoring;

/// The version of the format.
pub(super) const VERSION: i64 = 2;

/// What a line's number, or a cell, is the number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Thing {
    Message,
    Turn,
    Fact,
    Episode,
    Consolidation,
    Proposal,
}

impl Thing {
    /// The table of it; all but messages are numbered there by a counter of their own.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Message => "messages",
            Self::Turn => "turns",
            Self::Fact => "facts",
            Self::Episode => "episodes",
            Self::Consolidation => "consolidations",
            Self::Proposal => "proposals",
        }
    }

    /// The numbers of a chat's, in their order.
    pub(super) fn numbers(self) -> &'static str {
        match self {
            Self::Message => "SELECT id FROM messages WHERE chat_id = ?1 ORDER BY id",
            Self::Turn => "SELECT id FROM turns WHERE chat_id = ?1 ORDER BY id",
            Self::Fact => "SELECT id FROM facts WHERE chat_id = ?1 ORDER BY id",
            Self::Episode => "SELECT id FROM episodes WHERE chat_id = ?1 ORDER BY first_message_id, id",
            Self::Consolidation => "SELECT id FROM consolidations WHERE chat_id = ?1 ORDER BY id",
            Self::Proposal => "SELECT id FROM proposals WHERE chat_id = ?1 ORDER BY id",
        }
    }

    pub(super) const ALL: [Self; 6] =
        [Self::Message, Self::Turn, Self::Fact, Self::Episode, Self::Consolidation, Self::Proposal];
}
