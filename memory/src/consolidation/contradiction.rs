//! When one statement denies another, as far as words alone can tell.
//!
//! Three signs count, and each needs all other words to agree: one statement has a negation that the other lacks; they
//! differ in their numbers alone; or both fill a place that has room for one thing only (where someone lives, how old
//! they are, what they are called) with different things. What words alone cannot tell is left to the model, which may
//! say so with an update.

use super::key;

const NEGATIONS: &[&str] = &[
    "not",
    "no",
    "never",
    "don't",
    "doesn't",
    "didn't",
    "isn't",
    "aren't",
    "wasn't",
    "can't",
    "cannot",
    "won't",
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
const AUXILIARIES: &[&str] = &["do", "does", "did", "any"];
/// What has room for one thing only.
const SINGLE: &[&str] = &[
    "lives in",
    "live in",
    "lives at",
    "is called",
    "name is",
    "was born in",
    "was born on",
    "birthday is",
    "is married to",
    "works at",
    "works for",
    "phone is",
    "number is",
    "email is",
    "address is",
    "favourite",
    "favorite",
    "живет в",
    "живёт в",
    "живу в",
    "зовут",
    "родился",
    "родилась",
    "работает в",
    "работаю в",
    "женат на",
    "замужем за",
    "день рождения",
    "любимый",
    "любимая",
    "любимое",
    "habite à",
    "habite a",
    "habite au",
    "habite en",
    "vit à",
    "vit en",
    "s'appelle",
    "m'appelle",
    "est né",
    "est née",
    "anniversaire est",
    "travaille chez",
    "est marié à",
    "est mariée à",
    "préféré est",
    "préférée est",
];

/// Whether the two cannot both be true, by their words.
#[must_use]
pub fn contradicts(one: (Option<&str>, &str), other: (Option<&str>, &str)) -> bool {
    let (one, other) = (key::of(one.0, one.1), key::of(other.0, other.1));
    one != other
        && (differs_by_negation(&one, &other) || differs_by_number(&one, &other) || fills_the_same(&one, &other))
}

/// The words of a statement without negations, and how many of those there were.
fn affirmed(statement: &str) -> (Vec<String>, usize) {
    let mut words = Vec::new();
    let mut negations = 0;
    for word in statement.split(' ') {
        let (negation, rest) = match word.strip_prefix("n'") {
            Some(rest) => (true, rest),
            None => (NEGATIONS.contains(&word), if NEGATIONS.contains(&word) { "" } else { word }),
        };
        negations += usize::from(negation);
        if !rest.is_empty() && !AUXILIARIES.contains(&rest) {
            words.push(stem(rest));
        }
    }
    (words, negations)
}

/// `eats` and `eat` are one word beside a negation.
fn stem(word: &str) -> String {
    let plain = word.is_ascii() && word.len() > 3 && !word.ends_with("ss");
    if plain { word.strip_suffix('s').unwrap_or(word).to_owned() } else { word.to_owned() }
}

fn differs_by_negation(one: &str, other: &str) -> bool {
    let ((one, negations), (other, others)) = (affirmed(one), affirmed(other));
    (negations > 0) != (others > 0) && one == other && !one.is_empty()
}

fn differs_by_number(one: &str, other: &str) -> bool {
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let words = |text: &str| {
        text.split(' ').map(|word| if is_number(word) { "#" } else { word }.to_owned()).collect::<Vec<_>>()
    };
    let (one, other) = (words(one), words(other));
    one == other && one.iter().any(|word| word == "#") && one.len() > 1
}

fn fills_the_same(one: &str, other: &str) -> bool {
    SINGLE.iter().any(|place| {
        // What stands before an apostrophe is a word: `j'habite` is where I live.
        let apart = |text: &str| format!(" {} ", text.replace('\'', "' "));
        let split = |text: &str| {
            let (before, after) = apart(text).split_once(&apart(place)).map(|(a, b)| (a.to_owned(), b.to_owned()))?;
            Some((before.trim().to_owned(), after.trim().to_owned()))
        };
        match (split(one), split(other)) {
            (Some((subject, thing)), Some((of, instead))) => {
                subject == of
                    && thing != instead
                    && !thing.starts_with(&instead)
                    && !instead.starts_with(&thing)
                    && same_sort(place, &thing, &instead)
            }
            _ => false,
        }
    })
}

/// Of favourites there is one of each sort: a favourite colour denies no favourite book.
fn same_sort(place: &str, thing: &str, instead: &str) -> bool {
    let sorts = ["favourite", "favorite", "любимый", "любимая", "любимое"];
    !sorts.contains(&place) || thing.split(' ').next() == instead.split(' ').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_both_be_true_is_told_in_three_languages() {
        for (one, other) in [
            ("Ada lives in Lyon", "Ada lives in Paris"),
            ("Ada eats meat", "Ada does not eat meat"),
            ("Ada eats meat", "Ada doesn't eat meat."),
            ("Ada has 2 cats", "Ada has 3 cats"),
            ("Ада живёт в Лионе", "Ада живёт в Париже"),
            ("Ада ест мясо", "Ада не ест мясо"),
            ("Ada habite à Lyon", "Ada habite à Paris"),
            ("J’habite à Lyon", "j’habite à Paris"),
            ("Ada mange de la viande", "Ada ne mange pas de la viande"),
            ("Ada aime la viande", "Ada n’aime pas la viande"),
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
            ("Ada lives in Lyon", "Ada lives in Lyon"),
            ("Ada's favourite colour is red", "Ada's favourite book is Emma"),
            ("Ada eats meat", "Ada does not eat fish"),
            ("Ада любит чай", "Ада любит кофе"),
            ("12", "13"),
        ] {
            assert!(!contradicts((None, one), (None, other)), "{one} / {other}");
        }
        assert!(!contradicts((Some("Ada"), "lives in Lyon"), (Some("Ben"), "lives in Paris")));
        assert!(contradicts((Some("Ada"), "lives in Lyon"), (None, "Ada lives in Paris")));
    }
}
