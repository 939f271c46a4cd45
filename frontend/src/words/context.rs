//! A context: its sections, its items, and the table of what they take.

use std::fmt::Display;

use souvenir_memory::manifest::{ItemKind, Section};

use crate::words;

// Bars.
pub(crate) const WHAT_THE_BARS_SHOW: &str = "What the bars show";

// The table.
pub(crate) const THEN: &str = "Then";
pub(crate) const CHANGE: &str = "Change";
pub(crate) const CONTEXT_BY_SECTION: &str = "Context by section";
pub(crate) const HOLDS: &str = "Holds";
pub(crate) const CAP: &str = "Cap";
pub(crate) const NOW: &str = "Now";
pub(crate) const EMPTY: &str = "Empty.";
pub(crate) const UNSPENT: &str = "unspent";
pub(crate) const COST_OF_A_REQUEST: &str = "of a request, without a cache";
pub(crate) const NO_PRICE_YET: &str = "this model has no price yet";
pub(crate) const NO_MESSAGE_YET: &str = "no message yet";

const FRAME: &str = "frame";
const CLOCK: &str = "clock";
const ANSWER_MARK: &str = "answer mark";

/// How the items are named that stand in every context.
pub(crate) const FIXED: [&str; 3] = [FRAME, CLOCK, ANSWER_MARK];

// The parts of a bar, read out one after the other.
pub(crate) const SCALING_WITHIN: &str = "scaling";
pub(crate) const RESERVE_WITHIN: &str = "reserve";
pub(crate) const FREE_WITHIN: &str = "free";

/// A section's name as it is written everywhere.
pub(crate) fn section(section: Section) -> &'static str {
    match section {
        Section::System => words::SYSTEM,
        Section::Facts => words::FACTS,
        Section::Summaries => words::SUMMARIES,
        Section::Recent => words::RECENT,
        Section::Recalled => words::RECALLED,
        Section::Current => words::CURRENT,
    }
}

/// The same within a sentence.
pub(crate) fn section_within(section: Section) -> &'static str {
    match section {
        Section::System => "system",
        Section::Facts => "facts",
        Section::Summaries => "summaries",
        Section::Recent => "recent",
        Section::Recalled => "recalled",
        Section::Current => "current",
    }
}

/// A part of a bar, read out.
pub(crate) fn part(name: &str, tokens: u32) -> String {
    format!("{name} {}", words::count(tokens))
}

/// An item of which only the kind is known.
pub(crate) fn item(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Frame => FRAME,
        ItemKind::Clock => CLOCK,
        ItemKind::Priming => ANSWER_MARK,
        ItemKind::Tool => "tool",
        ItemKind::Call => "search",
        ItemKind::Prompt => "prompt",
        ItemKind::Fact => "fact",
        ItemKind::Summary => "episode",
        ItemKind::Digest => "digest",
        ItemKind::Message => "message",
    }
}

/// How an item is named beside its speaker and its moment: an imported message has no other name than that moment.
pub(crate) fn shown_as(reference: &str) -> &str {
    if reference.starts_with("message ") && reference.contains(':') { "imported" } else { reference }
}

pub(crate) fn frame_of(section: Section) -> String {
    format!("the frame of {}", section_within(section))
}

pub(crate) fn fact_version(id: impl Display, version: impl Display) -> String {
    format!("fact {id} v{version}")
}

pub(crate) fn digest(id: impl Display) -> String {
    format!("digest {id}")
}

/// A prompt by the first digits of its hash.
pub(crate) fn prompt(hash: &str) -> String {
    format!("prompt {hash}")
}

/// What the summaries hold.
pub(crate) fn summaries(digests: usize, episodes: usize) -> String {
    let episodes = words::episodes(episodes);
    match digests {
        0 => episodes,
        some => format!("{}, {episodes}", words::plural(some, "digest", "digests")),
    }
}

pub(crate) fn messages_between(number: usize, first: &str, last: &str) -> String {
    format!("{}, {first} to {last}", words::messages(number))
}

pub(crate) fn messages_at(number: usize, time: &str) -> String {
    format!("{}, {time}", words::messages(number))
}

/// What was recalled, and whether the clock stands with it.
pub(crate) fn recalled(messages: usize, facts: usize, clock: bool) -> String {
    let messages = (messages > 0).then(|| words::messages(messages));
    let facts = (facts > 0).then(|| words::facts(facts));
    let clock = clock.then(|| "the clock".to_owned());
    let parts: Vec<String> = [messages, facts, clock].into_iter().flatten().collect();
    match parts.as_slice() {
        [] => words::messages(0_usize),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

pub(crate) fn counts_about(scale: &str) -> String {
    format!("the model counts about × {scale}")
}

pub(crate) fn reserve(answer: u32, slack: u32) -> String {
    format!("answer {}, slack {}", words::count(answer), words::count(slack))
}

pub(crate) fn counted_by(model: &str, encoding: &str) -> String {
    format!("{model}, {encoding}")
}

/// The cap of facts and summaries together.
pub(crate) fn cap_of_both(cap: u32) -> String {
    format!("{} both", words::count(cap))
}
