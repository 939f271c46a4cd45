//! What waits for the owner to decide.

use crate::{api::Moment, words};

pub(crate) const NOTHING_WAITS_FOR_YOU: &str = "Nothing waits for you";
pub(crate) const SEE_THE_FACTS: &str = "See the facts";
pub(crate) const CHANGED_SINCE: &str =
    "The fact has changed since this was proposed. What is known is shown as it is now.";
pub(crate) const A_NEW_FACT_NOT_USED_YET: &str = "A new fact, not used yet";
pub(crate) const CONTRADICTS_WHAT_IS_KNOWN: &str = "Contradicts what is known";
pub(crate) const WOULD_END_A_FACT: &str = "Would end a fact";
pub(crate) const CHANGES_A_FACT_YOU_PINNED: &str = "Changes a fact you pinned";
pub(crate) const CHANGES_A_WRITTEN_FACT: &str = "Changes a fact that a person wrote";
pub(crate) const CHANGES_A_FACT: &str = "Changes a fact";
pub(crate) const WHAT_IS_KNOWN: &str = "What is known";
pub(crate) const WHAT_IT_WOULD_SAY: &str = "What it would say";
pub(crate) const WHAT_WAS_SAID: &str = "What was said";
pub(crate) const WHAT_IT_IS_TO_SAY: &str = "What it is to say";
pub(crate) const ACCEPT_IT_SO: &str = "Accept it so";
pub(crate) const IN_YOUR_WORDS: &str =
    "In your words, it is closed to models like any fact you write. Its quotes stay with it.";
pub(crate) const REJECT_IT: &str = "Reject it";
pub(crate) const WHAT_ADDING_DOES: &str = "Used from the next reply on, or never learnt again.";
pub(crate) const ACCEPT_THE_CHANGE: &str = "Accept the change";
pub(crate) const KEEP_WHAT_IS_KNOWN: &str = "Keep what is known";
pub(crate) const WHAT_CHANGING_DOES: &str =
    "Accepting saves a new version; the old one is kept. Rejected, it will not be proposed again.";
pub(crate) const END_THE_FACT: &str = "End the fact";
pub(crate) const KEEP_THE_FACT: &str = "Keep the fact";
pub(crate) const WHAT_ENDING_DOES: &str = "Ending it takes it out of every context; its versions are kept.";
pub(crate) const EDIT_FIRST: &str = "Edit first";
pub(crate) const NOTHING_TO_DECIDE: &str = "nothing to decide";
/// What the keys named before it do.
pub(crate) const MOVE: &str = "move";
pub(crate) const WHAT_STANDS_HERE: &str = "What contradicts a known fact, what would change a fact that a person wrote \
     or you pinned, and what stands in a forward or a document is not used until you say so. It will stand here, with \
     both sources.";

/// After the name of the fact: when it was proposed, and why it waits.
pub(crate) fn proposed(at: &Moment, reason: &str) -> String {
    format!(", proposed {}: {reason}", words::at(at))
}

pub(crate) fn no_quote(source: &str, since: &str) -> String {
    format!("No quote is kept with it: {source}, {since}.")
}

pub(crate) fn of_proposal(proposal: i64) -> String {
    format!(": proposal {proposal}")
}
