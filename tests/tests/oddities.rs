//! What arrives in the wild and must not stop anything.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use souvenir_tests::bot_api::{BotApi, Fault, Trouble};
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::ModelServer;

use crate::world::{World, eventually, service};

#[tokio::test]
async fn updates_nobody_understands_stop_nothing() {
    let world = World::start().await;
    world.bot.say_update(json!({"quantum_message": {"entangled": true}}));
    world.bot.say_update(json!({"message": {"message_id": "not a number"}}));
    world.bot.say_update(json!({"message": null}));
    let sent = world.ask("still there?").await;
    assert!(sent.text.contains("still there?"), "{}", sent.text);
}

#[tokio::test]
async fn a_message_without_text_is_told_what_works() {
    let world = World::start().await;
    world.ask("hello").await;
    let from = json!({"id": 1_001, "is_bot": false, "first_name": "Ada"});
    let chat = json!({"id": 1_001, "type": "private", "first_name": "Ada"});
    let sticker = json!({
        "file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": false,
        "is_video": false,
    });
    let message = json!({"message_id": 900, "date": 1_790_000_000, "from": from, "chat": chat, "sticker": sticker});
    world.bot.say_update(json!({"message": message}));
    world.bot.wait_for_sent(&world.ada, 2).await;
    assert_eq!(world.model.requests().len(), 1);
    assert!(world.ask("and now?").await.text.contains("and now?"));
}

#[tokio::test]
async fn what_strangers_say_in_groups_is_left_alone() {
    let world = World::start().await;
    let from = json!({"id": 4_004, "is_bot": false, "first_name": "Dana"});
    let chat = json!({"id": -100_200_300, "type": "supergroup", "title": "Friends"});
    let message = json!({"message_id": 5, "date": 1_790_000_000, "from": from, "chat": chat, "text": "hello all"});
    world.bot.say_update(json!({"message": message}));
    world.ask("hello in private").await;
    assert_eq!(world.model.requests().len(), 1);
    let stored = world.app.api().list("/api/chats").await;
    assert_eq!(stored.len(), 1, "{stored:?}");
}

#[tokio::test]
async fn commands_are_answered_while_a_reply_is_being_made() {
    let world = World::start().await;
    world.model.hold();
    world.bot.say(&world.ada, "think hard");
    world.model.wait_for_requests(1).await;
    world.bot.say(&world.ada, "/help");
    world.bot.wait_for_text(&world.ada, "/memory").await;
    world.model.release();
    world.bot.wait_for_text(&world.ada, "think hard").await;
}

#[tokio::test]
async fn an_interrupted_stop_answers_after_the_restart_once() {
    let mut world = World::start().await;
    world.model.hold();
    world.bot.say(&world.ada, "before the stop");
    world.model.wait_for_requests(1).await;
    assert!(world.app.stop().await.success());
    world.model.release();
    let app = world.app.restart().await;
    world.bot.say(&world.ada, "after the stop");
    world.bot.wait_for_text(&world.ada, "after the stop").await;
    let api = app.api();
    let chat = crate::world::chat_of(&api, "Ada").await;
    eventually("nothing to be left unanswered", async || {
        let messages = api.list(&format!("/api/chats/{chat}/messages")).await;
        let answers = messages.iter().filter(|message| message["role"] == "assistant").count();
        (answers == world.bot.sent(&world.ada).len()).then_some(())
    })
    .await;
    let texts: Vec<_> = world.bot.sent(&world.ada).into_iter().map(|sent| sent.text).collect();
    assert!(texts.len() <= 2, "{texts:?}");
}

#[tokio::test]
async fn another_poller_is_a_degraded_state_and_heals() {
    let world = World::start().await;
    world.ask("hello").await;
    for _ in 0..3 {
        world.bot.fail(
            "getUpdates",
            Fault::Refuse(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            ),
        );
    }
    world.bot.say(&world.ada, "who is it?");
    world.bot.wait_for_text(&world.ada, "who is it?").await;
    telegram_becomes(&world.app, "ok").await;
}

#[tokio::test]
async fn a_revoked_token_is_told_and_nothing_crashes() {
    let bot = BotApi::start().await;
    let app = TestApp::with().telegram(&bot).env("TELEGRAM_BOT_TOKEN", "123456:revoked-token-of-old").start().await;
    telegram_becomes(&app, "degraded").await;
    let ready = app.api().call(Method::GET, "/readyz", None).await;
    assert!(ready.text.contains("TELEGRAM_BOT_TOKEN"), "{}", ready.text);
    assert!(!ready.text.contains("revoked-token"), "{}", ready.text);
}

async fn telegram_becomes(app: &TestApp, state: &str) {
    let api = app.api();
    eventually(&format!("Telegram to be {state}"), async || {
        let ready = api.call(Method::GET, "/readyz", None).await.json;
        (service(&ready, "telegram") == state).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_model_that_is_down_is_a_degraded_state_and_heals() {
    let model = ModelServer::start().await;
    model.go_down();
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let state = async || service(&api.call(Method::GET, "/readyz", None).await.json, "model");
    eventually("the model to be degraded", async || (state().await == "degraded").then_some(())).await;
    model.go_up().await;
    let chat = api.console_chat("Back").await;
    api.say(chat, "are you back?").await;
    eventually("the model to be well", async || (state().await == "ok").then_some(())).await;
}

#[tokio::test]
async fn flood_control_in_the_middle_of_a_long_reply_repeats_no_part() {
    let world = World::start().await;
    world.bot.forget_rich_messages();
    let parts: Vec<String> = (0..3).map(|n| format!("Part {n}. {}", "word ".repeat(700))).collect();
    world.model.reply_with([parts.join("\n\n")]);
    world.bot.fail("sendMessage", Fault::Delay(Duration::from_millis(10)));
    world.bot.fail("sendMessage", Fault::TooManyRequests(1));
    world.bot.say(&world.ada, "go");
    world.bot.wait_for_text(&world.ada, "Part 2. ").await;
    let whole: String = world.bot.sent(&world.ada).into_iter().map(|sent| sent.text).collect();
    for n in 0..3 {
        assert_eq!(whole.matches(&format!("Part {n}. ")).count(), 1);
    }
}

#[tokio::test]
async fn many_chats_at_once_are_all_answered_and_never_mixed() {
    let world = World::start_with(souvenir_tests::harness::Setup::open_to_all).await;
    let people: Vec<_> = (0..20).map(|n| world.bot.user(5_000 + n, &format!("Person{n}"))).collect();
    for round in 0..2 {
        for person in &people {
            world.bot.say(person, &format!("round {round}, I am {} and nobody else", person.name));
        }
    }
    for person in &people {
        world.bot.wait_for_text(person, &format!("round 1, I am {} and", person.name)).await;
    }
    for request in world.model.requests() {
        let named =
            people.iter().filter(|person| request.text().contains(&format!("I am {} and", person.name))).count();
        assert_eq!(named, 1, "a context holds somebody else's words");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_never_taken_for_a_whole_one() {
    let world = World::start().await;
    world.model.reply_with(["one two three four five six seven eight nine ten"]);
    world.model.fail(souvenir_tests::model::Fault::CutAfter(4));
    let sent = world.ask("count").await;
    let turn = world.last_turn().await;
    let whole = sent.text.contains("ten");
    assert!(whole || turn["state"] != "done", "{} {turn}", sent.text);
    assert!(world.ask("still there?").await.text.contains("still there?"));
}

#[tokio::test]
async fn an_empty_answer_is_told() {
    let world = World::start().await;
    world.model.reply_with(["", "", "", ""]);
    let sent = world.ask("say nothing").await;
    assert!(!sent.text.trim().is_empty());
}

#[tokio::test]
async fn requests_that_are_too_large_or_strange_are_refused() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Large").await;
    let path = format!("/api/chats/{chat}/messages");
    let large = api.call(Method::POST, &path, Some(json!({"text": "x".repeat(2_000_000)}))).await;
    assert_eq!(large.status, 413, "{}", large.text);
    // That connection is closed, since nobody read what was too large.
    let api = app.api();
    for path in ["/pkg/../../souvenir.db", "/pkg/%2e%2e/%2e%2e/souvenir.db", "/pkg/..%2f..%2fsouvenir.db"] {
        let answer = api.call(Method::GET, path, None).await;
        assert!(!answer.text.contains("SQLite"), "{path}");
    }
    for cursor in ["abc", "-1", "99999999999999999999"] {
        let answer = api.call(Method::GET, &format!("{path}?cursor={cursor}"), None).await;
        assert!(answer.status < 500, "{cursor}: {}", answer.text);
    }
    let answer = api.call(Method::PUT, &path, None).await;
    assert_eq!(answer.status, 405, "{}", answer.text);
}

#[tokio::test]
async fn updates_that_come_in_another_order_are_stored_in_theirs() {
    let world = World::start().await;
    world.ask("first of all").await;
    world.bot.go_down();
    world.bot.trouble(Some(Trouble { seed: 3, faults: 0.0, repeats: 0.0, reorders: 1.0 }));
    let said: Vec<String> = (0..8).map(|n| format!("message {n}")).collect();
    for text in &said {
        world.bot.say(&world.ada, text);
    }
    world.bot.go_up().await;
    world.bot.wait_for_text(&world.ada, "message 7").await;
    let chat = world.chat().await;
    let messages = world.app.api().list(&format!("/api/chats/{chat}/messages")).await;
    let mut stored: Vec<_> = messages.iter().filter(|message| message["role"] == "user").collect();
    stored.sort_by_key(|message| message["id"].as_i64());
    let texts: Vec<_> = stored.iter().filter_map(|message| message["text"].as_str()).collect();
    assert_eq!(texts[1..], said);
}
