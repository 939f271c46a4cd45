//! Consolidation without a language model: plain patterns in English, Russian and French, and quotes.
//!
//! [`clauses`] finds what people say of themselves by how such clauses begin (`I live in`, `мне нравится`, `j’habite`);
//! [`summary`] quotes what tells most. A fact is the clause itself, under its speaker's name: nothing is rephrased, so
//! nothing can be made up. The answer is the same JSON that a language model would give, and goes the same way.

mod clauses;
mod summary;
#[cfg(test)]
mod tests;

use souvenir_memory::{
    FactKind,
    consolidation::{Citation, Op, Operation, contradicts, key},
    context::ContextMessage,
    prompt::consolidation::{Line, Who, known, so_far, transcript},
};

use clauses::Clause;
use jiff::civil::Date;

use crate::days;

/// At most so many facts of one batch.
const MOST_OPERATIONS: usize = 40;

/// The answer to a request for consolidation.
pub(super) fn write(messages: &[ContextMessage]) -> String {
    let asked = messages.iter().rev().find(|message| message.role == souvenir_memory::Role::User);
    let text = asked.map_or("", |message| message.content.as_str());
    let lines = transcript(text);
    let answer = serde_json::json!({
        "summary": summary::write(&lines, so_far(text)),
        "operations": operations(&lines, &known(text)),
    });
    answer.to_string()
}

/// What tells most of these messages, after what was summed up before.
pub(super) fn summary_of(lines: &[Line], so_far: Option<&str>) -> String {
    summary::write(lines, so_far)
}

pub(super) fn operations(lines: &[Line], known: &[(i64, &str)]) -> Vec<Operation> {
    let known: Vec<Known> = known.iter().filter_map(|(id, text)| Known::read(*id, text)).collect();
    let mut operations: Vec<Operation> = Vec::new();
    for line in lines {
        let Who::Person(name) = &line.who else { continue };
        let subject = named(name);
        for clause in clauses::of(&line.text) {
            let statement = (subject, clause.text);
            let said =
                |operation: &Operation| (operation.subject.clone(), operation.statement.clone().unwrap_or_default());
            if operations.iter().any(|operation| {
                let (of, text) = said(operation);
                key::same((of.as_deref(), &text), statement)
            }) {
                continue;
            }
            // What was said later in the same conversation is what holds.
            operations.retain(|operation| {
                let (of, text) = said(operation);
                !contradicts((of.as_deref(), clauses::head(&text)), (subject, clauses::head(clause.text)))
            });
            operations.push(operation(line, subject, &clause, &known));
        }
    }
    operations.truncate(MOST_OPERATIONS);
    operations
}

fn operation(line: &Line, subject: Option<&str>, clause: &Clause<'_>, known: &[Known]) -> Operation {
    let denies = |fact: &&Known, text| contradicts((fact.subject(), clauses::head(&fact.statement)), (subject, text));
    let changed = known.iter().find(|fact| denies(fact, clause.text) || denies(fact, clauses::head(clause.text)));
    // What else a fact says would go with what has changed: that is for the owner to part.
    let changed = changed.filter(|fact| clauses::head(&fact.statement) == fact.statement);
    let is_to_be_done = matches!(clause.kind, FactKind::Goal | FactKind::Task);
    let due = said_on(line).filter(|_| is_to_be_done).and_then(|said| days::last_named(clause.text, said));
    Operation {
        op: if changed.is_some() { Op::Update } else { Op::Add },
        fact_id: changed.map(|fact| fact.id),
        kind: Some(clause.kind.as_str().to_owned()),
        subject: subject.map(str::to_owned),
        statement: Some(clause.text.to_owned()),
        valid_at: None,
        due_at: due.map(|date| date.to_string()),
        goal_state: None,
        evidence: vec![Citation { message_id: line.message_id, quote: clause.text.to_owned() }],
        unreadable: None,
    }
}

/// The day of a line: `Sun 2026-11-22 14:18`.
fn said_on(line: &Line) -> Option<Date> {
    line.said.split(' ').find_map(|part| part.parse().ok())
}

/// The name of a speaker; none for one who has none.
fn named(name: &str) -> Option<&str> {
    (name != "user").then_some(name)
}

/// A known fact as the prompt shows it: `identity, Ann: I live in Lyon (open) (since 2026-01-01)`.
struct Known {
    id: i64,
    subject: String,
    statement: String,
}

impl Known {
    fn read(id: i64, text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(", ")?;
        let (subject, statement) = rest.split_once(": ").unwrap_or(("", rest));
        let statement = [" (since ", " (open)", " (done)", " (dropped)"]
            .iter()
            .fold(statement, |statement, mark| statement.split_once(mark).map_or(statement, |(before, _)| before));
        Some(Self { id, subject: subject.to_owned(), statement: statement.to_owned() })
    }

    fn subject(&self) -> Option<&str> {
        Some(self.subject.as_str()).filter(|subject| !subject.is_empty())
    }
}
