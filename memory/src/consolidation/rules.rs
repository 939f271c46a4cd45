//! The single rules: whether words were said, whose they are, and whether they may be learnt at all.

use super::{Borrowed, Citation, Evidence, Ground, Hold, Operation, Refusal, Statement, Utterance, key, quote};
use crate::{Fact, FactKind, Timestamp, fact::clean_statement};

/// Finds every quote of an operation. One that was not said spoils all: who invents one may have invented the rest.
pub(crate) fn verified(ground: &Ground<'_>, citations: &[Citation]) -> Result<Vec<Evidence>, Refusal> {
    let mut evidence: Vec<Evidence> = Vec::new();
    for citation in citations {
        let found = said(ground, citation)?;
        if !evidence.contains(&found) {
            evidence.push(found);
        }
    }
    if evidence.is_empty() { Err(Refusal::NoEvidence) } else { Ok(evidence) }
}

fn said(ground: &Ground<'_>, citation: &Citation) -> Result<Evidence, Refusal> {
    let id = citation.message_id;
    let utterance = utterance(ground, id).ok_or(Refusal::NotShown(id))?;
    if !utterance.is_by_person() {
        return Err(Refusal::NotByPerson(id));
    }
    let words = utterance.text.get(utterance.words_from..).unwrap_or_default();
    let place = quote::find(words, &citation.quote).ok_or(Refusal::NotSaid(id))?;
    Ok(Evidence {
        message: utterance.message,
        revision: utterance.revision,
        quote: words[place.start..place.end].to_owned(),
        start: utterance.words_from + place.start,
        end: utterance.words_from + place.end,
    })
}

fn utterance<'a>(ground: &Ground<'a>, id: i64) -> Option<&'a Utterance> {
    ground.utterances.iter().find(|utterance| utterance.message.0 == id)
}

/// What an operation states, brought into form. A kind nobody knows is `other`; a date nobody can read is none.
pub(crate) fn statement(ground: &Ground<'_>, operation: &Operation) -> Result<Statement, Refusal> {
    let kind =
        operation.kind.as_deref().and_then(|kind| kind.trim().to_lowercase().parse().ok()).unwrap_or(FactKind::Other);
    let subject = operation.subject.as_deref().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
    let date = |text: &Option<String>| text.as_deref().map(str::trim).and_then(|text| (ground.moment)(text));
    Ok(Statement {
        kind,
        subject: subject.filter(|name| !name.is_empty()).map(|name| name.chars().take(200).collect()),
        text: clean_statement(operation.statement.as_deref().unwrap_or_default())?,
        valid_at: date(&operation.valid_at),
        due_at: date(&operation.due_at).filter(|_| matches!(kind, FactKind::Goal | FactKind::Task)),
        goal_state: (kind == FactKind::Goal).then(|| {
            operation.goal_state.as_deref().and_then(|state| state.parse().ok()).unwrap_or(crate::GoalState::Open)
        }),
    })
}

/// Whether a person deleted this statement, or a fact that rested on the same words.
pub(crate) fn not_deleted(ground: &Ground<'_>, statement: &Statement, evidence: &[Evidence]) -> Result<(), Refusal> {
    let forms = [key::normalised(&statement.text), key::of(statement.subject.as_deref(), &statement.text)];
    if forms.iter().any(|form| (ground.is_deleted)(form)) {
        return Err(Refusal::Tombstoned);
    }
    span_not_deleted(ground, evidence)
}

/// Whether a deleted fact rested on the same words.
pub(crate) fn span_not_deleted(ground: &Ground<'_>, evidence: &[Evidence]) -> Result<(), Refusal> {
    let under = |evidence: &&Evidence| {
        ground.buried.iter().any(|(message, place)| *message == evidence.message && place.overlaps(evidence.place()))
    };
    evidence.iter().find(under).map_or(Ok(()), |evidence| Err(Refusal::SpanTombstoned(evidence.message.0)))
}

/// Why this is not simply believed; none when the person it is about said it.
pub(crate) fn hold(ground: &Ground<'_>, statement: &Statement, evidence: &[Evidence]) -> Option<Hold> {
    let cited = || evidence.iter().filter_map(|evidence| utterance(ground, evidence.message.0));
    let borrowed = cited().find_map(|utterance| utterance.borrowed.as_ref());
    match borrowed {
        Some(Borrowed::Forward(_)) => return Some(Hold::Forwarded),
        Some(Borrowed::Document) => return Some(Hold::Document),
        None => {}
    }
    let about = about(ground, statement)?;
    let by_themselves =
        cited().any(|utterance| utterance.author.as_deref().is_some_and(|author| is_same_person(author, &about)));
    let of_a_person = matches!(statement.kind, FactKind::Identity | FactKind::Preference | FactKind::Relationship);
    // Outside groups one speaks of one's own people, but not for the other who writes there.
    let of_another = (ground.group && of_a_person) || is_member(ground, &about);
    (!by_themselves && of_another).then_some(Hold::AboutAnother)
}

/// Whom a statement is about: its subject, or the member of the group that it names first.
fn about(ground: &Ground<'_>, statement: &Statement) -> Option<String> {
    if let Some(subject) = &statement.subject {
        return Some(subject.clone());
    }
    let words = key::normalised(&statement.text);
    let begins =
        |name: &&str| words.strip_prefix(&key::normalised(name)).is_some_and(|rest| rest.starts_with([' ', '\'']));
    members(ground).find(begins).map(str::to_owned)
}

fn members<'a>(ground: &Ground<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    ground
        .utterances
        .iter()
        .filter(|utterance| utterance.is_by_person())
        .filter_map(|utterance| utterance.author.as_deref())
}

fn is_member(ground: &Ground<'_>, name: &str) -> bool {
    members(ground).any(|member| is_same_person(member, name))
}

/// `Ann` and `Ann Smith` are taken for one.
pub(super) fn is_same_person(one: &str, other: &str) -> bool {
    let (one, other) = (key::normalised(one), key::normalised(other));
    let first = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
    !one.is_empty() && (one == other || ((one == first(&other) || other == first(&one)) && !first(&one).is_empty()))
}

/// Whether an operation rests on what was said after what its fact rests on. History may be imported after what came later was
/// learnt: what held then changes nothing about what holds now.
pub(super) fn said_later(ground: &Ground<'_>, fact: &Fact, evidence: &[Evidence]) -> Result<(), Refusal> {
    let known = ground.evidence.iter().filter(|(of, _)| *of == fact.id).map(|(_, evidence)| evidence.message).max();
    let newest = evidence.iter().map(|evidence| evidence.message).max();
    if known.zip(newest).is_some_and(|(known, newest)| newest < known) {
        return Err(Refusal::SaidBefore(fact.id.0));
    }
    Ok(())
}

/// When the latest of the cited messages was said.
pub(crate) fn said_at(ground: &Ground<'_>, evidence: &[Evidence]) -> Option<Timestamp> {
    evidence.iter().filter_map(|evidence| utterance(ground, evidence.message.0)).map(|utterance| utterance.at).max()
}
