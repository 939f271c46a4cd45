//! A moment as people read it. The server writes it out: zones and calendars do not travel to the browser.

use serde::{Deserialize, Serialize};

/// A moment in the chat's time zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since the epoch, for positions on an axis.
    pub ms: i64,
    /// For `<time datetime>`: `2026-11-22T14:18:00Z`.
    pub rfc3339: String,
    /// The time of day: `14:18`.
    pub time: String,
    /// The day in full: `Sunday 22 November 2026`.
    pub day: String,
    /// As short as it can be said today: `14:18`, `Yesterday`, `17 Nov`, `3 Nov 2025`.
    pub short: String,
}
