//! The difference between two contexts: what would enter, and what would leave.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use souvenir_memory::manifest::Section;

use super::{ContextView, ItemView};

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
}

impl WhatIfView {
    /// Compares two contexts. Items are the same when they stand in the same section under the same name.
    #[must_use]
    pub fn new(now: ContextView, then: Option<ContextView>) -> Self {
        let Some(mut then) = then else {
            return Self { now, then: None, enters: Vec::new(), leaves: Vec::new() };
        };
        let (enters, leaves) = (moves(&now, &then), moves(&then, &now));
        for section in &mut then.sections {
            section.items.clear();
        }
        then.left_out.clear();
        Self { now, then: Some(then), enters, leaves }
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
            !matches!(item.reference.as_str(), "frame" | "clock" | "answer mark")
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
