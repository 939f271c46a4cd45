//! Cuts runs into chunks within a limit, where a reader would: between paragraphs, lines, sentences, words.
//!
//! Each chunk is filled as far as the limit lets it; within that stretch the last break of the best sort wins, as long
//! as the chunk does not become tiny by it. Only white space at a cut is dropped.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::{
    html,
    run::{Run, push},
};

/// The chunks of `runs`, each at most `limit` UTF-16 units and `entities`, and none without visible text.
pub(super) fn split(runs: &[Run], limit: usize, entities: usize) -> Vec<Vec<Run>> {
    let flat = Flat::new(runs);
    let mut chunks = Vec::new();
    let mut start = flat.skip_blank(0);
    while start < flat.text.len() {
        let furthest = flat.within(entities, start, start + fitting(&flat.text[start..], limit));
        let end = if furthest == flat.text.len() { furthest } else { flat.cut(start, furthest) };
        let chunk = flat.slice(start..flat.trim_end(start, end));
        if chunk.iter().any(|run| !run.text.trim().is_empty()) {
            chunks.push(chunk);
        }
        start = flat.skip_blank(end);
    }
    chunks
}

/// Bytes of the longest beginning of `text` within `limit` units, at a character's edge.
fn fitting(text: &str, limit: usize) -> usize {
    let mut units = 0;
    let too_far = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > limit
    });
    too_far.map_or(text.len(), |(at, _)| at)
}

/// The whole text in one piece, beside the runs it came from.
struct Flat<'a> {
    runs: &'a [Run],
    /// Where each run begins.
    starts: Vec<usize>,
    text: String,
}

impl<'a> Flat<'a> {
    fn new(runs: &'a [Run]) -> Self {
        let mut text = String::new();
        let mut starts = Vec::with_capacity(runs.len());
        for run in runs {
            starts.push(text.len());
            text.push_str(&run.text);
        }
        Self { runs, starts, text }
    }

    /// The run that holds the byte at `at`.
    fn run_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The end of the stretch that begins at `start` and opens at most so many entities; at least one run, at most to `end`.
    fn within(&self, entities: usize, start: usize, end: usize) -> usize {
        let first = self.run_at(start);
        let mut opened = 0;
        for (place, run) in self.runs.iter().enumerate().skip(first) {
            let before = place.checked_sub(1).filter(|_| place > first).and_then(|before| self.runs.get(before));
            opened += html::opened(before, run);
            if opened > entities && place > first {
                return end.min(self.starts[place]);
            }
            if self.starts[place] >= end {
                break;
            }
        }
        end
    }

    fn in_block(&self, at: usize) -> bool {
        self.runs.get(self.run_at(at)).is_some_and(|run| run.style.is_block())
    }

    /// The first byte at or after `from` that a chunk should begin with. A code block keeps its indentation.
    fn skip_blank(&self, from: usize) -> usize {
        if from < self.text.len() && self.in_block(from) {
            return if self.text[from..].starts_with('\n') { from + 1 } else { from };
        }
        let rest = &self.text[from..];
        let skipped = from + (rest.len() - rest.trim_start().len());
        let block = (from..skipped).find(|at| self.in_block(*at));
        block.unwrap_or(skipped)
    }

    fn trim_end(&self, start: usize, end: usize) -> usize {
        start + self.text[start..end].trim_end().len()
    }

    /// Where to end a chunk that begins at `start` and may reach to `furthest`; always after `start`.
    fn cut(&self, start: usize, furthest: usize) -> usize {
        let window = &self.text[start..furthest];
        let least = window.len() / 4;
        let breaks: [&dyn Fn() -> Option<usize>; 4] = [
            &|| window.rmatch_indices("\n\n").map(|(at, _)| at).find(|at| !self.in_block(start + at)),
            &|| window.rfind('\n'),
            &|| sentence_end(window),
            &|| window.rfind(char::is_whitespace),
        ];
        let best = breaks.into_iter().find_map(|find| find().filter(|at| *at > least));
        start + best.unwrap_or_else(|| self.between_characters(start, furthest))
    }

    /// The last place within the window that parts no character as people see it, or all of the window.
    fn between_characters(&self, start: usize, furthest: usize) -> usize {
        let window = furthest - start;
        // The next few bytes decide whether the last character goes on.
        let beyond = fitting(&self.text[furthest..], 32);
        let text = &self.text[start..furthest + beyond];
        let mut edges = text.grapheme_indices(true).map(|(at, _)| at).filter(|at| *at > 0 && *at <= window);
        edges.next_back().unwrap_or(window)
    }

    fn slice(&self, range: Range<usize>) -> Vec<Run> {
        let mut runs = Vec::new();
        for (run, start) in self.runs.iter().zip(&self.starts) {
            let from = range.start.max(*start);
            let to = range.end.min(start + run.text.len());
            if from < to {
                push(&mut runs, &self.text[from..to], &run.style);
            }
        }
        runs
    }
}

/// The place after the last sentence that ends within `window`.
fn sentence_end(window: &str) -> Option<usize> {
    let ends = |c: char| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？');
    window.rmatch_indices(ends).map(|(at, mark)| at + mark.len()).find(|at| {
        window[*at..]
            .chars()
            .next()
            .is_some_and(|next| next.is_whitespace() || !next.is_ascii() && next.is_alphabetic())
    })
}
