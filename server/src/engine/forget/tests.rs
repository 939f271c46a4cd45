//! Forgetting on a real SQLite file: what goes, what stays, and the bytes.

use souvenir_memory::{ChatId, FactSource, MessageId, Role};

use super::{Forget, ForgetReport};
use crate::engine::{
    EngineError,
    facts::{FactDraft, FactPatch, FactQuery},
    inspect::MessageQuery,
    tests::World,
};

/// What was said in a chat, oldest first.
async fn history(world: &World, chat: ChatId) -> Vec<(MessageId, Role, String)> {
    let query = MessageQuery { limit: 500, ..MessageQuery::default() };
    let mut items = world.engine.messages(chat, query).await.unwrap().items;
    items.reverse();
    items.into_iter().map(|item| (item.id, item.role, item.text)).collect()
}

/// The message that a person said with these words.
async fn said(world: &World, chat: ChatId, words: &str) -> MessageId {
    let history = history(world, chat).await;
    history.iter().find(|(_, role, text)| *role == Role::User && text.contains(words)).expect("it was said").0
}

/// How often a word stands in the database's file and log.
fn in_bytes(world: &World, word: &str) -> usize {
    let read = |name: &str| std::fs::read(world.folder().join(name)).unwrap_or_default();
    let all = [read("souvenir.db"), read("souvenir.db-wal")].concat();
    all.windows(word.len()).filter(|bytes| *bytes == word.as_bytes()).count()
}

#[tokio::test]
async fn a_forgotten_message_is_in_no_table_no_index_and_no_byte() {
    let cases = [
        (
            "My sister keeps an axolotl named Quetzalina.",
            "What did I say about the axolotl?",
            ["Quetzalina", "axolotl", "quetzalina"],
        ),
        (
            "Моя сестра держит аксолотля по кличке Кецальчик.",
            "Что я говорил про аксолотля?",
            ["Кецальчик", "аксолот", "кецальчик"],
        ),
        (
            "Ma sœur élève un axolotl nommé Quetzalette.",
            "Qu’ai-je dit de l’axolotl ?",
            ["Quetzalette", "axolotl", "quetzalet"],
        ),
    ];
    for (secret, question, needles) in cases {
        let world = World::new().await;
        let chat = world.console().await;
        world.talk(chat, "Good morning!").await;
        world.talk(chat, secret).await;
        world.talk(chat, "The garden needs seven boards.").await;
        world.talk(chat, question).await;
        for needle in needles {
            assert!(in_bytes(&world, needle) > 0, "{needle} is not there before");
        }
        let ids = vec![said(&world, chat, secret).await, said(&world, chat, question).await];
        let report = world.engine.forget(chat, &Forget::Messages(ids)).await.unwrap();
        assert_eq!((report.messages, report.revisions), (2, 2));
        assert!(report.replies >= 1, "the bot quoted it: {report:?}");
        assert!(report.index_entries > 0 && report.manifest_items > 0 && report.erased, "{report:?}");
        for needle in needles {
            assert_eq!(in_bytes(&world, needle), 0, "{needle} is still there");
        }
        let left = history(&world, chat).await;
        assert!(left.iter().any(|(_, _, text)| text.contains("seven boards")), "what was not meant stays");
        let totals = world.engine.chat(chat).await.unwrap().summary;
        assert_eq!(totals.tiers.short_term.messages, u64::try_from(left.len()).unwrap());
        assert_eq!(totals.messages, u64::try_from(left.len()).unwrap());
    }
}

#[tokio::test]
async fn a_preview_promises_what_forgetting_does_and_changes_nothing() {
    let world = World::new().await;
    let chat = world.console().await;
    world.talk(chat, "My locker is number 48213.").await;
    world.talk(chat, "Which locker?").await;
    let before = history(&world, chat).await;
    let what = Forget::Messages(vec![said(&world, chat, "48213").await]);
    let preview = world.engine.forget_preview(chat, &what).await.unwrap();
    assert_eq!(history(&world, chat).await, before);
    let done = world.engine.forget(chat, &what).await.unwrap();
    assert_eq!(ForgetReport { erased: false, ..done }, preview);
    let again = world.engine.forget(chat, &what).await;
    assert!(matches!(again, Err(EngineError::NoMessage(_))), "{again:?}");
}

#[tokio::test]
async fn a_forgotten_fact_leaves_no_byte_of_any_version_and_its_message_stays() {
    let world = World::new().await;
    let chat = world.console().await;
    world.talk(chat, "My sister keeps an axolotl.").await;
    let draft = |text: &str| FactDraft { statement: text.to_owned(), ..FactDraft::default() };
    let add = async |text: &str| world.engine.add_fact(chat, draft(text), FactSource::Owner).await.unwrap().fact.id;
    let kept = add("The axolotl eats worms.").await;
    let fact = add("The axolotl is called Quetzalina.").await;
    let other = FactPatch { statement: Some("The axolotl is called Quetzalette.".to_owned()), ..FactPatch::default() };
    world.engine.edit_fact(chat, fact, other, FactSource::Owner).await.unwrap();
    world.talk(chat, "What is the axolotl called?").await;
    world.engine.delete_fact(chat, fact).await.unwrap();
    for needle in ["Quetzalina", "Quetzalette"] {
        assert!(in_bytes(&world, needle) > 0, "{needle} is kept, so that the deletion can be undone");
    }
    let what = Forget::Facts(vec![fact]);
    let preview = world.engine.forget_preview(chat, &what).await.unwrap();
    let report = world.engine.forget(chat, &what).await.unwrap();
    assert_eq!((report.facts, report.messages, report.erased), (1, 0, true), "{report:?}");
    assert!(report.manifest_items > 0, "{report:?}");
    assert_eq!(ForgetReport { erased: false, ..report }, preview);
    for needle in ["Quetzalina", "Quetzalette", "quetzalet"] {
        assert_eq!(in_bytes(&world, needle), 0, "{needle} is still there");
    }
    assert!(matches!(world.engine.forget(chat, &what).await, Err(EngineError::NoFact(id)) if id == fact));
    let left = world.engine.facts(chat, FactQuery::default()).await.unwrap();
    assert_eq!(left.iter().map(|item| item.fact.id).collect::<Vec<_>>(), [kept]);
    assert!(history(&world, chat).await.iter().any(|(_, _, text)| text.contains("keeps an axolotl")));
}

#[tokio::test]
async fn the_last_exchange_goes_with_its_answer() {
    let world = World::new().await;
    let chat = world.console().await;
    world.talk(chat, "I like green tea.").await;
    world.talk(chat, "Thanks!").await;
    world.engine.forget(chat, &Forget::LastTurn).await.unwrap();
    let left = history(&world, chat).await;
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left[0].2.contains("green tea"));
}

#[tokio::test]
async fn everything_goes_but_the_chat_and_then_the_chat_too() {
    let world = World::new().await;
    let chat = world.console().await;
    let other = world.console().await;
    world.talk(chat, "I like green tea.").await;
    world.talk(other, "I like black tea.").await;
    let draft = FactDraft { statement: "likes oolong".to_owned(), ..FactDraft::default() };
    world.engine.add_fact(chat, draft, FactSource::Owner).await.unwrap();
    let report = world.engine.forget(chat, &Forget::Everything).await.unwrap();
    assert_eq!((report.messages, report.facts), (2, 1));
    assert!(history(&world, chat).await.is_empty());
    assert!(world.engine.facts(chat, FactQuery::default()).await.unwrap().is_empty());
    assert_eq!(in_bytes(&world, "oolong"), 0);
    world.talk(chat, "I am back.").await;
    assert_eq!(history(&world, chat).await.len(), 2);
    world.engine.forget_chat(chat).await.unwrap();
    assert!(matches!(world.engine.chat(chat).await, Err(EngineError::NoChat(_))));
    assert_eq!(history(&world, other).await.len(), 2);
}
