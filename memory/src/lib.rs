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
//!
//! ```
//! use souvenir_memory::{
//!     Encoding, Message, MessageId, MessageKind, RevisionId, Role, Scale, SessionDuration, Timestamp, TokenBudget,
//!     TokenCount, TokenCounter,
//!     context::{ContextSettings, Snapshot, SystemPrompt, build},
//!     manifest::Section,
//! };
//!
//! /// One token for each word: the server has the real tokenizers.
//! struct Words;
//! impl TokenCounter for Words {
//!     fn encoding(&self) -> Encoding {
//!         Encoding::O200kBase
//!     }
//!     fn count(&self, text: &str) -> TokenCount {
//!         TokenCount(text.split_whitespace().count() as u32)
//!     }
//! }
//!
//! let now = Timestamp(1_790_000_000_000);
//! let said = |id, role, hours_ago: u32, text: &str| Message {
//!     id: MessageId(id),
//!     revision: RevisionId(id),
//!     turn: None,
//!     role,
//!     author: None,
//!     kind: MessageKind::Text,
//!     text: text.to_owned(),
//!     tokens: Words.count(text),
//!     at: now.minus_minutes(hours_ago * 60),
//!     archived_at: None,
//! };
//! let snapshot = Snapshot {
//!     system_prompt: SystemPrompt { text: "Be brief.".to_owned(), sha256: "…".to_owned() },
//!     facts: Vec::new(),
//!     summaries: Vec::new(),
//!     digests: Vec::new(),
//!     messages: vec![
//!         said(1, Role::User, 30, "I live in Lyon."),
//!         said(2, Role::User, 1, "I like tea."),
//!         said(3, Role::Assistant, 1, "Noted."),
//!     ],
//!     current: vec![said(4, Role::User, 0, "What do I like?")],
//!     recalled: Vec::new(),
//!     fact_scores: Default::default(),
//!     older: Vec::new(),
//!     trim_mark: None,
//!     context_start: None,
//!     clock: Some("Monday, 21 September 2026, 14:13 (UTC)".to_owned()),
//! };
//! let mut settings = ContextSettings {
//!     model: "gpt-6.1-terra".to_owned(),
//!     budget: TokenBudget::default(),
//!     scale: Scale::EXACT,
//!     session: SessionDuration::Short,
//!     tool: None,
//! };
//!
//! let (context, manifest) = build(&snapshot, &settings, now, &Words)?;
//! let contents: Vec<&str> = context.messages.iter().map(|message| message.content.as_str()).collect();
//! assert_eq!(
//!     contents,
//!     [
//!         "Be brief.",
//!         "I like tea.",
//!         "Noted.",
//!         "It is now Monday, 21 September 2026, 14:13 (UTC).",
//!         "What do I like?",
//!     ]
//! );
//! assert_eq!(manifest.used(Section::Recent), TokenCount(3 + 3 + 1 + 3));
//! assert_eq!(manifest.left_out[0].reason.to_string(), "older than 3 h");
//!
//! // A longer session brings the older message back: nothing was moved or lost.
//! settings.session = SessionDuration::from_minutes(2 * 24 * 60)?;
//! let (context, manifest) = build(&snapshot, &settings, now, &Words)?;
//! assert_eq!(context.messages[1].content, "I live in Lyon.");
//! assert!(manifest.left_out.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod analysis;
pub mod calibration;
pub mod consolidation;
pub mod context;
pub mod delivery;
pub mod episode;
pub mod expense;
pub mod fact;
pub mod forgetting;
pub mod import;
pub mod manifest;
pub mod media;
pub mod message;
pub mod money;
pub mod months;
pub mod prompt;
pub mod recall;
pub mod receipt;
pub mod session;
pub mod spending;
pub mod tier;
pub mod time;
pub mod tokens;
pub mod vectors;

pub use delivery::{DeliveryState, PartState};
pub use fact::{Fact, FactId, FactKind, FactSource, FactStatus, GoalState};
pub use message::{
    AnalysisId, ChatId, EpisodeId, JobId, Message, MessageId, MessageKind, ProposalId, RevisionId, Role, Source, TurnId,
};
pub use money::NanoUsd;
pub use session::SessionDuration;
pub use tier::Tier;
pub use time::Timestamp;
pub use tokens::{Encoding, Scale, TokenBudget, TokenCount, TokenCounter};
