//! Facts: what is remembered, from where, since when, and at what cost.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use souvenir_memory::{FactKind, FactSource, FactStatus, GoalState};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, ForgetView, Moment, Sheet};

/// One fact in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactView {
    /// Its number.
    pub id: i64,
    /// Its current version.
    pub version: u32,
    /// What is remembered.
    pub statement: String,
    /// What it is about.
    pub kind: FactKind,
    /// Whom or what it is about; empty when the statement says so itself.
    pub subject: String,
    /// Where it stands.
    pub status: FactStatus,
    /// Kept first, and closed to models.
    pub pinned: bool,
    /// Whose word the current version is.
    pub source: FactSource,
    /// Goals only: how far.
    pub goal_state: Option<GoalState>,
    /// Until when, as a date field has it: `2026-12-12`; empty for none.
    pub due: String,
    /// From when it is true, as a date field has it; empty when that is not known.
    pub valid_from: String,
    /// Since when it is no longer true, likewise.
    pub valid_until: String,
    /// When it was first written down.
    pub since: Moment,
    /// When a model last saw it; none for never.
    pub last_used: Option<Moment>,
    /// The last turn whose model saw it.
    pub last_used_turn: Option<i64>,
    /// In how many replies it was.
    pub uses: u64,
    /// What it takes in each context, in tokens.
    pub tokens: u32,
    /// What it took in all, in tokens.
    pub used_tokens: u64,
    /// What it costs in each context that no cache serves; none when the price is not known.
    pub cost_usd: Option<f64>,
    /// The words it rests on.
    pub quotes: Vec<String>,
}

/// The facts of a chat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactsView {
    /// In the order of the prompt.
    pub facts: Vec<FactView>,
    /// How many of them the next context holds.
    pub in_use: u64,
    /// Their tokens.
    pub used: u32,
    /// What facts and summaries may take together.
    pub cap: u32,
    /// How many proposals wait for the owner.
    pub proposals: u64,
    /// The day they are shown as of: `20 November 2026`; none for now.
    pub as_of: Option<String>,
    /// What was forgotten just now.
    pub report: Option<ForgetView>,
}

/// A message beside the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourView {
    /// `You`, `Souvenir`, or a name.
    pub who: String,
    /// When.
    pub at: Moment,
    /// The text, cut after some 300 characters.
    pub text: String,
}

/// The words a fact rests on, in their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceView {
    /// The version of the fact that rests on it; 0 for a proposal.
    pub version: u32,
    /// The message quoted.
    pub message: i64,
    /// Who said it.
    pub who: String,
    /// When.
    pub at: Moment,
    /// The message's text before the quote.
    pub before: String,
    /// The quote.
    pub quote: String,
    /// The message's text after it.
    pub after: String,
    /// Whether the message reads otherwise now: the quote is from before it was edited.
    pub edited: bool,
    /// The messages before, oldest first.
    pub previous: Vec<NeighbourView>,
    /// The messages after, oldest first.
    pub next: Vec<NeighbourView>,
}

/// One version of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactVersionView {
    /// From 1.
    pub version: u32,
    /// What it said.
    pub statement: String,
    /// Whose word.
    pub source: FactSource,
    /// Where it stood.
    pub status: FactStatus,
    /// What else it said: kind, subject, state, dates, each as `due 2026-12-12`.
    pub details: Vec<String>,
    /// Since when.
    pub since: Moment,
    /// Until when; none for the current one.
    pub until: Option<Moment>,
}

/// One fact with its evidence and its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactDetail {
    /// The fact.
    pub fact: FactView,
    /// What it rests on; nothing when a person wrote it.
    pub evidence: Vec<EvidenceView>,
    /// Oldest first.
    pub versions: Vec<FactVersionView>,
    /// What forgetting it would take along, where that was asked for.
    pub would_forget: Option<ForgetView>,
}

/// Which facts to show, and what is open among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsAsk {
    /// The fact whose drawer is open.
    #[serde(default)]
    pub fact: Option<i64>,
    /// The fact that is being edited.
    #[serde(default)]
    pub edit: Option<i64>,
    /// The facts that are about to become one: `3,7`.
    #[serde(default)]
    pub merge: String,
    /// Words that a fact, its subject or its quotes are to have; empty for all.
    #[serde(default)]
    pub q: String,
    /// Whether the fact whose drawer is open is about to be forgotten: what would go is shown with it.
    #[serde(default)]
    pub forget: bool,
    /// The report of what has been forgotten.
    #[serde(default)]
    pub report: Option<u64>,
    /// Whether a new one is being written.
    #[serde(default)]
    pub add: bool,
    /// Only this kind; empty for all.
    #[serde(default)]
    pub kind: String,
    /// `gone` for replaced and retracted ones, `all`; empty for those in use and pending.
    #[serde(default)]
    pub show: String,
    /// A day, `2026-11-20`: facts as they were known at its end; empty for now.
    #[serde(default)]
    pub as_of: String,
}

/// What the form of a fact holds, as a person wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactForm {
    /// One sentence.
    pub statement: String,
    /// A kind's name; empty for `other`.
    #[serde(default)]
    pub kind: String,
    /// Whom or what it is about; may be empty.
    #[serde(default)]
    pub subject: String,
    /// `open`, `done`, `dropped`; empty for facts that are not goals.
    #[serde(default)]
    pub goal_state: String,
    /// A date, `2026-12-12`; empty for none.
    #[serde(default)]
    pub due: String,
    /// From when it is true: a date; empty when that is not known.
    #[serde(default)]
    pub valid_from: String,
    /// Since when it is no longer true: a date; empty when it still is.
    #[serde(default)]
    pub valid_until: String,
    /// `on` when pinned.
    #[serde(default)]
    pub pinned: String,
}

impl FactForm {
    /// Whether the box is ticked.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        !self.pinned.is_empty()
    }
}

/// The facts of a chat.
#[server(prefix = "/fn", endpoint = "facts")]
pub async fn facts(chat: i64, #[server(default)] ask: FactsAsk) -> Result<Sheet, ApiError> {
    let facts = dashboard()?.facts(chat, ask.as_of.clone(), ask.report).await?;
    Ok(Sheet::of(crate::sheets::facts::facts(chat, &ask, &facts)))
}

/// One fact; with `forget`, what forgetting it would take along, and the last question.
#[server(prefix = "/fn", endpoint = "fact")]
pub async fn fact(chat: i64, fact: i64, #[server(default)] forget: bool) -> Result<Sheet, ApiError> {
    let detail = dashboard()?.fact(chat, fact, forget).await?;
    Ok(Sheet::of(crate::sheets::fact::fact(chat, &detail)))
}

/// The numbers in a list such as `3,7`; what is no number is passed over.
// Also for the server, which takes such lists from addresses.
pub fn numbers(list: &str) -> Vec<i64> {
    list.split(',').filter_map(|number| number.trim().parse().ok()).collect()
}

/// Numbers as a list.
#[cfg(feature = "ssr")]
pub(crate) fn list_of(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
