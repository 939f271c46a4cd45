//! A section's system message: lines of data between two marks, counted exactly.
//!
//! Lines are chosen by their own counts, since a line's count does not depend on its neighbours (see
//! [`crate::prompt`]). A counter for which that does not hold counts the message once more as a whole
//! ([`TokenCounter::count_lines`]), and whatever it makes of the seams goes to the frame: so the segments add up to the
//! message with any counter.

use crate::{
    Role, TokenCount, TokenCounter,
    context::ContextMessage,
    manifest::{ItemKind, ItemRef, Section, Segment},
    tokens::MESSAGE_OVERHEAD,
};

/// One line that may stand in a block.
pub(super) struct Line {
    /// What it says, ending in a newline.
    pub(super) text: String,
    /// The raw tokens of `text`.
    pub(super) tokens: TokenCount,
    /// What it is.
    pub(super) kind: ItemKind,
    /// What it names.
    pub(super) item: ItemRef,
    /// Recall only: how well it matched.
    pub(super) score: Option<f64>,
    /// Where it stands among the lines taken: smaller comes first.
    pub(super) place: (i64, i64),
}

/// What stands around the lines of a block.
pub(super) struct Frame<'a> {
    /// The section of all its segments.
    pub(super) section: Section,
    /// Before the first line.
    pub(super) open: &'a str,
    /// After the last line.
    pub(super) close: &'a str,
    /// After all, and there even without any lines: the clock.
    pub(super) tail: Option<&'a Tail>,
}

impl Frame<'_> {
    /// The raw tokens of all that is not a line.
    fn tokens(&self, counter: &dyn TokenCounter) -> TokenCount {
        counter.count(self.open) + counter.count(self.close) + self.tail.map_or(TokenCount::ZERO, |tail| tail.tokens)
    }
}

/// The clock: what is said after the lines of a block.
pub(super) struct Tail {
    /// What it says.
    pub(super) text: String,
    /// The raw tokens of `text`.
    pub(super) tokens: TokenCount,
}

impl Tail {
    /// What the tail costs when no line stands before it.
    pub(super) fn cost(&self) -> TokenCount {
        self.tokens + MESSAGE_OVERHEAD
    }
}

/// An assembled system message with the segments that account for it; empty when it has neither lines nor tail.
#[derive(Default)]
pub(super) struct Block {
    /// The exact content.
    pub(super) content: String,
    /// Its raw tokens with the message's overhead; zero when there is no message.
    pub(super) tokens: TokenCount,
    /// The parts, in order; their tokens sum to `tokens`.
    pub(super) segments: Vec<Segment>,
    /// For each candidate, whether it was taken.
    pub(super) taken: Vec<bool>,
}

impl Block {
    /// Moves the message, if there is one, and its segments to where they are collected.
    pub(super) fn append_to(self, messages: &mut Vec<ContextMessage>, segments: &mut Vec<Segment>) {
        if !self.content.is_empty() {
            messages.push(ContextMessage { role: Role::System, content: self.content, tokens: self.tokens });
            segments.extend(self.segments);
        }
    }
}

/// Fills a block with the first of `lines` that fit `room`, the whole message counted; `room` holds the tail at least.
///
/// A line that does not fit is passed over, so that one long line cannot shut out all that follow it.
pub(super) fn fill(frame: &Frame<'_>, lines: &[&Line], room: TokenCount, counter: &dyn TokenCounter) -> Block {
    let mut chosen = choose(frame, lines, room, counter);
    let mut step = 1;
    loop {
        let block = assemble(frame, lines, &chosen, counter);
        if chosen.is_empty() || block.tokens <= room {
            return block;
        }
        // Only a tokenizer whose counts do not add up comes here: give up the least wanted lines, ever faster.
        chosen.truncate(chosen.len().saturating_sub(step));
        step *= 2;
    }
}

/// The lines that fit by their own counts, most wanted first.
fn choose(frame: &Frame<'_>, lines: &[&Line], room: TokenCount, counter: &dyn TokenCounter) -> Vec<usize> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut used = MESSAGE_OVERHEAD + frame.tokens(counter);
    let mut chosen = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if used + line.tokens <= room {
            used += line.tokens;
            chosen.push(index);
        }
    }
    chosen
}

fn assemble(frame: &Frame<'_>, lines: &[&Line], chosen: &[usize], counter: &dyn TokenCounter) -> Block {
    let mut taken = vec![false; lines.len()];
    for &index in chosen {
        taken[index] = true;
    }
    let mut shown: Vec<&Line> = chosen.iter().map(|&index| lines[index]).collect();
    shown.sort_by_key(|line| line.place);

    let mut content = String::new();
    let mut tokens = frame.tail.map_or(TokenCount::ZERO, |tail| tail.tokens);
    if !shown.is_empty() {
        tokens = frame.tokens(counter) + shown.iter().map(|line| line.tokens).sum();
        content.push_str(frame.open);
        shown.iter().for_each(|line| content.push_str(&line.text));
        content.push_str(frame.close);
    }
    if let Some(tail) = frame.tail {
        content.push_str(&tail.text);
    }
    if content.is_empty() {
        return Block { taken, ..Block::default() };
    }
    let tokens = counter.count_lines(&content, tokens) + MESSAGE_OVERHEAD;
    Block { segments: segments(frame, &shown, tokens), content, tokens, taken }
}

/// The segments of a message of `total` tokens: its frame, its lines, its tail.
fn segments(frame: &Frame<'_>, shown: &[&Line], total: TokenCount) -> Vec<Segment> {
    let part = |kind, item, tokens, score| Segment { section: frame.section, kind, item, tokens, score };
    let lines = shown.iter().map(|line| part(line.kind, Some(line.item.clone()), line.tokens, line.score));
    let tail = frame.tail.map(|tail| part(ItemKind::Clock, None, tail.tokens, None));

    let mut segments = vec![part(ItemKind::Frame, None, TokenCount::ZERO, None)];
    segments.extend(lines.chain(tail));
    let parts: TokenCount = segments.iter().map(|segment| segment.tokens).sum();
    segments[0].tokens = total.saturating_sub(parts);

    // A tokenizer that joins across lines counts less for all than for each: the last parts bear the difference.
    let mut excess = parts.saturating_sub(total);
    for segment in segments.iter_mut().rev() {
        let less = excess.min(segment.tokens);
        segment.tokens = segment.tokens.saturating_sub(less);
        excess = excess.saturating_sub(less);
    }
    segments
}
