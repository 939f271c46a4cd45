//! A tool that the model may call: its definition is counted, and room for what it finds is kept free.

use super::{counters::Words, reading::*, snapshots::*};
use crate::{
    TokenCount,
    context::{ContextSettings, ToolRoom, build, request_tokens},
    manifest::{ItemKind, Section, Segment},
};

const ROOM: ToolRoom = ToolRoom { definition: TokenCount(70), answers: TokenCount(800) };

#[test]
fn a_tool_is_counted_and_leaves_room_for_its_answers() {
    let asked = snapshot(conversation(300, 40, 999), vec![said(1000, 2)]);
    let with = ContextSettings { tool: Some(ROOM), ..settings(180) };
    let without = settings(180);
    let (context, manifest) = build(&asked, &with, NOW, &Words).unwrap();
    let (_, plain) = build(&asked, &without, NOW, &Words).unwrap();
    assert_eq!(manifest.totals.raw, request_tokens(&context.messages, &Words) + ROOM.definition);
    let named: Vec<&Segment> = manifest.segments.iter().filter(|part| part.kind == ItemKind::Tool).collect();
    assert_eq!(
        named.iter().map(|part| (part.section, part.tokens)).collect::<Vec<_>>(),
        [(Section::System, ROOM.definition)]
    );
    assert!(manifest.totals.scaled + ROOM.answers <= with.budget.hard_limit());
    assert!(ids(&manifest, Section::Recent).len() < ids(&plain, Section::Recent).len());
    assert!(plain.segments.iter().all(|part| part.kind != ItemKind::Tool));
}

#[test]
fn what_a_tool_found_is_added_to_the_sums() {
    let asked = snapshot(conversation(3, 4, 999), vec![said(1000, 2)]);
    let (_, mut manifest) = build(&asked, &ContextSettings { tool: Some(ROOM), ..settings(180) }, NOW, &Words).unwrap();
    let before = (manifest.totals.raw, manifest.used(Section::Recalled));
    let part = |kind, tokens| Segment {
        section: Section::Recalled,
        kind,
        item: None,
        tokens: TokenCount(tokens),
        score: None,
    };
    manifest.append([part(ItemKind::Call, 20), part(ItemKind::Message, 30)]);
    assert_eq!(manifest.totals.raw, before.0 + TokenCount(50));
    assert_eq!(manifest.totals.predicted, manifest.totals.raw, "at a scale of one");
    let (cap, used) = cap_and_use(&manifest, Section::Recalled);
    assert_eq!(used, before.1.0 + 50);
    assert!(used <= cap);
}
