//! Reading an export as a stream: one record in memory at a time, whatever the size of the file.
//!
//! `serde` walks the document; only the lists of messages are taken apart. A record that makes no sense is told by its place and
//! skipped. Where the document itself is broken there is no telling where the next record begins: reading ends there.

mod sink;
mod walk;

use std::{
    cell::Cell,
    io::BufReader,
    path::Path,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::Deserializer as _;
use souvenir_memory::{
    Encoding, TokenCount,
    import::{ExportedChat, Record},
};
use tokio::sync::mpsc;

use self::{
    sink::{Counting, Mark, Sink},
    walk::{ChatVisitor, HeadVisitor, Walk},
};
use super::report::BadPlace;
use crate::clock::TimeZone;

/// How many such batches may wait: more would only take memory.
pub(super) const QUEUE: usize = 3;
const BUFFER: usize = 1 << 18;

/// What stands in a file, in order.
#[derive(Debug)]
pub(super) enum Item {
    /// A chat begins; with the first person who speaks in it.
    Chat(ExportedChat, Option<(i64, Option<String>)>),
    /// Some of its records.
    Records(Vec<Entry>),
    /// Nothing more can be read, and why.
    Broken(String),
}

/// One record.
#[derive(Debug)]
pub(super) enum Entry {
    /// One that can be read, with the tokens of its text.
    Good(Box<Record>, TokenCount),
    /// One that cannot.
    Bad(BadPlace),
}

/// How reading is done.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// In which encoding to count.
    pub(super) encoding: Encoding,
    /// The zone of times without one.
    pub(super) zone: TimeZone,
    /// Whether only one chat may be in the file.
    pub(super) one_chat: bool,
    /// Told how many bytes were read.
    pub(super) done: Arc<AtomicU64>,
}

/// Reads a file to its end, or until nobody listens. Blocks.
///
/// Telegram Desktop writes of which chat messages are before them. Where other programs have put that behind, the heads are
/// read first, and the file once more.
pub(super) fn read(path: &Path, reading: Reading, to: mpsc::Sender<Item>) -> std::io::Result<()> {
    if !walk(path, reading.clone(), to.clone(), Heads::AsTheyCome)? {
        let heads = read_heads(path)?;
        walk(path, reading, to, Heads::Known(heads))?;
    }
    Ok(())
}

/// The heads of a file's chats, in their order.
fn read_heads(path: &Path) -> std::io::Result<Vec<ExportedChat>> {
    let file = BufReader::with_capacity(BUFFER, std::fs::File::open(path)?);
    let mut heads = Vec::new();
    let mut json = serde_json::Deserializer::from_reader(file);
    // A document that is broken has no more heads behind that.
    let _ = json.deserialize_map(HeadVisitor { heads: &mut heads, is_top: true });
    Ok(heads)
}

/// Walks through a file; false when messages come before it is said whose they are.
fn walk(path: &Path, reading: Reading, to: mpsc::Sender<Item>, heads: Heads) -> std::io::Result<bool> {
    let file = std::fs::File::open(path)?;
    let place = Rc::new(Cell::new(Mark::default()));
    let source = Counting {
        inner: BufReader::with_capacity(BUFFER, file),
        place: Rc::clone(&place),
        done: Arc::clone(&reading.done),
    };
    let sink = Sink::new(to, reading, place);
    let mut json = serde_json::Deserializer::from_reader(source);
    let mut walk = Walk { sink, found: false, heads };
    let ended = json.deserialize_map(ChatVisitor { walk: &mut walk, is_top: true });
    let Walk { mut sink, found, .. } = walk;
    if matches!(&ended, Err(error) if error.to_string().starts_with(HEADLESS)) {
        return Ok(false);
    }
    match ended {
        // Whatever was read before the document broke is taken in.
        Err(error) if !sink.to.is_closed() => {
            sink.flush().ok();
            sink.send(Item::Broken(told(&error))).ok();
        }
        Ok(()) if !found => {
            let why = "it holds no list of messages: export the chat as “Machine-readable JSON” and give the file result.json";
            sink.send(Item::Broken(why.to_owned())).ok();
        }
        _ => {}
    }
    sink.reading.done.store(sink.place.get().bytes, Ordering::Relaxed);
    Ok(true)
}

/// Where the heads of chats are known from.
enum Heads {
    AsTheyCome,
    Known(Vec<ExportedChat>),
}

/// Why a document cannot be read, without a word of it.
fn told(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Eof => {
            format!(
                "the file ends in the middle of something (line {line}, column {column}): export or copy it again, and import it \
                 once more"
            )
        }
        serde_json::error::Category::Syntax => {
            format!(
                "the file is no valid JSON from line {line}, column {column} on: mend it there or export it again, and import it \
                 once more"
            )
        }
        serde_json::error::Category::Io => format!("the file could not be read any further than line {line}"),
        serde_json::error::Category::Data if error.to_string().starts_with(SEVERAL) => SEVERAL.to_owned(),
        serde_json::error::Category::Data => {
            format!("the file is no export of Telegram Desktop (line {line}, column {column})")
        }
    }
}

const SEVERAL: &str = "this is an export of several chats: without naming a chat, each goes to one of its own";
const HEADLESS: &str = "messages come before it is said whose they are";
const GONE: &str = "nobody listens any more";
