//! What simpler memories would put into the same budget.

use std::collections::{BTreeMap, BTreeSet};

use souvenir_memory::{Encoding, TokenCounter, prompt::recalled_line};
use souvenir_server::{llm::tokens::BpeCounter, words};

use super::conversation::{Conversation, Question};

/// BM25's usual parameters (Robertson and Zaragoza, 2009).
const K1: f64 = 1.2;
const B: f64 = 0.75;
/// How many messages the second of our sources shows.
const LAST: usize = 20;

/// What each of the simpler memories scores on a question.
pub(super) fn scores(conversation: &Conversation, question: &Question, budget: u32) -> [(&'static str, f64); 4] {
    let count = conversation.turns.len();
    let newest: Vec<usize> = (0..count).rev().collect();
    let of = |order: &[usize], budget| score(conversation, question, order, budget);
    [
        ("recent", of(&newest, budget)),
        ("last20", of(&newest[..count.min(LAST)], budget)),
        ("bm25", of(&by_bm25(conversation, &question.text), budget)),
        ("everything", of(&newest, u32::MAX)),
    ]
}

/// What an order of turns scores when as many are shown as fit.
pub(super) fn score(conversation: &Conversation, question: &Question, order: &[usize], budget: u32) -> f64 {
    let shown = packed(conversation, order, budget);
    question.covered(|turn| shown.contains(&turn))
}

/// The turns that fit, taken in order.
fn packed(conversation: &Conversation, order: &[usize], budget: u32) -> BTreeSet<usize> {
    let counter = BpeCounter::new(Encoding::O200kBase);
    let mut left = budget;
    let mut shown = BTreeSet::new();
    for &place in order {
        if left == 0 {
            break;
        }
        let turn = &conversation.turns[place];
        let cost = if budget == u32::MAX { 0 } else { counter.count(&recalled_line(&turn.speaker, &turn.text)).0 };
        if cost <= left {
            left -= cost;
            shown.insert(place);
        }
    }
    shown
}

/// The turns that share words with a question, best first.
fn by_bm25(conversation: &Conversation, question: &str) -> Vec<usize> {
    let texts: Vec<Vec<String>> =
        conversation.turns.iter().map(|turn| words::of(&turn.text).flat_map(words::terms).collect()).collect();
    let mut holding: BTreeMap<&str, f64> = BTreeMap::new();
    for text in &texts {
        for term in text.iter().map(String::as_str).collect::<BTreeSet<_>>() {
            *holding.entry(term).or_default() += 1.0;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of messages and words")]
    let float = |count: usize| count as f64;
    let all = float(texts.len());
    let average = float(texts.iter().map(Vec::len).sum::<usize>()) / all;
    let query: Vec<String> = words::terms(question).collect();
    let score = |text: &Vec<String>| {
        let of_term = |term: &String| {
            let times = float(text.iter().filter(|word| *word == term).count());
            let held = holding.get(term.as_str()).copied().unwrap_or_default();
            let telling = (1.0 + (all - held + 0.5) / (held + 0.5)).ln();
            telling * times * (K1 + 1.0) / (times + K1 * (1.0 - B + B * float(text.len()) / average))
        };
        query.iter().map(of_term).sum::<f64>()
    };
    let mut scored: Vec<(usize, f64)> = texts.iter().map(score).enumerate().filter(|(_, score)| *score > 0.0).collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    scored.into_iter().map(|(place, _)| place).collect()
}
