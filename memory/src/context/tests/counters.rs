//! Deterministic stand-ins for a tokenizer: one that behaves, and some that do not.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Encoding, TokenCount, TokenCounter};

/// A token for each word, each line break and each other mark. Adds up over lines, as real tokenizers do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words;

impl TokenCounter for Words {
    fn encoding(&self) -> Encoding {
        Encoding::O200kBase
    }

    fn count(&self, text: &str) -> TokenCount {
        let mut tokens = 0;
        let mut in_word = false;
        for char in text.chars() {
            let is_word = char.is_alphanumeric();
            if (is_word && !in_word) || char == '\n' || !(is_word || char.is_whitespace()) {
                tokens += 1;
            }
            in_word = is_word;
        }
        TokenCount(tokens)
    }
}

/// [`Words`], or a tokenizer whose counts do not add up over lines.
#[derive(Clone, Copy, Debug)]
pub(super) enum AnyCounter {
    /// The whole counts as its parts.
    Words,
    /// The whole counts more than its parts.
    MoreTogether,
    /// The whole counts less than its parts.
    LessTogether,
    /// The whole counts far more than its parts.
    MuchMoreTogether,
    /// Whatever is counted is one token.
    OneEach,
}

impl TokenCounter for AnyCounter {
    fn encoding(&self) -> Encoding {
        Encoding::Cl100kBase
    }

    fn count(&self, text: &str) -> TokenCount {
        let bytes = u32::try_from(text.len()).unwrap();
        match self {
            Self::Words => Words.count(text),
            Self::MoreTogether => TokenCount(bytes / 7),
            Self::LessTogether => TokenCount(bytes.div_ceil(7)),
            Self::MuchMoreTogether => TokenCount(bytes / 7 + (bytes / 40) * (bytes / 400)),
            Self::OneEach => TokenCount(1),
        }
    }
}

/// [`Words`], noting how many bytes it was asked to count.
#[derive(Debug, Default)]
pub(super) struct Metered {
    /// The bytes counted so far.
    pub(super) bytes: AtomicUsize,
}

impl TokenCounter for Metered {
    fn encoding(&self) -> Encoding {
        Encoding::O200kBase
    }

    fn count(&self, text: &str) -> TokenCount {
        self.bytes.fetch_add(text.len(), Ordering::Relaxed);
        Words.count(text)
    }
}
