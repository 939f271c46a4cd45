//! The clock: time as a parameter, and the calendar for those who show times to people.
//!
//! Only [`SystemClock`] reads the machine's clock; everything else is handed a [`Clock`] or a [`Timestamp`].

pub use jiff::tz::TimeZone;
use souvenir_memory::Timestamp;

/// Tells the time. Tests use one they set by hand.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

/// A moment as RFC 3339 in UTC, to the millisecond: `2026-11-22T13:18:00.000Z`.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    format!("{:.3}", instant(at))
}

/// Reads RFC 3339, or a date alone as its midnight in UTC.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let moment = text.parse::<jiff::Timestamp>().ok();
    let date = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    moment.or_else(date).map(|at| Timestamp(at.as_millisecond()))
}

/// A moment in a zone, by a `strftime` format: `%H:%M`, `%A %-d %B %Y`.
#[must_use]
pub fn local(at: Timestamp, zone: &TimeZone, format: &str) -> String {
    instant(at).to_zoned(zone.clone()).strftime(format).to_string()
}

/// A moment for the name of a file, in UTC to the second: `20261122T131800Z`. Names sort by it.
#[must_use]
pub fn stamp(at: Timestamp) -> String {
    instant(at).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The clock as the model is told it: `Sunday 22 November 2026, 14:18, Europe/Paris`.
#[must_use]
pub fn spoken(at: Timestamp, zone: &TimeZone) -> String {
    let name = zone.iana_name().unwrap_or("UTC");
    format!("{}, {name}", local(at, zone, "%A %-d %B %Y, %H:%M"))
}

/// The first moment of the month of `at` in `zone`.
#[must_use]
pub fn month_start(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let date = instant(at).to_zoned(zone.clone()).date().first_of_month();
    date.to_zoned(zone.clone()).map_or(at, |zoned| Timestamp(zoned.timestamp().as_millisecond()))
}

/// The first moment of the day of `at` in `zone`.
#[must_use]
pub fn day_start(at: Timestamp, zone: &TimeZone) -> Timestamp {
    let start = instant(at).to_zoned(zone.clone()).start_of_day();
    start.map_or(at, |start| Timestamp(start.timestamp().as_millisecond()))
}

/// The same time of day so many days earlier in `zone`.
#[must_use]
pub fn days_before(at: Timestamp, days: i32, zone: &TimeZone) -> Timestamp {
    let then = instant(at).to_zoned(zone.clone()).checked_sub(jiff::Span::new().days(days));
    then.map_or(at, |then| Timestamp(then.timestamp().as_millisecond()))
}

/// Whole days from now to a date such as `2026-12-11`, both in UTC; none for what is no date. Less than zero once it is over.
#[must_use]
pub fn days_until(date: &str, now: Timestamp) -> Option<i64> {
    let date: jiff::civil::Date = date.parse().ok()?;
    let today = instant(now).to_zoned(TimeZone::UTC).date();
    Some(i64::from(today.until(date).ok()?.get_days()))
}

/// A time zone by its IANA name.
///
/// # Errors
/// A sentence that names the value and the remedy.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| format!("time zone “{name}” is not known: use an IANA name such as Europe/Paris or UTC"))
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_the_round_trip_to_text() {
        let at = Timestamp(1_795_353_480_123);
        assert_eq!(parse_rfc3339(&rfc3339(at)), Some(at));
        assert_eq!(parse_rfc3339("2026-11-22"), parse_rfc3339("2026-11-22T00:00:00Z"));
        assert_eq!(parse_rfc3339("yesterday"), None);
    }

    #[test]
    fn today_begins_at_midnight_where_the_chat_is() {
        // 22 November 2026, 00:30 in Paris.
        let now = Timestamp(1_795_303_800_000);
        assert_eq!(day_start(now, &zone("Europe/Paris").unwrap()), Timestamp(now.0 - 30 * 60_000));
    }

    #[test]
    fn local_times_follow_the_zone() {
        let at = parse_rfc3339("2026-11-22T13:18:00Z").unwrap();
        assert_eq!(spoken(at, &zone("Europe/Paris").unwrap()), "Sunday 22 November 2026, 14:18, Europe/Paris");
        assert!(zone("Mars/Olympus").unwrap_err().contains("Mars/Olympus"));
    }
}
