//! A year of daily conversation, made from a seed, that knows its own truth.
//!
//! Vera (French-Russian, writing in English too) talks to the bot every day for a year: mostly small talk, and now and then
//! something of herself. What she tells changes (`truth`): she moves, changes jobs and favourites, and corrects a birthday
//! that she had told wrongly. Other things stay as they are. Also in it is what an import has to cope with (`document`): forwards
//! that claim what is not so, edits, media, service messages, texts in pieces.
//!
//! What it offers:
//! - [`Year::new`]: the same year for the same seed; [`Year::lines`] in order of time;
//! - [`Year::told`]: every fact that was told, each with the words that carry it, since when and until when it holds;
//! - [`Year::current`], [`Year::in_force_at`], [`Year::superseded`], [`Year::month_ends`]: the truth, to compare with;
//! - [`Year::result_json`]: all of it as Telegram Desktop exports a chat;
//! - [`Year::consolidation`]: what a perfect memory model would answer to a request of Souvenir's, for a scripted model server.
//!
//! The words are such that the offline model finds each fact by its patterns and sees which one a new one replaces.

mod document;
mod speech;
#[cfg(test)]
mod tests;
mod truth;

use serde_json::{Value, json};

pub use truth::{Aspect, Told};

/// Telegram's id of Vera, and so of her private chat with the bot.
pub const VERA: i64 = 5_001_001;
/// Vera's name.
pub const VERA_NAME: &str = "Vera";
/// Telegram's id of the bot that she talked to.
pub const BOT: i64 = 7_007_007;
/// Its name.
pub const BOT_NAME: &str = "Souvenir";
/// The first second of the year: 1 January 2025, UTC.
pub const BEGINS: i64 = 1_735_689_600;
/// A day in seconds.
pub const DAY: i64 = 86_400;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    Vera,
    /// The bot.
    Bot,
}

/// How a line was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// In plain words.
    Plain,
    /// Passed on from somebody: never evidence.
    Forwarded(&'static str),
    /// Changed so many seconds later: the text is the last one.
    Edited(i64),
    /// A picture with these words.
    Photo,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, in seconds since 1970.
    pub at: i64,
    /// By whom.
    pub by: Speaker,
    /// The words.
    pub text: String,
    /// How.
    pub manner: Manner,
}

/// A year.
#[derive(Clone, Debug)]
pub struct Year {
    lines: Vec<Line>,
    told: Vec<Told>,
}

impl Year {
    /// The year of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let told = truth::told(&mut dice);
        let lines = speech::lines(&mut dice, &told);
        Self { lines, told }
    }

    /// What was said, in order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The facts that were told, in order.
    #[must_use]
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// What holds in the end.
    #[must_use]
    pub fn current(&self) -> Vec<&Told> {
        self.told.iter().filter(|told| told.until.is_none()).collect()
    }

    /// What held before and is history.
    #[must_use]
    pub fn superseded(&self) -> Vec<&Told> {
        self.told.iter().filter(|told| told.until.is_some()).collect()
    }

    /// What held, as far as it had been told, at a moment (seconds since 1970).
    #[must_use]
    pub fn in_force_at(&self, at: i64) -> Vec<&Told> {
        self.told.iter().filter(|told| told.from <= at && told.until.is_none_or(|until| at < until)).collect()
    }

    /// The last second of each month of the year, with its name: `2025-01`. No change falls within an hour of one.
    #[must_use]
    pub fn month_ends() -> Vec<(String, i64)> {
        let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let ends = days.iter().scan(BEGINS, |end, days| {
            *end += days * DAY;
            Some(*end - 1)
        });
        ends.zip(1..).map(|(end, month)| (format!("2025-{month:02}"), end)).collect()
    }

    /// Everything as Telegram Desktop writes it when Vera exports her chat with the bot.
    #[must_use]
    pub fn result_json(&self) -> Value {
        document::result_json(self)
    }

    /// What a perfect memory model answers to the text of a request for consolidation: a summary, and an operation for each
    /// fact told in its transcript, as an update where the known facts hold what it replaces.
    #[must_use]
    pub fn consolidation(&self, asked: &str) -> Value {
        let known: Vec<(i64, &str)> = asked.lines().filter_map(known_fact).collect();
        let lines = asked.lines().filter(|line| line.starts_with('[') && line.contains(&format!("| {VERA_NAME}: ")));
        let mut operations: Vec<(Aspect, Value)> = Vec::new();
        for line in lines {
            let Some(told) = self.told.iter().find(|told| line.contains(&told.statement)) else { continue };
            let Some(message) = line[1..].split(']').next().and_then(|id| id.parse::<i64>().ok()) else { continue };
            let before = |(_, text): &&(i64, &str)| {
                self.told.iter().any(|old| old.aspect == told.aspect && old != told && text.contains(&old.statement))
            };
            let replaced = known.iter().find(before).map(|(id, _)| *id);
            operations.retain(|(aspect, _)| *aspect != told.aspect);
            let operation = json!({
                "op": if replaced.is_some() { "update" } else { "add" }, "fact_id": replaced,
                "kind": told.aspect.kind(), "subject": VERA_NAME, "statement": told.statement, "valid_at": told.day(),
                "due_at": null, "goal_state": null,
                "evidence": [{"message_id": message, "quote": told.statement}],
            });
            operations.push((told.aspect, operation));
        }
        let operations: Vec<Value> = operations.into_iter().map(|(_, operation)| operation).collect();
        json!({"summary": "Vera and the bot talked about her day.", "operations": operations})
    }
}

/// A known fact as a request shows it: `(7) identity, Vera: I live in Lyon (since 2025-03-01)`.
fn known_fact(line: &str) -> Option<(i64, &str)> {
    let (id, text) = line.strip_prefix('(')?.split_once(") ")?;
    Some((id.parse().ok()?, text))
}

/// Random numbers that are the same for the same seed on every machine (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `from` up to `to`, without `to`.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = to.abs_diff(from).max(1);
        from + i64::try_from(self.roll() % span).unwrap_or(0)
    }

    /// One of some.
    pub(crate) fn pick<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        let place = usize::try_from(self.between(0, i64::try_from(some.len()).unwrap_or(1))).unwrap_or(0);
        &some[place]
    }

    /// Some in another order.
    pub(crate) fn shuffled<T: Clone>(&mut self, some: &[T]) -> Vec<T> {
        let mut all = some.to_vec();
        for place in (1..all.len()).rev() {
            let other = usize::try_from(self.between(0, i64::try_from(place + 1).unwrap_or(1))).unwrap_or(0);
            all.swap(place, other);
        }
        all
    }
}
