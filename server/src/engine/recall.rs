//! Recall: which old messages share rare words with the one being answered.
//!
//! Words are reduced to stems, so that `договора` finds `договор` and `vélos` finds `vélo`. A word counts the more the
//! fewer messages of the chat hold it. Only the postings of one chat are read, and of each word only the newest.

use std::collections::{BTreeMap, BTreeSet};

use rust_stemmers::{Algorithm, Stemmer};
use souvenir_memory::MessageId;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::store::Hit;

/// At most so many words of one message are indexed.
const MAX_TERMS: usize = 400;
/// At most so many words of a message are searched for.
const MAX_QUERY_TERMS: usize = 24;
/// At most so many messages are offered to the context builder.
const MAX_RECALLED: usize = 12;

/// Words that say nothing about a subject, in English, French and Russian, as they are after folding.
const STOP_WORDS: &str = " a about am an and any are as at be been but by can could did do does for from had has have he her \
hers him his how i if in into is it its just me my no not of on or our please she should so some tell than that the their \
them then there these they this those to too up us was we were what when where which who why will with would you your \
ai as au aux avec ce ces cet cette comme dans de des du elle en es est et eu il ils je la le les leur lui ma mais me mes moi \
mon ne nos notre nous on ont ou par pas pour qu que qui sa se ses son sont sur ta te tes toi ton tu un une va vos votre \
vous y quoi quel quelle quand \
а бы был была были было быть в вам вас во вот все вы да для до его ее если есть еще же за и из или им их к как когда кто ли \
мне мной мои мой моя мы на нам нас не него нее нет ни но ну о об он она они оно от по под при про с со так там те тебе тебя \
то тоже ты у уже чем что это этот эта эти я ";

/// The stems of a text, each once, in order of first appearance.
#[must_use]
pub(super) fn terms(text: &str) -> Vec<String> {
    let stemmers = Stemmers::new();
    let mut seen = BTreeSet::new();
    let mut terms = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)) {
        for term in stemmers.stems(word) {
            if terms.len() < MAX_TERMS && seen.insert(term.clone()) {
                terms.push(term);
            }
        }
    }
    terms
}

/// The stems to search for: the first of a text, since the rest of a long one adds more noise than sense.
#[must_use]
pub(super) fn query_terms(text: &str) -> Vec<String> {
    let mut terms = terms(text);
    terms.truncate(MAX_QUERY_TERMS);
    terms
}

/// Messages by how much their words tell, best first, at most [`MAX_RECALLED`].
///
/// `messages` is the number of messages in the chat: a word held by few of them tells much.
#[must_use]
pub(super) fn rank(hits: &[Hit], messages: u32) -> Vec<(MessageId, f64)> {
    let mut scores: BTreeMap<MessageId, f64> = BTreeMap::new();
    for hit in hits {
        let found = f64::from(u32::try_from(hit.messages.len()).unwrap_or(u32::MAX));
        let weight = (1.0 + f64::from(messages.max(1)) / (found + 1.0)).ln();
        for id in &hit.messages {
            *scores.entry(*id).or_default() += weight;
        }
    }
    let mut ranked: Vec<_> = scores.into_iter().collect();
    ranked.sort_by(|(id_a, a), (id_b, b)| b.total_cmp(a).then(id_b.cmp(id_a)));
    ranked.truncate(MAX_RECALLED);
    ranked
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
        if folded.is_empty() || short || STOP_WORDS.contains(&format!(" {folded} ")) {
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

/// Lower case without accents: `Vélo` and `velo` are one word. `й` stays itself, since it is a letter of its own.
fn fold(word: &str) -> String {
    word.nfkd().filter(|c| !is_combining_mark(*c) || *c == '\u{306}').nfc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share_a_term(a: &str, b: &str) -> bool {
        terms(a).iter().any(|term| terms(b).contains(term))
    }

    #[test]
    fn word_forms_meet_in_three_languages() {
        for (asked, said) in [
            ("договора", "договор"),
            ("vélos", "velo"),
            ("boards", "board"),
            ("доски", "досок и доску"),
            ("planches", "planche"),
        ] {
            assert!(share_a_term(asked, said), "{asked} should find {said}: {:?} {:?}", terms(asked), terms(said));
        }
    }

    #[test]
    fn words_that_say_nothing_are_not_indexed() {
        assert!(terms("What did I tell you about it?").is_empty());
        assert!(terms("что ты мне").is_empty());
    }

    #[test]
    fn numbers_are_terms() {
        assert_eq!(terms("7 x 64"), ["7", "64"]);
    }

    #[test]
    fn rare_words_outweigh_common_ones_and_newer_wins_a_tie() {
        let hit = |term: &str, ids: &[i64]| Hit {
            term: term.to_owned(),
            messages: ids.iter().map(|id| MessageId(*id)).collect(),
        };
        let ranked = rank(&[hit("rare", &[3]), hit("common", &[9, 8, 7, 6, 5, 4])], 100);
        assert_eq!(ranked[0].0, MessageId(3));
        assert_eq!(ranked[1].0, MessageId(9));
    }
}
