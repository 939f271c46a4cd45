//! A section's system message: lines of data between two marks, counted exactly.
//!
//! Lines are chosen by their own counts, since a line's count does not depend on its neighbours (see
//! [`crate::prompt`]). A counter for which that does not hold counts the message once more as a whole
//! ([`TokenCounter::count_lines`]), and whatever it makes of the seams goes to the frame: so the segments add up to the
//! message with any counter.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

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
    /// The raw tokens of `text`, once they are counted.
    counted: OnceCell<TokenCount>,
    /// No line has fewer: what is known without counting it.
    at_least: TokenCount,
    /// Where a text begins of which `at_least` is the exact count; it ends before the line's break. None where there is none.
    quoted_from: Option<usize>,
    /// What stands above it and the other lines of the same heading, ending in a newline.
    pub(super) heading: Option<String>,
    /// What it is.
    pub(super) kind: ItemKind,
    /// What it names.
    pub(super) item: ItemRef,
    /// Recall only: how well it matched.
    pub(super) score: Option<f64>,
    /// Where it stands among the lines taken: smaller comes first.
    pub(super) place: (i64, i64),
}

impl Line {
    /// A line that is counted when it is first thought of; `at_least` is known of it.
    pub(super) fn new(text: String, at_least: TokenCount, kind: ItemKind, item: ItemRef, place: (i64, i64)) -> Self {
        Self {
            text,
            counted: OnceCell::new(),
            at_least,
            quoted_from: None,
            heading: None,
            kind,
            item,
            score: None,
            place,
        }
    }

    /// The same line, which ends with a text of exactly `at_least` tokens, if it does so word for word.
    pub(super) fn quoting(mut self, text: &str) -> Self {
        self.quoted_from = self.text.strip_suffix('\n').and_then(|line| line.strip_suffix(text)).map(str::len);
        self
    }

    /// The raw tokens of `text`.
    pub(super) fn tokens(&self, counter: &dyn TokenCounter) -> TokenCount {
        *self.counted.get_or_init(|| {
            let Some((before, quoted)) = self.quoted_from.and_then(|from| self.text.split_at_checked(from)) else {
                return counter.count(&self.text);
            };
            counter.count_within(before, quoted.trim_end_matches('\n'), self.at_least, "\n")
        })
    }
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
    let mut headings = Headings::default();
    for (index, line) in lines.iter().enumerate() {
        // Most lines that do not fit are known not to without counting them.
        if used + line.at_least > room {
            continue;
        }
        let cost = line.tokens(counter) + headings.cost(line, counter);
        if used + cost <= room {
            used += cost;
            headings.shown.extend(line.heading.as_deref());
            chosen.push(index);
        }
    }
    chosen
}

/// The headings that stand in a block already, and what each costs.
#[derive(Default)]
struct Headings<'a> {
    shown: BTreeSet<&'a str>,
    counted: BTreeMap<&'a str, TokenCount>,
}

impl<'a> Headings<'a> {
    /// What it takes to put the heading of a line above it.
    fn cost(&mut self, line: &'a Line, counter: &dyn TokenCounter) -> TokenCount {
        match line.heading.as_deref() {
            Some(heading) if !self.shown.contains(heading) => {
                *self.counted.entry(heading).or_insert_with(|| counter.count(heading))
            }
            _ => TokenCount::ZERO,
        }
    }
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
        tokens = frame.tokens(counter);
        content.push_str(frame.open);
        let mut heading = None;
        for line in &shown {
            if let Some(above) = line.heading.as_deref().filter(|above| heading != Some(*above)) {
                content.push_str(above);
                tokens += counter.count(above);
                heading = Some(above);
            }
            content.push_str(&line.text);
            tokens += line.tokens(counter);
        }
        content.push_str(frame.close);
    }
    if let Some(tail) = frame.tail {
        content.push_str(&tail.text);
    }
    if content.is_empty() {
        return Block { taken, ..Block::default() };
    }
    let tokens = counter.count_lines(&content, tokens) + MESSAGE_OVERHEAD;
    Block { segments: segments(frame, &shown, tokens, counter), content, tokens, taken }
}

/// The segments of a message of `total` tokens: its frame with the headings, its lines, its tail.
fn segments(frame: &Frame<'_>, shown: &[&Line], total: TokenCount, counter: &dyn TokenCounter) -> Vec<Segment> {
    let part = |kind, item, tokens, score| Segment { section: frame.section, kind, item, tokens, score };
    let lines = shown.iter().map(|line| part(line.kind, Some(line.item.clone()), line.tokens(counter), line.score));
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
