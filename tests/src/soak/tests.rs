//! The soak's own eyes: what is wrong is found, and what is right is not.

use std::time::Duration;

use serde_json::json;

use super::checks;
use super::evidence::{Evidence, Stored, Turn};
use super::speech::{self, Said};
use crate::bot_api::{Call, Fault, Format, Sent};

/// Two messages of one chat, each answered by a turn of its own, and all is well.
fn all_is_well() -> Evidence {
    let chat = speech::chat_id(1);
    let text = |number: u64| format!("1.{number}: mill");
    let reply = |number: u64| speech::reply(&json!({"messages": [{"role": "user", "content": text(number)}]}));
    let turn = |number: i64| Turn {
        id: number,
        telegram_chat_id: chat,
        state: "done".to_owned(),
        delivery: Some("sent".to_owned()),
        finished_at: Some(number * 1_000),
        reply: Some(reply(number.unsigned_abs())),
        replies: 1,
    };
    let stored =
        |number: i64| Stored { telegram_chat_id: chat, text: text(number.unsigned_abs()), turn_id: Some(number) };
    Evidence {
        said: (1..=2).map(|number| Said { place: (1, number), text: text(number) }).collect(),
        stored: (1..=2).map(stored).collect(),
        turns: (1..=2).map(turn).collect(),
        told: vec![(1, 1), (1, 2)],
        ledger: (1..=2).map(|number| sent(chat, &reply(number))).collect(),
        calls: (1..=2).map(|number| call(chat, &reply(number), number)).collect(),
        complaints: Vec::new(),
        kills: Vec::new(),
        peak_memory: 0,
    }
}

fn sent(chat_id: i64, text: &str) -> Sent {
    Sent {
        message_id: 1,
        chat_id,
        format: Format::Plain,
        source: text.to_owned(),
        text: text.to_owned(),
        keyboard: Vec::new(),
        replies_to: None,
        asks: false,
        edits: Vec::new(),
        deleted: false,
        at: Duration::ZERO,
        call: 0,
    }
}

fn call(chat: i64, text: &str, second: u64) -> Call {
    Call {
        method: "sendMessage".to_owned(),
        known: true,
        params: json!({"chat_id": chat, "text": text}),
        at: Duration::from_secs(second),
        status: Some(200),
        fault: None,
        message_id: Some(1),
    }
}

/// What is found after something was changed.
fn found(change: impl FnOnce(&mut Evidence)) -> Vec<&'static str> {
    let mut evidence = all_is_well();
    change(&mut evidence);
    checks::all(&evidence).0.into_keys().collect()
}

#[test]
fn what_is_well_raises_no_alarm() {
    assert!(found(|_| {}).is_empty());
}

#[test]
fn lost_and_doubled_messages_are_found() {
    let lost = found(|evidence| drop(evidence.stored.remove(0)));
    assert_eq!(lost, ["lost: not stored"]);
    assert_eq!(found(|evidence| evidence.stored.push(evidence.stored[1].clone()))[0], "doubled in the store");
    assert_eq!(found(|evidence| evidence.told.truncate(1)), ["lost: not told by the API"]);
    assert_eq!(found(|evidence| evidence.stored.swap(0, 1)), ["out of order in the store"]);
    assert_eq!(found(|evidence| evidence.stored[0].turn_id = None), ["unanswered"]);
}

#[test]
fn replies_that_are_lost_doubled_or_out_of_order_are_found() {
    let lost = "lost: a reply that was sent did not arrive";
    assert_eq!(found(|evidence| evidence.ledger.truncate(1)), [lost]);
    let doubled = found(|evidence| evidence.ledger.insert(0, evidence.ledger[0].clone()));
    assert_eq!(doubled, ["doubled: a reply that arrived more than once"]);
    assert_eq!(found(|evidence| evidence.ledger.swap(0, 1)), ["out of order in the ledger"]);
    let again = found(|evidence| evidence.turns[1].reply = evidence.turns[0].reply.clone());
    assert!(again.contains(&"doubled: a message answered in two replies"), "{again:?}");
    assert_eq!(found(|evidence| evidence.turns[1].replies = 2), ["doubled: a turn with several replies"]);
}

#[test]
fn what_cannot_be_known_is_to_be_marked_and_nothing_else() {
    let mark = |evidence: &mut Evidence| evidence.turns[0].delivery = Some("unknown".to_owned());
    let cut = |evidence: &mut Evidence| evidence.calls[0].fault = Some(Fault::CutAfter);
    assert_eq!(found(cut), ["unknowable, but not marked so"]);
    assert_eq!(found(mark), ["marked unknown without a reason"]);
    let both = |evidence: &mut Evidence| {
        mark(evidence);
        cut(evidence);
    };
    assert!(found(both).is_empty());
    let repeated = found(|evidence| {
        both(evidence);
        evidence.calls.push(evidence.calls[0].clone());
    });
    assert_eq!(repeated, ["sent again though it may have arrived"]);
    // A power cut is a reason for what was on its way just then.
    let killed = |at: u64| {
        found(|evidence| {
            mark(evidence);
            evidence.kills.push(Duration::from_secs(at));
        })
    };
    assert!(killed(2).is_empty());
    assert_eq!(killed(60), ["marked unknown without a reason"]);
}

#[test]
fn what_never_ends_is_found() {
    let composed = found(|evidence| evidence.turns[0].delivery = Some("composed".to_owned()));
    assert_eq!(composed, ["a reply on its way for ever"]);
    let running = found(|evidence| evidence.turns[0].state = "running".to_owned());
    assert_eq!(running, ["a turn that has not ended"]);
    let notice = found(|evidence| evidence.ledger.push(sent(speech::chat_id(1), "Something went wrong.")));
    assert_eq!(notice, ["told of trouble more often than there was"]);
}
