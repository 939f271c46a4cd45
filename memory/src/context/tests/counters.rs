//! Deterministic stand-ins for a tokenizer: first one that behaves.

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
