//! Analyses of the whole history: the estimate, the receipts, and the lines.

use crate::{
    api::{AnalysisView, EstimateView},
    words,
};

pub(crate) const NOTHING_SAID_YET: &str = "Nothing was said here yet.";
pub(crate) const ANALYSE_NOW: &str = "Analyse now";
pub(crate) const NO_ANALYSIS_YET: &str = "No analysis yet";
pub(crate) const NOTHING_TO_CHANGE: &str = "Nothing is to be changed.";
pub(crate) const CHANGED_SINCE: &str = "the fact has changed since";
pub(crate) const A_NEW_FACT: &str = "A new fact";
pub(crate) const A_FACT_HAS_CHANGED: &str = "A fact has changed";
pub(crate) const THE_SAME_IN_BETTER_WORDS: &str = "The same in better words";
pub(crate) const SEVERAL_FACTS_BECOME_ONE: &str = "Several facts become one";
pub(crate) const A_FACT_ENDS: &str = "A fact ends";
pub(crate) const WHAT_IT_IS: &str = "An analysis reads everything said here again, in windows, and proposes a better \
     list of facts: what is new, what has changed, what says the same twice. Each line shows the words it rests on. \
     What you pinned or wrote stays as it is.";
pub(crate) const ACCEPT: &str = "Accept";
pub(crate) const REJECT: &str = "Reject";
pub(crate) const REJECT_ALL: &str = "Reject all";
pub(crate) const ACCEPT_AFTER_ALL: &str = "Accept after all";
pub(crate) const APPLIED: &str = "applied";
pub(crate) const REJECTED: &str = "rejected";

/// Above the lines that were refused.
pub(crate) fn refused(number: usize) -> String {
    format!("{} refused, and why", words::plural(number, "line", "lines"))
}

/// What a line that was refused would have done.
pub(crate) fn would_have(op: &str) -> &'static str {
    match op {
        "add" => A_NEW_FACT,
        "update" => A_FACT_HAS_CHANGED,
        "rephrase" => THE_SAME_IN_BETTER_WORDS,
        "merge" => SEVERAL_FACTS_BECOME_ONE,
        _ => A_FACT_ENDS,
    }
}

/// Why a line was refused, by the name of the reason.
pub(crate) fn refusal(reason: &str) -> &'static str {
    match reason {
        "no_finding" => "it rests on a finding that is not there",
        "fact_count" => "it names too many facts, or too few",
        "known" => "a fact says so already",
        "both_closed" => "a person wrote or pinned more than one of the facts",
        "older" => "it rests on older words than the fact does",
        "not_there" => "it says a name, number, date or link that stands in no quote",
        "declined" => "you turned it down before, and nothing was said of it since",
        "unreadable" => "it had not the form asked for",
        "no_evidence" => "it rests on nothing that was said",
        "not_shown" => "it cites a message that was not shown",
        "not_by_person" => "it cites words that no person wrote",
        "not_said" => "its quote stands in no message",
        "not_carried" => "what it quotes has nothing to do with it",
        "statement" => "its statement is empty or too long",
        "no_fact" => "it names no fact",
        "fact_not_shown" => "it names a fact that was not shown",
        "not_in_force" => "the fact is no longer in force",
        "said_before" => "the fact rests on what was said later",
        "deleted" => "you deleted this statement before",
        "span_deleted" => "it rests on the words of a fact that was deleted",
        "repeats" => "another line says the same",
        "changes_again" => "another line changes the same fact",
        "waits_already" => "the same waits for you already",
        _ => words::UNKNOWN,
    }
}

/// What an analysis would take, before it is begun.
pub(crate) fn estimate(estimate: &EstimateView) -> String {
    let known = match estimate.known_messages {
        0 => "",
        1 => " 1 more was read before and is not read again.",
        some => &format!(" {} more were read before and are not read again.", words::count(some)),
    };
    let cost = match (estimate.cost, estimate.most_cost) {
        (Some(0.0), Some(0.0)) => "It costs nothing.".to_owned(),
        (cost @ Some(_), most) => format!(
            "That is about {}, {} at most, by the prices of {}.",
            words::usd(cost),
            words::usd(most),
            estimate.prices_as_of
        ),
        _ => format!("What {} costs is not known here.", estimate.model),
    };
    format!(
        "Now it would read {} in {} to {}: about {} in, {} out.{known} {cost}",
        words::messages(estimate.messages),
        words::plural(estimate.calls, "question", "questions"),
        estimate.model,
        words::tokens(estimate.prompt_tokens),
        words::count_u64(estimate.completion_tokens),
    )
}

/// How far one is that is being made.
pub(crate) fn far(done: u32, total: u32, known: u32) -> String {
    let windows = words::plural(total, "window", "windows");
    match known {
        0 => format!("{} of {windows} done", words::count(done)),
        known => format!("{} of {windows} done, {} known from before", words::count(done), words::count(known)),
    }
}

pub(crate) fn number(analysis: i64) -> String {
    format!("Analysis {}", words::count(analysis))
}

/// When, why, over what, and what it took.
pub(crate) fn receipt(analysis: &AnalysisView) -> String {
    let why = match analysis.asked_by.as_str() {
        "schedule" => ", by the day’s schedule",
        "growth" => ", because the history had grown",
        _ => "",
    };
    let refused = match analysis.refused {
        0 => String::new(),
        some => format!("; {} refused", words::plural(some, "line", "lines")),
    };
    format!(
        "{}{why}: {}, {} read by {}, {} in and {} out, {}{refused}",
        words::at(&analysis.created),
        words::messages(analysis.messages),
        words::plural(analysis.windows, "window", "windows"),
        analysis.model.as_deref().unwrap_or_default(),
        words::tokens(analysis.tokens.0),
        words::count_u64(analysis.tokens.1),
        words::usd(analysis.cost),
    )
}

pub(crate) fn accept_all(open: usize) -> String {
    format!("Accept all {open}")
}

pub(crate) fn quotes(number: usize) -> String {
    words::plural(number, "quote", "quotes")
}

pub(crate) fn of_line(line: u32, analysis: i64) -> String {
    format!(" line {line} of analysis {analysis}")
}

pub(crate) fn of_analysis(analysis: i64) -> String {
    format!(" of analysis {analysis}")
}
