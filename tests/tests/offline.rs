//! The built-in offline model, for whoever has no key yet.

use souvenir_tests::bot_api::BotApi;
use souvenir_tests::harness::TestApp;

use crate::world::{last_turn, service};

const SAYS_SO: [(&str, &[&str]); 3] = [
    ("Hello, who are you?", &["language model"]),
    ("Привет, кто ты?", &["языков", "модел"]),
    ("Bonjour, qui es-tu ?", &["modèle"]),
];

#[tokio::test]
async fn without_a_key_the_offline_model_answers_in_the_language_asked_and_says_what_it_is() {
    let app = TestApp::with().start().await;
    let api = app.api();
    for (question, words) in SAYS_SO {
        let chat = api.console_chat(question).await;
        let reply = api.say(chat, question).await["reply"].as_str().unwrap().to_lowercase();
        assert!(words.iter().all(|word| reply.contains(word)), "{question} was answered: {reply}");
        let turn = last_turn(&api, chat).await;
        assert_eq!(turn["state"], "done");
        assert!(turn["manifest"]["totals"]["raw"].as_u64().unwrap() > 0);
    }
    let ready = api.call(reqwest::Method::GET, "/readyz", None).await;
    assert_eq!(ready.status, 200, "{}", ready.text);
    assert_eq!(service(&ready.json, "database"), "ok");
}

#[tokio::test]
async fn the_offline_model_works_from_what_was_said() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Notes").await;
    api.say(chat, "My sister Natalie moved to Lyon in March.").await;
    api.say(chat, "I planted three apple trees behind the house.").await;
    let reply = api.say(chat, "Where did Natalie move?").await["reply"].as_str().unwrap().to_owned();
    assert!(reply.contains("Lyon"), "{reply}");
}

#[tokio::test]
async fn the_offline_model_answers_in_telegram_too() {
    let bot = BotApi::start().await;
    let ada = bot.user(1_001, "Ada");
    let app = TestApp::with().telegram(&bot).owner(&ada).start().await;
    bot.say(&ada, "Hello!");
    let sent = bot.wait_for_sent(&ada, 1).await;
    assert!(sent[0].text.to_lowercase().contains("language model"), "{}", sent[0].text);
    drop(app);
}
