//! Where imported messages stand: their numbers are below zero and grow with the time at which they were said.
//!
//! A number is `-(2^53) + (second << 20) + place`. The place within a second is taken from the message's number in the exported
//! chat, which grows there: so messages of one second keep their order, and a record that is imported again is looked for in
//! the same place. Only where messages of two chats fall on the same place is the next free one taken. All such numbers are
//! whole numbers to everything that reads JSON.

use crate::MessageId;

/// Every number of an imported message is this or more.
pub const FIRST: MessageId = MessageId(-(1 << 53) + 1);
/// How many places a second has.
const PLACES: i64 = 1 << 20;
/// Seconds since 1970 that have places: from then until 2242.
const SECONDS: std::ops::Range<i64> = 1..1 << 33;

/// The place of a message that was said in a second (since 1970) and has this number in its chat; none for a time that no
/// message can have.
#[must_use]
pub fn of(second: i64, number: i64) -> Option<MessageId> {
    SECONDS.contains(&second).then(|| MessageId(-(1 << 53) + (second << 20) + number.rem_euclid(PLACES)))
}

/// The place after another, within the same second; from the last on to the first.
#[must_use]
pub fn next(id: MessageId) -> MessageId {
    let within = id.0.rem_euclid(PLACES);
    MessageId(id.0 - within + (within + 1) % PLACES)
}

/// Whether a number is that of an imported message.
#[must_use]
pub fn is_imported(id: MessageId) -> bool {
    id.0 < 0
}

/// The second in which an imported message was said; none for other messages.
#[must_use]
pub fn second_of(id: MessageId) -> Option<i64> {
    is_imported(id).then(|| (id.0 + (1 << 53)) >> 20)
}
