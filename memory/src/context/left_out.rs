//! Which messages the model does not see: few ranges, each with a count and a reason.
//!
//! Between two messages that are seen there is one entry for each reason, with the first and last message it holds
//! for. Ranges of different reasons may therefore overlap, as when commands stand among old messages; the counts
//! never do: they add up to the messages not seen.

use std::collections::BTreeMap;

use super::{ContextSettings, Snapshot, recent::Cut};
use crate::{
    Message, MessageId, Timestamp, TokenCount,
    manifest::{ItemKind, LeftOut, MessageRange, Reason},
};

/// The ranges of `messages` that are absent, save those that recall quotes.
pub(super) fn ranges<'a>(
    messages: impl Iterator<Item = (&'a Message, Option<Reason>)>,
    quoted: &BTreeMap<MessageId, TokenCount>,
) -> Vec<LeftOut> {
    let mut ranges: Vec<LeftOut> = Vec::new();
    let mut stretch = 0;
    for (message, reason) in messages {
        let Some(reason) = reason.filter(|_| !quoted.contains_key(&message.id)) else {
            stretch = ranges.len();
            continue;
        };
        match ranges[stretch..].iter_mut().find(|range| range.reason == reason) {
            Some(range) => extend(range, message),
            None => ranges.push(LeftOut {
                kind: ItemKind::Message,
                item: None,
                range: Some(MessageRange { first: message.id, last: message.id }),
                count: 1,
                tokens: message.tokens,
                reason,
            }),
        }
    }
    ranges
}

fn extend(entry: &mut LeftOut, message: &Message) {
    entry.count += 1;
    entry.tokens += message.tokens;
    if let Some(range) = &mut entry.range {
        range.last = message.id;
    }
}

/// What lies before the messages of the snapshot, less what recall quotes of it.
pub(super) fn older(
    snapshot: &Snapshot,
    settings: &ContextSettings,
    now: Timestamp,
    cut: Cut,
    quoted: &BTreeMap<MessageId, TokenCount>,
) -> Vec<LeftOut> {
    let runs = snapshot.older.iter().map(|run| {
        let mut entry = LeftOut {
            kind: ItemKind::Message,
            item: None,
            range: Some(run.range),
            count: run.count,
            tokens: run.tokens,
            reason: older_reason(run.archived, run.range, snapshot, settings, now, cut),
        };
        if !run.archived {
            for tokens in quoted.range(run.range.first..=run.range.last).map(|(_, tokens)| *tokens) {
                entry.count = entry.count.saturating_sub(1);
                entry.tokens = entry.tokens.saturating_sub(tokens);
            }
        }
        entry
    });
    runs.filter(|entry| entry.count > 0).collect()
}

/// Why a run before the snapshot is not recent. Its times are not known, but it is older than all the snapshot has.
fn older_reason(
    archived: bool,
    range: MessageRange,
    snapshot: &Snapshot,
    settings: &ContextSettings,
    now: Timestamp,
    cut: Cut,
) -> Reason {
    let first = snapshot.messages.first();
    let begins_in_session = first.is_some_and(|message| message.at >= settings.session.start(now));
    let begins_before_mark = first.zip(snapshot.trim_mark).is_some_and(|(message, mark)| message.id < mark);
    if archived {
        Reason::Archived
    } else if snapshot.context_start.is_some_and(|start| range.last < start) {
        Reason::BeforeReset
    } else if begins_in_session && begins_before_mark {
        // Reading ended where the last context was trimmed.
        Reason::Trimmed
    } else if begins_in_session && cut.fitting > 0 {
        // Newer ones already found no room, whether these are within the session or not.
        Reason::NoRoom { cap: cut.room.0 }
    } else {
        Reason::OlderThanSession { minutes: settings.session.minutes() }
    }
}
