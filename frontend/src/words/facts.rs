//! The facts of a chat: the table, the drawer of one, its form, merging, and the quotes they rest on.

use crate::words;

// Why a change of several facts was not made.
pub(crate) const TICK_SEVERAL: &str = "Tick several to pin, merge or delete them together.";
pub(crate) const NONE_TICKED: &str = "No fact is ticked: tick some, then choose what to do with them.";
pub(crate) const ONE_CANNOT_BE_MERGED: &str = "One fact cannot be merged: tick those that say the same.";

// The drawer of a fact.
pub(crate) const READ_FROM_WHAT_WAS_SAID: &str = "read from what was said";
pub(crate) const WRITTEN_BY_YOU: &str = "written by you";
pub(crate) const WRITTEN_IN_THE_CHAT: &str = "written in the chat";
pub(crate) const RESTS_ON_THEIR_WORD: &str = "A person wrote it: it rests on their word.";
pub(crate) const NO_QUOTE: &str = "No quote is kept with it.";
pub(crate) const WHERE_IT_IS_FROM: &str = "Where it is from";
pub(crate) const SAID_HERE: &str = "Said here";
pub(crate) const VERSIONS: &str = "Versions";
pub(crate) const RESTORE: &str = "Restore";
pub(crate) const USE: &str = "Use";
pub(crate) const IN_THE_CONTEXT_OF: &str = "In the context of";
pub(crate) const TOKENS_EACH_TIME: &str = "Tokens each time";
pub(crate) const TOKENS_IN_ALL: &str = "Tokens in all";
pub(crate) const LAST: &str = "Last";
pub(crate) const IS_DELETED: &str =
    "Deleted, and not to be learnt again. Its words are kept so that it can be brought back; forgetting leaves none.";
pub(crate) const IT_WAITS: &str = "It waits for you and is in no context.";
pub(crate) const SEE_THE_PROPOSAL: &str = "See the proposal";
pub(crate) const EDIT: &str = "Edit";
pub(crate) const WHAT_DELETING_DOES: &str =
    "Deleting takes it out of every context and stops it from being learnt again. It can be undone; forgetting cannot.";
pub(crate) const GOAL_IS_DONE: &str = "Goal is done";
pub(crate) const DROP_THE_GOAL: &str = "Drop the goal";
pub(crate) const REOPEN_THE_GOAL: &str = "Reopen the goal";

// The table.
pub(crate) const NOTHING_WAS_KNOWN_THEN: &str = "Nothing was known then.";
pub(crate) const WHAT_IT_REMEMBERS: &str = "What it remembers";
pub(crate) const ADD_FACT: &str = "Add fact";
pub(crate) const NO_FACTS_YET: &str = "No facts yet";
pub(crate) const WHAT_A_FACT_IS: &str = "A fact is one sentence that stands in every context: a name, a wish, a date. \
     Add the first, or let it learn from what is said.";
pub(crate) const BACK_TO_NOW: &str = "Back to now";
pub(crate) const ALL_KINDS: &str = "All kinds";
pub(crate) const IN_USE_AND_PENDING: &str = "In use and pending";
pub(crate) const NO_LONGER_IN_USE: &str = "No longer in use";
pub(crate) const ALL: &str = "All";
pub(crate) const FILTER: &str = "Filter";
pub(crate) const SEARCH_FACTS_AND_QUOTES: &str = "Search facts and quotes";
pub(crate) const STATUS: &str = "Status";
pub(crate) const AS_OF: &str = "As of";
pub(crate) const SHOW: &str = "Show";
pub(crate) const NONE_OF_THESE: &str = "None of these";
pub(crate) const SHOW_ALL: &str = "Show all";
pub(crate) const TICK: &str = "Tick";
pub(crate) const NUMBER: &str = "No.";
pub(crate) const STATEMENT: &str = "Statement";
pub(crate) const SINCE: &str = "Since";
pub(crate) const LAST_USED: &str = "Last used";
pub(crate) const USES: &str = "Uses";
pub(crate) const TOKENS_IN_EACH_CONTEXT: &str = "Tokens in each context";
pub(crate) const COST_IN_EACH_CONTEXT: &str = "In each context that no cache serves";
pub(crate) const IN_FORCE_EACH_REPLY: &str = "In force, each reply";
pub(crate) const MERGE: &str = "Merge…";
pub(crate) const TICKED_FACTS: &str = "Ticked facts";
pub(crate) const PINNED_MEANS: &str = "Pinned: a model never changes it";
pub(crate) const KIND: &str = "Kind";
pub(crate) const DELETE: &str = "Delete";

// The form.
pub(crate) const WHAT_ADDING_DOES: &str =
    "Stands in every context from the next reply on. A model may only propose changes to it.";
pub(crate) const NEW_FACT_ONE_SENTENCE: &str = "New fact, one sentence";
pub(crate) const SAVE_FACT: &str = "Save fact";
pub(crate) const SUBJECT: &str = "Subject";
pub(crate) const STATE_OF_A_GOAL: &str = "State, of a goal";
pub(crate) const DUE: &str = "Due";
pub(crate) const TRUE_SINCE: &str = "True since";
pub(crate) const NO_LONGER_TRUE_SINCE: &str = "No longer true since";
pub(crate) const PIN_IT: &str = "Pin: always first, and closed to models";

// Merging.
pub(crate) const NOTHING_TO_MERGE: &str = "Fewer than two of these facts are still there: nothing can be merged.";
pub(crate) const WHAT_ONE_FACT_SAYS: &str = "What the one fact is to say";
pub(crate) const KEEP_THEM_APART: &str = "Keep them apart";
pub(crate) const MERGE_FACTS: &str = "Merge facts";
pub(crate) const EDITED_SINCE: &str = "The message was edited since: these are the words it had then.";
pub(crate) const PINNED: &str = "pinned";
pub(crate) const IMPORTED: &str = "imported";
pub(crate) const IN_FORCE: &str = "in force";
pub(crate) const NO_STATE: &str = "none";
pub(crate) const USES_OF_IT: &str = "uses";

/// An order that there is none of.
pub(crate) fn nothing_to_do(order: &str) -> String {
    format!("“{order}” is nothing to do with facts: pin, unpin, delete or merge.")
}

/// How many are in use, and what they take of their share.
pub(crate) fn in_use(number: u64, used: u32, cap: u32) -> String {
    format!(
        "{} in use, {} of {} tokens with the words around them",
        words::count_u64(number),
        words::count(used),
        words::count(cap)
    )
}

/// What follows a number of proposals.
pub(crate) fn wait_for_you(proposals: u64) -> &'static str {
    if proposals == 1 { " waits for you." } else { " wait for you." }
}

pub(crate) fn as_known(day: &str) -> String {
    format!("As known at the end of {day}. What is done here is done now.")
}

/// That a filter, or the words `asked` for, hides all of them.
pub(crate) fn hidden(number: usize, asked: &str) -> String {
    match (number, asked) {
        (1, "") => "1 fact is not shown by this filter.".to_owned(),
        (1, asked) => format!("1 fact does not say “{asked}”."),
        (some, "") => format!("{} are not shown by this filter.", words::facts(some)),
        (some, asked) => format!("{} do not say “{asked}”.", words::facts(some)),
    }
}

// The drawer of a fact.

pub(crate) fn call_number(id: i64, version: u32, versions: usize) -> String {
    format!("Fact {id} · version {version} of {versions}")
}

pub(crate) fn due(day: &str) -> String {
    format!("due {day}")
}

pub(crate) fn true_since(day: &str) -> String {
    format!("true since {day}")
}

pub(crate) fn no_longer_true_since(day: &str) -> String {
    format!("no longer true since {day}")
}

pub(crate) fn about(subject: &str) -> String {
    format!("about {subject}")
}

/// A version: when it was in force, and whose word it is.
pub(crate) fn version(number: u32, since: &str, until: Option<&str>, source: &str) -> String {
    match until {
        Some(until) => format!("{number}, {since} to {until}, {source}"),
        None => format!("{number}, since {since}, {source}"),
    }
}

pub(crate) fn of_version(number: u32) -> String {
    format!(" version {number}")
}

pub(crate) fn replies(number: u64) -> String {
    words::plural(number, "reply", "replies")
}

/// Where a quote is from.
pub(crate) fn quoted_from(who: &str, message: i64, day: &str) -> String {
    format!("{who} · message {} · {day}", words::message(message))
}

pub(crate) fn for_version(version: u32) -> String {
    format!("For version {version}.")
}

// The form of a fact, and merging.

pub(crate) fn saves_version(version: u32) -> String {
    format!("Saves version {version}. From then on a model may only propose changes to it.")
}

/// The label of the statement of a fact that is edited, and its tokens.
pub(crate) fn edited(id: i64, tokens: u32) -> [String; 2] {
    [format!("Fact {id}, statement "), format!("· {}", words::tokens(tokens))]
}

pub(crate) fn what_merging_does(kept: i64, number: usize) -> String {
    let others = if number == 2 { "the other is" } else { "the others are" };
    format!(
        "Fact {kept} stays and rests on all their quotes; {others} replaced by it. A model may only propose changes to it. It can be undone."
    )
}

pub(crate) fn merge(number: usize) -> String {
    format!("Merge {}", words::facts(number))
}
