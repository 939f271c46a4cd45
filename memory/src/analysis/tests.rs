//! What becomes of the lines that models ask for, and how facts and findings are shared out.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    Fact, FactId, FactKind, FactSource, FactStatus, MessageId, RevisionId, Timestamp, TokenCount,
    consolidation::{Change, Evidence, Ground, Hold, Refusal, Statement},
};

fn quote(message: i64, quote: &str) -> Evidence {
    Evidence {
        message: MessageId(message),
        revision: RevisionId(message + 100),
        quote: quote.to_owned(),
        start: 0,
        end: quote.len(),
    }
}

fn statement(subject: &str, text: &str) -> Statement {
    Statement {
        kind: FactKind::Identity,
        subject: (!subject.is_empty()).then(|| subject.to_owned()),
        text: text.to_owned(),
        valid_at: None,
        due_at: None,
        goal_state: None,
    }
}

/// Something said in message `day`, on that day.
fn found(subject: &str, text: &str, day: i64) -> Finding {
    Finding {
        statement: statement(subject, text),
        said_at: Timestamp(day),
        hold: None,
        evidence: vec![quote(day, text)],
    }
}

fn fact(id: i64, statement: &str) -> Fact {
    Fact {
        id: FactId(id),
        chat: crate::ChatId(1),
        version: 1,
        kind: FactKind::Identity,
        subject: Some("Ann".to_owned()),
        statement: statement.to_owned(),
        status: FactStatus::Active,
        pinned: false,
        source: FactSource::Extracted,
        confidence: 0.8,
        goal_state: None,
        due_at: None,
        valid_at: None,
        invalid_at: None,
        recorded_at: Timestamp(0),
        expired_at: None,
        created_at: Timestamp(0),
    }
}

fn op(op: LineOp, facts: &[i64], text: &str, findings: &[i64]) -> LineOperation {
    LineOperation {
        op,
        fact_ids: facts.to_vec(),
        kind: Some("identity".to_owned()),
        subject: Some("Ann".to_owned()),
        statement: (!text.is_empty()).then(|| text.to_owned()),
        valid_at: None,
        due_at: None,
        goal_state: None,
        findings: findings.to_vec(),
        unreadable: None,
    }
}

/// Facts of a chat, each resting on a message of the day of its number.
#[derive(Default)]
struct Scene {
    facts: Vec<Fact>,
    findings: Vec<Finding>,
    deleted: Vec<&'static str>,
    declined: Vec<Declined>,
}

impl Scene {
    fn decide(&self, operations: &[LineOperation]) -> Vec<Decided> {
        let shown: Vec<FactId> = self.facts.iter().map(|fact| fact.id).collect();
        let known: Vec<Known> = self
            .facts
            .iter()
            .map(|fact| Known {
                fact: fact.id,
                evidence: quote(fact.id.0, &fact.statement),
                said_at: Timestamp(fact.id.0),
            })
            .collect();
        let ground = Ground {
            utterances: &[],
            facts: &self.facts,
            evidence: &[],
            shown: &shown,
            is_deleted: &|said| self.deleted.contains(&said),
            buried: &[],
            waiting: &[],
            group: false,
            moment: &|_| None,
        };
        let ledger = Ledger { ground, findings: &self.findings, known: &known, declined: &self.declined };
        decide(&ledger, operations)
    }

    fn one(&self, operation: LineOperation) -> Decided {
        self.decide(&[operation]).remove(0)
    }
}

fn line(decided: &Decided) -> &Line {
    match decided {
        Decided::Line(line) => line,
        other => panic!("no line: {other:?}"),
    }
}

fn refusal(decided: &Decided) -> String {
    match decided {
        Decided::Refused(refusal) => refusal.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn every_line_rests_on_words_that_were_said() {
    let scene = Scene {
        facts: vec![fact(1, "lives in Lyon"), fact(2, "is living in Lyon")],
        findings: vec![found("Ann", "has a cat", 5), found("Ann", "lives in Nantes", 9)],
        ..Scene::default()
    };
    let decided = scene.decide(&[
        op(LineOp::Add, &[], "has a cat", &[1]),
        op(LineOp::Merge, &[1, 2], "lives in Lyon", &[]),
        op(LineOp::Add, &[], "has a dog", &[]),
        op(LineOp::Add, &[], "has a dog", &[7]),
        op(LineOp::Retract, &[1], "", &[]),
        op(LineOp::Merge, &[1], "lives in Lyon", &[]),
        op(LineOp::Update, &[3], "lives in Nantes", &[2]),
    ]);
    assert_eq!(line(&decided[0]).evidence, [quote(5, "has a cat")]);
    assert_eq!(line(&decided[1]).facts, [(FactId(1), 1), (FactId(2), 1)]);
    assert_eq!(line(&decided[1]).evidence.len(), 2, "on what both rested on");
    let refusals: Vec<String> = decided[2..].iter().map(refusal).collect();
    for (refusal, says) in
        refusals.iter().zip(["no quote", "no finding 7", "no quote", "two facts or more", "not among those shown"])
    {
        assert!(refusal.contains(says), "{refusal}");
    }
}

#[test]
fn what_was_said_last_holds() {
    let scene = Scene {
        facts: vec![fact(5, "lives in Lyon")],
        findings: vec![found("Ann", "lives in Rome", 3), found("Ann", "lives in Nantes", 9)],
        ..Scene::default()
    };
    let update = scene.one(op(LineOp::Update, &[5], "lives in Nantes", &[2]));
    assert_eq!((line(&update).op, line(&update).said_at), (LineOp::Update, Some(Timestamp(9))));
    assert!(refusal(&scene.one(op(LineOp::Update, &[5], "lives in Rome", &[1]))).contains("older words"));
    assert!(refusal(&scene.one(op(LineOp::Retract, &[5], "", &[1]))).contains("older words"));
    assert!(refusal(&scene.one(op(LineOp::Add, &[], "lives in Rome", &[1]))).contains("older words"));
    assert!(matches!(
        scene.one(op(LineOp::Add, &[], "lives in Nantes", &[2])),
        Decided::Apart(Change::Propose(proposal)) if proposal.hold == Hold::Contradicts
    ));
}

#[test]
fn pinned_and_hand_written_facts_never_change() {
    let pinned = Fact { pinned: true, ..fact(1, "lives in Lyon") };
    let by_hand = Fact { source: FactSource::Owner, ..fact(2, "is a nurse") };
    let scene = Scene {
        facts: vec![pinned, by_hand, fact(3, "is living in Lyon")],
        findings: vec![found("Ann", "lives in Nantes", 9)],
        ..Scene::default()
    };
    for (operation, hold) in [
        (op(LineOp::Update, &[1], "lives in Nantes", &[1]), Hold::Pinned),
        (op(LineOp::Retract, &[2], "", &[1]), Hold::HandEdited),
        (op(LineOp::Rephrase, &[1], "is at home in Lyon", &[]), Hold::Pinned),
    ] {
        match scene.one(operation) {
            Decided::Apart(Change::Propose(proposal)) => assert_eq!(proposal.hold, hold),
            other => panic!("{other:?}"),
        }
    }
    let merged = scene.one(op(LineOp::Merge, &[3, 1], "whatever", &[]));
    assert!(line(&merged).kept_as_it_is);
    assert_eq!(line(&merged).statement.text, "lives in Lyon", "what a person pinned keeps its words");
    assert_eq!(line(&merged).facts, [(FactId(1), 1), (FactId(3), 1)]);
    assert!(refusal(&scene.one(op(LineOp::Merge, &[1, 2], "lives in Lyon as a nurse", &[]))).contains("more than one"));
}

#[test]
fn other_words_for_the_same_say_nothing_new() {
    let scene = Scene { facts: vec![fact(1, "moved to Lyon 2 years ago")], ..Scene::default() };
    let better = scene.one(op(LineOp::Rephrase, &[1], "moved, 2 years ago, to Lyon for good", &[]));
    assert_eq!(line(&better).evidence, [quote(1, "moved to Lyon 2 years ago")]);
    for new in ["moved to Lyon from Paris", "moved to Lyon 3 years ago"] {
        assert!(refusal(&scene.one(op(LineOp::Rephrase, &[1], new, &[]))).contains("neither in the facts"), "{new}");
    }
}

#[test]
fn what_a_person_deleted_or_turned_down_does_not_come_back() {
    let declined = |line: Line, at| Declined { line, at: Timestamp(at) };
    let mut scene =
        Scene { findings: vec![found("Ann", "has a cat", 5)], deleted: vec!["ann has a dog"], ..Scene::default() };
    let dog = scene.one(op(LineOp::Add, &[], "has a dog", &[1]));
    assert_eq!(dog, Decided::Refused(LineRefusal::Rule(Refusal::Tombstoned)));
    let cat = op(LineOp::Add, &[], "has a cat", &[1]);
    let proposed = line(&scene.one(cat.clone())).clone();
    scene.declined = vec![declined(proposed.clone(), 6)];
    assert_eq!(scene.one(cat.clone()), Decided::Refused(LineRefusal::Declined));
    scene.declined = vec![declined(proposed, 4)];
    assert!(matches!(scene.one(cat), Decided::Line(_)), "it was said again since");
}

#[test]
fn a_fact_changes_once_and_nothing_is_said_twice() {
    let scene = Scene {
        facts: vec![fact(1, "lives in Lyon"), fact(2, "is at home in Lyon")],
        findings: vec![found("Ann", "lives in Nantes", 9)],
        ..Scene::default()
    };
    let decided = scene.decide(&[
        op(LineOp::Update, &[1], "lives in Nantes", &[1]),
        op(LineOp::Merge, &[2, 1], "lives in Lyon", &[]),
        op(LineOp::Update, &[2], "lives in Nantes", &[1]),
        op(LineOp::Update, &[2], "lives in Lyon", &[1]),
    ]);
    assert!(refusal(&decided[1]).contains("changes the same fact"));
    assert!(refusal(&decided[2]).contains("says the same"));
    assert!(refusal(&decided[3]).contains("says so already"));
}

#[test]
fn what_was_said_often_is_one_finding_of_its_last_day() {
    let forwarded = Finding { hold: Some(Hold::Forwarded), ..found("Ann", "owns a boat", 8) };
    let all = [
        found("Ann", "lives in Lyon", 2),
        found("Ann", "lives in Nantes", 4),
        found("Ann", "Lives in Lyon.", 6),
        forwarded.clone(),
        found("Ann", "owns a boat", 7),
        forwarded,
    ];
    let gathered = gather(all);
    let told: Vec<(&str, i64, usize)> =
        gathered.iter().map(|found| (found.statement.text.as_str(), found.said_at.0, found.evidence.len())).collect();
    assert_eq!(told, [("lives in Nantes", 4, 1), ("Lives in Lyon.", 6, 2), ("owns a boat", 7, 1)]);
    assert!(gathered.iter().all(|found| found.hold.is_none()), "their own word counts");
}

fn weighed() -> impl Strategy<Value = Vec<Weighed>> {
    let one = (prop::option::of("[ab]{1,2}"), 1u32..60);
    vec(one.prop_map(|(subject, tokens)| Weighed { subject, tokens: TokenCount(tokens) }), 0..40)
}

proptest! {
    #[test]
    fn parts_hold_every_finding_once_and_fit(facts in weighed(), findings in weighed(), room in 120u32..600) {
        let made = parts(&facts, &findings, TokenCount(room));
        let mut seen: Vec<usize> = made.iter().flat_map(|part| part.findings.clone()).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..findings.len()).collect::<Vec<_>>());
        for part in &made {
            let takes: u32 = part.facts.iter().map(|place| facts[*place].tokens.0).sum::<u32>()
                + part.findings.iter().map(|place| findings[*place].tokens.0).sum::<u32>();
            prop_assert!(takes <= room, "{takes} of {room}");
        }
        prop_assert_eq!(&parts(&facts, &findings, TokenCount(room)), &made);
    }

    #[test]
    fn a_finding_stands_beside_a_fact_of_its_subject(findings in weighed(), room in 200u32..600) {
        let facts = vec![Weighed { subject: Some("a".to_owned()), tokens: TokenCount(20) }];
        for part in parts(&facts, &findings, TokenCount(room)) {
            let of_a = part.findings.iter().any(|place| findings[*place].subject.as_deref() == Some("a"));
            prop_assert!(!of_a || part.facts == [0]);
        }
    }

    #[test]
    fn no_operation_of_any_kind_changes_a_closed_fact(
        ops in vec((0usize..5, vec(0i64..5, 0..4), "[a-z]{0,6}( in [A-Z][a-z]{2,5})?", vec(-1i64..5, 0..3)), 1..12),
    ) {
        let kinds = [LineOp::Add, LineOp::Update, LineOp::Rephrase, LineOp::Merge, LineOp::Retract];
        let scene = Scene {
            facts: vec![
                Fact { pinned: true, ..fact(1, "lives in Lyon") },
                Fact { source: FactSource::Chatter, ..fact(2, "is a nurse") },
                fact(3, "likes tea"),
            ],
            findings: vec![found("Ann", "lives in Nantes", 9), found("Ann", "is a vet", 1), found("Ben", "is a vet", 2)],
            ..Scene::default()
        };
        let operations: Vec<LineOperation> =
            ops.iter().map(|(kind, facts, text, findings)| op(kinds[*kind], facts, text, findings)).collect();
        for decided in scene.decide(&operations) {
            let Decided::Line(line) = decided else { continue };
            prop_assert!(!line.evidence.is_empty());
            for (place, (fact, _)) in line.facts.iter().enumerate() {
                prop_assert!(*fact == FactId(3) || (line.kept_as_it_is && place == 0));
            }
        }
    }
}
