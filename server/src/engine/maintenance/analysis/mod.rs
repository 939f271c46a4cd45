//! Whole-history analysis: the whole of a chat read again, window by window, and a diff of its facts proposed.
//!
//! It is a job of steps, each stored before the next is begun: the windows are made ([`plan`]), each is read by the memory
//! model ([`read`]), what was found is shared out beside the facts and the model is asked what is to become of those
//! ([`reduce`]), and what [`souvenir_memory::analysis`] lets stand of that is the diff. So it can be stopped at any step and
//! goes on with the next one. Windows that did not change keep their findings, so that a later analysis reads only what is
//! new. [`decide`] is the owner's part, [`estimate`] says what it would cost, and [`when`] begins it by schedule.

mod decide;
mod estimate;
mod plan;
mod read;
mod reduce;
mod views;
mod when;

pub use estimate::Estimate;
use souvenir_memory::{ChatId, JobId, TokenCount, analysis::Finding, spending::Spending};
pub use views::{AnalysisItem, AnalysisPage, LineItem};
pub(super) use when::last_time;

use super::{
    JobItem,
    ask::Answered,
    consolidate::Tried,
    jobs::{ANALYSIS, Step},
};
use crate::{
    engine::{
        Engine, EngineError,
        error::Result,
        settings::Settings,
        spending::{Account, Purpose},
    },
    llm::Usage,
    store::{AnalysisRecord, AskedBy, CallRecord},
};

/// The analysis that a step is of.
struct Analysing {
    chat: ChatId,
    job: JobId,
    record: AnalysisRecord,
    settings: Settings,
}

impl Analysing {
    fn ids(&self) -> (ChatId, souvenir_memory::AnalysisId, JobId) {
        (self.chat, self.record.id, self.job)
    }

    /// Who pays: a person's wish may take more of a day's budget than what is begun by itself.
    fn account(&self) -> Account {
        let spending = match self.record.asked_by {
            AskedBy::Owner => Spending::Asked,
            AskedBy::Schedule | AskedBy::Growth => Spending::Background,
        };
        Account { chat: self.chat, job: Some(self.job), purpose: Purpose::Analysis, spending, asked_by: None }
    }

    fn model(&self) -> &str {
        &self.settings.memory_model.value
    }
}

impl Engine {
    /// Has the whole history of a chat analysed. One that is being made already is given.
    ///
    /// # Errors
    /// [`EngineError::NoChat`]; [`EngineError::Conflict`] when there is nothing to read.
    pub async fn analyse(&self, chat: ChatId) -> Result<AnalysisItem> {
        self.record(chat).await?;
        let active = self.store().active_job(chat, ANALYSIS).await?;
        if let (Some(_), Some(running)) = (active, self.store().running_analysis(chat).await?) {
            return self.analysis_item(running).await;
        }
        self.begin_analysis(chat, AskedBy::Owner).await?;
        let begun = self.store().analyses(chat, None, 1).await?.pop();
        self.analysis_item(begun.ok_or_else(|| EngineError::Internal("an analysis went away".to_owned()))?).await
    }

    async fn begin_analysis(&self, chat: ChatId, asked_by: AskedBy) -> Result<JobItem> {
        let nothing = || EngineError::conflict("Nothing was said here that could be analysed.");
        let record = self.record(chat).await?;
        let through = self.store().newest_message(chat).await?.ok_or_else(nothing)?;
        let messages = record.totals.live_messages;
        if messages == 0 {
            return Err(nothing());
        }
        let id = self.store().begin_analysis(chat, asked_by, through, messages, self.now()).await?;
        tracing::info!(chat.id = %chat, analysis.id = %id, asked_by = asked_by.as_str(), "an analysis was begun");
        self.queue_analysis(chat).await
    }

    async fn queue_analysis(&self, chat: ChatId) -> Result<JobItem> {
        let total = self.analysis_steps_left(chat).await?;
        let job = self.store().queue_job(chat, ANALYSIS, total, self.now()).await?;
        self.inner.upkeep.wake.notify_one();
        self.tell_job(chat, job.id).await
    }

    /// Goes on with an analysis that was stopped or put off.
    pub(super) async fn go_on_with_analysis(&self, chat: ChatId) -> Result<JobItem> {
        if self.store().running_analysis(chat).await?.is_none() {
            return Err(EngineError::conflict("Nothing is left to do: what this job was for is done."));
        }
        self.queue_analysis(chat).await
    }

    /// How many steps the analysis of a chat has left, as far as is known.
    pub(super) async fn analysis_steps_left(&self, chat: ChatId) -> Result<u32> {
        let running = self.store().running_analysis(chat).await?;
        Ok(running.map_or(0, |found| found.steps.saturating_sub(found.steps_done)))
    }

    /// Does the next step of a chat's analysis.
    pub(super) async fn analysis_step(&self, chat: ChatId, job: JobId) -> Tried<Step> {
        let Some(record) = self.store().running_analysis(chat).await? else { return Ok(Step::NothingLeft) };
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let work = Analysing { chat, job, record, settings };
        if !work.record.is_planned {
            self.plan(&work).await?;
        } else if let Some(window) = self.store().next_window(chat).await? {
            self.read_window(&work, window).await?;
        } else if !work.record.has_parts {
            self.share_out(&work).await?;
        } else if let Some(part) = self.next_part(&work).await? {
            self.ask_part(&work, &part).await?;
        } else {
            self.conclude(&work).await?;
        }
        Ok(Step::Done)
    }

    /// What a call took, for the record.
    pub(super) fn call_record<T>(&self, model: &str, answered: &Answered<T>) -> Option<CallRecord> {
        let model = self.model_name(model);
        let (prompt, completion) = answered.usage?;
        let usage = Usage { prompt: TokenCount(prompt), cached: None, completion: TokenCount(completion) };
        let cost = self.cost(&model, usage).map(|cost| i64::try_from(cost.0).unwrap_or(i64::MAX));
        Some(CallRecord { model, usage: (prompt, completion), cost_nanousd: cost })
    }

    /// Everything that was found in a chat, in the order in which it is numbered.
    async fn gathered(&self, chat: ChatId) -> Result<Vec<Finding>> {
        Ok(souvenir_memory::analysis::gather(self.store().findings(chat).await?))
    }
}
