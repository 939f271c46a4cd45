//! What one window says: statements with quotes that were found, and the same of all windows together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    consolidation::{Evidence, Ground, Hold, Operation, Refusal, Statement, carried, key, rules},
};

/// Something that people said, with the words that prove it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What they said.
    pub statement: Statement,
    /// When they said it last.
    pub said_at: Timestamp,
    /// Why it is not simply believed.
    pub hold: Option<Hold>,
    /// The words.
    pub evidence: Vec<Evidence>,
}

/// The findings among what a model says of a window: those whose every quote stands there and has to do with them, and that
/// nobody deleted.
#[must_use]
pub fn findings(ground: &Ground<'_>, operations: &[Operation]) -> Vec<Finding> {
    operations.iter().filter_map(|operation| finding(ground, operation).ok()).collect()
}

fn finding(ground: &Ground<'_>, operation: &Operation) -> Result<Finding, Refusal> {
    if let Some(why) = &operation.unreadable {
        return Err(Refusal::Unreadable(why.clone()));
    }
    let evidence = rules::verified(ground, &operation.evidence)?;
    let mut statement = rules::statement(ground, operation)?;
    carried::keep_told_dates(ground, &mut statement, &evidence);
    rules::not_deleted(ground, &statement, &evidence)?;
    let said_at = rules::said_at(ground, &evidence).unwrap_or_default();
    let doubt = carried::doubt(ground, &statement, &evidence, None)?;
    Ok(Finding { hold: rules::hold(ground, &statement, &evidence).or(doubt), statement, said_at, evidence })
}

/// The findings of all windows, oldest first; what was said several times is one finding that rests on all of it. What
/// was said by the person it is about outweighs what others said.
#[must_use]
pub fn gather(findings: impl IntoIterator<Item = Finding>) -> Vec<Finding> {
    let mut gathered: BTreeMap<String, Finding> = BTreeMap::new();
    for finding in findings {
        let said = key::of(finding.statement.subject.as_deref(), &finding.statement.text);
        let Some(known) = gathered.get_mut(&said) else {
            gathered.insert(said, finding);
            continue;
        };
        match (&known.hold, &finding.hold) {
            (None, Some(_)) => {}
            (Some(_), None) => *known = finding,
            _ => join(known, finding),
        }
    }
    let mut gathered: Vec<Finding> = gathered.into_values().collect();
    gathered.sort_by(|one, other| one.said_at.cmp(&other.said_at).then_with(|| first(one).cmp(&first(other))));
    gathered
}

fn join(known: &mut Finding, finding: Finding) {
    // What is told of it last is what holds: how far a goal is, until when.
    if finding.said_at >= known.said_at {
        let valid_at = known.statement.valid_at.or(finding.statement.valid_at);
        known.statement = Statement { valid_at, ..finding.statement };
        known.said_at = finding.said_at;
    }
    for piece in finding.evidence {
        if !known.evidence.contains(&piece) {
            known.evidence.push(piece);
        }
    }
}

fn first(finding: &Finding) -> Option<(crate::MessageId, usize)> {
    finding.evidence.first().map(|piece| (piece.message, piece.start))
}
