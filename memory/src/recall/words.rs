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
/// What a word's message and those around it get of its worth, oldest first.
const LENT: [f32; 2 * REACH as usize + 1] = {
    let (near, far, last) = (FADING, FADING * FADING, FADING * FADING * FADING);
    [last, far, near, 1.0, near, far, last]
};
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
    let mut scored = sheet.scored(most);
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
    let lent = LENT.map(|part| worth * part);
    let mut newer: Option<u32> = None;
    for (index, &ordinal) in postings.ordinals.iter().enumerate() {
        // Between two holders of the word each place belongs to the nearer one.
        let upwards = newer.map_or(REACH, |newer| REACH.min((newer - ordinal - 1) / 2));
        let downwards =
            postings.ordinals.get(index + 1).map_or(REACH, |older| REACH.min((ordinal - older - 1).div_ceil(2)));
        newer = Some(ordinal);
        let (first, beyond) = (ordinal.saturating_sub(downwards).max(1), ordinal.saturating_add(upwards).min(last) + 1);
        let skipped = (first + REACH).saturating_sub(ordinal) as usize;
        let many = beyond.saturating_sub(first) as usize;
        if let Some(scores) = lent.get(skipped..skipped + many) {
            sheet.add(first, scores);
        }
    }
}

/// Scores of so many places in a row.
struct Chunk {
    number: u32,
    scores: [f32; CHUNK as usize],
}

impl Chunk {
    /// The best of the scores. None is below zero, so that their bits are in the same order, and compare many at a time.
    fn best(&self) -> f32 {
        let bits = self.scores.iter().map(|score| score.to_bits().cast_signed());
        f32::from_bits(bits.fold(0, i32::max).cast_unsigned())
    }
}

/// Scores by place: only chunks that have any are there.
struct Sheet {
    /// For each chunk of the chat, where it stands among `chunks`, from 1; 0 while it has no scores. Four bytes for each 64
    /// messages is all that goes by the chat's length.
    places: Vec<u32>,
    chunks: Vec<Chunk>,
}

impl Sheet {
    fn new(last: u32) -> Self {
        Self { places: vec![0; (last / CHUNK) as usize + 1], chunks: Vec::new() }
    }

    /// Adds to the places from `first` on, a few at most, one score each.
    #[inline]
    fn add(&mut self, first: u32, scores: &[f32]) {
        let here = scores.len().min((CHUNK - first % CHUNK) as usize);
        self.add_in_chunk(first, &scores[..here]);
        // Seldom do they stand in two chunks.
        if here < scores.len() {
            self.add_in_chunk((first | (CHUNK - 1)) + 1, &scores[here..]);
        }
    }

    #[inline]
    fn add_in_chunk(&mut self, first: u32, scores: &[f32]) {
        let number = first / CHUNK;
        let Some(place) = self.places.get_mut(number as usize) else { return };
        if *place == 0 {
            self.chunks.push(Chunk { number, scores: [0.0; CHUNK as usize] });
            *place = u32::try_from(self.chunks.len()).unwrap_or(u32::MAX);
        }
        let sums = &mut self.chunks[*place as usize - 1].scores[(first % CHUNK) as usize..];
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += score;
        }
    }

    /// Places with their scores, the best `most` among them and few others: a place that scores less than the best of `most`
    /// chunks is none of them.
    fn scored(&self, most: usize) -> Vec<Scored> {
        let best: Vec<f32> = self.chunks.iter().map(Chunk::best).collect();
        let mut sorted = best.clone();
        let enough = most.saturating_sub(1);
        let least = if sorted.len() > enough {
            *sorted.select_nth_unstable_by(enough, |a, b| b.total_cmp(a)).1
        } else {
            f32::MIN_POSITIVE
        };
        let chunks = self.chunks.iter().zip(best).filter(|(_, best)| *best >= least);
        let places = chunks.flat_map(|(chunk, _)| (chunk.number * CHUNK..).zip(&chunk.scores));
        let wanted = places.filter(|(_, score)| **score >= least.max(f32::MIN_POSITIVE));
        wanted.map(|(ordinal, score)| Scored { ordinal, score: *score }).collect()
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
