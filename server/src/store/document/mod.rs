//! Everything held about a chat, as JSON lines: for whoever wants it elsewhere, and to be read back to the same state.
//!
//! This module is the format, version 3. Each line is an object with a `type`; the first says what this is. Numbers of messages,
//! facts, turns and the like count from 1 within the document; times are RFC 3339 in UTC, but within JSON that is kept as such
//! (manifests, findings, lines of diffs) milliseconds. What can be made again from the rest (vectors, the index of words) is not in
//! it, nor is what is under way (jobs and analyses that have not ended, commands to be answered), nor what the installation knows
//! rather than the chat. `tests` lists it and fails for a table or a column that nobody thought of. Version 2 had neither manifests,
//! attachments, deliveries, analyses, announcements nor jobs, and is still read.
//!
//! [`export`] writes it, [`begin`] and [`restore`] read it; [`rows`] says what each table holds, [`manifests`] what models saw.

mod begin;
mod export;
mod manifests;
mod numbers;
mod restore;
mod rows;
#[cfg(test)]
mod tests;

pub use begin::Restored as RestoredChat;
pub use export::Document;
pub use restore::Restoring;

/// The version of the format.
pub(super) const VERSION: i64 = 3;
/// The oldest version that can be read.
pub(super) const OLDEST: i64 = 2;

/// What a line's number, or a cell, is the number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Thing {
    Message,
    Turn,
    Fact,
    Episode,
    Consolidation,
    Proposal,
    Period,
    Job,
    Analysis,
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
            Self::Period => "period_summaries",
            Self::Job => "jobs",
            Self::Analysis => "analyses",
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
            Self::Period => "SELECT id FROM period_summaries WHERE chat_id = ?1 ORDER BY id",
            Self::Job => "SELECT id FROM jobs WHERE chat_id = ?1 AND state NOT IN ('queued', 'running') ORDER BY id",
            Self::Analysis => "SELECT id FROM analyses WHERE chat_id = ?1 AND state <> 'running' ORDER BY id",
        }
    }

    pub(super) const ALL: [Self; 9] = [
        Self::Message,
        Self::Turn,
        Self::Fact,
        Self::Episode,
        Self::Consolidation,
        Self::Proposal,
        Self::Period,
        Self::Job,
        Self::Analysis,
    ];
}
