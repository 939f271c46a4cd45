//! Words and their stems: what makes `договора` find `договор`, and `vélos` find `velo`.

use std::{collections::BTreeSet, ops::Range, sync::LazyLock};

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words that say nothing about a subject, in English, French and Russian, as they are after [`fold`]ing.
const STOP_WORDS: &str = " a about am an and any are as at be been but by can could did do does for from had has have he her \
hers him his how i if in into is it its just me my no not of on or our please she should so some tell than that the their \
them then there these they this those to too up us was we were what when where which who why will with would you your \
ai as au aux avec ce ces cet cette comme dans de des du elle en es est et eu il ils je la le les leur lui ma mais me mes moi \
mon ne nos notre nous on ont ou par pas pour qu que qui sa se ses son sont sur ta te tes toi ton tu un une va vos votre \
vous y quoi quel quelle quand \
а бы был была были было быть в вам вас во вот все вы да для до его ее если есть еще же за и из или им их к как когда кто ли \
мне мной мои мой моя мы на нам нас не него нее нет ни но ну о об обо он она они оно от по под при про с со так там те тебе \
тебя то тоже ты у уже чем что это этот эта эти я ";

static STOPS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| STOP_WORDS.split_whitespace().collect());

/// The words of a text as they stand, with apostrophes and hyphens parting them.
pub fn of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)).filter(|word| !word.is_empty())
}

/// Where the words of a text stand in it, in bytes.
pub fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    of(text).map(|word| {
        let start = word.as_ptr().addr() - text.as_ptr().addr();
        start..start + word.len()
    })
}

/// The stems of a text, each once, in order of first appearance; without words that say nothing.
pub fn terms(text: &str) -> impl Iterator<Item = String> {
    let stemmers = Stemmers::new();
    let mut seen = BTreeSet::new();
    of(text).flat_map(move |word| stemmers.stems(word)).filter(move |stem| seen.insert(stem.clone()))
}

/// Lower case without accents: `Vélo` and `velo` are one word. `й` stays itself, since it is a letter of its own.
#[must_use]
pub fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.nfkd().filter(|c| !is_combining_mark(*c) || *c == '\u{306}').nfc().flat_map(char::to_lowercase).collect()
}

struct Stemmers {
    english: Stemmer,
    french: Stemmer,
    russian: Stemmer,
}

impl Stemmers {
    fn new() -> Self {
        Self {
            english: Stemmer::create(Algorithm::English),
            french: Stemmer::create(Algorithm::French),
            russian: Stemmer::create(Algorithm::Russian),
        }
    }

    /// One or two stems: a Latin word could be English or French.
    fn stems(&self, word: &str) -> Vec<String> {
        let folded = fold(word);
        let short = folded.chars().count() < 2 && !folded.chars().all(char::is_numeric);
        if folded.is_empty() || short || STOPS.contains(folded.as_str()) {
            return Vec::new();
        }
        if folded.chars().any(|c| ('а'..='я').contains(&c)) {
            return vec![self.russian.stem(&folded).into_owned()];
        }
        let english = self.english.stem(&folded).into_owned();
        let french = self.french.stem(&folded).into_owned();
        if english == french { vec![english] } else { vec![english, french] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms_of(text: &str) -> Vec<String> {
        terms(text).collect()
    }

    #[test]
    fn word_forms_meet_in_three_languages() {
        let pairs = [
            ("договора", "договор"),
            ("vélos", "velo"),
            ("boards", "board"),
            ("доски", "досок и доску"),
            ("planches", "planche"),
        ];
        for (asked, said) in pairs {
            let (asked, said) = (terms_of(asked), terms_of(said));
            assert!(asked.iter().any(|term| said.contains(term)), "{asked:?} should find {said:?}");
        }
    }

    #[test]
    fn words_that_say_nothing_are_no_terms() {
        assert!(terms_of("What did I tell you about it?").is_empty());
        assert!(terms_of("что ты мне").is_empty());
    }

    #[test]
    fn words_are_found_where_they_stand() {
        let text = "Du vélo, l’été.";
        let found: Vec<&str> = places(text).map(|place| &text[place]).collect();
        assert_eq!(found, ["Du", "vélo", "l", "été"]);
    }

    #[test]
    fn numbers_are_terms() {
        assert_eq!(terms_of("7 x 64"), ["7", "64"]);
    }
}
