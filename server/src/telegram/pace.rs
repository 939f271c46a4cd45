//! How fast to send: Telegram takes about one message a second in a chat, twenty a minute in a group, and thirty a second
//! from a bot.
//!
//! Each chat has a lane that allows short bursts; a chat that Telegram asked to wait is paused, the others go on. The bot's
//! own lane is entered last, when the chat's turn has come: chats that wait take no place in it.
//! teloxide's own throttle is not used: it holds every chat to the twenty messages a minute of groups.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

const CHAT: Rate = Rate { interval: Duration::from_millis(1_000), burst: 3 };
/// Bursts and the interval together keep any minute within twenty.
const GROUP: Rate = Rate { interval: Duration::from_millis(3_200), burst: 2 };
const BOT: Rate = Rate { interval: Duration::from_millis(34), burst: 15 };
/// So many places of the bot are left to messages by whatever can be left out.
const RESERVED: u32 = 5;
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

/// One after the other.
#[derive(Clone, Copy, Debug)]
struct Lane {
    /// When the next message would be due, were they sent evenly.
    time: Instant,
    /// Until when nothing goes at all.
    paused: Option<Instant>,
}

impl Lane {
    /// One that has not been used for a while.
    fn rested(rate: Rate, now: Instant) -> Self {
        Self { time: now.checked_sub(rate.interval * rate.burst).unwrap_or(now), paused: None }
    }

    /// When the next message may go.
    fn next(&self, rate: Rate, now: Instant) -> Instant {
        self.place(rate, now).max(now)
    }

    /// Takes the next place; gives the time to go.
    fn take(&mut self, rate: Rate, now: Instant) -> Instant {
        let place = self.place(rate, now);
        self.time = place + rate.interval;
        place.max(now)
    }

    fn place(&self, rate: Rate, now: Instant) -> Instant {
        let earliest = now.checked_sub(rate.interval * (rate.burst - 1)).unwrap_or(now);
        self.time.max(earliest)
    }

    fn pause(&mut self, until: Instant) {
        self.time = self.time.max(until);
        self.paused = self.paused.max(Some(until));
    }
}

/// Groups and channels have negative ids.
fn rate(chat: i64) -> Rate {
    if chat < 0 { GROUP } else { CHAT }
}

impl Pace {
    /// A bot that has not sent anything for a while.
    pub(super) fn new() -> Self {
        Self { lanes: Mutex::new(Lanes { bot: Lane::rested(BOT, Instant::now()), chats: HashMap::new() }) }
    }

    /// Takes a place for a message to `chat`; gives the time at which its turn in the chat comes.
    pub(super) fn place(&self, chat: i64, now: Instant) -> Instant {
        let mut lanes = self.lock();
        if lanes.chats.len() > LANES {
            lanes.chats.retain(|_, lane| lane.time > now);
        }
        let rate = rate(chat);
        lanes.chats.entry(chat).or_insert(Lane::rested(rate, now)).take(rate, now)
    }

    /// Takes a place among the messages of the whole bot, once a message's turn in its chat has come; gives the time to
    /// send it.
    pub(super) fn bot_place(&self, now: Instant) -> Instant {
        self.lock().bot.take(BOT, now)
    }

    /// Takes a place among the messages of the whole bot for something that can be left out, if enough are free.
    pub(super) fn take_spare(&self, now: Instant) -> bool {
        let mut lanes = self.lock();
        let is_spare = lanes.bot.place(BOT, now) + BOT.interval * RESERVED <= now;
        if is_spare {
            lanes.bot.take(BOT, now);
        }
        is_spare
    }

    /// Takes a place in a chat for something that can be left out, if another message could go at once after it.
    pub(super) fn take_spare_in(&self, chat: i64, now: Instant) -> bool {
        let mut lanes = self.lock();
        let rate = rate(chat);
        let bot_is_free = lanes.bot.place(BOT, now) + BOT.interval * RESERVED <= now;
        let lane = lanes.chats.entry(chat).or_insert(Lane::rested(rate, now));
        let is_spare = bot_is_free && lane.place(rate, now) + rate.interval <= now;
        if is_spare {
            lane.take(rate, now);
            lanes.bot.take(BOT, now);
        }
        is_spare
    }

    /// Nothing goes to `chat` for so long.
    pub(super) fn pause(&self, chat: i64, wait: Duration, now: Instant) {
        let mut lanes = self.lock();
        lanes.chats.entry(chat).or_insert(Lane::rested(rate(chat), now)).pause(now + wait);
    }

    /// Until when nothing goes to `chat`, if that is so.
    pub(super) fn paused_until(&self, chat: i64, now: Instant) -> Option<Instant> {
        self.lock().chats.get(&chat).and_then(|lane| lane.paused).filter(|until| *until > now)
    }

    /// Whether a message to `chat` could go at once.
    pub(super) fn is_free(&self, chat: i64, now: Instant) -> bool {
        let lanes = self.lock();
        let in_chat = lanes.chats.get(&chat).is_none_or(|lane| lane.next(rate(chat), now) <= now);
        in_chat && lanes.bot.next(BOT, now) <= now
    }

    fn lock(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
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
        assert!(!pace.is_free(1, now) && pace.is_free(2, now));
        assert_eq!(pace.paused_until(1, now), Some(now + Duration::from_secs(7)));
        assert_eq!((pace.place(1, now) - now).as_secs(), 7);
        assert_eq!(pace.place(2, now), now);
    }

    #[test]
    fn a_group_gets_no_more_than_twenty_in_any_minute() {
        let (pace, now) = (Pace::new(), Instant::now());
        let times: Vec<Duration> = (0..50).map(|_| pace.place(-7, now) - now).collect();
        let within_a_minute = |from: &Duration| {
            let minute = *from..*from + Duration::from_secs(60);
            times.iter().filter(|at| minute.contains(*at)).count()
        };
        let most = times.iter().map(within_a_minute).max();
        assert!(most <= Some(20), "{most:?}");
    }

    #[test]
    fn chats_that_wait_take_no_place_of_the_bot() {
        let (pace, now) = (Pace::new(), Instant::now());
        (0..100).for_each(|chat| pace.pause(chat, Duration::from_secs(60), now));
        (0..100).for_each(|chat| assert!(pace.place(chat, now) > now));
        assert_eq!(pace.bot_place(now), now);
    }

    #[test]
    fn the_bot_as_a_whole_keeps_below_thirty_a_second() {
        let (pace, now) = (Pace::new(), Instant::now());
        let last = (0..60).map(|_| pace.bot_place(now)).max().unwrap();
        assert!(last - now >= Duration::from_millis(1_400));
    }

    #[test]
    fn what_can_be_left_out_leaves_room_for_messages() {
        let (pace, now) = (Pace::new(), Instant::now());
        let shown = (0..100).filter(|_| pace.take_spare(now)).count();
        assert!((5..=10).contains(&shown), "{shown}");
        assert!((0..5).all(|_| pace.bot_place(now) == now), "messages do not wait for previews");
    }

    #[test]
    fn edits_in_a_group_never_make_an_answer_wait() {
        let (pace, start) = (Pace::new(), Instant::now());
        let mut edits = 0;
        for tenth in 0..600 {
            let now = start + Duration::from_millis(tenth * 100);
            edits += usize::from(pace.take_spare_in(-7, now));
            assert!(pace.is_free(-7, now), "after {tenth} tenths of a second");
        }
        assert!((15..20).contains(&edits), "{edits} in a minute");
    }

    #[test]
    fn waits_double_to_half_a_minute() {
        let mut backoff = Backoff::new();
        let waits: Vec<u64> = (0..7).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }
}
