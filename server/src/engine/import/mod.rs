//! Bringing in what was said elsewhere: Telegram Desktop's `result.json`, and Souvenir's own exports.
//!
//! A file is read on a thread of its own ([`read`]), which parses and counts; what it read comes over a short queue to [`mod@write`],
//! which finds the chat that each goes to ([`target`]) and keeps it batch by batch. So memory stays small however large the
//! file is, and a crash loses nothing but time: the same file read again adds what is missing. [`queue`] lets a running process
//! do it for the command line and for uploads. No text of a message is logged or stands in a report.

mod own;
mod queue;
mod read;
pub mod report;
mod target;
mod upload;
mod write;

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

pub use queue::ImportItem;
pub use report::{BadPlace, ChatReport, ImportReport};
use souvenir_memory::ChatId;
use tokio::sync::Notify;
pub use upload::Upload;
pub use write::{AsyncTold, Got, ImportOptions};

/// What the worker and those who ask it share.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// Held while a file is read: one at a time.
    alone: tokio::sync::Mutex<()>,
    /// The chats that are being filled: nobody indexes or follows them meanwhile.
    filling: Mutex<BTreeSet<ChatId>>,
    /// Told when a file waits, or is to be stopped.
    wake: Notify,
    /// The bot that Telegram knows us by, once that is known.
    bot: std::sync::OnceLock<i64>,
    /// The database: uploads are kept beside it until they were read.
    beside: std::sync::OnceLock<std::path::PathBuf>,
}

impl Imports {
    /// Whether messages are coming into a chat just now.
    pub(super) fn is_being_filled(&self, chat: ChatId) -> bool {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner).contains(&chat)
    }

    fn fill(&self, chat: ChatId) -> Filling<'_> {
        self.filling.lock().unwrap_or_else(PoisonError::into_inner).insert(chat);
        Filling { imports: self, chat }
    }
}

/// A chat that is being filled, for as long as this is held.
struct Filling<'a> {
    imports: &'a Imports,
    chat: ChatId,
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        self.imports.filling.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.chat);
    }
}
