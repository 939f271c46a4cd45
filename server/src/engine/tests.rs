//! The engine on a real SQLite file, with a clock set by hand and the offline model.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use souvenir_memory::{
    ChatId, FactSource, MessageKind, Role, SessionDuration, Tier, Timestamp, TokenCounter, manifest::Section,
};
use tempfile::TempDir;

use super::{
    Answer, Engine, EngineError, Incoming, Origin, TelegramChat, UpdateKey,
    facts::{FactDraft, FactPatch, FactQuery},
    inspect::{MessageQuery, WhatIf},
    settings::SettingsPatch,
};
use crate::{
    clock::Clock,
    config::{ChatDefaults, Origin as Source, Sourced, SpendingDefaults},
    llm::{ChatModel, offline::OfflineModel, tokens::BpeCounter},
    store::Store,
};

#[derive(Default)]
pub(super) struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub(super) struct World {
    pub(super) engine: Engine,
    clock: Arc<HandClock>,
    folder: TempDir,
}

const HOUR: i64 = 3_600_000;

pub(super) fn defaults() -> ChatDefaults {
    fn plain<T>(value: T) -> Sourced<T> {
        Sourced { value, origin: Source::Default }
    }
    ChatDefaults {
        chat_model: plain("gpt-6.1-terra".to_owned()),
        memory_model: plain("gpt-6-luna".to_owned()),
        time_zone: plain("UTC".to_owned()),
        max_context_tokens: plain(8000),
        reserve_tokens: plain(1000),
        spending: SpendingDefaults::default(),
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Arc::new(OfflineModel)).await
    }

    pub(super) async fn with(model: Arc<dyn ChatModel>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(1_795_353_480_000)));
        let engine = Self::engine(&folder, &clock, model).await;
        Self { engine, clock, folder }
    }

    async fn engine(folder: &TempDir, clock: &Arc<HandClock>, model: Arc<dyn ChatModel>) -> Engine {
        let store = Store::open(&folder.path().join("souvenir.db")).await.unwrap();
        Engine::start(store, model, clock.clone(), defaults()).await.unwrap()
    }

    pub(super) async fn restarted(self) -> Self {
        self.engine.close().await;
        let Self { engine, clock, folder } = self;
        drop(engine);
        let engine = Self::engine(&folder, &clock, Arc::new(OfflineModel)).await;
        Self { engine, clock, folder }
    }

    pub(super) fn pass(&self, millis: i64) {
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub(super) async fn console(&self) -> ChatId {
        self.engine.create_console_chat("Kitchen").await.unwrap()
    }

    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    async fn say(&self, chat: ChatId, text: &str) -> Answer {
        self.engine.receive(console(chat, text)).await.unwrap();
        self.engine.answer(chat).await.unwrap().expect("an answer")
    }

    pub(super) async fn talk(&self, chat: ChatId, text: &str) {
        let answer = self.say(chat, text).await;
        drop(answer);
        self.pass(60_000);
    }
}

pub(super) fn console(chat: ChatId, text: &str) -> Incoming {
    Incoming {
        origin: Origin::Console(chat),
        update: None,
        telegram_message_id: None,
        author: None,
        author_id: None,
        text: text.to_owned(),
        kind: MessageKind::Text,
        said_at: None,
        reply_to: None,
        forwarded_from: None,
        quoted: None,
        overheard: false,
        files: Vec::new(),
    }
}

pub(super) fn telegram(update_id: i64, text: &str) -> Incoming {
    let chat = TelegramChat { chat_id: 77, thread_id: None, private: true, title: "V".to_owned(), language: None };
    Incoming {
        origin: Origin::Telegram(chat),
        update: Some(UpdateKey { bot_id: 1, update_id }),
        ..console(ChatId(0), text)
    }
}

#[tokio::test]
async fn a_message_is_answered_stored_and_explained() {
    let world = World::new().await;
    let chat = world.console().await;
    let answer = world.say(chat, "My oak boards are 62 cm long.").await;
    assert!(!answer.failed, "{}", answer.text);
    let turn = world.engine.turn(chat, answer.turn).await.unwrap();
    let manifest = turn.manifest.unwrap();
    assert_eq!(turn.messages[0].tokens, BpeCounter::default().count("My oak boards are 62 cm long."));
    assert_eq!(manifest.used(Section::Current).0, turn.messages[0].tokens.0 + 3 + 3, "overhead and priming");
    assert_eq!(manifest.segments.len(), turn.texts.len());
    assert_eq!(manifest.totals.reported, Some(manifest.totals.predicted), "the offline model counts what it is given");
}

#[tokio::test]
async fn a_repeated_update_is_stored_and_answered_once() {
    let world = World::new().await;
    let first = world.engine.receive(telegram(5, "hello")).await.unwrap();
    let again = world.engine.receive(telegram(5, "hello")).await.unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!(first.message, again.message);
    let answer = world.engine.answer(first.chat).await.unwrap().expect("one answer");
    drop(answer);
    assert!(world.engine.answer(first.chat).await.unwrap().is_none());
}

#[tokio::test]
async fn a_burst_is_answered_together_and_in_order() {
    let world = World::new().await;
    let chat = world.console().await;
    let first = world.say(chat, "one").await;
    world.engine.receive(console(chat, "two")).await.unwrap();
    world.engine.receive(console(chat, "three")).await.unwrap();
    let engine = world.engine.clone();
    let waiting = tokio::spawn(async move { engine.answer(chat).await.unwrap() });
    drop(first);
    let second = waiting.await.unwrap().expect("the burst's answer");
    let detail = world.engine.turn(chat, second.turn).await.unwrap();
    assert_eq!(detail.item.question, "two\nthree");
    drop(second);
    assert!(world.engine.answer(chat).await.unwrap().is_none());
}

#[tokio::test]
async fn a_burst_too_large_for_one_context_is_answered_in_several_turns() {
    let world = World::new().await;
    let chat = world.console().await;
    for _ in 0..3 {
        world.engine.receive(console(chat, &"oak ".repeat(3000))).await.unwrap();
    }
    let mut answered = Vec::new();
    while let Some(answer) = world.engine.answer(chat).await.unwrap() {
        assert!(!answer.failed, "{}", answer.text);
        let detail = world.engine.turn(chat, answer.turn).await.unwrap();
        answered.push(detail.messages.iter().filter(|message| message.role == Role::User).count());
        drop(answer);
    }
    assert_eq!(answered, [2, 1]);
}

#[tokio::test]
async fn a_turn_cut_off_by_a_crash_is_answered_after_the_restart_and_counted_once() {
    let world = World::new().await;
    let stored = world.engine.receive(telegram(9, "are you there?")).await.unwrap();
    let waiting = world.engine.store().unanswered(stored.chat).await.unwrap();
    let counted = crate::store::Counted {
        message: waiting[0].id,
        revision: waiting[0].revision,
        tokens: souvenir_memory::TokenCount(4),
    };
    let encoding = souvenir_memory::Encoding::default();
    world.engine.store().open_turn(stored.chat, &waiting, &[counted], encoding, world.engine.now()).await.unwrap();
    let world = world.restarted().await;
    let chats = world.engine.unanswered_telegram_chats().await.unwrap();
    assert_eq!(chats[0].1.chat_id, 77);
    let answer = world.engine.answer(stored.chat).await.unwrap().expect("an answer after all");
    assert!(!answer.failed);
    let tiers = world.engine.chat(stored.chat).await.unwrap().summary.tiers;
    assert_eq!(tiers.whole_history.messages, 2);
    assert_eq!(tiers.short_term.messages, 2);
}

#[tokio::test]
async fn the_session_duration_moves_the_boundary_both_ways() {
    let world = World::new().await;
    let chat = world.console().await;
    world.talk(chat, "said four hours ago").await;
    world.pass(4 * HOUR);
    let short = |detail: super::inspect::ChatDetail| detail.summary.tiers.short_term.messages;
    assert_eq!(short(world.engine.chat(chat).await.unwrap()), 2);
    let set = |duration| world.engine.patch_settings(Some(chat), SettingsPatch::session_duration(duration));
    set(SessionDuration::Short).await.unwrap();
    assert_eq!(short(world.engine.chat(chat).await.unwrap()), 0);
    world.pass(1);
    set(SessionDuration::Long).await.unwrap();
    assert_eq!(short(world.engine.chat(chat).await.unwrap()), 2);
}

#[tokio::test]
async fn what_left_short_term_is_recalled_by_its_words() {
    let world = World::new().await;
    let chat = world.console().await;
    world.talk(chat, "Мой договор с типографией подписан в мае.").await;
    world.pass(30 * HOUR);
    let preview =
        world.engine.preview(chat, WhatIf { text: Some("Что там с договора?".to_owned()), ..WhatIf::default() }).await;
    let manifest = preview.unwrap().manifest;
    let recalled = manifest.segments.iter().filter(|segment| segment.section == Section::Recalled);
    assert!(recalled.filter(|segment| segment.item.is_some()).count() >= 1, "{manifest:?}");
}

#[tokio::test]
async fn a_replay_with_the_same_settings_is_the_same_context() {
    let world = World::new().await;
    let chat = world.console().await;
    for text in ["The boards are oak.", "The oil needs two coats.", "Which wood is it?"] {
        world.talk(chat, text).await;
    }
    let answer = world.say(chat, "And the oil?").await;
    let turn = answer.turn;
    drop(answer);
    world.pass(20 * HOUR);
    world.talk(chat, "Later talk.").await;
    let then = world.engine.turn(chat, turn).await.unwrap().manifest.unwrap();
    let replay = world.engine.replay(chat, turn, WhatIf::default()).await.unwrap().manifest;
    assert_eq!(replay.segments, then.segments);
    assert_eq!(replay.left_out, then.left_out);
    assert_eq!(replay.totals.raw, then.totals.raw);
}

#[tokio::test]
async fn a_fact_is_versioned_deleted_with_a_tombstone_and_brought_back() {
    let world = World::new().await;
    let (chat, engine) = (world.console().await, &world.engine);
    let draft = FactDraft { statement: "Lives in  Lyon.".to_owned(), ..FactDraft::default() };
    let fact = engine.add_fact(chat, draft, FactSource::Owner).await.unwrap().fact;
    assert_eq!(fact.statement, "Lives in Lyon.");
    let before_edit = engine.now();
    world.pass(1000);
    let patch = FactPatch { statement: Some("Lives in Paris.".to_owned()), pinned: Some(true), ..FactPatch::default() };
    let edited = engine.edit_fact(chat, fact.id, patch, FactSource::Owner).await.unwrap().fact;
    assert_eq!((edited.version, edited.pinned), (2, true));
    let as_of = FactQuery { as_of: Some(before_edit), ..FactQuery::default() };
    assert_eq!(engine.facts(chat, as_of).await.unwrap()[0].fact.statement, "Lives in Lyon.");
    world.pass(1000);
    engine.delete_fact(chat, fact.id).await.unwrap();
    assert!(engine.facts(chat, FactQuery::default()).await.unwrap().is_empty());
    world.pass(1000);
    let restored = engine.restore_fact(chat, fact.id, None).await.unwrap().fact;
    assert_eq!((restored.statement.as_str(), restored.version), ("Lives in Paris.", 4));
    assert_eq!(engine.fact_history(chat, fact.id).await.unwrap().len(), 4);
}

#[tokio::test]
async fn chats_never_see_each_others_memory() {
    let world = World::new().await;
    let (mine, other) = (world.console().await, world.console().await);
    world.talk(mine, "The safe opens with 4711.").await;
    let draft = FactDraft { statement: "Owns a safe.".to_owned(), ..FactDraft::default() };
    let fact = world.engine.add_fact(mine, draft, FactSource::Owner).await.unwrap().fact;
    let what_if = WhatIf { text: Some("What opens the safe, 4711?".to_owned()), ..WhatIf::default() };
    let preview = world.engine.preview(other, what_if).await.unwrap();
    let seen: String = preview.messages.iter().map(|message| message.content.as_str()).collect();
    assert!(!seen.contains("opens with") && !seen.contains("Owns a safe"));
    assert!(matches!(world.engine.fact(other, fact.id).await, Err(EngineError::NoFact(_))));
    let delete = world.engine.delete_fact(other, fact.id).await;
    assert!(matches!(delete, Err(EngineError::NoFact(_))));
}

#[tokio::test]
async fn archived_messages_leave_every_context_and_come_back() {
    let world = World::new().await;
    let (chat, engine) = (world.console().await, &world.engine);
    world.talk(chat, "Forget the walnut.").await;
    let page = engine.messages(chat, MessageQuery::default()).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|message| message.id).collect();
    assert_eq!(engine.archive(chat, &ids, true).await.unwrap(), ids);
    let preview = engine.preview(chat, WhatIf { text: Some("walnut?".to_owned()), ..WhatIf::default() }).await.unwrap();
    assert_eq!(preview.manifest.used(Section::Recent).0, 0);
    assert_eq!(engine.chat(chat).await.unwrap().summary.tiers.archived.messages, 2);
    assert_eq!(engine.archive(chat, &ids, false).await.unwrap(), ids);
    let page = engine.messages(chat, MessageQuery { tier: Some(Tier::ShortTerm), ..Default::default() }).await.unwrap();
    assert_eq!(page.items.len(), 2);
}

#[tokio::test]
async fn a_message_larger_than_the_budget_is_kept_and_refused_with_its_size() {
    let world = World::new().await;
    let chat = world.console().await;
    let answer = world.say(chat, &"oak ".repeat(9000)).await;
    assert!(answer.failed && answer.text.contains("tokens"), "{}", answer.text);
    let page = world.engine.messages(chat, MessageQuery::default()).await.unwrap();
    assert!(page.items.iter().any(|message| message.tokens.0 > 8000), "the message is stored with its count");
}

#[tokio::test]
async fn a_second_process_is_refused_the_database() {
    let world = World::new().await;
    let error = Store::open(&world.folder.path().join("souvenir.db")).await.unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");
}

#[tokio::test]
async fn sixty_messages_of_300_tokens_stay_within_budget() {
    let world = World::new().await;
    let chat = world.console().await;
    let text = "oak board ".repeat(150);
    for _ in 0..60 {
        let answer = world.say(chat, &text).await;
        let manifest = world.engine.turn(chat, answer.turn).await.unwrap().manifest.unwrap();
        assert!(manifest.totals.scaled.0 <= 7000, "{:?}", manifest.totals);
        drop(answer);
        world.pass(60_000);
    }
}
