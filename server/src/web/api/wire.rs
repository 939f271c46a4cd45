//! Small forms of the wire: moments, and fields that may be set to nothing.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use souvenir_memory::Timestamp;
use utoipa::ToSchema;

use crate::clock::{parse_rfc3339, rfc3339};

/// A moment: RFC 3339 in UTC going out; any offset, or a date alone, coming in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-22T13:18:00.000Z")]
pub(super) struct Time(pub(super) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl std::str::FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let moment = parse_rfc3339(text).map(Self);
        moment.ok_or_else(|| format!("“{text}” is not a time: use RFC 3339, such as 2026-11-22T13:18:00Z"))
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// A whole number coming in. JSON knows no other numbers than numbers: `3.0` is 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole<T>(pub(super) T);

impl<'de, T: TryFrom<i64>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        // Exact: beyond 2^53 a float names no whole number that anybody meant.
        let float = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15);
        let whole = number.as_i64().or_else(|| format!("{:.0}", float()?).parse().ok());
        let within = whole.and_then(|whole| T::try_from(whole).ok()).map(Self);
        within.ok_or_else(|| de::Error::custom(format!("{number} is not a whole number that fits here")))
    }
}

/// Reads a field that may be null: absent leaves it as it is, null empties it.
pub(super) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Reads a name of a closed set, with an error that lists the set.
pub(super) fn name<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
    D: Deserializer<'de>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_may_be_written_with_a_point() {
        let read = |json: &str| serde_json::from_str::<Whole<u32>>(json).ok().map(|whole| whole.0);
        assert_eq!((read("3"), read("3.0"), read("40385.0")), (Some(3), Some(3), Some(40_385)));
        for wrong in ["3.5", "-1", "4294967296", "1e300", "\"3\"", "null", "[]"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
