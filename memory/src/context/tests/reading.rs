//! Reading a context and its manifest in tests.

use super::{
    counters::Words,
    snapshots::{NOW, settings},
};
use crate::{
    MessageId, TokenCount,
    context::{Context, Snapshot, build},
    manifest::{ItemKind, ItemRef, LeftOut, Manifest, MessageRange, Reason, Section},
};

/// Builds at the default budget of 8,000 and a session of 12 hours.
pub(super) fn built(snapshot: &Snapshot) -> (Context, Manifest) {
    build(snapshot, &settings(720), NOW, &Words).unwrap()
}

/// The messages named by the segments of a section, in order.
pub(super) fn ids(manifest: &Manifest, section: Section) -> Vec<i64> {
    let of_section = manifest.segments.iter().filter(|segment| segment.section == section);
    of_section
        .filter_map(|segment| match segment.item {
            Some(ItemRef::Message { message_id, .. }) => Some(message_id),
            _ => None,
        })
        .collect()
}

/// The raw tokens of a section's cap and use.
pub(super) fn cap_and_use(manifest: &Manifest, section: Section) -> (u32, u32) {
    let found = manifest.budget.sections.iter().find(|entry| entry.name == section).unwrap();
    (found.cap.0, found.used.0)
}

/// A range of messages left out.
pub(super) fn left_range(first: i64, last: i64, count: u32, tokens: u32, reason: Reason) -> LeftOut {
    let range = Some(MessageRange { first: MessageId(first), last: MessageId(last) });
    LeftOut { kind: ItemKind::Message, item: None, range, count, tokens: TokenCount(tokens), reason }
}
