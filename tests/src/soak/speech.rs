//! What people say in a soak, and what the model answers: each names its place, so that it can be followed.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

use super::Plan;
use crate::tokens;

/// What an answer begins with.
const ANSWER: &str = "Re: ";
const FILLER: &str = "The mill by the river, as you say. ";
/// In each chat, one answer in so many is long.
const ONE_LONG_IN: u64 = 9;
/// Every so many messages somebody adds another at once.
const ONE_BURST_IN: u64 = 6;
const WORDS: [&str; 12] = [
    "mill", "river", "orchard", "lantern", "ferry", "harvest", "winter", "letter", "violin", "bridge", "market",
    "candle",
];

/// The place of a message: chat and number in it, both from one.
pub(super) type Place = (u64, u64);

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) place: Place,
    pub(super) text: String,
}

/// Telegram's id of a chat.
pub(super) fn chat_id(chat: u64) -> i64 {
    10_000 + i64::try_from(chat).unwrap_or(0)
}

/// All that is said, in order.
pub(super) fn all(plan: &Plan) -> Vec<Said> {
    let mut counts = vec![0; usize::try_from(plan.chats).unwrap_or(0)];
    let mut said = Vec::new();
    let mut chat = 0;
    for number in 0..plan.messages {
        if !drawn(plan, (number, "burst")).is_multiple_of(ONE_BURST_IN) || number == 0 {
            chat = drawn(plan, (number, "chat")) % plan.chats;
        }
        let count = &mut counts[usize::try_from(chat).unwrap_or(0)];
        *count += 1;
        let place = (chat + 1, *count);
        let words: Vec<_> =
            (0..3 + drawn(plan, (number, "length")) % 12).map(|word| pick(plan, number, word)).collect();
        said.push(Said { place, text: format!("{}.{}: {}", place.0, place.1, words.join(" ")) });
    }
    said
}

fn pick(plan: &Plan, number: u64, word: u64) -> &'static str {
    WORDS[usize::try_from(drawn(plan, (number, word)) % 12).unwrap_or(0)]
}

/// After which messages the app is killed: once in each of as many stretches, none in the first or the last tenth.
pub(super) fn moments(plan: &Plan) -> BTreeSet<u64> {
    let (first, last) = (plan.messages / 10, plan.messages * 9 / 10);
    let stretch = (last - first) / plan.kills.max(1);
    (0..plan.kills).map(|kill| first + kill * stretch + drawn(plan, (kill, "kill")) % stretch.max(1)).collect()
}

/// How long after such a message, in milliseconds: while something is being done about it.
pub(super) fn delay(plan: &Plan, number: u64) -> u64 {
    drawn(plan, (number, "delay")) % 400
}

fn drawn(plan: &Plan, what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (plan.seed, what).hash(&mut hasher);
    hasher.finish()
}

/// The model's answer: it names all that was said since the last answer, in each of its paragraphs. Some answers are so
/// long that a server without rich messages takes each paragraph by itself.
pub(super) fn reply(request: &Value) -> String {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let since = messages.iter().rposition(|message| message["role"] == "assistant").map_or(0, |index| index + 1);
    let users = messages[since..].iter().filter(|message| message["role"] == "user");
    let places: Vec<Place> = users.flat_map(|message| places(&tokens::message_text(message), ':')).collect();
    let named: Vec<_> = places.iter().map(|(chat, number)| format!("{chat}.{number}")).collect();
    let long = places.last().is_some_and(|place| place.1.is_multiple_of(ONE_LONG_IN));
    let (paragraphs, filler) = if long { (3, FILLER.repeat(80)) } else { (1, FILLER.to_owned()) };
    let paragraph = |part| format!("{ANSWER}{}; part {part}. {}", named.join(" "), filler.trim_end());
    (1..=paragraphs).map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// The places that an answer names; none when it is no answer of the model.
pub(super) fn answered(text: &str) -> Option<Vec<Place>> {
    parts(text).into_iter().next().map(|(places, _)| places)
}

/// The paragraphs of an answer: the places they name, and which they are.
pub(super) fn parts(text: &str) -> Vec<(Vec<Place>, u64)> {
    let paragraphs = text.split("\n\n").filter_map(|paragraph| paragraph.trim_start().strip_prefix(ANSWER));
    let parts = paragraphs.filter_map(|paragraph| {
        let (named, rest) = paragraph.split_once("; part ")?;
        Some((places(named, ' '), rest.split_once('.')?.0.parse().ok()?))
    });
    parts.collect()
}

/// The place that a message names.
pub(super) fn place(text: &str) -> Option<Place> {
    places(text, ':').into_iter().next()
}

/// Every `17.3` in a text, where `end` follows.
fn places(text: &str, end: char) -> Vec<Place> {
    let words = text.split_whitespace().filter_map(|word| {
        let word = word.strip_suffix(end).or((end == ' ').then_some(word))?;
        let (chat, number) = word.split_once('.')?;
        Some((chat.parse().ok()?, number.parse().ok()?))
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_name_what_was_said_since_the_last_one() {
        let request = json!({"messages": [
            {"role": "system", "content": "Be kind. 9.9: is no message."},
            {"role": "user", "content": "3.1: mill"},
            {"role": "assistant", "content": "Re: 3.1; part 1. Yes."},
            {"role": "user", "content": "3.2: river"},
            {"role": "user", "content": "3.3: ferry 1.5 times"},
        ]});
        let reply = reply(&request);
        assert_eq!(answered(&reply), Some(vec![(3, 2), (3, 3)]), "{reply}");
        assert_eq!(parts(&reply), [(vec![(3, 2), (3, 3)], 1)]);
        assert_eq!(answered("Something went wrong."), None);
        assert_eq!(place("3.3: ferry"), Some((3, 3)));
    }

    #[test]
    fn long_answers_name_it_in_each_paragraph() {
        let reply = reply(&json!({"messages": [{"role": "user", "content": "3.9: mill"}]}));
        let parts: Vec<_> = parts(&reply).into_iter().map(|(_, part)| part).collect();
        assert_eq!(parts, [1, 2, 3]);
        assert!(
            reply.split("\n\n").all(|paragraph| (2_100..4_000).contains(&paragraph.len())),
            "two would not fit one"
        );
    }

    #[test]
    fn a_plan_is_said_the_same_way_each_time() {
        let plan =
            Plan { seed: 4, chats: 7, messages: 300, faults: 0.0, kills: 3, pace: 1.0, rich: true, webhook: false };
        let texts = || all(&plan).into_iter().map(|said| said.text).collect::<Vec<_>>();
        assert_eq!(texts(), texts());
        assert_eq!(texts().iter().collect::<BTreeSet<_>>().len(), 300, "no two are alike");
        assert_eq!(moments(&plan).len(), 3);
    }
}
