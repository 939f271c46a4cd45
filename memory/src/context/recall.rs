//! What recall found, as far as it fits, with the clock: the last system message before the question.
//!
//! Hits are taken best first and shown oldest first under their days, so that what was said later is also read later.
//! The best few come before more of the recent messages ([`SURE`]); the others fill what nothing else wants.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Snapshot,
    block::{Block, Frame, Line, Tail, fill},
    recent::{ShortTerm, is_spoken},
    sections::left,
};
use crate::{
    MessageId, TokenCount, TokenCounter,
    manifest::{ItemKind, ItemRef, LeftOut, Reason, Section},
    prompt,
};

/// How many of the hits come before further recent messages: beyond them few are what was asked for.
pub(super) const SURE: usize = 24;
/// How many of the hits that found no room are named; the others are counted with the messages out of sight.
const NAMED: usize = 8;

/// A message that recall found and that may be quoted, or a fact that found no room among the facts.
struct Hit {
    /// None for a fact.
    message: Option<MessageId>,
    /// The tokens of the message's or the fact's text.
    tokens: TokenCount,
    rank: u32,
    line: Line,
}

/// Everything that recall found and that may be quoted, best first, with the clock.
pub(super) struct Hits {
    hits: Vec<Hit>,
    clock: Option<Tail>,
}

/// The hits that were taken, as a message, and what was decided about the others.
pub(super) struct Quoted {
    /// The system message: the quotes and the clock.
    pub(super) block: Block,
    /// The messages quoted, with the tokens of their texts.
    pub(super) messages: BTreeMap<MessageId, TokenCount>,
    /// The facts quoted.
    pub(super) facts: Vec<ItemRef>,
    /// The hits neither quoted nor in the context word for word.
    pub(super) left_out: Vec<LeftOut>,
}

impl Hits {
    /// Writes down the hits of a snapshot, each message once; none that is being answered or no model may see.
    /// Facts in `no_room` that match take part.
    pub(super) fn of(snapshot: &Snapshot, no_room: &[LeftOut], clock: Option<Tail>) -> Self {
        let mut seen: BTreeSet<MessageId> = snapshot.current.iter().map(|message| message.id).collect();
        let mut hits = facts(snapshot, no_room);
        for recalled in &snapshot.recalled {
            let message = &recalled.message;
            if !is_spoken(message) || !seen.insert(message.id) {
                continue;
            }
            let text = prompt::recalled_line(prompt::speaker(message), &message.text);
            let item = ItemRef::Message { message_id: message.id.0, revision_id: message.revision.0 };
            let place = (message.at.0, message.id.0);
            let mut line = Line::new(text, message.tokens, ItemKind::Message, item, place).quoting(&message.text);
            line.heading = Some(prompt::recalled_heading(&recalled.day));
            line.score = Some(recalled.score);
            hits.push(Hit { message: Some(message.id), tokens: message.tokens, rank: 0, line });
        }
        // Stable: what recall ranked stays in its order.
        hits.sort_by(|a, b| b.line.score.unwrap_or_default().total_cmp(&a.line.score.unwrap_or_default()));
        for (rank, hit) in (1..).zip(&mut hits) {
            hit.rank = rank;
        }
        Self { hits, clock }
    }

    /// What the clock costs without any quotes.
    pub(super) fn clock_cost(&self) -> TokenCount {
        self.clock.as_ref().map_or(TokenCount::ZERO, Tail::cost)
    }

    /// Whether there is more than the [`SURE`] ones.
    pub(super) fn are_many(&self) -> bool {
        self.hits.len() > SURE
    }

    /// Quotes as many of the best `most` hits as `room` holds beside the clock, leaving out those that stand in the kept turns.
    pub(super) fn quote(
        &self,
        most: usize,
        short_term: &ShortTerm<'_>,
        kept: usize,
        room: TokenCount,
        counter: &dyn TokenCounter,
    ) -> Quoted {
        let wanted = self.hits.iter().filter(|hit| hit.message.is_none_or(|message| !short_term.holds(message, kept)));
        let wanted: Vec<&Hit> = wanted.take(most).collect();
        let lines: Vec<&Line> = wanted.iter().map(|hit| &hit.line).collect();
        let frame = Frame {
            section: Section::Recalled,
            open: prompt::RECALLED_OPEN,
            close: prompt::RECALLED_CLOSE,
            tail: self.clock.as_ref(),
        };
        let block = fill(&frame, &lines, room + self.clock_cost(), counter);

        let (mut messages, mut facts, mut left_out) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (hit, taken) in wanted.iter().zip(&block.taken) {
            match hit.message {
                Some(message) if *taken => {
                    messages.insert(message, hit.tokens);
                }
                None if *taken => facts.push(hit.line.item.clone()),
                Some(_) if left_out.len() < NAMED => {
                    let reason = Reason::RankedLower { rank: hit.rank };
                    left_out.push(left(ItemKind::Message, hit.line.item.clone(), hit.tokens, reason));
                }
                // A fact stands among those that found no room already.
                Some(_) | None => {}
            }
        }
        Quoted { block, messages, facts, left_out }
    }
}

/// The facts that match and found no room among the facts; they stand before all messages.
fn facts(snapshot: &Snapshot, no_room: &[LeftOut]) -> Vec<Hit> {
    let found = snapshot.facts.iter().filter_map(|fact| {
        let score = *snapshot.fact_scores.get(&fact.id)?;
        let item = ItemRef::Fact { fact_id: fact.id.0, version: fact.version };
        let out = no_room.iter().find(|out| out.item.as_ref() == Some(&item))?;
        let fits_elsewhere = matches!(out.reason, Reason::NoRoom { .. });
        let mut line = Line::new(prompt::fact_line(fact), out.tokens, ItemKind::Fact, item, (i64::MIN, fact.id.0));
        line.heading = Some(prompt::RECALLED_FACTS.to_owned());
        line.score = Some(score);
        fits_elsewhere.then_some(Hit { message: None, tokens: out.tokens, rank: 0, line })
    });
    let mut found: Vec<Hit> = found.collect();
    // The order in which facts are read decides nothing.
    found.sort_by_key(|hit| hit.line.place);
    found
}
