//! Uniting rankings, and letting neighbours profit from each other.
//!
//! Scores by words and by meaning cannot be compared, so it is ranks that are united: reciprocal rank fusion (Cormack,
//! Clarke and Buettcher, SIGIR 2009). What a message scores its neighbours get too, since one is read to understand the
//! other; of two that match alike the longer tells more; and where the query names one of the speakers, what that one says
//! is rather meant than what is said to them.

use std::collections::{BTreeMap, BTreeSet};

use super::Scored;
use crate::{Timestamp, TokenCount};

/// Reciprocal rank fusion's constant, as in the paper.
const RANK_CONSTANT: f32 = 60.0;
/// How much of a message's length counts against it in the ranking by words, since a long one holds more of them by chance:
/// BM25's `b`.
const LENGTH: f32 = 0.2;
/// How much a message's length, as the logarithm of its tokens, counts for it once it is found.
const SUBSTANCE: f32 = 0.2;
/// How much more a message counts whose speaker the query names. A name is in so many texts and beside so many messages that
/// neither its rarity nor its meaning says this.
const NAMED: f32 = 0.5;

/// A message that is near to the query in meaning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Its place in the chat.
    pub ordinal: u32,
    /// Cosine of the angle between the vectors.
    pub similarity: f32,
}

/// What has to be known of a message to rank it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How long it is.
    pub tokens: TokenCount,
    /// When it was said.
    pub at: Timestamp,
    /// Whether the query names who said it, and nobody else who speaks there.
    pub is_by_named: bool,
}

/// A message that was found, with what speaks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Its place in the chat.
    pub ordinal: u32,
    /// Higher is better; comparable within one query only.
    pub score: f32,
    /// Its rank by words, from 1.
    pub by_words: Option<u32>,
    /// Its rank by meaning, from 1.
    pub by_meaning: Option<u32>,
    /// How near in meaning: the cosine of the angle between the vectors.
    pub similarity: Option<f32>,
    /// The better match that it is here for, as its neighbour.
    pub beside: Option<u32>,
}

/// The places to read in order to rank them: the best of both rankings with their neighbours, at most `most`, best first.
#[must_use]
pub fn choose(words: &[Scored], meaning: &[Near], last: u32, most: usize) -> Vec<u32> {
    let mut best: Vec<Found> = united(words, meaning).into_values().collect();
    best.sort_by(best_first);
    let mut seen = BTreeSet::new();
    let around = best.iter().flat_map(|found| [found.ordinal, found.ordinal - 1, found.ordinal + 1]);
    around.filter(|place| (1..=last).contains(place) && seen.insert(*place)).take(most).collect()
}

/// Ranks what was read of `words` and `meaning`, best first. `average` is the mean length of the chat's messages, `pause` the
/// milliseconds after which two messages are no neighbours any more.
#[must_use]
pub fn rank(
    words: &[Scored],
    meaning: &[Near],
    read: &BTreeMap<u32, Candidate>,
    average: TokenCount,
    pause: i64,
) -> Vec<Found> {
    let mut words: Vec<Scored> = words
        .iter()
        .filter_map(|scored| {
            let candidate = read.get(&scored.ordinal)?;
            Some(Scored { score: scored.score / relative_length(candidate.tokens, average), ..*scored })
        })
        .collect();
    words.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.ordinal.cmp(&a.ordinal)));
    let meaning: Vec<Near> = meaning.iter().filter(|near| read.contains_key(&near.ordinal)).copied().collect();
    let own = united(&words, &meaning);
    let mut ranked: Vec<Found> = read
        .iter()
        .filter_map(|(ordinal, candidate)| with_neighbours(*ordinal, *candidate, &own, read, pause))
        .collect();
    ranked.sort_by(best_first);
    ranked
}

/// One for a message of average length, more for a longer one.
fn relative_length(tokens: TokenCount, average: TokenCount) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "lengths of messages are small")]
    let relative = tokens.0 as f32 / average.0.max(1) as f32;
    1.0 - LENGTH + LENGTH * relative
}

/// Both rankings as one, by place.
fn united(words: &[Scored], meaning: &[Near]) -> BTreeMap<u32, Found> {
    let mut found: BTreeMap<u32, Found> = BTreeMap::new();
    let blank =
        |ordinal| Found { ordinal, score: 0.0, by_words: None, by_meaning: None, similarity: None, beside: None };
    for (rank, scored) in (1..).zip(words) {
        let one = found.entry(scored.ordinal).or_insert_with(|| blank(scored.ordinal));
        one.by_words = Some(rank);
        one.score += reciprocal(rank);
    }
    for (rank, near) in (1..).zip(meaning) {
        let one = found.entry(near.ordinal).or_insert_with(|| blank(near.ordinal));
        one.by_meaning = Some(rank);
        one.similarity = Some(near.similarity);
        one.score += reciprocal(rank);
    }
    found
}

/// The similarity from which a message stands out among those that were looked at: half-way from the middle one to the best.
///
/// Models give quite different numbers to what is alike and to what is not, often all within a tenth, so that no number serves
/// them all. None for nothing.
#[must_use]
pub fn stands_out(similarities: impl IntoIterator<Item = f32>) -> Option<f32> {
    let mut all: Vec<f32> = similarities.into_iter().collect();
    all.sort_by(f32::total_cmp);
    let (middle, best) = (all.get(all.len() / 2)?, all.last()?);
    Some(f32::midpoint(*middle, *best))
}

/// What a place in one ranking, from 1, is worth in the union of several.
#[must_use]
pub fn reciprocal(rank: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
    let rank = rank as f32;
    1.0 / (RANK_CONSTANT + rank)
}

/// A message with what its better neighbour lends it; none when neither was found.
fn with_neighbours(
    ordinal: u32,
    candidate: Candidate,
    own: &BTreeMap<u32, Found>,
    read: &BTreeMap<u32, Candidate>,
    pause: i64,
) -> Option<Found> {
    let is_near = |there: &u32| read.get(there).is_some_and(|there| (there.at.0 - candidate.at.0).abs() <= pause);
    let lender = [ordinal.saturating_sub(1), ordinal + 1]
        .into_iter()
        .filter(is_near)
        .filter_map(|there| own.get(&there))
        .max_by(|a, b| a.score.total_cmp(&b.score));
    let itself = own.get(&ordinal);
    let (lent, score) = (lender.map_or(0.0, |lender| lender.score), itself.map_or(0.0, |itself| itself.score));
    #[expect(clippy::cast_precision_loss, reason = "lengths of messages are small")]
    let substance = 1.0 + SUBSTANCE * (candidate.tokens.0 as f32 / 2.0).ln_1p();
    let named = if candidate.is_by_named { 1.0 + NAMED } else { 1.0 };
    (lent + score > 0.0).then(|| Found {
        ordinal,
        score: (score + lent) * substance * named,
        by_words: itself.and_then(|itself| itself.by_words),
        by_meaning: itself.and_then(|itself| itself.by_meaning),
        similarity: itself.and_then(|itself| itself.similarity),
        beside: lender.filter(|_| lent > score).map(|lender| lender.ordinal),
    })
}

fn best_first(a: &Found, b: &Found) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then(b.ordinal.cmp(&a.ordinal))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn scored(ordinals: &[u32]) -> Vec<Scored> {
        ordinals.iter().map(|ordinal| Scored { ordinal: *ordinal, score: 2.0 }).collect()
    }

    fn near(ordinals: &[u32]) -> Vec<Near> {
        ordinals.iter().map(|ordinal| Near { ordinal: *ordinal, similarity: 0.5 }).collect()
    }

    /// Messages of ten tokens, a minute apart, with an hour's pause after each tenth.
    fn all(last: u32) -> BTreeMap<u32, Candidate> {
        let at = |place: u32| Timestamp(i64::from(place) * 60_000 + i64::from((place - 1) / 10) * HOUR);
        (1..=last)
            .map(|place| (place, Candidate { tokens: TokenCount(10), at: at(place), is_by_named: false }))
            .collect()
    }

    fn ranked(words: &[u32], meaning: &[u32], read: &BTreeMap<u32, Candidate>) -> Vec<Found> {
        rank(&scored(words), &near(meaning), read, TokenCount(10), HOUR / 2)
    }

    #[test]
    fn what_both_rankings_find_comes_before_what_one_finds() {
        let found = ranked(&[70, 50, 30], &[90, 30, 10], &all(100));
        assert_eq!(found[0].ordinal, 30);
        assert_eq!((found[0].by_words, found[0].by_meaning, found[0].beside), (Some(3), Some(2), None));
    }

    #[test]
    fn neighbours_come_along_but_not_across_a_pause() {
        let found = ranked(&[60, 45], &[], &all(100));
        assert_eq!(found.iter().map(|found| found.ordinal).collect::<Vec<_>>(), [60, 59, 46, 45, 44]);
        assert_eq!(found[1].beside, Some(60));
        assert_eq!((found[3].beside, found[3].by_words), (None, Some(2)));
    }

    #[test]
    fn two_that_stand_beside_each_other_come_before_one_alone() {
        let found = ranked(&[80, 45, 46], &[], &all(100));
        assert_eq!([found[0].ordinal, found[1].ordinal], [46, 45]);
    }

    #[test]
    fn of_two_that_match_alike_the_longer_tells_more() {
        let mut read = all(100);
        read.get_mut(&33).unwrap().tokens = TokenCount(20);
        let found = ranked(&[], &[56, 33], &read);
        assert_eq!(found[0].ordinal, 33);
    }

    #[test]
    fn of_two_that_match_alike_the_one_whose_speaker_is_named_is_meant() {
        let mut read = all(100);
        read.get_mut(&33).unwrap().is_by_named = true;
        let found = ranked(&[56, 33], &[56, 33], &read);
        assert_eq!(found[0].ordinal, 33);
    }

    #[test]
    fn a_very_long_message_ranks_lower_by_words() {
        let mut read = all(100);
        read.get_mut(&56).unwrap().tokens = TokenCount(200);
        let found = ranked(&[56, 33], &[], &read);
        let by_words = |place| found.iter().find(|found| found.ordinal == place).unwrap().by_words;
        assert_eq!((by_words(33), by_words(56)), (Some(1), Some(2)));
    }

    #[test]
    fn what_is_to_be_read_are_the_best_with_their_neighbours_each_once() {
        assert_eq!(choose(&scored(&[1, 3, 100]), &[], 100, 9), [1, 2, 3, 4, 100, 99]);
        assert_eq!(choose(&scored(&[1, 3, 100]), &[], 100, 3), [1, 2, 3]);
    }

    #[test]
    fn only_what_is_nearer_than_most_stands_out() {
        let standing_out = |all: &[f32]| {
            let from = stands_out(all.iter().copied());
            all.iter().filter(|similarity| from.is_some_and(|from| **similarity >= from)).count()
        };
        assert_eq!(standing_out(&[]), 0);
        assert_eq!(standing_out(&[0.8]), 1);
        assert_eq!(standing_out(&[0.91, 0.79, 0.78, 0.77, 0.76]), 1);
        assert_eq!(standing_out(&[0.91, 0.79, 0.9, 0.77, 0.76, 0.75]), 2);
    }

    #[test]
    fn what_was_not_read_is_not_found() {
        let found = ranked(&[50, 30], &[60], &all(25));
        assert!(found.is_empty());
    }
}
