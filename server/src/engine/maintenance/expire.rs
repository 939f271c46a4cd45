//! Expiry: what is older than a chat keeps is consolidated, and only then put away.
//!
//! It is a job like any other consolidation, which knows until when it is to put away: so a crash loses nothing, a model
//! that does not answer delays it, and no message disappears from the model's view that memory does not hold.

use std::time::Duration;

use souvenir_memory::{ChatId, Timestamp, consolidation::due::Backlog};

use super::{JobItem, jobs::CONSOLIDATION};
use crate::engine::{
    ChatEvent, Engine, EngineError,
    error::Result,
    settings::{ExpirySchedule, Settings},
};

/// How long whoever asks waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often they look.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How many messages are put away in one transaction.
const AT_A_TIME: u32 = 500;

/// What an expiry came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// How many messages were put away so far.
    pub archived: u64,
    /// How many days are kept.
    pub keep_days: u32,
    /// The job that consolidates them first, while it has not ended; the rest is put away when it has.
    pub job: Option<JobItem>,
}

impl Engine {
    /// Applies a chat's retention now: consolidates what is older than it keeps, then puts it away.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], or when the database fails. A model that fails is none: the job says so.
    pub async fn expire(&self, chat: ChatId) -> Result<Expired> {
        self.record(chat).await?;
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let keep_days = settings.keep_days.value;
        let until = self.kept_from(&settings);
        let before = self.store().count_live_before(chat, until).await?;
        if before == 0 {
            return Ok(Expired { archived: 0, keep_days, job: None });
        }
        self.follow(chat).await?;
        let job = self.queue_expiry(chat, until).await?;
        let waiting = async {
            loop {
                let now: JobItem = self.store().job(chat, job.id).await?.ok_or(EngineError::NoJob(job.id))?.into();
                // A job that failed waits for another attempt, which nobody waits for here.
                if !matches!(now.state, "queued" | "running") || now.attempts > job.attempts {
                    return Ok::<_, EngineError>(now);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let job = match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(ended) => ended?,
            Err(_) => job,
        };
        let left = self.store().count_live_before(chat, until).await?;
        let job = matches!(job.state, "queued" | "running").then_some(job);
        Ok(Expired { archived: before.saturating_sub(left), keep_days, job })
    }

    /// Queues expiry for the chats whose owner wants it by itself.
    pub(super) async fn expire_by_schedule(&self) -> Result<()> {
        for record in self.store().chats().await? {
            let settings = self.settings_at(Some(record.id), self.now()).await?;
            if settings.expiry_schedule.value != ExpirySchedule::Daily {
                continue;
            }
            // What waits for the owner's word is not put away before it was summed up.
            if self.waiting_import(record.id).await?.is_some() {
                continue;
            }
            let until = self.kept_from(&settings);
            let is_due = self.store().count_live_before(record.id, until).await? > 0;
            if is_due && self.store().expiry_of(record.id).await?.is_none() {
                self.follow(record.id).await?;
                self.queue_expiry(record.id, until).await?;
            }
        }
        Ok(())
    }

    async fn queue_expiry(&self, chat: ChatId, until: Timestamp) -> Result<JobItem> {
        let job = self.store().queue_job(chat, CONSOLIDATION, 1, self.now()).await?;
        self.store().set_expiry(job.id, until).await?;
        self.inner.upkeep.wake.notify_one();
        self.tell_job(chat, job.id).await
    }

    /// Everything said before this is older than the chat keeps.
    fn kept_from(&self, settings: &Settings) -> Timestamp {
        self.now().minus_minutes(settings.keep_days.value.saturating_mul(24 * 60))
    }

    /// What of the open episode is to be consolidated because it is about to be put away.
    pub(super) async fn about_to_expire(
        &self,
        chat: ChatId,
        after: souvenir_memory::MessageId,
    ) -> Result<Option<Backlog>> {
        let Some(until) = self.store().expiry_of(chat).await? else { return Ok(None) };
        let left = self.store().left_short_term(chat, after, until, souvenir_memory::import::place::FIRST).await?;
        Ok(left.map(|(messages, through)| Backlog { messages, through }))
    }

    /// Puts away what a job was to, once nothing is left to consolidate.
    pub(super) async fn put_away_after(&self, chat: ChatId) -> Result<()> {
        let Some(until) = self.store().expiry_of(chat).await? else { return Ok(()) };
        let mut changed = 0;
        loop {
            let ids = self.store().live_before(chat, until, AT_A_TIME).await?;
            if ids.is_empty() {
                break;
            }
            changed += self.store().archive(chat, &ids, true, self.now()).await?.len();
        }
        tracing::info!(chat.id = %chat, messages = changed, "messages older than the chat keeps were put away");
        self.emit(ChatEvent::Settings { chat });
        Ok(())
    }
}
