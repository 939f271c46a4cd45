//! Vectors, made small enough to keep one for each message: what is nearest in meaning.
//!
//! # Strategy
//! A vector of unit length is kept twice. Its *signs*, one bit a dimension, lie close together for all messages of a chat, so
//! that all of them can be looked at for each question; its *steps*, a byte a dimension with one scale, are read for the best
//! of those only, and rank them as well as the vector itself would. The question is never made smaller: against signs it is
//! read off a table of what each byte of eight signs adds ([`Probe`]), which ranks better than counting equal bits, and takes
//! no longer on a machine that was not promised an instruction for counting.
//!
//! Many models place all texts near each other, so that from zero most signs are the same for everything and tell nothing. They
//! are therefore taken from a model's [`centre`]. That shifts every rough similarity by the same amount, and no rank.

use std::{cmp::Ordering, collections::BinaryHeap};

/// The values that a byte of signs can have.
const BYTES: usize = 256;
/// The largest step.
const MOST_STEPS: f32 = 127.0;
/// The bytes of a scale, which stands before the steps.
const SCALE: usize = size_of::<f32>();

/// Words, with the name of who says them where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The speaker's name.
    pub author: Option<String>,
    /// What they say.
    pub text: String,
}

/// What of a message is embedded: its words with the name of who says them, under what was said before. `Yes, on Friday` means
/// something only beside the question.
#[must_use]
pub fn passage(message: &Words, before: Option<&Words>) -> String {
    let mut passage = String::new();
    for words in before.into_iter().chain([message]) {
        if !passage.is_empty() {
            passage.push('\n');
        }
        if let Some(author) = &words.author {
            passage.push_str(author);
            passage.push_str(": ");
        }
        passage.push_str(words.text.trim());
    }
    passage
}

/// The middle of vectors of the same dimensions.
#[must_use]
pub fn centre(vectors: &[Vec<f32>]) -> Vec<f32> {
    let Some(first) = vectors.first() else { return Vec::new() };
    #[expect(clippy::cast_precision_loss, reason = "a few vectors")]
    let count = vectors.len() as f32;
    let mean = |place: usize| vectors.iter().filter_map(|vector| vector.get(place)).sum::<f32>() / count;
    (0..first.len()).map(mean).collect()
}

/// A vector as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// A bit for each dimension: set where the number is not negative.
    pub signs: Vec<u8>,
    /// The scale (`f32`, little-endian), then a signed byte for each dimension.
    pub steps: Vec<u8>,
}

/// A vector at unit length; none for one that has no direction or holds what is no number.
#[must_use]
pub fn unit(mut vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|number| f64::from(*number) * f64::from(*number)).sum::<f64>().sqrt();
    if !length.is_finite() || length <= f64::from(f32::MIN_POSITIVE) {
        return None;
    }
    for number in &mut vector {
        #[expect(clippy::cast_possible_truncation, reason = "an f32 is what it was, and what it is kept as")]
        let scaled = (f64::from(*number) / length) as f32;
        *number = scaled;
    }
    Some(vector)
}

/// How many bytes the signs of so many dimensions take.
#[must_use]
pub fn signs_length(dimensions: usize) -> usize {
    dimensions.div_ceil(8)
}

/// Makes a vector small. Its signs are taken from `centre`; from zero where that is empty.
#[must_use]
pub fn keep(vector: &[f32], centre: &[f32]) -> Kept {
    let middle = centre.iter().copied().chain(std::iter::repeat(0.0));
    let from_centre: Vec<f32> = vector.iter().zip(middle).map(|(number, middle)| number - middle).collect();
    let signs = from_centre.chunks(8).map(signs_of).collect();
    let largest = vector.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
    let scale = if largest > 0.0 { largest / MOST_STEPS } else { 1.0 };
    let mut steps = Vec::with_capacity(SCALE + vector.len());
    steps.extend(scale.to_le_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "no number is larger than the largest, which is 127 steps")]
    steps.extend(vector.iter().map(|number| ((number / scale).round() as i8).to_le_bytes()[0]));
    Kept { signs, steps }
}

fn signs_of(numbers: &[f32]) -> u8 {
    numbers.iter().enumerate().fold(0, |byte, (bit, number)| byte | (u8::from(*number >= 0.0) << bit))
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Probe {
    vector: Vec<f32>,
    /// For each byte of signs, what each of its values adds to the similarity.
    table: Vec<[f32; BYTES]>,
}

impl Probe {
    /// Prepares to look for what is near `vector`, which has unit length.
    #[must_use]
    pub fn new(vector: Vec<f32>) -> Self {
        let table = vector.chunks(8).map(sums).collect();
        Self { vector, table }
    }

    /// How many dimensions it has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.vector.len()
    }

    /// How near signs are: a number to compare with others of the same probe.
    #[must_use]
    pub fn rough(&self, signs: &[u8]) -> f32 {
        self.table.iter().zip(signs).map(|(sums, byte)| sums[usize::from(*byte)]).sum()
    }

    /// The cosine of the angle to a vector that was kept, very nearly; none if it has other dimensions.
    #[must_use]
    pub fn similarity(&self, steps: &[u8]) -> Option<f32> {
        let (scale, steps) = steps.split_first_chunk::<SCALE>()?;
        if steps.len() != self.vector.len() {
            return None;
        }
        let product = |(number, step): (&f32, &u8)| number * f32::from(i8::from_le_bytes([*step]));
        let sum: f32 = self.vector.iter().zip(steps).map(product).sum();
        Some(sum * f32::from_le_bytes(*scale))
    }
}

/// What each value of a byte of signs adds: the numbers whose bit is set, less the others. Each value is reached from the one
/// without its highest bit, by turning one number round.
fn sums(numbers: &[f32]) -> [f32; BYTES] {
    let mut sums = [-numbers.iter().sum::<f32>(); BYTES];
    for value in 1..BYTES {
        let highest = value.ilog2();
        let number = usize::try_from(highest).ok().and_then(|bit| numbers.get(bit)).copied().unwrap_or_default();
        sums[value] = sums[value ^ (1 << highest)] + 2.0 * number;
    }
    sums
}

/// The best of many, without putting all of them in order.
#[derive(Clone, Debug)]
pub struct Best<T> {
    most: usize,
    /// The worst of the best is on top.
    heap: BinaryHeap<Ranked<T>>,
}

#[derive(Clone, Copy, Debug)]
struct Ranked<T> {
    score: f32,
    item: T,
}

impl<T: Ord> Best<T> {
    /// Keeps at most so many.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::with_capacity(most.saturating_add(1).min(4096)) }
    }

    /// Looks at one more. Of equal scores the larger item counts as better: the newer message.
    pub fn offer(&mut self, item: T, score: f32) {
        let ranked = Ranked { score, item };
        if self.heap.len() < self.most {
            self.heap.push(ranked);
        } else if self.heap.peek().is_some_and(|worst| ranked < *worst) {
            self.heap.pop();
            self.heap.push(ranked);
        }
    }

    /// Those kept, best first, each with its score.
    #[must_use]
    pub fn into_sorted(self) -> Vec<(T, f32)> {
        self.heap.into_sorted_vec().into_iter().map(|ranked| (ranked.item, ranked.score)).collect()
    }
}

/// The better one is the smaller, so that a heap has its worst on top and sorts best first.
impl<T: Ord> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then_with(|| other.item.cmp(&self.item))
    }
}

impl<T: Ord> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T: Ord> Eq for Ranked<T> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dot(one: &[f32], other: &[f32]) -> f32 {
        one.iter().zip(other).map(|(a, b)| a * b).sum()
    }

    fn any_unit(dimensions: usize) -> impl Strategy<Value = Vec<f32>> {
        proptest::collection::vec(-1.0_f32..1.0, dimensions).prop_filter_map("has a direction", unit)
    }

    proptest! {
        #[test]
        fn steps_give_the_cosine_very_nearly(a in any_unit(384), b in any_unit(384)) {
            let found = Probe::new(a.clone()).similarity(&keep(&b, &[]).steps).unwrap();
            prop_assert!((found - dot(&a, &b)).abs() < 0.01, "{found} for {}", dot(&a, &b));
        }

        #[test]
        fn a_table_adds_up_what_the_signs_say(a in any_unit(77), b in any_unit(77)) {
            let kept = keep(&b, &[]);
            prop_assert_eq!(kept.signs.len(), signs_length(77));
            let expected: f32 = a.iter().zip(&b).map(|(a, b)| if *b >= 0.0 { *a } else { -*a }).sum();
            let found = Probe::new(a).rough(&kept.signs);
            prop_assert!((found - expected).abs() < 1e-4, "{found} for {expected}");
        }

        #[test]
        fn every_vector_is_nearest_to_itself(vectors in proptest::collection::vec(any_unit(64), 2..20)) {
            let kept: Vec<Kept> = vectors.iter().map(|vector| keep(vector, &[])).collect();
            for (place, vector) in vectors.iter().enumerate() {
                let probe = Probe::new(vector.clone());
                let own = probe.similarity(&kept[place].steps).unwrap();
                prop_assert!((own - 1.0).abs() < 0.02);
                prop_assert!(kept.iter().all(|other| probe.similarity(&other.steps).unwrap() <= own + 0.01));
            }
        }

        #[test]
        fn the_best_are_those_that_sorting_puts_first(scores in proptest::collection::vec(0_u8..20, 0..60), most in 0_usize..20) {
            let mut best = Best::new(most);
            let mut all: Vec<(usize, f32)> = scores.iter().map(|score| f32::from(*score)).enumerate().collect();
            for (item, score) in &all {
                best.offer(*item, *score);
            }
            all.sort_by(|(a, one), (b, other)| other.total_cmp(one).then(b.cmp(a)));
            all.truncate(most);
            prop_assert_eq!(best.into_sorted(), all);
        }
    }

    #[test]
    fn what_has_no_direction_is_no_vector() {
        for vector in [vec![], vec![0.0; 8], vec![1.0, f32::NAN], vec![f32::INFINITY, 1.0]] {
            assert_eq!(unit(vector), None);
        }
        assert_eq!(unit(vec![3.0, -4.0]), Some(vec![0.6, -0.8]));
        assert_eq!(unit(vec![f32::MAX, f32::MAX]).map(|vector| (vector[0] * 100.0).round()), Some(71.0));
    }

    #[test]
    fn vectors_of_other_dimensions_are_not_compared() {
        let probe = Probe::new(vec![0.6, 0.8]);
        assert_eq!(probe.similarity(&keep(&[1.0, 0.0, 0.0], &[]).steps), None);
        assert_eq!(probe.similarity(&[]), None);
        assert!((probe.similarity(&keep(&[1.0, 0.0], &[]).steps).unwrap() - 0.6).abs() < 1e-6);
    }

    #[test]
    fn signs_are_taken_from_the_centre() {
        let near = [vec![1.0, 0.3], vec![1.0, 0.1]];
        assert_eq!(keep(&near[0], &[]).signs, keep(&near[1], &[]).signs);
        let middle = centre(&near);
        assert_ne!(keep(&near[0], &middle).signs, keep(&near[1], &middle).signs);
        assert_eq!(keep(&near[0], &middle).steps, keep(&near[0], &[]).steps);
        assert!(centre(&[]).is_empty());
    }

    #[test]
    fn a_message_is_embedded_under_the_one_before_it_each_with_its_speaker() {
        let words =
            |author: Option<&str>, text: &str| Words { author: author.map(str::to_owned), text: text.to_owned() };
        let question = words(Some("Ada"), "When? ");
        assert_eq!(passage(&words(Some("Ben"), "On Friday."), Some(&question)), "Ada: When?\nBen: On Friday.");
        assert_eq!(passage(&words(None, " On Friday."), None), "On Friday.");
    }
}
