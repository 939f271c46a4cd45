//! `/remember`: a fact on the chatter's word.

use serde_json::json;

use super::{fact, said};
use crate::world::World;

#[tokio::test]
async fn a_sentence_is_remembered_once_and_can_be_undone() {
    let world = World::start().await;
    let told = world.ask("/remember I am allergic to   *nuts*").await;
    assert!(told.text.contains("Ada: I am allergic to *nuts*"), "whose word it is stands with it: {}", told.text);
    let chat = world.chat().await;
    let facts = world.app.api().list(&format!("/api/chats/{chat}/facts")).await;
    assert_eq!((facts.len(), &facts[0]["source"]), (1, &json!("owner")), "{facts:?}");
    let again = world.ask("/remember i am allergic to *nuts*").await;
    assert!(again.text.contains("already"), "{}", again.text);
    let opened = world.turn(&again, "open").await;
    assert!(opened.text.contains("allergic"), "{}", opened.text);
    let undone = world.turn(&told, "undo").await;
    assert!(undone.text.contains("Deleted"), "{}", undone.text);
    let id = facts[0]["id"].as_i64().unwrap();
    assert!(fact(&world, chat, id).await.is_none());
    world.turn(&undone, "undo").await;
    assert!(fact(&world, chat, id).await.is_some());
    // It is in what the model sees; the command is not.
    world.ask("What may I not eat?").await;
    let request = world.model.requests().pop().unwrap().text();
    assert!(request.contains("allergic to *nuts*") && !request.contains("/remember"), "{request}");
}

#[tokio::test]
async fn a_message_replied_to_is_remembered_with_its_words() {
    let world = World::start().await;
    let update = world.bot.say(&world.ada, "The gate code is 4711");
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.bot.reply_to_update(&world.ada, update, "/remember");
    let told = world.bot.wait_for_sent(&world.ada, 2).await.swap_remove(1);
    assert!(told.text.contains("The gate code is 4711"), "{}", told.text);
    let facts = world.app.api().list(&format!("/api/chats/{}/facts", world.chat().await)).await;
    assert_eq!(facts[0]["evidence"][0]["quote"], "The gate code is 4711", "{facts:?}");
    // The bot's own words may be remembered, but are nobody's evidence.
    let answer = world.bot.sent(&world.ada).swap_remove(0);
    world.replied(&answer, "/remember").await;
    let facts = world.app.api().list(&format!("/api/chats/{}/facts", world.chat().await)).await;
    assert_eq!(facts.len(), 2, "{facts:?}");
    assert_eq!(facts[1]["evidence"], json!([]), "{facts:?}");
}

#[tokio::test]
async fn what_cannot_be_remembered_is_told_with_the_remedy() {
    let world = World::start().await;
    let how = world.ask("/remember").await;
    assert!(how.text.contains("/remember I am allergic") && how.text.contains("in reply"), "{}", how.text);
    let long = world.ask(&format!("/remember {}", "x".repeat(2_000))).await;
    assert!(long.text.contains("1,000") && long.text.contains("2,000"), "{}", long.text);
    let unknown = world.replied(&how, "/remember").await;
    assert!(unknown.text.contains("do not hold"), "{}", unknown.text);
    let facts = world.app.api().list(&format!("/api/chats/{}/facts", world.chat().await)).await;
    assert!(facts.is_empty(), "{facts:?}");
}

#[tokio::test]
async fn a_fact_of_the_greatest_length_is_shown_whole_and_undone() {
    let world = World::start().await;
    let words = "*_[] ".repeat(200);
    let told = world.ask(&format!("/remember {words}")).await;
    assert!(told.text.contains(words.trim()), "{}", told.text);
    let list = world.ask("/facts").await;
    assert!(list.text.contains('…') && list.text.chars().count() < 600, "{}", list.text);
    let opened = world.turn(&list, "1").await;
    assert!(opened.text.contains(words.trim()), "{}", opened.text);
    let question = world.below(&opened, "correct").await;
    assert!(question.text.contains(words.trim()), "{}", question.text);
    let notice = world.notice(&told, "undo").await;
    assert!(said(&notice).is_empty(), "{notice:?}");
    world.bot.assert_no_complaints();
}
