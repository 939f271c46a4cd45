//! How fast to send: Telegram takes about one message a second in a chat and thirty a second from a bot.
//!
//! Each chat has a lane that allows short bursts; a chat that Telegram asked to wait is paused, the others go on.
//! teloxide's own throttle is not used: it holds every chat to the twenty messages a minute of groups.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

const CHAT: Rate = Rate { interval: Duration::from_millis(1_000), burst: 3 };
const BOT: Rate = Rate { interval: Duration::from_millis(34), burst: 15 };
/// Idle lanes are forgotten when there are more than this.
const LANES: usize = 1_000;

/// When each chat may be written to again.
#[derive(Debug)]
pub(super) struct Pace {
    lanes: Mutex<Lanes>,
}

#[derive(Debug)]
struct Lanes {
    bot: Lane,
    chats: HashMap<i64, Lane>,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    interval: Duration,
    /// How many may go at once after a rest.
    burst: u32,
}

/// The time at which the next message would be due, were they sent evenly.
#[derive(Clone, Copy, Debug)]
struct Lane(Instant);

impl Lane {
    /// Takes the next place; gives the time to go.
    fn take(&mut self, rate: Rate, now: Instant) -> Instant {
        let earliest = now.checked_sub(rate.interval * (rate.burst - 1)).unwrap_or(now);
        let place = self.0.max(earliest);
        self.0 = place + rate.interval;
        place.max(now)
    }

    fn pause(&mut self, until: Instant) {
        self.0 = self.0.max(until);
    }
}

impl Pace {
    /// A bot that has not sent anything for a while.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let rested = Lane(now.checked_sub(BOT.interval * BOT.burst).unwrap_or(now));
        Self { lanes: Mutex::new(Lanes { bot: rested, chats: HashMap::new() }) }
    }

    /// Takes a place for a message to `chat`; gives the time to send it.
    pub(super) fn place(&self, chat: i64, now: Instant) -> Instant {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.chats.len() > LANES {
            lanes.chats.retain(|_, lane| lane.0 > now);
        }
        let rested = now.checked_sub(CHAT.interval * CHAT.burst).unwrap_or(now);
        let in_chat = lanes.chats.entry(chat).or_insert(Lane(rested)).take(CHAT, now);
        in_chat.max(lanes.bot.take(BOT, now))
    }

    /// Nothing goes to `chat` for so long.
    pub(super) fn pause(&self, chat: i64, wait: Duration, now: Instant) {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.chats.entry(chat).or_insert(Lane(now)).pause(now + wait);
    }
}

/// Waits that double from one second to thirty.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    const FIRST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(30);

    /// Nothing has failed yet.
    pub(super) fn new() -> Self {
        Self(Self::FIRST)
    }

    /// The wait that is due now.
    pub(super) fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(Self::LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_gets_a_short_burst_and_then_one_a_second() {
        let (pace, now) = (Pace::new(), Instant::now());
        let waits: Vec<u64> = (0..5).map(|_| (pace.place(1, now) - now).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2]);
        assert_eq!(pace.place(2, now), now, "another chat does not wait");
    }

    #[test]
    fn a_pause_holds_one_chat_only() {
        let (pace, now) = (Pace::new(), Instant::now());
        pace.pause(1, Duration::from_secs(7), now);
        assert_eq!((pace.place(1, now) - now).as_secs(), 7);
        assert_eq!(pace.place(2, now), now);
    }

    #[test]
    fn the_bot_as_a_whole_keeps_below_thirty_a_second() {
        let (pace, now) = (Pace::new(), Instant::now());
        let last = (0..60).map(|chat| pace.place(chat, now)).max().unwrap();
        assert!(last - now >= Duration::from_millis(1_400));
    }

    #[test]
    fn waits_double_to_half_a_minute() {
        let mut backoff = Backoff::new();
        let waits: Vec<u64> = (0..7).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }
}
