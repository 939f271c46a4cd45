//! Whole-history analyses: what one would take, how far it is, and the changes of facts that it proposes.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, EvidenceView, JobView, Moment, Sheet};

/// What an analysis would take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EstimateView {
    /// Who would be asked.
    pub model: String,
    /// Messages that would be read.
    pub messages: u32,
    /// Messages whose findings are known from before.
    pub known_messages: u32,
    /// Questions to the model.
    pub calls: u64,
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// Tokens of all answers, as a rule.
    pub completion_tokens: u64,
    /// What it costs as a rule, in US dollars; none where the price is not known.
    pub cost: Option<f64>,
    /// What it costs at most.
    pub most_cost: Option<f64>,
    /// The day of the prices.
    pub prices_as_of: String,
}

/// A fact that a line is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFactView {
    /// Its number.
    pub id: i64,
    /// What it said; none where that was forgotten.
    pub statement: Option<String>,
}

/// A line of a diff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineView {
    /// Its number, from 1.
    pub number: u32,
    /// `add`, `update`, `rephrase`, `merge`, `retract`.
    pub op: String,
    /// `open`, `applied`, `declined`, `outdated`, `undone`.
    pub state: String,
    /// The facts it is about; the first of several stays.
    pub facts: Vec<LineFactView>,
    /// Whom it is about.
    pub subject: Option<String>,
    /// What is to be said.
    pub statement: String,
    /// The words it rests on, in their places.
    pub evidence: Vec<EvidenceView>,
}

/// A line that was refused; its words are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedView {
    /// `add`, `update`, `rephrase`, `merge`, `retract`.
    pub op: String,
    /// The fact it was about.
    pub fact: Option<i64>,
    /// Why, by the name of the reason.
    pub reason: String,
}

/// An analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysisView {
    /// Its number.
    pub id: i64,
    /// `running`, `proposed`, `done`, `undone`, `abandoned`.
    pub state: String,
    /// `owner`, `schedule`, `growth`.
    pub asked_by: String,
    /// Who was asked.
    pub model: Option<String>,
    /// Messages it covers.
    pub messages: u32,
    /// Windows that were read for it.
    pub windows: u32,
    /// Windows known from before.
    pub known: u32,
    /// Steps done.
    pub done: u32,
    /// Steps in all, as far as is known.
    pub total: u32,
    /// The job, while it is being made.
    pub job: Option<JobView>,
    /// The diff.
    pub lines: Vec<LineView>,
    /// How many lines were refused.
    pub refused: u32,
    /// Why, for each; empty for analyses of earlier versions.
    pub refusals: Vec<RefusedView>,
    /// Tokens of prompts and answers.
    pub tokens: (u64, u64),
    /// What it cost, in US dollars; none where a price is not known.
    pub cost: Option<f64>,
    /// When it was asked for.
    pub created: Moment,
    /// When its diff was there.
    pub finished: Option<Moment>,
}

/// The analyses of a chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnalysesView {
    /// What one would take now.
    pub estimate: EstimateView,
    /// The newest, newest first.
    pub analyses: Vec<AnalysisView>,
    /// When one is begun by itself, and what becomes of it, in a sentence.
    pub rule: String,
}

/// The page, drawn: what changes while a job runs apart from what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysesSheet {
    /// What one would take, and the one being made.
    pub now: Sheet,
    /// The diffs.
    pub list: Sheet,
}

/// The analyses of a chat.
#[server(prefix = "/fn", endpoint = "analyses")]
pub async fn analyses(chat: i64) -> Result<AnalysesSheet, ApiError> {
    let view = dashboard()?.analyses(chat).await?;
    Ok(crate::sheets::analyses::analyses(chat, &view))
}

/// Begins one.
#[server(prefix = "/fn", endpoint = "analyse")]
pub async fn analyse(chat: i64) -> Result<(), ApiError> {
    dashboard()?.analyse(chat).await
}

/// Carries out a line, or all that wait.
#[server(prefix = "/fn", endpoint = "accept_lines")]
pub async fn accept_lines(chat: i64, analysis: i64, line: Option<u32>) -> Result<(), ApiError> {
    dashboard()?.decide_lines(chat, analysis, line, true).await
}

/// Turns down a line, or all that wait.
#[server(prefix = "/fn", endpoint = "reject_lines")]
pub async fn reject_lines(chat: i64, analysis: i64, line: Option<u32>) -> Result<(), ApiError> {
    dashboard()?.decide_lines(chat, analysis, line, false).await
}

/// Takes back everything an analysis did.
#[server(prefix = "/fn", endpoint = "undo_analysis")]
pub async fn undo_analysis(chat: i64, analysis: i64) -> Result<(), ApiError> {
    dashboard()?.undo_analysis(chat, analysis).await
}
