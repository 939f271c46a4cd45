//! Searching in a chat, and why a message was found.

use crate::words;

pub(crate) const BY_WORDS_AND_MEANING: &str = "By words and meaning";
pub(crate) const BY_WORDS: &str = "By words";
pub(crate) const BY_MEANING: &str = "By meaning";
pub(crate) const HOW_TO_SEARCH: &str = "How to search";
pub(crate) const SEARCH_THIS_CHAT: &str = "Search this chat";
pub(crate) const SEARCH_WHAT_WAS_SAID: &str = "Search what was said";
pub(crate) const SEARCH: &str = "Search";
pub(crate) const WORDS_INCLUDE: &str = "Names of speakers and dates are words, too.";
pub(crate) const BY_WORDS_ONLY: &str = "Search is by words: there is no embedding endpoint to find by meaning. Names of \
     speakers and dates are words, too.";
pub(crate) const BACK_TO_THE_HISTORY: &str = "Back to the history";
pub(crate) const NO_MEANING_WITHOUT_ENDPOINT: &str =
    "Without an embedding endpoint nothing is found by meaning. Search by words instead.";
pub(crate) const NONE_BY_WORDS: &str =
    "No message holds these words in any of their forms. Words that mean the same are not looked for.";
pub(crate) const NONE_AT_ALL: &str = "No message holds these words, or means nearly the same.";
pub(crate) const SEE_THE_HISTORY: &str = "See the history";
pub(crate) const NONE: &str = "nothing found";
pub(crate) const NOT_YET: &str =
    "What was said in the last moments may not be found yet; it stands at the top of the history.";

pub(crate) fn best(matches: usize) -> String {
    format!("the best {}", words::plural(matches, "match", "matches"))
}

pub(crate) fn said_by(who: &str, message: i64) -> String {
    format!("{who} · message {}", words::message(message))
}

// Why a message was found.

pub(crate) fn by_words(found: &[String], rank: u32) -> String {
    match found {
        [] => format!("words: {} of all", ordinal(rank)),
        found => format!("words: {} ({} of all)", found.join(", "), ordinal(rank)),
    }
}

pub(crate) fn by_meaning(rank: u32) -> String {
    format!("meaning: {} of all", ordinal(rank))
}

pub(crate) fn beside(message: i64) -> String {
    format!("beside message {}, which matches", words::message(message))
}

pub(crate) fn score(score: f64) -> String {
    format!("score {score:.2}")
}

fn ordinal(rank: u32) -> String {
    let ending = match (rank % 10, rank % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{rank}{ending}")
}
