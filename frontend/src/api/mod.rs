//! What the pages ask and what they may change: the port to the engine, and the server functions over it.
//!
//! What a page shows is drawn on the server, for the first load and for every later one: a server function reads view
//! types from the port and gives a [`Sheet`], HTML that the browser puts in its place. Drawing it there keeps tables,
//! bars and their words out of the wasm, which then holds only what moves: controls, the console, live events.
//!
//! Server functions cannot be generic and this crate must not name the server, so the server implements
//! [`Dashboard`] and provides it as [`DashboardPort`] in the context of every route. One file a resource holds its
//! view types and its server functions, whose bodies only pass on to the port.
//!
//! Conventions of all view types: times are [`Moment`]s, written out in the chat's zone by the server; counts are
//! integers and formatted here; money is US dollars, `None` when unknown; `html` is safe to insert as it is.
//!
//! # How the server mounts this
//!
//! ```text
//! let port: DashboardPort = Arc::new(WebDashboard { … });
//! let provide = move || provide_context(port.clone());
//! let routes = leptos_axum::generate_route_list(App);
//! Router::new()
//!     .route("/fn/{*name}", any(move |request| handle_server_fns_with_context(provide.clone(), request)))
//!     .leptos_routes_with_context(&options, routes, provide, { let options = options.clone(); move || shell(options.clone()) })
//! ```
//!
//! Forms work before any script has loaded: a server function called by a form post redirects back to the
//! `Referer`, so the `Referrer-Policy` header must be `same-origin` (not `no-referrer`).

#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod analyses;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod chats;
mod comparison;
mod context;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod episodes;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod fact_changes;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod facts;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod forgetting;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod imports;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod messages;
mod moment;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod overview;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod proposals;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod settings;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod turns;

mod search;
mod sheet;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod undo;
#[expect(missing_docs, reason = "the server macro makes a struct whose fields are the arguments")]
mod usage;

pub use analyses::*;
pub use chats::*;
pub use comparison::*;
pub use context::*;
pub use episodes::*;
pub use fact_changes::*;
pub use facts::*;
pub use forgetting::*;
pub use imports::*;
pub use messages::*;
pub use moment::*;
pub use overview::*;
pub use proposals::*;
pub use search::*;
pub use settings::*;
pub use sheet::*;
pub use turns::*;
pub use undo::*;
pub use usage::*;

use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

use crate::words;

/// Why a question got no answer or a change was not made. The text is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ApiError {
    /// There is no such thing.
    #[error("{}", words::frame::not_here(.what))]
    NotFound {
        /// What was asked for: `chat 12`.
        what: String,
    },
    /// A value was not accepted.
    #[error("{message}")]
    Invalid {
        /// The form field it came from.
        field: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// Nobody is signed in.
    #[error("{}", words::frame::SIGNED_OUT)]
    Unauthorized,
    /// The server could not be reached.
    #[error("{}", words::frame::UNREACHABLE)]
    Unreachable,
    /// Something is wrong inside; the log says what.
    #[error("{}", words::frame::INTERNAL)]
    Internal,
}

impl ApiError {
    /// A value that was not accepted.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    /// A thing that does not exist: `ApiError::not_found("chat", 12)`.
    #[must_use]
    pub fn not_found(kind: &str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { what: format!("{kind} {id}") }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            ServerFnErrorErr::Args(message) | ServerFnErrorErr::MissingArg(message) => {
                Self::Invalid { field: "form".into(), message }
            }
            _ => Self::Internal,
        }
    }
}

/// The port, as it stands in the context of every route and server function.
#[cfg(feature = "ssr")]
pub type DashboardPort = std::sync::Arc<dyn Dashboard>;

/// Everything the pages ask of the engine and everything they may change.
///
/// Every method fails with [`ApiError::NotFound`] when the chat, turn or fact does not exist, and with
/// [`ApiError::Invalid`] when a value is not accepted. Chats, turns, facts and messages go by their numbers.
#[cfg(feature = "ssr")]
#[async_trait::async_trait]
pub trait Dashboard: Send + Sync {
    /// The rail of every page: chats, newest message first, and the health of the services. Never slow.
    async fn rail(&self) -> Result<RailView, ApiError>;
    /// Chats, those that were searched for, in the order asked for; with the report of that number if there is one.
    async fn chats(&self, ask: ChatsAsk) -> Result<ChatsView, ApiError>;
    /// What the head and the tabs of a chat's pages show.
    async fn chat_head(&self, chat: i64) -> Result<ChatHead, ApiError>;
    /// Makes a console chat and gives its number. An empty title gets a default one.
    async fn create_chat(&self, title: String) -> Result<i64, ApiError>;
    /// Moves the start of the context to now: what was said stays, but is no longer recent.
    async fn reset(&self, chat: i64) -> Result<(), ApiError>;

    /// A chat's tiers, its settings of the context, and its figures.
    async fn overview(&self, chat: i64) -> Result<OverviewView, ApiError>;
    /// The next context, in force and as it would be. Nothing changes by asking.
    async fn what_if(&self, chat: i64, ask: WhatIfAsk) -> Result<WhatIfView, ApiError>;

    /// Turns, newest first; `cursor` is the turn before which to go on.
    async fn turns(&self, chat: i64, cursor: Option<i64>) -> Result<TurnsView, ApiError>;
    /// One turn with its manifest.
    async fn turn(&self, chat: i64, turn: i64) -> Result<TurnView, ApiError>;
    /// Sends again what of a reply did not arrive; with `may_double` also what may have.
    async fn send_again(&self, chat: i64, turn: i64, may_double: bool) -> Result<(), ApiError>;
    /// A past turn's context built again with other settings. No model is called.
    async fn replay(&self, chat: i64, turn: i64, ask: WhatIfAsk) -> Result<WhatIfView, ApiError>;

    /// Messages, newest first.
    async fn history(&self, chat: i64, ask: HistoryAsk) -> Result<HistoryView, ApiError>;
    /// What is found in a chat, best first, archived messages too.
    async fn search(&self, chat: i64, ask: HistoryAsk) -> Result<SearchView, ApiError>;
    /// Archives messages or brings them back. Like the changes of facts below, it gives the number under which what was done
    /// can be taken back; none when nothing had to be done.
    async fn archive(&self, chat: i64, messages: Vec<i64>, archived: bool) -> Result<Option<u64>, ApiError>;
    /// The newest part of the conversation, oldest first, each reply with the line of its turn.
    async fn console(&self, chat: i64) -> Result<ConsoleView, ApiError>;
    /// Says something in a console chat and waits for the answer. Being dropped does not cut the answer short.
    async fn say(&self, chat: i64, text: String) -> Result<(), ApiError>;
    /// Stops the answer being written, if one is. What is written so far is kept.
    async fn stop(&self, chat: i64) -> Result<(), ApiError>;

    /// All facts but deleted ones, in the order of the prompt; with `as_of` (`2026-11-20`) as they were known at the end
    /// of that day, and with the report of that number if there is one.
    async fn facts(&self, chat: i64, as_of: String, report: Option<u64>) -> Result<FactsView, ApiError>;
    /// One fact with its evidence in place and its versions. Also deleted ones, as long as they can be restored. With
    /// `forget`, also what forgetting it would take along.
    async fn fact(&self, chat: i64, fact: i64, forget: bool) -> Result<FactDetail, ApiError>;
    /// Writes a new fact in the owner's name and gives its number.
    async fn add_fact(&self, chat: i64, form: FactForm) -> Result<i64, ApiError>;
    /// Saves a new version of a fact in the owner's name.
    async fn edit_fact(&self, chat: i64, fact: i64, form: FactForm) -> Result<Option<u64>, ApiError>;
    /// Pins facts or lets them go.
    async fn pin_facts(&self, chat: i64, facts: Vec<i64>, pinned: bool) -> Result<Option<u64>, ApiError>;
    /// Deletes facts, so that they are not learnt again.
    async fn delete_facts(&self, chat: i64, facts: Vec<i64>) -> Result<Option<u64>, ApiError>;
    /// Makes facts one in the owner's words; gives the one that stays too.
    async fn merge_facts(&self, chat: i64, facts: Vec<i64>, statement: String) -> Result<(i64, Option<u64>), ApiError>;
    /// Sets how far a goal is: `open`, `done`, `dropped`.
    async fn set_goal(&self, chat: i64, fact: i64, state: String) -> Result<Option<u64>, ApiError>;
    /// Puts a pending fact in force.
    async fn use_fact(&self, chat: i64, fact: i64) -> Result<(), ApiError>;
    /// Brings a deleted fact back, or an old version as a new one.
    async fn restore_fact(&self, chat: i64, fact: i64, version: Option<u32>) -> Result<(), ApiError>;

    /// Forgets a fact with what repeats it; gives the number of the report.
    async fn forget_fact(&self, chat: i64, fact: i64) -> Result<u64, ApiError>;
    /// Forgets messages with what rests on them; gives the number of the report.
    async fn forget_messages(&self, chat: i64, messages: Vec<i64>) -> Result<u64, ApiError>;
    /// What forgetting the whole chat would take along. Nothing changes.
    async fn would_forget_chat(&self, chat: i64) -> Result<ForgetView, ApiError>;
    /// Forgets a chat as a whole; gives the number of the report.
    async fn forget_chat(&self, chat: i64) -> Result<u64, ApiError>;

    /// What waits for the owner in a chat, oldest first, both sides with their quotes in place.
    async fn proposals(&self, chat: i64) -> Result<Vec<ProposalView>, ApiError>;
    /// Does what a proposal asks for, or has the fact say this statement instead, unless it is empty.
    async fn accept_proposal(&self, chat: i64, proposal: i64, statement: String) -> Result<Option<u64>, ApiError>;
    /// Turns a proposal down.
    async fn reject_proposal(&self, chat: i64, proposal: i64) -> Result<Option<u64>, ApiError>;

    /// What was done under this number, as long as that is known.
    async fn done(&self, number: u64) -> Option<DoneView>;
    /// Takes what was done under this number back; gives the chat it was done in.
    async fn undo(&self, number: u64) -> Result<i64, ApiError>;

    /// What a whole-history analysis would take, and those there were.
    async fn analyses(&self, chat: i64) -> Result<AnalysesView, ApiError>;
    /// Has the whole history analysed.
    async fn analyse(&self, chat: i64) -> Result<(), ApiError>;
    /// Carries out or turns down a line of an analysis, or all that wait.
    async fn decide_lines(&self, chat: i64, analysis: i64, line: Option<u32>, accept: bool) -> Result<(), ApiError>;
    /// Takes back everything an analysis did to facts.
    async fn undo_analysis(&self, chat: i64, analysis: i64) -> Result<(), ApiError>;

    /// Episodes, newest first, with what is due and the jobs; `cursor` is the episode before which to go on.
    async fn episodes(&self, chat: i64, cursor: Option<i64>) -> Result<EpisodesView, ApiError>;
    /// Sums up the last so many days.
    async fn sum_up_days(&self, chat: i64, days: u32) -> Result<(), ApiError>;
    /// Closes the open episode and has everything that is due summed up.
    async fn summarise(&self, chat: i64) -> Result<(), ApiError>;
    /// Puts a summary in the owner's words in force.
    async fn rewrite_summary(&self, chat: i64, episode: i64, text: String) -> Result<(), ApiError>;
    /// Takes back what consolidating an episode did.
    async fn revert_episode(&self, chat: i64, episode: i64) -> Result<(), ApiError>;
    /// Stops a job; what it has done stays.
    async fn stop_job(&self, chat: i64, job: i64) -> Result<(), ApiError>;
    /// Tries a job again at once.
    async fn retry_job(&self, chat: i64, job: i64) -> Result<(), ApiError>;

    /// What was imported, newest first, and what of it waits for the owner's word.
    async fn imports(&self) -> Result<ImportsView, ApiError>;
    /// Stops an import; what was read by then stays.
    async fn stop_import(&self, import: i64) -> Result<(), ApiError>;
    /// Has what was imported into a chat summed up.
    async fn consolidate_imported(&self, chat: i64) -> Result<(), ApiError>;

    /// What the models were used for in the last so many days, today included.
    async fn usage(&self, days: u32) -> Result<UsageView, ApiError>;

    /// The settings of a chat, or those of the dashboard, each with its origin.
    /// With the trial of that number if there is one.
    async fn settings(&self, chat: Option<i64>, trial: Option<u64>) -> Result<SettingsView, ApiError>;
    /// Whether a value would be accepted, and what it would come to. Nothing changes.
    async fn check_setting(&self, chat: Option<i64>, key: String, value: String) -> Result<CheckView, ApiError>;
    /// Asks a model for a word; gives the number of the trial.
    async fn try_model(&self, key: String, value: String) -> Result<u64, ApiError>;
    /// Sets one setting of a chat or of the dashboard; the value as a person wrote it.
    async fn set_setting(&self, chat: Option<i64>, key: String, value: String) -> Result<(), ApiError>;
    /// Takes a setting back: the next origin applies again.
    async fn clear_setting(&self, chat: Option<i64>, key: String) -> Result<(), ApiError>;
    /// Sets a chat's session duration (`short`, `medium`, `long` or minutes) and budget in one step.
    async fn apply_context(
        &self,
        chat: i64,
        session_duration: String,
        max_context_tokens: Option<u32>,
    ) -> Result<(), ApiError>;
}

/// The port of this request.
#[cfg(feature = "ssr")]
fn dashboard() -> Result<DashboardPort, ApiError> {
    use_context::<DashboardPort>().ok_or(ApiError::Internal)
}
