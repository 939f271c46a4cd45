//! Pictures: shown to the model once, counted, and a note from then on.

use serde_json::json;
use souvenir_tests::bot_api::Attached;

use super::world;
use crate::world::World;

#[tokio::test]
async fn a_photo_is_shown_with_its_words_and_is_a_note_in_later_turns() {
    let world = world().await;
    world.model.reply_with(["A tabby cat.", "You sent a photo of your cat."]);
    let answer = world.show(&Attached::Photo(2_560, 1_920), "who is this?").await;
    assert_eq!(answer.text, "A tabby cat.");
    let request = world.model.requests().pop().unwrap();
    let shown = request.pictures();
    assert_eq!(shown.len(), 1, "{}", request.body);
    assert!(shown[0].starts_with("data:image/png;base64,iVBOR"), "{}", shown[0]);
    assert!(request.text().contains("[photo] who is this?"), "{}", request.text());
    // The size that Telegram makes of it: 1,280 × 960 pixels, 40 × 30 patches.
    let turn = world.last_turn().await;
    let used = turn["manifest"]["budget"]["sections"].as_array().unwrap();
    let current = used.iter().find(|section| section["name"] == "current").unwrap();
    let words = souvenir_tests::tokens::count("[photo] who is this?") + 3 + 3;
    assert_eq!(current["used"], json!(1_200 + words), "{current}");
    world.ask("what did I send?").await;
    let later = world.model.requests().pop().unwrap();
    assert!(later.pictures().is_empty() && later.text().contains("[photo] who is this?"), "{}", later.body);
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn a_reply_to_a_photo_shows_it_again() {
    let world = world().await;
    let update = world.bot.send(&world.ada, &Attached::Photo(640, 480), "my boat");
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.bot.reply_to_update(&world.ada, update, "which colour is it?");
    world.bot.wait_for_text(&world.ada, "which colour").await;
    let request = world.model.requests().pop().unwrap();
    assert_eq!(request.pictures().len(), 1, "{}", request.body);
    assert!(request.text().contains("[in reply to Ada: “[photo] my boat”]"), "{}", request.text());
}

#[tokio::test]
async fn an_album_is_one_question_and_a_photo_without_words_is_answered() {
    let world = world().await;
    let photos = [Attached::Photo(320, 240), Attached::Photo(320, 240), Attached::Photo(320, 240)];
    world.bot.send_album(&world.ada, &photos, "compare these");
    world.bot.wait_for_sent(&world.ada, 1).await;
    let requests = world.model.requests();
    assert_eq!((requests.len(), requests[0].pictures().len()), (1, 3), "{:?}", requests[0].text());
    let answer = world.show(&Attached::Photo(320, 240), "").await;
    assert!(answer.text.contains("[photo]"), "{}", answer.text);
    assert_eq!(world.model.requests()[1].pictures().len(), 1);
    assert_eq!(world.bot.sent(&world.ada).len(), 2, "nothing else is said");
}

#[tokio::test]
async fn a_model_that_takes_no_pictures_is_asked_without_and_the_person_is_told() {
    let world = World::start_with(|setup| setup.env("SOUVENIR_CHAT_MODEL", "small")).await;
    world.model.refuse_pictures();
    let answer = world.show(&Attached::Photo(640, 480), "what is it?").await;
    assert!(answer.text.contains("[photo] what is it?"), "{}", answer.text);
    world.bot.wait_for_text(&world.ada, "did not see one of the pictures").await;
    let requests = world.model.requests();
    assert_eq!((requests[0].pictures().len(), requests[1].pictures().len()), (1, 0));
    assert!(requests[1].text().contains("you cannot see this picture"), "{}", requests[1].text());
    // It is known from now on, after a restart too: the picture is not even fetched, and without words not answered.
    let fetched = world.bot.fetched();
    let app = world.app.restart().await;
    world.bot.send(&world.ada, &Attached::Photo(640, 480), "");
    world.bot.wait_for_text(&world.ada, "sees no pictures").await;
    assert_eq!((world.bot.fetched(), world.model.request_count()), (fetched, 2));
    drop(app);
}

#[tokio::test]
async fn whether_pictures_are_shown_can_be_set() {
    let world = world().await;
    world.ask("hello").await;
    let chat = world.chat().await;
    world.app.api().patch(&format!("/api/chats/{chat}"), json!({"pictures": "off"})).await;
    let told = world.show(&Attached::Photo(640, 480), "look").await;
    assert!(told.text.contains("sees no pictures"), "{}", told.text);
    world.bot.wait_for_text(&world.ada, "[photo] look").await;
    assert!(world.model.requests().pop().unwrap().pictures().is_empty());
    assert_eq!(world.bot.fetched(), 0);
}

#[tokio::test]
async fn pictures_that_find_no_room_are_left_out_and_told() {
    let tight = |setup: souvenir_tests::harness::Setup| {
        setup.env("SOUVENIR_MAX_CONTEXT_TOKENS", "3000").env("SOUVENIR_RESERVE_TOKENS", "300")
    };
    let world = World::start_with(tight).await;
    let photos: Vec<_> = (0..4).map(|_| Attached::Photo(800, 600)).collect();
    world.bot.send_album(&world.ada, &photos, "all of them");
    world.bot.wait_for_text(&world.ada, "of the pictures").await;
    let request = world.model.requests().pop().unwrap();
    assert_eq!(request.pictures().len(), 2, "two of 765 tokens each fit three quarters of 2,700");
    let turn = world.last_turn().await;
    assert!(turn["manifest"]["totals"]["scaled"].as_u64().unwrap() <= 2_700, "{}", turn["manifest"]["totals"]);
}

#[tokio::test]
async fn what_a_picture_is_counts_for_more_than_what_it_is_called() {
    let world = world().await;
    let fake = Attached::Document("cat.png".to_owned(), "image/png".to_owned(), b"no picture at all".to_vec());
    let told = world.show(&fake, "").await;
    assert!(told.text.contains("cannot read what is in it"), "{}", told.text);
    let real =
        Attached::Document("cat.png".to_owned(), "image/png".to_owned(), souvenir_tests::bot_api::picture(64, 64));
    let answer = world.show(&real, "and this?").await;
    assert!(answer.text.contains("and this?"), "{}", answer.text);
    assert_eq!(world.model.requests().pop().unwrap().pictures().len(), 1);
}

#[tokio::test]
async fn a_replay_counts_the_pictures_that_the_turn_showed() {
    let world = world().await;
    world.show(&Attached::Photo(2_560, 1_920), "who is this?").await;
    let (api, chat, turn) = (world.app.api(), world.chat().await, world.last_turn().await);
    let current = |manifest: &serde_json::Value| {
        let sections = manifest["budget"]["sections"].as_array().cloned().unwrap_or_default();
        let current = sections.iter().find(|section| section["name"] == "current").cloned();
        current.unwrap_or_else(|| panic!("no current section in {manifest}"))["used"].clone()
    };
    let replay = async |query: &str| {
        let replay = api.get(&format!("/api/chats/{chat}/turns/{}/replay{query}", turn["id"])).await;
        current(replay.get("manifest").unwrap_or(&replay))
    };
    assert_eq!(replay("").await, current(&turn["manifest"]));
    // A window that is too small for it would have been filled without it.
    let words = souvenir_tests::tokens::count("[photo] who is this?") + 3 + 3;
    assert_eq!(replay("?max_context_tokens=1200").await, json!(words));
}
