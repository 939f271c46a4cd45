//! Sharing facts and findings out into parts that fit the model, each with what may concern the same thing.
//!
//! What is said of one subject belongs together: a move is only seen by who reads both addresses. So parts are made of
//! whole subjects where they fit. A subject that is too large is cut by time, its facts in front of each piece, as far as
//! they take no more than half of it.

use std::collections::BTreeMap;

use crate::{TokenCount, consolidation::key};

/// A fact or a finding, by its place in its list, with what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Whom it is about.
    pub subject: Option<String>,
    /// The tokens of its line.
    pub tokens: TokenCount,
}

/// What the model is shown at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Places in the list of facts.
    pub facts: Vec<usize>,
    /// Places in the list of findings.
    pub findings: Vec<usize>,
}

#[derive(Default)]
struct Group {
    facts: Vec<usize>,
    findings: Vec<usize>,
}

/// Shares out: every finding stands in exactly one part, every fact in at least one, and no part takes more than `room`
/// unless a single line does. Facts alone make no part where there is but one of a subject: nothing can be merged.
#[must_use]
pub fn parts(facts: &[Weighed], findings: &[Weighed], room: TokenCount) -> Vec<Part> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let subject = |one: &Weighed| key::normalised(one.subject.as_deref().unwrap_or_default());
    for (place, fact) in facts.iter().enumerate() {
        groups.entry(subject(fact)).or_default().facts.push(place);
    }
    for (place, finding) in findings.iter().enumerate() {
        groups.entry(subject(finding)).or_default().findings.push(place);
    }
    let mut made: Vec<Part> = Vec::new();
    let mut open = Part::default();
    let mut used = TokenCount::ZERO;
    for group in groups.into_values() {
        let whole = Part { facts: group.facts, findings: group.findings };
        let takes = tokens(&whole, facts, findings);
        if used + takes <= room {
            used += takes;
            open.facts.extend(whole.facts);
            open.findings.extend(whole.findings);
            continue;
        }
        made.push(std::mem::take(&mut open));
        used = TokenCount::ZERO;
        if takes <= room {
            (open, used) = (whole, takes);
        } else {
            made.extend(cut(&whole, facts, findings, room));
        }
    }
    made.push(open);
    made.retain(|part| !part.findings.is_empty() || part.facts.len() > 1);
    made.iter_mut().for_each(|part| {
        part.facts.sort_unstable();
        part.findings.sort_unstable();
    });
    made
}

fn tokens(part: &Part, facts: &[Weighed], findings: &[Weighed]) -> TokenCount {
    part.facts.iter().map(|place| facts[*place].tokens).sum::<TokenCount>()
        + part.findings.iter().map(|place| findings[*place].tokens).sum::<TokenCount>()
}

/// One subject that is too large: runs of its facts, and each run of its findings behind the first run of facts.
fn cut(group: &Part, facts: &[Weighed], findings: &[Weighed], room: TokenCount) -> Vec<Part> {
    let half = TokenCount(room.0 / 2);
    let runs_of_facts = runs(&group.facts, facts, half);
    let first = runs_of_facts.first().cloned().unwrap_or_default();
    let taken: TokenCount = first.iter().map(|place| facts[*place].tokens).sum();
    let left = room.saturating_sub(taken).max(TokenCount(1));
    let mut parts: Vec<Part> = runs(&group.findings, findings, left)
        .into_iter()
        .map(|findings| Part { facts: first.clone(), findings })
        .collect();
    let others = runs_of_facts.into_iter().skip(usize::from(!parts.is_empty()));
    parts.extend(others.map(|facts| Part { facts, findings: Vec::new() }));
    parts
}

/// Runs of places that take `room` at most each; one that takes more by itself is a run of its own.
fn runs(places: &[usize], of: &[Weighed], room: TokenCount) -> Vec<Vec<usize>> {
    let mut runs: Vec<Vec<usize>> = Vec::new();
    let mut used = TokenCount::ZERO;
    for place in places {
        let takes = of[*place].tokens;
        match runs.last_mut() {
            Some(run) if used + takes <= room => {
                run.push(*place);
                used += takes;
            }
            _ => {
                runs.push(vec![*place]);
                used = takes;
            }
        }
    }
    runs
}
