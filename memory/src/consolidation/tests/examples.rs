//! One example for each rule.

use super::{
    super::{Change, Evidence, Hold, Op, Place, Refusal},
    scene::*,
};
use crate::{Fact, FactId, FactSource, FactStatus, MessageId, RevisionId, Timestamp};

fn lyon() -> Scene {
    Scene { utterances: vec![says(1, "Ann", "Well, I live in Lyon now."), bot(2, "Lyon is nice.")], ..Scene::default() }
}

#[test]
fn a_quoted_fact_is_written_down_with_its_place() {
    let Change::Add { statement, status, hold, evidence } =
        lyon().one(add("Ann", "lives in Lyon", 1, "i live in LYON"))
    else {
        panic!("added");
    };
    assert_eq!((statement.text.as_str(), status, hold), ("lives in Lyon", FactStatus::Active, None));
    assert_eq!((evidence[0].quote.as_str(), evidence[0].start, evidence[0].end), ("I live in Lyon", 6, 20));
}

#[test]
fn without_a_quote_of_a_person_there_is_no_fact() {
    let scene = lyon();
    let refused = |operation| match scene.one(operation) {
        Change::Refuse(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(add("Ann", "lives in Rome", 1, "I live in Rome")), Refusal::NotSaid(1));
    assert_eq!(refused(add("Ann", "likes Lyon", 2, "Lyon is nice")), Refusal::NotByPerson(2));
    assert_eq!(refused(add("Ann", "lives in Lyon", 9, "I live in Lyon")), Refusal::NotShown(9));
    let mut bare = add("Ann", "lives in Lyon", 1, "");
    bare.evidence.clear();
    assert_eq!(refused(bare), Refusal::NoEvidence);
}

#[test]
fn a_known_fact_is_not_written_twice_and_gets_the_evidence() {
    let mut scene = lyon();
    scene.facts = vec![fact(7, "Ann", "Lives in Lyon.")];
    let Change::Confirm { fact, evidence } = scene.one(add("Ann", "lives in lyon", 1, "I live in Lyon")) else {
        panic!("confirmed");
    };
    assert_eq!((fact, evidence.len()), (FactId(7), 1));
    scene.evidence = vec![(FactId(7), evidence[0].clone())];
    assert_eq!(
        scene.one(add("", "Ann lives in Lyon", 1, "I live in Lyon")),
        Change::Confirm { fact: FactId(7), evidence: Vec::new() }
    );
}

#[test]
fn what_a_person_deleted_is_not_learnt_again() {
    let mut scene = lyon();
    scene.deleted = vec!["ann lives in lyon".to_owned()];
    assert_eq!(scene.one(add("Ann", "lives in Lyon", 1, "I live in Lyon")), Change::Refuse(Refusal::Tombstoned));
    scene.deleted.clear();
    scene.buried = vec![(MessageId(1), Place { start: 10, end: 20 })];
    let other_words = add("Ann", "has moved to Lyon", 1, "Well, I live");
    assert_eq!(scene.one(other_words), Change::Refuse(Refusal::SpanTombstoned(1)));
    assert!(
        matches!(scene.one(add("Ann", "is well", 1, "Well")), Change::Add { .. }),
        "the rest of the message is free"
    );
}

#[test]
fn an_owners_or_pinned_fact_is_only_proposed_to_be_changed() {
    let mut scene = lyon();
    let owners = Fact { source: FactSource::Owner, ..fact(7, "Ann", "lives in Nice") };
    for (known, hold) in
        [(owners.clone(), Hold::HandEdited), (Fact { pinned: true, ..fact(7, "Ann", "lives in Nice") }, Hold::Pinned)]
    {
        scene.facts = vec![known];
        for operation in [Op::Update, Op::Retract] {
            let Change::Propose(proposal) =
                scene.one(op(operation, Some(7), "Ann", "lives in Lyon", 1, "I live in Lyon"))
            else {
                panic!("proposed");
            };
            assert_eq!((proposal.fact, proposal.op, &proposal.hold), (FactId(7), operation, &hold));
        }
    }
    let Change::Propose(proposal) = scene.one(op(Op::Update, Some(7), "Ann", "lives in Lyon", 1, "I live in Lyon"))
    else {
        panic!("proposed");
    };
    scene.waiting = vec![proposal];
    let again = scene.one(op(Op::Update, Some(7), "Ann", "Lives in Lyon!", 1, "I live in Lyon"));
    assert_eq!(again, Change::Refuse(Refusal::WaitsAlready));
}

#[test]
fn a_contradiction_is_put_before_the_owner_with_the_fact_it_denies() {
    let mut scene = lyon();
    scene.facts = vec![fact(7, "Ann", "lives in Nice")];
    let Change::Propose(proposal) = scene.one(add("Ann", "lives in Lyon", 1, "I live in Lyon")) else {
        panic!("proposed")
    };
    assert_eq!((proposal.fact, proposal.hold), (FactId(7), Hold::Contradicts));
    assert_eq!(proposal.evidence[0].message, MessageId(1));
}

#[test]
fn an_update_and_a_retraction_name_a_fact_that_was_shown_and_stands() {
    let mut scene = lyon();
    scene.facts = vec![fact(7, "Ann", "lives in Nice")];
    let update = op(Op::Update, Some(7), "Ann", "lives in Lyon", 1, "I live in Lyon");
    assert!(matches!(scene.one(update.clone()), Change::Update { fact: FactId(7), .. }));
    let Change::Retract { invalid_at, .. } = scene.one(op(Op::Retract, Some(7), "", "", 1, "I live in Lyon")) else {
        panic!("retracted");
    };
    assert_eq!(invalid_at, Some(Timestamp(1000)), "since it was said");
    let missing = op(Op::Update, Some(8), "Ann", "lives in Lyon", 1, "I live in Lyon");
    assert_eq!(scene.one(missing), Change::Refuse(Refusal::FactNotShown(8)));
    scene.facts[0].status = FactStatus::Retracted;
    assert_eq!(scene.one(update), Change::Refuse(Refusal::NotInForce(7)));
}

#[test]
fn forwards_documents_and_words_about_others_wait() {
    let document = super::super::Utterance {
        borrowed: Some(super::super::Borrowed::Document),
        ..says(4, "Ann", "[document: cv.pdf] Ann is a nurse")
    };
    let mut scene = Scene {
        utterances: vec![
            forwards(3, "Ann", "Ben", "I moved to Rome"),
            document,
            says(5, "Ben", "Ann is allergic to nuts, and I like tea"),
            says(6, "Ann", "hello"),
        ],
        ..Scene::default()
    };
    let hold = |scene: &Scene, operation| match scene.one(operation) {
        Change::Add { status, hold, .. } => {
            assert_eq!(status == FactStatus::Pending, hold.is_some());
            hold
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(hold(&scene, add("Ben", "moved to Rome", 3, "I moved to Rome")), Some(Hold::Forwarded));
    assert_eq!(hold(&scene, add("Ann", "is a nurse", 4, "Ann is a nurse")), Some(Hold::Document));
    let about_ann = add("Ann", "is allergic to nuts", 5, "Ann is allergic to nuts");
    assert_eq!(hold(&scene, about_ann.clone()), Some(Hold::AboutAnother), "imported: both wrote there");
    scene.utterances.push(says(7, "Ben", "My sister Zoé is a nurse"));
    let about_zoe = add("Zoé", "is a nurse", 7, "My sister Zoé is a nurse");
    assert_eq!(hold(&scene, about_zoe.clone()), None, "in a private chat one speaks of one's own people");
    scene.group = true;
    assert_eq!(hold(&scene, about_zoe), Some(Hold::AboutAnother));
    assert_eq!(hold(&scene, about_ann), Some(Hold::AboutAnother));
    assert_eq!(
        hold(&scene, add("", "Ann is allergic to nuts", 5, "Ann is allergic to nuts")),
        Some(Hold::AboutAnother)
    );
    assert_eq!(hold(&scene, add("Ben", "likes tea", 5, "I like tea")), None);
    let surname = Hold::NotThere { thing: "Ben Smith".to_owned() };
    assert_eq!(hold(&scene, add("Ben Smith", "likes tea", 5, "I like tea")), Some(surname));
}

#[test]
fn the_operations_of_one_answer_do_not_get_in_each_others_way() {
    let mut scene = lyon();
    scene.utterances.push(says(3, "Ann", "I live in Paris"));
    scene.facts = vec![fact(7, "Ann", "likes tea")];
    let lyon = add("Ann", "lives in Lyon", 1, "I live in Lyon");
    let changes = scene.decide(&[lyon.clone(), lyon, add("Ann", "lives in Paris", 3, "I live in Paris")]);
    assert_eq!(changes[1], Change::Refuse(Refusal::Repeats(1)));
    for place in [0, 2] {
        let Change::Add { status, hold: Some(Hold::ContradictsOperation { .. }), .. } = &changes[place] else {
            panic!("held")
        };
        assert_eq!(*status, FactStatus::Pending);
    }
    let twice = scene.decide(&[
        op(Op::Update, Some(7), "Ann", "likes Lyon", 1, "I live in Lyon"),
        op(Op::Retract, Some(7), "", "", 1, "I live in Lyon"),
    ]);
    assert_eq!(twice[1], Change::Refuse(Refusal::ChangesAgain(1)));
}

#[test]
fn a_note_of_ours_about_a_photo_is_nobodys_word() {
    let photo = super::super::Utterance { words_from: 7, ..says(3, "Ann", "[photo] my cat Tom") };
    let scene = Scene { utterances: vec![photo], ..Scene::default() };
    assert_eq!(scene.one(add("Ann", "has a photo", 3, "photo")), Change::Refuse(Refusal::NotSaid(3)));
    let Change::Add { evidence, .. } = scene.one(add("Ann", "has a cat, Tom", 3, "my cat Tom")) else {
        panic!("added")
    };
    assert_eq!((evidence[0].start, evidence[0].end), (8, 18));
}

#[test]
fn what_was_said_before_changes_nothing_that_was_said_later() {
    let mut scene = Scene { utterances: vec![says(5, "Ada", "I live in Nice.")], ..Scene::default() };
    scene.facts = vec![fact(1, "Ada", "lives in Lyon")];
    let known = Evidence { message: MessageId(9), revision: RevisionId(9), quote: "Lyon".to_owned(), start: 0, end: 4 };
    scene.evidence = vec![(FactId(1), known.clone())];
    let update = op(Op::Update, Some(1), "Ada", "lives in Nice", 5, "I live in Nice");
    assert_eq!(scene.one(update.clone()), Change::Refuse(Refusal::SaidBefore(1)));
    assert_eq!(scene.one(add("Ada", "lives in Nice", 5, "I live in Nice")), Change::Refuse(Refusal::SaidBefore(1)));
    scene.evidence = vec![(FactId(1), Evidence { message: MessageId(4), ..known })];
    assert!(matches!(scene.one(update), Change::Update { .. }));
}
