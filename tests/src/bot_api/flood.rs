//! Flood control, where a test asks for it: what Telegram allows a bot to send, and 429 with `retry_after` beyond.
//!
//! Telegram publishes no exact rule. This one holds to what it does publish, as windows: so many messages in a chat, in
//! a group and altogether. Who calls again before the time asked for is over is noted as impatient.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::refusal::Refusal;

/// So many messages in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Messages.
    pub messages: usize,
    /// Within this time.
    pub time: Duration,
}

/// What a bot may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In one chat: about one a second, with short bursts.
    pub chat: Window,
    /// In one group.
    pub group: Window,
    /// In all.
    pub bot: Window,
}

impl Limits {
    /// What Telegram publishes, with the bursts it is known to let pass.
    #[must_use]
    pub fn telegram() -> Self {
        let window = |messages, seconds| Window { messages, time: Duration::from_secs(seconds) };
        Self { chat: window(8, 5), group: window(20, 60), bot: window(30, 1) }
    }
}

/// What was sent lately, and who was asked to wait.
#[derive(Debug, Default)]
pub(super) struct Flood {
    pub(super) limits: Option<Limits>,
    sent: HashMap<Option<i64>, VecDeque<Duration>>,
    until: HashMap<i64, Duration>,
    /// Calls before the time asked for was over.
    pub(super) impatient: usize,
}

impl Flood {
    /// Lets a message to `chat` pass at `now`, or refuses it.
    pub(super) fn pass(&mut self, chat: i64, now: Duration) -> Result<(), Refusal> {
        let Some(limits) = self.limits else { return Ok(()) };
        if let Some(until) = self.until.get(&chat).copied().filter(|until| *until > now) {
            self.impatient += 1;
            return Err(Refusal::too_many(seconds(until - now)));
        }
        let in_chat = if chat < 0 { limits.group } else { limits.chat };
        let wait = self.wait(Some(chat), in_chat, now).max(self.wait(None, limits.bot, now));
        if let Some(wait) = wait {
            let asked = seconds(wait);
            // A little grace: the answer has to reach the bot before it can wait.
            self.until.insert(chat, now + Duration::from_secs(asked) - Duration::from_millis(50));
            return Err(Refusal::too_many(asked));
        }
        for key in [Some(chat), None] {
            self.sent.entry(key).or_default().push_back(now);
        }
        Ok(())
    }

    /// How long until another message fits the window; none when it fits now.
    fn wait(&mut self, key: Option<i64>, window: Window, now: Duration) -> Option<Duration> {
        let sent = self.sent.entry(key).or_default();
        while sent.front().is_some_and(|at| *at + window.time <= now) {
            sent.pop_front();
        }
        let oldest = sent.front().filter(|_| sent.len() >= window.messages)?;
        Some(*oldest + window.time - now)
    }
}

/// Whole seconds, at least one.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0 || wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood() -> Flood {
        Flood { limits: Some(Limits::telegram()), ..Flood::default() }
    }

    #[test]
    fn a_chat_has_its_window_and_is_told_how_long_to_wait() {
        let (mut flood, now) = (flood(), Duration::from_secs(1_000));
        assert!((0..8).all(|_| flood.pass(7, now).is_ok()));
        let later = now + Duration::from_millis(1_500);
        assert_eq!(flood.pass(7, later).unwrap_err().retry_after, Some(4));
        assert!(flood.pass(8, later).is_ok(), "another chat is not held up");
        assert_eq!(flood.impatient, 0);
        assert!(flood.pass(7, later + Duration::from_secs(1)).is_err());
        assert_eq!(flood.impatient, 1);
        assert!(flood.pass(7, later + Duration::from_secs(4)).is_ok());
    }

    #[test]
    fn groups_have_twenty_a_minute_and_the_bot_thirty_a_second() {
        let (mut flood, now) = (flood(), Duration::from_secs(1_000));
        let passed = (0..60_u64).filter(|n| flood.pass(-5, now + Duration::from_millis(n * 500)).is_ok()).count();
        assert_eq!(passed, 20);
        let passed = (0..60).filter(|chat| flood.pass(*chat, now + Duration::from_secs(90)).is_ok()).count();
        assert_eq!(passed, 30);
    }
}
