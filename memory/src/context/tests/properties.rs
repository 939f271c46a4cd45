//! What holds for any snapshot, any settings and any counter.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    any::{Case, additive_case, case},
    reading::{cap_and_use, ids},
    snapshots::{NOW, fact},
};
use crate::{
    Fact, Message, MessageId, Role, TokenCount, TokenCounter, TurnId,
    context::{recent::is_spoken, request_tokens},
    manifest::{ItemRef, Manifest, Section},
    tier::Boundary,
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};

/// The messages of a case that could be recent, in snapshot order.
fn admitted(case: &Case) -> Vec<&Message> {
    let boundary = Boundary { session: case.settings.session, context_start: case.snapshot.context_start };
    let messages = case.snapshot.messages.iter();
    messages.filter(|message| boundary.admits(message, NOW) && is_spoken(message)).collect()
}

/// What the request costs without anything optional.
fn fixed(case: &Case) -> TokenCount {
    case.counter.count(&case.snapshot.system_prompt.text)
        + MESSAGE_OVERHEAD
        + case.snapshot.current.iter().map(|message| message.tokens + MESSAGE_OVERHEAD).sum()
        + ANSWER_PRIMING
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_request_is_never_over_budget(case in case()) {
        let (scale, budget) = (case.settings.scale, case.settings.budget);
        match case.build() {
            Ok((context, _)) => {
                let raw = request_tokens(&context.messages, &case.counter);
                prop_assert!(scale.apply(raw) <= budget.hard_limit());
                prop_assert!(raw <= fixed(&case).max(scale.raw_limit(budget.available())));
            }
            Err(refused) => {
                prop_assert!(scale.apply(fixed(&case)) > budget.hard_limit());
                // Beside a system prompt that is too large, even a message without a token is.
                let said: TokenCount = case.snapshot.current.iter().map(|message| message.tokens).sum();
                prop_assert!(refused.tokens > refused.limit || said == TokenCount::ZERO);
            }
        }
    }

    #[test]
    fn the_current_messages_are_kept_word_for_word_and_last(case in case()) {
        let Ok((context, manifest)) = case.build() else { return Ok(()) };
        let current = &case.snapshot.current;
        let last = &context.messages[context.messages.len() - current.len()..];
        for (sent, stored) in last.iter().zip(current) {
            prop_assert_eq!((sent.role, &sent.content), (Role::User, &stored.text));
        }
        prop_assert_eq!(ids(&manifest, Section::Current), current.iter().map(|m| m.id.0).collect::<Vec<_>>());
    }

    #[test]
    fn segments_add_up_to_the_request_with_any_counter(case in case()) {
        let Ok((context, manifest)) = case.build() else { return Ok(()) };
        for message in &context.messages {
            prop_assert_eq!(message.tokens, case.counter.count(&message.content) + MESSAGE_OVERHEAD);
        }
        let request = request_tokens(&context.messages, &case.counter);
        prop_assert_eq!(manifest.segments.iter().map(|segment| segment.tokens).sum::<TokenCount>(), request);
        prop_assert_eq!(manifest.budget.sections.iter().map(|section| section.used).sum::<TokenCount>(), request);
        prop_assert_eq!(manifest.totals.raw, request);
        prop_assert_eq!(manifest.totals.scaled, case.settings.scale.apply(request));
        prop_assert!(manifest.segments.is_sorted_by_key(|segment| segment.section));
    }

    #[test]
    fn optional_sections_keep_within_their_caps(case in case()) {
        let Ok((_, manifest)) = case.build() else { return Ok(()) };
        let memory = case.settings.scale.raw_limit(case.settings.budget.memory());
        prop_assert!(manifest.used(Section::Facts) + manifest.used(Section::Summaries) <= memory);
        for section in [Section::Recent, Section::Recalled] {
            let (cap, used) = cap_and_use(&manifest, section);
            prop_assert!(used <= cap, "{section:?} uses {used} of {cap}");
        }
    }

    #[test]
    fn turns_are_kept_or_dropped_whole_and_the_newest_are_kept(case in case()) {
        let Ok((context, manifest)) = case.build() else { return Ok(()) };
        let mut turns: Vec<Vec<i64>> = Vec::new();
        let mut begun: BTreeMap<TurnId, usize> = BTreeMap::new();
        for message in admitted(&case) {
            let place = message.turn.and_then(|turn| begun.get(&turn).copied());
            match place {
                Some(place) => turns[place].push(message.id.0),
                None => {
                    begun.extend(message.turn.map(|turn| (turn, turns.len())));
                    turns.push(vec![message.id.0]);
                }
            }
        }
        let recent = ids(&manifest, Section::Recent);
        let kept = (0..=turns.len()).rev().find(|first| turns[*first..].concat() == recent);
        prop_assert!(kept.is_some(), "{recent:?} is no run of the newest of {turns:?}");
        prop_assert_eq!(context.trim_mark, recent.first().map(|id| MessageId(*id)));
    }

    #[test]
    fn the_same_snapshot_gives_the_same_bytes(case in case()) {
        let again = case.clone();
        match (case.build(), again.build()) {
            (Ok((one, record)), Ok((two, same))) => {
                prop_assert_eq!(serde_json::to_string(&one.messages).unwrap(), serde_json::to_string(&two.messages).unwrap());
                prop_assert_eq!(serde_json::to_string(&record).unwrap(), serde_json::to_string(&same).unwrap());
                prop_assert_eq!(one.trim_mark, two.trim_mark);
            }
            (one, two) => prop_assert_eq!(one.err(), two.err()),
        }
    }

    #[test]
    fn a_manifest_reads_back_as_it_was_written(case in case()) {
        let Ok((_, manifest)) = case.build() else { return Ok(()) };
        let text = serde_json::to_string(&manifest).unwrap();
        prop_assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), manifest);
    }

    #[test]
    fn every_message_is_seen_once_or_left_out_with_a_reason(case in case()) {
        let Ok((_, manifest)) = case.build() else { return Ok(()) };
        let places = Section::ALL.map(|section| ids(&manifest, section)).concat();
        let seen: BTreeSet<i64> = places.iter().copied().collect();
        prop_assert_eq!(seen.len(), places.len(), "no message is seen twice");

        let ranges: Vec<_> = manifest.left_out.iter().filter_map(|entry| entry.range.map(|range| (entry, range))).collect();
        let unseen: Vec<&Message> = case.snapshot.messages.iter().filter(|m| !seen.contains(&m.id.0)).collect();
        for message in &unseen {
            prop_assert!(ranges.iter().any(|(_, range)| range.first <= message.id && message.id <= range.last));
        }
        let quoted_older = seen.iter().filter(|id| **id < super::any::FIRST).count();
        let older: u32 = case.snapshot.older.iter().map(|run| run.count).sum();
        let older = if older == 0 { 0 } else { older as usize - quoted_older };
        let counted: u32 = ranges.iter().map(|(entry, _)| entry.count).sum();
        prop_assert_eq!(counted as usize, unseen.len() + older);

        let tokens: u32 = ranges.iter().filter(|(_, range)| range.first.0 >= super::any::FIRST).map(|(entry, _)| entry.tokens.0).sum();
        prop_assert_eq!(tokens, unseen.iter().map(|message| message.tokens.0).sum::<u32>());
    }

    #[test]
    fn every_fact_summary_and_hit_is_seen_or_left_out_by_itself(case in case()) {
        let Ok((_, manifest)) = case.build() else { return Ok(()) };
        let segments = manifest.segments.iter().filter_map(|segment| segment.item.clone());
        let left_out = manifest.left_out.iter().filter_map(|entry| entry.item.clone());
        let named: Vec<ItemRef> = segments.chain(left_out).collect();
        for fact in &case.snapshot.facts {
            let item = ItemRef::Fact { fact_id: fact.id.0, version: fact.version };
            prop_assert_eq!(named.iter().filter(|named| **named == item).count(), 1);
        }
        for summary in &case.snapshot.summaries {
            let item = ItemRef::Summary { episode_id: summary.episode.0, version: summary.version };
            prop_assert_eq!(named.iter().filter(|named| **named == item).count(), 1);
        }
        for recalled in case.snapshot.recalled.iter().filter(|recalled| is_spoken(&recalled.message)) {
            let message = &recalled.message;
            let item = ItemRef::Message { message_id: message.id.0, revision_id: message.revision.0 };
            prop_assert_eq!(named.iter().filter(|named| **named == item).count(), 1);
        }
    }

    #[test]
    fn nothing_archived_and_no_command_reaches_the_model(case in case()) {
        let Ok((context, manifest)) = case.build() else { return Ok(()) };
        let hits = case.snapshot.recalled.iter().map(|recalled| &recalled.message);
        let places = Section::ALL.map(|section| ids(&manifest, section)).concat();
        for message in case.snapshot.messages.iter().chain(hits).filter(|message| !message.is_context()) {
            prop_assert!(!places.contains(&message.id.0));
            let mark = format!("m{}m", message.id);
            prop_assert!(context.messages.iter().all(|sent| !sent.content.contains(&mark)));
        }
    }

    #[test]
    fn facts_stand_pinned_first_then_oldest_first(case in case()) {
        let Ok((_, manifest)) = case.build() else { return Ok(()) };
        let by_id: BTreeMap<i64, &Fact> = case.snapshot.facts.iter().map(|fact| (fact.id.0, fact)).collect();
        let section = manifest.segments.iter().filter(|segment| segment.section == Section::Facts);
        let shown = section.filter_map(|segment| match segment.item {
            Some(ItemRef::Fact { fact_id, .. }) => Some(by_id[&fact_id]),
            _ => None,
        });
        let order: Vec<_> = shown.map(|fact| (!fact.pinned, fact.created_at, fact.id)).collect();
        prop_assert!(order.is_sorted());
    }

    #[test]
    fn a_new_fact_leaves_the_lines_of_the_others_as_they_are(case in additive_case()) {
        let Ok((_, before)) = case.build() else { return Ok(()) };
        let mut after = case.clone();
        after.snapshot.facts.push(fact(1000, 5));
        let (_, after) = after.build().unwrap();
        let shown = |manifest: &Manifest| -> Vec<ItemRef> {
            let section = manifest.segments.iter().filter(|segment| segment.section == Section::Facts);
            section.filter_map(|segment| segment.item.clone()).collect()
        };
        prop_assert!(shown(&after).starts_with(&shown(&before)));
    }

    #[test]
    fn the_order_in_which_facts_are_read_does_not_matter(case in case()) {
        let Ok((context, _)) = case.build() else { return Ok(()) };
        let mut shuffled = case.clone();
        shuffled.snapshot.facts.reverse();
        prop_assert_eq!(shuffled.build().unwrap().0, context);
    }
}
