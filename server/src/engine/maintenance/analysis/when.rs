//! When an analysis is begun without anybody asking: at a time of the day, or because the history has grown.

use jiff::ToSpan;
use souvenir_memory::{ChatId, Timestamp, import::place::FIRST};

use crate::{
    engine::{
        Engine,
        error::Result,
        maintenance::jobs::ANALYSIS,
        settings::{AnalysisSchedule, Settings},
    },
    store::AskedBy,
};

/// The hour of the day, in the chat's time zone, at which a daily analysis is begun.
const HOUR: i8 = 3;

impl Engine {
    /// Begins the analyses that are due.
    pub(in crate::engine::maintenance) async fn analyse_by_schedule(&self) -> Result<()> {
        for record in self.store().chats().await? {
            let settings = self.settings_at(Some(record.id), self.now()).await?;
            let is_off =
                settings.analysis_schedule.value == AnalysisSchedule::Off && settings.analysis_growth.value == 0;
            if is_off || self.store().active_job(record.id, ANALYSIS).await?.is_some() {
                continue;
            }
            if let Some(asked_by) = self.analysis_due(record.id, &settings).await? {
                self.begin_analysis(record.id, asked_by).await?;
            }
        }
        Ok(())
    }

    async fn analysis_due(&self, chat: ChatId, settings: &Settings) -> Result<Option<AskedBy>> {
        let last = self.store().analyses(chat, None, 1).await?.pop();
        let through = last.as_ref().map_or(FIRST, |last| last.through);
        let new = self.store().said_after(chat, through).await?;
        if new == 0 {
            return Ok(None);
        }
        if settings.analysis_growth.value > 0 && new >= settings.analysis_growth.value {
            return Ok(Some(AskedBy::Growth));
        }
        if settings.analysis_schedule.value == AnalysisSchedule::Off {
            return Ok(None);
        }
        // What was turned on at noon begins next night, not at once.
        let since = last.map(|last| last.created_at).max(settings.analysis_schedule.set_at);
        let time = last_time(self.now(), &settings.zone(), HOUR);
        Ok((since.is_none_or(|since| since < time)).then_some(AskedBy::Schedule))
    }
}

/// The last moment at which it was this hour in a zone.
pub(in crate::engine::maintenance) fn last_time(now: Timestamp, zone: &jiff::tz::TimeZone, hour: i8) -> Timestamp {
    let Ok(instant) = jiff::Timestamp::from_millisecond(now.0) else { return now };
    let today = instant.to_zoned(zone.clone()).date();
    let at = |date: jiff::civil::Date| {
        let zoned = date.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok()?;
        Some(Timestamp(zoned.timestamp().as_millisecond())).filter(|at| *at <= now)
    };
    at(today).or_else(|| at(today.checked_sub(1.day()).ok()?)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn the_last_time_of_an_hour_is_today_or_yesterday_in_the_zone() {
        let zone = clock::zone("Europe/Paris").unwrap();
        let at = |text: &str| clock::parse_rfc3339(text).unwrap();
        for (now, last) in [
            ("2026-11-22T01:59:00Z", "2026-11-21T02:00:00Z"),
            ("2026-11-22T02:00:00Z", "2026-11-22T02:00:00Z"),
            ("2026-11-22T22:59:00Z", "2026-11-22T02:00:00Z"),
            // The hour that summer time takes away is an hour later.
            ("2026-03-29T01:30:00Z", "2026-03-29T01:00:00Z"),
        ] {
            assert_eq!(clock::rfc3339(last_time(at(now), &zone, 3)), clock::rfc3339(at(last)), "{now}");
        }
    }
}
