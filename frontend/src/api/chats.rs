//! The list of chats, the rail, and the head of a chat's pages.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::dashboard;
use super::{ApiError, BarView, ForgetView, HitView, JobView, Moment, Sheet};

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceStatus {
    /// Works.
    Ok,
    /// Does not work now; Souvenir tries again by itself.
    Degraded,
    /// Not set up, by choice.
    Off,
}

/// One service in the rail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// `Telegram`, `Model`, `Recall`, `Database`.
    pub name: String,
    /// How it is.
    pub status: ServiceStatus,
    /// In two or three words: `polling as @its_name`, `offline model`, `words only`.
    pub detail: String,
}

/// The health of the services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthView {
    /// Telegram, model, recall; the database only when something is wrong with it.
    pub services: Vec<ServiceView>,
    /// Whether the built-in offline model answers, which is no language model.
    pub offline_model: bool,
}

/// A chat's name in the rail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RailChat {
    /// Its number.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Proposals that wait for the owner; in the rail only.
    pub waiting: u64,
}

/// The rail of every page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RailView {
    /// Newest message first; at most twenty.
    pub chats: Vec<RailChat>,
    /// How the services are.
    pub health: HealthView,
}

/// The last message of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastView {
    /// `You`, `Souvenir`, or a name.
    pub who: String,
    /// The text, cut after some 200 characters.
    pub text: String,
    /// When.
    pub at: Moment,
}

/// One row of the list of chats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatRow {
    /// Its number.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// `console`, `Telegram`, `Telegram group`.
    pub kind: String,
    /// The last message, if there is one.
    pub last: Option<LastView>,
    /// The next context as a bar.
    pub context: BarView,
    /// All messages kept, archived ones too.
    pub messages: u64,
    /// Facts in force.
    pub facts: u64,
    /// Goals that are open.
    pub open_goals: u64,
    /// Tokens of this month, in and out.
    pub month_tokens: u64,
    /// What they cost; none when unknown.
    pub month_cost_usd: Option<f64>,
    /// Changes of facts that wait for the owner.
    pub proposals: u64,
    /// Whether an analysis proposes changes of facts.
    pub analysis: bool,
    /// Imported messages that wait to be summed up.
    pub imported: u32,
    /// The newest job of its memory.
    pub job: Option<JobView>,
    /// The best message found in it, when messages were searched.
    pub hit: Option<HitView>,
}

/// Which chats to show, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatsAsk {
    /// What is searched for, in titles and messages; empty for no search.
    #[serde(default)]
    pub q: String,
    /// `fill`, `tokens`, `cost`, `title`; empty for the last message.
    #[serde(default)]
    pub sort: String,
    /// The report of what has been forgotten.
    #[serde(default)]
    pub report: Option<u64>,
}

/// The list of chats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatsView {
    /// Those that fit what was searched for, in the order asked for.
    pub chats: Vec<ChatRow>,
    /// How many there are in all.
    pub all: u64,
    /// The day of the prices that costs are counted by: `3 November 2026`.
    pub prices_of: String,
    /// The day of the oldest message: `14 March 2026`.
    pub since: Option<String>,
    /// The month that is counted: `November`.
    pub month: String,
    /// Whether Telegram is set up: the empty list says what to do first.
    pub telegram: bool,
    /// The chat that was forgotten just now, and what went with it.
    pub report: Option<ForgetView>,
}

/// The head and the tabs of a chat's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatHead {
    /// Its number.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// `console`, `Telegram`, `Telegram group`.
    pub kind: String,
    /// Whether one can talk to it here.
    pub console: bool,
    /// The day it began: `14 March 2026`.
    pub since: String,
    /// The chat model in force.
    pub model: String,
    /// Its time zone.
    pub time_zone: String,
    /// Facts in force and pending.
    pub facts: u64,
    /// Changes of facts that wait for the owner.
    pub proposals: u64,
    /// Its episodes, the open one among them.
    pub episodes: u64,
    /// Its turns.
    pub turns: u64,
    /// Its messages.
    pub messages: u64,
    /// Why nothing can be sent to it, in a sentence.
    pub unreachable: Option<String>,
}

/// The rail.
#[server(prefix = "/fn", endpoint = "rail")]
pub async fn rail() -> Result<RailView, ApiError> {
    dashboard()?.rail().await
}

/// The list of chats.
#[server(prefix = "/fn", endpoint = "chats")]
pub async fn chats(#[server(default)] ask: ChatsAsk) -> Result<Sheet, ApiError> {
    let chats = dashboard()?.chats(ask.clone()).await?;
    Ok(Sheet::of(crate::sheets::chats::chats(&ask, &chats)))
}

/// The head of a chat's pages.
#[server(prefix = "/fn", endpoint = "chat_head")]
pub async fn head_of_chat(chat: i64) -> Result<ChatHead, ApiError> {
    dashboard()?.chat_head(chat).await
}

/// Makes a console chat and goes there.
#[server(prefix = "/fn", endpoint = "create_chat")]
pub async fn create_chat(title: String) -> Result<(), ApiError> {
    let chat = dashboard()?.create_chat(title).await?;
    leptos_axum::redirect(&format!("/chats/{chat}/console"));
    Ok(())
}

/// Begins a new context.
#[server(prefix = "/fn", endpoint = "reset")]
pub async fn reset(chat: i64) -> Result<(), ApiError> {
    dashboard()?.reset(chat).await
}
