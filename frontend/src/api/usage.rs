//! Usage: what the models were used for, over days.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, Sheet};

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SpentView {
    /// Answers, or batches of work on memory.
    pub count: u64,
    /// Tokens of prompts.
    pub tokens_in: u64,
    /// Of these, from the provider's cache.
    pub tokens_cached: u64,
    /// Tokens written.
    pub tokens_out: u64,
    /// What has a known price, in dollars.
    pub cost_usd: f64,
    /// How many have no known price.
    pub unpriced: u64,
}

/// Waiting in milliseconds: half waited no longer, and nineteen of twenty waited no longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitView {
    /// Half.
    pub p50: u32,
    /// Nineteen of twenty.
    pub p95: u32,
}

/// One day, chat or model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UseRow {
    /// What it is: `22 Nov`, a chat's title, a model's name.
    pub label: String,
    /// Where it leads.
    pub href: Option<String>,
    /// Answers to people.
    pub answers: SpentView,
    /// Work on memory.
    pub memory: SpentView,
    /// Answers that failed.
    pub failed: u64,
    /// Answers that a person stopped.
    pub stopped: u64,
    /// From the request to the first piece of the answer.
    pub first_token: Option<WaitView>,
    /// From the message to its finished answer.
    pub whole: Option<WaitView>,
    /// By how much more was reported than expected, in percent.
    pub drift_percent: Option<f64>,
}

/// What the page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UsageView {
    /// How many days, today included.
    pub stretch: u32,
    /// The first day: `24 October 2026`.
    pub from: String,
    /// The last: `22 November 2026`.
    pub to: String,
    /// In which zone days are days.
    pub time_zone: String,
    /// Every day, oldest first, those without use too.
    pub days: Vec<UseRow>,
    /// Models, the most used first.
    pub models: Vec<UseRow>,
    /// Chats, the one with the most use first.
    pub chats: Vec<UseRow>,
    /// All of it.
    pub total: UseRow,
    /// When the prices were last compared with the provider's.
    pub prices_as_of: String,
    /// The models whose prices the owner gave.
    pub own_prices: Vec<String>,
    /// What the owner should see to.
    pub notices: Vec<NoticeView>,
    /// The day's budgets, that of all chats first; of chats, those that are nearly used.
    pub budgets: Vec<BudgetView>,
    /// What it was for: answers, and each kind of work on memory.
    pub purposes: Vec<UseRow>,
    /// Predicted against reported, by model.
    pub counts: Vec<CountsView>,
}

/// Something that the owner should see to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    /// What is the matter.
    pub told: String,
    /// What to do about it.
    pub remedy: String,
}

/// A budget of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetView {
    /// Whose it is: `All chats`, a chat's title.
    pub name: String,
    /// Where it is changed.
    pub href: String,
    /// How far it is used, in percent.
    pub percent: u32,
    /// `$0.4120 of $0.50`.
    pub told: String,
    /// What is paused; none while nothing is.
    pub paused: Option<String>,
    /// When the next day begins.
    pub until: String,
}

/// Predicted against reported tokens of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CountsView {
    /// The model.
    pub model: String,
    /// Predicted and reported of each answer, the newest first; not more than are worth drawing.
    pub points: Vec<(u32, u32)>,
    /// By how much more was reported than predicted in the middle of the last answers, in percent.
    pub drift_percent: Option<f64>,
    /// What counts are multiplied by, and from how many reports that was learnt.
    pub scale: Option<(f64, u32)>,
}

/// The stretches that the page offers, in days.
pub const STRETCHES: [u32; 4] = [7, 30, 90, 365];

/// What the models were used for in the last so many days.
#[server(prefix = "/fn", endpoint = "usage")]
pub async fn usage(days: u32) -> Result<Sheet, ApiError> {
    Ok(Sheet::of(crate::sheets::usage::usage(&dashboard()?.usage(days).await?)))
}
