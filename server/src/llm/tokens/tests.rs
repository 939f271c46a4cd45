//! Counts against the reference, and texts that tokenizers are afraid of.

use std::task::Poll;

use proptest::prelude::*;
use souvenir_memory::{
    prompt::{
        RECALLED_CLOSE, RECALLED_OPEN, SUMMARIES_CLOSE, SUMMARIES_OPEN, clock_line, recalled_heading, recalled_line,
        summary_line,
    },
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

/// What tokenizers are afraid of, three megabytes of it.
fn megabytes_of(unit: &str) -> String {
    unit.repeat(3_000_000 / unit.len())
}

#[test]
fn megabytes_of_one_character_are_counted() {
    for unit in [
        " ",
        "\n",
        "\r\n",
        "\t",
        "\u{a0}",
        "\u{3000}",
        "a",
        "A",
        "я",
        "好",
        "0",
        ".",
        "_",
        "'",
        "🙂",
        "👨\u{200d}👩\u{200d}👧",
        "\u{301}",
        "e\u{301}",
        "ש",
        "ع",
        "\u{200d}",
        "\u{feff}",
        "\u{0}",
        "<|endoftext|>",
    ] {
        assert!(count(Encoding::O200kBase, &megabytes_of(unit)) > 0, "{unit:?}");
    }
    for unit in [" ", "a", "\u{301}", "<|endoftext|>"] {
        assert!(count(Encoding::Cl100kBase, &megabytes_of(unit)) > 0, "{unit:?}");
    }
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

    #[test]
    fn what_stands_around_a_text_changes_the_count_of_its_ends_only(
        text in prop_oneof![any::<String>(), "([a-zA-ZЁя0-9'’.,!?/_-]{1,6}|[ \t\n\u{a0}]{1,2}){0,12}"],
        before in prop_oneof![any::<String>(), "- [a-zA-ZЁя ]{1,9}: "],
        after in "[\n ./а-я]{0,2}",
    ) {
        for encoding in ENCODINGS {
            let whole = count(encoding, &[before.as_str(), &text, &after].concat());
            let alone = TokenCount(count(encoding, &text));
            for counter in [&BpeCounter::new(encoding) as &dyn TokenCounter, &RememberingCounter::new(encoding)] {
                prop_assert_eq!(counter.count_within(&before, &text, alone, &after).0, whole);
            }
        }
    }

    /// The context builder adds lines up instead of counting a section again that holds them.
    #[test]
    fn the_tokens_of_remembered_lines_add_up(
        texts in prop::collection::vec(prop_oneof![any::<String>(), "[\\-/.> \t\r\n\u{2028}\u{85}aя1]{0,9}"], 1..6),
        who in any::<String>(),
    ) {
        let between = |open: &str, lines: Vec<String>, rest: &[&str]| {
            [vec![open.to_owned()], lines, rest.iter().map(|&part| part.to_owned()).collect()].concat()
        };
        let summaries = texts.iter().map(|text| summary_line(text)).collect();
        let quotes = texts.iter().map(|text| [recalled_heading("22 November 2026"), recalled_line(&who, text)].concat()).collect();
        let clock = clock_line("Sunday, 22 November 2026, 04:00 (UTC)");
        for parts in [
            between(SUMMARIES_OPEN, summaries, &[SUMMARIES_CLOSE]),
            between(RECALLED_OPEN, quotes, &[RECALLED_CLOSE, &clock]),
        ] {
            for encoding in ENCODINGS {
                let apart: u32 = parts.iter().map(|part| count(encoding, part)).sum();
                prop_assert_eq!(count(encoding, &parts.concat()), apart);
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn megabytes_are_counted_while_other_tasks_go_on() {
    let text = megabytes_of("a");
    let mut counting = std::pin::pin!(count_off_thread(Encoding::O200kBase, &text));
    // The only async thread of this runtime is free again before the first poll has an answer.
    let Poll::Pending = futures::poll!(&mut counting) else { panic!("the count was made on the async thread") };
    let (counted, ()) = tokio::join!(counting, tokio::task::yield_now());
    assert_eq!(counted.0, count(Encoding::O200kBase, &text));
}

#[test]
fn a_remembered_count_is_that_of_its_own_text_and_encoding() {
    for _ in 0..2 {
        for encoding in ENCODINGS {
            for text in ["Привет, мир", "hello world", &"long ".repeat(300_000)] {
                assert_eq!(RememberingCounter::new(encoding).count(text).0, count(encoding, text));
            }
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
