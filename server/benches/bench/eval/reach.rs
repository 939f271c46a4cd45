//! Questions about each message of a conversation, to see whether any of them is out of reach.
//!
//! A question names who said it and the words of the message that fewest others have; of a message with hardly a word of its
//! own ("Yes, me too!") it names the day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use souvenir_server::words;

use super::conversation::{Conversation, Turn};

/// How many of a message's words a question about it has.
const WORDS: usize = 5;
/// With fewer of them the question names the day, too.
const FEW: usize = 3;

/// For each turn the question about it, in order.
pub(super) fn questions(conversation: &Conversation) -> Vec<String> {
    let mut holding: BTreeMap<String, usize> = BTreeMap::new();
    for turn in &conversation.turns {
        for term in words::terms(&turn.text) {
            *holding.entry(term).or_default() += 1;
        }
    }
    conversation.turns.iter().map(|turn| about(turn, &holding)).collect()
}

fn about(turn: &Turn, holding: &BTreeMap<String, usize>) -> String {
    let rarity = |word: &str| words::terms(word).filter_map(|term| holding.get(&term)).min().copied();
    let mut own: Vec<(usize, &str)> = words::of(&turn.text)
        .filter_map(|word| Some((rarity(word)?, word)))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    own.truncate(WORDS);
    let said = own.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" ");
    let day = jiff::Timestamp::from_millisecond(turn.at.0)
        .map(|at| at.to_zoned(TimeZone::UTC).strftime("%-d %B %Y").to_string());
    match day {
        Ok(day) if own.len() < FEW => format!("What did {} say on {day}: {said}?", turn.speaker),
        _ => format!("What did {} say about {said}?", turn.speaker),
    }
}
