//! What-if: the controls, and what they would change.

use crate::words;

// The controls.
pub(crate) const SHORT: &str = "Short";
pub(crate) const MEDIUM: &str = "Medium";
pub(crate) const LONG: &str = "Long";
pub(crate) const WHAT_THE_NEXT_REPLY_WOULD_SEE: &str = "What the next reply would see";
pub(crate) const SELECT_A_SECTION: &str = "Select a section to read its text.";
pub(crate) const CUSTOM: &str = "Custom";
pub(crate) const MINUTES: &str = "Minutes";
pub(crate) const WITH_THIS_MESSAGE: &str = "With this message";
pub(crate) const PREVIEW: &str = "Preview";

// The effect.
pub(crate) const IN_FORCE: &str = "In force";
pub(crate) const AS_IT_IS: &str = "As it is";
pub(crate) const HOW_TO_TRY: &str =
    "Choose another duration or budget to see what would enter and what would leave. Nothing changes until you apply.";
pub(crate) const NOTHING_ENTERS_OR_LEAVES: &str = "Nothing enters or leaves.";
pub(crate) const WHAT_IF: &str = "What if";
pub(crate) const UNTIL_YOU_APPLY: &str = "· nothing changes until you apply";
pub(crate) const CUSTOM_LENGTHS: &str = "15 min to 7 d";
pub(crate) const TOKENS_SENT: &str = "tokens sent";

pub(crate) fn no_number_of_tokens(given: &str) -> String {
    format!("“{given}” is not a number of tokens: write, say, 8,000.")
}

pub(crate) fn in_force(length: &str) -> String {
    format!("{length}, in force")
}

/// What differs from the settings in force: a duration, a budget, or both.
pub(crate) fn both(duration: Option<String>, budget: Option<String>) -> String {
    [duration, budget].into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

pub(crate) fn apply(what: &str) -> String {
    format!("Apply {what}")
}

pub(crate) fn keep(what: &str) -> String {
    format!("Keep {what}")
}

pub(crate) fn would_change(what: &str) -> String {
    format!("What {what} would change")
}

// What a request costs.

pub(crate) fn costs_with_cache(usual: &str, new: &str) -> String {
    format!(
        "A reply’s request costs about {usual} where the cache serves what stands before the message, and {new} where it does not; the answer comes on top."
    )
}

pub(crate) fn costs(new: &str) -> String {
    format!("A reply’s request costs about {new}; the answer comes on top.")
}

pub(crate) fn no_price(model: &str) -> String {
    format!("What it would cost is not known: {model} has no price yet.")
}

/// By how much each reply's cost would change.
pub(crate) fn each_reply(change: &str) -> String {
    format!("Each reply costs about {}.", more_or_less(change))
}

/// The same, and by how much that of the next one, whose beginning no cache knows.
pub(crate) fn each_and_next_reply(each: &str, next: &str) -> String {
    format!("{} The next one costs about {}, because the cache cannot serve it.", each_reply(each), more_or_less(next))
}

/// A signed change as people say it.
fn more_or_less(change: &str) -> String {
    match change.strip_prefix('−') {
        Some(less) => format!("{less} less"),
        None if change == "$0" => "as much as now".to_owned(),
        None => format!("{} more", change.trim_start_matches('+')),
    }
}

// What enters or leaves a section: `18 messages enter Recent`.

pub(crate) fn enter(number: usize, things: &str, section: &str) -> String {
    if number == 1 { format!("{things} enters {section}") } else { format!("{things} enter {section}") }
}

pub(crate) fn leave(number: usize, things: &str, section: &str) -> String {
    if number == 1 { format!("{things} leaves {section}") } else { format!("{things} leave {section}") }
}

/// What leaves a section for another one, where it was named.
pub(crate) fn move_on(number: usize, things: &str, section: &str, to: &str) -> String {
    let they_are = if number == 1 { "it is" } else { "they are" };
    format!("{}: {they_are} in {to} then", leave(number, things, section))
}

pub(crate) fn items(number: usize) -> String {
    words::plural(number, "item", "items")
}

pub(crate) fn more(number: usize) -> String {
    format!("{} more", words::count_u64(number as u64))
}
