//! Forgetting: rows, index entries, and whatever repeats them, in one transaction.
//!
//! [`words`] finds what is distinctive of the messages and what of the bot's repeats it, [`asked`] the same of facts; [`facts`], [`traces`],
//! [`summaries`], [`analyses`], [`searches`] and [`manifests`] follow what rests on them or names them; [`rows`] deletes the messages themselves. A
//! preview does the same and takes it back, so that it cannot promise anything else. [`log`] keeps what was asked for, so
//! that a crash ends with it done, and [`erase`] sees to the bytes.
//!
//! Foreign keys are off on the connection that does this: with them SQLite would look through all turns for each message.
//! What refers to what is dealt with here by name, and tests have SQLite check every reference afterwards.

mod analyses;
mod asked;
mod chat;
mod choose;
mod erase;
mod facts;
mod log;
mod manifests;
mod request;
mod rows;
mod searches;
mod summaries;
#[cfg(test)]
mod tests;
mod traces;
mod vectors;
mod words;

use std::collections::BTreeSet;

pub use log::{Asked, Scope};
pub(super) use log::{forgotten_since, forgotten_so_far};
pub use request::{ForgetRequest, Outcome};
use souvenir_memory::{ChatId, FactId, MessageId, Timestamp, forgetting::ForgetReport};
use sqlx::{Connection, Sqlite, SqliteConnection, pool::PoolConnection};

use super::{Result, Store, StoreError};

/// What is to be forgotten in one chat.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The chat.
    pub chat: ChatId,
    /// Which of it.
    pub scope: Scope,
    /// Stems that are nobody's own: ordinary words and the bot's.
    pub vocabulary: BTreeSet<String>,
    /// Keyed hashes of what facts said that are asked to be forgotten themselves.
    pub tombstones: Vec<(FactId, Vec<u8>)>,
    /// When.
    pub now: Timestamp,
}

/// What the steps of one forgetting share.
struct Work<'a> {
    db: &'a mut SqliteConnection,
    wish: &'a Wish,
    /// The messages that go: those asked for, and the bot's that repeat them.
    messages: BTreeSet<MessageId>,
    /// The same, as JSON, for `json_each`.
    list: String,
    /// When the first of them was stored.
    since: Timestamp,
    /// The stems that are distinctive of them.
    distinctive: BTreeSet<String>,
    /// Facts that were asked to be forgotten themselves.
    asked: BTreeSet<FactId>,
    /// What those said: subject and statement of each version.
    statements: Vec<(Option<String>, String)>,
    /// Those of the messages that are no talk, and so in no summary.
    no_talk: BTreeSet<MessageId>,
    /// Facts that went.
    facts: BTreeSet<FactId>,
    /// Versions that went from facts that stay.
    versions: BTreeSet<(i64, u32)>,
    /// Episodes whose summaries went.
    episodes: BTreeSet<i64>,
    /// Summaries of some days whose text went.
    periods: BTreeSet<i64>,
    /// Messages that facts which went rested on besides: they are consolidated again.
    orphaned: BTreeSet<MessageId>,
    report: ForgetReport,
}

impl Store {
    /// Says what forgetting would take away, and takes nothing.
    pub async fn preview_forgetting(&self, wish: &Wish) -> Result<ForgetReport> {
        let mut connection = self.forgetting_connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let report = carry_out(&mut tx, wish).await?;
        tx.rollback().await?;
        Ok(report)
    }

    /// Forgets what was asked for under the number `asked`. The bytes are still in the file: see [`Store::erase`].
    pub async fn forget(&self, wish: &Wish, asked: i64) -> Result<ForgetReport> {
        let mut connection = self.forgetting_connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let report = carry_out(&mut tx, wish).await?;
        log::done(&mut tx, asked, wish, &report).await?;
        tx.commit().await?;
        Ok(report)
    }

    /// The writing connection for as long as something is being forgotten. It is closed afterwards, and another takes its
    /// place: no other write ever runs with these settings, whatever happens in between.
    ///
    /// What is deleted is overwritten with zeros at once (`secure_delete`). That leaves copies that pages keep where
    /// SQLite moved rows about, which is why the file is written anew afterwards; but until then little is left.
    async fn forgetting_connection(&self) -> Result<PoolConnection<Sqlite>> {
        let mut connection = self.write.acquire().await?;
        connection.close_on_drop();
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await?;
        sqlx::query("PRAGMA secure_delete = ON").execute(&mut *connection).await?;
        Ok(connection)
    }
}

async fn carry_out(db: &mut SqliteConnection, wish: &Wish) -> Result<ForgetReport> {
    let mut work = match &wish.scope {
        Scope::Messages(ids) => words::gather(db, wish, ids).await?,
        Scope::Facts(ids) => asked::gather(db, wish, ids).await?,
        Scope::Everything => return chat::forget_everything(db, wish, false).await,
        Scope::Chat => return chat::forget_everything(db, wish, true).await,
    };
    work.forget_facts().await?;
    work.forget_proposals().await?;
    work.forget_operations().await?;
    work.forget_analyses().await?;
    work.forget_errors().await?;
    work.forget_searches().await?;
    work.forget_summaries().await?;
    work.forget_periods().await?;
    work.forget_in_manifests().await?;
    work.forget_vectors().await?;
    work.forget_rows().await?;
    work.mend_episodes().await?;
    Ok(work.report)
}

impl Work<'_> {
    /// Whether a text repeats a distinctive word.
    fn repeats(&self, text: &str) -> bool {
        !self.distinctive.is_empty() && crate::words::terms(text).any(|term| self.distinctive.contains(&term))
    }
}

/// Numbers as JSON, for `json_each`.
fn json<T: serde::Serialize>(numbers: &T) -> Result<String> {
    serde_json::to_string(numbers).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// A count as reports have it.
fn many(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
