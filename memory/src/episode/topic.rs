//! Whether the subject has changed for good: lexically, on stems, and conservatively.
//!
//! A shift is seen only once [`NEW_TURNS`] turns that say something have hardly a word in common with the turns before
//! them and do have words in common with each other. So an aside of a turn or two closes nothing, and neither does a
//! conversation that comes back to where it was. It is people who change the subject, so only their words make a new one; what
//! the bot said counts as known. Turns that say nothing of their own (“yes, please”) count for neither
//! side. What both subjects share by chance is weighed by how much of the new talk it makes up.

use std::collections::{BTreeMap, BTreeSet};

use super::Said;
use crate::Role;

/// How many turns a new subject must have held.
const NEW_TURNS: usize = 4;
/// How many turns there must have been before it.
const OLD_TURNS: usize = 3;
/// How many turns before it are compared.
const OLD_TURNS_COMPARED: usize = 12;
/// How many words a turn must have to say something.
const LEAST_TERMS: usize = 2;
/// The largest share of a new turn's words that the old turns may have.
const SHARED_BY_ONE: f64 = 0.34;
/// The largest share of all the new words that the old turns may have.
const SHARED_BY_ALL: f64 = 0.15;
/// How many messages before a new one are needed to see a shift.
pub const LOOK_BACK: usize = 120;

/// Where among `said`, one episode so far, the new subject begins; none when there is no new subject.
///
/// This is asked with every message, so that turns are read from the newest back, and no further than is needed.
pub(super) fn shift(said: &[Said]) -> Option<usize> {
    let offset = said.len().saturating_sub(LOOK_BACK);
    let mut telling = turns(&said[offset..]).filter(|turn| turn.terms.len() >= LEAST_TERMS);
    let new: Vec<Turn<'_>> = telling.by_ref().take(NEW_TURNS).collect();
    if new.len() < NEW_TURNS || !hangs_together(&new) {
        return None;
    }
    let old: Vec<Turn<'_>> = telling.take(OLD_TURNS_COMPARED).collect();
    if old.len() < OLD_TURNS {
        return None;
    }
    let known: BTreeSet<&str> = old.iter().flat_map(|turn| turn.said).flat_map(terms).collect();
    let begin = new.last()?.begin;
    is_foreign(&new, &known).then_some(offset + begin).filter(|shift| *shift > 0)
}

/// A turn: where it begins, the words of the person, and all that was said in it.
struct Turn<'a> {
    begin: usize,
    terms: BTreeSet<&'a str>,
    said: &'a [Said],
}

/// The turns of a conversation, the newest first.
fn turns(said: &[Said]) -> impl Iterator<Item = Turn<'_>> {
    let mut end = said.len();
    std::iter::from_fn(move || {
        let last = end.checked_sub(1)?;
        let goes_on = |place: &usize| said[*place].turn.is_some() && said[*place].turn == said[*place - 1].turn;
        let begin = (1..=last).rev().find(|place| !goes_on(place)).unwrap_or(0);
        end = begin;
        let said = &said[begin..=last];
        let by_people = said.iter().filter(|message| message.role == Role::User);
        Some(Turn { begin, terms: by_people.flat_map(terms).collect(), said })
    })
}

fn terms(message: &Said) -> impl Iterator<Item = &str> {
    message.terms.iter().map(String::as_str)
}

fn is_foreign(new: &[Turn<'_>], known: &BTreeSet<&str>) -> bool {
    let shared = |turn: &Turn<'_>| turn.terms.intersection(known).count();
    let (mut common, mut all) = (0, 0);
    for turn in new {
        let share = shared(turn);
        if ratio(share, turn.terms.len()) > SHARED_BY_ONE {
            return false;
        }
        common += share;
        all += turn.terms.len();
    }
    ratio(common, all) <= SHARED_BY_ALL
}

/// Whether the turns, the newest first, are about one thing: each but one has a word that another of them has, and that one is
/// not the oldest, which else would be the last of the subject before.
fn hangs_together(new: &[Turn<'_>]) -> bool {
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for term in new.iter().flat_map(|turn| &turn.terms) {
        *holders.entry(term).or_default() += 1;
    }
    let is_tied = |turn: &Turn<'_>| turn.terms.iter().any(|term| holders.get(term).is_some_and(|held| *held > 1));
    new.last().is_some_and(is_tied) && new.iter().filter(|turn| is_tied(turn)).count() + 1 >= new.len()
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageId, Timestamp, TurnId};

    /// A conversation of turns, each the words of a question.
    fn talk(turns: &[&str]) -> Vec<Said> {
        (0..)
            .zip(turns)
            .map(|(id, words)| Said {
                id: MessageId(id),
                turn: Some(TurnId(id)),
                role: Role::User,
                at: Timestamp(id),
                terms: words.split_whitespace().map(str::to_owned).collect(),
            })
            .collect()
    }

    const GARDEN: [&str; 4] =
        ["tomato seed soil", "soil water tomato plant", "plant sun balcony tomato", "tomato water fertilis"];
    const TAXES: [&str; 4] = ["tax form deadlin", "tax incom declar", "declar rent form", "tax offic form refund"];

    #[test]
    fn several_turns_on_another_subject_are_a_shift() {
        let talk = talk(&[GARDEN.as_slice(), &TAXES].concat());
        assert_eq!(shift(&talk), Some(4));
        assert_eq!(shift(&talk[..7]), None, "three turns are not enough");
    }

    #[test]
    fn an_aside_and_a_return_are_none() {
        let aside = talk(&[GARDEN.as_slice(), &TAXES[..2], &["tomato plant leav yellow", "water plant morn"]].concat());
        assert!((1..=aside.len()).all(|end| shift(&aside[..end]).is_none()));
        let mentioned = talk(&[GARDEN.as_slice(), &TAXES[..3], &["tomato deadlin"]].concat());
        assert!((1..=mentioned.len()).all(|end| shift(&mentioned[..end]).is_none()));
    }

    #[test]
    fn a_last_word_on_the_old_subject_stays_with_it_though_it_shares_none() {
        let talk = talk(&[GARDEN.as_slice(), &["greenhous window glass"], &TAXES].concat());
        assert!((1..talk.len()).all(|end| shift(&talk[..end]).is_none()));
        assert_eq!(shift(&talk), Some(5));
    }

    #[test]
    fn turns_without_words_of_their_own_count_for_neither_side() {
        let short = talk(&[GARDEN.as_slice(), &["yes"], &TAXES[..2], &["ok", ""], &TAXES[2..]].concat());
        assert_eq!(shift(&short), Some(5));
        assert_eq!(shift(&talk(&[GARDEN.as_slice(), &["ok"; 9]].concat())), None);
    }

    #[test]
    fn wandering_talk_without_a_new_subject_is_none() {
        let wandering =
            talk(&[GARDEN.as_slice(), &["moon rocket", "soup spoon", "violin bow", "glacier ice"]].concat());
        assert_eq!(shift(&wandering), None);
    }
}
