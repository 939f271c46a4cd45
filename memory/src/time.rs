//! Moments and spans in milliseconds, the only form of time that the pure code and the database know.
//!
//! Calendars and zones belong to the edges of the program: whoever shows a time to a person converts it there.

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment `minutes` earlier, saturating at the ends of time.
    #[must_use]
    pub fn minus_minutes(self, minutes: u32) -> Self {
        Self(self.0.saturating_sub(i64::from(minutes) * 60_000))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
