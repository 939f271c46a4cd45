//! The store: SQLite through sqlx. All the SQL of the server lives here, a file for each group of tables.
//!
//! One connection writes and a few read, in WAL mode, so that pages never wait for a reply being stored. Every method
//! is one short transaction; none holds a connection while anything else is awaited. Queries are checked against the
//! schema when the program is built.

mod access;
mod allowance;
mod analyses;
mod announcements;
mod backup;
mod chats;
mod consolidation;
mod deliveries;
mod document;
mod episodes;
mod errands;
mod facts;
mod files;
mod forget;
mod imports;
mod index;
mod input;
mod jobs;
mod lessons;
mod manifest;
mod marks;
mod merge;
mod messages;
mod model_searches;
mod open;
mod pages;
mod periods;
mod previews;
mod proposals;
mod reach;
mod recall;
mod restore;
mod rewrite;
mod settings;
mod snapshot;
mod spending;
mod spoken;
mod timeline;
mod turns;
mod upgrade;
mod usage;
mod vectors;
mod versions;

pub use access::SessionRecord;
pub use allowance::LastExchange;
pub use analyses::{
    AnalysisRecord, AnalysisState, AskedBy, CallRecord, Finish, LineRecord, LineState, NewWindow, PartRecord,
    WindowRecord,
};
pub use announcements::{AnnouncementOf, AnnouncementRecord};
pub use backup::{BackupError, Contents, IfTaken, copy, prune};
pub use chats::{ChatKind, ChatRecord, TelegramIdentity, Totals, Unreachable};
pub use consolidation::{Applied, Batch, GroundRecord, OperationRecord, ProposalRecord, Summed};
pub use deliveries::{OutgoingRecord, Undelivered};
pub use document::{Document, RestoredChat, Restoring};
pub use episodes::{EpisodeRecord, EpisodeSpan, Followed, SummaryRecord, Trail};
pub use errands::ErrandRecord;
pub use facts::{EvidenceRecord, FactChange, FactRecord, NewFact};
pub use files::{FileRecord, Reading};
pub use forget::{Asked, ForgetRequest, Outcome, Scope, Wish};
pub use imports::{Held, ImportRecord, ImportRequest, ImportState, ImportedMessage, NewImport, NewTarget, Taken};
pub use index::{Indexed, Unindexed};
pub use input::{Extras, Reference, Revised};
pub use jobs::{JobRecord, JobState};
pub use lessons::{Report, counts_in};
pub use marks::{ErrandOutcome, Mark, PartMark};
pub use messages::{Counted, Destination, NewMessage, StoredMessage};
pub use model_searches::{ModelSearch, SearchOutcome};
pub use open::{Durability, OpenError, inspect_file};
pub use pages::{MessageFilter, MessageRecord, MonthUse};
pub use periods::{DigestKind, PeriodRecord};
pub use recall::{Hit, Listed};
pub use restore::{Restored, Staged, is_requested, put_aside, refused, stage, waits, withdraw};
pub use settings::SettingRow;
pub use snapshot::SnapshotQuery;
pub use spending::{NewSpending, NoticeRecord, SpentRecord};
pub use spoken::SpokenRecord;
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::time::Instant;
pub use turns::{Departure, FinishedTurn, Spent, Stored, TurnRecord, TurnState};
pub use upgrade::{Prepared, migrations_are_due, prepare};
pub use usage::UseRecord;
pub use vectors::{NewVectors, Passage, Passages, Progress, ToEmbed, VectorModel};

use crate::measure;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    read: SqlitePool,
    write: SqlitePool,
    /// How far a commit goes before it counts as done.
    durability: Durability,
    /// What is to be written with the next commit.
    marks: std::sync::Arc<marks::Marks>,
    /// Held for as long as the store is: no second process may open the file to write.
    _lock: std::sync::Arc<std::fs::File>,
}

/// A failed read or write. Internal: it is logged where it is handled and never shown.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite or the connection to it.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Something stored does not read back.
    #[error("stored data does not read back: {0}")]
    Corrupt(String),
}

/// What every method of the store gives.
pub type Result<T> = std::result::Result<T, StoreError>;

impl Store {
    /// Begins a write. The only writer there is, so it never has to give up half-way.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Makes a write last.
    async fn commit(transaction: Transaction<'_, Sqlite>) -> Result<()> {
        let began = Instant::now();
        transaction.commit().await?;
        measure::committed(began.elapsed());
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query_scalar!("SELECT 1 AS one").fetch_one(&self.read).await?;
        Ok(())
    }

    /// Writes what waits for a commit and closes both pools; what is written is in the file.
    pub async fn close(&self) {
        if let Err(error) = self.write_marks().await {
            tracing::error!(%error, "failed to write what became of the last messages sent");
        }
        self.read.close().await;
        self.write.close().await;
    }
}

/// A row that comes as one JSON array of its columns. What every reply reads by the dozen comes so: sqlx copies each value of
/// a row, which costs more than writing and reading this.
fn of_json<'a, T: serde::Deserialize<'a>>(row: &'a str) -> Result<T> {
    serde_json::from_str(row).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A count read from SQLite: never negative, never larger than `u32`.
fn count(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}

/// Reads a closed set of names back.
fn name<T: std::str::FromStr>(text: &str) -> Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error: T::Err| StoreError::Corrupt(error.to_string()))
}
