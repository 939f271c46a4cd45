//! Episodes, what is due, and the jobs, as pages show them.

use souvenir_frontend::{
    api::{ApiError, DaysView, DueView, EpisodeView, EpisodesView, JobView, OperationView, SummaryView},
    words,
};
use souvenir_memory::{ChatId, EpisodeId, consolidation::due::Portion};

use super::{calendar::Calendar, errors::told, port::WebDashboard};
use crate::engine::{
    maintenance::{EpisodeItem, JobItem, OperationItem, SummaryItem},
    settings::{DigestSchedule, Settings, Switch},
};

/// How many episodes a page has; each has a summary.
const PAGE: u32 = 20;
/// How many digests are shown.
const DIGESTS: usize = 10;
/// How many jobs are shown.
const JOBS: u32 = 20;

impl WebDashboard {
    /// A page of episodes, with what is due and the jobs.
    pub(super) async fn episodes_view(&self, chat: ChatId, cursor: Option<i64>) -> Result<EpisodesView, ApiError> {
        let engine = &self.web.engine;
        let settings = engine.settings(Some(chat)).await.map_err(told)?;
        let calendar = self.calendar(&settings);
        let page = engine.episodes(chat, cursor.map(EpisodeId), PAGE).await.map_err(told)?;
        let due = engine.due(chat).await.map_err(told)?;
        let mut jobs = engine.jobs(chat, None, JOBS).await.map_err(told)?.items;
        // Other work has pages of its own.
        jobs.retain(|job| job.kind == "consolidation");
        let newest = match cursor {
            None => page.items.first().cloned(),
            Some(_) => engine.episodes(chat, None, 1).await.map_err(told)?.items.pop(),
        };
        let days = self.days(chat, &calendar).await?;
        Ok(EpisodesView {
            days,
            digests: digests(&settings),
            due: due.iter().map(|portion| due_view(portion, &page.items, newest.as_ref())).collect(),
            open_messages: newest.as_ref().and_then(not_summed_up),
            episodes: page.items.into_iter().map(|item| episode(item, &due, &calendar)).collect(),
            next_cursor: page.next_cursor,
            jobs: jobs.into_iter().map(|item| job(item, &calendar)).collect(),
            session_minutes: settings.session_duration.value.minutes(),
            memory_model: match engine.health().await.model.status {
                crate::engine::Status::Off => "the built-in offline model".to_owned(),
                _ => settings.memory_model.value,
            },
        })
    }

    /// The newest digests, and the last summary of days that somebody asked for.
    async fn days(&self, chat: ChatId, calendar: &Calendar) -> Result<Vec<DaysView>, ApiError> {
        let engine = &self.web.engine;
        let mut days = Vec::new();
        if let Some(item) =
            engine.last_summary(chat, None).await.map_err(told)?.filter(|item| item.record.digest.is_none())
        {
            let record = item.record;
            days.push(DaysView {
                of: format!("The last {}", words::plural(record.days_back as usize, "day", "days")),
                text: record.text,
                messages: record.messages,
                tokens_before: record.receipt.tokens_before.0,
                tokens_after: record.receipt.tokens_after.0,
                model: record.model,
                at: calendar.moment(record.created_at),
            });
        }
        let digests = engine.digests(chat).await.map_err(told)?.into_iter().take(DIGESTS);
        days.extend(digests.map(|digest| DaysView {
            of: match digest.kind {
                "weekly" => format!("The week from {}", digest.day),
                _ => digest.day,
            },
            text: digest.text,
            messages: digest.messages,
            tokens_before: digest.tokens_before,
            tokens_after: digest.tokens_after,
            model: digest.model,
            at: calendar.moment(digest.created_at),
        }));
        Ok(days)
    }

    /// Sums up the last so many days.
    pub(super) async fn sum_days_up(&self, chat: ChatId, days: u32) -> Result<(), ApiError> {
        match self.web.engine.summarise(chat, days, None).await.map_err(told)? {
            Some(_) => Ok(()),
            None => Err(ApiError::invalid("days", "Nothing was said in these days.")),
        }
    }

    /// Has everything that is due summed up. Nothing to do is said, not passed over.
    pub(super) async fn summarise_now(&self, chat: ChatId) -> Result<(), ApiError> {
        match self.web.engine.consolidate(chat).await.map_err(told)? {
            Some(_) => Ok(()),
            None => Err(ApiError::invalid("chat", "Nothing is due: everything said here is summed up already.")),
        }
    }
}

/// Which digests are made by themselves.
fn digests(settings: &Settings) -> String {
    let which = match settings.digest.value {
        DigestSchedule::Off => {
            return "Digests of days and weeks are made by themselves where the settings say so.".to_owned();
        }
        DigestSchedule::Daily => "A digest of each day at 08:00 of the next",
        DigestSchedule::Weekly => "A digest of each week on Monday at 08:00",
        DigestSchedule::Both => "A digest of each day at 08:00 of the next, and of each week on Monday",
    };
    let sent = if settings.digest_send.value == Switch::On { ", sent to the chat" } else { "" };
    let shown = if settings.digest_context.value == Switch::On { ", the newest in the context" } else { "" };
    format!("{which}{sent}{shown}.")
}

/// How many messages of the open episode no summary covers; none when there is none, or no open episode.
fn not_summed_up(newest: &EpisodeItem) -> Option<u32> {
    let is_open = newest.closed_at.is_none();
    let is_covered = newest.consolidated_through.is_some_and(|through| through >= newest.last);
    // The number of all its messages stands for those that are not covered, unless some are: that is rare and only said.
    (is_open && !is_covered).then_some(newest.messages)
}

fn due_view(portion: &Portion, shown: &[EpisodeItem], newest: Option<&EpisodeItem>) -> DueView {
    let found = shown.iter().chain(newest).find(|item| item.id == portion.episode);
    let why = match found.map(|item| item.closed_by) {
        Some(Some("idle")) => "it ended by a pause",
        Some(Some("reset")) => "it ended by a reset",
        Some(Some("topic")) => "it ended by a new subject",
        Some(Some("asked")) => "you asked for it",
        Some(None) => "so many of them have left short term and mid term",
        _ => "it has ended",
    };
    DueView { episode: portion.episode.0, from: portion.from.0, through: portion.through.0, why: why.to_owned() }
}

fn episode(item: EpisodeItem, due: &[Portion], calendar: &Calendar) -> EpisodeView {
    let is_due = due.iter().any(|portion| portion.episode == item.id);
    // What has ended and is not due was read, unless it is held.
    let was_read = item.consolidated_through.is_some() || item.reverted_at.is_some() || item.messages == 0;
    EpisodeView {
        id: item.id.0,
        first: item.first.0,
        last: item.last.0,
        messages: item.messages,
        opened: calendar.moment(item.opened_at),
        closed: item.closed_at.map(|at| calendar.moment(at)),
        closed_by: item.closed_by.map(str::to_owned),
        due: is_due,
        held: item.closed_at.is_some() && !is_due && !was_read,
        reverted: item.reverted_at.map(|at| calendar.moment(at)),
        summary: item.summary.map(|item| summary(item, calendar)),
        operations: item.operations.into_iter().map(operation).collect(),
    }
}

fn summary(item: SummaryItem, calendar: &Calendar) -> SummaryView {
    SummaryView {
        version: item.version,
        text: item.text,
        first: item.first.0,
        through: item.covers_through.0,
        model: item.model,
        tokens_before: item.tokens_before,
        tokens_after: item.tokens_after,
        lost: item.lost,
        at: calendar.moment(item.recorded_at),
    }
}

fn operation(item: OperationItem) -> OperationView {
    OperationView {
        op: item.op,
        outcome: item.outcome,
        reason: item.reason,
        fact: item.fact,
        statement: item.statement,
    }
}

pub(super) fn job(item: JobItem, calendar: &Calendar) -> JobView {
    JobView {
        id: item.id.0,
        state: item.state.to_owned(),
        done: item.done,
        total: item.total,
        attempts: item.attempts,
        next_attempt: item.next_attempt_at.map(|at| calendar.moment(at)),
        error: item.error,
        created: calendar.moment(item.created_at),
        finished: item.finished_at.map(|at| calendar.moment(at)),
        tokens: item.tokens,
        cost: words::usd(item.cost.map(souvenir_memory::NanoUsd::as_usd)),
    }
}
