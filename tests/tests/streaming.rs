//! Answers shown while they are made: as drafts in private chats, stopped by a button or a command, and never in the way
//! of the answer itself.

use std::time::Duration;

use serde_json::Value;
use souvenir_tests::bot_api::{Fault, Format};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::world::{World, eventually};

const STORY: &str = "Once **upon** a time there was a bot that wrote its answers word by word.";

#[tokio::test]
async fn an_answer_is_shown_while_it_is_written_and_then_takes_its_own_place() {
    let world = World::start().await;
    world.model.reply_with([STORY]);
    world.model.hold_after(5);
    world.bot.say(&world.ada, "tell me a story");
    let draft = world.bot.wait_for_draft(&world.ada, "Once **upon** a time there").await;
    assert_eq!((draft.format, draft.can_stop, draft.keep_on_stop), (Format::Rich, true, true));
    assert!(world.bot.sent(&world.ada).is_empty(), "the message came before it was written");
    world.model.release();
    let sent = world.bot.wait_for_sent(&world.ada, 1).await.remove(0);
    assert_eq!((sent.format, sent.text.as_str()), (Format::Rich, STORY), "it looks as its preview did");
    assert_eq!(world.bot.sent(&world.ada).len(), 1);
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn previews_follow_each_other_at_a_pace_and_grow() {
    let world = World::start().await;
    let words: Vec<String> = (0..50).map(|n| format!("word{n}")).collect();
    world.model.reply_with([words.join(" ")]);
    world.model.write_slowly(Duration::from_millis(100));
    world.bot.say(&world.ada, "count");
    world.bot.wait_for_sent(&world.ada, 1).await;
    let drafts = world.bot.drafts(&world.ada);
    assert!((3..=7).contains(&drafts.len()), "{} previews in five seconds", drafts.len());
    assert!(drafts.windows(2).all(|pair| pair[1].text.starts_with(&pair[0].text)), "{drafts:?}");
    assert!(drafts.windows(2).all(|pair| pair[1].at - pair[0].at >= Duration::from_millis(900)), "{drafts:?}");
    assert!(drafts.iter().all(|draft| draft.draft_id == drafts[0].draft_id));
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn the_button_stops_the_model_and_keeps_what_was_written() {
    let world = World::start().await;
    world.model.reply_with([STORY, "And now to something else."]);
    world.model.hold_after(6);
    world.bot.say(&world.ada, "tell me a story");
    world.bot.wait_for_draft(&world.ada, "there was").await;
    let update = world.bot.stop_draft(&world.ada);
    world.model.wait_until_abandoned(0).await;
    let sent = world.bot.wait_for_sent(&world.ada, 1).await.remove(0);
    assert!(sent.text.starts_with("Once **upon** a time there was"), "{}", sent.text);
    assert!(sent.text.ends_with("_⏹ Stopped here_") && !sent.text.contains("word by word"), "{}", sent.text);
    let turn = world.last_turn().await;
    assert_eq!(turn["state"], "stopped", "{turn}");
    let stored = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    assert_eq!(stored[0]["text"].as_str().map(str::trim), Some("Once **upon** a time there was"), "{stored:?}");
    assert_eq!(stored[0]["stopped"], true, "{stored:?}");
    // Repeated, the stop is for an answer that is over: the next one is not its business.
    world.model.release();
    world.bot.deliver_again(update);
    assert_eq!(world.ask("go on").await.text, "And now to something else.");
    let request = world.model.requests().pop().unwrap();
    assert!(request.text().contains("a time there was"), "what was written is part of the talk: {request:?}");
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn stop_is_a_command_too_and_waits_for_nothing() {
    let world = World::start().await;
    assert!(world.ask("/stop").await.text.contains("not writing"));
    world.model.hold();
    world.bot.say(&world.ada, "think hard");
    world.model.wait_for_requests(1).await;
    assert_eq!(world.ask("/stop").await.text, "⏹ Stopped before anything was written.");
    assert_eq!(world.last_turn().await["state"], "stopped");
    world.model.release();
    let sent = world.ask("hello again").await;
    assert!(sent.text.contains("hello again"), "{}", sent.text);
    assert_eq!(world.bot.sent(&world.ada).len(), 3);
}

#[tokio::test]
async fn a_server_without_drafts_is_remembered_for_a_day_over_a_restart() {
    let world = World::start().await;
    world.bot.be_old(true);
    world.model.write_slowly(Duration::from_millis(100));
    let slow = |question: &str| format!("{question} — {}", "a slow answer of some length ".repeat(5));
    world.model.reply_with(["one", "two", "three"].map(slow));
    let sent = world.ask("one").await;
    assert_eq!(sent.format, Format::Html);
    let tried = |world: &World| {
        ["sendMessageDraft", "sendRichMessageDraft", "sendRichMessage"].map(|method| world.bot.calls_of(method).len())
    };
    let once = tried(&world);
    assert!(once[0] == 1 && once[1] <= 1 && once[1] + once[2] >= 1, "{once:?}");
    let mut world = World { app: world.app.restart().await, ..world };
    world.ask("two").await;
    assert_eq!(tried(&world), once, "what the server does not know was tried again");
    // A day passes, and the server is brought up to date.
    world.app.stop().await;
    let mut database =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(world.app.setup().database()))
            .await
            .expect("the database opens");
    let older = "UPDATE installation SET value = value - 90000000 WHERE key LIKE 'bot_api_lacks:%'";
    assert!(sqlx::query(older).execute(&mut database).await.expect("time passes").rows_affected() >= 1);
    database.close().await.expect("the database closes");
    world.bot.be_old(false);
    let world = World { app: world.app.restart().await, ..world };
    assert_eq!(world.ask("three").await.format, Format::Rich);
    assert!(!world.bot.drafts(&world.ada).is_empty(), "drafts were not tried again");
}

#[tokio::test]
async fn whatever_becomes_of_previews_the_answer_arrives_once_and_soon() {
    for fault in [
        Fault::HangAfter,
        Fault::Cut,
        Fault::CutAfter,
        Fault::TooManyRequests(60),
        Fault::ServerError(502),
        Fault::Refuse(400, "Bad Request: can't parse rich message"),
        Fault::Refuse(403, "Forbidden: something new"),
    ] {
        let world = World::start().await;
        world.model.reply_with([STORY]);
        world.model.write_slowly(Duration::from_millis(120));
        world.bot.fail_times(9, "sendRichMessageDraft", fault.clone());
        world.bot.fail_times(9, "sendMessageDraft", fault.clone());
        let soon = tokio::time::timeout(Duration::from_secs(12), world.ask("tell me a story")).await;
        assert!(soon.is_ok(), "{fault:?} delayed the answer");
        tokio::time::sleep(Duration::from_millis(300)).await;
        let sent = world.bot.sent(&world.ada);
        assert_eq!(sent.len(), 1, "{fault:?}");
        assert_eq!(eventually("the reply to be sent", async || delivery(&world).await).await, "sent", "{fault:?}");
    }
}

async fn delivery(world: &World) -> Option<String> {
    let turn: Value = world.last_turn().await;
    turn["delivery"].as_str().filter(|state| *state != "sending").map(str::to_owned)
}

#[tokio::test]
async fn a_bot_that_thinks_for_long_says_so_and_can_be_stopped() {
    let world = World::start().await;
    world.model.hold();
    world.bot.say(&world.ada, "think hard");
    let draft = world.bot.wait_for_draft(&world.ada, "").await;
    assert!(draft.text.is_empty() && draft.can_stop, "{draft:?}");
    world.bot.stop_draft(&world.ada);
    let sent = world.bot.wait_for_sent(&world.ada, 1).await.remove(0);
    assert!(sent.text.starts_with('⏹'), "{}", sent.text);
    world.bot.assert_no_complaints();
}
