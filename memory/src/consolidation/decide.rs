//! From a model's operations to changes: each operation by itself, then against the others of the same answer.

use super::{
    Change, Evidence, Hold, Op, Operation, Place, Proposal, Refusal, Statement, Utterance, carried, contradicts, key,
    rules,
};
use crate::{Fact, FactId, FactStatus, MessageId, Timestamp};

/// What the rules stand on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The messages that were shown to the model.
    pub utterances: &'a [Utterance],
    /// Every fact of the chat in its current version, but for deleted ones.
    pub facts: &'a [Fact],
    /// What facts rest on already.
    pub evidence: &'a [(FactId, Evidence)],
    /// The facts that were shown to the model.
    pub shown: &'a [FactId],
    /// Tells whether a normalised statement was deleted by a person. Only hashes are kept of those.
    pub is_deleted: &'a (dyn Fn(&str) -> bool + Sync),
    /// The words that deleted facts rested on.
    pub buried: &'a [(MessageId, Place)],
    /// What waits for the owner already.
    pub waiting: &'a [Proposal],
    /// Whether several people write in the chat.
    pub group: bool,
    /// Reads a date in the chat's time zone.
    pub moment: &'a (dyn Fn(&str) -> Option<Timestamp> + Sync),
}

/// What is to be done about each operation, in their order.
#[must_use]
pub fn decide(ground: &Ground<'_>, operations: &[Operation]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::with_capacity(operations.len());
    for operation in operations {
        let change = one(ground, operation, &changes).unwrap_or_else(Change::Refuse);
        changes.push(change);
    }
    hold_what_disagrees(&mut changes);
    changes
}

fn one(ground: &Ground<'_>, operation: &Operation, before: &[Change]) -> Result<Change, Refusal> {
    if let Some(why) = &operation.unreadable {
        return Err(Refusal::Unreadable(why.clone()));
    }
    let evidence = rules::verified(ground, &operation.evidence)?;
    if operation.op == Op::Retract {
        let fact = target(ground, operation.fact_id)?;
        rules::span_not_deleted(ground, &evidence)?;
        not_changed_before(fact, before)?;
        return retract(ground, operation, fact, evidence);
    }
    let mut statement = rules::statement(ground, operation)?;
    carried::keep_told_dates(ground, &mut statement, &evidence);
    rules::not_deleted(ground, &statement, &evidence)?;
    not_said_before(&statement, before)?;
    match operation.op {
        Op::Update => {
            let fact = target(ground, operation.fact_id)?;
            not_changed_before(fact, before)?;
            update(ground, fact, statement, evidence)
        }
        _ => add(ground, statement, evidence),
    }
}

/// The fact an operation names: one that was shown and is in force.
pub(crate) fn target<'a>(ground: &Ground<'a>, id: Option<i64>) -> Result<&'a Fact, Refusal> {
    let id = id.ok_or(Refusal::NoFact)?;
    let shown = ground.shown.contains(&FactId(id));
    let fact = ground.facts.iter().find(|fact| shown && fact.id.0 == id).ok_or(Refusal::FactNotShown(id))?;
    if stands(fact) { Ok(fact) } else { Err(Refusal::NotInForce(id)) }
}

pub(crate) fn stands(fact: &Fact) -> bool {
    matches!(fact.status, FactStatus::Active | FactStatus::Pending)
}

fn add(ground: &Ground<'_>, statement: Statement, evidence: Vec<Evidence>) -> Result<Change, Refusal> {
    let doubt = carried::doubt(ground, &statement, &evidence, None);
    let same = ground.facts.iter().filter(|fact| says(fact, &statement));
    if let Some(known) = same.clone().find(|fact| stands(fact)) {
        return Ok(confirm(ground, known, evidence, &doubt));
    }
    let doubt = doubt?;
    // What a person took back is theirs to bring back.
    if let Some(ended) = same.clone().find(|fact| fact.is_closed_to_models()) {
        return propose(ground, ended, Op::Update, statement, Hold::HandEdited, evidence);
    }
    let denied = ground.facts.iter().find(|fact| fact.status == FactStatus::Active && denies(fact, &statement));
    if let Some(denied) = denied {
        rules::said_later(ground, denied, &evidence)?;
        return propose(ground, denied, Op::Update, statement, Hold::Contradicts, evidence);
    }
    let hold = rules::hold(ground, &statement, &evidence).or(doubt);
    let status = if hold.is_some() { FactStatus::Pending } else { FactStatus::Active };
    Ok(Change::Add { statement, status, hold, evidence })
}

fn update(ground: &Ground<'_>, fact: &Fact, statement: Statement, evidence: Vec<Evidence>) -> Result<Change, Refusal> {
    let doubt = carried::doubt(ground, &statement, &evidence, Some(fact));
    let advances =
        statement.goal_state != fact.goal_state || statement.due_at.is_some_and(|due| fact.due_at != Some(due));
    if let Some(known) = ground.facts.iter().find(|known| stands(known) && says(known, &statement))
        && (known.id != fact.id || !advances)
    {
        return Ok(confirm(ground, known, evidence, &doubt));
    }
    let doubt = doubt?;
    rules::said_later(ground, fact, &evidence)?;
    let hold = closed(fact).or_else(|| rules::hold(ground, &statement, &evidence)).or(doubt);
    match hold.or_else(|| (!carried::is_about(fact, &statement)).then_some(Hold::OtherFact)) {
        Some(hold) => propose(ground, fact, Op::Update, statement, hold, evidence),
        None => Ok(Change::Update { fact: fact.id, statement, evidence }),
    }
}

fn retract(
    ground: &Ground<'_>,
    operation: &Operation,
    fact: &Fact,
    evidence: Vec<Evidence>,
) -> Result<Change, Refusal> {
    let statement = Statement::from(fact);
    rules::said_later(ground, fact, &evidence)?;
    let hold = closed(fact).or_else(|| rules::hold(ground, &statement, &evidence));
    match hold.or_else(|| carried::doubt_of_end(ground, fact, &statement, &evidence)) {
        Some(hold) => propose(ground, fact, Op::Retract, statement, hold, evidence),
        None => {
            let named = operation.valid_at.as_deref().and_then(|text| (ground.moment)(text));
            let invalid_at = named.or_else(|| rules::said_at(ground, &evidence));
            Ok(Change::Retract { fact: fact.id, invalid_at, evidence })
        }
    }
}

/// Why a model may not change a fact.
pub(crate) fn closed(fact: &Fact) -> Option<Hold> {
    match fact {
        fact if fact.pinned => Some(Hold::Pinned),
        fact if fact.is_closed_to_models() => Some(Hold::HandEdited),
        _ => None,
    }
}

/// What is known is not written twice. Only words that carry it become its evidence: a fact must not outlive, by a quote that
/// has nothing to do with it, the message that it came from.
fn confirm(
    ground: &Ground<'_>,
    known: &Fact,
    evidence: Vec<Evidence>,
    doubt: &Result<Option<Hold>, Refusal>,
) -> Change {
    let evidence = if matches!(doubt, Ok(None)) { evidence } else { Vec::new() };
    let has = |evidence: &Evidence| ground.evidence.iter().any(|(fact, held)| *fact == known.id && held == evidence);
    Change::Confirm { fact: known.id, evidence: evidence.into_iter().filter(|evidence| !has(evidence)).collect() }
}

pub(crate) fn propose(
    ground: &Ground<'_>,
    fact: &Fact,
    op: Op,
    statement: Statement,
    hold: Hold,
    evidence: Vec<Evidence>,
) -> Result<Change, Refusal> {
    let waits =
        |waiting: &Proposal| waiting.fact == fact.id && waiting.op == op && same(&waiting.statement, &statement);
    if ground.waiting.iter().any(waits) {
        return Err(Refusal::WaitsAlready);
    }
    Ok(Change::Propose(Proposal { fact: fact.id, version: fact.version, op, statement, hold, evidence }))
}

pub(crate) fn says(fact: &Fact, statement: &Statement) -> bool {
    key::same((fact.subject.as_deref(), &fact.statement), (statement.subject.as_deref(), &statement.text))
}

pub(crate) fn denies(fact: &Fact, statement: &Statement) -> bool {
    contradicts((fact.subject.as_deref(), &fact.statement), (statement.subject.as_deref(), &statement.text))
}

fn same(one: &Statement, other: &Statement) -> bool {
    key::same((one.subject.as_deref(), &one.text), (other.subject.as_deref(), &other.text))
}

/// What a change states anew.
fn stated(change: &Change) -> Option<&Statement> {
    match change {
        Change::Add { statement, .. } | Change::Update { statement, .. } => Some(statement),
        Change::Propose(proposal) if proposal.op == Op::Update => Some(&proposal.statement),
        _ => None,
    }
}

/// The fact that a change is about.
fn changed(change: &Change) -> Option<FactId> {
    match change {
        Change::Update { fact, .. } | Change::Retract { fact, .. } => Some(*fact),
        Change::Propose(proposal) => Some(proposal.fact),
        _ => None,
    }
}

fn not_said_before(statement: &Statement, before: &[Change]) -> Result<(), Refusal> {
    let place = before.iter().position(|change| stated(change).is_some_and(|said| same(said, statement)));
    place.map_or(Ok(()), |place| Err(Refusal::Repeats(place + 1)))
}

fn not_changed_before(fact: &Fact, before: &[Change]) -> Result<(), Refusal> {
    let place = before.iter().position(|change| changed(change) == Some(fact.id));
    place.map_or(Ok(()), |place| Err(Refusal::ChangesAgain(place + 1)))
}

/// Two new facts of one answer that deny each other both wait: nothing tells which of them is true.
fn hold_what_disagrees(changes: &mut [Change]) {
    for later in 1..changes.len() {
        for earlier in 0..later {
            let (Some(one), Some(other)) = (stated(&changes[earlier]), stated(&changes[later])) else { continue };
            if contradicts((one.subject.as_deref(), &one.text), (other.subject.as_deref(), &other.text)) {
                hold_back(&mut changes[earlier], later + 1);
                hold_back(&mut changes[later], earlier + 1);
            }
        }
    }
}

fn hold_back(change: &mut Change, operation: usize) {
    if let Change::Add { status, hold, .. } = change
        && hold.is_none()
    {
        *status = FactStatus::Pending;
        *hold = Some(Hold::ContradictsOperation { operation });
    }
}
