//! Forgetting: what repeats a forgotten message, which facts rest on it alone, and the report of what went.
//!
//! Nothing here deletes. The store gathers what stands where, these rules say what must go, and the store lets it go, all
//! in one transaction.
//!
//! # Distinctive words
//! A word is distinctive of a forgotten message when nobody else in the chat has said it: no other message of a person
//! holds it, the bot had not said it before, and it is no ordinary word of English, Russian or French and none of the
//! bot's own. What repeats a distinctive word can only have it from the forgotten message, so it goes too. What repeats
//! ordinary words tells nothing, and stays.

mod fact;
mod ordinary;
mod report;

pub use fact::{Fate, Version, fate};
pub use ordinary::ORDINARY;
pub use report::ForgetReport;

/// Shorter words, such as a single letter or a small number, are nobody's own.
pub const SHORTEST: usize = 3;

/// Where a word of a forgotten message stands besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// It is an ordinary word, a name of somebody who speaks in the chat, or one of the bot's own.
    pub is_ordinary: bool,
    /// A message of a person that stays holds it.
    pub said_by_people: bool,
    /// The bot said it before the forgotten message did.
    pub said_by_bot_before: bool,
}

/// Whether a word is distinctive of the forgotten message.
#[must_use]
pub fn is_distinctive(term: &str, elsewhere: Elsewhere) -> bool {
    let Elsewhere { is_ordinary, said_by_people, said_by_bot_before } = elsewhere;
    term.chars().count() >= SHORTEST && !is_ordinary && !said_by_people && !said_by_bot_before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_stands_nowhere_else_is_distinctive() {
        assert!(is_distinctive("zanzibar", Elsewhere::default()));
        assert!(is_distinctive("4821", Elsewhere::default()), "numbers are secrets more often than words");
    }

    #[test]
    fn a_word_that_others_have_too_is_not() {
        for elsewhere in [
            Elsewhere { is_ordinary: true, ..Elsewhere::default() },
            Elsewhere { said_by_people: true, ..Elsewhere::default() },
            Elsewhere { said_by_bot_before: true, ..Elsewhere::default() },
        ] {
            assert!(!is_distinctive("zanzibar", elsewhere));
        }
        assert!(!is_distinctive("42", Elsewhere::default()), "too short to be anybody's own");
    }
}
