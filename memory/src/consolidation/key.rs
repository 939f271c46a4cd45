//! When two statements say the same: their words, whatever the case, the spacing and the punctuation at the edges.

use unicode_normalization::UnicodeNormalization;

/// A statement's words in one form. Signs that are part of a word stay: `C++` is not `C`, and `-5` is not `5`.
#[must_use]
pub fn normalised(statement: &str) -> String {
    let folded: String = statement.nfc().flat_map(char::to_lowercase).collect();
    let word = |word: &str| word.trim_matches(is_edge).replace(['’', 'ʼ', '‘'], "'");
    folded.split_whitespace().map(word).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn is_edge(letter: char) -> bool {
    matches!(letter, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '"' | '\'' | '(' | ')' | '[' | ']')
        || matches!(letter, '“' | '”' | '„' | '«' | '»' | '‘' | '’' | '‹' | '›' | '—' | '–')
}

/// What a statement says of a subject: `Ann` + `likes tea` is `Ann likes tea`.
#[must_use]
pub fn of(subject: Option<&str>, statement: &str) -> String {
    let statement = normalised(statement);
    let subject = subject.map(normalised).unwrap_or_default();
    if subject.is_empty() || starts_with_words(&statement, &subject) {
        return statement;
    }
    format!("{subject} {statement}")
}

/// Whether two statements say the same of the same; a subject that only one of them names may be in the other's words.
#[must_use]
pub fn same(one: (Option<&str>, &str), other: (Option<&str>, &str)) -> bool {
    let unnamed = |subject: Option<&str>| subject.is_none_or(|subject| normalised(subject).is_empty());
    of(one.0, one.1) == of(other.0, other.1)
        || ((unnamed(one.0) || unnamed(other.0)) && normalised(one.1) == normalised(other.1))
}

fn starts_with_words(text: &str, words: &str) -> bool {
    text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_spacing_and_punctuation_do_not_make_another_statement() {
        assert_eq!(normalised("  Lives\tin  «Lyon»! "), "lives in lyon");
        assert_eq!(normalised("Живёт в Лионе."), normalised("живёт в лионе"));
        assert_eq!(normalised("Cafe\u{301}"), normalised("café"));
        for (one, other) in [("C++", "C"), ("-5 °C", "5 °C"), ("3.5", "35"), ("ёлка", "елка")] {
            assert_ne!(normalised(one), normalised(other));
        }
    }

    #[test]
    fn a_subject_counts_wherever_it_is_named() {
        assert!(same((Some("Ann"), "likes tea"), (None, "Ann likes tea.")));
        assert!(same((Some("Ann"), "Ann likes tea"), (Some("ann"), "likes tea")));
        assert!(same((None, "likes tea"), (Some("Ann"), "Likes tea")));
        assert!(!same((Some("Ann"), "likes tea"), (Some("Ben"), "likes tea")));
        assert!(!same((Some("Ann"), "Anna likes tea"), (Some("Anna"), "Ann likes tea")));
    }
}
