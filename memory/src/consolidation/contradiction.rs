//! When one statement denies another, as far as words alone can tell.
//!
//! Three signs count, and each needs all other words to agree: one statement has a negation that the other lacks; they
//! differ in their numbers and months alone; or both fill a place that has room for one thing only (where someone lives,
//! what they are called; see `places`) with different things. Words that only say “now” are passed over, and so are
//! articles, auxiliaries and endings beside a negation. What words alone cannot tell is left to the model, which may say
//! so with an update. Whatever is found here is a proposal to the owner, so a false one costs a glance.

use super::{
    key,
    places::{self, alike},
};
use crate::months::is_month;

const NEGATIONS: &[&str] = &[
    "not",
    "no",
    "never",
    "cannot",
    "longer",
    "не",
    "нет",
    "ни",
    "больше",
    "никогда",
    "ne",
    "n'",
    "pas",
    "plus",
    "jamais",
    "aucun",
    "aucune",
];
/// Words that come and go with a negation.
const AUXILIARIES: &[&str] = &[
    "do", "does", "did", "any", "anymore", "a", "an", "the", "уже", "есть", "un", "une", "des", "de", "du", "la", "le",
    "les",
];
/// Words that say no more than that it is so now.
const NOW: &[&str] = &["now", "currently", "nowadays", "теперь", "сейчас", "maintenant", "désormais", "actuellement"];
/// How somebody who is named speaks of themselves: `Ada: I live in Lyon`.
const I: &[&str] = &["i", "я", "je"];
/// Numbers as people write them out; those that are also other words (`one`, `un`) are not here.
const NUMBERS: &[&str] = &[
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "два",
    "две",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
];

/// Whether the two cannot both be true, by their words.
#[must_use]
pub fn contradicts(one: (Option<&str>, &str), other: (Option<&str>, &str)) -> bool {
    let (one, other) = (present(&key::of(one.0, one.1)), present(&key::of(other.0, other.1)));
    one != other
        && (differs_by_negation(&one, &other) || differs_by_number(&one, &other) || places::filled_twice(&one, &other))
}

/// A statement without the words that only say that it is so now, or that who is named speaks of themselves.
fn present(statement: &str) -> String {
    let says_more = |(place, word): &(usize, &str)| !NOW.contains(word) && (*place == 0 || !I.contains(word));
    let words: Vec<&str> = statement.split(' ').enumerate().filter(says_more).map(|(_, word)| word).collect();
    words.join(" ")
}

/// The words of a statement without negations, and how many of those there were.
fn affirmed(statement: &str) -> (Vec<String>, usize) {
    let statement = statement.replace("any more", "anymore").replace("used to ", "not ");
    let mut words = Vec::new();
    let mut negations = 0;
    for word in statement.split(' ').map(|word| word.strip_prefix("j'").unwrap_or(word)) {
        let (is_negation, rest) = match (word.strip_prefix("n'"), contracted(word)) {
            (Some(rest), _) => (true, rest),
            (None, Some(verb)) => (true, verb),
            (None, None) if NEGATIONS.contains(&word) => (true, ""),
            (None, None) => (false, word),
        };
        negations += usize::from(is_negation);
        if !rest.is_empty() && !AUXILIARIES.contains(&rest) && !I.contains(&rest) {
            words.push(stem(rest));
        }
    }
    (words, negations)
}

/// The verb of `isn't` and its like.
fn contracted(word: &str) -> Option<&str> {
    match word {
        "can't" => Some("can"),
        "won't" => Some("will"),
        _ => word.strip_suffix("n't"),
    }
}

/// `eats` and `eat` are one word beside a negation.
fn stem(word: &str) -> String {
    match word {
        "has" => return "have".to_owned(),
        "am" | "are" => return "is".to_owned(),
        "were" => return "was".to_owned(),
        _ => {}
    }
    if !word.is_ascii() || word.len() <= 3 || word.ends_with("ss") {
        return word.to_owned();
    }
    if let Some(base) = word.strip_suffix("ies") {
        return format!("{base}y");
    }
    let sibilant = |base: &&str| ["ch", "sh", "ss", "x", "z", "o"].iter().any(|end| base.ends_with(end));
    let base = word.strip_suffix("es").filter(sibilant).or_else(|| word.strip_suffix('s'));
    base.unwrap_or(word).to_owned()
}

fn differs_by_negation(one: &str, other: &str) -> bool {
    let ((one, negations), (other, others)) = (affirmed(one), affirmed(other));
    let same = one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| alike(one, other));
    (negations > 0) != (others > 0) && same && !one.is_empty()
}

fn differs_by_number(one: &str, other: &str) -> bool {
    let (one, other) = (counted(one), counted(other));
    one == other && one.iter().any(|word| word == "#") && one.len() > 1
}

/// The words of a statement, with a mark for each number, and for each month beside a number.
fn counted(statement: &str) -> Vec<String> {
    let is_figure = |word: &str| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        word.starts_with(|c: char| c.is_ascii_digit())
    };
    let has_figure = statement.split(' ').any(is_figure);
    let marked = |word: &str| match word {
        word if is_figure(word) || NUMBERS.contains(&word) => "#".to_owned(),
        word if has_figure && is_month(word) => "# month".to_owned(),
        word => word.to_owned(),
    };
    statement.split(' ').map(marked).collect()
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn what_cannot_both_be_true_is_told_in_three_languages() {
        for (one, other) in [
            ("Ada lives in Lyon", "Ada lives in Paris"),
            ("Ada eats meat", "Ada does not eat meat"),
            ("Ada eats meat", "Ada doesn't eat meat."),
            ("Ada eats meat", "Ada does not eat meat any more"),
            ("Ada has a cat", "Ada doesn't have a cat"),
            ("Ada has a cat", "Ada has no cat"),
            ("Ada is vegetarian", "Ada isn't vegetarian"),
            ("Ada watches football", "Ada does not watch football"),
            ("Ada lives in Lyon", "Ada no longer lives in Lyon"),
            ("Ada lives in Lyon", "Ada used to live in Lyon"),
            ("Ada lives in Lyon", "Ada moved to Paris"),
            ("Ada lives in Lyon", "Ada has moved from Lyon to Paris"),
            ("Ada lives in Lyon", "Ada now lives in Paris"),
            ("Ada works at Acme", "Ada works for Initech"),
            ("Ada works at Acme", "Ada now works at Initech"),
            ("Ada has 2 cats", "Ada has 3 cats"),
            ("Ada has two cats", "Ada has 3 cats"),
            ("Ada pays $500 rent", "Ada pays $650 rent"),
            ("The exam is on 3 May", "The exam is on 12 June"),
            ("Ada's birthday is 3 May", "Ada's birthday is 4 May"),
            ("Ада живёт в Лионе", "Ада живёт в Париже"),
            ("Ада живёт в Лионе", "Ада переехала в Париж"),
            ("Ада живёт в Лионе", "Ада переехала из Лиона в Париж"),
            ("Ада живёт в Лионе", "Ада теперь живёт в Париже"),
            ("Ада живёт в Лионе", "Ада больше не живёт в Лионе"),
            ("Ада живёт в Лионе", "Ада уже не живёт в Лионе"),
            ("Ада ест мясо", "Ада не ест мясо"),
            ("Ада ест мясо", "Ада не ест мяса"),
            ("Экзамен 3 мая", "Экзамен 12 июня"),
            ("Ада работает в Яндексе", "Ада работает в Сбере"),
            ("Ada habite à Lyon", "Ada habite à Paris"),
            ("J’habite à Lyon", "j’habite à Paris"),
            ("Ada habite à Lyon", "Ada a déménagé à Paris"),
            ("Ada habite à Lyon", "Ada a déménagé de Lyon à Paris"),
            ("Ada habite à Lyon", "Ada n’habite plus à Lyon"),
            ("J’habite à Lyon", "Je n’habite plus à Lyon"),
            ("Я ем мясо", "больше не ем мяса"),
            ("Ada mange de la viande", "Ada ne mange pas de la viande"),
            ("Ada mange de la viande", "Ada ne mange plus de viande"),
            ("Ada aime la viande", "Ada n’aime pas la viande"),
            ("Ada a deux chats", "Ada a trois chats"),
            ("L’examen est le 3 mai", "L’examen est le 12 juin"),
            ("Ada's favourite colour is red", "Ada's favourite colour is blue"),
        ] {
            assert!(contradicts((None, one), (None, other)), "{one} / {other}");
            assert!(contradicts((None, other), (None, one)), "{other} / {one}");
        }
    }

    #[test]
    fn what_may_both_be_true_is_no_contradiction() {
        for (one, other) in [
            ("Ada likes tea", "Ada likes coffee"),
            ("Ada lives in Lyon", "Ben lives in Paris"),
            ("Ada lives in Lyon", "Ada lives in Lyon, France"),
            ("Ada lives in Lyon with Zoé", "Ada lives in Lyon since 1999"),
            ("Ада живёт в Лионе с мужем", "Ада живёт в Лионе около вокзала"),
            ("Ada lives in Lyon", "Ada lives in Lyon"),
            ("Ada lives in Lyon", "Ada moved to Lyon last week"),
            ("Ada lives in Lyon", "Ada moved to Paris in 2015"),
            ("Ada moved to Lyon in 2015", "Ada moved to Paris in 2020"),
            ("Ada lives in Paris", "Ada moved from Lyon to Paris"),
            ("Ada works at Acme", "Ada works at home"),
            ("Ada lives in Lyon", "Ada works at Acme"),
            ("Ada's favourite colour is red", "Ada's favourite book is Emma"),
            ("Ada eats meat", "Ada does not eat fish"),
            ("Ada may visit Lyon", "Ada may visit Paris"),
            ("Ada has a cat", "Ada has a dog"),
            ("Ada has yoga on Monday", "Ada has yoga on Tuesday"),
            ("Ада любит чай", "Ада любит кофе"),
            ("Ада живёт в Москве", "Ада переехала в Москву"),
            ("Ада живёт в Париже", "Ада переехала из Лиона в Париж"),
            ("Ада не ест мясо", "Ада ест рыбу"),
            ("Ada habite à Paris", "Ada a déménagé de Lyon à Paris"),
            ("Ada a un chat", "Ada n’a pas de chien"),
            ("12", "13"),
        ] {
            assert!(!contradicts((None, one), (None, other)), "{one} / {other}");
            assert!(!contradicts((None, other), (None, one)), "{other} / {one}");
        }
        assert!(!contradicts((Some("Ada"), "lives in Lyon"), (Some("Ben"), "lives in Paris")));
        assert!(contradicts((Some("Ada"), "lives in Lyon"), (None, "Ada lives in Paris")));
        assert!(contradicts((Some("Ada"), "lives in Lyon"), (Some("Ada"), "moved to Paris")));
        assert!(contradicts((Some("Ada"), "I live in Lyon"), (Some("Ada"), "lives in Paris")));
        assert!(contradicts((Some("Ада"), "Я живу в Лионе"), (Some("Ада"), "живёт в Париже")));
        assert!(contradicts((Some("Ada"), "J’habite à Lyon"), (Some("Ada"), "habite à Paris")));
        assert!(contradicts((Some("Ada"), "I eat meat"), (Some("Ada"), "does not eat meat")));
    }

    fn statement() -> impl Strategy<Value = String> {
        let words = [
            "ada",
            "ben",
            "lives in",
            "moved from",
            "moved to",
            "to",
            "lyon",
            "paris",
            "not",
            "no longer",
            "2",
            "3",
            "may",
            "june",
            "isn't",
            "n'a",
            "pas",
            "не",
            "живёт в",
            "переехала в",
            "из",
            "москве",
            "habite à",
            "à",
            "works at",
            "has",
            "cats",
        ];
        vec(select(words.to_vec()), 0..7).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn a_contradiction_holds_both_ways_and_nothing_denies_itself(one in statement(), other in statement()) {
            let says = |text: &'_ str| contradicts((None, text), (None, text));
            prop_assert!(!says(&one), "{}", one);
            let (there, back) = (contradicts((None, &one), (None, &other)), contradicts((None, &other), (None, &one)));
            prop_assert_eq!(there, back, "{} / {}", one, other);
        }

        #[test]
        fn what_is_said_of_one_person_never_denies_what_is_said_of_another(one in "[a-z]{3,6}", other in "[a-z]{3,6}") {
            prop_assume!(one != other);
            for (said, instead) in [("lives in Lyon", "lives in Paris"), ("has 2 cats", "has 3 cats"), ("eats meat", "does not eat meat")] {
                prop_assert!(!contradicts((Some(&one), said), (Some(&other), instead)));
            }
        }
    }
}
