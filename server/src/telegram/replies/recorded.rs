//! What is stored of an answer to a command where its words stand elsewhere already: in brackets, what it was.
//!
//! The owner reads it in the history; a copy of what was listed would outlive what is forgotten.

use std::ops::Range;

use souvenir_memory::{FactId, MessageId};

use crate::telegram::language::Language;

/// Of what a search found.
pub(in crate::telegram) fn found(language: Language, number: usize) -> String {
    if number == 0 {
        return language.pick("(nothing was found)", "(ничего не найдено)", "(rien n'a été trouvé)").to_owned();
    }
    let shown = language.pick("found and shown", "найдено и показано", "trouvés et montrés");
    numbered(language, shown, &language.number(number as u64))
}

/// Of a message that was found and shown whole.
pub(in crate::telegram) fn message(language: Language, message: MessageId) -> String {
    numbered(
        language,
        language.pick("shown again, message", "ещё раз показано сообщение", "montré à nouveau, le message"),
        &message.to_string(),
    )
}

/// Of a page of facts: their places in the list, from 0, and how many there are.
pub(in crate::telegram) fn facts(language: Language, shown: &Range<usize>, all: usize) -> String {
    page(language, language.pick("facts shown", "показаны факты", "faits montrés"), shown, all)
}

/// Of a page of goals.
pub(in crate::telegram) fn goals(language: Language, shown: &Range<usize>, all: usize) -> String {
    page(language, language.pick("goals shown", "показаны цели", "objectifs montrés"), shown, all)
}

/// Of the words a fact rests on.
pub(in crate::telegram) fn words_of(language: Language, fact: FactId) -> String {
    let shown = language.pick("shown, the words of fact", "показаны слова факта", "montrés, les mots du fait");
    numbered(language, shown, &fact.to_string())
}

/// Of the question for other words.
pub(in crate::telegram) fn wording_of(language: Language, fact: FactId) -> String {
    let asked = language.pick(
        "asked for other words of fact",
        "спрошены другие слова факта",
        "demandé, d'autres mots pour le fait",
    );
    numbered(language, asked, &fact.to_string())
}

fn page(language: Language, what: &str, shown: &Range<usize>, all: usize) -> String {
    let of = language.pick("of", "из", "sur");
    numbered(language, what, &format!("{} – {} {of} {all}", shown.start + 1, shown.end))
}

fn numbered(language: Language, what: &str, number: &str) -> String {
    let colon = language.pick(":", ":", "\u{a0}:");
    format!("({what}{colon} {number})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_in_words() {
        assert_eq!(found(Language::English, 0), "(nothing was found)");
        assert_eq!(found(Language::French, 1_200).matches('(').count(), 1);
        assert_eq!(facts(Language::English, &(5..10), 11), "(facts shown: 6 – 10 of 11)");
        assert_eq!(goals(Language::Russian, &(0..3), 3), "(показаны цели: 1 – 3 из 3)");
        assert_eq!(words_of(Language::English, FactId(5)), "(shown, the words of fact: 5)");
    }
}
