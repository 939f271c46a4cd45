//! Episodes: what was talked about from one pause to the next, what a summary made of it, and the jobs that do so.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use souvenir_memory::receipt::Lost;

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, Moment, Sheet};

/// A summary with its receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryView {
    /// Its version, from 1.
    pub version: u32,
    /// The text.
    pub text: String,
    /// The first message it covers.
    pub first: i64,
    /// The last message it covers.
    pub through: i64,
    /// Who wrote it; none when that is not known.
    pub model: Option<String>,
    /// Tokens of the messages it covers.
    pub tokens_before: u32,
    /// Its own tokens.
    pub tokens_after: u32,
    /// Names, numbers, dates and links that stand in the messages and not in it.
    pub lost: Vec<Lost>,
    /// When it was written.
    pub at: Moment,
}

/// What became of one change of facts that a model asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationView {
    /// `add`, `update`, `retract`.
    pub op: String,
    /// `added`, `pending`, `confirmed`, `updated`, `retracted`, `proposed`, `refused`.
    pub outcome: String,
    /// Why it waits or was refused.
    pub reason: Option<String>,
    /// The fact it came to.
    pub fact: Option<i64>,
    /// What the fact was to say.
    pub statement: Option<String>,
}

/// One episode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodeView {
    /// Its number.
    pub id: i64,
    /// Its first message.
    pub first: i64,
    /// Its last message so far.
    pub last: i64,
    /// Messages of conversation in it.
    pub messages: u32,
    /// When it began.
    pub opened: Moment,
    /// When it ended; none while it is open.
    pub closed: Option<Moment>,
    /// `idle`, `reset`, `topic`, `asked`.
    pub closed_by: Option<String>,
    /// Whether some of it waits to be summed up.
    pub due: bool,
    /// Whether it was imported, and no model reads it before the owner says so.
    pub held: bool,
    /// When its consolidation was taken back.
    pub reverted: Option<Moment>,
    /// Its summary in force.
    pub summary: Option<SummaryView>,
    /// What became of what the model asked for.
    pub operations: Vec<OperationView>,
}

/// One job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its number.
    pub id: i64,
    /// `queued`, `running`, `done`, `failed`, `stopped`.
    pub state: String,
    /// Batches done.
    pub done: u32,
    /// Batches in all, as far as is known.
    pub total: u32,
    /// Attempts that failed since the last success.
    pub attempts: u32,
    /// When it is tried again.
    pub next_attempt: Option<Moment>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it was asked for.
    pub created: Moment,
    /// When it ended.
    pub finished: Option<Moment>,
    /// Tokens that it took.
    pub tokens: u64,
    /// What those cost, in words.
    pub cost: String,
}

/// Messages that are due to be summed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueView {
    /// The episode they are of.
    pub episode: i64,
    /// The first message.
    pub from: i64,
    /// The last message.
    pub through: i64,
    /// Why they are due, as a clause.
    pub why: String,
}

/// A summary of some days: a digest, or one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaysView {
    /// What it is of: `21 November`, `the week from 16 November`, `the last 7 days`.
    pub of: String,
    /// The text.
    pub text: String,
    /// How many messages it covers.
    pub messages: u32,
    /// Their tokens.
    pub tokens_before: u32,
    /// Its own tokens.
    pub tokens_after: u32,
    /// Who wrote it.
    pub model: Option<String>,
    /// When it was made.
    pub at: Moment,
}

/// The episodes of a chat, and what is being done about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodesView {
    /// Newest first.
    pub episodes: Vec<EpisodeView>,
    /// Where to go on.
    pub next_cursor: Option<i64>,
    /// The newest jobs, newest first.
    pub jobs: Vec<JobView>,
    /// What is due, oldest first.
    pub due: Vec<DueView>,
    /// Messages of the open episode that no summary covers yet.
    pub open_messages: Option<u32>,
    /// The session duration in force, in minutes: so long a silence ends an episode.
    pub session_minutes: u32,
    /// Who sums up.
    pub memory_model: String,
    /// The newest digests, newest first, and the last summary of days that was asked for.
    pub days: Vec<DaysView>,
    /// Which digests are made by themselves, in a sentence.
    pub digests: String,
}

/// The page of episodes, drawn: what changes while a job runs apart from what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpisodesSheet {
    /// What is due and what is being done.
    pub now: Sheet,
    /// The episodes.
    pub list: Sheet,
    /// Summaries of days.
    pub days: Sheet,
    /// The jobs of before.
    pub jobs: Sheet,
}

/// The episodes of a chat; `cursor` is the episode before which to go on.
#[server(prefix = "/fn", endpoint = "episodes")]
pub async fn episodes(chat: i64, cursor: Option<i64>, edit: Option<i64>) -> Result<EpisodesSheet, ApiError> {
    let episodes = dashboard()?.episodes(chat, cursor).await?;
    Ok(crate::sheets::episodes::episodes(chat, edit, &episodes))
}

/// Puts a summary in the owner's words in the place of the one in force.
#[server(prefix = "/fn", endpoint = "rewrite_summary")]
pub async fn rewrite_summary(chat: i64, episode: i64, #[server(default)] text: String) -> Result<(), ApiError> {
    dashboard()?.rewrite_summary(chat, episode, text).await?;
    leptos_axum::redirect(&format!("/chats/{chat}/episodes#e{episode}"));
    Ok(())
}

/// Sums up the last so many days.
#[server(prefix = "/fn", endpoint = "sum_up_days")]
pub async fn sum_up_days(chat: i64, days: u32) -> Result<(), ApiError> {
    dashboard()?.sum_up_days(chat, days).await?;
    leptos_axum::redirect(&format!("/chats/{chat}/episodes#days"));
    Ok(())
}

/// Closes the open episode and has everything that is due summed up.
#[server(prefix = "/fn", endpoint = "summarise")]
pub async fn summarise(chat: i64) -> Result<(), ApiError> {
    dashboard()?.summarise(chat).await
}

/// Takes back what consolidating an episode did.
#[server(prefix = "/fn", endpoint = "revert_episode")]
pub async fn revert_episode(chat: i64, episode: i64) -> Result<(), ApiError> {
    dashboard()?.revert_episode(chat, episode).await
}

/// Stops a job.
#[server(prefix = "/fn", endpoint = "stop_job")]
pub async fn stop_job(chat: i64, job: i64) -> Result<(), ApiError> {
    dashboard()?.stop_job(chat, job).await
}

/// Tries a job again at once.
#[server(prefix = "/fn", endpoint = "retry_job")]
pub async fn retry_job(chat: i64, job: i64) -> Result<(), ApiError> {
    dashboard()?.retry_job(chat, job).await
}
