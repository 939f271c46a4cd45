//! What holds for any operations at all.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{
    super::{Change, Citation, Op, Operation, Place, quote},
    scene::*,
};
use crate::{Fact, FactId, FactKind, FactSource, FactStatus, MessageId};

const WORDS: [&str; 6] = ["tea", "Lyon", "lives", "in", "Paris", "not"];
const NAMES: [&str; 3] = ["Ann", "Ben", ""];

fn words() -> impl Strategy<Value = String> {
    vec(select(WORDS.as_slice()), 1..5).prop_map(|words| words.join(" "))
}

fn scene() -> impl Strategy<Value = Scene> {
    let message = (words(), select(NAMES.as_slice()), 0u8..4);
    let known = (words(), select(NAMES.as_slice()), 0u8..6);
    (vec(message, 1..8), vec(known, 0..6), option::of(words()), option::of((1i64..8, 0usize..8)), any::<bool>())
        .prop_map(|(messages, known, deleted, buried, group)| Scene {
            utterances: (1..)
                .zip(messages)
                .map(|(id, (text, author, sort))| match sort {
                    0 => bot(id, &text),
                    1 => forwards(id, author, "Stranger", &text),
                    _ => says(id, author, &text),
                })
                .collect(),
            facts: (1..).zip(known).map(|(id, (text, subject, sort))| known_fact(id, subject, &text, sort)).collect(),
            deleted: deleted.into_iter().collect(),
            buried: buried.into_iter().map(|(id, start)| (MessageId(id), Place { start, end: start + 4 })).collect(),
            group,
            ..Scene::default()
        })
}

fn known_fact(id: i64, subject: &str, text: &str, sort: u8) -> Fact {
    let plain = fact(id, subject, text);
    match sort {
        0 => Fact { pinned: true, ..plain },
        1 => Fact { source: FactSource::Owner, ..plain },
        2 => Fact { source: FactSource::Chatter, ..plain },
        3 => Fact { status: FactStatus::Pending, ..plain },
        4 => Fact { status: FactStatus::Retracted, ..plain },
        _ => plain,
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    let citation = (0i64..9, words()).prop_map(|(message_id, quote)| Citation { message_id, quote });
    let op = select([Op::Add, Op::Update, Op::Retract].as_slice());
    let kind = select(["identity", "goal", "nonsense"].as_slice());
    (op, option::of(0i64..8), kind, select(NAMES.as_slice()), words(), vec(citation, 0..3)).prop_map(
        |(op, fact_id, kind, subject, statement, evidence)| Operation {
            op,
            fact_id,
            kind: Some(kind.to_owned()),
            subject: Some(subject.to_owned()),
            statement: Some(statement),
            valid_at: None,
            due_at: None,
            goal_state: None,
            evidence,
            unreadable: None,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_stored_rests_on_words_that_a_person_said(scene in scene(), operations in vec(operation(), 0..8)) {
        for change in scene.decide(&operations) {
            let evidence = match &change {
                Change::Add { evidence, .. } | Change::Update { evidence, .. } | Change::Retract { evidence, .. } => {
                    prop_assert!(!evidence.is_empty());
                    evidence
                }
                Change::Propose(proposal) => {
                    prop_assert!(!proposal.evidence.is_empty());
                    &proposal.evidence
                }
                Change::Confirm { evidence, .. } => evidence,
                Change::Refuse(_) => continue,
            };
            for piece in evidence {
                let message = scene.utterances.iter().find(|said| said.message == piece.message).unwrap();
                prop_assert!(message.is_by_person());
                prop_assert_eq!(&message.text[piece.start..piece.end], &piece.quote);
                prop_assert!(quote::find(&message.text, &piece.quote).is_some());
                let buried = |(id, place): &(MessageId, Place)| *id == piece.message && place.overlaps(piece.place());
                prop_assert!(!scene.buried.iter().any(buried));
            }
        }
    }

    #[test]
    fn no_place_that_nobody_named_is_believed(scene in scene(), operations in vec(operation(), 0..8)) {
        for change in scene.decide(&operations) {
            let (Change::Add { statement, status: FactStatus::Active, .. } | Change::Update { statement, .. }) = change else {
                continue;
            };
            let said = scene.utterances.iter().filter(|said| said.is_by_person()).map(|said| said.text.as_str());
            let known: Vec<&str> = said.chain(scene.facts.iter().map(|fact| fact.statement.as_str())).collect();
            for place in statement.text.split(' ').skip(1).filter(|word| matches!(*word, "Lyon" | "Paris")) {
                prop_assert!(known.iter().any(|text| text.contains(place)), "{:?}", statement);
            }
        }
    }

    #[test]
    fn no_model_changes_what_a_person_wrote_or_pinned(scene in scene(), operations in vec(operation(), 0..8)) {
        let closed = |id: &FactId| scene.facts.iter().any(|fact| fact.id == *id && fact.is_closed_to_models());
        for change in scene.decide(&operations) {
            if let Change::Update { fact, .. } | Change::Retract { fact, .. } = &change {
                prop_assert!(!closed(fact));
            }
        }
    }

    #[test]
    fn nothing_is_written_twice_and_no_fact_changed_twice(scene in scene(), operations in vec(operation(), 0..8)) {
        let changes = scene.decide(&operations);
        prop_assert_eq!(changes.len(), operations.len());
        let mut touched: Vec<FactId> = Vec::new();
        let mut said: Vec<(Option<String>, String)> = Vec::new();
        for change in &changes {
            if let Change::Update { fact, .. } | Change::Retract { fact, .. } = change {
                prop_assert!(!touched.contains(fact));
                touched.push(*fact);
            }
            if let Change::Add { statement, .. } = change {
                let same = |(subject, text): &(Option<String>, String)| {
                    super::super::key::same((subject.as_deref(), text), (statement.subject.as_deref(), &statement.text))
                };
                prop_assert!(!said.iter().any(same));
                let known = scene.facts.iter().filter(|fact| matches!(fact.status, FactStatus::Active | FactStatus::Pending));
                prop_assert!(!known.clone().any(|fact| same(&(fact.subject.clone(), fact.statement.clone()))));
                prop_assert!(matches!(statement.kind, FactKind::Identity | FactKind::Goal | FactKind::Other));
                said.push((statement.subject.clone(), statement.text.clone()));
            }
        }
    }

    #[test]
    fn the_same_answer_a_second_time_adds_nothing(scene in scene(), operations in vec(operation(), 0..6)) {
        let mut after = scene.clone();
        for (id, change) in (100..).zip(scene.decide(&operations)) {
            if let Change::Add { statement, status, evidence, .. } = change {
                let subject = statement.subject.clone().unwrap_or_default();
                after.evidence.extend(evidence.into_iter().map(|piece| (FactId(id), piece)));
                after.facts.push(Fact { status, ..fact(id, &subject, &statement.text) });
            }
        }
        let adds: Vec<Operation> = operations.into_iter().filter(|operation| operation.op == Op::Add).collect();
        for change in after.decide(&adds) {
            prop_assert!(!matches!(change, Change::Add { .. }), "{change:?}");
        }
    }
}
