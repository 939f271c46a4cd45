//! What fails around the app, and how it gets over it.

use std::time::Duration;

use serde_json::json;
use souvenir_tests::bot_api::{self, BotApi};
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::{Dialect, Fault, ModelServer};
use souvenir_tests::tokens;

use crate::world::{World, eventually, last_turn, service, text_of};

#[tokio::test]
async fn a_bot_api_that_is_down_at_start_is_a_degraded_state_and_heals() {
    let bot = BotApi::start().await;
    let model = ModelServer::start().await;
    let ada = bot.user(1_001, "Ada");
    bot.go_down();
    let app = TestApp::with().telegram(&bot).owner(&ada).model(&model).start().await;
    let api = app.api();
    eventually("Telegram to be degraded", async || {
        let ready = api.call(reqwest::Method::GET, "/readyz", None).await.json;
        (service(&ready, "telegram") != "ok").then_some(())
    })
    .await;
    // The rest works meanwhile.
    let chat = api.console_chat("Meanwhile").await;
    assert!(api.say(chat, "hello").await["reply"].as_str().unwrap().contains("hello"));
    bot.go_up().await;
    bot.say(&ada, "are you back?");
    bot.wait_for_text(&ada, "are you back?").await;
    eventually("Telegram to be well", async || {
        let ready = api.call(reqwest::Method::GET, "/readyz", None).await.json;
        (service(&ready, "telegram") == "ok").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_bot_api_that_goes_and_returns_is_found_again() {
    let world = World::start().await;
    world.ask("one").await;
    world.bot.go_down();
    tokio::time::sleep(Duration::from_millis(300)).await;
    world.bot.go_up().await;
    world.bot.say(&world.ada, "two");
    world.bot.wait_for_text(&world.ada, "two").await;
    world.bot.fail("getUpdates", bot_api::Fault::ServerError(502));
    world.bot.fail("getUpdates", bot_api::Fault::TooManyRequests(1));
    world.bot.say(&world.ada, "three");
    world.bot.wait_for_text(&world.ada, "three").await;
}

#[tokio::test]
async fn when_the_model_is_down_the_user_is_told_and_the_next_message_sees_what_was_said() {
    let world = World::start().await;
    world.model.go_down();
    let told = world.ask("keep this: the key is under the mat").await;
    assert!(!told.text.is_empty());
    let turn = world.last_turn().await;
    assert_eq!(turn["state"], "failed", "{turn}");
    assert!(turn["error"].is_string(), "{turn}");
    world.model.go_up().await;
    world.ask("where is the key?").await;
    let request = world.model.requests().pop().unwrap();
    assert!(request.text().contains("the key is under the mat"), "{request:?}");
    assert!(!request.text().contains(&told.text), "an apology became memory: {request:?}");
    assert_eq!(world.last_turn().await["state"], "done");
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let world = World::start().await;
    world.model.fail(Fault::TooManyRequests(2));
    world.ask("patience").await;
    let requests = world.model.requests();
    assert_eq!(requests.len(), 2);
    let pause = requests[1].at - requests[0].at;
    assert!(pause >= Duration::from_millis(1_900) && pause < Duration::from_secs(8), "{pause:?}");
}

#[tokio::test]
async fn passing_errors_and_broken_streams_are_tried_again() {
    for fault in [Fault::Status(500), Fault::Status(503), Fault::Cut] {
        let world = World::start().await;
        world.model.fail(fault.clone());
        let sent = world.ask("try again").await;
        assert!(sent.text.contains("try again"), "{fault:?}: {}", sent.text);
        assert_eq!(world.model.requests().len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_and_not_retried() {
    let world = World::start_with(|setup| setup.env("OPENAI_API_KEY", "sk-wrong-and-secret")).await;
    let told = world.ask("hello").await;
    assert!(!told.text.contains("sk-wrong"), "{}", told.text);
    assert_eq!(world.model.requests().len(), 1);
    assert_eq!(world.last_turn().await["state"], "failed");
}

#[tokio::test]
async fn refused_parameters_are_learnt() {
    for dialect in [Dialect::OpenAi, Dialect::LlamaCpp] {
        let world = World::start().await;
        world.model.speak(dialect);
        for parameter in ["max_completion_tokens", "reasoning_effort", "stream_options"] {
            world.model.refuse(parameter);
        }
        world.ask("first").await;
        let learning = world.model.requests().len();
        assert!((2..=5).contains(&learning), "{dialect:?}: {learning} requests");
        let sent = world.ask("second").await;
        assert!(sent.text.contains("second"), "{dialect:?}: {}", sent.text);
        assert_eq!(world.model.requests().len(), learning + 1, "{dialect:?}: not remembered");
    }
}

#[tokio::test]
async fn a_server_that_wants_system_messages_first_gets_them_first() {
    let world = World::start().await;
    world.model.refuse_later_system_messages();
    world.ask("first").await;
    let sent = world.ask("second").await;
    assert!(sent.text.contains("second"), "{}", sent.text);
    let last = world.model.requests().pop().unwrap();
    assert_eq!(last.status, Some(200));
}

#[tokio::test]
async fn an_overflow_shrinks_the_context_once() {
    for dialect in [Dialect::OpenAi, Dialect::LlamaCpp] {
        let model = ModelServer::start().await;
        let app = TestApp::with().model(&model).start().await;
        let api = app.api();
        let chat = api.console_chat("Overflow").await;
        for seed in 0..8 {
            api.say(chat, &text_of(250, seed)).await;
        }
        let full = model.requests().last().unwrap().prompt_tokens;
        model.speak(dialect);
        model.limit_window(full - 300);
        let answer = api.say(chat, "does this still fit?").await;
        assert!(answer["reply"].as_str().unwrap().contains("does this still fit?"), "{dialect:?}: {answer}");
        let requests = model.requests();
        let (refused, accepted) = (&requests[requests.len() - 2], &requests[requests.len() - 1]);
        assert_eq!((refused.status, accepted.status), (Some(400), Some(200)), "{dialect:?}");
        assert!(accepted.prompt_tokens <= full - 300);
        let turn = last_turn(&api, chat).await;
        let sent = tokens::count_request(&accepted.body);
        assert_eq!(turn["manifest"]["totals"]["raw"], json!(sent), "the manifest is not of what was sent");
    }
}

#[tokio::test]
async fn a_model_with_another_tokenizer_is_calibrated() {
    let model = ModelServer::start().await;
    model.scale_tokens(1.3);
    let app = TestApp::with().model(&model).env("SOUVENIR_CHAT_MODEL", "llama-somewhere").start().await;
    let api = app.api();
    let chat = api.console_chat("Scale").await;
    for seed in 0..6 {
        api.say(chat, &text_of(200, seed)).await;
    }
    let turn = last_turn(&api, chat).await;
    let totals = &turn["manifest"]["totals"];
    let predicted = totals["predicted"].as_f64().unwrap();
    let reported = totals["reported"].as_f64().unwrap();
    assert!((predicted / reported - 1.0).abs() < 0.05, "{totals}");
}
