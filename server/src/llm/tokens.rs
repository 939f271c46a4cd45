//! Counting tokens exactly, off the async threads where that takes long.
//!
//! Counts come from `bpe-openai`, which agrees with the provider's own tokenizer, stays linear on any input and
//! cannot overflow a stack. A vocabulary is loaded when it is first needed (some 90 ms and 60 MB each) and stays.

use std::sync::OnceLock;

use bpe_openai::Tokenizer;
use souvenir_memory::{Encoding, TokenCount, TokenCounter};

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
}

/// Counts `text` without holding up other tasks: a long text, or the first one ever, is counted on a thread of
/// its own.
pub async fn count_off_thread(encoding: Encoding, text: &str) -> TokenCount {
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
fn vocabulary(encoding: Encoding) -> &'static OnceLock<&'static Tokenizer> {
    static O200K: OnceLock<&Tokenizer> = OnceLock::new();
    static CL100K: OnceLock<&Tokenizer> = OnceLock::new();
    match encoding {
        Encoding::O200kBase => &O200K,
        Encoding::Cl100kBase => &CL100K,
    }
}

fn load(encoding: Encoding) -> &'static Tokenizer {
    match encoding {
        Encoding::O200kBase => bpe_openai::o200k_base(),
        Encoding::Cl100kBase => bpe_openai::cl100k_base(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use souvenir_memory::{
        prompt::summary_line,
        tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD, NAME_OVERHEAD},
    };
    use tiktoken_rs::CoreBPE;

    use super::*;

    const ENCODINGS: [Encoding; 2] = [Encoding::O200kBase, Encoding::Cl100kBase];

    fn count(encoding: Encoding, text: &str) -> u32 {
        BpeCounter::new(encoding).count(text).0
    }

    fn reference(encoding: Encoding) -> &'static CoreBPE {
        match encoding {
            Encoding::O200kBase => tiktoken_rs::o200k_base_singleton(),
            Encoding::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
        }
    }

    #[track_caller]
    fn assert_agrees(text: &str) {
        for encoding in ENCODINGS {
            let expected = reference(encoding).encode_ordinary(text).len();
            assert_eq!(count(encoding, text) as usize, expected, "{} of {text:?}", encoding.as_str());
        }
    }

    #[test]
    fn the_published_example_has_the_published_counts() {
        const MESSAGES: [(&str, Option<&str>, &str); 6] = [
            (
                "system",
                None,
                "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
            ),
            ("system", Some("example_user"), "New synergies will help drive top-line growth."),
            ("system", Some("example_assistant"), "Things working well together will increase revenue."),
            (
                "system",
                Some("example_user"),
                "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
            ),
            ("system", Some("example_assistant"), "Let's talk later when we're less busy about how to do better."),
            ("user", None, "This late pivot means we don't have time to boil the ocean for the client deliverable."),
        ];
        let total = |encoding| {
            let message = |(role, name, content): &(&str, Option<&str>, &str)| {
                let name = name.map_or(0, |name| count(encoding, name) + NAME_OVERHEAD.0);
                MESSAGE_OVERHEAD.0 + count(encoding, role) + name + count(encoding, content)
            };
            MESSAGES.iter().map(message).sum::<u32>() + ANSWER_PRIMING.0
        };
        assert_eq!(total(Encoding::Cl100kBase), 129);
        assert_eq!(total(Encoding::O200kBase), 124);
    }

    #[test]
    fn counts_agree_with_the_reference_on_texts_of_many_kinds() {
        for text in [
            "",
            " ",
            "\n",
            " \n ",
            "\r\n\r\n",
            "   leading and trailing   ",
            "tabs\tand  double  spaces \n\n\n then more",
            "Please remind me about the dentist at 15:30 tomorrow, it's in Lyon.",
            "Напомни мне, пожалуйста, про стоматолога завтра в 15:30. Ёжик съел 3 яблока!",
            "N’oublie pas : l’été prochain, j’irai à l’Île-d’Yeu — « ça va être génial » !",
            "明日の午後三時に歯医者。你好，世界！ 안녕하세요",
            "مرحبا بالعالم ‏ שלום",
            "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇫🇷 e\u{301} \u{200d}\u{fe0f}",
            "fn main() {\n    println!(\"{}\", 1_000_000u64);\n}\n",
            "{\"a\": [1, 2.5, null], \"b\": \"\\u00e9\"}",
            "https://example.org/a/b?c=d&e=%20#f",
            "1234567890 12345 1 22 333 4444",
            "I'M you'Re he'LL 'twas DON'T",
            "\u{a0}\u{2003}\u{3000} wide spaces \u{2028} and separators \u{85}",
            "…———!!!???///\\\\\\",
            "\u{0}\u{1}\u{7f}",
            "CamelCaseAndSNAKE_CASE and ЗАГЛАВНЫЕ",
        ] {
            assert_agrees(text);
        }
    }

    #[test]
    fn special_tokens_in_a_message_are_ordinary_text() {
        assert!(count(Encoding::O200kBase, "<|endoftext|>") > 1);
        assert_agrees("<|endoftext|> and <|fim_prefix|>, <|im_start|>system");
    }

    #[test]
    fn megabytes_of_one_character_are_counted() {
        const BYTES: usize = 3_000_000;
        for character in [' ', '\n', '\t', 'a', '.', '0', 'я', '\u{3000}', '🙂'] {
            let text: String = std::iter::repeat_n(character, BYTES / character.len_utf8()).collect();
            assert!(count(Encoding::O200kBase, &text) > 0, "{character:?}");
        }
        assert!(count(Encoding::Cl100kBase, &" ".repeat(BYTES)) > 0);
    }

    proptest! {
        #[test]
        fn counts_agree_with_the_reference_on_any_text(text in any::<String>()) {
            assert_agrees(&text);
        }

        #[test]
        fn counts_agree_with_the_reference_on_any_words(text in "([a-zа-яà-ÿA-ZЁ0-9'’.,!?/_-]{1,6}|[ \t\r\n]{1,3}){0,40}") {
            assert_agrees(&text);
        }

        /// The context builder adds lines up instead of counting a growing section again for each.
        #[test]
        fn the_tokens_of_remembered_lines_add_up(texts in prop::collection::vec(any::<String>(), 0..6)) {
            let lines: Vec<String> = texts.iter().map(|text| summary_line(text)).collect();
            for encoding in ENCODINGS {
                let apart: u32 = lines.iter().map(|line| count(encoding, line)).sum();
                prop_assert_eq!(count(encoding, &lines.concat()), apart);
            }
        }
    }

    #[tokio::test]
    async fn a_text_has_the_same_count_on_any_thread() {
        let long = "Привет, how are you ? ".repeat(1000);
        for text in ["short", &long] {
            let there = count_off_thread(Encoding::O200kBase, text).await;
            assert_eq!(there.0, count(Encoding::O200kBase, text));
        }
    }
}
