//! A chat’s overview: its tiers on one line, its figures, and beginning anew.

use crate::words;

// Beginning anew.
pub(crate) const A_FRESH_START: &str = "A fresh start";
pub(crate) const BEGIN_A_NEW_CONTEXT: &str = "Begin a new context";
pub(crate) const WHAT_BEGINNING_DOES: &str =
    "Short term starts empty. Nothing is deleted: facts stay, and what was said stays in reach of recall.";

// The tiers.
pub(crate) const WHAT_IT_HOLDS: &str = "What it holds";
pub(crate) const OLDER_DRAWN_CLOSER: &str = "Older times are drawn closer together.";
pub(crate) const TIERS_ON_ONE_LINE: &str = "Memory tiers on one time line";
pub(crate) const PER_SLICE_OF_TIME: &str = "per slice of time";
pub(crate) const NO_BLIND_SPOT: &str = "No blind spot";
pub(crate) const FOR_THE_LAST_REPLY: &str = "for the last reply";
pub(crate) const ARCHIVED_IS_HATCHED: &str = "archived: hatched";
pub(crate) const FILLED_IS_IN_CONTEXT: &str = "filled: in context";
pub(crate) const OF_THESE_ARCHIVED: &str = "Of these, archived";
pub(crate) const TIER: &str = "Tier";

// The figures.
pub(crate) const FIGURES: &str = "Figures";
pub(crate) const WORD_FOR_WORD: &str = "word for word";
pub(crate) const IN_A_SUMMARY: &str = "in a summary";
pub(crate) const AS_FACTS: &str = "as facts";
pub(crate) const BY_RECALL: &str = "by recall";
pub(crate) const FACTS_IN_FORCE: &str = "Facts in force";
pub(crate) const OPEN_GOALS: &str = "Open goals";

pub(crate) fn newest_before(messages: u32) -> String {
    format!("newest {} before", words::count(messages))
}

pub(crate) fn of_so_many(messages: u32) -> String {
    format!("of {}", words::count(messages))
}

pub(crate) fn the_last(minutes: u32) -> String {
    format!("the last {}", words::duration(minutes))
}

/// How many messages are in reach, and by which ways.
pub(crate) fn in_reach(messages: u64, ways: &str) -> String {
    format!("{} in reach: {ways}", words::messages(messages))
}

pub(crate) fn by_way(messages: u64, way: &str) -> String {
    format!("{} {way}", words::count_u64(messages))
}

pub(crate) fn being_indexed(messages: u64) -> String {
    format!("{} still being indexed", words::count_u64(messages))
}

pub(crate) fn so_many_archived(messages: u64) -> String {
    format!("{} archived", words::count_u64(messages))
}

pub(crate) fn so_many_open(episodes: usize) -> String {
    format!("{episodes} open")
}

pub(crate) fn so_many_filled(episodes: usize) -> String {
    format!("{episodes} filled")
}

pub(crate) fn episodes_in_context(episodes: u64, inside: usize) -> String {
    format!("{}, {inside} of them in the next context.", words::episodes(episodes))
}

pub(crate) fn recalled(messages: usize) -> String {
    format!("{} recalled for the last reply.", words::messages(messages))
}

pub(crate) fn tokens_in(month: &str) -> String {
    format!("Tokens, {month}")
}

pub(crate) fn cost_in(month: &str) -> String {
    format!("Cost, {month}")
}
