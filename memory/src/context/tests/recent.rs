//! Examples with concrete numbers: which recent messages stay, and where they are cut.

use super::{counters::Words, reading::*, snapshots::*};
use crate::{
    Message, MessageId, Role, TokenCount, TurnId,
    context::request_tokens,
    manifest::{Reason, Section},
};

#[test]
fn sixty_messages_of_300_tokens_are_trimmed_to_what_fits() {
    let all = conversation(30, 300, 999);
    let (context, manifest) = built(&snapshot(all, vec![said(1000, 300)]));

    // 8,000 − 1,280 in reserve − 103 system − 303 current − 3 priming leave 6,311 for recent messages.
    // 70 % of that, 4,417, holds 7 turns of 606.
    assert_eq!(cap_and_use(&manifest, Section::Recent), (6311, 7 * 606));
    assert_eq!(ids(&manifest, Section::Recent), (986..=999).collect::<Vec<_>>());
    assert_eq!(context.trim_mark, Some(MessageId(986)));
    assert_eq!(manifest.totals.raw, TokenCount(103 + 7 * 606 + 303 + 3));
    assert_eq!(request_tokens(&context.messages, &Words), manifest.totals.raw);
    assert_eq!(
        manifest.left_out,
        [
            left_range(940, 979, 40, 40 * 300, Reason::NoRoom { cap: 6311 }),
            left_range(980, 985, 6, 6 * 300, Reason::Trimmed),
        ]
    );
}

#[test]
fn everything_since_the_mark_stays_until_it_no_longer_fits() {
    let mut asked = snapshot(conversation(10, 300, 999), vec![said(1000, 300)]);
    asked.trim_mark = Some(MessageId(980));
    let (context, manifest) = built(&asked);
    assert_eq!(ids(&manifest, Section::Recent).len(), 20, "6,060 of 6,311 tokens");
    assert_eq!(context.trim_mark, Some(MessageId(980)));

    asked.current = vec![said(1000, 600)];
    let (context, manifest) = built(&asked);
    assert_eq!(ids(&manifest, Section::Recent).len(), 12, "70 % of 6,011 tokens hold 6 turns");
    assert_eq!(context.trim_mark, Some(MessageId(988)));
}

#[test]
fn messages_before_the_mark_do_not_come_back() {
    let mut asked = snapshot(conversation(10, 10, 999), vec![said(1000, 10)]);
    asked.trim_mark = Some(MessageId(990));
    let (_, manifest) = built(&asked);
    assert_eq!(ids(&manifest, Section::Recent), (990..=999).collect::<Vec<_>>());
    assert_eq!(manifest.left_out, [left_range(980, 989, 10, 100, Reason::Trimmed)]);
}

#[test]
fn a_mark_on_an_archived_message_still_marks_its_place() {
    let mut asked = snapshot(conversation(10, 10, 999), vec![said(1000, 10)]);
    asked.trim_mark = Some(MessageId(990));
    asked.messages[10].archived_at = Some(NOW);
    let (context, manifest) = built(&asked);
    assert_eq!(ids(&manifest, Section::Recent), (991..=999).collect::<Vec<_>>());
    assert_eq!(context.trim_mark, Some(MessageId(991)));
}

#[test]
fn a_question_asked_during_an_answer_follows_it() {
    let mut messages = conversation(2, 5, 999);
    messages[1].turn = Some(TurnId(1));
    messages[1].role = Role::User;
    messages[2].turn = Some(TurnId(0));
    messages[2].role = Role::Assistant;
    let (_, manifest) = built(&snapshot(messages, vec![said(1000, 5)]));
    assert_eq!(ids(&manifest, Section::Recent), [996, 998, 997, 999]);
}

#[test]
fn a_long_last_turn_is_kept_when_it_fits_beyond_seventy_percent() {
    let mut messages = conversation(5, 100, 999);
    messages[8] = Message { turn: messages[8].turn, ..said(998, 5500) };
    let (_, manifest) = built(&snapshot(messages, vec![said(1000, 300)]));
    assert_eq!(ids(&manifest, Section::Recent), [998, 999]);
}

#[test]
fn a_mark_inside_a_turn_keeps_the_turn_whole() {
    let mut asked = snapshot(conversation(3, 10, 999), vec![said(1000, 10)]);
    asked.trim_mark = Some(MessageId(997));
    let (context, manifest) = built(&asked);
    assert_eq!(ids(&manifest, Section::Recent), [996, 997, 998, 999]);
    assert_eq!(context.trim_mark, Some(MessageId(996)));
}
