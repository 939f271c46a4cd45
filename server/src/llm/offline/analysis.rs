//! Whole-history analysis without a language model: windows by the same plain patterns as consolidation, and a diff that
//! follows from days alone. What was said last holds; what says the same in the same words is one.

use std::collections::BTreeSet;

use souvenir_memory::{
    analysis::{LineOp, LineOperation},
    consolidation::{contradicts, key},
    context::ContextMessage,
    prompt::{
        analysis::{Told, found, known},
        consolidation::transcript,
    },
};

use crate::words;

/// At most so many lines of one part.
const MOST_LINES: usize = 60;

/// The answer to the question what a window says.
pub(super) fn window(messages: &[ContextMessage]) -> String {
    let operations = super::consolidation::operations(&transcript(asked(messages)), &[]);
    serde_json::json!({ "operations": operations }).to_string()
}

/// The answer to the question what is to become of the facts.
pub(super) fn diff(messages: &[ContextMessage]) -> String {
    let text = asked(messages);
    serde_json::json!({ "operations": lines(&known(text), &found(text)) }).to_string()
}

fn asked(messages: &[ContextMessage]) -> &str {
    let asked = messages.iter().rev().find(|message| message.role == souvenir_memory::Role::User);
    asked.map_or("", |message| message.content.as_str())
}

/// A fact as it would be, and what makes it so.
struct Held<'a> {
    fact: Option<&'a Told>,
    says: &'a Told,
    finding: Option<i64>,
    /// Facts that say the same, or what was so before.
    others: Vec<&'a Told>,
}

fn lines(facts: &[Told], findings: &[Told]) -> Vec<LineOperation> {
    let mut held: Vec<Held<'_>> = Vec::new();
    for fact in facts {
        match held.iter_mut().find(|one| is_one(one.says, fact) || denies(one.says, fact)) {
            Some(one) => one.join(fact),
            None => held.push(Held { fact: Some(fact), says: fact, finding: None, others: Vec::new() }),
        }
    }
    for finding in findings.iter().filter(|finding| !finding.marked) {
        let number = Some(finding.number);
        let about = held.iter_mut().find(|one| same(one.says, finding) || denies(one.says, finding));
        match about {
            Some(one) if same(one.says, finding) => {}
            Some(one) if finding.day >= one.says.day => (one.says, one.finding) = (finding, number),
            Some(_) => {}
            None => held.push(Held { fact: None, says: finding, finding: number, others: Vec::new() }),
        }
    }
    held.iter().filter_map(Held::line).take(MOST_LINES).collect()
}

impl<'a> Held<'a> {
    fn join(&mut self, fact: &'a Told) {
        // What a person keeps stays as it is; else what was said last holds.
        let stays = self.says.marked || (!fact.marked && fact.day < self.says.day);
        if stays {
            self.others.push(fact);
            return;
        }
        self.others.extend(self.fact.replace(fact));
        self.says = fact;
    }

    fn line(&self) -> Option<LineOperation> {
        let others = self.others.iter().map(|fact| fact.number);
        let (op, fact_ids): (LineOp, Vec<i64>) = match (self.fact, self.finding) {
            (Some(fact), _) if !self.others.is_empty() => {
                (LineOp::Merge, std::iter::once(fact.number).chain(others).collect())
            }
            (Some(fact), Some(_)) => (LineOp::Update, vec![fact.number]),
            (None, Some(_)) => (LineOp::Add, Vec::new()),
            _ => return None,
        };
        // Several facts are made one as they stand; what changed it is seen the next time.
        let (says, finding) = match (op, self.fact) {
            (LineOp::Merge, Some(fact)) => (fact, None),
            _ => (self.says, self.finding),
        };
        Some(LineOperation {
            op,
            fact_ids,
            kind: Some(says.kind.clone()),
            subject: says.subject.clone(),
            statement: Some(says.statement.clone()),
            valid_at: None,
            due_at: None,
            goal_state: None,
            findings: finding.into_iter().collect(),
            unreadable: None,
        })
    }
}

fn same(one: &Told, other: &Told) -> bool {
    key::same((one.subject.as_deref(), &one.statement), (other.subject.as_deref(), &other.statement))
}

fn denies(one: &Told, other: &Told) -> bool {
    contradicts((one.subject.as_deref(), &one.statement), (other.subject.as_deref(), &other.statement))
}

/// Whether two facts say the same of the same: in the same words, whatever their form and order.
fn is_one(one: &Told, other: &Told) -> bool {
    let terms = |told: &Told| words::terms(&told.statement).collect::<BTreeSet<String>>();
    let subject = |told: &Told| told.subject.as_deref().map(key::normalised).unwrap_or_default();
    same(one, other) || (subject(one) == subject(other) && one.kind == other.kind && terms(one) == terms(other))
}

#[cfg(test)]
mod tests {
    use souvenir_memory::prompt::analysis::{parse_diff, part_text};

    use super::*;

    type Short = (LineOp, Vec<i64>, Option<String>, Vec<i64>);

    fn diff_of(facts: &[&str], findings: &[&str]) -> Vec<Short> {
        let lines = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<Vec<_>>();
        let message = ContextMessage {
            role: souvenir_memory::Role::User,
            content: part_text(&lines(facts), &lines(findings)),
            tokens: souvenir_memory::TokenCount::ZERO,
        };
        let operations = parse_diff(&diff(&[message])).unwrap();
        operations.into_iter().map(|line| (line.op, line.fact_ids, line.statement, line.findings)).collect()
    }

    #[test]
    fn what_was_said_last_holds_in_three_languages() {
        for (old, new, older) in [
            ("I live in Lyon", "I live in Nantes", "I live in Rome"),
            ("я живу в Казани", "я живу в Туле", "я живу в Уфе"),
            ("j’habite à Lyon", "j’habite à Nantes", "j’habite à Rome"),
        ] {
            let fact = format!("(7) 2026-03-01 | identity, Ann: {old}");
            let found = [
                format!("[1] 2026-01-05 | identity, Ann: {older}"),
                format!("[2] 2026-06-05 | identity, Ann: {new}"),
                "[3] 2026-07-01 | preference, Ann: tea".to_owned(),
            ];
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            let lines = diff_of(&[&fact], &found);
            assert_eq!(lines[0], (LineOp::Update, vec![7], Some(new.to_owned()), vec![2]), "{old}");
            assert_eq!((lines[1].0, &lines[1].3), (LineOp::Add, &vec![3]));
            assert_eq!(lines.len(), 2);
        }
    }

    #[test]
    fn facts_that_say_the_same_or_what_was_so_before_become_one() {
        let lines = diff_of(
            &[
                "(1) 2026-01-01 | preference, Ann: I like green tea",
                "(2) 2026-02-01 | preference, Ann: green tea I like",
                "(3) 2026-01-01 | identity, Ann: I live in Lyon",
                "(4) 2026-02-01 | identity, Ann: I live in Nantes",
                "(5) 2026-01-01 | identity, Ben: I live in Lyon (kept)",
                "(6) 2026-02-01 | identity, Ben: I live in Nantes",
            ],
            &["[1] 2026-05-01 | identity, Cleo: I live in Bonn (not in their own words)"],
        );
        let told: Vec<_> = lines.iter().map(|(op, facts, ..)| (*op, facts.clone())).collect();
        assert_eq!(told, [(LineOp::Merge, vec![2, 1]), (LineOp::Merge, vec![4, 3]), (LineOp::Merge, vec![5, 6])]);
        assert_eq!(lines[1].2.as_deref(), Some("I live in Nantes"));
    }
}
