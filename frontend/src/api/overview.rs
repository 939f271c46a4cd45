//! A chat's tiers, and what the next reply would see: in force, and if settings were others.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, Moment, Sheet};
use crate::words;

/// How much a tier holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierView {
    /// Messages.
    pub messages: u64,
    /// Their tokens.
    pub tokens: u64,
}

/// How many messages there were in a slice of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// The start of the slice, in milliseconds since the epoch.
    pub ms: i64,
    /// Messages in it.
    pub messages: u32,
    /// Those of them that were put away.
    pub archived: u32,
}

/// From when to when an episode went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanView {
    /// The episode.
    pub episode: i64,
    /// When its first message was said, in milliseconds since the epoch.
    pub from: i64,
    /// When its last one so far was.
    pub until: i64,
    /// Whether it goes on.
    pub open: bool,
    /// Whether its summary is in the next context.
    pub in_context: bool,
}

/// How the messages of a chat can reach the next reply, each in the nearest way only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InReachView {
    /// Word for word.
    pub verbatim: u64,
    /// In a summary.
    pub summaries: u64,
    /// As facts.
    pub facts: u64,
    /// By recall.
    pub recall: u64,
    /// Not yet: they wait for the index.
    pub waiting: u64,
}

/// What recall brought for the newest reply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecalledView {
    /// When the messages were said, in milliseconds since the epoch, oldest first.
    pub said: Vec<i64>,
    /// Their tokens.
    pub tokens: u32,
}

/// The tiers on one time line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TiersView {
    /// Everything, archived messages too.
    pub whole_history: TierView,
    /// What left `short_term`.
    pub mid_term: TierView,
    /// What the session duration admits.
    pub short_term: TierView,
    /// Put away.
    pub archived: TierView,
    /// How many `mid_term` holds at most.
    pub mid_term_messages: u32,
    /// The first message; none in an empty chat.
    pub first: Option<Moment>,
    /// The oldest message of `mid_term`; none when it is empty.
    pub mid_since: Option<Moment>,
    /// Where `short_term` begins: now less the session duration, or the last reset.
    pub short_since: Moment,
    /// Now.
    pub now: Moment,
    /// Messages per slice of time, oldest first.
    pub histogram: Vec<Slice>,
    /// Episodes, closed and open.
    pub episodes: u64,
    /// The newest of them, newest first.
    pub spans: Vec<SpanView>,
    /// How the messages can reach the next reply.
    pub in_reach: InReachView,
    /// What recall brought for the newest reply; none before the first.
    pub recalled: Option<RecalledView>,
}

/// The figures at the foot of the overview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The month that is counted: `November`.
    pub month: String,
    /// Tokens of this month, in and out.
    pub month_tokens: u64,
    /// What they cost; none when unknown.
    pub month_cost_usd: Option<f64>,
    /// Turns so far.
    pub turns: u64,
    /// Facts in force.
    pub facts: u64,
    /// Goals that are open.
    pub open_goals: u64,
}

/// A chat's overview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverviewView {
    /// The tiers.
    pub tiers: TiersView,
    /// The session duration in force, in minutes.
    pub session_minutes: u32,
    /// The budget in force, in tokens.
    pub max_context_tokens: u32,
    /// The figures.
    pub figures: Figures,
}

/// A chat's overview, drawn, with the settings that its controls begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewSheet {
    /// The tiers.
    pub tiers: Sheet,
    /// The figures.
    pub figures: Sheet,
    /// The session duration in force, in minutes.
    pub session_minutes: u32,
    /// The budget in force, in tokens.
    pub max_context_tokens: u32,
}

/// Settings to try, as a form gives them; an empty text means "as it is".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIfAsk {
    /// `short`, `medium`, `long` or minutes.
    #[serde(default)]
    pub session_duration: String,
    /// Tokens; separators are forgiven.
    #[serde(default)]
    pub max_context_tokens: String,
    /// The message that would be answered.
    #[serde(default)]
    pub text: String,
}

impl WhatIfAsk {
    /// Whether other settings are tried, and not only a message.
    #[must_use]
    pub fn tries_settings(&self) -> bool {
        !self.session_duration.trim().is_empty() || !self.max_context_tokens.trim().is_empty()
    }

    /// The budget as a number; `Ok(None)` when none is given.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] when it is no number.
    pub fn budget(&self) -> Result<Option<u32>, ApiError> {
        let digits: String = self.max_context_tokens.chars().filter(|c| !is_separator(*c)).collect();
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| {
            let given = &self.max_context_tokens;
            ApiError::invalid("max_context_tokens", words::what_if::no_number_of_tokens(given))
        })
    }
}

/// What people put between thousands.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '.' | '_' | '\'' | '’' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// A chat's overview.
#[server(prefix = "/fn", endpoint = "overview")]
pub async fn overview(chat: i64) -> Result<OverviewSheet, ApiError> {
    let overview = dashboard()?.overview(chat).await?;
    Ok(crate::sheets::overview::overview(&overview))
}

/// The next context, in force and as it would be.
#[server(prefix = "/fn", endpoint = "what_if")]
pub async fn what_if(chat: i64, #[server(default)] ask: WhatIfAsk, open: String) -> Result<Sheet, ApiError> {
    let answer = dashboard()?.what_if(chat, ask).await?;
    Ok(Sheet::of(crate::sheets::what_if::what_if(chat, &answer, &open)))
}

/// Puts a session duration and a budget in force.
#[server(prefix = "/fn", endpoint = "apply_context")]
pub async fn apply_context(
    chat: i64,
    session_duration: String,
    #[server(default)] max_context_tokens: String,
) -> Result<(), ApiError> {
    let budget = WhatIfAsk { max_context_tokens, ..WhatIfAsk::default() }.budget()?;
    dashboard()?.apply_context(chat, session_duration, budget).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_may_have_separators_and_must_be_a_number() {
        let ask = |text: &str| WhatIfAsk { max_context_tokens: text.into(), ..WhatIfAsk::default() }.budget();
        assert_eq!(ask("8,000"), Ok(Some(8000)));
        assert_eq!(ask("8 000"), Ok(Some(8000)));
        assert_eq!(ask(" "), Ok(None));
        assert!(matches!(ask("much"), Err(ApiError::Invalid { field, .. }) if field == "max_context_tokens"));
    }
}
