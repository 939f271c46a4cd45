//! Counting: ordinary text, and three megabytes of everything that tokenizers are afraid of.

use serde_json::{Map, Value, json};
use souvenir_memory::{Encoding, TokenCounter};
use souvenir_server::llm::tokens::BpeCounter;

use crate::{now, process, world::conversation};

const BYTES: usize = 3_000_000;

/// What is repeated, and what it is called.
const REPEATED: [(&str, &str); 18] = [
    ("space", " "),
    ("newline", "\n"),
    ("carriage return and newline", "\r\n"),
    ("tab", "\t"),
    ("no-break space", "\u{a0}"),
    ("latin letter", "a"),
    ("cyrillic letter", "я"),
    ("han character", "好"),
    ("digit", "0"),
    ("full stop", "."),
    ("underscore", "_"),
    ("apostrophe", "'"),
    ("emoji", "🙂"),
    ("family of emoji", "👨\u{200d}👩\u{200d}👧"),
    ("combining mark", "\u{301}"),
    ("right-to-left letter", "ש"),
    ("zero-width joiner", "\u{200d}"),
    ("special token", "<|endoftext|>"),
];

pub(crate) fn run() -> Value {
    let before = process::resident_kib();
    let began = now();
    let counter = BpeCounter::new(Encoding::O200kBase);
    counter.count("first");
    let load_ms = began.elapsed().as_millis();
    let loaded = process::resident_kib();
    let mut speeds = Map::new();
    let talk: String = conversation(0, 9_000).into_iter().flat_map(|(question, reply)| [question, reply]).collect();
    speeds.insert("conversation".to_owned(), megabytes_a_second(counter, &talk));
    for (name, unit) in REPEATED {
        let text = unit.repeat(BYTES / unit.len());
        speeds.insert(name.to_owned(), megabytes_a_second(counter, &text));
    }
    json!({"load_ms": load_ms, "vocabulary_kib": loaded.saturating_sub(before), "mb_per_s": speeds})
}

#[expect(clippy::cast_precision_loss, reason = "a speed for people to read")]
fn megabytes_a_second(counter: BpeCounter, text: &str) -> Value {
    let began = now();
    let tokens = counter.count(text);
    let seconds = began.elapsed().as_secs_f64();
    assert!(tokens.0 > 0);
    json!((text.len() as f64 / 1e5 / seconds).round() / 10.0)
}
