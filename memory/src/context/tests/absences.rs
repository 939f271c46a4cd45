//! Examples of what a manifest says about messages that the model does not see.

use super::{counters::Words, reading::*, snapshots::*};
use crate::{
    Message, MessageId, MessageKind, Timestamp, TokenCount,
    context::{OlderMessages, Snapshot, build},
    manifest::{MessageRange, Reason, Section},
};

#[test]
fn each_reason_for_an_absence_is_one_range() {
    let mut messages: Vec<Message> = (900..=909).map(|id| said(id, 10)).collect();
    messages.push(Message { kind: MessageKind::Command, ..said(905, 1) });
    messages.sort_by_key(|message| message.id);
    for message in &mut messages[0..3] {
        message.archived_at = Some(Timestamp(1));
    }
    let mut asked = snapshot(messages, vec![said(1000, 1)]);
    asked.context_start = Some(MessageId(908));
    asked.older = vec![
        OlderMessages {
            range: MessageRange { first: MessageId(1), last: MessageId(800) },
            count: 790,
            tokens: TokenCount(7900),
            archived: false,
        },
        OlderMessages {
            range: MessageRange { first: MessageId(5), last: MessageId(14) },
            count: 10,
            tokens: TokenCount(100),
            archived: true,
        },
    ];
    asked.recalled = vec![hit(&said(7, 10), 1.0)];
    let (_, manifest) = built(&asked);
    assert_eq!(
        manifest.left_out,
        [
            left_range(1, 800, 789, 7890, Reason::BeforeReset),
            left_range(5, 14, 10, 100, Reason::Archived),
            left_range(900, 902, 3, 30, Reason::Archived),
            left_range(903, 907, 5, 50, Reason::BeforeReset),
            left_range(905, 905, 1, 1, Reason::NotConversation),
        ]
    );
    assert_eq!(ids(&manifest, Section::Recent), [908, 909]);
}

#[test]
fn a_longer_session_brings_older_messages_back_and_a_shorter_one_lets_them_go() {
    let asked = snapshot(conversation(10, 10, 999), vec![said(1000, 10)]);
    let recent = |minutes| {
        let (_, manifest) = build(&asked, &settings(minutes), NOW, &Words).unwrap();
        (ids(&manifest, Section::Recent).len(), manifest.left_out)
    };
    assert_eq!(recent(30), (20, Vec::new()));
    let reason = Reason::OlderThanSession { minutes: 15 };
    assert_eq!(recent(15), (15, vec![left_range(980, 984, 5, 50, reason)]));
    assert_eq!(recent(30), (20, Vec::new()));
}

#[test]
fn commands_between_recent_messages_are_left_out_where_they_stand() {
    let mut messages = conversation(3, 10, 999);
    for place in [1, 2, 4] {
        messages[place].kind = MessageKind::Command;
    }
    let (_, manifest) = built(&snapshot(messages, vec![said(1000, 10)]));
    assert_eq!(
        manifest.left_out,
        [left_range(995, 996, 2, 20, Reason::NotConversation), left_range(998, 998, 1, 10, Reason::NotConversation)]
    );
}

#[test]
fn what_lies_before_the_snapshot_is_too_old_unless_there_was_no_room_for_newer() {
    let range = MessageRange { first: MessageId(1), last: MessageId(9) };
    let older = vec![OlderMessages { range, count: 9, tokens: TokenCount(90), archived: false }];
    let reason = |turns, minutes| {
        let asked = Snapshot { older: older.clone(), ..snapshot(conversation(turns, 300, 999), vec![said(1000, 1)]) };
        let (_, manifest) = build(&asked, &settings(minutes), NOW, &Words).unwrap();
        manifest.left_out[0].reason.clone()
    };
    assert_eq!(reason(2, 720), Reason::OlderThanSession { minutes: 720 }, "there was room");
    assert_eq!(reason(30, 50), Reason::OlderThanSession { minutes: 50 }, "newer ones were too old already");
    assert_eq!(reason(30, 720), Reason::NoRoom { cap: 8000 - 1280 - 103 - 4 - 3 });
}

#[test]
fn what_lies_before_a_snapshot_that_ends_at_the_mark_was_trimmed() {
    let range = MessageRange { first: MessageId(1), last: MessageId(9) };
    let older = vec![OlderMessages { range, count: 9, tokens: TokenCount(90), archived: false }];
    let mark = Some(MessageId(996));
    let asked = Snapshot { older, trim_mark: mark, ..snapshot(conversation(3, 10, 999), vec![said(1000, 10)]) };
    let (context, manifest) = built(&asked);
    assert_eq!(context.trim_mark, mark);
    assert_eq!(
        manifest.left_out,
        [left_range(1, 9, 9, 90, Reason::Trimmed), left_range(994, 995, 2, 20, Reason::Trimmed)]
    );
}
