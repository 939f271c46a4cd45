//! What must hold of messages and turns: stored once, in order, told by the API, each in one turn with one reply.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::delivery;
use super::evidence::{Evidence, Turn};
use super::speech::{Place, answered, chat_id, place};

/// Everything that does not hold, by kind, with what it was found in.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings(pub(super) BTreeMap<&'static str, Vec<String>>);

impl Findings {
    pub(super) fn add(&mut self, kind: &'static str, what: String) {
        self.0.entry(kind).or_default().push(what);
    }

    pub(super) fn count(&self, kinds: &[&str]) -> usize {
        kinds.iter().filter_map(|kind| self.0.get(kind)).map(Vec::len).sum()
    }
}

pub(super) const LOST: [&str; 3] =
    ["lost: not stored", "lost: not told by the API", "lost: a reply that was sent did not arrive"];
pub(super) const DOUBLED: [&str; 5] = [
    "doubled in the store",
    "doubled in the API",
    "doubled: a turn with several replies",
    "doubled: a reply that arrived more than once",
    "doubled: a message answered in two replies",
];

/// Looks at all of it.
pub(super) fn all(evidence: &Evidence) -> Findings {
    let mut findings = Findings::default();
    stored_once(evidence, &mut findings);
    stored_in_order(evidence, &mut findings);
    told_once(evidence, &mut findings);
    answered_once(evidence, &mut findings);
    delivery::check(evidence, &mut findings);
    for complaint in &evidence.complaints {
        findings.add("the Bot API server complains", complaint.clone());
    }
    findings
}

fn named(place: &Place) -> String {
    format!("{}.{}", place.0, place.1)
}

fn counts(places: impl Iterator<Item = Place>) -> HashMap<Place, usize> {
    let mut counts = HashMap::new();
    places.for_each(|place| *counts.entry(place).or_default() += 1);
    counts
}

fn stored_once(evidence: &Evidence, findings: &mut Findings) {
    let counts = counts(evidence.stored.iter().filter_map(|message| place(&message.text)));
    for said in &evidence.said {
        match counts.get(&said.place) {
            None => findings.add(LOST[0], named(&said.place)),
            Some(1) => {}
            Some(times) => findings.add(DOUBLED[0], format!("{} {times} times", named(&said.place))),
        }
    }
    let said: BTreeSet<&str> = evidence.said.iter().map(|said| said.text.as_str()).collect();
    for message in evidence.stored.iter().filter(|message| !said.contains(message.text.as_str())) {
        findings.add("stored though nobody said it", message.text.clone());
    }
}

fn stored_in_order(evidence: &Evidence, findings: &mut Findings) {
    let mut last: HashMap<i64, u64> = HashMap::new();
    for message in &evidence.stored {
        let Some(place) = place(&message.text) else { continue };
        if message.telegram_chat_id != chat_id(place.0) {
            findings.add("stored in another's chat", named(&place));
        }
        let before = last.insert(message.telegram_chat_id, place.1).unwrap_or(0);
        if before >= place.1 {
            findings.add("out of order in the store", format!("{} after {before}", named(&place)));
        }
    }
}

fn told_once(evidence: &Evidence, findings: &mut Findings) {
    let counts = counts(evidence.told.iter().copied());
    for said in &evidence.said {
        match counts.get(&said.place) {
            None => findings.add(LOST[1], named(&said.place)),
            Some(1) => {}
            Some(_) => findings.add(DOUBLED[1], named(&said.place)),
        }
    }
}

/// Each message in one turn that has ended; each turn that was done with one reply, which names its messages.
fn answered_once(evidence: &Evidence, findings: &mut Findings) {
    let turns: HashMap<i64, &Turn> = evidence.turns.iter().map(|turn| (turn.id, turn)).collect();
    let mut replies: HashMap<Place, BTreeSet<i64>> = HashMap::new();
    for turn in &evidence.turns {
        if turn.replies > 1 {
            findings.add(DOUBLED[2], format!("turn {}: {} replies", turn.id, turn.replies));
        }
        for place in turn.reply.as_deref().and_then(answered).unwrap_or_default() {
            replies.entry(place).or_default().insert(turn.id);
        }
    }
    for message in &evidence.stored {
        let Some(place) = place(&message.text) else { continue };
        let Some(turn) = message.turn_id.and_then(|id| turns.get(&id)) else {
            findings.add("unanswered", named(&place));
            continue;
        };
        let named_by = replies.get(&place).cloned().unwrap_or_default();
        match turn.state.as_str() {
            "done" if !named_by.contains(&turn.id) => {
                findings.add("a turn whose reply does not name its message", named(&place));
            }
            "done" | "failed" if named_by.len() <= 1 => {}
            "done" | "failed" => findings.add(DOUBLED[4], format!("{} in turns {named_by:?}", named(&place))),
            state => findings.add("a turn that has not ended", format!("{}: {state}", named(&place))),
        }
    }
}
