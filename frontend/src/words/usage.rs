//! What the models were used for: figures, plots and tables.

use crate::words;

// Predicted against reported.
pub(crate) const FURTHER_OFF: &str = "Further off";
pub(crate) const IN_THE_MIDDLE: &str = "In the middle";
pub(crate) const SCALE: &str = "Scale";
pub(crate) const LEARNT_FROM: &str = "Learnt from";
pub(crate) const PREDICTED_AGAINST_REPORTED: &str = "Predicted against reported";

// The page.
pub(crate) const HOW_MANY_DAYS: &str = "How many days";
pub(crate) const NOTICES: &str = "Notices";
pub(crate) const TODAYS_BUDGET: &str = "Today’s budget";
pub(crate) const WHERE_WORK_STOPS: &str = "background work stops at 80 %, answers at 100 %";
pub(crate) const NO_USE_YET: &str = "No use yet";
pub(crate) const MODELS_BESIDE_EACH_OTHER: &str = "Models beside each other";
pub(crate) const BY_MODEL: &str = "By model";
pub(crate) const CHATS_BESIDE_EACH_OTHER: &str = "Chats beside each other";
pub(crate) const BY_CHAT: &str = "By chat";
pub(crate) const CHAT: &str = "Chat";
pub(crate) const SAME_BY_DAY: &str = "The same by day, as a table";
pub(crate) const BY_DAY: &str = "By day";
pub(crate) const DAY: &str = "Day";
pub(crate) const TOKENS_IN: &str = "Tokens in";
pub(crate) const TOKENS_OUT: &str = "Tokens out";
pub(crate) const ANSWERED_IN: &str = "Answered in";
pub(crate) const TOKENS_A_DAY: &str = "Tokens a day";
pub(crate) const COST_A_DAY: &str = "Cost a day";
pub(crate) const TIME_TO_AN_ANSWER: &str = "Time to an answer";
pub(crate) const COUNTS_OFF_A_DAY: &str = "Counts off, a day";
pub(crate) const FAILED_A_DAY: &str = "Failed a day";
pub(crate) const TIME: &str = "Time";
pub(crate) const COUNTS_OFF: &str = "Counts off";
pub(crate) const HOW_BARS_COMPARE: &str = "the longest bar of each column is the most; numbers in the table below";
pub(crate) const WHAT_IT_WAS_FOR: &str = "What it was for";
pub(crate) const PURPOSE: &str = "Purpose";
pub(crate) const ANSWERS_OR_CALLS: &str = "Answers or calls";
pub(crate) const FAILED: &str = "Failed";
pub(crate) const IN: &str = "In";
pub(crate) const CACHED: &str = "Cached";
pub(crate) const OUT: &str = "Out";
pub(crate) const MEMORY: &str = "Memory";
pub(crate) const MODEL: &str = "Model";
pub(crate) const ANSWERS: &str = "Answers";
pub(crate) const ALL: &str = "All";
pub(crate) const TOO_FEW_TO_SAY: &str = "too few to say";
pub(crate) const SCALE_LEARNS: &str = "the scale learns from it";
// Heads of narrow columns, in two lines.
pub(crate) const FIRST_WORDS_HALF: [&str; 2] = ["First words,", "half"];
pub(crate) const ANSWER_HALF: [&str; 2] = ["Answer,", "half"];
pub(crate) const ANSWER_NEARLY_ALL: [&str; 2] = ["Answer,", "19 of 20"];

// What the colours of plots mean.
pub(crate) const KEY_CACHED: &str = "cached";
pub(crate) const KEY_IN: &str = "in";
pub(crate) const KEY_OUT: &str = "out";
pub(crate) const KEY_MEMORY: &str = "memory";
pub(crate) const KEY_ANSWERS: &str = "answers";
pub(crate) const KEY_HALF: &str = "half of them";
pub(crate) const KEY_RANGE: &str = "up to 19 of 20";
pub(crate) const KEY_TOO_FEW: &str = "too few";
pub(crate) const KEY_TOO_MANY: &str = "too many";

// What plots show, at the beginning of the sentence that stands for them.
pub(crate) const WAITS_A_DAY: &str = "Time to an answer a day";
pub(crate) const DRIFT_A_DAY: &str = "How far counts were from reports, a day";
pub(crate) const FAILED_OR_STOPPED_A_DAY: &str = "Answers that failed or were stopped, a day";

/// A plot in a sentence.
pub(crate) fn plot_of(what: &str, most: &str) -> String {
    format!("{what}; at most {most}. The numbers stand in the table by day.")
}

/// Rows beside each other, in a sentence.
pub(crate) fn beside_each_other(title: &str, names: &[&str]) -> String {
    format!("{title}: {}. The numbers stand in the table below.", names.join(", "))
}

pub(crate) fn from_to(from: &str, to: &str, time_zone: &str) -> String {
    format!("{from} to {to}, {time_zone}")
}

/// A stretch of time to look at.
pub(crate) fn stretch(days: u32) -> String {
    if days == 365 { "a year".to_owned() } else { format!("{days} days") }
}

pub(crate) fn nothing_in(days: u32) -> String {
    format!(
        "Nothing was answered in these {days} days. Each answer will count here with its tokens, its cost and its time."
    )
}

pub(crate) fn paused(until: &str, why: &str) -> String {
    format!("paused until {until}: {why}")
}

pub(crate) fn used(percent: impl std::fmt::Display, told: &str) -> String {
    format!("{percent} %, {told}")
}

/// Where prices come from.
pub(crate) fn prices(as_of: &str, own: &[String]) -> String {
    let own = match own {
        [] => String::new(),
        own => format!(" {} as your settings say.", own.join(", ")),
    };
    format!("Prices as of {as_of}.{own} A model without a known price is not in these sums.")
}

pub(crate) fn ended(failed: u64, stopped: u64) -> String {
    match (failed, stopped) {
        (0, 0) => "all answered".to_owned(),
        _ => format!("{} failed, {} stopped", words::count_u64(failed), words::count_u64(stopped)),
    }
}

/// How long nearly all of the answers took, under what half of them did.
pub(crate) fn nearly_all_within(ms: i64) -> String {
    format!("19 of 20 within {}", words::span(ms))
}

pub(crate) fn from_the_cache(tokens: u64) -> String {
    format!("{} from the cache", words::count_u64(tokens))
}

pub(crate) fn tokens_in_calls(calls: u64) -> String {
    format!("tokens in {}", words::plural(calls, "call", "calls"))
}

pub(crate) fn of_memory(cost: &str) -> String {
    format!("memory {cost}")
}

/// A sum of which a part is not known.
pub(crate) fn over(known: &str) -> String {
    format!("over {known}")
}

pub(crate) fn percent(percent: f64) -> String {
    format!("{percent:.1} %")
}

pub(crate) fn answers(number: u64) -> String {
    words::plural(number, "answer", "answers")
}

/// How far counts are from reports, from the owner's side.
pub(crate) fn drift(drift: Option<f64>) -> String {
    match drift {
        None => words::UNKNOWN.to_owned(),
        Some(percent) if percent.abs() < 0.05 => "as reported".to_owned(),
        Some(percent) if percent > 0.0 => format!("{percent:.1} % too few"),
        Some(percent) => format!("{:.1} % too many", percent.abs()),
    }
}

// Predicted against reported.

pub(crate) fn a_dot_an_answer(band: f64) -> String {
    format!("a dot an answer; within {band} % beside the line, squares are further off")
}

pub(crate) fn counts_of(model: &str, number: usize, drift: Option<f64>) -> String {
    let drift = drift.map(|drift| format!(", {drift:.1} % in the middle")).unwrap_or_default();
    format!(
        "Tokens of {model} as predicted, from left to right, and as reported, from below to above: {}{drift}. The table has the numbers.",
        words::plural(number, "answer", "answers")
    )
}

/// What the edge of a picture stands for.
pub(crate) fn to_so_many(tokens: u32) -> String {
    format!(", to {}", words::tokens(tokens))
}

pub(crate) fn reports(number: u32) -> String {
    words::plural(number, "report", "reports")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_said_from_the_owners_side() {
        assert_eq!(drift(Some(7.25)), "7.2 % too few");
        assert_eq!(drift(Some(-3.0)), "3.0 % too many");
        assert_eq!([drift(Some(0.0)), drift(None)], ["as reported", "unknown"]);
    }
}
