//! How much a person may have: so many messages in a minute, so many tokens in a day. The owner may have anything.
//!
//! What comes beyond that is kept and read later, never dropped, but not answered; the person is told once.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    config::TelegramConfig,
    engine::{Engine, EngineError},
};

const MINUTE: Duration = Duration::from_secs(60);
/// At this part of their daily budget, in percent, people are told.
const NEARLY: u32 = 80;
const ALL: u32 = 100;

/// The limits, and who came lately.
pub(super) struct Limits {
    per_minute: u32,
    daily_tokens: u64,
    recent: Mutex<HashMap<i64, Recent>>,
}

/// What one person sent in the last minute.
#[derive(Debug, Default)]
struct Recent {
    at: VecDeque<Instant>,
    /// They were told to slow down, and have not done so since.
    told: bool,
}

/// Whether a message may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may.
    Fine,
    /// It may, and the person is to be told how much of their budget is used.
    Nearly {
        /// In percent.
        percent: u64,
        /// The budget.
        tokens: u64,
    },
    /// Too many in a minute. Whether they are to be told.
    TooFast { tell: bool },
    /// The day's budget is used up. Whether they are to be told.
    UsedUp { tell: bool },
}

impl Verdict {
    /// Whether the message is to be answered.
    pub(super) fn is_answered(self) -> bool {
        matches!(self, Self::Fine | Self::Nearly { .. })
    }
}

impl Limits {
    /// As the settings have it.
    pub(super) fn new(config: &TelegramConfig) -> Self {
        Self { per_minute: config.messages_per_minute, daily_tokens: config.daily_tokens, recent: Mutex::default() }
    }

    /// What is to be done with a message of this person.
    pub(super) async fn check(&self, engine: &Engine, user: i64) -> Result<Verdict, EngineError> {
        if let Some(tell) = self.is_too_fast(user, Instant::now()) {
            return Ok(Verdict::TooFast { tell });
        }
        self.budget(engine, user).await
    }

    /// Whether nothing is left of the person's day. Nobody is told by asking.
    pub(super) async fn is_used_up(&self, engine: &Engine, user: i64) -> Result<bool, EngineError> {
        Ok(self.daily_tokens > 0 && engine.used_today_by(user).await? >= self.daily_tokens)
    }

    /// What is left of the person's day.
    async fn budget(&self, engine: &Engine, user: i64) -> Result<Verdict, EngineError> {
        if self.daily_tokens == 0 {
            return Ok(Verdict::Fine);
        }
        let used = engine.used_today_by(user).await?;
        let percent = used.saturating_mul(u64::from(ALL)) / self.daily_tokens;
        if percent >= u64::from(ALL) {
            return Ok(Verdict::UsedUp { tell: engine.note_budget(user, ALL).await? });
        }
        if percent >= u64::from(NEARLY) && engine.note_budget(user, NEARLY).await? {
            return Ok(Verdict::Nearly { percent, tokens: self.daily_tokens });
        }
        Ok(Verdict::Fine)
    }

    /// The tokens a person may use in a day; none when there is no limit.
    pub(super) fn daily_tokens(&self) -> Option<u64> {
        (self.daily_tokens > 0).then_some(self.daily_tokens)
    }

    /// None while the person keeps within the rate; else whether they are to be told.
    fn is_too_fast(&self, user: i64, now: Instant) -> Option<bool> {
        if self.per_minute == 0 {
            return None;
        }
        let mut all = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, recent| recent.at.back().is_some_and(|last| now.duration_since(*last) < MINUTE));
        let recent = all.entry(user).or_default();
        while recent.at.front().is_some_and(|first| now.duration_since(*first) >= MINUTE) {
            recent.at.pop_front();
        }
        if recent.at.len() < self.per_minute as usize {
            recent.at.push_back(now);
            recent.told = false;
            return None;
        }
        Some(!std::mem::replace(&mut recent.told, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_too_fast_is_told_once_and_heard_again_after_a_while() {
        let limits = Limits { per_minute: 3, daily_tokens: 0, recent: Mutex::default() };
        let now = Instant::now();
        let said: Vec<_> = (0..6).map(|n| limits.is_too_fast(1, now + Duration::from_secs(n))).collect();
        assert_eq!(said, [None, None, None, Some(true), Some(false), Some(false)]);
        assert_eq!(limits.is_too_fast(2, now), None, "others are not held up");
        assert_eq!(limits.is_too_fast(1, now + Duration::from_secs(61)), None);
        let unlimited = Limits { per_minute: 0, daily_tokens: 0, recent: Mutex::default() };
        assert!((0..1_000).all(|_| unlimited.is_too_fast(1, now).is_none()));
    }
}
