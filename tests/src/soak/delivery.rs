//! What must hold of replies on their way out: delivered once and in order; what cannot be known is marked and not
//! repeated, and nothing else is marked.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::checks::{DOUBLED, Findings, LOST};
use super::evidence::{Evidence, Turn};
use super::speech::{Place, answered, parts};
use crate::bot_api::{Call, Fault};

/// What was being sent when the app was killed was begun at most so long before: pacing and retries included.
const BEFORE_A_KILL: Duration = Duration::from_secs(5);

/// A part of a reply is known by its chat, by the messages it names, and by its number.
type Key = (i64, Vec<Place>, u64);

/// What became of one part of a reply on the wire.
#[derive(Debug, Default)]
struct Way<'a> {
    calls: Vec<&'a Call>,
    /// How often it stands in the ledger.
    arrived: usize,
}

/// Replies whose outcome could not be known, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) by_faults: usize,
    pub(super) by_kills: usize,
    /// Those of both that arrived all the same.
    pub(super) arrived: usize,
}

pub(super) fn check(evidence: &Evidence, findings: &mut Findings) {
    let wire = Wire::of(evidence);
    for turn in &evidence.turns {
        let ways = wire.ways(turn);
        let Some((key, _)) = ways.first() else { continue };
        let what = format!("turn {} to {} ({:?})", turn.id, key.0, key.1);
        if ways.iter().any(|(_, way)| way.arrived > 1) {
            findings.add(DOUBLED[3], what.clone());
        }
        if ways.iter().any(|(_, way)| way.is_repeated()) {
            findings.add("sent again though it may have arrived", what.clone());
        }
        let unknowable = ways.iter().any(|(_, way)| way.is_unknowable());
        match turn.delivery.as_deref() {
            Some("sent") if unknowable => findings.add("unknowable, but not marked so", what),
            Some("sent") if ways.iter().any(|(_, way)| way.arrived == 0) => findings.add(LOST[2], what),
            Some("sent") => {}
            Some("unknown") if unknowable || ways.iter().any(|(_, way)| is_killed(evidence, turn, way)) => {}
            Some("unknown") => findings.add("marked unknown without a reason", what),
            Some("failed") => findings.add("given up", what),
            other => findings.add("a reply on its way for ever", format!("{what}: {other:?}")),
        }
    }
    in_order(evidence, findings);
    notices(evidence, findings);
}

/// How many replies are marked unknown.
pub(super) fn unknown(evidence: &Evidence) -> Unknown {
    let wire = Wire::of(evidence);
    let mut unknown = Unknown::default();
    for turn in evidence.turns.iter().filter(|turn| turn.delivery.as_deref() == Some("unknown")) {
        let ways = wire.ways(turn);
        if ways.iter().any(|(_, way)| way.is_unknowable()) {
            unknown.by_faults += 1;
        } else {
            unknown.by_kills += 1;
        }
        unknown.arrived += usize::from(ways.iter().all(|(_, way)| way.arrived > 0));
    }
    unknown
}

/// What became of all parts of all replies.
struct Wire<'a> {
    ways: HashMap<Key, Way<'a>>,
    nothing: Way<'a>,
}

impl<'a> Wire<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let mut ways: HashMap<Key, Way<'_>> = HashMap::new();
        // A preview is none of the reply's way.
        for call in evidence.calls.iter().filter(|call| !call.method.ends_with("Draft")) {
            let Some(chat) = call.params["chat_id"].as_i64() else { continue };
            for (places, part) in parts(text_of(&call.params)) {
                ways.entry((chat, places, part)).or_default().calls.push(call);
            }
        }
        for sent in &evidence.ledger {
            for (places, part) in parts(&sent.text) {
                ways.entry((sent.chat_id, places, part)).or_default().arrived += 1;
            }
        }
        Self { ways, nothing: Way::default() }
    }

    /// The parts of a turn's reply, and what became of each; nothing for a turn without a reply.
    fn ways(&self, turn: &Turn) -> Vec<(Key, &Way<'a>)> {
        let parts = parts(turn.reply.as_deref().unwrap_or_default()).into_iter();
        let keys = parts.map(|(places, part)| (turn.telegram_chat_id, places, part));
        keys.map(|key| (key.clone(), self.ways.get(&key).unwrap_or(&self.nothing))).collect()
    }
}

impl Way<'_> {
    fn is_unknowable(&self) -> bool {
        self.calls.iter().any(|call| call.fault.as_ref().is_some_and(Fault::is_unknowable))
    }

    /// Whether it was sent once more after a call whose outcome was unknown.
    fn is_repeated(&self) -> bool {
        let before = self.calls.len().saturating_sub(1);
        self.calls[..before].iter().any(|call| call.fault.as_ref().is_some_and(Fault::is_unknowable))
    }
}

/// The text of a call that sends one.
fn text_of(params: &Value) -> &str {
    params["rich_message"]["markdown"].as_str().or_else(|| params["text"].as_str()).unwrap_or_default()
}

/// Whether the app was killed while it sent this: the reply was there, and no call for it had been answered for long.
fn is_killed(evidence: &Evidence, turn: &Turn, way: &Way<'_>) -> bool {
    let finished = Duration::from_millis(turn.finished_at.and_then(|at| u64::try_from(at).ok()).unwrap_or(u64::MAX));
    let begun = way.calls.last().map_or(finished, |call| call.at);
    evidence.kills.iter().any(|kill| finished <= *kill && begun <= *kill && begun + BEFORE_A_KILL >= *kill)
}

/// In each chat, answers stand in the order of what they answer.
fn in_order(evidence: &Evidence, findings: &mut Findings) {
    let mut last: HashMap<i64, u64> = HashMap::new();
    for sent in &evidence.ledger {
        let Some(newest) = answered(&sent.text).and_then(|places| places.iter().map(|place| place.1).max()) else {
            continue;
        };
        let before = last.insert(sent.chat_id, newest).unwrap_or(0);
        if before > newest {
            findings.add("out of order in the ledger", format!("{} after {before} in {}", newest, sent.chat_id));
        }
    }
}

/// Whoever got no answer was told so once: no chat has more notices than turns that failed.
fn notices(evidence: &Evidence, findings: &mut Findings) {
    let mut failed: HashMap<i64, i64> = HashMap::new();
    for turn in evidence.turns.iter().filter(|turn| turn.state == "failed") {
        *failed.entry(turn.telegram_chat_id).or_default() += 1;
    }
    for sent in evidence.ledger.iter().filter(|sent| answered(&sent.text).is_none()) {
        let left = failed.entry(sent.chat_id).or_default();
        *left -= 1;
        if *left < 0 {
            findings.add("told of trouble more often than there was", format!("{}: {}", sent.chat_id, sent.text));
        }
    }
}
