//! What a summary lost: the names, numbers, dates and links that stand in the messages and no longer in the summary.
//!
//! Found mechanically, for Latin and Cyrillic script, without any model: so the owner can see at a glance what a
//! summary is silent about. A name is a word written with a capital inside a sentence; it counts as kept when the
//! summary has it in any case, since `Лион` becomes `в Лионе`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

mod things;

pub use things::things;

use self::things::is_month;
use crate::TokenCount;

/// What kind of thing was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostKind {
    /// A person, a place, a brand.
    Name,
    /// A number that is no date.
    Number,
    /// A date or a time of day.
    Date,
    /// An address of the web or of mail.
    Link,
}

/// One thing that was there before and is not there after.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lost {
    /// What kind of thing.
    pub kind: LostKind,
    /// As it stood.
    pub text: String,
}

/// What a summary cost and what it lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Tokens of the messages.
    pub tokens_before: TokenCount,
    /// Tokens of the summary.
    pub tokens_after: TokenCount,
    /// What is in the messages and not in the summary.
    pub lost: Vec<Lost>,
}

/// The most things one receipt lists of a kind.
const MOST_OF_A_KIND: usize = 50;

/// What stands in `before` and not in `after`, in the order it was said, each thing once.
#[must_use]
pub fn lost<'a>(before: impl IntoIterator<Item = &'a str>, after: &str) -> Vec<Lost> {
    missing(before.into_iter().flat_map(things), after)
}

/// The same for a summary that goes on from an earlier one with `added`. What the earlier one covers need not be read again:
/// it stands in its text or in what it lost.
#[must_use]
pub fn lost_since<'a>(earlier: (&str, &[Lost]), added: impl IntoIterator<Item = &'a str>, after: &str) -> Vec<Lost> {
    let (text, lost) = earlier;
    let known = lost.iter().cloned().chain(things(text));
    missing(known.chain(added.into_iter().flat_map(things)), after)
}

fn missing(before: impl Iterator<Item = Lost>, after: &str) -> Vec<Lost> {
    let kept = Kept::of(after);
    let mut seen = BTreeSet::new();
    let mut of_kind = [0_usize; 4];
    let mut lost = Vec::new();
    for thing in before {
        let key = (thing.kind, fold(&thing.text));
        let count = &mut of_kind[thing.kind as usize];
        if *count < MOST_OF_A_KIND && !kept.has(&thing) && seen.insert(key) {
            *count += 1;
            lost.push(thing);
        }
    }
    lost
}

/// What a summary has kept.
struct Kept {
    text: String,
    digits: BTreeSet<String>,
    words: Vec<String>,
}

impl Kept {
    fn of(after: &str) -> Self {
        let words: Vec<String> =
            after.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(fold).collect();
        let number = |word: &str| Some(digits(word)).filter(|digits| !digits.is_empty());
        let digits = after.split_whitespace().filter_map(number).chain(words.iter().filter_map(|word| number(word)));
        Self { text: fold(after), digits: digits.collect(), words }
    }

    fn has(&self, thing: &Lost) -> bool {
        match thing.kind {
            LostKind::Link => self.text.contains(&fold(&thing.text)),
            LostKind::Number => self.digits.contains(&digits(&thing.text)),
            LostKind::Date => {
                self.text.contains(&fold(&thing.text))
                    || thing
                        .text
                        .split_whitespace()
                        .filter(|part| !digits(part).is_empty())
                        .all(|part| self.digits.contains(&digits(part)))
                        && thing.text.split_whitespace().filter(|part| is_month(part)).all(|month| self.has_stem(month))
            }
            LostKind::Name => thing
                .text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|part| !part.is_empty())
                .all(|part| self.has_stem(part)),
        }
    }

    /// Whether a word stands in the summary in this or another case.
    fn has_stem(&self, word: &str) -> bool {
        let word = fold(word);
        self.words.iter().any(|kept| same_name(kept, &word))
    }
}

/// Names agree up to the endings that cases put on them: two letters in Cyrillic, a plural or genitive in Latin.
fn same_name(one: &str, other: &str) -> bool {
    let shared = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let longest = one.chars().count().max(other.chars().count());
    let cyrillic = other.chars().any(|c| ('а'..='ё').contains(&c));
    let ending = if cyrillic {
        2.min(longest / 3)
    } else {
        usize::from(longest > 4 && (one.ends_with('s') || other.ends_with('s')))
    };
    shared + ending >= longest
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

fn digits(word: &str) -> String {
    word.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_summary_that_goes_on_need_not_read_everything_again() {
        let messages =
            ["We met Natalie and Boris in Lyon.", "The rent is 1200 euros.", "Paid on 3 March 2026 to Vera."];
        let first = "The rent in Lyon is 1200 euros; we met Natalie.";
        let lost_first = lost(messages[..2].iter().copied(), first);
        let second = "Boris and Natalie were met; 1200 euros were paid to Vera.";
        let went_on = lost_since((first, &lost_first), [messages[2]], second);
        let texts = |lost: Vec<Lost>| lost.into_iter().map(|thing| thing.text).collect::<BTreeSet<_>>();
        let all = texts(lost(messages, second));
        assert_eq!(all.iter().map(String::as_str).collect::<Vec<_>>(), ["3 March 2026", "Lyon"]);
        assert_eq!(texts(went_on), all);
    }

    fn found(text: &str) -> Vec<(LostKind, String)> {
        things(text).into_iter().map(|thing| (thing.kind, thing.text)).collect()
    }

    #[test]
    fn names_numbers_dates_and_links_are_found_in_both_scripts() {
        use LostKind::{Date, Link, Name, Number};
        let cases: [(&str, &[(LostKind, &str)]); 7] = [
            (
                "My sister Natalie moved to Lyon on 3 March 2026.",
                &[(Name, "Natalie"), (Name, "Lyon"), (Date, "3 March 2026")],
            ),
            (
                "Rent is 1200 euros, see https://example.org/flat?id=7",
                &[(Number, "1200"), (Link, "https://example.org/flat?id=7")],
            ),
            ("Моя сестра Наташа переехала в Лион 3 марта", &[(Name, "Наташа"), (Name, "Лион"), (Date, "3 марта")]),
            ("Rendez-vous le 22/11 à 14:30 chez Zoé", &[(Date, "22/11"), (Date, "14:30"), (Name, "Zoé")]),
            ("I think I'm fine. Really. The day is long", &[]),
            ("Natalie called. I like Natalie's cat", &[(Name, "Natalie"), (Name, "Natalie")]),
            ("Write to ann@example.org by 2026-12-01", &[(Link, "ann@example.org"), (Date, "2026-12-01")]),
        ];
        for (text, expected) in cases {
            let expected: Vec<(LostKind, String)> =
                expected.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect();
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn what_the_summary_has_in_other_words_is_not_lost() {
        let before = ["We met Natalie in Lyon on 3 March at 14:30, paid 1,200 euros.", "Ехали с Наташей в Лион"];
        let after = "Natalie was met in Lyon (3 March, 14:30); 1200 euros were paid. Наташа ехала из Лиона.";
        assert_eq!(lost(before, after), []);
        let gone: Vec<String> = lost(before, "They met.").into_iter().map(|thing| thing.text).collect();
        assert_eq!(gone, ["Natalie", "Lyon", "3 March", "14:30", "1,200", "Наташей", "Лион"]);
    }

    #[test]
    fn a_thing_is_listed_once() {
        assert_eq!(lost(["in Lyon", "to Lyon", "from LYON"], "").len(), 1);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_when_everything_is_kept(text in "[A-Za-zА-Яа-я0-9 .,:/-]{0,120}") {
            prop_assert_eq!(lost([text.as_str()], &text), []);
        }

        #[test]
        fn whatever_is_listed_stood_there(text in "\\PC{0,120}", after in "\\PC{0,60}") {
            for thing in lost([text.as_str()], &after) {
                prop_assert!(thing.text.split(' ').all(|part| text.contains(part)));
            }
        }
    }
}
