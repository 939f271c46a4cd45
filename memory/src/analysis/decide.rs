//! From what a model makes of facts and findings to the lines of a diff, one by one, then against those before.

use std::collections::BTreeSet;

use super::{Declined, Finding, Line, LineOp, LineOperation, LineRefusal};
use crate::{
    Fact, FactId, FactStatus, Timestamp,
    consolidation::{
        Change, Evidence, Ground, Hold, Op, Operation, Refusal, Statement, carried,
        decide::{closed, denies, propose, says, stands, target},
        key, rules,
    },
    receipt::things,
};

/// What the version of a fact that is in force rests on, and when that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The fact.
    pub fact: FactId,
    /// The words.
    pub evidence: Evidence,
    /// When they were said.
    pub said_at: Timestamp,
}

/// What lines are decided on.
#[derive(Clone, Copy)]
pub struct Ledger<'a> {
    /// What consolidation's rules stand on. No messages: findings have been verified.
    pub ground: Ground<'a>,
    /// What was found, in the order in which it is numbered, from 1.
    pub findings: &'a [Finding],
    /// What the facts rest on now.
    pub known: &'a [Known],
    /// What the owner has turned down.
    pub declined: &'a [Declined],
}

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is a line of the diff.
    Line(Line),
    /// It is no line, but waits for the owner by itself, as what consolidation leaves to them does.
    Apart(Change),
    /// It is refused.
    Refused(LineRefusal),
}

/// What becomes of each operation, in their order.
#[must_use]
pub fn decide(ledger: &Ledger<'_>, operations: &[LineOperation]) -> Vec<Decided> {
    let mut decided: Vec<Decided> = Vec::with_capacity(operations.len());
    for operation in operations {
        let one = one(ledger, operation).and_then(|found| disjoint(&decided, found)).unwrap_or_else(Decided::Refused);
        decided.push(one);
    }
    decided
}

type Outcome = Result<Decided, LineRefusal>;

/// The findings an operation rests on.
struct Rests<'a> {
    evidence: Vec<Evidence>,
    /// What the findings say, and of whom.
    said: Vec<&'a str>,
    said_at: Option<Timestamp>,
    hold: Option<Hold>,
}

fn one(ledger: &Ledger<'_>, operation: &LineOperation) -> Outcome {
    if let Some(why) = &operation.unreadable {
        return Err(Refusal::Unreadable(why.clone()).into());
    }
    let rests = rests(ledger, operation)?;
    let facts = facts(ledger, operation)?;
    match operation.op {
        LineOp::Add => add(ledger, operation, rests),
        LineOp::Update if rests.evidence.is_empty() => rephrase(ledger, operation, facts[0], rests),
        LineOp::Update => update(ledger, operation, facts[0], rests),
        LineOp::Rephrase => rephrase(ledger, operation, facts[0], rests),
        LineOp::Merge => merge(ledger, operation, &facts, rests),
        LineOp::Retract => retract(ledger, facts[0], rests),
    }
}

fn rests<'a>(ledger: &Ledger<'a>, operation: &LineOperation) -> Result<Rests<'a>, LineRefusal> {
    let mut rests = Rests { evidence: Vec::new(), said: Vec::new(), said_at: None, hold: None };
    for number in &operation.findings {
        let found = numbered(ledger, *number).ok_or(LineRefusal::NoFinding(*number))?;
        rests.said_at = rests.said_at.max(Some(found.said_at));
        rests.hold = rests.hold.or_else(|| found.hold.clone());
        rests.said.extend([found.statement.text.as_str()].into_iter().chain(found.statement.subject.as_deref()));
        extend(&mut rests.evidence, found.evidence.iter());
    }
    Ok(rests)
}

fn numbered<'a>(ledger: &Ledger<'a>, number: i64) -> Option<&'a Finding> {
    ledger.findings.get(usize::try_from(number.checked_sub(1)?).ok()?)
}

fn extend<'a>(evidence: &mut Vec<Evidence>, more: impl Iterator<Item = &'a Evidence>) {
    for piece in more {
        if !evidence.contains(piece) {
            evidence.push(piece.clone());
        }
    }
}

/// The facts an operation names, each once: shown, in force, and as many as it takes.
fn facts<'a>(ledger: &Ledger<'a>, operation: &LineOperation) -> Result<Vec<&'a Fact>, LineRefusal> {
    let mut ids: Vec<i64> = Vec::new();
    operation.fact_ids.iter().for_each(|id| {
        if !ids.contains(id) {
            ids.push(*id);
        }
    });
    let (wanted, fits) = match operation.op {
        // What it names besides says nothing.
        LineOp::Add => return Ok(Vec::new()),
        LineOp::Merge => ("two facts or more", ids.len() >= 2),
        _ => ("one fact", ids.len() == 1),
    };
    if !fits {
        return Err(LineRefusal::FactCount { op: operation.op.as_str(), wanted, named: ids.len() });
    }
    ids.into_iter().map(|id| target(&ledger.ground, Some(id)).map_err(LineRefusal::Rule)).collect()
}

fn statement(ledger: &Ledger<'_>, operation: &LineOperation, of: Option<&Fact>) -> Result<Statement, LineRefusal> {
    let of_fact = of.map(Statement::from);
    let as_operation = Operation {
        op: Op::Add,
        fact_id: None,
        kind: operation.kind.clone().or_else(|| of.map(|fact| fact.kind.as_str().to_owned())),
        subject: operation.subject.clone().or_else(|| of_fact.as_ref().and_then(|said| said.subject.clone())),
        statement: operation.statement.clone(),
        valid_at: operation.valid_at.clone(),
        due_at: operation.due_at.clone(),
        goal_state: operation
            .goal_state
            .clone()
            .or_else(|| of.and_then(|fact| fact.goal_state.map(|state| state.as_str().to_owned()))),
        evidence: Vec::new(),
        unreadable: None,
    };
    rules::statement(&ledger.ground, &as_operation).map_err(LineRefusal::Rule)
}

fn add(ledger: &Ledger<'_>, operation: &LineOperation, rests: Rests<'_>) -> Outcome {
    let ground = &ledger.ground;
    if rests.evidence.is_empty() {
        return Err(Refusal::NoEvidence.into());
    }
    let mut statement = statement(ledger, operation, None)?;
    rules::not_deleted(ground, &statement, &rests.evidence)?;
    says_nothing_new(&statement, &[], &rests)?;
    not_known(ledger, &statement, None)?;
    let mut same = ground.facts.iter().filter(|fact| says(fact, &statement));
    if let Some(ended) = same.find(|fact| fact.is_closed_to_models()) {
        return apart(propose(ground, ended, Op::Update, statement, Hold::HandEdited, rests.evidence));
    }
    let denied = ground.facts.iter().find(|fact| fact.status == FactStatus::Active && denies(fact, &statement));
    if let Some(denied) = denied {
        let hold = closed(denied).unwrap_or(Hold::Contradicts);
        older(ledger, denied, &rests)?;
        return apart(propose(ground, denied, Op::Update, statement, hold, rests.evidence));
    }
    if let Some(hold) = rests.hold {
        let status = FactStatus::Pending;
        return Ok(Decided::Apart(Change::Add { statement, status, hold: Some(hold), evidence: rests.evidence }));
    }
    statement.valid_at = statement.valid_at.or_else(|| valid_at(ledger, operation));
    line(ledger, Line { op: LineOp::Add, facts: Vec::new(), statement, ..resting(rests) })
}

/// Since when something found is so, where the finding says it.
fn valid_at(ledger: &Ledger<'_>, operation: &LineOperation) -> Option<Timestamp> {
    let found = operation.findings.iter().filter_map(|number| numbered(ledger, *number));
    found.filter_map(|finding| finding.statement.valid_at).max()
}

fn update(ledger: &Ledger<'_>, operation: &LineOperation, fact: &Fact, rests: Rests<'_>) -> Outcome {
    let ground = &ledger.ground;
    let mut statement = statement(ledger, operation, Some(fact))?;
    statement.valid_at = statement.valid_at.or_else(|| valid_at(ledger, operation));
    rules::not_deleted(ground, &statement, &rests.evidence)?;
    says_nothing_new(&statement, &[fact], &rests)?;
    not_known(ledger, &statement, Some(fact))?;
    older(ledger, fact, &rests)?;
    match closed(fact).or_else(|| rests.hold.clone()) {
        Some(hold) => apart(propose(ground, fact, Op::Update, statement, hold, rests.evidence)),
        None => line(ledger, Line { op: LineOp::Update, facts: vec![named(fact)], statement, ..resting(rests) }),
    }
}

/// The same in other words: it rests on what the fact rests on, and says nothing that is not there.
fn rephrase(ledger: &Ledger<'_>, operation: &LineOperation, fact: &Fact, mut rests: Rests<'_>) -> Outcome {
    let ground = &ledger.ground;
    extend(&mut rests.evidence, of_fact(ledger, fact).map(|known| &known.evidence));
    let mut statement = statement(ledger, operation, Some(fact))?;
    statement.valid_at = statement.valid_at.or(fact.valid_at);
    statement.due_at = statement.due_at.or(fact.due_at);
    rules::not_deleted(ground, &statement, &[])?;
    not_known(ledger, &statement, Some(fact))?;
    says_nothing_new(&statement, &[fact], &rests)?;
    if let Some(hold) = closed(fact) {
        return apart(propose(ground, fact, Op::Update, statement, hold, rests.evidence));
    }
    if rests.evidence.is_empty() {
        return Err(Refusal::NoEvidence.into());
    }
    line(ledger, Line { op: LineOp::Rephrase, facts: vec![named(fact)], statement, ..resting(rests) })
}

fn merge(ledger: &Ledger<'_>, operation: &LineOperation, facts: &[&Fact], mut rests: Rests<'_>) -> Outcome {
    let ground = &ledger.ground;
    let (closed, open): (Vec<&Fact>, Vec<&Fact>) = facts.iter().copied().partition(|fact| closed(fact).is_some());
    if closed.len() > 1 {
        return Err(LineRefusal::BothClosed);
    }
    for fact in facts {
        extend(&mut rests.evidence, of_fact(ledger, fact).map(|known| &known.evidence));
    }
    if rests.evidence.is_empty() {
        return Err(Refusal::NoEvidence.into());
    }
    if let Some(kept) = closed.first() {
        // What a person wrote stands; what says the same beside it goes.
        let facts = std::iter::once(*kept).chain(open).map(named).collect();
        let statement = Statement::from(*kept);
        return line(ledger, Line { op: LineOp::Merge, facts, statement, kept_as_it_is: true, ..resting(rests) });
    }
    let mut statement = statement(ledger, operation, Some(facts[0]))?;
    statement.valid_at = statement.valid_at.or_else(|| facts.iter().filter_map(|fact| fact.valid_at).min());
    statement.due_at = statement.due_at.or(facts[0].due_at);
    rules::not_deleted(ground, &statement, &[])?;
    says_nothing_new(&statement, facts, &rests)?;
    if let Some(known) = ground
        .facts
        .iter()
        .find(|fact| stands(fact) && says(fact, &statement) && !facts.iter().any(|merged| merged.id == fact.id))
    {
        return Err(LineRefusal::Known(known.id.0));
    }
    let facts = facts.iter().copied().map(named).collect();
    line(ledger, Line { op: LineOp::Merge, facts, statement, ..resting(rests) })
}

fn retract(ledger: &Ledger<'_>, fact: &Fact, rests: Rests<'_>) -> Outcome {
    if rests.evidence.is_empty() {
        return Err(Refusal::NoEvidence.into());
    }
    rules::span_not_deleted(&ledger.ground, &rests.evidence)?;
    older(ledger, fact, &rests)?;
    let statement = Statement::from(fact);
    match closed(fact).or_else(|| rests.hold.clone()) {
        Some(hold) => apart(propose(&ledger.ground, fact, Op::Retract, statement, hold, rests.evidence)),
        None => line(ledger, Line { op: LineOp::Retract, facts: vec![named(fact)], statement, ..resting(rests) }),
    }
}

fn named(fact: &Fact) -> (FactId, u32) {
    (fact.id, fact.version)
}

/// A line that rests on these, to be filled in.
fn resting(rests: Rests<'_>) -> Line {
    Line {
        op: LineOp::Add,
        facts: Vec::new(),
        statement: Statement {
            kind: crate::FactKind::Other,
            subject: None,
            text: String::new(),
            valid_at: None,
            due_at: None,
            goal_state: None,
        },
        kept_as_it_is: false,
        said_at: rests.said_at,
        evidence: rests.evidence,
    }
}

fn apart(change: Result<Change, Refusal>) -> Outcome {
    change.map(Decided::Apart).map_err(LineRefusal::Rule)
}

fn line(ledger: &Ledger<'_>, line: Line) -> Outcome {
    if ledger.declined.iter().any(|declined| declined.forbids(&line)) {
        return Err(LineRefusal::Declined);
    }
    Ok(Decided::Line(line))
}

fn of_fact<'a>(ledger: &Ledger<'a>, fact: &Fact) -> impl Iterator<Item = &'a Known> + use<'a> {
    let id = fact.id;
    ledger.known.iter().filter(move |known| known.fact == id)
}

/// Whether a fact in force says so already; `but` may say it if how far it is, or until when, has changed.
fn not_known(ledger: &Ledger<'_>, statement: &Statement, but: Option<&Fact>) -> Result<(), LineRefusal> {
    let known = ledger.ground.facts.iter().find(|fact| stands(fact) && says(fact, statement));
    match known {
        Some(fact)
            if but.is_none_or(|but| but.id != fact.id)
                || (statement.goal_state == fact.goal_state
                    && statement.due_at.is_none_or(|due| fact.due_at == Some(due))
                    && key::normalised(&fact.statement) == key::normalised(&statement.text)) =>
        {
            Err(LineRefusal::Known(fact.id.0))
        }
        _ => Ok(()),
    }
}

/// What was said before does not overrule what was said after it.
fn older(ledger: &Ledger<'_>, fact: &Fact, rests: &Rests<'_>) -> Result<(), LineRefusal> {
    let known = of_fact(ledger, fact).map(|known| known.said_at).max();
    if known > rests.said_at { Err(LineRefusal::Older(fact.id.0)) } else { Ok(()) }
}

/// What is said anew has to do with what it rests on, and brings in no name, number, date or link.
fn says_nothing_new(statement: &Statement, facts: &[&Fact], rests: &Rests<'_>) -> Result<(), LineRefusal> {
    let of_facts = facts.iter().flat_map(|fact| [fact.statement.as_str(), fact.subject.as_deref().unwrap_or_default()]);
    let quotes = rests.evidence.iter().map(|piece| piece.quote.as_str());
    let texts: Vec<&str> = of_facts.chain(quotes).chain(rests.said.iter().copied()).collect();
    if !carried::shares_a_word(statement, &texts) {
        return Err(Refusal::NotCarried.into());
    }
    let parts = |text: &str| text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect::<Vec<_>>();
    let said: BTreeSet<String> = texts.iter().flat_map(|text| parts(text)).collect();
    let is_said = |thing: &str| parts(thing).iter().all(|part| part.is_empty() || said.contains(part));
    let things = things(&statement.text).into_iter().map(|thing| thing.text).chain(statement.subject.clone());
    let new = things.into_iter().find(|thing| !is_said(thing));
    new.map_or(Ok(()), |thing| Err(LineRefusal::NotThere(thing)))
}

/// A fact is changed once, and nothing is said twice, in one diff.
fn disjoint(before: &[Decided], found: Decided) -> Outcome {
    for (place, earlier) in before.iter().enumerate() {
        let (named, said) = (touched(&found), stated(&found));
        if touched(earlier).iter().any(|fact| named.contains(fact)) {
            return Err(Refusal::ChangesAgain(place + 1).into());
        }
        if let (Some(one), Some(other)) = (stated(earlier), said)
            && key::same((one.subject.as_deref(), &one.text), (other.subject.as_deref(), &other.text))
        {
            return Err(Refusal::Repeats(place + 1).into());
        }
    }
    Ok(found)
}

fn touched(decided: &Decided) -> Vec<FactId> {
    match decided {
        Decided::Line(line) => line.facts.iter().map(|(fact, _)| *fact).collect(),
        Decided::Apart(Change::Propose(proposal)) => vec![proposal.fact],
        _ => Vec::new(),
    }
}

fn stated(decided: &Decided) -> Option<&Statement> {
    match decided {
        Decided::Line(line) if line.op != LineOp::Retract => Some(&line.statement),
        Decided::Apart(Change::Add { statement, .. }) => Some(statement),
        Decided::Apart(Change::Propose(proposal)) if proposal.op != Op::Retract => Some(&proposal.statement),
        _ => None,
    }
}
