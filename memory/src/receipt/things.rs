//! The names, numbers, dates and links of a text, found by how they are written.

use super::{Lost, LostKind, fold};
use crate::months;

/// The names, numbers, dates and links of a text, in their order.
#[must_use]
pub fn things(text: &str) -> Vec<Lost> {
    let words = words(text);
    let mut things = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (thing, used) = thing_at(&words, at);
        things.extend(thing);
        at += used;
    }
    things
}

/// A word with what matters about its place.
struct Word<'a> {
    text: &'a str,
    begins_sentence: bool,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut begins_sentence = true;
    let mut words = Vec::new();
    for raw in text.split_whitespace() {
        let text = raw.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '@' | '#' | '+' | '/'));
        if !text.is_empty() {
            words.push(Word { text, begins_sentence });
        }
        begins_sentence =
            raw.ends_with(['.', '!', '?', ':', '…', '—', '–', '-']) && !is_initial(raw) || text.is_empty();
    }
    words
}

/// `J.` ends no sentence.
fn is_initial(raw: &str) -> bool {
    raw.chars().count() == 2 && raw.ends_with('.') && raw.starts_with(char::is_uppercase)
}

/// The thing that begins at a word, if one does, and how many words it takes.
fn thing_at(words: &[Word<'_>], at: usize) -> (Option<Lost>, usize) {
    let word = words[at].text;
    let next = words.get(at + 1).map(|word| word.text);
    let thing = |kind, text: String| Some(Lost { kind, text });
    if is_link(word) {
        return (thing(LostKind::Link, word.to_owned()), 1);
    }
    if let Some(month) = next.filter(|next| is_month(next) && is_day(word)) {
        let year = words.get(at + 2).map(|word| word.text).filter(|year| is_year(year));
        let text = [Some(word), Some(month), year].into_iter().flatten().collect::<Vec<_>>().join(" ");
        return (thing(LostKind::Date, text), 2 + usize::from(year.is_some()));
    }
    if is_month(word) && next.is_some_and(|day| is_day(day) || is_year(day)) {
        return (thing(LostKind::Date, format!("{word} {}", next.unwrap_or_default())), 2);
    }
    if is_date(word) {
        return (thing(LostKind::Date, word.to_owned()), 1);
    }
    if word.contains(|c: char| c.is_ascii_digit()) {
        return (thing(LostKind::Number, word.to_owned()), 1);
    }
    let name = is_name(word) && (!words[at].begins_sentence || is_name_elsewhere(words, at));
    (name.then(|| Lost { kind: LostKind::Name, text: without_genitive(word).to_owned() }), 1)
}

/// Whether a word at the start of a sentence is a name: it is written with a capital inside one, too.
fn is_name_elsewhere(words: &[Word<'_>], at: usize) -> bool {
    let folded = fold(without_genitive(words[at].text));
    words.iter().any(|word| !word.begins_sentence && is_name(word.text) && fold(without_genitive(word.text)) == folded)
}

fn is_link(word: &str) -> bool {
    let folded = word.to_lowercase();
    let mail = folded.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    mail || folded.contains("://")
        || folded.starts_with("www.")
        || (folded.contains('.') && folded.contains('/') && !is_date(word))
}

/// A capital letter, and more letters after it. A single letter is `I`, `Я` or an article.
fn is_name(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(char::is_alphabetic)
        && !matches!(word.split(['\'', '’']).next(), Some("I" | "Il" | "Elle" | "On"))
}

fn without_genitive(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

/// How English shortens its months.
const SHORT_MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"];

pub(super) fn is_month(word: &str) -> bool {
    SHORT_MONTHS.contains(&word.to_lowercase().as_str()) || months::is_month(word)
}

/// `3`, `3rd`, `1er`.
fn is_day(word: &str) -> bool {
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    let rest = &word[digits.len()..];
    (1..=31).contains(&digits.parse::<u32>().unwrap_or(0))
        && ["", "st", "nd", "rd", "th", "er", "-го", "го"].contains(&rest)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u32>().is_ok_and(|year| (1900..2200).contains(&year))
}

/// `2026-11-22`, `22.11.2026`, `22/11`, `14:18`, `9h30`.
fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['-', '.', '/', ':', 'h']).collect();
    let numbers =
        parts.iter().all(|part| !part.is_empty() && part.len() <= 4 && part.bytes().all(|b| b.is_ascii_digit()));
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    numbers
        && match lengths.as_slice() {
            [4, 1 | 2, 1 | 2] | [1 | 2, 1 | 2, 2 | 4] => true,
            [1 | 2, 2] => word.contains([':', '/', 'h']),
            [1 | 2, 1] => word.contains('/'),
            _ => false,
        }
}
