//! Digests: a summary of each day, of each week, or of both, made by themselves where that is turned on.
//!
//! A day's is due at eight in the morning of the next, in the chat's time zone, a week's on Monday at eight. What is due
//! follows from the clock and from what is there: each is made once, and only the last of each kind, so that a machine
//! that was off for a month does not pay for a month of days. A digest is stored together with its announcement.

use jiff::{ToSpan, Zoned, civil::Weekday};
use souvenir_memory::{ChatId, JobId, MessageId, Timestamp, spending::Spending};

use super::{
    JobItem,
    analysis::last_time,
    consolidate::Tried,
    jobs::{DIGEST, Step},
};
use crate::{
    engine::{
        ChatEvent, Engine,
        error::Result,
        settings::{DigestSchedule, Settings, Switch},
        spending::{Account, Purpose},
    },
    store::{DigestKind, JobState, PeriodRecord},
};

/// The hour of the day at which digests are made, and goals remembered.
const HOUR: i8 = 8;
/// How many digests are listed.
const LISTED: u32 = 100;

/// A digest as doors see it.
#[derive(Clone, Debug, PartialEq)]
pub struct DigestItem {
    /// Its number.
    pub id: i64,
    /// `daily` or `weekly`.
    pub kind: &'static str,
    /// The first day it is of, in the chat's time zone: `2026-11-21`.
    pub day: String,
    /// The text.
    pub text: String,
    /// The first message it covers.
    pub first: MessageId,
    /// The last message it covers.
    pub last: MessageId,
    /// How many messages it covers.
    pub messages: u32,
    /// Their tokens.
    pub tokens_before: u32,
    /// Its own.
    pub tokens_after: u32,
    /// Who wrote it.
    pub model: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A digest that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DueDigest {
    kind: DigestKind,
    /// The first day it is of.
    day: String,
    from: Timestamp,
    to: Timestamp,
    /// When it became due.
    due: Timestamp,
}

impl Engine {
    /// The digests of a chat, newest first.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](crate::engine::EngineError::NoChat).
    pub async fn digests(&self, chat: ChatId) -> Result<Vec<DigestItem>> {
        self.record(chat).await?;
        Ok(self.store().digests(chat, LISTED).await?.into_iter().filter_map(item).collect())
    }

    /// Queues digests for the chats that are to have one.
    pub(super) async fn digest_by_schedule(&self) -> Result<()> {
        for record in self.store().chats().await? {
            let due = self.digests_due(record.id).await?;
            let Some(newest) = due.iter().map(|one| one.due).max() else { continue };
            let last = self.store().last_job(record.id, DIGEST).await?;
            let is_held = last.is_some_and(|job| match job.state {
                JobState::Queued | JobState::Running => true,
                // A person stopped it: the next one is made again.
                JobState::Stopped => job.finished_at.is_some_and(|at| at >= newest),
                JobState::Done | JobState::Failed => false,
            });
            if !is_held {
                self.queue_digests(record.id).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn queue_digests(&self, chat: ChatId) -> Result<JobItem> {
        let total = u32::try_from(self.digests_due(chat).await?.len()).unwrap_or(u32::MAX);
        let job = self.store().queue_job(chat, DIGEST, total, self.now()).await?;
        self.inner.upkeep.wake.notify_one();
        self.tell_job(chat, job.id).await
    }

    /// The digests that a chat is to have and has not, of days in which something was said.
    pub(super) async fn digests_due(&self, chat: ChatId) -> Result<Vec<DueDigest>> {
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let mut due = Vec::new();
        for one in wanted(&settings, self.now()) {
            let is_new = settings.digest.set_at.is_none_or(|set_at| set_at < one.due);
            if is_new
                && !self.store().has_digest(chat, one.kind, &one.day).await?
                && self.store().said_between(chat, (one.from, one.to)).await?.is_some()
            {
                due.push(one);
            }
        }
        Ok(due)
    }

    /// Makes the first digest that is due.
    pub(super) async fn digest_step(&self, chat: ChatId, job: JobId) -> Tried<Step> {
        let Some(due) = self.digests_due(chat).await?.into_iter().next() else { return Ok(Step::NothingLeft) };
        let forgotten = self.store().forgotten_so_far(chat).await?;
        let Some(range) = self.store().said_between(chat, (due.from, due.to)).await? else {
            return Ok(Step::NothingLeft);
        };
        let account =
            Account { chat, job: Some(job), purpose: Purpose::Digest, spending: Spending::Background, asked_by: None };
        let Some(made) = self.sum_up_range(account, range).await? else { return Ok(Step::NothingLeft) };
        let days_back = if due.kind == DigestKind::Daily { 1 } else { 7 };
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let send = settings.digest_send.value == Switch::On;
        let record = PeriodRecord { days_back, created_at: self.now(), digest: Some((due.kind, due.day)), ..made };
        if self.store().keep_digest(chat, &record, send, forgotten).await? {
            tracing::info!(chat.id = %chat, kind = due.kind.as_str(), messages = record.messages, "a digest was made");
            self.emit(ChatEvent::Episodes { chat });
            if send {
                self.tell_announcements().await?;
            }
        }
        Ok(Step::Done)
    }

    /// Notes the goals that chats are to be reminded of: those due today, or since the day before yesterday and not told yet.
    pub(super) async fn remind(&self) -> Result<()> {
        let mut noted = 0;
        for record in self.store().chats().await? {
            let settings = self.settings_at(Some(record.id), self.now()).await?;
            if settings.reminders.value == Switch::Off {
                continue;
            }
            let Some((from, to)) = days_to_remember(&settings, self.now()) else { continue };
            noted += self.store().remind(record.id, (from, to), self.now()).await?;
        }
        if noted > 0 { self.tell_announcements().await } else { Ok(()) }
    }
}

fn item(record: PeriodRecord) -> Option<DigestItem> {
    let (kind, day) = record.digest?;
    Some(DigestItem {
        id: record.id,
        kind: kind.as_str(),
        day,
        text: record.text,
        first: record.first,
        last: record.last,
        messages: record.messages,
        tokens_before: record.receipt.tokens_before.0,
        tokens_after: record.receipt.tokens_after.0,
        model: record.model,
        created_at: record.created_at,
    })
}

/// The last digest of each kind that is turned on, whether it is there or not.
fn wanted(settings: &Settings, now: Timestamp) -> Vec<DueDigest> {
    let kinds: &[DigestKind] = match settings.digest.value {
        DigestSchedule::Off => &[],
        DigestSchedule::Daily => &[DigestKind::Daily],
        DigestSchedule::Weekly => &[DigestKind::Weekly],
        DigestSchedule::Both => &[DigestKind::Daily, DigestKind::Weekly],
    };
    kinds.iter().filter_map(|kind| last_digest(*kind, &settings.zone(), now)).collect()
}

/// The last day or week whose digest is due at a moment.
fn last_digest(kind: DigestKind, zone: &jiff::tz::TimeZone, now: Timestamp) -> Option<DueDigest> {
    let morning = zoned(last_time(now, zone, HOUR), zone)?;
    let day = match kind {
        DigestKind::Daily => morning.date(),
        // The last Monday whose morning has come.
        DigestKind::Weekly => {
            let since = i64::from(morning.date().weekday().since(Weekday::Monday));
            morning.date().checked_sub(since.days()).ok()?
        }
    };
    let days = if kind == DigestKind::Daily { 1 } else { 7 };
    let first = day.checked_sub(i64::from(days).days()).ok()?;
    let start = |date: jiff::civil::Date| {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    };
    let due = day.at(HOUR, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(DueDigest {
        kind,
        day: first.to_string(),
        from: start(first)?,
        to: start(day)?,
        due: Timestamp(due.timestamp().as_millisecond()),
    })
}

/// Goals due from when to when are told now: today's from the morning on, and those of the two days before, should nobody
/// have been there to tell them; but none from before it was turned on.
fn days_to_remember(settings: &Settings, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let zone = settings.zone();
    let today = zoned(last_time(now, &zone, HOUR), &zone)?.date();
    let start = |days: i64| {
        let zoned = today.checked_add(days.days()).ok()?.to_zoned(zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond()))
    };
    let since = settings.reminders.set_at.unwrap_or(Timestamp(i64::MIN));
    Some((start(-2)?.max(since), start(1)?))
}

fn zoned(at: Timestamp, zone: &jiff::tz::TimeZone) -> Option<Zoned> {
    Some(jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_digest_is_of_the_whole_day_or_week_before_the_morning() {
        let zone = clock::zone("Europe/Paris").unwrap();
        let of = |kind, now: &str| {
            let due = last_digest(kind, &zone, clock::parse_rfc3339(now).unwrap()).unwrap();
            (due.day, clock::local(due.from, &zone, "%a %H:%M"), clock::local(due.to, &zone, "%a %H:%M"))
        };
        let told = |day: &str, from: &str, to: &str| (day.to_owned(), from.to_owned(), to.to_owned());
        // A Sunday in November; the clocks went back on 25 October.
        assert_eq!(of(DigestKind::Daily, "2026-11-22T06:59:00Z"), told("2026-11-20", "Fri 00:00", "Sat 00:00"));
        assert_eq!(of(DigestKind::Daily, "2026-11-22T07:00:00Z"), told("2026-11-21", "Sat 00:00", "Sun 00:00"));
        assert_eq!(of(DigestKind::Weekly, "2026-11-22T12:00:00Z"), told("2026-11-09", "Mon 00:00", "Mon 00:00"));
        assert_eq!(of(DigestKind::Weekly, "2026-11-23T06:59:00Z"), told("2026-11-09", "Mon 00:00", "Mon 00:00"));
        assert_eq!(of(DigestKind::Weekly, "2026-11-23T07:00:00Z"), told("2026-11-16", "Mon 00:00", "Mon 00:00"));
        let autumn =
            last_digest(DigestKind::Daily, &zone, clock::parse_rfc3339("2026-10-26T12:00:00Z").unwrap()).unwrap();
        assert_eq!(autumn.to.millis_since(autumn.from), 25 * 3_600_000, "that day had 25 hours");
    }
}
