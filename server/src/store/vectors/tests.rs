//! What is kept is found, of one chat and one model, before a message; and what was forgotten meanwhile is not kept.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rand::{Rng, SeedableRng, rngs::StdRng};
use souvenir_memory::{
    ChatId, Encoding, MessageId, MessageKind, Role, Source, Timestamp, TokenCount,
    vectors::{Probe, keep, unit},
};

use super::*;
use crate::store::{Durability, ImportedMessage, NewMessage, Scope, Wish};

const NOW: Timestamp = Timestamp(1);
const DIMENSIONS: u32 = 64;

struct World {
    store: Store,
    model: VectorModel,
    _folder: tempfile::TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_with(&folder.path().join("souvenir.db"), Durability::Normal).await.unwrap();
    let model = store.vector_model_of("small", DIMENSIONS, &[], NOW).await.unwrap();
    World { store, model, _folder: folder }
}

/// A vector for a number, as far from those of others as chance has it.
fn vector(number: u32) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(number.into());
    unit((0..DIMENSIONS).map(|_| random.random_range(-1.0..1.0)).collect()).unwrap()
}

impl World {
    async fn chat(&self, messages: u32) -> ChatId {
        let chat = self.store.create_console_chat("Vectors", NOW).await.unwrap();
        for number in 1..=messages {
            self.say(chat, MessageKind::Text, &format!("message {number}")).await;
        }
        chat
    }

    async fn say(&self, chat: ChatId, kind: MessageKind, text: &str) -> MessageId {
        let new = NewMessage { kind, author: Some("Ada"), ..NewMessage::said(chat, Source::Console, text, NOW) };
        self.store.receive(new, NOW).await.unwrap().id
    }

    /// Embeds all that is due, `at_once` messages at a time; gives what was embedded.
    async fn embed(&self, model: &VectorModel, at_once: u32) -> Vec<Passage> {
        let mut done = Vec::new();
        while let Some(chat) = self.store.chats_to_embed(Some(model.id), 1).await.unwrap().first() {
            let read = self.store.passages(Some(model.id), *chat, at_once).await.unwrap();
            let vectors = read.messages.iter().map(|it| (it.ordinal, keep(&vector(it.ordinal), &[]))).collect();
            let new = NewVectors {
                chat: read.chat,
                vectors,
                read: read.messages.iter().map(|message| (message.ordinal, message.revision)).collect(),
                through: read.through,
                forgotten: read.forgotten,
            };
            self.store.keep_vectors(model, &[new]).await.unwrap();
            done.extend(read.messages);
        }
        done
    }

    async fn nearest(&self, chat: ChatId, number: u32, before: i64, most: usize) -> Vec<u32> {
        let probe = Arc::new(Probe::new(vector(number)));
        let found = self.store.nearest(chat, &self.model, &probe, MessageId(before), most).await.unwrap();
        found.into_iter().map(|(ordinal, _)| ordinal).collect()
    }

    async fn forget(&self, chat: ChatId, scope: Scope) {
        let asked = self.store.ask_to_forget(chat, &scope, NOW).await.unwrap();
        let wish = Wish { chat, scope, vocabulary: BTreeSet::new(), tombstones: Vec::new(), now: NOW };
        self.store.forget(&wish, asked).await.unwrap();
    }

    async fn rows(&self) -> (i64, i64, i64) {
        let count = async |table: &str| {
            let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            sqlx::query_scalar::<_, i64>(sql).fetch_one(&self.store.read).await.unwrap()
        };
        (count("vectors").await, count("vector_signs").await, count("embedded").await)
    }
}

#[tokio::test]
async fn what_is_kept_is_found_in_its_chat_before_a_message() {
    let world = world().await;
    let (chat, other) = (world.chat(600).await, world.chat(3).await);
    assert_eq!(world.embed(&world.model, 64).await.len(), 603);
    for number in [1, 255, 256, 300, 600] {
        assert_eq!(world.nearest(chat, number, i64::MAX, 1).await, [number]);
    }
    assert_eq!(world.nearest(other, 300, i64::MAX, 10).await.len(), 3);
    assert!(world.nearest(chat, 300, 300, 600).await.iter().all(|ordinal| *ordinal < 300));
    assert!(world.nearest(chat, 300, 1, 10).await.is_empty());
    assert_eq!(world.rows().await, (603, 4, 2));
    assert_eq!(world.store.vector_progress(Some(world.model.id)).await.unwrap(), Progress { done: 603, total: 603 });
}

#[tokio::test]
async fn a_message_is_embedded_with_the_one_before_it_and_commands_are_not() {
    let world = world().await;
    let chat = world.chat(0).await;
    for (kind, text) in [
        (MessageKind::Text, "Where shall we meet?"),
        (MessageKind::Command, "/facts"),
        (MessageKind::Text, "  "),
        (MessageKind::Media, "At the station."),
        (MessageKind::Text, "Fine."),
    ] {
        world.say(chat, kind, text).await;
    }
    let seen = |passages: &[Passage]| -> Vec<(u32, String, Option<String>)> {
        passages.iter().cloned().map(|it| (it.ordinal, it.words.text, it.before.map(|words| words.text))).collect()
    };
    let expected = [
        (1, "Where shall we meet?".to_owned(), None),
        (4, "At the station.".to_owned(), Some("Where shall we meet?".to_owned())),
        (5, "Fine.".to_owned(), Some("At the station.".to_owned())),
    ];
    // In whatever portions.
    for (name, at_once) in [("a", 1), ("b", 2), ("c", 64)] {
        let model = world.store.vector_model_of(name, DIMENSIONS, &[], NOW).await.unwrap();
        assert_eq!(seen(&world.embed(&model, at_once).await), expected, "{at_once}");
    }
}

#[tokio::test]
async fn with_a_message_its_vector_goes_and_the_next_one_is_made_anew() {
    let world = world().await;
    let chat = world.chat(300).await;
    world.embed(&world.model, 64).await;
    let before = world.rows().await;
    world.forget(chat, Scope::Messages(vec![MessageId(254), MessageId(255), MessageId(300)])).await;
    assert_eq!(world.rows().await, (before.0 - 4, before.1, before.2), "254, 255, 300 and the next, 256");
    let there = world.nearest(chat, 254, i64::MAX, 300).await;
    assert!(!there.iter().any(|ordinal| [254, 255, 256, 300].contains(ordinal)));
    let again = world.embed(&world.model, 64).await;
    assert_eq!(again.len(), 1);
    assert_eq!(
        (again[0].ordinal, again[0].before.as_ref().map(|words| words.text.as_str())),
        (256, Some("message 253"))
    );
    assert_eq!(world.nearest(chat, 256, i64::MAX, 1).await, [256]);
    for scope in [Scope::Everything, Scope::Chat] {
        world.forget(chat, scope).await;
        assert_eq!(world.rows().await, (0, 0, 0));
        assert!(world.embed(&world.model, 64).await.is_empty());
    }
}

#[tokio::test]
async fn what_was_read_before_a_forgetting_is_not_kept_after_it() {
    let world = world().await;
    let chat = world.chat(3).await;
    let due = world.store.chats_to_embed(Some(world.model.id), 1).await.unwrap()[0];
    let read = world.store.passages(Some(world.model.id), due, 64).await.unwrap();
    world.forget(chat, Scope::Messages(vec![MessageId(2)])).await;
    let vectors = read.messages.iter().map(|it| (it.ordinal, keep(&vector(it.ordinal), &[]))).collect();
    let new = NewVectors { chat, vectors, read: Vec::new(), through: read.through, forgotten: read.forgotten };
    world.store.keep_vectors(&world.model, &[new]).await.unwrap();
    assert_eq!(world.rows().await, (0, 0, 0));
    let again = world.embed(&world.model, 64).await;
    assert_eq!(again.iter().map(|it| it.ordinal).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(again[1].before.as_ref().map(|words| words.text.as_str()), Some("message 1"));
}

#[tokio::test]
async fn what_is_changed_is_embedded_anew_with_what_follows_it_and_nothing_that_was_read_before_is_kept() {
    let world = world().await;
    let chat = world.chat(5).await;
    world.embed(&world.model, 64).await;
    let change = async |text: &str| {
        let counted = (souvenir_memory::Encoding::O200kBase, souvenir_memory::TokenCount(2));
        world.store.revise(chat, MessageId(2), text, counted, NOW).await.unwrap().unwrap()
    };
    assert_eq!(change("changed").await.ordinal, 2);
    assert_eq!(world.rows().await.0, 3, "its vector and the next one's are gone");
    let due = world.store.chats_to_embed(Some(world.model.id), 1).await.unwrap()[0];
    let read = world.store.passages(Some(world.model.id), due, 64).await.unwrap();
    let texts: Vec<_> = read.messages.iter().map(|it| (it.ordinal, it.words.text.as_str())).collect();
    assert_eq!(texts, [(2, "changed"), (3, "message 3")]);
    // Changed again while that is embedded.
    change("changed again").await;
    let vectors = read.messages.iter().map(|it| (it.ordinal, keep(&vector(it.ordinal), &[]))).collect();
    let seen = read.messages.iter().map(|it| (it.ordinal, it.revision)).collect();
    let new = NewVectors { chat, vectors, read: seen, through: read.through, forgotten: read.forgotten };
    world.store.keep_vectors(&world.model, &[new]).await.unwrap();
    assert_eq!(world.rows().await.0, 2, "the next that had one");
    let again = world.embed(&world.model, 64).await;
    let texts: Vec<_> = again.iter().map(|it| it.words.text.as_str()).collect();
    assert_eq!(texts, ["changed again", "message 3", "message 4"]);
    assert_eq!(again[1].before.as_ref().map(|words| words.text.as_str()), Some("changed again"));
    assert_eq!(world.nearest(chat, 2, i64::MAX, 1).await, [2]);
}

#[tokio::test]
async fn the_vectors_of_the_model_before_stay_until_the_next_has_all() {
    let world = world().await;
    let chat = world.chat(5).await;
    world.embed(&world.model, 64).await;
    assert!(!world.store.vectors_are_complete(world.model.id, NOW).await.unwrap());
    let next = world.store.vector_model_of("large", DIMENSIONS, &[], NOW).await.unwrap();
    assert_eq!(world.store.vector_progress(Some(next.id)).await.unwrap(), Progress { done: 0, total: 5 });
    world.embed(&next, 2).await;
    assert_eq!(world.rows().await.0, 10);
    assert!(world.store.vectors_are_complete(next.id, NOW).await.unwrap());
    while world.store.drop_other_vectors(next.id).await.unwrap() {}
    assert_eq!(world.rows().await, (5, 1, 1));
    assert_eq!(world.store.vector_model("small").await.unwrap(), None);
    assert_eq!(world.nearest(chat, 3, i64::MAX, 1).await, Vec::<u32>::new());
    // The same name with other dimensions is another model, and the newer one counts.
    let same_name = world.store.vector_model_of("large", 32, &[0.5; 32], NOW).await.unwrap();
    assert_ne!(same_name.id, next.id);
    assert_eq!(world.store.vector_model("large").await.unwrap(), Some(same_name.clone()));
    // Signs are kept, so that what they were taken from is never replaced.
    let again = world.store.vector_model_of("large", 32, &[0.7; 32], NOW).await.unwrap();
    assert_eq!(again, same_name);
}

fn imported(number: i64) -> ImportedMessage {
    ImportedMessage {
        number,
        second: 1_600_000_000 + number,
        role: Role::User,
        kind: MessageKind::Text,
        author: Some("Ada".to_owned()),
        author_id: None,
        telegram_message_id: None,
        reply_to: None,
        forwarded_from: None,
        text: format!("imported {number}"),
        edited: None,
        tokens: TokenCount(2),
    }
}

#[tokio::test]
async fn vectors_move_along_when_history_comes_before_their_messages() {
    let world = world().await;
    let chat = world.chat(3).await;
    world.embed(&world.model, 10).await;
    world.say(chat, MessageKind::Text, "message 4").await;
    let due = world.store.chats_to_embed(Some(world.model.id), 1).await.unwrap();
    let read = world.store.passages(Some(world.model.id), due[0], 10).await.unwrap();

    let history = [imported(1), imported(2)];
    let taken =
        world.store.import_batch(chat, Encoding::default(), &history, &HashMap::new(), Timestamp(0)).await.unwrap();
    assert_eq!(taken.added, 2);
    assert!(world.store.order_messages(chat).await.unwrap());
    assert!(!world.store.order_messages(chat).await.unwrap(), "they are in order");
    assert_eq!(world.nearest(chat, 3, i64::MAX, 1).await, [5], "the third of the chat is its fifth now");

    let vectors = read.messages.iter().map(|it| (it.ordinal, keep(&vector(9), &[]))).collect();
    let revisions = read.messages.iter().map(|it| (it.ordinal, it.revision)).collect();
    let late = NewVectors { chat, vectors, read: revisions, through: read.through, forgotten: read.forgotten };
    world.store.keep_vectors(&world.model, &[late]).await.unwrap();
    let embedded: Vec<u32> = world.embed(&world.model, 10).await.iter().map(|it| it.ordinal).collect();
    assert_eq!(embedded, [1, 2, 6], "those that came, and the one whose place had changed meanwhile");
    let again =
        world.store.import_batch(chat, Encoding::default(), &history, &HashMap::new(), Timestamp(0)).await.unwrap();
    assert_eq!((again.added, again.already), (0, 2));
}
