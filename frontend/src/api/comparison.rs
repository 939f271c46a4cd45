//! The difference between two contexts: what would enter, and what would leave.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use souvenir_memory::manifest::Section;

use super::{ContextView, ItemView};
use crate::words;

/// An item that would enter or leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveView {
    /// Where it enters or leaves.
    pub section: Section,
    /// The item.
    pub item: ItemView,
}

/// Two contexts: in force, and as it would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIfView {
    /// In force, or as it was when a turn is replayed.
    pub now: ContextView,
    /// As it would be, without the texts of its items; none when nothing else is tried.
    pub then: Option<ContextView>,
    /// What would enter.
    pub enters: Vec<MoveView>,
    /// What would leave.
    pub leaves: Vec<MoveView>,
    /// What the first request would cost in dollars, where the cache serves what both begin with; none when that is not known.
    pub first_usd: Option<f64>,
}

impl WhatIfView {
    /// Compares two contexts. Items are the same when they stand in the same section under the same name.
    #[must_use]
    pub fn new(now: ContextView, then: Option<ContextView>) -> Self {
        let Some(mut then) = then else {
            return Self { now, then: None, enters: Vec::new(), leaves: Vec::new(), first_usd: None };
        };
        let (enters, leaves) = (moves(&now, &then), moves(&then, &now));
        for section in &mut then.sections {
            section.items.clear();
        }
        then.left_out.clear();
        Self { now, then: Some(then), enters, leaves, first_usd: None }
    }
}

/// The items of `after` that are not in `before`; fixed frames and the clock do not count.
fn moves(before: &ContextView, after: &ContextView) -> Vec<MoveView> {
    let known: HashSet<(Section, &str)> = each_item(before).collect();
    after
        .sections
        .iter()
        .flat_map(|section| section.items.iter().map(move |item| (section.section, item)))
        .filter(|(section, item)| {
            !words::context::FIXED.contains(&item.reference.as_str())
                && !known.contains(&(*section, item.reference.as_str()))
        })
        .map(|(section, item)| MoveView { section, item: item.clone() })
        .collect()
}

fn each_item(context: &ContextView) -> impl Iterator<Item = (Section, &str)> {
    context
        .sections
        .iter()
        .flat_map(|section| section.items.iter().map(move |item| (section.section, item.reference.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{BarView, SectionView};

    fn item(reference: &str) -> ItemView {
        ItemView { reference: reference.into(), who: None, text: "words".into(), at: None, tokens: 5 }
    }

    fn context(recent: &[&str], recalled: &[&str]) -> ContextView {
        let section = |section, items: &[&str]| SectionView {
            section,
            cap: 0,
            used: 0,
            holds: String::new(),
            items: items.iter().map(|reference| item(reference)).collect(),
        };
        ContextView {
            bar: BarView::default(),
            sections: vec![section(Section::Recent, recent), section(Section::Recalled, recalled)],
            left_out: Vec::new(),
            max_context_tokens: 8000,
            reserve_for_response: 1000,
            scale: "1.000".into(),
            session_minutes: 360,
            model: "m".into(),
            encoding: "o200k_base".into(),
            request_sha256: None,
            cost: None,
        }
    }

    #[test]
    fn what_changes_its_section_both_leaves_and_enters() {
        let now = context(&["message 3"], &["message 1", "clock"]);
        let then = context(&["message 1", "message 2", "message 3"], &["clock"]);
        let answer = WhatIfView::new(now, Some(then));
        let names = |moves: &[MoveView]| moves.iter().map(|each| each.item.reference.clone()).collect::<Vec<_>>();
        assert_eq!(names(&answer.enters), ["message 1", "message 2"]);
        assert_eq!(names(&answer.leaves), ["message 1"]);
        assert_eq!(answer.leaves[0].section, Section::Recalled);
        assert!(answer.then.unwrap().sections.iter().all(|section| section.items.is_empty()));
    }

    #[test]
    fn the_clock_never_counts_as_a_change() {
        let answer = WhatIfView::new(context(&[], &[]), Some(context(&[], &["clock", "frame"])));
        assert!(answer.enters.is_empty() && answer.leaves.is_empty());
    }
}
