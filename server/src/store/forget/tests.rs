//! After any sequence of messages, facts and forgettings nothing refers to what is gone.

use std::collections::BTreeSet;

use proptest::prelude::*;
use souvenir_memory::{ChatId, FactId, MessageId, Role, Source, Timestamp};
use sqlx::Row;

use super::{Scope, Wish};
use crate::{
    store::{Indexed, NewMessage, Store, index},
    words,
};

const WORDS: [&str; 8] = ["zebra", "yacht", "Xenia", "walnut", "velvet", "umbrella", "tulip", "sparrow"];

/// What happens in a chat.
#[derive(Clone, Debug)]
enum Event {
    /// Somebody says two words; the bot, or a person.
    Say { by_bot: bool, words: [usize; 2] },
    /// A fact of one word gets a version that rests on these messages, or on a person's word when there are none.
    Learn { fact: i64, word: usize, on: Vec<usize> },
    /// Some of the messages are forgotten.
    Forget(Vec<usize>),
    /// A fact is forgotten.
    ForgetFact(i64),
}

fn any_event() -> impl Strategy<Value = Event> {
    let words = [0..WORDS.len(), 0..WORDS.len()];
    prop_oneof![
        4 => (any::<bool>(), words).prop_map(|(by_bot, words)| Event::Say { by_bot, words }),
        3 => (1_i64..4, 0..WORDS.len(), proptest::collection::vec(0_usize..20, 0..3))
            .prop_map(|(fact, word, on)| Event::Learn { fact, word, on }),
        2 => proptest::collection::vec(0_usize..20, 1..3).prop_map(Event::Forget),
        1 => (1_i64..4).prop_map(Event::ForgetFact),
    ]
}

async fn say(store: &Store, chat: ChatId, by_bot: bool, words: [usize; 2]) {
    let text = format!("{} {}", WORDS[words[0]], WORDS[words[1]]);
    let role = if by_bot { Role::Assistant } else { Role::User };
    let new = NewMessage { role, ..NewMessage::said(chat, Source::Console, &text, Timestamp(1)) };
    let id = store.receive(new, Timestamp(1)).await.unwrap().id;
    let mut tx = store.begin().await.unwrap();
    sqlx::query("UPDATE revisions SET o200k_base = 3 WHERE message_id = ?").bind(id.0).execute(&mut *tx).await.unwrap();
    sqlx::query("UPDATE chats SET live_messages = live_messages + 1, live_tokens = live_tokens + 3 WHERE id = ?")
        .bind(chat.0)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let fresh = store.unindexed(chat, 9).await.unwrap();
    let entries: Vec<_> =
        fresh.iter().map(|one| Indexed { ordinal: one.ordinal, terms: words::terms(&one.text).collect() }).collect();
    store.index(chat, &entries).await.unwrap();
}

async fn messages(store: &Store, by_people: bool) -> Vec<i64> {
    let sql = if by_people {
        "SELECT id FROM messages WHERE role = 'user' ORDER BY id"
    } else {
        "SELECT id FROM messages ORDER BY id"
    };
    sqlx::query_scalar(sql).fetch_all(&store.read).await.unwrap()
}

async fn learn(store: &Store, chat: ChatId, fact: i64, word: usize, on: &[usize]) {
    let known = messages(store, true).await;
    let on: BTreeSet<i64> = on.iter().filter_map(|place| known.get(*place).copied()).collect();
    let source = if on.is_empty() { "owner" } else { "extracted" };
    let mut tx = store.begin().await.unwrap();
    for sql in [
        "INSERT OR IGNORE INTO facts (id, chat_id, created_at) VALUES (?1, ?2, 1)",
        "UPDATE fact_versions SET expired_at = 2 WHERE fact_id = ?1 AND ?2 > 0 AND expired_at IS NULL",
    ] {
        sqlx::query(sql).bind(fact).bind(chat.0).execute(&mut *tx).await.unwrap();
    }
    let version: i64 = sqlx::query_scalar(
        "INSERT INTO fact_versions (fact_id, version, kind, statement, status, source, confidence, recorded_at)
         VALUES (?1, (SELECT ifnull(max(version), 0) + 1 FROM fact_versions WHERE fact_id = ?1), 'other', ?2, 'active', ?3, 1, 1)
         RETURNING version",
    )
    .bind(fact)
    .bind(format!("likes the {}", WORDS[word]))
    .bind(source)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    for message in on {
        sqlx::query(
            "INSERT INTO evidence (fact_id, version, message_id, revision_id, quote, quote_start, quote_end, recorded_at)
             SELECT ?1, ?2, id, revision_id, 'words', 0, 5, 1 FROM messages WHERE id = ?3",
        )
        .bind(fact)
        .bind(version)
        .bind(message)
        .execute(&mut *tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn forget(store: &Store, chat: ChatId, places: &[usize]) {
    let known = messages(store, false).await;
    let ids: Vec<MessageId> = places.iter().filter_map(|place| known.get(*place).copied().map(MessageId)).collect();
    forget_scope(store, chat, Scope::Messages(ids), Vec::new()).await;
}

async fn forget_scope(store: &Store, chat: ChatId, scope: Scope, tombstones: Vec<(FactId, Vec<u8>)>) {
    let asked = store.ask_to_forget(chat, &scope, Timestamp(3)).await.unwrap();
    let wish = Wish { chat, scope, vocabulary: BTreeSet::new(), tombstones, now: Timestamp(3) };
    let preview = store.preview_forgetting(&wish).await.unwrap();
    assert_eq!(store.forget(&wish, asked).await.unwrap(), preview);
}

/// What must hold, as queries that find what breaks it.
const BROKEN: [&str; 8] = [
    "SELECT count(*) FROM revisions WHERE message_id NOT IN (SELECT id FROM messages)",
    "SELECT count(*) FROM evidence WHERE message_id NOT IN (SELECT id FROM messages)",
    "SELECT count(*) FROM evidence e WHERE NOT EXISTS
        (SELECT 1 FROM fact_versions v WHERE v.fact_id = e.fact_id AND v.version = e.version)",
    "SELECT count(*) FROM facts f WHERE NOT EXISTS (SELECT 1 FROM fact_versions v WHERE v.fact_id = f.id)",
    // Nothing that was learnt from messages stays without one.
    "SELECT count(*) FROM facts f
     WHERE NOT EXISTS (SELECT 1 FROM evidence e WHERE e.fact_id = f.id)
       AND NOT EXISTS (SELECT 1 FROM fact_versions v WHERE v.fact_id = f.id AND v.source = 'owner')",
    "SELECT count(*) FROM fact_versions v WHERE v.source = 'extracted'
       AND NOT EXISTS (SELECT 1 FROM evidence e WHERE e.fact_id = v.fact_id AND e.version = v.version)",
    "SELECT count(*) FROM facts f
     WHERE (SELECT count(*) FROM fact_versions v WHERE v.fact_id = f.id AND v.expired_at IS NULL) <> 1",
    "SELECT count(*) FROM chats c WHERE live_messages <> (SELECT count(*) FROM messages m WHERE m.chat_id = c.id)
        OR live_tokens <> 3 * live_messages",
];

async fn check(store: &Store) {
    for sql in BROKEN {
        let broken: i64 = sqlx::query_scalar(sql).fetch_one(&store.read).await.unwrap();
        assert_eq!(broken, 0, "{sql}");
    }
    let dangling = sqlx::query("PRAGMA foreign_key_check").fetch_all(&store.read).await.unwrap();
    assert!(dangling.is_empty(), "SQLite finds references to nothing");
    let there: Vec<u32> = sqlx::query_scalar("SELECT ordinal FROM messages").fetch_all(&store.read).await.unwrap();
    let postings = sqlx::query("SELECT term, block, ordinals FROM postings").fetch_all(&store.read).await.unwrap();
    for row in postings {
        for ordinal in index::ordinals(row.get(1), row.get(2)) {
            assert!(there.contains(&ordinal), "“{}” names message {ordinal}, which is gone", row.get::<String, _>(0));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_refers_to_what_was_forgotten(events in proptest::collection::vec(any_event(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("souvenir.db");
            let store = Store::open_with(&path, crate::store::Durability::Normal).await.unwrap();
            let chat = store.create_console_chat("Aviary", Timestamp(1)).await.unwrap();
            for event in &events {
                match event {
                    Event::Say { by_bot, words } => say(&store, chat, *by_bot, *words).await,
                    Event::Learn { fact, word, on } => learn(&store, chat, *fact, *word, on).await,
                    Event::Forget(places) => {
                        forget(&store, chat, places).await;
                        check(&store).await;
                    }
                    Event::ForgetFact(fact) => {
                        let buried = vec![(FactId(*fact), vec![7])];
                        forget_scope(&store, chat, Scope::Facts(vec![FactId(*fact)]), buried).await;
                        check(&store).await;
                        assert!(store.fact_versions(chat, FactId(*fact)).await.unwrap().is_empty());
                    }
                }
            }
            store.close().await;
        });
    }
}
