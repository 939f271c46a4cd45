//! The time line of the tier axis: which moment stands where.
//!
//! Time is not drawn to scale: everything before `mid_term` shares the first part of the line, `mid_term` the second,
//! `short_term` the last, and the page says so.

use crate::api::{Moment, TiersView};

/// Where on the line `mid_term` and `short_term` begin, in percent.
const MID: f64 = 44.0;
const SHORT: f64 = 82.0;

/// The time line: which moments stand at 0, [`MID`], [`SHORT`] and 100.
pub(super) struct Line {
    first: i64,
    mid: i64,
    short: i64,
    /// Its end.
    pub(super) now: i64,
}

impl Line {
    pub(super) fn of(tiers: &TiersView) -> Self {
        let ms = |moment: &Option<Moment>| moment.as_ref().map(|moment| moment.ms);
        Self::between(ms(&tiers.first), ms(&tiers.mid_since), tiers.short_since.ms, tiers.now.ms)
    }

    /// A line from the first message, which in a young chat is later than where `short_term` could begin.
    fn between(first: Option<i64>, mid: Option<i64>, short: i64, now: i64) -> Self {
        let short = short.max(first.unwrap_or(short)).min(now);
        let first = first.unwrap_or(short).min(short);
        Self { first, mid: mid.unwrap_or(first).clamp(first, short), short, now }
    }

    /// Where the parts begin. A part without time takes no room.
    pub(super) fn starts(&self) -> (f64, f64) {
        match (self.mid > self.first, self.short > self.mid) {
            (true, true) => (MID, SHORT),
            (true, false) => (SHORT, SHORT),
            (false, true) => (0.0, 50.0),
            (false, false) => (0.0, 0.0),
        }
    }

    /// The place of a moment, in percent.
    pub(super) fn place(&self, ms: i64) -> f64 {
        let (mid, short) = self.starts();
        let parts = [
            (self.first, self.mid, 0.0, mid),
            (self.mid, self.short, mid, short),
            (self.short, self.now, short, 100.0),
        ];
        let part = parts.into_iter().filter(|(from, to, ..)| to > from).find(|(_, to, ..)| ms <= *to);
        let Some((from, to, left, right)) = part else { return 100.0 };
        #[expect(clippy::cast_precision_loss, reason = "a place on screen, not a count")]
        let share = (ms - from).max(0) as f64 / (to - from) as f64;
        left + share * (right - left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_their_order_and_stay_on_the_line() {
        let line = Line { first: 0, mid: 1_000, short: 2_000, now: 2_100 };
        let places = [-5, 0, 500, 1_000, 1_500, 2_000, 2_050, 2_100, 9_999].map(|ms| line.place(ms));
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!((places[1], places[3], places[5], places[7]), (0.0, MID, SHORT, 100.0));
    }

    #[test]
    fn a_chat_with_only_recent_messages_uses_the_whole_line() {
        let line = Line::between(Some(50), None, -360, 100);
        assert_eq!((line.place(50), line.place(75), line.place(100)), (0.0, 50.0, 100.0));
    }
}
