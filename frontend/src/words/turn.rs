//! Turns: why it said that, the replay, and the way of a reply.

use crate::words;

// The way of a reply.
pub(crate) const ITS_PARTS: &str = "Its parts";
pub(crate) const SEND_AGAIN_THOUGH: &str = "Send again, though it may arrive twice";
pub(crate) const SEND_AGAIN: &str = "Send again";

// The manifest.
pub(crate) const WHAT_THE_MODEL_SAW: &str = "What the model saw";
pub(crate) const UNSEEN: &str = "What it did not see";
pub(crate) const NOTHING_LEFT_OUT: &str = "Nothing was left out: all there was is in the context.";
pub(crate) const UNSEEN_AND_WHY: &str = "What it did not see, and why";
pub(crate) const ITEM: &str = "Item";
pub(crate) const TEXT_OR_RANGE: &str = "Text or range";
pub(crate) const REASON: &str = "Reason";
pub(crate) const LEFT_OUT: &str = "Left out";

// The replay.
pub(crate) const REPLAY_WITH_OTHER_SETTINGS: &str = "Replay with other settings";
pub(crate) const WHAT_REPLAYING_DOES: &str = "Builds the context again. No model is called, nothing is sent.";
pub(crate) const AS_IT_WAS: &str = "as it was";
pub(crate) const COMPARED_BY_SECTION: &str = "This reply and the replay by section";
pub(crate) const REPLAY: &str = "Replay";
pub(crate) const CHANGE: &str = "Change";
pub(crate) const COST_NO_CACHE: &str = "Cost, no cache";

// One turn.
pub(crate) const NO_ANSWER: &str = "No answer.";
pub(crate) const WHY_DID_IT_SAY_THAT: &str = "Why did it say that?";
pub(crate) const WHAT_IT_LOOKED_FOR: &str = "What it looked for";
pub(crate) const WORDS_UNREADABLE: &str = "Its words were forgotten, or could not be read";
pub(crate) const MESSAGE_FORGOTTEN: &str = "A message that was forgotten since.";
pub(crate) const NOTHING_SENT: &str = "It failed before a context was built, so nothing was sent.";
pub(crate) const OFF_BY: &str = "Off by";
pub(crate) const FROM_THE_CACHE: &str = "From the cache";
pub(crate) const REPORTED_BY_THE_PROVIDER: &str = "Reported by the provider";
pub(crate) const MORE_THAN_IT_SHOULD: &str = "More than it should:";
pub(crate) const QUEUE: &str = "Queue";
pub(crate) const CONTEXT: &str = "Context";
pub(crate) const FIRST_WORD: &str = "First word";
pub(crate) const WRITING: &str = "Writing";
pub(crate) const SENDING: &str = "Sending";
pub(crate) const REQUEST: &str = "Request";
pub(crate) const THIS_REPLY: &str = "This reply";

// The list.
pub(crate) const NO_TURNS_YET: &str = "No turns yet";
pub(crate) const WHAT_A_TURN_IS: &str =
    "A turn is a message and its answer. Each will stand here with everything the model saw for it.";
pub(crate) const TURN: &str = "Turn";
pub(crate) const QUESTION_AND_ANSWER: &str = "Question and answer";
pub(crate) const WHEN: &str = "When";
pub(crate) const TOOK: &str = "Took";
pub(crate) const OLDER_TURNS: &str = "Older turns";
pub(crate) const ANSWER: &str = "Answer";
pub(crate) const TIME: &str = "Time";
pub(crate) const SHA_256: &str = "SHA-256";
pub(crate) const QUESTION_FORGOTTEN: &str = "The question was forgotten. What was counted stays.";
/// Before and after the turn in which it was.
pub(crate) const ANSWERED_ANEW: [&str; 2] = [
    "The question was answered anew in ",
    ", which has its words. This answer was put away, and no later reply saw it.",
];
pub(crate) const ANSWER_FORGOTTEN: &str = "The answer was forgotten. What was counted stays.";
// The units of numbers that stand by themselves.
pub(crate) const PREDICTED_OF_IT: &str = "predicted";
pub(crate) const REPORTED_OF_IT: &str = "reported";
pub(crate) const OUT: &str = "out";
// The named durations of a session.
pub(crate) const SHORT: &str = "short, 3 h";
pub(crate) const MEDIUM: &str = "medium, 6 h";
pub(crate) const LONG: &str = "long, 12 h";

/// In the place of a question that has another answer now.
pub(crate) fn answered_anew_in(turn: i64) -> String {
    format!("answered anew in turn {}", words::count(turn))
}

/// A turn's state, by its name on the wire.
pub(crate) fn state(state: &str) -> &'static str {
    match state {
        "running" => "writing",
        "done" => words::DONE,
        "failed" => words::FAILED,
        "stopped" => words::STOPPED,
        _ => words::UNKNOWN,
    }
}

/// After the moment of a turn: what was in force.
pub(crate) fn settings(session_minutes: u32, budget: u32) -> String {
    format!(" · session {} · budget {}", words::named_duration(session_minutes), words::count(budget))
}

/// Above what somebody said; the tokens of an answer.
pub(crate) fn quoted(who: &str, message: i64, tokens: Option<u32>) -> String {
    let message = words::a_message(message);
    match tokens {
        Some(tokens) => format!("{who}, {message}, {}", words::tokens(tokens)),
        None => format!("{who}, {message}"),
    }
}

pub(crate) fn searches(number: usize) -> String {
    format!("{} by the model, before it answered", words::plural(number, "search", "searches"))
}

pub(crate) fn search_outcome(outcome: &str, tokens: u32) -> String {
    format!("{outcome} · {}", words::tokens(tokens))
}

// What it cost.

pub(crate) fn new_tokens(tokens: u32) -> String {
    format!("{} new", words::count(tokens))
}

pub(crate) fn cached_tokens(tokens: u32) -> String {
    format!("{} from the cache", words::count(tokens))
}

pub(crate) fn tokens_out(tokens: u32) -> String {
    format!("{} out", words::count(tokens))
}

pub(crate) fn so_much_more(usd: &str) -> String {
    format!(", {usd} more")
}

pub(crate) fn from_message_to_reply(ms: i64) -> String {
    format!("{} from message to reply", words::span(ms))
}

/// After the model: how it was counted.
pub(crate) fn encoding(encoding: &str, scale: &str) -> String {
    format!(", {encoding}, scale {scale}")
}

/// A part of a reply on its way, by the state's name on the wire.
pub(crate) fn part(state: &str) -> &'static str {
    match state {
        "waiting" => "not sent yet",
        "sending" => "being sent",
        "unknown" => "may not have arrived",
        "failed" => "did not arrive",
        _ => "arrived",
    }
}

// The manifest.

pub(crate) fn from_cache(tokens: u32, ended_in: Option<&str>) -> String {
    let end = ended_in.map(|item| format!("; it ended in {item}")).unwrap_or_default();
    format!("{} of the tokens above came from the provider’s cache{end}", words::count(tokens))
}

pub(crate) fn scaling(scale: &str) -> String {
    format!("Scaling × {scale}")
}

/// After the number of tokens sent.
pub(crate) fn sent_of(available: u32) -> String {
    format!("tokens sent of {} available", words::count(available))
}

/// How far a request began like the one before.
pub(crate) fn same_as_before(tokens: u32, turn: i64, last: Option<&str>, broken_by: Option<&str>) -> String {
    let last = last.map(|last| format!(", through {last}")).unwrap_or_default();
    let then = match broken_by {
        Some(broken_by) => format!("; {broken_by} is the first thing that is different"),
        None => "; nothing comes after that".to_owned(),
    };
    format!("The first {} tokens are those that turn {} sent{last}{then}.", words::count(tokens), words::count(turn))
}

/// What a section holds besides what is shown of it.
pub(crate) fn more_items(number: usize) -> String {
    format!("{} more", words::count_u64(number as u64))
}

pub(crate) fn examined(number: usize) -> String {
    format!("{} examined", words::plural(number, "candidate or range", "candidates and ranges"))
}
