//! Moments as people read them, in one zone.

use jiff::tz::TimeZone;
use souvenir_frontend::api::Moment;
use souvenir_memory::Timestamp;

use crate::clock::{local, rfc3339};

const DAY_MS: i64 = 86_400_000;

/// Writes moments out in a zone, as seen from now.
pub(super) struct Calendar {
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
}

impl Calendar {
    /// A moment in every form that pages need.
    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        Moment {
            ms: at.0,
            rfc3339: rfc3339(at),
            time: self.local(at, "%H:%M"),
            day: self.local(at, "%A %-d %B %Y"),
            short: self.short(at),
        }
    }

    /// The day of a moment: `14 March 2026`.
    pub(super) fn day(&self, at: Timestamp) -> String {
        self.local(at, "%-d %B %Y")
    }

    /// A date as a date field has it, as people read it: `3 November 2026`.
    pub(super) fn day_of(&self, date: &str) -> String {
        self.midnight(date).map_or_else(|| date.to_owned(), |at| self.day(at))
    }

    /// The month it is: `November`.
    pub(super) fn month(&self) -> String {
        self.local(self.now, "%B")
    }

    /// The date as a date field has it: `2026-12-12`.
    pub(super) fn date(&self, at: Timestamp) -> String {
        self.local(at, "%F")
    }

    /// The first moment of a date as a date field has it.
    pub(super) fn midnight(&self, date: &str) -> Option<Timestamp> {
        let midnight = date.trim().parse::<jiff::civil::Date>().ok()?.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp(midnight.timestamp().as_millisecond()))
    }

    /// The last moment of a date as a date field has it.
    pub(super) fn end_of_day(&self, date: &str) -> Option<Timestamp> {
        let tomorrow = date.trim().parse::<jiff::civil::Date>().ok()?.tomorrow().ok()?;
        self.midnight(&tomorrow.to_string()).map(|at| Timestamp(at.0 - 1))
    }

    fn short(&self, at: Timestamp) -> String {
        let day = self.date(at);
        if day == self.date(self.now) {
            self.local(at, "%H:%M")
        } else if day == self.date(Timestamp(self.now.0 - DAY_MS)) {
            "Yesterday".to_owned()
        } else if day.get(..4) == self.date(self.now).get(..4) {
            self.local(at, "%-d %b")
        } else {
            self.local(at, "%-d %b %Y")
        }
    }

    fn local(&self, at: Timestamp, format: &str) -> String {
        local(at, &self.zone, format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{parse_rfc3339, zone};

    fn calendar() -> Calendar {
        Calendar { zone: zone("Europe/Paris").unwrap(), now: parse_rfc3339("2026-11-22T13:18:00Z").unwrap() }
    }

    #[test]
    fn a_moment_is_as_short_as_it_can_be() {
        let short = |text: &str| calendar().moment(parse_rfc3339(text).unwrap()).short;
        assert_eq!(short("2026-11-22T00:05:00Z"), "01:05");
        assert_eq!(short("2026-11-21T22:59:00Z"), "Yesterday");
        assert_eq!(short("2026-11-17T12:00:00Z"), "17 Nov");
        assert_eq!(short("2025-11-03T12:00:00Z"), "3 Nov 2025");
    }

    #[test]
    fn a_date_begins_at_midnight_of_the_zone() {
        let midnight = calendar().midnight("2026-12-12").unwrap();
        assert_eq!(rfc3339(midnight), "2026-12-11T23:00:00.000Z");
        assert_eq!(calendar().date(midnight), "2026-12-12");
        assert_eq!(calendar().midnight("soon"), None);
        let end = calendar().end_of_day("2026-12-12").unwrap();
        assert_eq!(rfc3339(end), "2026-12-12T22:59:59.999Z");
    }
}
