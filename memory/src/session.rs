//! The session duration: how long a message stays in `short_term`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A session duration: one of three named ones, or any number of minutes within [`SessionDuration::RANGE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub enum SessionDuration {
    /// 3 hours.
    Short,
    /// 6 hours.
    #[default]
    Medium,
    /// 12 hours.
    Long,
    /// Minutes, within [`SessionDuration::RANGE`].
    Custom(u32),
}

/// A duration that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("session_duration is {0}: use short, medium, long, or a number of minutes from 15 to 10080 (7 days)")]
pub struct InvalidDuration(pub String);

impl SessionDuration {
    /// The minutes a custom duration may have: a quarter of an hour to a week.
    pub const RANGE: std::ops::RangeInclusive<u32> = 15..=10_080;

    /// A duration of so many minutes; the named one where there is one.
    ///
    /// # Errors
    /// [`InvalidDuration`] outside [`SessionDuration::RANGE`].
    pub fn from_minutes(minutes: u32) -> Result<Self, InvalidDuration> {
        match minutes {
            180 => Ok(Self::Short),
            360 => Ok(Self::Medium),
            720 => Ok(Self::Long),
            m if Self::RANGE.contains(&m) => Ok(Self::Custom(m)),
            m => Err(InvalidDuration(m.to_string())),
        }
    }

    /// Its length in minutes.
    #[must_use]
    pub fn minutes(self) -> u32 {
        match self {
            Self::Short => 180,
            Self::Medium => 360,
            Self::Long => 720,
            Self::Custom(minutes) => minutes,
        }
    }

    /// `short`, `medium`, `long` or `custom`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Medium => "medium",
            Self::Long => "long",
            Self::Custom(_) => "custom",
        }
    }

    /// The first moment that still is in `short_term` at `now`.
    #[must_use]
    pub fn start(self, now: Timestamp) -> Timestamp {
        now.minus_minutes(self.minutes())
    }
}

/// `3 h`, `45 min`, `2 d 30 min`: for people.
impl std::fmt::Display for SessionDuration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let minutes = self.minutes();
        let parts = [(minutes / 60, "h"), (minutes % 60, "min")];
        let mut first = true;
        for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
            if !first {
                f.write_str(" ")?;
            }
            write!(f, "{count} {unit}")?;
            first = false;
        }
        Ok(())
    }
}

/// Reads `short`, `medium`, `long`, or a number of minutes.
impl std::str::FromStr for SessionDuration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "short" => Ok(Self::Short),
            "medium" => Ok(Self::Medium),
            "long" => Ok(Self::Long),
            other => other.parse().map_err(|_| InvalidDuration(text.to_owned())).and_then(Self::from_minutes),
        }
    }
}

/// On the wire a duration is a name or a number of minutes.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Minutes(u32),
    Name(String),
}

impl TryFrom<Wire> for SessionDuration {
    type Error = InvalidDuration;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        match wire {
            Wire::Minutes(minutes) => Self::from_minutes(minutes),
            Wire::Name(name) => name.parse(),
        }
    }
}

impl From<SessionDuration> for Wire {
    fn from(duration: SessionDuration) -> Self {
        match duration {
            SessionDuration::Custom(minutes) => Self::Minutes(minutes),
            named => Self::Name(named.name().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_durations_are_three_six_and_twelve_hours() {
        assert_eq!(
            ["short", "medium", "long"].map(|n| n.parse::<SessionDuration>().unwrap().minutes()),
            [180, 360, 720]
        );
    }

    #[test]
    fn minutes_outside_a_quarter_hour_to_a_week_are_refused_by_name() {
        for wrong in ["14", "10081", "-5", "soon", ""] {
            let error = wrong.parse::<SessionDuration>().unwrap_err().to_string();
            assert!(error.contains("15 to 10080"), "{error}");
        }
    }

    #[test]
    fn the_wire_form_is_a_name_or_a_number() {
        assert_eq!(serde_json::to_string(&SessionDuration::Long).unwrap(), "\"long\"");
        assert_eq!(serde_json::to_string(&SessionDuration::Custom(45)).unwrap(), "45");
        assert_eq!(serde_json::from_str::<SessionDuration>("180").unwrap(), SessionDuration::Short);
        assert_eq!(serde_json::from_str::<SessionDuration>("\"45\"").unwrap(), SessionDuration::Custom(45));
        assert!(serde_json::from_str::<SessionDuration>("3").is_err());
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(SessionDuration::Medium.to_string(), "6 h");
        assert_eq!(SessionDuration::Custom(90).to_string(), "1 h 30 min");
    }
}
