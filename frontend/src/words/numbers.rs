//! Numbers and names as people read them: exact, with thousands separators and units.

use souvenir_memory::{MessageId, import::place};

/// A count with thousands separators: `4,812`, with a true minus sign.
#[must_use]
pub fn count(number: impl Into<i64>) -> String {
    let number = number.into();
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", souvenir_memory::tokens::grouped(number.unsigned_abs()))
}

/// The number of a message; of an imported one, whose number is long and below zero, the second in which it was said, in UTC.
#[must_use]
pub fn message(id: i64) -> String {
    let Some(second) = place::second_of(MessageId(id)) else { return count(id) };
    let (days, within) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    let (year, month, day) = date(days);
    format!("{year}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC", within / 3600, within / 60 % 60, within % 60)
}

/// The date of a day since 1970, by counting years from March on, so that the leap day is the last of one.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The same for counts that do not fit the signed form by type.
#[must_use]
pub fn count_u64(number: u64) -> String {
    count(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A change: `+815`, `−212`, `0`.
#[must_use]
pub fn change(before: u32, after: u32) -> String {
    let difference = i64::from(after) - i64::from(before);
    if difference > 0 { format!("+{}", count(difference)) } else { count(difference) }
}

/// A number with its noun: `1 message`, `29 messages`.
#[must_use]
pub fn plural(number: impl TryInto<usize>, one: &str, many: &str) -> String {
    let number = number.try_into().unwrap_or(usize::MAX);
    format!("{} {}", count_u64(number as u64), if number == 1 { one } else { many })
}

/// Money in US dollars with as many digits as it needs; `unknown` is never zero.
#[must_use]
pub fn usd(amount: Option<f64>) -> String {
    match amount {
        None => "unknown".to_owned(),
        Some(0.0) => "$0".to_owned(),
        Some(amount) if amount.abs() < 0.01 => format!("${amount:.5}"),
        Some(amount) if amount.abs() < 1.0 => format!("${amount:.4}"),
        Some(amount) => format!("${amount:.2}"),
    }
}

/// A change of money: `+$0.00081`, `−$0.00010`, `$0`.
#[must_use]
pub fn usd_change(before: f64, after: f64) -> String {
    let difference = after - before;
    let sign = if difference < 0.0 { "−" } else { "+" };
    match usd(Some(difference.abs())) {
        // Less than can be written.
        none if !none.contains(|digit: char| matches!(digit, '1'..='9')) => "$0".to_owned(),
        amount => format!("{sign}{amount}"),
    }
}

/// A span of time: `0.57 s`, `1 min 12 s`, `23 h 10 min`.
#[must_use]
pub fn span(ms: i64) -> String {
    match ms {
        ..10_000 => format!("{}.{:02} s", ms / 1000, ms % 1000 / 10),
        10_000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        60_000..3_600_000 => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
        _ => format!("{} h {} min", count(ms / 3_600_000), ms % 3_600_000 / 60_000),
    }
}

/// A share of a whole: `9.7 %`.
#[must_use]
pub fn percent(part: u32, whole: u32) -> String {
    if whole == 0 {
        return "0 %".to_owned();
    }
    format!("{:.1} %", f64::from(part) * 100.0 / f64::from(whole))
}

/// A session duration in minutes as people say it: `6 h`, `1 h 30 min`.
#[must_use]
pub fn duration(minutes: u32) -> String {
    souvenir_memory::SessionDuration::from_minutes(minutes).map_or_else(|_| format!("{minutes} min"), |d| d.to_string())
}

/// A session duration with its name: `medium, 6 h`.
#[must_use]
pub fn named_duration(minutes: u32) -> String {
    souvenir_memory::SessionDuration::from_minutes(minutes)
        .map_or_else(|_| format!("{minutes} min"), |d| format!("{}, {d}", d.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_separated() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_420_306), "1,420,306");
        assert_eq!(count(-1_167), "−1,167");
    }

    #[test]
    fn an_imported_message_is_known_by_its_second() {
        assert_eq!(message(1_420_306), "1,420,306");
        for (second, told) in [
            (1_614_834_367, "2021-03-04 05:06:07 UTC"),
            (1_709_164_800, "2024-02-29 00:00:00 UTC"),
            (1_735_689_599, "2024-12-31 23:59:59 UTC"),
            (86_400, "1970-01-02 00:00:00 UTC"),
        ] {
            let id = place::of(second, 7).map(|id| message(id.0));
            assert_eq!(id.as_deref(), Some(told));
        }
    }

    #[test]
    fn a_change_has_a_sign_and_no_change_is_zero() {
        assert_eq!([change(10, 825), change(655, 443), change(5, 5)], ["+815", "−212", "0"]);
    }

    #[test]
    fn unknown_money_is_never_zero() {
        assert_eq!(usd(None), "unknown");
        assert_eq!([usd(Some(0.00203)), usd(Some(0.0018))], ["$0.00203", "$0.00180"]);
        assert_eq!(usd(Some(1.13)), "$1.13");
    }

    #[test]
    fn a_change_of_money_has_a_sign() {
        assert_eq!([usd_change(0.002, 0.0028), usd_change(1.5, 1.0)], ["+$0.00080", "−$0.5000"]);
        assert_eq!([usd_change(0.002, 0.002), usd_change(0.002, 0.002_000_001)], ["$0", "$0"]);
    }

    #[test]
    fn spans_and_durations_read_well() {
        assert_eq!([span(40), span(2_480), span(72_000)], ["0.04 s", "2.48 s", "1 min 12 s"]);
        assert_eq!(span(83_408_000), "23 h 10 min");
        assert_eq!([named_duration(360), duration(90)], ["medium, 6 h", "1 h 30 min"]);
    }
}
