//! Who may talk: whoever pairs first is the owner, and strangers cost nothing.

use souvenir_tests::bot_api::BotApi;
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::ModelServer;

/// The code that was printed at start.
async fn code(app: &TestApp) -> String {
    let line = app.output().wait_for_line(|line| line.starts_with("Telegram pairing code: ")).await;
    let (_, code) = line.split_once("/start ").expect("what to send");
    code.split_whitespace().next().expect("a code").to_owned()
}

#[tokio::test]
async fn whoever_has_the_code_is_the_owner_and_nobody_after_them() {
    let (bot, model) = (BotApi::start().await, ModelServer::start().await);
    let (ada, ben) = (bot.user(1_001, "Ada"), bot.user_speaking(2_002, "Ben", "fr"));
    let app = TestApp::with().telegram(&bot).model(&model).start().await;
    let code = code(&app).await;
    for said in ["hello", "/start", "/start AAAA-AAAA", "/dashboard"] {
        bot.say(&ada, said);
    }
    bot.wait_until_confirmed().await;
    bot.say(&ada, &format!("/start {code}"));
    bot.wait_for_sent(&ada, 1).await;
    assert_eq!(bot.sent(&ada).len(), 1, "nothing was said before: {:?}", bot.sent(&ada));
    bot.say(&ada, "am I heard?");
    bot.wait_for_text(&ada, "am I heard?").await;

    let asked = model.request_count();
    bot.say(&ben, &format!("/start {code}"));
    bot.wait_for_text(&ben, "Ce bot est privé").await;
    bot.say(&ben, "please");
    bot.say(&ada, "and after that?");
    bot.wait_for_text(&ada, "and after that?").await;
    assert_eq!((bot.sent(&ben).len(), model.request_count()), (1, asked + 1), "refused once, and never answered");
    let chats = app.api().list("/api/chats").await;
    assert_eq!(chats.len(), 1, "nothing of a stranger is kept: {chats:?}");

    let app = app.restart().await;
    assert!(!app.output().all().contains("pairing code"), "there is an owner");
    bot.say(&ada, "still me?");
    bot.wait_for_text(&ada, "still me?").await;
}
