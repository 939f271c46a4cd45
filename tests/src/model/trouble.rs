//! Trouble by chance from a seed, for as long a run as one likes.
//!
//! What a request meets is a function of the seed, the words it asks about and how often it was asked: the same seed
//! brings the same trouble to the same question.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde_json::Value;

use super::Fault;
use crate::bot_api::happens;
use crate::tokens;

/// Of so many faults one is a hang: it holds its chat up for minutes.
const ONE_HANG_IN: u64 = 50;

/// What chance is drawn from, and the part of requests that meet a fault: 0.05 is one in twenty.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// What chance is drawn from.
    pub seed: u64,
    /// The part of requests that meet a fault.
    pub faults: f64,
}

/// Trouble, and what was asked so far.
#[derive(Debug)]
pub(super) struct Dice {
    trouble: Trouble,
    asked: HashMap<u64, u64>,
}

impl Dice {
    pub(super) fn new(trouble: Trouble) -> Self {
        Self { trouble, asked: HashMap::new() }
    }

    /// The fault that a request meets.
    pub(super) fn next(&mut self, body: &Value) -> Option<Fault> {
        let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let question = messages.last().map(tokens::message_text).unwrap_or_default();
        let count = self.asked.entry(hash(&question)).or_default();
        *count += 1;
        let drawn = |what: &str| hash((self.trouble.seed, &question, *count, what));
        happens(self.trouble.faults, drawn("fault")).then(|| {
            if drawn("hang").is_multiple_of(ONE_HANG_IN) {
                return Fault::Hang;
            }
            let kind = drawn("kind");
            match kind % 7 {
                0 => Fault::TooManyRequests(1 + kind / 7 % 2),
                1 => Fault::Status(500),
                2 => Fault::Status(503),
                3 => Fault::Cut,
                4 => Fault::CutAfter(usize::try_from(kind / 7 % 5).unwrap_or(0)),
                5 => Fault::InvalidJson,
                _ => Fault::Delay(Duration::from_millis(100 + kind / 7 % 2_000)),
            }
        })
    }
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_seed_brings_the_same_trouble_to_the_same_question() {
        let drawn = |seed: u64| {
            let mut dice = Dice::new(Trouble { seed, faults: 0.05 });
            let body = |n: u64| json!({"messages": [{"role": "user", "content": format!("question {}", n % 900)}]});
            (0..2_000).map(|n| dice.next(&body(n)).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(drawn(5), drawn(5));
        assert_ne!(drawn(5), drawn(6));
        let struck = drawn(5).into_iter().filter(|struck| *struck).count();
        assert!((60..140).contains(&struck), "{struck} of 2,000");
    }
}
