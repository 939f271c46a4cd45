//! `/facts`: paged, opened, corrected, pinned, deleted, undone, traced to its words.

use serde_json::json;

use super::{add, fact, said, world_speaking, world_with_facts};
use crate::world::{World, eventually};

#[tokio::test]
async fn sixty_facts_are_paged_in_place_and_opened_by_number() {
    let (world, _) = world_with_facts(60).await;
    let list = world.ask("/facts").await;
    assert!(list.text.contains("60") && list.text.contains("5. Fact number 5."), "{}", list.text);
    assert!(!list.text.contains("Fact number 6."), "{}", list.text);
    let list = world.turn(&list, "▶").await;
    assert!(list.text.contains("6. Fact number 6.") && list.text.contains("10. Fact number 10."), "{}", list.text);
    let opened = world.turn(&list, "10").await;
    assert!(opened.text.contains("Fact number 10.") && !opened.text.contains("number 9."), "{}", opened.text);
    let list = world.turn(&opened, "all facts").await;
    assert!(list.text.contains("6. Fact number 6."), "it leads back to the page: {}", list.text);
    let list = world.turn(&list, "◀").await;
    assert!(list.text.contains("1. Fact number 1."), "{}", list.text);
    let last = world.ask("/facts 999").await;
    assert!(last.text.contains("60. Fact number 60.") && last.button("▶").is_none(), "{}", last.text);
    // Pages turned are no talk: nothing of them is kept but that a button was pressed.
    let history = world.app.api().list(&format!("/api/chats/{}/messages", world.chat().await)).await;
    assert!(!json!(history).to_string().contains("Fact number"), "{history:?}");
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn no_facts_are_explained() {
    let world = World::start().await;
    let none = world.ask("/facts").await;
    assert!(none.text.contains("No facts yet") && none.text.contains("/remember"), "{}", none.text);
}

#[tokio::test]
async fn a_fact_is_corrected_by_a_reply_and_the_correction_undone() {
    let (world, chat) = world_with_facts(2).await;
    let opened = world.turn(&world.ask("/facts").await, "2").await;
    let question = world.below(&opened, "correct").await;
    assert!(question.asks && question.text.contains("Fact number 2."), "{question:?}");
    let corrected = world.replied(&question, "Ada owns *two* cats.\nAnd a dog.").await;
    assert!(corrected.text.contains("Ada owns *two* cats. And a dog."), "{}", corrected.text);
    let facts = world.app.api().list(&format!("/api/chats/{chat}/facts")).await;
    assert_eq!(facts[1]["statement"], "Ada owns *two* cats. And a dog.", "{facts:?}");
    assert!(world.model.requests().is_empty(), "a correction is no talk");
    let back = world.turn(&corrected, "undo").await;
    assert!(back.text.contains("Fact number 2."), "{}", back.text);
    let same = world.replied(&question, "Fact number 2.").await;
    assert!(same.text.contains("already"), "{}", same.text);
    let long = world.replied(&question, &"long ".repeat(400)).await;
    assert!(long.text.contains("1,000") && long.text.contains("1,999"), "{}", long.text);
}

#[tokio::test]
async fn a_correction_is_understood_after_a_restart_and_a_models_words_are_no_question() {
    let (mut world, chat) = world_with_facts(1).await;
    let opened = world.turn(&world.ask("/facts").await, "1").await;
    let question = world.below(&opened, "correct").await;
    world.app = world.app.restart().await;
    world.replied(&question, "Corrected after all.").await;
    let facts = world.app.api().list(&format!("/api/chats/{chat}/facts")).await;
    assert_eq!(facts[0]["statement"], "Corrected after all.");
    world.model.reply_with([format!("✏️ #{} · Reply to this message.", facts[0]["id"])]);
    let trap = world.ask("Say something odd").await;
    world.replied(&trap, "This is talk.").await;
    let facts = world.app.api().list(&format!("/api/chats/{chat}/facts")).await;
    assert_eq!(facts[0]["statement"], "Corrected after all.");
}

#[tokio::test]
async fn a_fact_is_pinned_unpinned_deleted_and_brought_back_as_it_was() {
    let (world, chat) = world_with_facts(3).await;
    let id = world.app.api().list(&format!("/api/chats/{chat}/facts")).await[2]["id"].as_i64().unwrap();
    let opened = world.turn(&world.ask("/facts").await, "3").await;
    let pinned = world.turn(&opened, "pin").await;
    assert!(pinned.text.contains("📌") && pinned.button("unpin").is_some(), "{pinned:?}");
    assert_eq!(fact(&world, chat, id).await.unwrap()["pinned"], true);
    let deleted = world.turn(&pinned, "delete").await;
    assert!(deleted.text.contains("Deleted"), "{}", deleted.text);
    assert!(fact(&world, chat, id).await.is_none());
    let back = world.turn(&deleted, "undo").await;
    assert!(back.text.contains("Fact number 3.") && back.text.contains("📌"), "{}", back.text);
    assert_eq!(fact(&world, chat, id).await.unwrap()["pinned"], true, "pinned as it was");
    let unpinned = world.turn(&back, "unpin").await;
    assert!(!unpinned.text.contains("📌"), "{}", unpinned.text);
}

#[tokio::test]
async fn buttons_of_a_fact_that_is_gone_or_has_changed_answer_politely() {
    let (world, chat) = world_with_facts(2).await;
    let api = world.app.api();
    let ids: Vec<i64> =
        api.list(&format!("/api/chats/{chat}/facts")).await.iter().map(|f| f["id"].as_i64().unwrap()).collect();
    let list = world.ask("/facts").await;
    let opened = world.turn(&list, "1").await;
    let changed = json!({"statement": "It reads otherwise now."});
    api.patch(&format!("/api/chats/{chat}/facts/{}", ids[0]), changed).await;
    let notice = world.notice(&opened, "delete").await;
    assert!(said(&notice).contains("changed meanwhile"), "{notice:?}");
    let shown = world.bot.wait_for_text(&world.ada, "It reads otherwise now.").await;
    api.delete(&format!("/api/chats/{chat}/facts/{}", ids[0])).await;
    for button in ["pin", "words", "correct"] {
        let notice = world.notice(&shown, button).await;
        assert!(said(&notice).contains("no longer there"), "{button}: {notice:?}");
    }
    let list = world.bot.wait_for_text(&world.ada, "1. Fact number 2.").await;
    assert_eq!(list.message_id, shown.message_id);
    // Deleted twice, it is as deleted as once, with the same way back.
    let deleted = world.turn(&shown, "delete").await;
    assert!(deleted.text.contains("Deleted") && deleted.button("undo").is_some(), "{deleted:?}");
    // A button that no version of Souvenir has made.
    let mut odd = list.clone();
    odd.keyboard[0][0].data = Some("nonsense:1".to_owned());
    let notice = world.notice(&odd, "1").await;
    assert!(said(&notice).contains("out of date") && notice.params["show_alert"] == true, "{notice:?}");
}

#[tokio::test]
async fn characters_of_markdown_in_a_fact_are_shown_as_they_are() {
    const ODD: &str = "*bold* _it_ [x](http://a.example) <b>&amp; `code` # > ~~no~~ | 1. 🦊 ||spoiler|| \\ $5$";
    let (world, chat) = world_with_facts(0).await;
    add(&world.app.api(), chat, json!({"statement": ODD, "subject": "A*da_"})).await;
    let list = world.ask("/facts").await;
    assert!(list.text.contains(&format!("A*da_: {ODD}")), "{}", list.text);
    let opened = world.turn(&list, "1").await;
    assert!(opened.text.contains(ODD), "{}", opened.text);
    let deleted = world.turn(&opened, "delete").await;
    assert!(deleted.text.contains(ODD), "{}", deleted.text);
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn the_words_a_fact_rests_on_are_shown_where_they_stand() {
    let world = World::start().await;
    let update = world.bot.say(&world.ada, "My sister Maja lives in Turku.\nShe is a *pilot*.");
    world.bot.wait_for_sent(&world.ada, 1).await;
    world.bot.reply_to_update(&world.ada, update, "/remember");
    world.bot.wait_for_sent(&world.ada, 2).await;
    let opened = world.turn(&world.ask("/facts").await, "1").await;
    let quote = world.below(&opened, "words").await;
    assert_eq!(quote.replies_to, Some(world.bot.message_id(update)), "it leads to the message");
    for part in ["My sister Maja lives in Turku. She is a *pilot*.", "Ada", "20"] {
        assert!(quote.text.contains(part), "no {part:?} in {}", quote.text);
    }
    let told = world.ask("/remember The key is under the mat").await;
    let opened = world.turn(&told, "all facts").await;
    let opened = world.turn(&opened, "2").await;
    let notice = world.notice(&opened, "words").await;
    assert!(said(&notice).contains("no quote"), "{notice:?}");
}

#[tokio::test]
async fn facts_are_spoken_of_in_russian_and_french() {
    for (language, none, correct, delete, undo, corrected) in [
        ("ru", "Фактов пока нет", "Исправить", "Удалить", "Отменить", "Исправлено"),
        ("fr-CA", "Aucun fait", "Corriger", "Supprimer", "Annuler", "Corrigé"),
    ] {
        let world = world_speaking(language).await;
        assert!(world.ask("/facts").await.text.contains(none));
        let told = world.ask("/remember Сыр & fromage").await;
        let list = world.ask("/facts").await;
        assert!(list.text.contains("1. Сыр & fromage"), "{}", list.text);
        let opened = world.turn(&list, "1").await;
        let question = world.below(&opened, correct).await;
        let answer = world.replied(&question, "Du fromage").await;
        assert!(answer.text.contains(corrected) && answer.text.contains("Du fromage"), "{}", answer.text);
        let opened = world.turn(&world.ask("/facts").await, "1").await;
        let deleted = world.turn(&opened, delete).await;
        let back = world.turn(&deleted, undo).await;
        assert!(back.text.contains("Du fromage"), "{}", back.text);
        // Of the first wording nothing is left to undo by its own button.
        let notice = world.notice(&told, undo).await;
        assert!(!said(&notice).is_empty(), "{notice:?}");
        world.bot.assert_no_complaints();
    }
}

#[tokio::test]
async fn a_chatter_does_not_overrule_the_owner() {
    let world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "2002")).await;
    let ben = world.bot.user(2_002, "Ben");
    world.bot.say(&ben, "/remember Ben likes tea");
    world.bot.wait_for_sent(&ben, 1).await;
    let api = world.app.api();
    let chat = crate::world::chat_of(&api, "Ben").await;
    add(&api, chat, json!({"statement": "Ben owes the owner a book."})).await;
    world.bot.say(&ben, "/facts");
    let list = world.bot.wait_for_sent(&ben, 2).await.swap_remove(1);
    world.notice_for(&ben, &list, "2").await;
    let opened = world.bot.wait_for_text(&ben, "The owner's word").await;
    for button in ["delete", "correct"] {
        let notice = world.notice_for(&ben, &opened, button).await;
        assert!(said(&notice).contains("only the owner") && notice.params["show_alert"] == true, "{notice:?}");
    }
    let facts = api.list(&format!("/api/chats/{chat}/facts")).await;
    assert_eq!(facts.len(), 2, "{facts:?}");
    assert_eq!(facts[0]["source"], "chatter");
    eventually("the fact of the owner to stay", async || (facts[1]["source"] == "owner").then_some(())).await;
}
