//! What was read, gathered and handed on; and the place in the file that reading has come to.

use std::{
    cell::Cell,
    io::Read,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::de::Error as _;
use serde_json::Value;
use souvenir_memory::import::{ExportedChat, record};
use tokio::sync::mpsc;

use super::{Entry, GONE, Item, Reading, SEVERAL};
use crate::{
    clock::TimeZone,
    engine::{assemble::count, import::report::BadPlace},
};

/// So many records go over the queue together.
const AT_ONCE: usize = 1_000;
/// Or fewer, when their texts are as long as this together.
const BYTES_AT_ONCE: usize = 1 << 20;

/// How far reading is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) bytes: u64,
    pub(super) line: u64,
}

impl Default for Mark {
    fn default() -> Self {
        Self { bytes: 0, line: 1 }
    }
}

/// Counts what is read. The parser takes a byte at a time.
pub(super) struct Counting<R> {
    pub(super) inner: R,
    pub(super) place: Rc<Cell<Mark>>,
    pub(super) done: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let Mark { bytes, line } = self.place.get();
        let lines = buffer[..read].iter().filter(|byte| **byte == b'\n').count() as u64;
        let now = Mark { bytes: bytes + read as u64, line: line + lines };
        if now.bytes >> 16 != bytes >> 16 {
            self.done.store(now.bytes, Ordering::Relaxed);
        }
        self.place.set(now);
        Ok(read)
    }
}

/// Gathers records and hands them on.
pub(super) struct Sink {
    pub(super) to: mpsc::Sender<Item>,
    pub(super) reading: Reading,
    pub(super) place: Rc<Cell<Mark>>,
    /// A chat that was not told of yet: who speaks in it is seen from its first records.
    pub(super) head: Option<ExportedChat>,
    pub(super) chat: u64,
    record: u64,
    entries: Vec<Entry>,
    bytes: usize,
}

impl Sink {
    pub(super) fn new(to: mpsc::Sender<Item>, reading: Reading, place: Rc<Cell<Mark>>) -> Self {
        Self { to, reading, place, head: None, chat: 0, record: 0, entries: Vec::new(), bytes: 0 }
    }

    pub(super) fn send(&self, item: Item) -> Result<(), serde_json::Error> {
        self.to.blocking_send(item).map_err(|_| serde_json::Error::custom(GONE))
    }

    pub(super) fn begin(&mut self, head: ExportedChat) -> Result<(), serde_json::Error> {
        if self.chat > 0 && self.reading.one_chat {
            return Err(serde_json::Error::custom(SEVERAL));
        }
        self.chat += 1;
        self.record = 0;
        self.head = Some(head);
        Ok(())
    }

    pub(super) fn take(&mut self, value: &Value) -> Result<(), serde_json::Error> {
        self.record += 1;
        let zone = &self.reading.zone;
        let entry = match record(value, &|text| local(text, zone)) {
            Ok(record) => {
                self.bytes += record.text.len();
                let tokens = count(self.reading.encoding, &record.text);
                Entry::Good(Box::new(record), tokens)
            }
            Err(flaw) => {
                let Mark { bytes, line } = self.place.get();
                let id = value["id"].as_i64();
                let (chat, record, byte) = (self.chat, self.record, bytes);
                Entry::Bad(BadPlace { chat, record, id, line, byte, why: flaw.to_string() })
            }
        };
        self.entries.push(entry);
        if self.entries.len() >= AT_ONCE || self.bytes >= BYTES_AT_ONCE { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<(), serde_json::Error> {
        if let Some(head) = self.head.take() {
            let person = self.person(&head);
            self.send(Item::Chat(head, person))?;
        }
        self.bytes = 0;
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() { Ok(()) } else { self.send(Item::Records(entries)) }
    }

    /// The first person who speaks and is not the other side of the chat.
    fn person(&self, head: &ExportedChat) -> Option<(i64, Option<String>)> {
        self.entries.iter().find_map(|entry| match entry {
            Entry::Good(record, _) => {
                let id = record.author_id.filter(|id| *id > 0 && Some(*id) != head.id)?;
                Some((id, record.author.clone()))
            }
            Entry::Bad(_) => None,
        })
    }
}

/// The moment of a time without a zone.
fn local(text: &str, zone: &TimeZone) -> Option<i64> {
    let time: jiff::civil::DateTime = text.parse().ok()?;
    time.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp().as_second())
}
