//! Whether words were really said: a quote is looked for in a text, and found with its place or not at all.
//!
//! The match forgives Unicode form (`é` in one piece or two), case, the amount of spacing, and typographic quotation
//! marks, and nothing else: no other accent, no look-alike letter of another script, no missing word. It covers whole
//! words, so that “I like tea” is not found in “I like teapots”. Both sides are folded letter by letter, each folded
//! letter remembering which bytes it came from: so the place is one in the text as it was said.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Where a quote stands: byte offsets in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Place {
    /// Whether two places share a byte.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// How many letters or digits a quote needs to tell anything, unless it is the whole text.
const LEAST_LETTERS: usize = 3;

/// Where `quote` stands in `text`, the first time that it does; none when it was not said.
#[must_use]
pub fn find(text: &str, quote: &str) -> Option<Place> {
    let said = fold(text);
    let wanted: Vec<char> = fold(quote).into_iter().map(|unit| unit.letter).collect();
    let letters = wanted.iter().filter(|letter| letter.is_alphanumeric()).count();
    if letters == 0 || (letters < LEAST_LETTERS && said.len() != wanted.len()) {
        return None;
    }
    let last_start = said.len().checked_sub(wanted.len())?;
    (0..=last_start)
        .find(|start| stands_at(&said, &wanted, *start))
        .map(|start| Place { start: said[start].bytes.start, end: said[start + wanted.len() - 1].bytes.end })
}

/// A folded letter and where it came from.
struct Unit {
    letter: char,
    bytes: Place,
    /// The first and the last letter of what stood there as one: a match never cuts through it.
    first: bool,
    last: bool,
}

fn stands_at(said: &[Unit], wanted: &[char], start: usize) -> bool {
    let end = start + wanted.len();
    said[start..end].iter().zip(wanted).all(|(unit, wanted)| unit.letter == *wanted)
        && said[start].first
        && said[end - 1].last
        && (start == 0 || !joins(said[start - 1].letter, said[start].letter))
        && (end == said.len() || !joins(said[end - 1].letter, said[end].letter))
}

/// Whether no word ends between two letters. Scripts that write no spaces, from Thai on, may be cut anywhere.
fn joins(one: char, next: char) -> bool {
    let of_word = |letter: char| (letter.is_alphanumeric() || is_combining_mark(letter)) && letter < '\u{e00}';
    of_word(one) && of_word(next)
}

/// A text as it is compared.
fn fold(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::with_capacity(text.len());
    for (start, cluster) in clusters(text) {
        let bytes = Place { start, end: start + cluster.len() };
        if cluster.chars().all(char::is_whitespace) {
            let after_space = units.last().is_none_or(|before| before.letter == ' ');
            if !after_space {
                units.push(Unit { letter: ' ', bytes, first: true, last: true });
            }
            continue;
        }
        let begin = units.len();
        let letters = cluster.nfd().flat_map(char::to_lowercase).map(plain);
        units.extend(letters.map(|letter| Unit { letter, bytes, first: false, last: false }));
        if let Some(unit) = units.get_mut(begin) {
            unit.first = true;
        }
        if let Some(unit) = units.last_mut() {
            unit.last = true;
        }
    }
    if units.last().is_some_and(|unit| unit.letter == ' ') {
        units.pop();
    }
    units
}

/// One form for the signs that keyboards and typesetters write differently, and for the two small sigmas.
fn plain(letter: char) -> char {
    match letter {
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => '"',
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | 'ʼ' | '′' => '\'',
        'ς' => 'σ',
        other => other,
    }
}

/// A text in letters with the marks that belong to them, and where each begins; spaces stand alone, and those inside
/// French quotation marks belong to the marks.
fn clusters(text: &str) -> Vec<(usize, &str)> {
    let mut starts: Vec<usize> = Vec::new();
    let mut opened = false;
    for (at, letter) in text.char_indices() {
        let belongs = is_combining_mark(letter) || (opened && letter.is_whitespace());
        opened = matches!(letter, '«' | '‹') || (opened && letter.is_whitespace());
        if at == 0 || !belongs {
            starts.push(at);
        }
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    let pieces: Vec<(usize, &str)> =
        starts.into_iter().zip(ends).map(|(start, end)| (start, &text[start..end])).collect();
    without_space_before_closing(pieces)
}

fn without_space_before_closing(pieces: Vec<(usize, &str)>) -> Vec<(usize, &str)> {
    let mut kept: Vec<(usize, &str)> = Vec::with_capacity(pieces.len());
    for (start, piece) in pieces {
        if piece.starts_with(['»', '›']) {
            while kept.last().is_some_and(|(_, before)| before.chars().all(char::is_whitespace)) {
                kept.pop();
            }
        }
        kept.push((start, piece.trim_end_matches(|c: char| piece.starts_with(['«', '‹']) && c.is_whitespace())));
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found<'a>(text: &'a str, quote: &str) -> Option<&'a str> {
        find(text, quote).map(|place| &text[place.start..place.end])
    }

    #[test]
    fn form_case_spacing_and_typographic_quotes_are_forgiven() {
        for (text, quote, place) in [
            ("Well, I live in Lyon now.", "i LIVE in lyon", "I live in Lyon"),
            ("Le cafe\u{301} est froid", "café est", "cafe\u{301} est"),
            ("Le café est froid", "CAFE\u{301}  EST", "café est"),
            ("I live\n\tin  Lyon", " I live in Lyon ", "I live\n\tin  Lyon"),
            ("It\u{2019}s “mine”, all of it", "it's \"mine\"", "It\u{2019}s “mine”"),
            ("Il a dit « bonjour » hier", "dit \"bonjour\" hier", "dit « bonjour » hier"),
            ("Il a dit \"bonjour\" hier", "dit «\u{a0}bonjour\u{a0}» hier", "dit \"bonjour\" hier"),
            ("Я живу в Лионе.", "я ЖИВУ в лионе", "Я живу в Лионе"),
            ("Мой брат", "мои\u{306} брат", "Мой брат"),
            ("ΟΔΟΣ 5", "οδος 5", "ΟΔΟΣ 5"),
            ("私は東京に住んでいます", "東京に住んで", "東京に住んで"),
            ("Да", "да", "Да"),
        ] {
            assert_eq!(found(text, quote), Some(place), "{quote} in {text}");
        }
    }

    #[test]
    fn nothing_else_is_forgiven() {
        for (text, quote) in [
            ("I live in Lyon", "I live near Lyon"),
            ("I live in Lyon", "I live in  Lyon, France"),
            ("I like teapots", "I like tea"),
            ("I dislike tea", "like tea"),
            ("Le café est froid", "Le cafe est froid"),
            ("Le cafe\u{301} est froid", "Le cafe"),
            ("I live in Lyon", "I live in Ly\u{43e}n"),
            ("I have 10² reasons", "I have 102 reasons"),
            ("I have 12 cats", "I have 1"),
            ("I do not smoke", "I do smoke"),
            ("I live in Ly\u{200b}on", "I live in Lyon"),
            ("well-known", "well known"),
            ("Мой брат", "Мои брат"),
            ("ёлка моя", "елка моя"),
            ("I live here. In Lyon", "I live here in Lyon"),
            ("anything at all", ""),
            ("anything at all", " \n"),
            ("anything, at all", ","),
            ("I am a doctor", "I"),
            ("", "I live in Lyon"),
        ] {
            assert_eq!(found(text, quote), None, "{quote:?} in {text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_place_is_within_the_text_and_reads_as_the_quote(text in "\\PC{0,40}", quote in "\\PC{0,12}") {
            if let Some(place) = find(&text, &quote) {
                let said = &text[place.start..place.end];
                prop_assert_eq!(find(said, &quote), Some(Place { start: 0, end: said.len() }));
            }
        }

        #[test]
        fn whole_words_of_a_text_are_found_in_it(words in prop::collection::vec("[a-zа-яéА-Я]{3,8}", 1..8), from in 0usize..8, upper: bool) {
            let text = words.join("  ");
            let from = from % words.len();
            let quote = words[from..].join(" ");
            let quote: String = if upper { quote.to_uppercase() } else { quote.nfd().collect() };
            prop_assert!(find(&text, &quote).is_some(), "{quote} in {text}");
        }

        #[test]
        fn a_word_that_was_not_said_is_not_found(text in "[a-m ]{0,60}", quote in "[a-m ]{0,10}[n-z][a-m ]{0,10}") {
            prop_assert_eq!(find(&text, &quote), None);
        }
    }
}
