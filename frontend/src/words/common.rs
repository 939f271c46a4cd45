//! Words that stand on more than one page: names of things and of what is done with them, their states and their numbers.
//!
//! The same thing has the same name everywhere, so it is here once.

use std::fmt::Display;

use souvenir_memory::{FactKind, FactStatus, GoalState};

use super::{count, message, plural};
use crate::api::Moment;

pub(crate) const ANALYSIS: &str = "Analysis";
pub(crate) const BEING_DONE: &str = "It is being done.";
pub(crate) const BRING_BACK: &str = "Bring back";
pub(crate) const BUDGET: &str = "Budget";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const CHATS: &str = "Chats";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const CONSOLE: &str = "Console";
pub(crate) const COST: &str = "Cost";
pub(crate) const COUNTED: &str = "Counted";
pub(crate) const CURRENT: &str = "Current";
pub(crate) const EPISODES: &str = "Episodes";
pub(crate) const FACTS: &str = "Facts";
pub(crate) const FORGET_FOR_GOOD: &str = "Forget for good";
pub(crate) const FREE: &str = "Free";
pub(crate) const HISTORY: &str = "History";
pub(crate) const IMPORT: &str = "Import";
pub(crate) const MESSAGES: &str = "Messages";
pub(crate) const MID_TERM: &str = "Mid term";
pub(crate) const NOTHING_FOUND: &str = "Nothing found";
pub(crate) const OPEN_IN_HISTORY: &str = "Open in history";
pub(crate) const OVERVIEW: &str = "Overview";
pub(crate) const PIN: &str = "Pin";
pub(crate) const PREDICTED: &str = "Predicted";
pub(crate) const PROPOSALS: &str = "Proposals";
pub(crate) const RECALLED: &str = "Recalled";
pub(crate) const RECENT: &str = "Recent";
pub(crate) const REPORTED: &str = "Reported";
pub(crate) const RESERVE: &str = "Reserve";
pub(crate) const RETRY: &str = "Retry";
pub(crate) const SAVE: &str = "Save";
pub(crate) const SCALING: &str = "Scaling";
pub(crate) const SECTION: &str = "Section";
pub(crate) const SENT: &str = "Sent";
pub(crate) const SESSION_DURATION: &str = "Session duration";
pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const SHORT_TERM: &str = "Short term";
pub(crate) const SOUVENIR: &str = "Souvenir";
pub(crate) const STATE: &str = "State";
pub(crate) const STOP: &str = "Stop";
pub(crate) const SUMMARIES: &str = "Summaries";
pub(crate) const SUM_UP: &str = "Sum up";
pub(crate) const SYSTEM: &str = "System";
pub(crate) const TAKEN_BACK: &str = "taken back";
pub(crate) const TICKED: &str = "Ticked:";
pub(crate) const TIERS: &str = "Tiers";
pub(crate) const TOKENS: &str = "Tokens";
pub(crate) const TOKEN_BUDGET: &str = "Token budget";
pub(crate) const TURNS: &str = "Turns";
pub(crate) const UNDO: &str = "Undo";
pub(crate) const UNPIN: &str = "Unpin";
pub(crate) const USAGE: &str = "Usage";
pub(crate) const USE_THIS_FACT: &str = "Use this fact";
pub(crate) const WAITING_FOR_YOU: &str = "Waiting for you";
pub(crate) const WAITS_FOR_YOU: &str = "waits for you";
pub(crate) const WHOLE_HISTORY: &str = "Whole history";
pub(crate) const WORDS_FORGOTTEN: &str = "The words it rests on have been forgotten.";

// States, as they stand beside a thing.
pub(crate) const OPEN: &str = "open";
pub(crate) const QUEUED: &str = "queued";
pub(crate) const RUNNING: &str = "running";
pub(crate) const DONE: &str = "done";
pub(crate) const FAILED: &str = "failed";
pub(crate) const STOPPED: &str = "stopped";
pub(crate) const ARCHIVED: &str = "archived";
pub(crate) const FORGOTTEN: &str = "forgotten";
pub(crate) const NEVER: &str = "never";
pub(crate) const UNKNOWN: &str = "unknown";

/// The unit of a number that stands by itself.
pub(crate) const TOKENS_OF_IT: &str = "tokens";

/// The state of a job or an import, by its name on the wire.
pub(crate) fn job_state(state: &str) -> &str {
    match state {
        "queued" => QUEUED,
        "running" => RUNNING,
        "done" => DONE,
        "failed" => FAILED,
        "stopped" => STOPPED,
        other => other,
    }
}

/// What a fact is.
pub(crate) fn kind(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Identity => "identity",
        FactKind::Preference => "preference",
        FactKind::Relationship => "relationship",
        FactKind::Goal => "goal",
        FactKind::Event => "event",
        FactKind::Task => "task",
        FactKind::Other => "other",
    }
}

/// How a fact stands.
pub(crate) fn status(status: FactStatus) -> &'static str {
    match status {
        FactStatus::Active => "active",
        FactStatus::Pending => "pending",
        FactStatus::Superseded => "replaced",
        FactStatus::Retracted => "retracted",
        FactStatus::Tombstoned => "deleted",
    }
}

/// How a goal stands.
pub(crate) fn goal_state(state: GoalState) -> &'static str {
    match state {
        GoalState::Open => "open",
        GoalState::Done => "done",
        GoalState::Dropped => "dropped",
    }
}

// Things with their number in front: `29 messages`.

pub(crate) fn messages(number: impl TryInto<usize>) -> String {
    plural(number, "message", "messages")
}

pub(crate) fn facts(number: impl TryInto<usize>) -> String {
    plural(number, "fact", "facts")
}

pub(crate) fn episodes(number: impl TryInto<usize>) -> String {
    plural(number, "episode", "episodes")
}

pub(crate) fn chats(number: impl TryInto<usize>) -> String {
    plural(number, "chat", "chats")
}

pub(crate) fn proposals(number: impl TryInto<usize>) -> String {
    plural(number, "proposal", "proposals")
}

pub(crate) fn tokens(number: impl TryInto<usize>) -> String {
    plural(number, "token", "tokens")
}

// Things by their number: `message 4,402`, within a sentence and at its beginning.

pub(crate) fn a_message(id: i64) -> String {
    format!("message {}", message(id))
}

pub(crate) fn message_number(id: i64) -> String {
    format!("Message {}", message(id))
}

pub(crate) fn messages_from_to(first: i64, last: i64) -> String {
    format!("messages {} to {}", message(first), message(last))
}

pub(crate) fn a_fact(id: impl Display) -> String {
    format!("fact {id}")
}

pub(crate) fn fact_number(id: i64) -> String {
    format!("Fact {id}")
}

pub(crate) fn an_episode(id: i64) -> String {
    format!("episode {id}")
}

pub(crate) fn a_turn(id: i64) -> String {
    format!("turn {}", count(id))
}

pub(crate) fn turn_number(id: i64) -> String {
    format!("Turn {}", count(id))
}

/// How many proposals wait.
pub(crate) fn to_decide(proposals: u64) -> String {
    format!("{} to decide", super::count_u64(proposals))
}

/// Whose words follow, or what they are about.
pub(crate) fn said_by(who: &str) -> String {
    format!("{who}: ")
}

/// Somebody's own words.
pub(crate) fn quoted(text: &str) -> String {
    format!("“{text}”")
}

/// A moment in full.
pub(crate) fn at(moment: &Moment) -> String {
    format!("{}, {}", moment.day, moment.time)
}
