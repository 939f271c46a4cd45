//! `/summary`: the last days, summed up by the memory model, without anybody waiting for it.

use serde_json::json;
use souvenir_tests::bot_api::BotApi;
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::Fault;

use super::world_speaking;
use crate::maintenance::{add, consolidating, statements};
use crate::world::{World, eventually, hours_later};

/// A world whose model sums up with these words.
async fn summing_up(words: &'static str) -> World {
    let world = World::start().await;
    world.model.reply_by(move |request| {
        if request.to_string().contains("<transcript>") {
            json!({"summary": words}).to_string()
        } else {
            "Noted.".to_owned()
        }
    });
    world
}

#[tokio::test]
async fn the_last_days_are_summed_up() {
    let world = summing_up("They planned *Rome*.\n\n- Trains on 3 May, €40 <each>.").await;
    world.ask("Let us take trains to Rome with Claire on 3 May").await;
    let summary = world.ask("/summary").await;
    for part in ["(7)", "They planned *Rome*.", "- Trains on 3 May, €40 <each>.", "Messages 2", "Claire"] {
        assert!(summary.text.contains(part), "no {part:?} in {}", summary.text);
    }
    // It is kept among the summaries, and not once more among the messages.
    let api = world.app.api();
    let chat = world.chat().await;
    let kept = api.get(&format!("/api/chats/{chat}/conversation/summary?days_back=7")).await;
    assert!(kept["summary"].as_str().unwrap().contains("They planned"), "{kept}");
    let history = api.list(&format!("/api/chats/{chat}/messages")).await;
    assert!(!json!(history).to_string().contains("They planned"), "{history:?}");
    let actions = world.bot.calls_of("sendChatAction");
    assert!(!actions.is_empty(), "it was shown that something is being written");
}

#[tokio::test]
async fn what_was_summed_up_is_remembered_without_waiting_for_a_pause() {
    let world = World::start().await;
    consolidating(&world.model, |text| json!([add(text, "lives in Lyon", "I live in Lyon")]));
    world.ask("I live in Lyon.").await;
    world.bot.say(&world.ada, "/summary 1");
    world.bot.wait_for_text(&world.ada, "They talked").await;
    let (api, chat) = (world.app.api(), world.chat().await);
    eventually("the fact to be known", async || (statements(&api, chat).await == ["lives in Lyon"]).then_some(()))
        .await;
    assert!(world.ask("/facts").await.text.contains("lives in Lyon"));
}

#[tokio::test]
async fn days_that_cannot_be_and_days_without_words_are_told() {
    let mut world = world_speaking("fr").await;
    for wrong in ["0", "366", "une semaine", "-3"] {
        let told = world.ask(&format!("/summary {wrong}")).await;
        assert!(told.text.contains("1 à 365") && told.text.contains(wrong), "{}", told.text);
    }
    assert!(world.ask("/summary").await.text.contains("Rien à résumer"));
    world.ask("Bonjour").await;
    world.app = hours_later(world.app, 50).await;
    assert!(world.ask("/summary 1").await.text.contains("Rien à résumer"));
    let requests = world.model.requests();
    assert!(!requests.iter().any(|request| request.text().contains("/summary")), "commands are no context");
}

#[tokio::test]
async fn nobody_waits_while_a_summary_is_made_and_a_power_cut_does_not_lose_it() {
    let mut world = summing_up("They greeted.").await;
    world.ask("hello").await;
    world.model.hold();
    world.bot.say(&world.ada, "/summary 3");
    world.bot.wait_for_text(&world.ada, "summing up").await;
    // Other commands are answered meanwhile.
    assert!(world.ask("/memory").await.text.contains("What I hold"));
    world.app.kill();
    world.model.release();
    world.app = world.app.restart().await;
    let summary = world.bot.wait_for_text(&world.ada, "They greeted.").await;
    assert!(summary.text.contains("(3)"), "{}", summary.text);
    let all = world.bot.sent(&world.ada);
    assert_eq!(all.iter().filter(|sent| sent.text.contains("They greeted.")).count(), 1, "{all:?}");
}

#[tokio::test]
async fn a_model_that_fails_is_told_and_a_long_summary_comes_whole() {
    let world = World::start().await;
    world.ask("hello").await;
    for _ in 0..10 {
        world.model.fail(Fault::Status(500));
    }
    world.bot.say(&world.ada, "/summary");
    let failed = world.bot.wait_for_text(&world.ada, "no summary").await;
    assert!(failed.text.contains("Nothing is lost"), "{}", failed.text);
    let world =
        summing_up(Box::leak(format!("{} the end.", "A sentence of some length. ".repeat(250)).into_boxed_str())).await;
    world.ask("hello").await;
    let before = world.bot.sent(&world.ada).len();
    world.bot.say(&world.ada, "/summary 1");
    world.bot.wait_for_text(&world.ada, "the end.").await;
    let parts = world.bot.sent(&world.ada);
    assert!(parts.len() - before >= 2, "{}", parts.len());
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn the_offline_model_sums_up_too() {
    let bot = BotApi::start().await;
    let ada = bot.user_speaking(1_001, "Ada", "ru");
    let _app = TestApp::with().telegram(&bot).owner(&ada).start().await;
    bot.say(&ada, "Меня зовут Ада, я живу в Лионе. Встреча 3 мая в 10:30.");
    bot.wait_for_sent(&ada, 1).await;
    bot.say(&ada, "/summary");
    let summary = bot.wait_for_text(&ada, "Итог последних дней (7)").await;
    assert!(summary.text.contains("Лион"), "{}", summary.text);
}
