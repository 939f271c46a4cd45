//! Souvenir's memory, without any I/O: what a message is, which tier holds it, what the next reply may see.
//!
//! Everything here is a pure function of its arguments. There is no clock, no randomness, no database and no
//! async: the server reads a [`context::Snapshot`], passes the current [`Timestamp`], and gets decisions back as
//! data. That is why the reply path, the dashboard's preview, what-if, and the tests can all call the same
//! [`context::build`].
//!
//! # The tiers
//!
//! Tiers are *views* over one list of messages, derived by rule and never copied (see [`tier`]):
//!
//! - `short_term`: not archived, younger than the chat's [`SessionDuration`], not before its `context_start`;
//! - `mid_term`: the newest 200 that are not archived and no longer in `short_term`;
//! - `whole_history`: everything, archived messages included and marked.
//!
//! Invariants, each held by a test: a message that is not archived is in exactly one of `short_term`, `mid_term`
//! or "older"; changing the session duration moves the boundary at once in both directions; nothing is lost by it.
//!
//! # The context
//!
//! [`context::build`] turns a snapshot into the exact list of messages to send and a [`manifest::Manifest`] that
//! says what each part costs and what was left out, with the reason. It never exceeds the budget and never drops
//! the message being answered.

pub mod context;
pub mod fact;
pub mod manifest;
pub mod message;
pub mod prompt;
pub mod session;
pub mod tier;
pub mod time;
pub mod tokens;

pub use fact::{Fact, FactId, FactKind, FactSource, FactStatus, GoalState};
pub use message::{ChatId, EpisodeId, Message, MessageId, MessageKind, RevisionId, Role, Source, TurnId};
pub use session::SessionDuration;
pub use tier::Tier;
pub use time::Timestamp;
pub use tokens::{Encoding, Scale, TokenBudget, TokenCount, TokenCounter};
