//! Jobs: queued when something is due, run batch by batch, tried again later when the model fails.

use std::collections::BTreeMap;

use souvenir_memory::{
    ChatId, JobId, MessageId, NanoUsd, Timestamp,
    consolidation::due::{Backlog, Portion, due},
    import::place::FIRST,
};
use tokio_util::sync::CancellationToken;

use super::{
    consolidate::{Tried, Trouble},
    views::page,
};
use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result, inspect::Page, spending::PAUSED},
    store::{JobRecord, JobState, SpentRecord},
};

/// What jobs of consolidation are called.
pub(super) const CONSOLIDATION: &str = "consolidation";
/// What jobs that make digests are called.
pub(super) const DIGEST: &str = "digest";
/// What jobs of whole-history analysis are called.
pub(super) const ANALYSIS: &str = "analysis";
/// The first pause after a failure; each further one is four times as long.
const FIRST_PAUSE_MS: i64 = 30_000;
/// The longest pause.
const LONGEST_PAUSE_MS: i64 = 3_600_000;

/// A job as doors see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobItem {
    /// Its number.
    pub id: JobId,
    /// Its chat.
    pub chat: ChatId,
    /// What it does.
    pub kind: String,
    /// `queued`, `running`, `done`, `failed` or `stopped`.
    pub state: &'static str,
    /// Batches done.
    pub done: u32,
    /// Batches in all, as far as is known.
    pub total: u32,
    /// Attempts that failed since the last success.
    pub attempts: u32,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// What went wrong last, safe to show.
    pub error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Tokens that it took so far, in lists of jobs.
    pub tokens: u64,
    /// What those cost; none where a price is not known.
    pub cost: Option<NanoUsd>,
}

/// What a step of a job came to.
pub(super) enum Step {
    Done,
    NothingLeft,
}

impl From<JobRecord> for JobItem {
    fn from(job: JobRecord) -> Self {
        Self {
            id: job.id,
            chat: job.chat,
            kind: job.kind,
            state: job.state.as_str(),
            done: job.done,
            total: job.total,
            attempts: job.attempts,
            next_attempt_at: job.next_attempt_at,
            error: job.error,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            tokens: 0,
            cost: Some(NanoUsd(0)),
        }
    }
}

impl Engine {
    /// Closes the chat's open episode and has what is due consolidated. None when nothing is.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], or when the database fails.
    pub async fn consolidate(&self, chat: ChatId) -> Result<Option<JobItem>> {
        self.record(chat).await?;
        self.follow(chat).await?;
        if self.store().close_open_episode(chat, self.now()).await? {
            self.emit(ChatEvent::Episodes { chat });
        }
        if self.portions(chat).await?.is_empty() {
            return Ok(None);
        }
        self.queue(chat).await.map(Some)
    }

    /// The jobs of a chat, newest first, a page from `cursor` on.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn jobs(&self, chat: ChatId, cursor: Option<JobId>, limit: u32) -> Result<Page<JobItem>> {
        self.record(chat).await?;
        let jobs = self.store().jobs(chat, cursor, limit + 1).await?;
        let spent: BTreeMap<JobId, SpentRecord> = self.store().spent_by_jobs(chat).await?.into_iter().collect();
        let mut jobs: Vec<JobItem> = jobs.into_iter().map(JobItem::from).collect();
        for job in &mut jobs {
            if let Some(spent) = spent.get(&job.id) {
                job.tokens = spent.amount.tokens;
                job.cost = (spent.unpriced == 0).then_some(spent.amount.cost);
            }
        }
        Ok(page(jobs, limit, |job: &JobItem| job.id.0))
    }

    /// What is due in a chat, oldest first: which messages of which episode are to be summed up next.
    ///
    /// # Errors
    /// [`EngineError::NoChat`].
    pub async fn due(&self, chat: ChatId) -> Result<Vec<Portion>> {
        self.record(chat).await?;
        self.portions(chat).await
    }

    /// Tries at once what a job was put off from, or was stopped in. The open episode stays open.
    ///
    /// # Errors
    /// [`EngineError::NoJob`]; [`EngineError::Conflict`] when nothing of it is left to do.
    pub async fn retry_job(&self, chat: ChatId, id: JobId) -> Result<JobItem> {
        let job = self.store().job(chat, id).await?.ok_or(EngineError::NoJob(id))?;
        if job.kind == ANALYSIS {
            return self.go_on_with_analysis(chat).await;
        }
        if job.kind == DIGEST {
            return self.queue_digests(chat).await;
        }
        if self.portions(chat).await?.is_empty() {
            return Err(EngineError::conflict("Nothing is due any more: what this job was for is done."));
        }
        self.queue(chat).await
    }

    /// Stops a job that waits or runs; what it has done stays. It is not begun again by itself.
    ///
    /// # Errors
    /// [`EngineError::NoJob`].
    pub async fn stop_job(&self, chat: ChatId, id: JobId) -> Result<JobItem> {
        self.store().job(chat, id).await?.ok_or(EngineError::NoJob(id))?;
        self.store().end_job(id, JobState::Stopped, None, self.now()).await?;
        self.inner.upkeep.running(|running| {
            if let Some((_, stop)) = running.get(&chat).filter(|(job, _)| *job == id) {
                stop.cancel();
            }
        });
        self.tell_job(chat, id).await
    }

    /// Budgets were changed: what waits for them is tried at once, and what was told of them is told anew.
    pub(in crate::engine) async fn budgets_changed(&self, chat: Option<ChatId>) -> Result<()> {
        self.store().forget_notices(chat).await?;
        self.see_to_changed_budgets(chat).await?;
        if self.store().wake_paused_jobs(PAUSED).await? {
            self.inner.upkeep.wake.notify_one();
        }
        Ok(())
    }

    /// Queues the chat's job and wakes the worker.
    pub(super) async fn queue(&self, chat: ChatId) -> Result<JobItem> {
        let total = u32::try_from(self.portions(chat).await?.len()).unwrap_or(u32::MAX);
        let job = self.store().queue_job(chat, CONSOLIDATION, total, self.now()).await?;
        self.inner.upkeep.wake.notify_one();
        self.tell_job(chat, job.id).await
    }

    pub(super) async fn tell_job(&self, chat: ChatId, id: JobId) -> Result<JobItem> {
        let job: JobItem = self.store().job(chat, id).await?.ok_or(EngineError::NoJob(id))?.into();
        self.emit(ChatEvent::Job { chat, job: id, state: job.state.to_owned(), done: job.done, total: job.total });
        Ok(job)
    }

    /// What is due in a chat, oldest first.
    pub(super) async fn portions(&self, chat: ChatId) -> Result<Vec<Portion>> {
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let episodes = self.store().unconsolidated(chat, self.sums_up_for_nothing()).await?;
        let open = episodes.iter().find(|episode| !episode.closed);
        if let Some(open) = open
            && let Some(backlog) =
                self.about_to_expire(chat, open.watermark.unwrap_or(MessageId(open.first.0 - 1))).await?
        {
            return Ok(due(&episodes, Some(backlog), 0));
        }
        let backlog = match open {
            Some(open) => {
                let after = open.watermark.unwrap_or(MessageId(open.first.0 - 1));
                let since = settings.session_duration.value.start(self.now());
                let start = settings.context_start.unwrap_or(FIRST);
                let left = self.store().left_short_term(chat, after, since, start).await?;
                left.map(|(messages, through)| Backlog { messages, through })
            }
            None => None,
        };
        let mid_term = usize::try_from(settings.mid_term_messages.value).unwrap_or(usize::MAX);
        Ok(due(&episodes, backlog, mid_term))
    }

    /// Whether anything is due that a person has not put off by stopping its job.
    pub(super) async fn is_due_by_itself(&self, chat: ChatId) -> Result<bool> {
        let portions = self.portions(chat).await?;
        let Some(newest) = portions.last() else { return Ok(self.store().stale_period(chat).await?.is_some()) };
        let last = self.store().last_job(chat, CONSOLIDATION).await?;
        let Some(stopped_at) = last.filter(|job| job.state == JobState::Stopped).and_then(|job| job.finished_at) else {
            return Ok(true);
        };
        let episode = self.store().episode(chat, newest.episode).await?;
        Ok(episode.and_then(|episode| episode.closed_at).is_some_and(|closed| closed > stopped_at))
    }

    /// Runs a job to its end, its failure, or its stop.
    pub(super) async fn run_job(&self, job: JobRecord, stop: CancellationToken) {
        let (chat, id) = (job.chat, job.id);
        if let Err(error) = self.work_on(job, &stop).await {
            tracing::error!(%error, chat.id = %chat, job.id = %id, "a background job failed");
        }
        self.inner.upkeep.running(|running| running.remove(&chat));
        self.inner.upkeep.wake.notify_one();
    }

    async fn work_on(&self, mut job: JobRecord, stop: &CancellationToken) -> Result<()> {
        let (chat, id) = (job.chat, job.id);
        let total = match job.kind.as_str() {
            ANALYSIS => self.analysis_steps_left(chat).await?,
            DIGEST => u32::try_from(self.digests_due(chat).await?.len()).unwrap_or(u32::MAX),
            _ => u32::try_from(self.portions(chat).await?.len()).unwrap_or(u32::MAX),
        };
        if !self.store().begin_job(id, total, self.now()).await? {
            return Ok(());
        }
        loop {
            self.tell_job(chat, id).await?;
            let Some(outcome) = stop.run_until_cancelled(self.next_step(&job)).await else {
                // Unless a person stopped it, it was only interrupted.
                self.store().requeue_job(id).await?;
                return Ok(());
            };
            match outcome {
                Ok(Step::Done) => job.attempts = 0,
                Ok(Step::NothingLeft) => {
                    if job.kind == CONSOLIDATION {
                        self.put_away_after(chat).await?;
                    }
                    self.store().end_job(id, JobState::Done, None, self.now()).await?;
                    self.tell_job(chat, id).await?;
                    return Ok(());
                }
                Err(trouble) => return self.try_again_later(&job, &trouble).await,
            }
        }
    }

    /// The next step of a job. Of consolidation: what is due first, or else a summary made again that lost its text to
    /// forgetting.
    async fn next_step(&self, job: &JobRecord) -> Tried<Step> {
        let (chat, id) = (job.chat, job.id);
        if job.kind == ANALYSIS {
            return self.analysis_step(chat, id).await;
        }
        if job.kind == DIGEST {
            return self.digest_step(chat, id).await;
        }
        if let Some(portion) = self.portions(chat).await?.into_iter().next() {
            self.consolidate_batch(chat, id, portion).await?;
            return Ok(Step::Done);
        }
        Ok(if self.remake_period(chat, id).await? { Step::Done } else { Step::NothingLeft })
    }

    /// Puts a job off: nothing is lost, and the chat's page says what is wrong.
    async fn try_again_later(&self, job: &JobRecord, trouble: &Trouble) -> Result<()> {
        if let Trouble::Paused(pause) = trouble {
            tracing::info!(%pause, chat.id = %job.chat, job.id = %job.id, "a background job waits for its budget");
            self.store().pause_job(job.id, pause.budget.until, &trouble.for_people()).await?;
            self.tell_job(job.chat, job.id).await?;
            return Ok(());
        }
        let pause = FIRST_PAUSE_MS.saturating_mul(4_i64.saturating_pow(job.attempts)).min(LONGEST_PAUSE_MS);
        let until = Timestamp(self.now().0 + pause);
        tracing::warn!(
            trouble = trouble.for_the_log(),
            chat.id = %job.chat,
            job.id = %job.id,
            pause_ms = pause,
            "a background job failed; it is tried again later"
        );
        self.store().postpone_job(job.id, until, &trouble.for_people()).await?;
        self.tell_job(job.chat, job.id).await?;
        Ok(())
    }
}
