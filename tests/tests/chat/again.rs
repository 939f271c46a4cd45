//! The last question once more: by command, or because it was changed. And what a message is about reaches the model.

use souvenir_tests::bot_api::Format;
use souvenir_tests::browser::{Browser, Scripts};

use crate::pages::sign_in;
use crate::world::{World, eventually};

#[tokio::test]
async fn retry_answers_the_last_question_anew_and_puts_the_old_answer_away() {
    let world = World::start().await;
    assert!(world.ask("/retry").await.text.contains("no last question"));
    world.model.reply_with(["the first answer", "the second answer", "and now?"]);
    world.ask("what is the capital of Kiribati?").await;
    let again = world.ask("/retry").await;
    assert_eq!((again.text.as_str(), again.format), ("the second answer", Format::Rich));
    let request = world.model.requests().pop().unwrap();
    assert!(request.text().contains("capital of Kiribati"), "{request:?}");
    assert!(!request.text().contains("the first answer"), "the model saw what it is to improve on: {request:?}");
    let stored = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    let first = stored.iter().find(|message| message["text"] == "the first answer").expect("nothing is lost");
    assert_eq!(first["archived"], true, "{first}");
    the_old_turn_leads_to_the_new_one(&world).await;
    world.ask("go on").await;
    let request = world.model.requests().pop().unwrap();
    assert!(request.text().contains("the second answer") && !request.text().contains("the first answer"));
    assert_eq!(request.text().matches("capital of Kiribati").count(), 1, "{request:?}");
    world.bot.assert_no_complaints();
}

/// The page of the turn whose question was answered anew names the turn that did, and replays it with its question.
async fn the_old_turn_leads_to_the_new_one(world: &World) {
    let chat = world.chat().await;
    let turns = world.app.api().list(&format!("/api/chats/{chat}/turns")).await;
    let [new, old] = turns.as_slice() else { panic!("{turns:?}") };
    let browser = Browser::start_with(Scripts::Blocked).await;
    sign_in(&browser, &world.app).await;
    browser.open(&world.app.url(&format!("/chats/{chat}/turns"))).await;
    let questions = browser.texts(".turns .q").await;
    assert_eq!(
        questions,
        ["what is the capital of Kiribati?".to_owned(), format!("answered anew in turn {}", new["id"])]
    );
    browser.open(&world.app.url(&format!("/chats/{chat}/turns/{}?b=4000", old["id"]))).await;
    let current = browser.texts("#replay tbody tr:nth-child(6) td").await;
    assert!(current[1] == current[2] && current[3] == "0", "its question is in the replay: {current:?}");
    browser.click(".turnhead a").await;
    browser.wait_for_path(|path| path.ends_with(&format!("/turns/{}", new["id"]))).await;
    browser.wait_for_text(".turnhead", "capital of Kiribati").await;
}

#[tokio::test]
async fn a_message_that_was_changed_is_a_revision_and_another_answer_is_offered() {
    let world = World::start().await;
    world.model.reply_with(["the first answer", "the better answer"]);
    let update = world.bot.say(&world.ada, "tell me about hedgehogs in Lyon");
    world.bot.wait_for_text(&world.ada, "the first answer").await;
    world.bot.edit(update, "tell me about herons in Nantes");
    let offer = world.bot.wait_for_text(&world.ada, "You changed this message").await;
    assert_eq!(offer.replies_to, Some(world.bot.message_id(update)));
    world.bot.press(&world.ada, &offer, "anew");
    world.bot.wait_for_text(&world.ada, "the better answer").await;
    let request = world.model.requests().pop().unwrap();
    assert!(request.text().contains("herons in Nantes") && !request.text().contains("hedgehogs"), "{request:?}");
    let api = world.app.api();
    let chat = world.chat().await;
    let stored = api.list(&format!("/api/chats/{chat}/messages")).await;
    assert_eq!(stored.iter().filter(|message| message["text"] == "tell me about herons in Nantes").count(), 1);
    // The search finds it by its new words, and by its old ones no more.
    let found = async |words: &str| api.list(&format!("/api/chats/{chat}/search?mode=lexical&q={words}")).await.len();
    eventually("the new words to be found", async || (found("herons").await > 0).then_some(())).await;
    assert_eq!(found("hedgehogs").await, 0);
    // Once more is said since, a change is noted without another word.
    world.bot.say(&world.ada, "thank you");
    world.bot.wait_for_text(&world.ada, "thank you").await;
    let before = world.bot.sent(&world.ada).len();
    world.bot.edit(update, "tell me about storks");
    assert!(world.ask("/memory").await.text.contains(':'));
    assert_eq!(world.bot.sent(&world.ada).len(), before + 1);
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn what_a_message_is_about_reaches_the_model_and_goes_when_it_is_forgotten() {
    let world = World::start().await;
    world.model.reply_with(["Take the ferry at noon, or the train.", "Noted.", "Noted.", "Noted."]);
    let answer = world.ask("how do I get there?").await;
    // Nobody replies before the bot has heard that its answer arrived.
    eventually("the answer to be known as sent", async || {
        (world.last_turn().await["delivery"] == "sent").then_some(())
    })
    .await;
    world.replied(&answer, "why that one?").await;
    let request = world.model.requests().pop().unwrap();
    assert!(
        request.text().contains("[in reply to you: “Take the ferry at noon, or the train.”]\nwhy that one?"),
        "{request:?}"
    );
    world.bot.forward(&world.ada, "Cleo", "I always take the bus");
    world.bot.wait_for_sent(&world.ada, 3).await;
    let request = world.model.requests().pop().unwrap();
    assert!(request.text().contains("[forwarded from Cleo]\nI always take the bus"), "{request:?}");
    let stored = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    assert!(stored.iter().any(|message| message["text"] == "why that one?"), "its text is its own: {stored:?}");
}
