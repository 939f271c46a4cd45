//! How far back history is read.

use souvenir_memory::{MessageKind, Source};

use super::*;
use crate::store::NewMessage;

async fn say(store: &Store, chat: ChatId, role: Role, at: i64) -> Message {
    let at = Timestamp(at);
    let new = NewMessage { role, ..NewMessage::said(chat, Source::Console, "hello", at) };
    let id = store.receive(new, at).await.unwrap().id;
    Message {
        id,
        revision: RevisionId(0),
        turn: None,
        role,
        author: None,
        kind: MessageKind::Text,
        text: String::new(),
        tokens: TokenCount::ZERO,
        at,
        archived_at: None,
    }
}

#[tokio::test]
async fn history_is_read_since_the_mark_with_whole_turns_and_one_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("souvenir.db")).await.unwrap();
    let chat = store.create_console_chat("Marks", Timestamp(0)).await.unwrap();
    // The sixth was said while the fifth was being answered by the seventh.
    let turns = [&[(1, Role::User), (2, Role::Assistant)][..], &[(3, Role::User), (4, Role::Assistant)]];
    let crossing = [&[(5, Role::User), (7, Role::Assistant)][..], &[(6, Role::User), (8, Role::Assistant)]];
    let mut said = Vec::new();
    let mut all: Vec<(i64, Role)> = turns.iter().chain(&crossing).flat_map(|turn| turn.iter().copied()).collect();
    all.sort_by_key(|(at, _)| *at);
    for (at, role) in all {
        said.push(say(&store, chat, role, at).await);
    }
    for turn in turns.iter().chain(&crossing) {
        let of_turn = |message: &&Message| turn.iter().any(|(at, _)| *at == message.at.0);
        let messages: Vec<Message> = said.iter().filter(of_turn).cloned().collect();
        store.open_turn(chat, &messages, &[], Encoding::O200kBase, Timestamp(9)).await.unwrap();
    }
    let read = async |mark: Option<usize>, since: i64| {
        let query = SnapshotQuery {
            chat,
            at: Timestamp(10),
            before: MessageId(i64::MAX),
            turn: None,
            tokens: TokenCount(1_000),
            since: Timestamp(since),
            mark: mark.map(|place| said[place].id),
            encoding: Encoding::O200kBase,
        };
        let read = store.recent_messages(query).await.unwrap();
        read.iter().map(|(message, _)| message.at.0).collect::<Vec<_>>()
    };
    assert_eq!(read(None, 0).await, [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(read(Some(4), 0).await, [3, 4, 5, 6, 7, 8]);
    assert_eq!(read(Some(5), 0).await, [3, 4, 5, 6, 7, 8], "the turn of the seventh began with the fifth");
    assert_eq!(read(Some(5), 5).await, [5, 6, 7, 8]);
}
