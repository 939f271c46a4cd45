//! Turns: one question, its answer, and the record of what the model saw.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, BarView, ContextView, MessageView, Moment, NeighbourView, Sheet, WhatIfAsk};

/// One turn in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnRow {
    /// Its number.
    pub id: i64,
    /// `running`, `done`, `failed`, `stopped`.
    pub state: String,
    /// What was asked, cut after some 200 characters; empty when it was forgotten, or answered anew.
    pub question: String,
    /// The turn in which it was answered anew.
    pub answered_anew: Option<i64>,
    /// What was answered, cut likewise; none while it is being written or when it failed.
    pub answer: Option<String>,
    /// The model asked.
    pub model: String,
    /// Tokens counted before sending.
    pub predicted: u32,
    /// Tokens the provider counted; none when it does not say.
    pub reported: Option<u32>,
    /// Of those, served from its cache.
    pub cached: Option<u32>,
    /// Tokens of the answer.
    pub completion: Option<u32>,
    /// What it cost; none when unknown.
    pub cost_usd: Option<f64>,
    /// When it began.
    pub started: Moment,
    /// From its beginning to its end, in milliseconds; none while running.
    pub took_ms: Option<i64>,
    /// Why it failed, in words for people.
    pub error: Option<String>,
}

/// A page of turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnsView {
    /// Newest first.
    pub turns: Vec<TurnRow>,
    /// Where to go on.
    pub next_cursor: Option<i64>,
}

/// One turn with its manifest: why it said that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnView {
    /// What the list says of it.
    pub row: TurnRow,
    /// The messages it answers, oldest first.
    pub questions: Vec<MessageView>,
    /// The answer; none when there is none.
    pub answer: Option<MessageView>,
    /// What the model saw; none when the turn failed before a context was built.
    pub context: Option<ContextView>,
    /// What the model looked for while it answered.
    pub searches: Vec<ModelSearchView>,
    /// What it cost in its parts: the prompt's new tokens, those from the cache, the answer.
    pub cost_parts_usd: Option<[f64; 3]>,
    /// Why it cost more than it should, each as a sentence with what that came to.
    pub cost_reasons: Vec<CostReasonView>,
    /// How far the request began like that of the turn before.
    pub prefix: Option<PrefixView>,
    /// From the arrival of its first message to its beginning, in milliseconds.
    pub queue_ms: i64,
    /// Building the context, in milliseconds.
    pub context_ms: Option<i64>,
    /// From the request to the first word, in milliseconds.
    pub first_token_ms: Option<i64>,
    /// From the end of the answer to its delivery, in milliseconds; none when it was not sent anywhere.
    pub sent_ms: Option<i64>,
    /// The way of the reply; none when it was shown here.
    pub delivery: Option<DeliveryView>,
    /// The turn before it in this chat.
    pub previous: Option<i64>,
    /// The turn after it in this chat.
    pub next: Option<i64>,
}

/// Why a turn cost more than it should.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostReasonView {
    /// A clause.
    pub told: String,
    /// What it cost beyond what it should have, in dollars, where that can be said.
    pub extra_usd: Option<f64>,
}

/// How far two requests begin alike: what a provider's cache can serve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixView {
    /// The turn before, which it is compared with.
    pub turn: i64,
    /// Raw tokens up to where they part.
    pub tokens: u32,
    /// The last thing that both have; none when they part at once.
    pub last: Option<String>,
    /// The first thing that only this one has there; none when it has nothing else.
    pub broken_by: Option<String>,
}

/// A search by the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSearchView {
    /// What it looked for; none when that could not be read, or was forgotten.
    pub query: Option<String>,
    /// What came of it, as a clause.
    pub outcome: String,
    /// What it was shown; none for what was forgotten since.
    pub found: Vec<Option<NeighbourView>>,
    /// The message that each of those is.
    pub messages: Vec<i64>,
    /// Raw tokens of the call and of what it came to.
    pub tokens: u32,
}

/// The way of a reply to Telegram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// `composed`, `sending`, `sent`, `unknown`, `failed`.
    pub state: String,
    /// The same in plain words, with the reason.
    pub told: String,
    /// The state of each message it was cut into: `waiting`, `sending`, `sent`, `unknown`, `failed`.
    pub parts: Vec<String>,
    /// Whether it may be sent again.
    pub can_send_again: bool,
    /// Whether some of it may then arrive twice.
    pub may_double: bool,
}

/// The line under a reply that leads to its turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnLine {
    /// The turn.
    pub id: i64,
    /// What was sent, as a bar; none when it failed before.
    pub bar: Option<BarView>,
    /// Tokens sent: reported, else predicted.
    pub tokens: u32,
    /// From question to answer, in milliseconds.
    pub took_ms: Option<i64>,
    /// What it cost; none when unknown.
    pub cost_usd: Option<f64>,
    /// `done`, `failed`, `stopped`, `running`.
    pub state: String,
}

/// A page of turns.
#[server(prefix = "/fn", endpoint = "turns")]
pub async fn turns(chat: i64, cursor: Option<i64>) -> Result<Sheet, ApiError> {
    let turns = dashboard()?.turns(chat, cursor).await?;
    Ok(Sheet::of(crate::sheets::turns::turns(chat, &turns)))
}

/// One turn.
#[server(prefix = "/fn", endpoint = "turn")]
pub async fn turn(chat: i64, turn: i64) -> Result<Sheet, ApiError> {
    let turn = dashboard()?.turn(chat, turn).await?;
    Ok(Sheet::of(crate::sheets::turn::turn(chat, &turn)))
}

/// Sends again what of a reply did not arrive.
#[server(prefix = "/fn", endpoint = "send_again")]
pub async fn send_again(chat: i64, turn: i64, may_double: bool) -> Result<(), ApiError> {
    dashboard()?.send_again(chat, turn, may_double).await
}

/// A turn's context with other settings.
#[server(prefix = "/fn", endpoint = "replay")]
pub async fn replay(chat: i64, turn: i64, #[server(default)] ask: WhatIfAsk) -> Result<Sheet, ApiError> {
    let tried = if ask.tries_settings() { Some(dashboard()?.replay(chat, turn, ask.clone()).await?) } else { None };
    Ok(Sheet::of(crate::sheets::replay::replay(chat, turn, &ask, tried.as_ref())))
}
