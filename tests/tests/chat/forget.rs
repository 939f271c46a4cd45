//! `/forget`: shown first, done by a button, and then really gone.

use serde_json::json;

use super::{add, said, world_speaking};
use crate::world::{World, eventually};

/// A word that nobody says by chance.
const SECRET: &str = "zanzibarik";

/// Waits until the database's file and its log hold the word no more.
async fn gone_from_disk(world: &World) {
    let database = world.app.setup().database();
    let folder = database.parent().expect("a database in a folder").to_owned();
    eventually("the word to be gone from the disk", async || {
        let holds = |path: &std::path::Path| {
            let bytes = std::fs::read(path).unwrap_or_default();
            bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
        };
        let mut files = std::fs::read_dir(&folder).expect("the folder can be read").flatten().map(|entry| entry.path());
        files.all(|path| !holds(&path)).then_some(())
    })
    .await;
}

async fn history(world: &World) -> String {
    let messages = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    json!(messages).to_string()
}

#[tokio::test]
async fn a_message_replied_to_is_forgotten_after_a_button_and_no_word_is_repeated() {
    let world = World::start().await;
    let update = world.bot.say(&world.ada, &format!("The code of the safe is {SECRET} 4821"));
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.bot.reply_to_update(&world.ada, update, "/forget");
    let preview = world.bot.wait_for_sent(&world.ada, 2).await.swap_remove(1);
    assert_eq!(preview.replies_to, Some(world.bot.message_id(update)), "it shows which is meant");
    assert!(preview.text.contains("Messages: 1") && preview.text.contains("cannot be undone"), "{}", preview.text);
    assert!(history(&world).await.contains(SECRET), "nothing is gone yet");
    let report = world.turn(&preview, "for good").await;
    assert!(report.text.contains("Forgotten for good") && report.text.contains("Messages: 1"), "{}", report.text);
    assert!(report.text.contains("Telegram still shows"), "{}", report.text);
    for text in [&preview.text, &report.text] {
        assert!(!text.contains(SECRET) && !text.contains("4821"), "{text}");
    }
    assert!(!history(&world).await.contains(SECRET));
    gone_from_disk(&world).await;
    let again = world.notice(&preview, "for good").await;
    assert_eq!(said(&again), "", "pressed again, it finds nothing");
    world.bot.wait_for_text(&world.ada, "do not hold").await;
    world.bot.reply_to_update(&world.ada, update, "/forget");
    assert!(world.bot.wait_for_sent(&world.ada, 3).await[2].text.contains("do not hold"));
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn the_last_exchange_is_forgotten_only_while_it_is_the_last() {
    let world = World::start().await;
    world.ask("My first words").await;
    world.ask(&format!("My second words: {SECRET}")).await;
    let menu = world.ask("/forget").await;
    for choice in ["last exchange", "last hour", "today", "everything", "cancel"] {
        assert!(menu.button(choice).is_some(), "no {choice} in {:?}", menu.keyboard);
    }
    let preview = world.turn(&menu, "last exchange").await;
    assert!(preview.text.contains("The last exchange") && preview.text.contains("Messages: 2"), "{}", preview.text);
    world.ask("My third words").await;
    let notice = world.notice(&preview, "for good").await;
    assert!(said(&notice).contains("More was said meanwhile"), "{notice:?}");
    assert!(history(&world).await.contains("My third words"));
    let menu = world.ask("/forget").await;
    let preview = world.turn(&menu, "last exchange").await;
    let cancelled = world.turn(&preview, "cancel").await;
    assert!(cancelled.text.contains("Nothing was forgotten") && cancelled.keyboard.is_empty(), "{cancelled:?}");
    let report = world.turn(&preview, "for good").await;
    assert!(report.text.contains("Forgotten"), "{}", report.text);
    let held = history(&world).await;
    assert!(!held.contains("My third words") && held.contains("My first words") && held.contains(SECRET), "{held}");
}

#[tokio::test]
async fn an_hour_a_day_and_everything_are_forgotten_in_russian() {
    let world = world_speaking("ru").await;
    for choice in ["Последний час", "Сегодняшний день", "Всё в этом чате"] {
        world.ask(&format!("Мой пароль {SECRET}")).await;
        let told = world.ask("/remember Ада любит чай").await;
        assert!(told.text.contains("чай"), "{}", told.text);
        let preview = world.turn(&world.ask("/forget").await, choice).await;
        assert!(
            preview.text.contains(choice) && preview.text.contains("Отменить это будет нельзя"),
            "{}",
            preview.text
        );
        let report = world.turn(&preview, "Стереть насовсем").await;
        assert!(report.text.contains("Стёрто насовсем") && report.text.contains("Сообщения: "), "{}", report.text);
        assert!(!history(&world).await.contains(SECRET), "{choice}");
        gone_from_disk(&world).await;
    }
    assert!(world.ask("/facts").await.text.contains("Фактов пока нет"), "facts went with everything");
    assert!(world.ask("Привет").await.text.len() > 1, "the chat goes on");
}

#[tokio::test]
async fn a_fact_in_somebodys_own_words_stays_and_is_told() {
    let world = World::start().await;
    let update = world.bot.say(&world.ada, &format!("The password is {SECRET}"));
    world.bot.wait_for_sent(&world.ada, 1).await;
    let chat = world.chat().await;
    add(&world.app.api(), chat, json!({"statement": format!("Our password: {SECRET}")})).await;
    world.bot.reply_to_update(&world.ada, update, "/forget");
    let preview = world.bot.wait_for_sent(&world.ada, 2).await.swap_remove(1);
    let report = world.turn(&preview, "for good").await;
    assert!(report.text.contains("repeat it stay: 1") && !report.text.contains(SECRET), "{}", report.text);
    let list = world.turn(&report, "all facts").await;
    assert!(list.text.contains(SECRET), "{}", list.text);
}
