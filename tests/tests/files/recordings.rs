//! Recordings: transcribed, and then the speaker's own words.

use souvenir_tests::bot_api::Attached;

use super::world;
use crate::world::{World, eventually};

fn voice() -> Attached {
    Attached::Voice(4, b"OggS and so on".to_vec())
}

#[tokio::test]
async fn a_voice_message_is_transcribed_stored_found_and_answered() {
    let world = world().await;
    world.model.hear(["My lighthouse is called Roque"]);
    let answer = world.show(&voice(), "").await;
    let said = "[voice message, 4 s, transcribed] My lighthouse is called Roque";
    assert!(answer.text.ends_with(said), "{}", answer.text);
    let heard = world.model.heard();
    assert_eq!((heard[0].model.as_str(), heard[0].name.as_str()), ("ears-1", "recording.ogg"));
    assert_eq!(heard[0].bytes, b"OggS and so on");
    assert_eq!(world.said().await, [said]);
    let chat = world.chat().await;
    let api = world.app.api();
    eventually("the words to be found", async || {
        let found = api.get(&format!("/api/chats/{chat}/search?q=lighthouse")).await;
        found.to_string().contains("Roque").then_some(())
    })
    .await;
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn without_a_model_that_listens_a_voice_message_is_a_note_and_that_is_told() {
    let world = World::start().await;
    let told = world.show(&voice(), "").await;
    assert!(told.text.contains("no model is set up here that listens"), "{}", told.text);
    assert_eq!((world.model.request_count(), world.bot.fetched()), (0, 0));
    assert!(world.ask("did I send something?").await.text.contains("did I send"));
    assert!(world.model.requests()[0].text().contains("[voice message, 4 s]"));
}

#[tokio::test]
async fn a_recording_that_cannot_be_transcribed_now_is_kept_and_tried_again() {
    let world = world().await;
    // Three tries are made of one recording.
    world.model.fail_hearing(500, 3);
    world.model.hear(["Meet me at noon"]);
    let told = world.show(&voice(), "").await;
    assert!(told.text.contains("could not be read just now"), "{}", told.text);
    assert_eq!(world.said().await, ["[voice message, 4 s]"]);
    let answer = world.ask("/retry").await;
    assert!(answer.text.contains("Meet me at noon"), "{}", answer.text);
}

#[tokio::test]
async fn a_voice_message_that_is_passed_on_says_whose_it_is() {
    let world = world().await;
    world.model.hear(["I live in Porto"]);
    world.bot.forward_file(&world.ada, "Ben", &voice());
    world.bot.wait_for_text(&world.ada, "I live in Porto").await;
    let seen = world.model.requests()[0].text();
    assert!(seen.contains("[forwarded from Ben]\n[voice message, 4 s, transcribed] I live in Porto"), "{seen}");
}

#[tokio::test]
async fn in_a_group_a_voice_message_is_heard_when_somebody_asks_about_it() {
    let world = World::start_with(|setup| super::hearing(setup).env("TELEGRAM_ALLOWED", "2002")).await;
    let (ben, group) = (world.bot.user(2_002, "Ben"), world.bot.group(-1_001_234_567_890, "Walkers"));
    world.model.hear(["The ferry leaves at six"]);
    let update = world.bot.send_in(&group, &ben, &voice(), "");
    world.bot.wait_until_confirmed().await;
    assert!(world.model.heard().is_empty(), "nobody asked");
    world.bot.reply_to_update(&world.ada, update, "@souvenir_test_bot what does he say?");
    eventually("an answer", async || world.bot.sent_in(group.id).pop()).await;
    let seen = world.model.requests().pop().unwrap().text();
    assert!(seen.contains("[in reply to Ben: “[voice message, 4 s, transcribed] The ferry leaves at six”]"), "{seen}");
}

#[tokio::test]
async fn a_new_caption_keeps_what_was_heard() {
    let world = world().await;
    world.model.hear(["I sail on Sundays"]);
    let update = world.bot.send(&world.ada, &voice(), "for you");
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.bot.edit_caption(update, "for all of you");
    eventually("the caption to change", async || {
        let said = world.said().await;
        (said == ["[voice message, 4 s, transcribed] for all of you\nI sail on Sundays"]).then_some(())
    })
    .await;
    assert_eq!(world.model.heard().len(), 1);
}
