//! Maintenance: what happens to memory in the background, never on the way of a reply.
//!
//! One worker keeps the index of words ([`index`]) and episodes ([`follow`]) in step with messages, queues a job for each chat with something due, and runs
//! the jobs, few at a time and one a chat ([`jobs`]). What is due is derived from watermarks in the database, so a
//! crash loses nothing: at start every chat is looked at again. [`consolidate`] does one batch: it reads, asks the
//! memory model ([`ask`]), lets [`souvenir_memory::consolidation`] decide, and stores the outcome in one transaction.
//! [`analysis`] does the same with the whole of a chat, window by window; [`digest`] sums up days and weeks by schedule.

pub mod analysis;
mod ask;
mod consolidate;
mod digest;
mod expire;
mod follow;
mod imported;
mod index;
mod jobs;
mod period;
mod proposals;
mod related;
mod rewrite;
mod views;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

pub use digest::DigestItem;
pub use expire::Expired;
pub use imported::Waiting;
pub use jobs::JobItem;
pub use period::{MOST_DAYS, PeriodItem};
pub use proposals::{ProposalItem, ProposedEvidence};
use souvenir_memory::{ChatId, JobId};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
pub(super) use views::page;
pub use views::{EpisodeItem, OperationItem, SummaryItem};

use super::{Engine, error::Result};

/// How many chats are worked on at a time.
const MOST_AT_ONCE: usize = 2;
/// How long a chat is left alone after something happened: a person who writes again comes first.
const SETTLES_IN: Duration = Duration::from_secs(1);
/// How often chats are looked at without anybody's nudge: an episode ends by silence, which tells nobody.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// How often to look whether something has become older than chats keep, where the owner wants that done by itself. A day's
/// schedule is kept to within an hour, and a stop delays it by no more.
const EXPIRE_EVERY: Duration = Duration::from_hours(1);
/// How often to look whether something is due at a time of the day.
const SCHEDULE_EVERY: Duration = Duration::from_mins(1);
/// How often to look whether the command line asked to have something forgotten: one read of a few pages in memory.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// What the worker and those who nudge it share.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    nudged: Mutex<BTreeSet<ChatId>>,
    wake: Notify,
    /// The jobs that run, each with what stops it.
    running: Mutex<BTreeMap<ChatId, (JobId, CancellationToken)>>,
    /// Held while a chat's episodes are followed, so that nobody follows them twice at a time.
    following: tokio::sync::Mutex<()>,
}

impl Upkeep {
    fn nudge(&self, chats: impl IntoIterator<Item = ChatId>) {
        self.nudged.lock().unwrap_or_else(PoisonError::into_inner).extend(chats);
        self.wake.notify_one();
    }

    fn has_nudged(&self) -> bool {
        !self.nudged.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn take_nudged(&self) -> BTreeSet<ChatId> {
        std::mem::take(&mut *self.nudged.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nobody follows a chat, and keeps it so.
    pub(super) async fn following(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.following.lock().await
    }

    /// Has the job of a chat stop where it is; it is taken up again.
    pub(super) fn interrupt(&self, chat: ChatId) {
        self.running(|running| {
            if let Some((_, stop)) = running.get(&chat) {
                stop.cancel();
            }
        });
    }

    fn running<T>(&self, act: impl FnOnce(&mut BTreeMap<ChatId, (JobId, CancellationToken)>) -> T) -> T {
        act(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Engine {
    /// Tells the worker that something happened in a chat.
    pub(super) fn nudge(&self, chat: ChatId) {
        self.inner.upkeep.nudge([chat]);
        self.inner.vectors.nudge();
    }

    /// Works in the background until told to stop. What is cut off then is taken up at the next start.
    pub async fn maintain(&self, stop: CancellationToken) {
        if let Err(error) = self.take_up_jobs().await {
            tracing::error!(%error, "failed to take up background jobs");
        }
        if let Err(error) = self.take_up_forgetting().await {
            tracing::error!(%error, "failed to take up forgetting");
        }
        if let Err(error) = self.show_announcements().await {
            tracing::error!(%error, "failed to show what is due in consoles");
        }
        let mut tasks = JoinSet::new();
        let mut look = tokio::time::interval(LOOK_EVERY);
        let mut expire = tokio::time::interval(EXPIRE_EVERY);
        let mut schedule = tokio::time::interval(SCHEDULE_EVERY);
        let mut asked = tokio::time::interval(ASKED_EVERY);
        let mut settled: Option<Instant> = None;
        loop {
            if let Err(error) = self.start_jobs(&mut tasks).await {
                tracing::error!(%error, "failed to start background jobs");
            }
            if settled.is_none() && self.inner.upkeep.has_nudged() {
                settled = Some(Instant::now() + SETTLES_IN);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.inner.upkeep.wake.notified() => {}
                Some(_) = tasks.join_next() => {}
                _ = look.tick() => {
                    self.look_at_all().await;
                    if let Err(error) = self.erase_if_due().await {
                        tracing::error!(%error, "failed to write the database anew after forgetting");
                    }
                }
                _ = schedule.tick() => {
                    for begun in [self.analyse_by_schedule().await, self.digest_by_schedule().await, self.remind().await] {
                        if let Err(error) = begun {
                            tracing::error!(%error, "failed to begin what is due by schedule");
                        }
                    }
                }
                _ = expire.tick() => {
                    if let Err(error) = self.expire_by_schedule().await {
                        tracing::error!(%error, "failed to put away what is older than chats keep");
                    }
                }
                _ = asked.tick() => {
                    if let Err(error) = self.forget_what_was_asked().await {
                        tracing::error!(%error, "failed to forget what was asked for");
                    }
                }
                () = at(settled) => {
                    settled = None;
                    self.look_after_nudged().await;
                }
            }
        }
    }

    async fn look_after_nudged(&self) {
        for chat in self.inner.upkeep.take_nudged() {
            if let Err(error) = self.look_after(chat).await {
                tracing::error!(%error, chat.id = %chat, "failed to look after a chat's memory");
            }
        }
    }

    async fn take_up_jobs(&self) -> Result<()> {
        let again = self.store().recover_jobs().await?;
        if again > 0 {
            tracing::info!(jobs = again, "background jobs that the last stop cut off are taken up again");
        }
        Ok(())
    }

    async fn look_at_all(&self) {
        for found in
            [self.store().chats_to_follow(self.sums_up_for_nothing()).await, self.store().chats_to_index().await]
        {
            match found {
                Ok(chats) => self.inner.upkeep.nudge(chats),
                Err(error) => tracing::error!(%error, "failed to find what is due"),
            }
        }
    }

    /// Brings a chat's index and episodes up to date and queues a job if anything is due.
    async fn look_after(&self, chat: ChatId) -> Result<()> {
        if self.inner.imports.is_being_filled(chat) {
            return Ok(());
        }
        self.order(chat).await?;
        self.index(chat).await?;
        self.follow_imported(chat).await?;
        self.follow(chat).await?;
        if self.store().active_job(chat, jobs::CONSOLIDATION).await?.is_none() && self.is_due_by_itself(chat).await? {
            self.queue(chat).await?;
        }
        Ok(())
    }

    /// Starts the jobs that are due, as many as there is room for.
    async fn start_jobs(&self, tasks: &mut JoinSet<()>) -> Result<()> {
        for job in self.store().due_jobs(self.now()).await? {
            if tasks.len() >= MOST_AT_ONCE {
                return Ok(());
            }
            let stop = CancellationToken::new();
            let taken = self.inner.upkeep.running(|running| {
                !running.contains_key(&job.chat) && running.insert(job.chat, (job.id, stop.clone())).is_none()
            });
            if taken {
                let engine = self.clone();
                tasks.spawn(async move { engine.run_job(job, stop).await });
            }
        }
        Ok(())
    }
}

/// Waits until a moment; for ever without one.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
