//! Calibration: what a model's reports teach about its tokenizer.
//!
//! # Strategy
//! Each report gives a ratio: tokens as the provider counted them to tokens as we did. The last nine are kept, and the scale
//! moves to their median, by at most a tenth at a time. A median does not care how absurd the others are: as long as most
//! reports are honest, the scale stays among those. The step bounds what is left: a first report, which has no company yet,
//! and a tokenizer that changes for good, which takes over once most of the nine say so. A ratio below one counts as one,
//! so a budget counted in our tokens holds whatever a server claims; and what a provider *refuses* for being too long is
//! believed at once ([`Scale::exceeded`]).
//!
//! Drift is judged by a median, too: one odd answer is no reason to warn anybody.

use crate::{Scale, TokenCount};

/// How many reports are kept.
pub const KEPT: usize = 9;
/// The most that the scale moves at once, as a part of itself: a tenth.
const STEP: u32 = 10;
/// Prompts of fewer tokens teach nothing: a server's fixed additions outweigh their text.
pub const LEAST_TO_LEARN_FROM: u32 = 200;
/// Counts that are further from reports than this, in percent, somebody should look at.
pub const DRIFT_PERCENT: f64 = 5.0;
/// Fewer turns than this say nothing about drift.
const LEAST_TURNS: usize = 5;

/// What is known of a model's tokenizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calibration {
    /// What raw counts are multiplied by.
    pub scale: Scale,
    /// The ratios of the last reports, the newest last, in thousandths.
    pub recent: Vec<u32>,
}

impl Calibration {
    /// A scale with nothing reported so far.
    #[must_use]
    pub fn new(scale: Scale) -> Self {
        Self { scale, recent: Vec::new() }
    }

    /// What is known after a provider reported `reported` tokens where we counted `raw`.
    #[must_use]
    pub fn learn(mut self, raw: TokenCount, reported: TokenCount) -> Self {
        if raw.0 < LEAST_TO_LEARN_FROM || reported.0 == 0 {
            return self;
        }
        self.recent.push(Scale::seen(raw, reported).thousandths());
        let excess = self.recent.len().saturating_sub(KEPT);
        self.recent.drain(..excess);
        let (now, step) = (self.scale.thousandths(), self.scale.thousandths() / STEP);
        let target = median(&self.recent).unwrap_or(now);
        self.scale = Scale::from_thousandths(target.clamp(now - step, now + step));
        self
    }
}

/// The middle of them; of two in the middle the lower one, which a single report cannot raise.
fn median(ratios: &[u32]) -> Option<u32> {
    let mut sorted = ratios.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

/// By how much more was reported than predicted in the middle of so many turns, in percent of the report; less than none
/// when it was less. None for too few turns.
#[must_use]
pub fn drift_percent(turns: &[(TokenCount, TokenCount)]) -> Option<f64> {
    let telling = turns.iter().filter(|(predicted, reported)| predicted.0 >= LEAST_TO_LEARN_FROM && reported.0 > 0);
    let mut drifts: Vec<f64> = telling
        .map(|(predicted, reported)| (f64::from(reported.0) - f64::from(predicted.0)) / f64::from(reported.0) * 100.0)
        .collect();
    drifts.sort_by(f64::total_cmp);
    (drifts.len() >= LEAST_TURNS).then(|| (drifts[(drifts.len() - 1) / 2] * 10.0).round() / 10.0)
}

/// Whether somebody should look at it.
#[must_use]
pub fn is_far(drift_percent: f64) -> bool {
    drift_percent.abs() > DRIFT_PERCENT
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reported(calibration: Calibration, ratio: u32) -> Calibration {
        calibration.learn(TokenCount(1000), TokenCount(ratio))
    }

    fn after(ratios: impl IntoIterator<Item = u32>) -> Calibration {
        ratios.into_iter().fold(Calibration::new(Scale::EXACT), reported)
    }

    #[test]
    fn a_heavier_tokenizer_is_learnt_within_a_few_turns() {
        let scales: Vec<u32> = (1..=4).map(|turns| after([1300].repeat(turns)).scale.thousandths()).collect();
        assert_eq!(scales, [1100, 1210, 1300, 1300]);
    }

    #[test]
    fn one_absurd_report_moves_nothing_once_there_are_others() {
        let honest = after([1020, 1010, 1030]);
        for absurd in [1, 5_000, 4_000_000] {
            assert_eq!(reported(honest.clone(), absurd).scale.thousandths(), if absurd == 1 { 1010 } else { 1020 });
        }
        assert_eq!(after([4_000_000]).scale.thousandths(), 1100, "and the first of all no more than a tenth");
    }

    #[test]
    fn what_teaches_nothing_changes_nothing() {
        let start = Calibration::new(Scale::UNKNOWN_MODEL);
        assert_eq!(start.clone().learn(TokenCount(199), TokenCount(900)), start, "too little text");
        assert_eq!(start.clone().learn(TokenCount(1000), TokenCount(0)), start, "a server that counts nothing");
    }

    #[test]
    fn drift_is_that_of_the_middle_turn() {
        let turn = |predicted, reported| (TokenCount(predicted), TokenCount(reported));
        let turns = [turn(1000, 1000), turn(900, 1000), turn(1000, 90_000), turn(940, 1000), turn(930, 1000)];
        assert_eq!(drift_percent(&turns), Some(7.0));
        assert_eq!(drift_percent(&turns[..4]), None, "too few to say");
        assert!(is_far(7.0) && is_far(-5.1) && !is_far(5.0));
    }

    fn any_report() -> impl Strategy<Value = (TokenCount, TokenCount)> {
        (0..2_000_000u32, any::<u32>()).prop_map(|(raw, reported)| (TokenCount(raw), TokenCount(reported)))
    }

    proptest! {
        #[test]
        fn no_report_moves_the_scale_by_more_than_a_tenth(
            start in 1000..=4000u32,
            reports in prop::collection::vec(any_report(), 1..40),
        ) {
            let mut calibration = Calibration::new(Scale::from_thousandths(start));
            for (raw, reported) in reports {
                let before = calibration.scale.thousandths();
                calibration = calibration.learn(raw, reported);
                let after = calibration.scale.thousandths();
                prop_assert!(after.abs_diff(before) <= before / 10, "{} to {}", before, after);
                prop_assert!((1000..=4000).contains(&after) && calibration.recent.len() <= KEPT);
            }
        }

        #[test]
        fn among_honest_reports_an_absurd_one_leaves_the_scale_where_they_are(
            honest in prop::collection::vec(1100..1200u32, KEPT..30),
            at in 0..30usize,
            absurd in prop_oneof![1..500u32, 3_000..4_000_000u32],
        ) {
            let mut calibration = after(std::iter::repeat_n(1150, KEPT));
            let at = at % honest.len();
            for (index, ratio) in honest.into_iter().enumerate() {
                calibration = reported(calibration, if index == at { absurd } else { ratio });
                prop_assert!((1100..1200).contains(&calibration.scale.thousandths()), "{:?}", calibration);
            }
        }

        #[test]
        fn as_long_as_most_are_honest_it_ends_among_them(absurd in prop::collection::vec(any::<u32>(), 4)) {
            // Every second report is absurd: four of any nine, or five; the window begins with an honest one.
            let mut calibration = Calibration::new(Scale::EXACT);
            for round in 0..9 {
                calibration = reported(calibration, 1250);
                if round % 2 == 0 {
                    calibration = reported(calibration, absurd[round / 2 % 4].max(1));
                }
            }
            prop_assert_eq!(calibration.scale.thousandths(), 1250);
        }

        #[test]
        fn what_is_always_reported_is_learnt_exactly(start in 1000..=4000u32, ratio in 1000..=4000u32) {
            let mut calibration = Calibration::new(Scale::from_thousandths(start));
            for _ in 0..24 {
                calibration = reported(calibration, ratio);
            }
            prop_assert_eq!(calibration.scale.thousandths(), ratio);
        }
    }
}
