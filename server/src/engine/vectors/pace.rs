//! How many texts go in one request, and how long to wait after a failure.
//!
//! A question waits for the request that is under way, so a request is to take about half a second: a hosted model gets many
//! texts at once, a small machine few.

use std::time::Duration;

/// Below this, the next request holds twice as many; above [`SLOW`], half.
const QUICK: Duration = Duration::from_millis(250);
const SLOW: Duration = Duration::from_millis(700);
const FEWEST: u32 = 4;
const FIRST: u32 = 16;
const MOST: u32 = 64;
/// The pause after the first failure; it doubles with each.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// The pace of the worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    texts: u32,
    failures: u32,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { texts: FIRST, failures: 0 }
    }

    /// How many texts the next request holds.
    pub(super) fn texts(self) -> u32 {
        self.texts
    }

    /// A request of `texts` took so long.
    pub(super) fn took(&mut self, texts: usize, time: Duration) {
        self.failures = 0;
        let full = u32::try_from(texts).is_ok_and(|texts| texts >= self.texts);
        if time > SLOW {
            self.texts = (self.texts / 2).max(FEWEST);
        } else if time < QUICK && full {
            self.texts = (self.texts * 2).min(MOST);
        }
    }

    /// A request failed; how long to leave the endpoint alone.
    pub(super) fn failed(&mut self) -> Duration {
        let pause = PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_endpoint_gets_more_at_once_and_a_slow_one_less() {
        let mut pace = Pace::new();
        for expected in [32, 64, 64] {
            pace.took(64, Duration::from_millis(100));
            assert_eq!(pace.texts(), expected);
        }
        pace.took(3, Duration::from_millis(400));
        assert_eq!(pace.texts(), 64);
        for expected in [32, 16, 8, 4, 4] {
            pace.took(3, Duration::from_secs(2));
            assert_eq!(pace.texts(), expected);
        }
        pace.took(3, Duration::from_millis(10));
        assert_eq!(pace.texts(), 4, "few texts say little");
    }

    #[test]
    fn pauses_double_up_to_five_minutes_and_begin_anew() {
        let mut pace = Pace::new();
        let pauses: Vec<u64> = (0..10).map(|_| pace.failed().as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        pace.took(1, Duration::from_millis(10));
        assert_eq!(pace.failed(), PAUSE);
    }
}
