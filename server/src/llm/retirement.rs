//! When models are switched off, where their provider has said so: a dated table. What an endpoint itself announces of a
//! model stands over it.

use super::prices::is_version_of;

/// When the table was last compared with the provider's announcements.
pub const AS_OF: &str = "2026-11-03";

const DATES: [(&str, &str); 7] = [
    ("gpt-5", "2026-12-11"),
    ("gpt-5-mini", "2026-12-11"),
    ("gpt-4o", "2027-01-14"),
    ("gpt-4o-mini", "2027-01-14"),
    ("gpt-4.1", "2027-01-14"),
    ("gpt-4o-transcribe", "2027-02-26"),
    ("whisper-1", "2027-02-26"),
];

/// The day on which a model is switched off, as far as is known: `2026-12-11`.
#[must_use]
pub fn shutdown_date(model: &str) -> Option<&'static str> {
    DATES.iter().find(|(name, _)| is_version_of(model, name)).map(|(_, date)| *date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_goes_with_its_model_and_others_stay() {
        assert_eq!(shutdown_date("gpt-4o-2024-08-06"), Some("2027-01-14"));
        assert_eq!([shutdown_date("gpt-6-luna"), shutdown_date("gpt-4o-large")], [None, None]);
    }

    #[test]
    fn every_date_is_one() {
        assert!(DATES.iter().all(|(_, date)| date.parse::<jiff::civil::Date>().is_ok()));
    }
}
