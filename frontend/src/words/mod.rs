//! Everything that people read on the dashboard, in one place: a file a page, and what pages share.
//!
//! Views name texts and write none. A text is a constant; one with a number or a name in it is a function, so that the
//! order of its words and its plurals belong to the language and not to a view. A sentence around a link or a key is cut
//! there, and says so. A test holds the rest of this crate to it.
//!
//! Another language is another directory like this one, with the same names: `lib.rs` would take the one or the other for
//! its module `words` by a feature of this crate, and the compiler would name every text that is missing. No view would
//! change. Most pages are drawn on the server, so a language costs the browser little.
//!
//! What is not here: texts that the server hands to pages, because other ways out say them, too. Refusals and errors,
//! what a setting comes to, what came of an import, the names of services and the reasons of jobs are in `server/src/web/dashboard` and in the
//! engine; why a thing was left out of a context, and the names of durations, are in `souvenir-memory`.

pub(crate) mod analyses;
pub(crate) mod chats;
mod common;
pub(crate) mod console;
pub(crate) mod context;
pub(crate) mod episodes;
pub(crate) mod facts;
pub(crate) mod forget;
pub(crate) mod frame;
pub(crate) mod history;
pub(crate) mod imports;
pub(crate) mod jobs;
pub(crate) mod keys;
mod numbers;
pub(crate) mod overview;
pub(crate) mod proposals;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod turn;
pub(crate) mod undo;
pub(crate) mod usage;
pub(crate) mod what_if;

pub(crate) use common::*;
pub use imports::{records_read, records_skipped};
pub use numbers::*;
