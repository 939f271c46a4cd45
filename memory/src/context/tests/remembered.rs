//! Examples with concrete numbers: which facts and quotes find room.

use super::{reading::*, snapshots::*};
use crate::{
    Fact, FactId, FactStatus, TokenCount,
    context::Snapshot,
    manifest::{ItemKind, Reason, Section},
};

#[test]
fn what_stands_word_for_word_is_not_quoted_and_what_was_cut_may_be() {
    let messages = conversation(30, 300, 999);
    let mut asked = snapshot(messages.clone(), vec![said(1000, 300)]);
    asked.recalled = [59, 45, 0].map(|place| hit(&messages[place], 1.0)).into();
    asked.recalled.push(hit(&asked.current[0].clone(), 0.5));
    let (_, manifest) = built(&asked);
    let recent = ids(&manifest, Section::Recent);
    assert!(recent.contains(&999) && !recent.contains(&940) && !recent.contains(&985));
    assert_eq!(ids(&manifest, Section::Recalled), [940, 985]);
    let unseen: u32 = manifest.left_out.iter().map(|entry| entry.count).sum();
    assert_eq!(usize::try_from(unseen).unwrap() + recent.len() + 2, 60);
}

#[test]
fn facts_stand_pinned_first_then_oldest_first_and_a_long_one_is_passed_over() {
    let mut asked = snapshot(Vec::new(), vec![said(1000, 1)]);
    asked.facts = vec![
        fact(4, 5),
        fact(3, 900),
        fact(2, 5),
        Fact { pinned: true, ..fact(9, 5) },
        Fact { status: FactStatus::Pending, ..fact(5, 5) },
        Fact { invalid_at: Some(NOW), ..fact(6, 5) },
    ];
    let (context, manifest) = built(&asked);
    let lines = crate::prompt::lines_between(&context.messages[1].content, crate::prompt::FACTS_OPEN, "</facts>");
    let firsts: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(firsts, ["m9m", "m2m", "m4m"]);
    let reasons: Vec<&Reason> = manifest.left_out.iter().map(|entry| &entry.reason).collect();
    assert_eq!(reasons, [&Reason::NoRoom { cap: 800 }, &Reason::Pending, &Reason::NotInForce]);
}

#[test]
fn recall_takes_what_recent_messages_do_not_need_and_no_more() {
    let mut asked = snapshot(conversation(5, 300, 999), vec![said(1000, 300)]);
    asked.recalled = (1..=20).map(|id| hit(&said(id, 300), 1.0)).collect();
    let (_, manifest) = built(&asked);
    // 6,311 are left; 5 turns take 3,030, the frame 29 and the day 4. A quote of 300 words has 304 tokens, so 10 fit.
    assert_eq!(cap_and_use(&manifest, Section::Recalled), (3281, 33 + 10 * 304));
    assert_eq!(ids(&manifest, Section::Recalled), (1..=10).collect::<Vec<_>>());
    assert_eq!(manifest.left_out[0].reason, Reason::RankedLower { rank: 11 });

    asked.messages = conversation(10, 300, 999);
    let (_, manifest) = built(&asked);
    // 10 turns exceed the cap of 3,520: recall gets the rest, and 70 % of what it leaves hold 4 turns.
    assert_eq!(cap_and_use(&manifest, Section::Recalled), (6311 - 3520, 33 + 9 * 304));
    assert_eq!(cap_and_use(&manifest, Section::Recent), (6311 - (33 + 9 * 304), 4 * 606));
}

#[test]
fn beyond_the_best_hits_recent_messages_come_first_and_the_others_take_the_rest() {
    let mut asked = snapshot(conversation(6, 300, 999), vec![said(1000, 300)]);
    asked.recalled = (1..=60).map(|id| hit(&said(id, 46), 1.0)).collect();
    let (_, manifest) = built(&asked);
    // 6 turns take 3,636 of 6,311, which is over their cap: the best 24 quotes leave them all the same.
    assert_eq!(manifest.used(Section::Recent), TokenCount(6 * 606));
    assert_eq!(cap_and_use(&manifest, Section::Recalled), (6311 - 3636, 33 + 52 * 50));
    let named: Vec<&Reason> = manifest.left_out.iter().map(|entry| &entry.reason).collect();
    assert_eq!(
        named,
        (53..=60).map(|rank| Reason::RankedLower { rank }).collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
}

#[test]
fn a_fact_beyond_the_cap_is_quoted_where_it_matches() {
    let mut asked = snapshot(Vec::new(), vec![said(1000, 1)]);
    asked.facts = vec![fact(1, 700), fact(2, 300), fact(3, 300)];
    asked.fact_scores = [(FactId(1), 0.9), (FactId(3), 0.8)].into();
    asked.recalled = vec![hit(&said(7, 10), 1.0)];
    let (context, manifest) = built(&asked);
    let quoted = |section| {
        let of_section = manifest.segments.iter().filter(move |segment| segment.section == section);
        of_section.filter(|segment| segment.kind == ItemKind::Fact).count()
    };
    assert_eq!((quoted(Section::Facts), quoted(Section::Recalled)), (1, 1));
    let recalled = &context.messages[context.messages.len() - 2].content;
    assert!(recalled.contains("Facts remembered:\n- m3m") && recalled.contains("1 May:\n- user: m7m"), "{recalled}");
    assert_eq!(manifest.left_out.len(), 1, "the other one is left out for want of room, and said to be once");
}

#[test]
fn a_block_is_filled_to_the_last_token() {
    let mut asked = snapshot(Vec::new(), vec![said(1000, 1)]);
    let (_, manifest) = built(&Snapshot { facts: vec![fact(1, 1)], ..asked.clone() });
    let frame = manifest.used(Section::Facts).0 - 3;
    asked.facts = vec![fact(1, 800 - frame - 2), fact(2, 1)];
    let (_, manifest) = built(&asked);
    assert_eq!(manifest.used(Section::Facts), TokenCount(800));

    asked.facts[0] = fact(1, 800 - frame - 2 + 1);
    let (_, manifest) = built(&asked);
    assert_eq!(manifest.used(Section::Facts), TokenCount(frame + 3), "one token too many: the other fact is shown");
}
