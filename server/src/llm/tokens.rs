//! Counting tokens exactly, off the async threads where that takes long.
//!
//! Counts come from `bpe-openai`, which agrees with the provider's own tokenizer, stays linear on any input and
//! cannot overflow a stack. A vocabulary is loaded when it is first needed (a tenth of a second, 20 MB) and stays.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError},
};

use souvenir_memory::{Encoding, TokenCount, TokenCounter};
use souvenir_vocabulary::Vocabulary;

#[cfg(test)]
mod tests;

/// Texts up to so many bytes are counted where they are: less work than handing them to another thread.
const INLINE_BYTES: usize = 4096;

/// Counts in one encoding. Costs nothing to make; the vocabulary is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BpeCounter {
    encoding: Encoding,
}

impl BpeCounter {
    /// A counter for `encoding`.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        Self { encoding }
    }

    /// A counter for the encoding of a model, by its name.
    #[must_use]
    pub fn of_model(model: &str) -> Self {
        Self::new(Encoding::of_model(model))
    }
}

impl TokenCounter for BpeCounter {
    fn encoding(&self) -> Encoding {
        self.encoding
    }

    fn count(&self, text: &str) -> TokenCount {
        let tokens = vocabulary(self.encoding).get_or_init(|| load(self.encoding)).count(text);
        TokenCount(u32::try_from(tokens).unwrap_or(u32::MAX))
    }

    /// Both encodings part a text after a line break that something visible follows, so lines add up.
    fn count_lines(&self, text: &str, lines: TokenCount) -> TokenCount {
        debug_assert_eq!(self.count(text), lines);
        lines
    }

    fn count_within(&self, before: &str, text: &str, tokens: TokenCount, after: &str) -> TokenCount {
        within(self, before, text, tokens, after)
    }
}

/// Both encodings part a text before a space that follows something visible, so that only the first and the last word of a
/// text can join what is around it, and the rest of it keeps its count.
fn within(counter: &dyn TokenCounter, before: &str, text: &str, tokens: TokenCount, after: &str) -> TokenCount {
    let parts = |at: &usize| *at > 0 && !text[..*at].ends_with(char::is_whitespace);
    let first = text.match_indices(' ').map(|(at, _)| at).find(parts);
    let last = text.rmatch_indices(' ').map(|(at, _)| at).find(parts);
    let (Some(first), Some(last)) = (first, last) else {
        return counter.count(&[before, text, after].concat());
    };
    let (first, last) = (&text[..first], &text[last..]);
    let between = tokens.saturating_sub(counter.count(first) + counter.count(last));
    let all = between + counter.count(&[before, first].concat()) + counter.count(&[last, after].concat());
    debug_assert_eq!(all, counter.count(&[before, text, after].concat()));
    all
}

/// How much text the memory of counts may hold, for each encoding, before it starts anew.
const REMEMBERED_BYTES: usize = 1 << 20;

/// A counter that remembers. For what stands in context after context: prompts, facts, lines that recall brings again.
#[derive(Clone, Copy, Debug)]
pub struct RememberingCounter(BpeCounter);

/// Texts with their counts, and the bytes of all of them.
type Remembered = (HashMap<Box<str>, TokenCount>, usize);

impl RememberingCounter {
    /// A counter for `encoding`. All of one encoding share one memory.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        Self(BpeCounter::new(encoding))
    }

    fn memory(self) -> MutexGuard<'static, Remembered> {
        static O200K: LazyLock<Mutex<Remembered>> = LazyLock::new(Mutex::default);
        static CL100K: LazyLock<Mutex<Remembered>> = LazyLock::new(Mutex::default);
        let memory = match self.0.encoding {
            Encoding::O200kBase => &O200K,
            Encoding::Cl100kBase => &CL100K,
        };
        memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(self, text: &str) -> Option<TokenCount> {
        self.memory().0.get(text).copied()
    }
}

impl TokenCounter for RememberingCounter {
    fn encoding(&self) -> Encoding {
        self.0.encoding
    }

    fn count(&self, text: &str) -> TokenCount {
        if let Some(tokens) = self.recall(text) {
            return tokens;
        }
        let tokens = self.0.count(text);
        let mut memory = self.memory();
        let (counts, bytes) = &mut *memory;
        if *bytes + text.len() > REMEMBERED_BYTES {
            counts.clear();
            *bytes = 0;
        }
        if text.len() <= REMEMBERED_BYTES && counts.insert(text.into(), tokens).is_none() {
            *bytes += text.len();
        }
        tokens
    }

    fn count_lines(&self, text: &str, lines: TokenCount) -> TokenCount {
        self.0.count_lines(text, lines)
    }

    fn count_within(&self, before: &str, text: &str, tokens: TokenCount, after: &str) -> TokenCount {
        within(self, before, text, tokens, after)
    }
}

/// Lets go of the texts whose counts are remembered: one of them may have been forgotten.
pub fn forget_counts() {
    for encoding in [Encoding::O200kBase, Encoding::Cl100kBase] {
        *RememberingCounter::new(encoding).memory() = Remembered::default();
    }
}

/// Counts `text` without holding up other tasks: a long text, or the first one ever, is counted on a thread of
/// its own.
pub async fn count_off_thread(encoding: Encoding, text: &str) -> TokenCount {
    if let Some(tokens) = RememberingCounter::new(encoding).recall(text) {
        return tokens;
    }
    let counter = BpeCounter::new(encoding);
    if text.len() <= INLINE_BYTES && vocabulary(encoding).get().is_some() {
        return counter.count(text);
    }
    let owned = text.to_owned();
    let counted = tokio::task::spawn_blocking(move || counter.count(&owned)).await;
    // The task fails only while the runtime shuts down; then nobody minds the wait.
    counted.unwrap_or_else(|_| counter.count(text))
}

/// Where a vocabulary is kept once loaded.
fn vocabulary(encoding: Encoding) -> &'static OnceLock<Vocabulary> {
    static O200K: OnceLock<Vocabulary> = OnceLock::new();
    static CL100K: OnceLock<Vocabulary> = OnceLock::new();
    match encoding {
        Encoding::O200kBase => &O200K,
        Encoding::Cl100kBase => &CL100K,
    }
}

fn load(encoding: Encoding) -> Vocabulary {
    match encoding {
        Encoding::O200kBase => Vocabulary::o200k_base(),
        Encoding::Cl100kBase => Vocabulary::cl100k_base(),
    }
}
