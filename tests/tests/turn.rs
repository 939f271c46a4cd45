//! A message's way through Telegram, and back.

use souvenir_tests::bot_api::BotApi;
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::ModelServer;
use souvenir_tests::tokens;
use sqlx::Row;

use crate::world::{World, eventually};

#[tokio::test]
async fn the_first_with_the_code_becomes_owner_and_strangers_get_one_refusal() {
    let bot = BotApi::start().await;
    let model = ModelServer::start().await;
    let (ada, eve) = (bot.user(1_001, "Ada"), bot.user(2_002, "Eve"));
    let app = TestApp::with().telegram(&bot).model(&model).start().await;
    let code = app.pairing_code().await;

    bot.say(&eve, "/start");
    bot.say(&eve, "/start WRONG-CODE");
    bot.say(&eve, "let me in");
    bot.say(&ada, &format!("/start {code}"));
    let welcome = bot.wait_for_sent(&ada, 1).await;
    assert!(!welcome[0].text.is_empty());
    // Until there was an owner nobody else was answered; now a stranger is refused, once.
    bot.say(&eve, &format!("/start {code}"));
    bot.say(&eve, "hello?");
    bot.say(&eve, "hello??");
    bot.say(&ada, "hello");
    bot.wait_for_text(&ada, "hello").await;
    bot.wait_until_confirmed().await;
    assert!(bot.sent(&eve).len() <= 1, "{:?}", bot.sent(&eve));
    assert_eq!(model.requests().len(), 1);

    // Nothing of the stranger's is kept.
    let stored: Vec<String> = sqlx::query("SELECT text FROM revisions")
        .map(|row: sqlx::sqlite::SqliteRow| row.get(0))
        .fetch_all(&app.db().await)
        .await
        .unwrap();
    assert!(stored.iter().all(|text| !text.contains("let me in") && !text.contains("hello??")), "{stored:?}");

    // The owner stays the owner.
    let app = app.restart().await;
    bot.say(&ada, "and now?");
    bot.wait_for_text(&ada, "and now?").await;
    drop(app);
}

#[tokio::test]
async fn a_message_is_answered_stored_and_explained() {
    let world = World::start().await;
    world.model.reply_with(["Nice to meet you, Ada."]);
    let reply = world.ask("Hello, I am Ada and I grow tomatoes.").await;
    assert_eq!(reply.text, "Nice to meet you, Ada.");
    assert!(!world.bot.calls_of("sendChatAction").is_empty(), "no typing was shown");
    world.bot.assert_no_complaints();

    let rows = sqlx::query(
        "SELECT role, text, o200k_base FROM messages JOIN revisions ON revisions.id = revision_id ORDER BY messages.id",
    );
    let rows = rows.fetch_all(&world.app.db().await).await.unwrap();
    let stored: Vec<(String, String, i64)> = rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    let expected = [("user", "Hello, I am Ada and I grow tomatoes."), ("assistant", "Nice to meet you, Ada.")];
    let expected = expected.map(|(role, text)| (role.to_owned(), text.to_owned(), tokens::count(text) as i64));
    assert_eq!(stored, expected);

    let turn = world.last_turn().await;
    let sent = &world.model.requests()[0];
    assert_eq!(turn["state"], "done", "{turn}");
    let totals = &turn["manifest"]["totals"];
    assert_eq!(totals["raw"], sent.prompt_tokens, "{totals}");
    assert_eq!(totals["reported"], sent.prompt_tokens, "{totals}");
    let segments = turn["manifest"]["segments"].as_array().unwrap();
    let sum: u64 = segments.iter().map(|segment| segment["tokens"].as_u64().unwrap()).sum();
    assert_eq!(sum, sent.prompt_tokens as u64);
    assert!(segments.iter().any(|segment| segment["section"] == "current"));
    assert_eq!(turn["manifest"]["request_sha256"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_redelivered_update_is_answered_once() {
    let world = World::start().await;
    let update = world.bot.say(&world.ada, "only once please");
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.bot.deliver_again(update);
    world.ask("something else").await;
    // And after a restart, too.
    let bot = world.bot;
    let app = world.app.restart().await;
    bot.deliver_again(update);
    bot.say(&world.ada, "third");
    bot.wait_for_text(&world.ada, "third").await;
    let answers: Vec<_> = bot.sent(&world.ada).into_iter().map(|sent| sent.text).collect();
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert_eq!(world.model.requests().len(), 3);
    drop(app);
}

#[tokio::test]
async fn a_burst_is_answered_together() {
    let world = World::start().await;
    world.model.hold();
    world.bot.say(&world.ada, "first thought");
    world.model.wait_for_requests(1).await;
    for text in ["second thought", "third thought", "fourth thought"] {
        world.bot.say(&world.ada, text);
    }
    world.bot.wait_until_confirmed().await;
    world.model.release();
    let sent = world.bot.wait_for_sent(&world.ada, 2).await;
    let requests = world.model.requests();
    assert_eq!(requests.len(), 2, "the burst took {} requests", requests.len());
    let burst = requests[1].text();
    let places: Vec<_> =
        ["first", "second", "third", "fourth"].map(|word| burst.find(&format!("{word} thought"))).into_iter().collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{burst}");
    assert_eq!(sent.len(), 2);
    world.ask("fifth").await;
    assert_eq!(world.bot.sent(&world.ada).len(), 3);
}

#[tokio::test]
async fn chats_do_not_wait_for_each_other() {
    let world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "2002")).await;
    let ben = world.bot.user(2_002, "Ben");
    world.model.hold();
    world.bot.say(&world.ada, "from Ada");
    world.bot.say(&ben, "from Ben");
    let requests = world.model.wait_for_requests(2).await;
    world.model.release();
    world.bot.wait_for_text(&ben, "from Ben").await;
    world.bot.wait_for_text(&world.ada, "from Ada").await;
    // Memory never crosses chats.
    assert!(requests.iter().all(|request| request.text().contains("from Ada") != request.text().contains("from Ben")));
}

#[tokio::test]
async fn what_was_said_before_a_restart_is_remembered_after() {
    let world = World::start().await;
    world.ask("my cat is called Pixel").await;
    let bot = world.bot;
    let app = world.app.restart().await;
    bot.say(&world.ada, "what is my cat called?");
    bot.wait_for_text(&world.ada, "what is my cat called?").await;
    let request = world.model.requests().pop().unwrap();
    assert!(request.text().contains("my cat is called Pixel"), "{request:?}");
    drop(app);
}

#[tokio::test]
async fn a_power_cut_in_the_middle_of_an_answer_loses_nothing() {
    let mut world = World::start().await;
    world.model.hold();
    world.bot.say(&world.ada, "are you there?");
    world.model.wait_for_requests(1).await;
    world.app.kill();
    world.model.release();
    let app = world.app.restart().await;
    world.bot.wait_for_text(&world.ada, "are you there?").await;
    let api = app.api();
    let chat = crate::world::chat_of(&api, "Ada").await;
    let turns = eventually("a finished turn", async || {
        let turns = api.list(&format!("/api/chats/{chat}/turns")).await;
        turns.iter().all(|turn| turn["state"] != "running").then_some(turns)
    })
    .await;
    assert!(turns.iter().any(|turn| turn["state"] == "done"), "{turns:?}");
    assert_eq!(world.bot.sent(&world.ada).len(), 1);
}

#[tokio::test]
async fn what_came_while_a_reply_was_being_made_is_answered_in_sight_of_that_reply() {
    let world = World::start().await;
    world.model.hold();
    world.bot.say(&world.ada, "first question");
    world.model.wait_for_requests(1).await;
    world.bot.say(&world.ada, "second question");
    world.bot.wait_until_confirmed().await;
    world.model.release();
    world.bot.wait_for_sent(&world.ada, 2).await;
    let requests = world.model.requests();
    let said: Vec<_> = requests[1].messages().into_iter().filter(|(role, _)| role != "system").collect();
    let roles: Vec<_> = said.iter().map(|(role, _)| role.as_str()).collect();
    assert_eq!(roles, ["user", "assistant", "user"], "{said:?}");
    assert!(said[1].1.contains("first question") && said[2].1.contains("second question"), "{said:?}");
    // Nor is it missing where the turn is looked at later.
    let turn = world.last_turn().await;
    let path = format!("/api/chats/{}/turns/{}/replay", world.chat().await, turn["id"]);
    let replayed = world.app.api().get(&path).await;
    assert_eq!(replayed["totals"]["raw"], turn["manifest"]["totals"]["raw"], "{replayed}");
}
