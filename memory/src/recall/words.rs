//! Ranking by words: the sum of how much each word of the query tells, at its best within a few messages.
//!
//! How much a word tells is BM25's inverse document frequency (Robertson and Zaragoza, "The Probabilistic Relevance
//! Framework", 2009). How often one message repeats a word is not looked at: chat messages are short, and
//! the index would have to keep it. Instead a message profits from the words of those around it, less with each step: of a
//! question and its answer, one has the words and the other what is wanted.

/// How far a word reaches, in messages, to either side.
const REACH: u32 = 3;
/// What is left of a word's worth with each message of distance.
const FADING: f32 = 0.6;
/// That, by distance.
const LENT: [f32; REACH as usize + 1] = [1.0, FADING, FADING * FADING, FADING * FADING * FADING];
/// Scores are gathered for so many places at a time, so that the work goes by what was found and not by how long the chat is.
const CHUNK: u32 = 64;

/// Where a word of the query stands in a chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Postings {
    /// How much the query wants it: 1 for a word of its own.
    pub weight: f32,
    /// The messages that hold it, newest first.
    pub ordinals: Vec<u32>,
    /// Whether these are all; otherwise they are the newest.
    pub is_all: bool,
}

/// A message and how well it matches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Its place in the chat.
    pub ordinal: u32,
    /// Higher is better; comparable within one query only.
    pub score: f32,
}

/// The messages that match by their words or their neighbours' words, best first, at most `most`; newer before older
/// where they match alike. `last` is the chat's newest place.
#[must_use]
pub fn by_words(query: &[Postings], last: u32, most: usize) -> Vec<Scored> {
    let mut sheet = Sheet::new(last);
    for postings in query {
        let worth = postings.weight * telling(postings, last);
        spread(postings, worth, last, &mut sheet);
    }
    let mut scored = sheet.scored();
    let best_first = |a: &Scored, b: &Scored| b.score.total_cmp(&a.score).then(b.ordinal.cmp(&a.ordinal));
    // Thousands may share a word: the best are picked out before they are put in order.
    if scored.len() > most {
        scored.select_nth_unstable_by(most, best_first);
        scored.truncate(most);
    }
    scored.sort_by(best_first);
    scored
}

/// How much it tells that a message holds the word. Where only its newest messages were read, older ones are taken to hold
/// it as often.
fn telling(postings: &Postings, last: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let (found, all) = (postings.ordinals.len() as f32, last as f32);
    let oldest = postings.ordinals.last().copied().unwrap_or(last);
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let read = if postings.is_all { all } else { (last - oldest.min(last) + 1) as f32 };
    let holding = (found * all / read.max(1.0)).min(all);
    (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln()
}

/// Gives each place near the word's messages what the nearest of them lends it.
fn spread(postings: &Postings, worth: f32, last: u32, sheet: &mut Sheet) {
    let mut newer: Option<u32> = None;
    for (index, &ordinal) in postings.ordinals.iter().enumerate() {
        // Between two holders of the word each place belongs to the nearer one.
        let upwards = newer.map_or(REACH, |newer| REACH.min((newer - ordinal - 1) / 2));
        let downwards =
            postings.ordinals.get(index + 1).map_or(REACH, |older| REACH.min((ordinal - older - 1).div_ceil(2)));
        for (distance, part) in (0..=upwards.max(downwards)).zip(LENT) {
            if distance <= upwards && ordinal + distance <= last {
                sheet.add(ordinal + distance, worth * part);
            }
            if distance > 0 && distance <= downwards && ordinal > distance {
                sheet.add(ordinal - distance, worth * part);
            }
        }
        newer = Some(ordinal);
    }
}

/// Scores by place: only chunks that have any are there.
struct Sheet {
    /// For each chunk of the chat, where it stands among `chunks`, from 1; 0 while it has no scores. Four bytes for each 64
    /// messages is all that goes by the chat's length.
    places: Vec<u32>,
    chunks: Vec<(u32, [f32; CHUNK as usize])>,
}

impl Sheet {
    fn new(last: u32) -> Self {
        Self { places: vec![0; (last / CHUNK) as usize + 1], chunks: Vec::new() }
    }

    fn add(&mut self, ordinal: u32, score: f32) {
        let chunk = ordinal / CHUNK;
        let Some(place) = self.places.get_mut(chunk as usize) else { return };
        if *place == 0 {
            self.chunks.push((chunk, [0.0; CHUNK as usize]));
            *place = u32::try_from(self.chunks.len()).unwrap_or(u32::MAX);
        }
        self.chunks[*place as usize - 1].1[(ordinal % CHUNK) as usize] += score;
    }

    fn scored(&self) -> Vec<Scored> {
        let places = self.chunks.iter().flat_map(|(chunk, scores)| (chunk * CHUNK..).zip(scores));
        places.filter(|(_, score)| **score > 0.0).map(|(ordinal, score)| Scored { ordinal, score: *score }).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn word(ordinals: &[u32]) -> Postings {
        Postings { weight: 1.0, ordinals: ordinals.to_vec(), is_all: true }
    }

    fn order(query: &[Postings], last: u32) -> Vec<u32> {
        by_words(query, last, 100).iter().map(|scored| scored.ordinal).collect()
    }

    #[test]
    fn rare_words_outweigh_common_ones() {
        let found = order(&[word(&[30]), word(&[90, 80, 70, 60, 50, 40])], 100);
        assert_eq!(found[0], 30);
    }

    #[test]
    fn newer_comes_first_where_all_else_is_alike() {
        assert_eq!(order(&[word(&[50, 20])], 100)[..2], [50, 20]);
    }

    #[test]
    fn a_message_profits_from_its_neighbours_less_with_each_step() {
        let found = by_words(&[word(&[50])], 100, 100);
        let places: Vec<u32> = found.iter().map(|scored| scored.ordinal).collect();
        assert_eq!(places, [50, 51, 49, 52, 48, 53, 47]);
        assert!((found[1].score - found[0].score * FADING).abs() < 1e-4);
    }

    #[test]
    fn two_words_in_two_neighbours_bring_both_before_one_word_alone() {
        let found = order(&[word(&[80, 50]), word(&[51, 20])], 100);
        assert_eq!([found[0].min(found[1]), found[0].max(found[1])], [50, 51]);
    }

    #[test]
    fn of_a_word_read_in_part_it_is_supposed_that_it_goes_on_as_before() {
        let part = Postings { weight: 1.0, ordinals: (9_000..10_000).rev().step_by(10).collect(), is_all: false };
        let whole = word(&(1..10_000).rev().step_by(10).collect::<Vec<_>>());
        assert!((telling(&part, 10_000) - telling(&whole, 10_000)).abs() < 0.05);
    }

    proptest! {
        #[test]
        fn each_place_gets_what_its_nearest_holder_lends(held in proptest::collection::btree_set(1u32..60, 1..20)) {
            let last = 60;
            let newest_first: Vec<u32> = held.iter().rev().copied().collect();
            let query = word(&newest_first);
            let worth = telling(&query, last);
            let found: BTreeMap<u32, f32> =
                by_words(&[query], last, 100).iter().map(|scored| (scored.ordinal, scored.score)).collect();
            for place in 1..=last {
                let distance = held.iter().map(|holder| holder.abs_diff(place)).min().unwrap();
                let lent = if distance <= REACH { worth * FADING.powi(distance.cast_signed()) } else { 0.0 };
                prop_assert!((found.get(&place).copied().unwrap_or_default() - lent).abs() < 1e-4, "place {}", place);
            }
        }

        #[test]
        fn the_best_are_the_same_however_many_are_asked_for(
            words in proptest::collection::vec(proptest::collection::btree_set(1u32..500, 1..60), 1..6), most in 1usize..40,
        ) {
            let query: Vec<Postings> =
                words.iter().map(|held| word(&held.iter().rev().copied().collect::<Vec<_>>())).collect();
            let all = by_words(&query, 500, usize::MAX);
            prop_assert_eq!(&by_words(&query, 500, most)[..], &all[..most.min(all.len())]);
        }
    }
}
