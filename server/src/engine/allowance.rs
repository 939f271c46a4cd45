//! What people use: tokens of a day, for budgets and for whoever asks.
//!
//! Nothing is counted apart: what a day took is added up from its turns, so it cannot go wrong and costs no writes.

use souvenir_memory::{ChatId, Timestamp};

use super::{Engine, error::Result};
use crate::clock;
pub use crate::store::MonthUse as Use;

/// What was used in a chat, or in all, today and this month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Since midnight.
    pub today: Use,
    /// Since the first of the month.
    pub month: Use,
}

impl Engine {
    /// The tokens that answers to a person, and summaries they asked for, took today, in all chats; days begin at midnight in the dashboard's time zone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn used_today_by(&self, user: i64) -> Result<u64> {
        let (midnight, _) = self.calendar(None).await?;
        Ok(self.store().used_by(user, midnight).await?)
    }

    /// Notes that a person is told today that so much of their budget is used; false when they were told before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_budget(&self, user: i64, percent: u32) -> Result<bool> {
        let (midnight, _) = self.calendar(None).await?;
        Ok(self.store().note_budget(user, midnight, percent).await?)
    }

    /// What was used in a chat.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](super::EngineError::NoChat), or when the database fails.
    pub async fn used_in(&self, chat: ChatId) -> Result<Used> {
        self.record(chat).await?;
        let (midnight, first) = self.calendar(Some(chat)).await?;
        let (today, month) =
            (self.store().use_since(chat, midnight).await?, self.store().use_since(chat, first).await?);
        Ok(Used { today, month })
    }

    /// What was used in all chats.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn used_in_all(&self) -> Result<Used> {
        let (midnight, first) = self.calendar(None).await?;
        let (today, month) = (self.store().used_by_all(midnight).await?, self.store().used_by_all(first).await?);
        Ok(Used { today, month })
    }

    /// When the day and the month began, where a chat is.
    async fn calendar(&self, chat: Option<ChatId>) -> Result<(Timestamp, Timestamp)> {
        let now = self.now();
        let zone = self.settings_at(chat, now).await?.zone();
        Ok((clock::day_start(now, &zone), clock::month_start(now, &zone)))
    }
}
