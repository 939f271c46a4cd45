//! Whatever goes wrong with a file, its message is kept, others do not wait, and the token is told to nobody.

use std::time::Duration;

use serde_json::json;
use souvenir_tests::bot_api::{Attached, Fault, TOKEN};
use souvenir_tests::harness::Setup;

use super::{hearing, world};
use crate::world::{World, eventually};

#[tokio::test]
async fn a_file_that_cannot_be_fetched_is_tried_again_and_its_message_is_kept() {
    let world = world().await;
    world.bot.fail("download", Fault::ServerError(502));
    world.bot.fail("getFile", Fault::TooManyRequests(1));
    let answer = world.show(&Attached::Photo(640, 480), "first").await;
    assert!(answer.text.contains("[photo] first"), "{}", answer.text);
    assert_eq!(world.model.requests()[0].pictures().len(), 1, "it came in the end");
    for _ in 0..3 {
        world.bot.fail("download", Fault::Cut);
    }
    let told = world.show(&Attached::Photo(640, 480), "").await;
    assert!(told.text.contains("/retry tries again"), "{}", told.text);
    assert_eq!(world.said().await, ["[photo] first", "[photo]"]);
    let before = world.bot.sent(&world.ada).len();
    world.bot.say(&world.ada, "/retry");
    world.bot.wait_for_sent(&world.ada, before + 1).await;
    assert_eq!(world.model.requests()[1].pictures().len(), 1);
}

#[tokio::test]
async fn a_crash_while_a_file_is_fetched_loses_nothing() {
    let mut world = world().await;
    world.model.hear(["Water the plants"]);
    world.bot.fail("download", Fault::Hang);
    world.bot.send(&world.ada, &Attached::Voice(4, b"OggS".to_vec()), "");
    world.bot.wait_for_calls("download", 1).await;
    world.app.kill();
    let app = world.app.restart().await;
    let answer = world.bot.wait_for_text(&world.ada, "Water the plants").await;
    assert!(answer.text.contains("transcribed"), "{}", answer.text);
    assert_eq!(world.bot.sent(&world.ada).len(), 1, "answered once");
    drop(app);
}

#[tokio::test]
async fn nobody_waits_for_the_files_of_others() {
    let world = World::start_with(|setup| hearing(setup).env("TELEGRAM_ALLOWED", "2002")).await;
    let ben = world.bot.user(2_002, "Ben");
    world.bot.fail("download", Fault::Delay(Duration::from_secs(3)));
    world.bot.send(&ben, &Attached::Photo(640, 480), "slow");
    world.bot.wait_for_calls("download", 1).await;
    world.ask("quick").await;
    assert!(world.bot.sent(&ben).is_empty(), "it is still being fetched");
    world.bot.wait_for_text(&ben, "slow").await;
}

#[tokio::test]
async fn words_that_come_while_a_file_is_fetched_are_answered_with_it() {
    let world = world().await;
    world.bot.fail("download", Fault::Delay(Duration::from_millis(700)));
    world.bot.send(&world.ada, &Attached::Photo(640, 480), "look");
    world.bot.wait_for_calls("download", 1).await;
    world.bot.send(&world.ada, &Attached::Photo(320, 240), "and here");
    world.bot.say(&world.ada, "what do you think?");
    world.bot.wait_for_text(&world.ada, "what do you think?").await;
    let shown: usize = world.model.requests().iter().map(|request| request.pictures().len()).sum();
    assert_eq!(shown, 2, "each is shown once");
}

#[tokio::test]
async fn the_token_in_the_address_of_a_file_is_told_to_nobody() {
    let world = World::start_with(|setup| hearing(setup).env("SOUVENIR_LOG", "trace")).await;
    for fault in [Fault::Refuse(404, "gone"), Fault::Cut, Fault::ServerError(500)] {
        world.bot.fail("download", fault);
        world.bot.send(&world.ada, &Attached::Photo(320, 240), "a photo");
        world.bot.send(&world.ada, &Attached::text("a.txt", "some words"), "");
    }
    world.bot.say(&world.ada, "that is all");
    world.bot.wait_for_text(&world.ada, "that is all").await;
    let secret = TOKEN.split_once(':').expect("a token").1;
    for (what, text) in [
        ("the log", world.app.output().all()),
        ("a request", format!("{:?}", world.model.requests())),
        ("the chat", format!("{:?}", world.bot.sent(&world.ada))),
        ("the API", json!(world.stored().await).to_string()),
    ] {
        assert!(!text.contains(secret), "{what} has the token");
    }
    let file = std::fs::read(world.app.setup().database()).expect("the database can be read");
    let log = std::fs::read(world.app.setup().folder().join("souvenir.db-wal")).unwrap_or_default();
    let is_in = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(!is_in(&file) && !is_in(&log), "the database has the token");
}

#[tokio::test]
async fn an_album_counts_as_one_message_and_a_repeated_update_as_none() {
    let limits = |setup: Setup| hearing(setup).env("TELEGRAM_ALLOWED", "2002").env("TELEGRAM_MESSAGES_PER_MINUTE", "2");
    let world = World::start_with(limits).await;
    let ben = world.bot.user(2_002, "Ben");
    let photos: Vec<_> = (0..5).map(|_| Attached::Photo(320, 240)).collect();
    let updates = world.bot.send_album(&ben, &photos, "five of them");
    world.bot.wait_for_sent(&ben, 1).await;
    assert_eq!(world.model.requests()[0].pictures().len(), 5);
    for update in updates {
        world.bot.deliver_again(update);
    }
    world.bot.say(&ben, "the second message");
    world.bot.wait_for_text(&ben, "the second message").await;
    let said: Vec<String> = world.bot.sent(&ben).into_iter().map(|sent| sent.text).collect();
    assert!(said.iter().all(|text| !text.contains("more than I answer")), "{said:?}");
}

#[tokio::test]
async fn in_a_group_an_album_is_for_the_bot_as_a_whole() {
    let world = world().await;
    let group = world.bot.group(-1_001_234_567_890, "Walkers");
    let photos = [Attached::Photo(320, 240), Attached::Photo(320, 240)];
    world.bot.send_album_in(&group, &world.ada, &photos, "@souvenir_test_bot which is nicer?");
    eventually("an answer", async || world.bot.sent_in(group.id).pop()).await;
    assert_eq!(world.model.requests()[0].pictures().len(), 2, "{}", world.model.requests()[0].text());
}

#[tokio::test]
async fn a_message_that_is_forgotten_is_gone_from_the_replies_that_quote_it() {
    let world = world().await;
    let told = world.bot.say(&world.ada, "the password is Xylotroponi");
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.bot.reply_to_update(&world.ada, told, "why that one?");
    world.bot.wait_for_text(&world.ada, "why that one?").await;
    let seen = world.model.requests().pop().unwrap().text();
    assert!(seen.contains("[in reply to Ada: “the password is Xylotroponi”]"), "{seen}");
    let (api, chat) = (world.app.api(), world.chat().await);
    let stored = world.stored().await;
    let id = stored.iter().find(|message| message["text"] == "the password is Xylotroponi").unwrap()["id"].clone();
    api.delete(&format!("/api/chats/{chat}/messages/{id}")).await;
    eventually("the quoted words to be gone", async || {
        let database = world.app.setup().database();
        let log = std::fs::read(database.with_file_name("souvenir.db-wal")).unwrap_or_default();
        let bytes = [std::fs::read(&database).expect("the database can be read"), log].concat();
        (!bytes.windows(11).any(|window| window == b"Xylotroponi")).then_some(())
    })
    .await;
    assert!(world.said().await.iter().any(|text| text == "why that one?"), "the reply itself stays");
}

#[tokio::test]
async fn what_was_read_of_files_is_forgotten_to_the_last_byte() {
    let world = world().await;
    world.model.hear(["my safe opens with Zanzibarium"]);
    world.bot.send(&world.ada, &Attached::Voice(4, b"OggS".to_vec()), "");
    world.bot.wait_for_text(&world.ada, "Zanzibarium").await;
    world.show(&Attached::text("quaxolotl.txt", "the key lies under Ytterbock"), "").await;
    let photo = world.bot.send(&world.ada, &Attached::Photo(320, 240), "Pomperipossum");
    world.bot.wait_for_text(&world.ada, "Pomperipossum").await;
    world.bot.reply_to_update(&world.ada, photo, "what is on it?");
    world.bot.wait_for_text(&world.ada, "what is on it?").await;
    let (api, chat) = (world.app.api(), world.chat().await);
    let stored = world.stored().await;
    let told = |message: &&serde_json::Value| message["role"] == "user" && message["text"] != "what is on it?";
    let ids: Vec<i64> = stored.iter().filter(told).filter_map(|message| message["id"].as_i64()).collect();
    assert_eq!(ids.len(), 3, "{stored:?}");
    for id in ids {
        api.delete(&format!("/api/chats/{chat}/messages/{id}")).await;
    }
    let words = ["Zanzibarium", "zanzibarium", "Ytterbock", "quaxolotl", "Pomperipossum", "file-0-voice", "-photos"];
    eventually("all of it to be gone", async || {
        let database = world.app.setup().database();
        let log = std::fs::read(database.with_file_name("souvenir.db-wal")).unwrap_or_default();
        let bytes = [std::fs::read(&database).expect("the database can be read"), log].concat();
        let is_in = |word: &&&str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        let left: Vec<_> = words.iter().filter(is_in).collect();
        left.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_files_of_a_local_server_are_read_from_its_disk() {
    let world = world().await;
    let folder = tempfile::tempdir().expect("a folder");
    world.bot.keep_files_in(folder.path());
    world.show(&Attached::Photo(640, 480), "which knot is this?").await;
    assert_eq!(world.model.requests()[0].pictures().len(), 1);
    let answer = world.show(&Attached::text("crew.txt", "Ada\nBen\n"), "who is on board?").await;
    assert!(answer.text.contains("Ada\nBen"), "{}", answer.text);
    assert_eq!(world.bot.fetched(), 0, "such a server serves no files");
}

#[tokio::test]
async fn files_on_a_disk_that_is_elsewhere_are_told_to_whoever_runs_the_bot() {
    let world = World::start_with(|setup| hearing(setup).env("SOUVENIR_LOG", "warn")).await;
    let folder = tempfile::tempdir().expect("a folder");
    world.bot.keep_files_in(folder.path());
    world.bot.lose_files();
    world.bot.send(&world.ada, &Attached::Photo(640, 480), "which knot is this?");
    world.bot.wait_for_text(&world.ada, "could not be read just now").await;
    world.bot.wait_for_text(&world.ada, "which knot is this?").await;
    let log = world.app.output().all();
    assert!(log.contains("runs with --local"), "{log}");
    assert!(!log.contains(TOKEN.split_once(':').expect("a token").1), "{log}");
}
