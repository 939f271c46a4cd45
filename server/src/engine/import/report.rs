//! What came of an import: counts and places, never a word of what was said.

use serde::{Deserialize, Serialize};
use souvenir_memory::ChatId;

/// So many places of bad records are kept; beyond that they are only counted.
pub(super) const MOST_PLACES: usize = 100;

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportReport {
    /// The chats it held, in their order.
    pub chats: Vec<ChatReport>,
    /// Records that could not be read and were skipped.
    pub bad: u64,
    /// Where the first of them stand.
    pub places: Vec<BadPlace>,
    /// Where and why the file could not be read any further; what stands before was taken in.
    pub broken: Option<String>,
    /// Whether some of what came waits for the owner's word to be summed up, since that costs something.
    pub waits: bool,
}

/// What came of one chat of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChatReport {
    /// The chat that it went to; none when it was skipped.
    pub chat: Option<i64>,
    /// Whether that was made for it.
    pub made: bool,
    /// Records that were read.
    pub read: u64,
    /// Messages that are new.
    pub added: u64,
    /// Messages that were there.
    pub already: u64,
    /// Of those, how many got a newer text.
    pub edited: u64,
    /// Messages that had been forgotten and stay so.
    pub forgotten: u64,
    /// Messages of the time since the bot itself is in the chat that it never received: nothing can come in between any more.
    pub later: u64,
    /// Facts that came with the messages.
    pub facts: u64,
    /// Why all of it was skipped.
    pub skipped: Option<String>,
}

/// Where a record stands that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadPlace {
    /// The chat in the file, from 1.
    pub chat: u64,
    /// The record in that chat, from 1.
    pub record: u64,
    /// The number it gives itself, if it does.
    pub id: Option<i64>,
    /// The line on which it ends.
    pub line: u64,
    /// The byte at which it ends.
    pub byte: u64,
    /// What is wrong with it.
    pub why: String,
}

impl ChatReport {
    /// What came of the records that were read: numbers, and what each is of. What there is none of is left out.
    #[must_use]
    pub fn told(&self) -> Vec<(u64, &'static str)> {
        let lines = [
            (self.added, "message is new", "messages are new"),
            (self.already, "was there already", "were there already"),
            (self.edited, "of those has a newer text now", "of those have a newer text now"),
            (self.forgotten, "was forgotten before and stays so", "were forgotten before and stay so"),
            (
                self.later,
                "is of the time since the bot is there, and it never received it: not taken in",
                "are of the time since the bot is there, and it never received them: not taken in",
            ),
            (self.facts, "fact came along", "facts came along"),
        ];
        let told = lines.into_iter().filter(|(count, ..)| *count > 0);
        told.map(|(count, one, many)| (count, if count == 1 { one } else { many })).collect()
    }
}

impl BadPlace {
    /// In words: `record 5 of chat 1 (id 77, line 120, byte 3456): it has no …`.
    #[must_use]
    pub fn told(&self) -> String {
        let id = self.id.map(|id| format!("id {id}, ")).unwrap_or_default();
        let Self { chat, record, line, byte, why, .. } = self;
        format!("record {record} of chat {chat} ({id}line {line}, byte {byte}): {why}")
    }
}

impl ImportReport {
    /// The chats that records went to.
    pub fn filled(&self) -> impl Iterator<Item = ChatId> + '_ {
        self.chats.iter().filter_map(|chat| chat.chat.map(ChatId))
    }

    /// A sum over all chats.
    #[must_use]
    pub fn sum(&self, of: fn(&ChatReport) -> u64) -> u64 {
        self.chats.iter().map(of).sum()
    }

    pub(super) fn is_bad(&mut self, place: BadPlace) {
        self.bad += 1;
        if self.places.len() < MOST_PLACES {
            self.places.push(place);
        }
    }
}
