//! Bringing conversations in, and taking them out.

use crate::{
    api::{ImportedChatView, WaitingView},
    words,
};

pub(crate) const FILE_BROKEN: &str = "The file did not arrive whole. Send it again.";
pub(crate) const FILE_EMPTY: &str = "The file is empty. Choose the result.json of an export.";
pub(crate) const NO_SUCH_CHAT: &str = "There is no such chat any more. Choose another.";
pub(crate) const FILE_NOT_KEPT: &str = "The file could not be kept. The log of the server says why.";
pub(crate) const BRING_IN: &str = "Bring in";
pub(crate) const HOW_TO_EXPORT: &str = "In Telegram Desktop: a chat’s menu, Export chat history, format \
     “Machine-readable JSON”; or Settings, Advanced, Export Telegram data. The file is result.json. An export of \
     Souvenir’s own (JSON lines) goes the same way. Doing it again adds nothing that is there.";
pub(crate) const INTO: &str = "Into";
pub(crate) const CHAT_OF_THE_FILE: &str = "the chat that the file names";
pub(crate) const FILE: &str = "File";
pub(crate) const IMPORTED_NOT_SUMMED_UP: &str = "Imported, found by search, and not summed up yet.";
pub(crate) const IMPORTS: &str = "Imports";
pub(crate) const BYTES_READ: &str = "Bytes read";
pub(crate) const MARKDOWN: &str = "Markdown";
pub(crate) const TAKE_OUT: &str = "Take out";
pub(crate) const WHAT_EACH_HOLDS: &str =
    "JSON lines hold everything and can be brought in again; Markdown is for reading.";
pub(crate) const CHAT: &str = "Chat";
pub(crate) const FOR_PROGRAMS: &str = "For programs";
pub(crate) const FOR_PEOPLE: &str = "For people";
pub(crate) const IMPORT_AND_EXPORT: &str = "Import and export";
pub(crate) const SUM_UP_AT_ONCE: &str = "Sum it up at once, whatever it costs";
pub(crate) const JSON_LINES: &str = "JSON lines";

/// After the title of a chat: what summing up what was imported would take.
pub(crate) fn would_read(waiting: &WaitingView) -> String {
    let cost = match waiting.usd {
        Some(usd) => format!("about {}", words::usd(Some(usd))),
        None => "a price that is not known".to_owned(),
    };
    format!(
        ": {} in {}. {} would read about {}, for {cost}.",
        words::messages(waiting.messages),
        words::episodes(waiting.episodes),
        waiting.model,
        words::tokens(waiting.tokens)
    )
}

/// After the title of a chat: what came of it.
pub(crate) fn taken_in(chat: &ImportedChatView) -> String {
    let made = if chat.made { " (new)" } else { "" };
    let told: Vec<String> = std::iter::once(records_read(chat.read)).chain(chat.told.iter().cloned()).collect();
    format!("{made}: {}", told.join("; "))
}

/// So much of a file was read; the command line says the same.
#[must_use]
pub fn records_read(number: u64) -> String {
    words::plural(number, "record read", "records read")
}

/// So much of a file could not be read; the command line says the same.
#[must_use]
pub fn records_skipped(number: u64) -> String {
    words::plural(number, "record cannot be read and was skipped", "records cannot be read and were skipped")
}

pub(crate) fn skipped(why: &str) -> String {
    format!("A chat was skipped: {why}.")
}

pub(crate) fn not_read_to_its_end(why: &str) -> String {
    format!("Not read to its end: {why}. What stands before is in.")
}

pub(crate) fn of_import(import: i64) -> String {
    format!(" import {import}")
}

pub(crate) fn of_chat(title: &str) -> String {
    format!(" of {title}")
}
