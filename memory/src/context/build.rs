//! The build itself: gives out the room, then lays out the request and its manifest.

use super::{
    Built, Context, ContextMessage, ContextSettings, MessageTooLarge, Snapshot,
    block::Tail,
    layout::{Layout, manifest},
    left_out,
    recall::{Hits, Quoted, SURE},
    recent::{Cut, ShortTerm},
    sections, validate,
};
use crate::{
    MessageId, Role, Timestamp, TokenCount, TokenCounter,
    manifest::{ItemKind, LeftOut, Reason},
    prompt,
    tier::Boundary,
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};

/// Builds the context that answers `snapshot.current`, and its manifest.
///
/// The same arguments give the same bytes. The work grows with the size of the snapshot and no faster. Counts of
/// stored messages are taken from the messages; everything else is counted with `counter`.
///
/// # Errors
/// [`MessageTooLarge`] when the current messages with the system prompt alone do not fit.
pub fn build(snapshot: &Snapshot, settings: &ContextSettings, now: Timestamp, counter: &dyn TokenCounter) -> Built {
    let limits = Limits::of(settings);
    let system = system_message(snapshot, counter);
    let definition = settings.tool.map(|tool| tool.definition);
    let fixed = definition.unwrap_or_default()
        + system.as_ref().map_or(TokenCount::ZERO, |message| message.tokens)
        + snapshot.current.iter().map(|message| message.tokens + MESSAGE_OVERHEAD).sum::<TokenCount>()
        + ANSWER_PRIMING;
    if fixed > limits.hard {
        return Err(too_large(snapshot, settings, fixed));
    }

    let mut room = limits.available.saturating_sub(fixed);
    let (clock, no_clock) = clock(snapshot, room, counter);
    room = room.saturating_sub(clock.as_ref().map_or(TokenCount::ZERO, Tail::cost));

    let memory = limits.memory.min(room);
    let (facts, facts_out) = sections::facts(snapshot, now, memory, limits.memory, counter);
    let memory = memory.saturating_sub(facts.tokens);
    let (digests, digests_out) = sections::digests(snapshot, memory, limits.memory, counter);
    let memory = memory.saturating_sub(digests.tokens);
    let (summaries, summaries_out) = sections::summaries(snapshot, memory, limits.memory, counter);
    room = room.saturating_sub(facts.tokens).saturating_sub(digests.tokens).saturating_sub(summaries.tokens);

    let boundary = Boundary { session: settings.session, context_start: snapshot.context_start };
    let short_term = ShortTerm::of(snapshot, &boundary, now);
    let hits = Hits::of(snapshot, &facts_out, clock);
    let Live { cut, quoted, recall_cap } = live(&short_term, &hits, snapshot.trim_mark, room, limits.recent, counter);

    let mut left_out = [facts_out, digests_out, summaries_out].concat();
    left_out.retain(|out| out.item.as_ref().is_none_or(|item| !quoted.facts.contains(item)));
    left_out.extend(left_out::older(snapshot, settings, now, cut, &quoted.messages));
    left_out.extend(left_out::ranges(short_term.absences(cut), &quoted.messages));
    left_out.extend(quoted.left_out);
    left_out.extend(no_clock);

    let mut layout = Layout::default();
    layout.system(system, &snapshot.system_prompt.sha256);
    layout.tool(definition);
    layout.block(facts);
    layout.block(digests);
    layout.block(summaries);
    let trim_mark = layout.recent(short_term.messages_since(cut.kept));
    layout.block(quoted.block);
    layout.current(&snapshot.current);

    let caps = limits.caps(cut.room, recall_cap);
    let manifest = manifest(layout.segments, left_out, caps, settings, now, counter);
    let context = Context { messages: layout.messages, trim_mark };
    debug_assert_eq!(validate::flaw(&context, &manifest, settings), None);
    Ok((context, manifest))
}

/// The budget's limits in raw tokens, converted once.
struct Limits {
    hard: TokenCount,
    available: TokenCount,
    system: TokenCount,
    memory: TokenCount,
    recent: TokenCount,
    current: TokenCount,
}

impl Limits {
    fn of(settings: &ContextSettings) -> Self {
        let budget = settings.budget;
        let raw = |limit| settings.scale.raw_limit(limit);
        let answers = settings.tool.map_or(TokenCount::ZERO, |tool| tool.answers);
        Self {
            hard: raw(budget.hard_limit()),
            available: raw(budget.available()).saturating_sub(answers),
            system: raw(budget.system()),
            memory: raw(budget.memory()),
            recent: raw(budget.recent()),
            current: raw(budget.current()),
        }
    }

    /// What each section may take, in prompt order, once `recent` and `recalled` are known.
    fn caps(&self, recent: TokenCount, recalled: TokenCount) -> [TokenCount; 6] {
        [self.system, self.memory, self.memory, recent, recalled, self.current]
    }
}

/// The system prompt as a message; none when it is empty, since some servers refuse a message without content.
fn system_message(snapshot: &Snapshot, counter: &dyn TokenCounter) -> Option<ContextMessage> {
    let text = &snapshot.system_prompt.text;
    (!text.trim().is_empty()).then(|| ContextMessage {
        role: Role::System,
        content: text.clone(),
        tokens: counter.count(text) + MESSAGE_OVERHEAD,
    })
}

fn too_large(snapshot: &Snapshot, settings: &ContextSettings, fixed: TokenCount) -> MessageTooLarge {
    let texts: TokenCount = snapshot.current.iter().map(|message| message.tokens).sum();
    let others = fixed.saturating_sub(texts);
    MessageTooLarge {
        tokens: settings.scale.apply(texts),
        limit: settings.budget.hard_limit().saturating_sub(settings.scale.apply(others)),
    }
}

/// The clock, if there is room for it, or the record that there was none.
fn clock(snapshot: &Snapshot, room: TokenCount, counter: &dyn TokenCounter) -> (Option<Tail>, Option<LeftOut>) {
    let Some(clock) = &snapshot.clock else { return (None, None) };
    let text = prompt::clock_line(clock);
    let tail = Tail { tokens: counter.count(&text), text };
    if tail.cost() <= room {
        return (Some(tail), None);
    }
    let reason = Reason::NoRoom { cap: room.0 };
    (None, Some(LeftOut { kind: ItemKind::Clock, item: None, range: None, count: 1, tokens: tail.tokens, reason }))
}

/// The two sections that share what facts and summaries leave.
struct Live {
    cut: Cut,
    quoted: Quoted,
    recall_cap: TokenCount,
}

/// Divides `room` between recent messages and recall.
///
/// Each needs to know the other: recall must not quote what stands in recent messages, and those take what recall
/// leaves. So recall is asked first, as if everything since the mark would stay; if it cannot, recent messages are
/// cut by what recall left, and recall is asked again, now with what the cut removed within its reach. What neither the
/// best hits nor recent messages want goes to the other hits.
fn live(
    short_term: &ShortTerm<'_>,
    hits: &Hits,
    trim_mark: Option<MessageId>,
    room: TokenCount,
    recent_cap: TokenCount,
    counter: &dyn TokenCounter,
) -> Live {
    let base = short_term.since(trim_mark);
    let promised = short_term.tokens_since(base).min(recent_cap);
    let recall_room = room.saturating_sub(promised);
    let mut quoted = hits.quote(SURE, short_term, base, recall_room, counter);

    let quotes = quoted.block.tokens.saturating_sub(hits.clock_cost());
    let cut = short_term.cut(base, room.saturating_sub(quotes));
    let unspent = room.saturating_sub(short_term.tokens_since(cut.kept));
    let recall_room = if hits.are_many() { unspent } else { recall_room.min(unspent) };
    if hits.are_many() || cut.kept != base {
        quoted = hits.quote(usize::MAX, short_term, cut.kept, recall_room, counter);
    }
    Live { cut, quoted, recall_cap: recall_room + hits.clock_cost() }
}
