//! When to try again, and after what pause.

use std::time::Duration;

use async_openai_http::header::{DATE, HeaderMap, RETRY_AFTER};
use jiff::fmt::rfc2822::DateTimeParser;

/// When to try again what may pass by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often to try in all.
    pub tries: u32,
    /// The pause before the second try; it doubles with each.
    pub base: Duration,
    /// No try begins later than this after the first.
    pub window: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { tries: 3, base: Duration::from_millis(800), window: Duration::from_secs(60) }
    }
}

impl RetryPolicy {
    /// The pause after try number `tries` failed, `elapsed` after the first began; none to give up.
    ///
    /// An endpoint's own wish (`asked`) counts for more than our doubling. `jitter`, from 0 to 1, keeps many who
    /// failed together from coming back together.
    pub(super) fn pause_after(
        self,
        tries: u32,
        elapsed: Duration,
        asked: Option<Duration>,
        jitter: f64,
    ) -> Option<Duration> {
        if tries >= self.tries {
            return None;
        }
        let doubled = self.base.saturating_mul(1 << (tries.saturating_sub(1)).min(16));
        let pause = match asked {
            Some(asked) => asked.saturating_add(self.base.mul_f64(jitter / 4.0)),
            None => doubled.mul_f64(0.5 + jitter / 2.0),
        };
        (elapsed.saturating_add(pause) <= self.window).then_some(pause)
    }
}

/// How long the endpoint asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date.
///
/// A date is compared with the endpoint's own `Date`, so that no two clocks have to agree.
pub(super) fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &str| text(name)?.parse::<f64>().ok();
    let seconds = match number("retry-after-ms") {
        Some(milliseconds) => milliseconds / 1000.0,
        None => match number(RETRY_AFTER.as_str()) {
            Some(seconds) => seconds,
            None => {
                let date = |text: &str| Some(DateTimeParser::new().parse_timestamp(text).ok()?.as_second());
                let wait = date(text(RETRY_AFTER.as_str())?)? - date(text(DATE.as_str())?)?;
                return Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)));
            }
        },
    };
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            ((*name).parse().unwrap(), async_openai_http::header::HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn pauses_double_and_end() {
        let policy = RetryPolicy { tries: 3, base: Duration::from_secs(1), window: Duration::from_secs(60) };
        let pause = |tries, jitter| policy.pause_after(tries, Duration::ZERO, None, jitter);
        assert_eq!(pause(1, 1.0), Some(Duration::from_secs(1)));
        assert_eq!(pause(1, 0.0), Some(Duration::from_millis(500)));
        assert_eq!(pause(2, 1.0), Some(Duration::from_secs(2)));
        assert_eq!(pause(3, 1.0), None);
    }

    #[test]
    fn a_wish_is_granted_unless_it_is_too_long() {
        let policy = RetryPolicy::default();
        let asked = |seconds, elapsed| {
            policy.pause_after(1, Duration::from_secs(elapsed), Some(Duration::from_secs(seconds)), 0.0)
        };
        assert_eq!(asked(20, 0), Some(Duration::from_secs(20)));
        assert_eq!(asked(20, 50), None);
        assert_eq!(asked(3600, 0), None);
    }

    #[test]
    fn all_three_ways_to_ask_for_a_pause_are_understood() {
        assert_eq!(asked_pause(&headers(&[("retry-after", "7")])), Some(Duration::from_secs(7)));
        assert_eq!(asked_pause(&headers(&[("retry-after", "0.5")])), Some(Duration::from_millis(500)));
        assert_eq!(
            asked_pause(&headers(&[("retry-after-ms", "250"), ("retry-after", "1")])),
            Some(Duration::from_millis(250))
        );
        let dated = [("date", "Sun, 22 Nov 2026 13:00:00 GMT"), ("retry-after", "Sun, 22 Nov 2026 13:00:09 GMT")];
        assert_eq!(asked_pause(&headers(&dated)), Some(Duration::from_secs(9)));
        for none in [&[][..], &[("retry-after", "soon")], &[("retry-after", "-3")], &dated[1..]] {
            assert_eq!(asked_pause(&headers(none)), None);
        }
    }
}
