//! Facts and summaries: what is remembered, in an order that depends on nothing but themselves.
//!
//! They share one cap; facts are served first. Neither is ever chosen by what was asked, which would change the
//! start of the prompt with every question. A fact or summary that does not fit is passed over and smaller ones
//! behind it may still fit: since facts are taken pinned first and then oldest first, a fact added later never
//! changes which of the earlier ones are shown.

use std::cmp::Reverse;

use super::{
    Snapshot,
    block::{Block, Frame, Line, fill},
};
use crate::{
    Fact, FactStatus, Timestamp, TokenCount, TokenCounter,
    manifest::{ItemKind, ItemRef, LeftOut, Reason, Section},
    prompt,
};

/// The facts shown at `now` within `room`, and those that are not, each with its reason; `cap` is what to say of it.
pub(super) fn facts(
    snapshot: &Snapshot,
    now: Timestamp,
    room: TokenCount,
    cap: TokenCount,
    counter: &dyn TokenCounter,
) -> (Block, Vec<LeftOut>) {
    let (mut shown, others): (Vec<&Fact>, Vec<&Fact>) = snapshot.facts.iter().partition(|fact| fact.is_in_force(now));
    shown.sort_by_key(|fact| (Reverse(fact.pinned), fact.created_at, fact.id));
    let lines: Vec<Line> = shown.iter().enumerate().map(|(place, fact)| fact_line(fact, place)).collect();
    let frame = Frame { section: Section::Facts, open: prompt::FACTS_OPEN, close: prompt::FACTS_CLOSE, tail: None };
    let block = fill(&frame, &lines.iter().collect::<Vec<_>>(), room, counter);

    let mut left_out = no_room(&lines, &block, cap, counter);
    left_out.extend(others.into_iter().map(|fact| {
        let waits = fact.status == FactStatus::Pending;
        let line = fact_line(fact, 0);
        let tokens = line.tokens(counter);
        left(line.kind, line.item, tokens, if waits { Reason::Pending } else { Reason::NotInForce })
    }));
    (block, left_out)
}

/// The digests that fit, in their order: they change once a day, summaries whenever an episode ends.
pub(super) fn digests(
    snapshot: &Snapshot,
    room: TokenCount,
    cap: TokenCount,
    counter: &dyn TokenCounter,
) -> (Block, Vec<LeftOut>) {
    let lines: Vec<Line> = snapshot
        .digests
        .iter()
        .enumerate()
        .map(|(place, digest)| {
            let text = prompt::digest_line(&digest.days, &digest.text);
            line(text, ItemKind::Digest, ItemRef::Digest { digest_id: digest.id }, place)
        })
        .collect();
    let frame =
        Frame { section: Section::Summaries, open: prompt::DIGESTS_OPEN, close: prompt::DIGESTS_CLOSE, tail: None };
    let block = fill(&frame, &lines.iter().collect::<Vec<_>>(), room, counter);
    let left_out = no_room(&lines, &block, cap, counter);
    (block, left_out)
}

/// The summaries that fit, newest first, shown oldest first; and those that do not.
pub(super) fn summaries(
    snapshot: &Snapshot,
    room: TokenCount,
    cap: TokenCount,
    counter: &dyn TokenCounter,
) -> (Block, Vec<LeftOut>) {
    let newest_first = snapshot.summaries.iter().enumerate().rev();
    let lines: Vec<Line> = newest_first
        .map(|(place, summary)| {
            let text = prompt::summary_line(&summary.text);
            let item = ItemRef::Summary { episode_id: summary.episode.0, version: summary.version };
            line(text, ItemKind::Summary, item, place)
        })
        .collect();
    let frame =
        Frame { section: Section::Summaries, open: prompt::SUMMARIES_OPEN, close: prompt::SUMMARIES_CLOSE, tail: None };
    let block = fill(&frame, &lines.iter().collect::<Vec<_>>(), room, counter);
    let left_out = no_room(&lines, &block, cap, counter);
    (block, left_out)
}

fn fact_line(fact: &Fact, place: usize) -> Line {
    let item = ItemRef::Fact { fact_id: fact.id.0, version: fact.version };
    line(prompt::fact_line(fact), ItemKind::Fact, item, place)
}

fn line(text: String, kind: ItemKind, item: ItemRef, place: usize) -> Line {
    Line::new(text, TokenCount::ZERO, kind, item, (i64::try_from(place).unwrap_or(i64::MAX), 0))
}

fn no_room(lines: &[Line], block: &Block, cap: TokenCount, counter: &dyn TokenCounter) -> Vec<LeftOut> {
    let dropped = lines.iter().zip(&block.taken).filter(|(_, taken)| !**taken);
    dropped
        .map(|(line, _)| left(line.kind, line.item.clone(), line.tokens(counter), Reason::NoRoom { cap: cap.0 }))
        .collect()
}

/// One thing left out by itself.
pub(super) fn left(kind: ItemKind, item: ItemRef, tokens: TokenCount, reason: Reason) -> LeftOut {
    LeftOut { kind, item: Some(item), range: None, count: 1, tokens, reason }
}
