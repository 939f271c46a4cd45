//! Episodes, their summaries and receipts, and the summaries of days.

use crate::{
    api::{DaysView, EpisodeView, Moment},
    words,
};

// Summaries of days.
pub(crate) const DAYS: &str = "Days";

// Episodes.
pub(crate) const NO_EPISODE_YET: &str = "No episode yet";
pub(crate) const WHAT_AN_EPISODE_IS: &str = "An episode is a run of turns without a long pause. The first message \
     begins one; when it ends, its summary will stand here with a receipt of what it left out.";
pub(crate) const OLDER_EPISODES: &str = "Older episodes";
pub(crate) const REWRITE_THE_SUMMARY: &str = "Rewrite the summary";
pub(crate) const DUE: &str = "due to be summed up";
pub(crate) const SUMMED_UP: &str = "summed up";
pub(crate) const IMPORTED: &str = "It was imported. Search and recall find it; no model reads it before you say so.";
pub(crate) const SEE_WHAT_IT_COSTS: &str = "See what summing it up would cost";
pub(crate) const GOES_ON: &str = "It goes on. Its summary is written when it ends.";
pub(crate) const NOT_WRITTEN_YET: &str = "Its summary is not written yet.";
pub(crate) const NOTHING_TO_SUM_UP: &str = "There was nothing in it to sum up.";
pub(crate) const SAVE_THE_SUMMARY: &str = "Save the summary";
pub(crate) const COVERS: &str = "Covers";
pub(crate) const TOKENS_OF_THESE_MESSAGES: &str = "Tokens of these messages";
pub(crate) const TOKENS_OF_THE_SUMMARY: &str = "Tokens of the summary";
pub(crate) const WRITTEN_BY: &str = "Written by";
pub(crate) const WRITTEN: &str = "Written";
pub(crate) const NOT_IN_SUMMARY: &str = "In the messages, not in the summary";
pub(crate) const NOTHING_LOST: &str = "Every name, number, date and link that was found is in it.";
pub(crate) const NAMES: &str = "Names";
pub(crate) const NUMBERS: &str = "Numbers";
pub(crate) const DATES_AND_TIMES: &str = "Dates and times";
pub(crate) const LINKS: &str = "Links";
pub(crate) const KNOWN_ALREADY: &str = "known already";
pub(crate) const DECIDE: &str = "Decide";
pub(crate) const WHAT_REVERTING_DOES: &str = "Takes its summary back, and the facts to where they were before it, but \
     for those you touched since. Messages stay.";
pub(crate) const REVERT: &str = "Revert";
/// What stands before and after a number of days.
pub(crate) const THE_LAST_DAYS: [&str; 2] = ["The last", "days"];
/// Between the first message and the last.
pub(crate) const TO: &str = " to ";
pub(crate) const LEARNT: &str = "learnt";
pub(crate) const CHANGED: &str = "changed";
pub(crate) const ENDED: &str = "ended";
pub(crate) const REFUSED: &str = "refused";
pub(crate) const WITHOUT_STATEMENT: &str = "without a statement";

pub(crate) fn number(episode: i64) -> String {
    format!("Episode {}", words::count(episode))
}

/// Before the first message and the last.
pub(crate) fn messages(number: u32) -> String {
    format!("{}: ", words::messages(number))
}

pub(crate) fn of_episode(episode: i64) -> String {
    format!(" of episode {episode}")
}

pub(crate) fn the_episode(episode: i64) -> String {
    format!(" episode {episode}")
}

/// When it began, when it ended, and why.
pub(crate) fn span(episode: &EpisodeView) -> String {
    let opened = &episode.opened;
    let began = format!("began {}", words::at(opened));
    let Some(closed) = &episode.closed else { return began };
    let why = match episode.closed_by.as_deref() {
        Some("idle") => " by a pause",
        Some("reset") => " by a reset",
        Some("topic") => " by a new subject",
        Some("asked") => " because you asked",
        _ => "",
    };
    let when = if closed.day == opened.day { closed.time.clone() } else { words::at(closed) };
    format!("{began}; ended {when}{why}")
}

pub(crate) fn taken_back(at: &Moment) -> String {
    format!(
        "Its summary and what was learnt from it were taken back on {}. Its messages are in reach by recall.",
        words::at(at)
    )
}

pub(crate) fn to_stand_in_context(tokens: u32) -> String {
    format!("What is to stand in the context, {} now", words::tokens(tokens))
}

pub(crate) fn saves_version(version: u32) -> String {
    format!("Saves version {version}, with a receipt of its own. The old one is kept.")
}

/// A summary's receipt in a line.
pub(crate) fn receipt(before: u32, after: u32, lost: usize) -> String {
    let lost = match lost {
        0 => "nothing lost".to_owned(),
        some => format!("{} not in it", words::plural(some, "thing", "things")),
    };
    format!("Receipt: {} → {}, {lost}", words::count(before), words::tokens(after))
}

pub(crate) fn written_by(model: Option<&str>, version: u32) -> String {
    let by = match model {
        Some("owner") => "you",
        Some(model) => model,
        None => words::UNKNOWN,
    };
    format!("{by}, version {}", words::count(version))
}

/// What became of the facts, counted.
pub(crate) fn facts(counts: &[String]) -> String {
    format!("Facts: {}", counts.join(", "))
}

pub(crate) fn so_many(number: usize, outcome: &str) -> String {
    format!("{} {outcome}", words::count_u64(number as u64))
}

/// What the model asked for, before the fact it came to.
pub(crate) fn asked_for(op: &str, reason: Option<&str>) -> String {
    let asked = match op {
        "add" => "a new fact",
        "update" => "a change",
        _ => "an end",
    };
    match reason {
        Some(reason) => format!("asked for {asked}. Reason: {reason}."),
        None => format!("asked for {asked},"),
    }
}

pub(crate) fn revert(episode: i64) -> String {
    format!("Revert episode {}", words::count(episode))
}

/// The receipt of a summary of days in a line.
pub(crate) fn receipt_of_days(days: &DaysView) -> String {
    format!(
        "{}: {} → {}, by {}, {}",
        words::messages(days.messages),
        words::count(days.tokens_before),
        words::tokens(days.tokens_after),
        days.model.as_deref().unwrap_or("an unknown model"),
        words::at(&days.at)
    )
}
