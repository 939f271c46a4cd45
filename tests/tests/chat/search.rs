//! `/search`: what was said is found, quoted around what matched, paged and led to.

use super::{said, world_speaking};
use crate::world::{World, eventually};

/// Searches until the words are found: they are indexed in the background.
async fn found(world: &World, words: &str) -> souvenir_tests::bot_api::Sent {
    eventually("what was said to be found", async || {
        let answer = world.ask(&format!("/search {words}")).await;
        answer.button("1").is_some().then_some(answer)
    })
    .await
}

#[tokio::test]
async fn the_best_hits_are_quoted_with_date_and_speaker_and_lead_to_their_message() {
    let world = World::start().await;
    world.model.reply_by(|_| "Noted.".to_owned());
    let update = world.bot.say(&world.ada, &format!("{}two *herons* came by.", "Well, well. ".repeat(40)));
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.ask("The walnuts are in the cellar.").await;
    let answer = found(&world, "heron").await;
    assert!(answer.text.contains("two *herons* came by") && answer.text.contains("Ada"), "{}", answer.text);
    assert!(
        answer.text.contains("20") && answer.text.contains('…') && !answer.text.contains("walnuts"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains(&"Well, well. ".repeat(30).trim_end().to_owned()), "{}", answer.text);
    let opened = world.below(&answer, "1").await;
    assert_eq!(opened.replies_to, Some(world.bot.message_id(update)), "it leads to the message");
    let nothing = world.ask("/search zeppelin").await;
    assert!(nothing.text.contains("zeppelin") && nothing.keyboard.is_empty(), "{nothing:?}");
    let how = world.ask("/search").await;
    assert!(how.text.contains("/search the recipe"), "{}", how.text);
    let help = world.ask("/help").await;
    assert!(help.text.contains("/search"), "{}", help.text);
    // What was found stands where it was said, and is not stored again.
    let history = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    let repeats = history.iter().filter(|message| message["text"].as_str().unwrap().contains("came by")).count();
    assert_eq!(repeats, 1, "{history:?}");
    let told = |words: &str| history.iter().any(|message| message["text"].as_str().unwrap().starts_with(words));
    assert!(told("(found and shown: ") && told("(nothing was found)"), "what was done is told in words: {history:?}");
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn pages_turn_after_a_restart_and_not_once_the_question_is_forgotten() {
    let mut world = World::start().await;
    world.model.reply_by(|_| "Noted.".to_owned());
    for number in 1..=6 {
        world.ask(&format!("Heron number {number} landed.")).await;
    }
    let first = eventually("six to be found", async || {
        let answer = world.ask("/search heron landed").await;
        answer.button("▶").is_some().then_some(answer)
    })
    .await;
    assert!(first.text.contains("**") || first.text.contains("1."), "{}", first.text);
    world.app = world.app.restart().await;
    let second = world.turn(&first, "▶").await;
    assert!(second.text.contains("5.") && second.button("◀").is_some(), "{second:?}");
    let back = world.turn(&second, "◀").await;
    assert_eq!(back.text, first.text);
    let chat = world.chat().await;
    let api = world.app.api();
    for message in api.list(&format!("/api/chats/{chat}/messages")).await {
        if message["text"].as_str().unwrap().starts_with("/search") {
            api.delete(&format!("/api/chats/{chat}/messages/{}", message["id"])).await;
        }
    }
    let notice = world.notice(&back, "▶").await;
    assert!(said(&notice).contains("has been forgotten"), "{notice:?}");
}

#[tokio::test]
async fn it_is_spoken_of_in_russian_and_french() {
    for (language, told, asked, found_words, how) in [
        ("ru", "Мы подписали договоры вчера.", "договора", "найдено", "Напишите после команды"),
        ("fr", "J'ai réparé les vélos hier.", "velo", "trouvés", "Écrivez après la commande"),
    ] {
        let world = world_speaking(language).await;
        world.model.reply_by(|_| "Bien.".to_owned());
        world.ask(told).await;
        let answer = found(&world, asked).await;
        assert!(answer.text.contains(found_words) && answer.text.contains(told), "{}", answer.text);
        assert!(world.ask("/search").await.text.contains(how));
        let nothing = world.ask("/search zeppelin").await;
        assert!(nothing.text.contains("zeppelin"), "{}", nothing.text);
        world.bot.assert_no_complaints();
    }
}
