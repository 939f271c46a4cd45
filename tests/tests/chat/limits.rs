//! Who writes too much: told once, never dropped, never the others' trouble.

use crate::world::World;

#[tokio::test]
async fn who_writes_too_fast_is_told_once_and_what_they_wrote_is_kept() {
    let limits = |setup: souvenir_tests::harness::Setup| {
        setup.env("TELEGRAM_ALLOWED", "2002").env("TELEGRAM_MESSAGES_PER_MINUTE", "2")
    };
    let world = World::start_with(limits).await;
    let ben = world.bot.user(2_002, "Ben");
    for number in 1..=2 {
        world.bot.say(&ben, &format!("message {number}"));
        world.bot.wait_for_text(&ben, &format!("message {number}")).await;
    }
    world.bot.say(&ben, "message 3");
    world.bot.say(&ben, "message 4");
    world.bot.wait_for_text(&ben, "more than I answer in a minute").await;
    // The owner is not held up, and may write as fast as they like.
    for number in 1..=4 {
        world.ask(&format!("owner's {number}")).await;
    }
    assert_eq!(world.bot.sent(&ben).len(), 3, "{:?}", world.bot.sent(&ben));
    let api = world.app.api();
    let chat = crate::world::chat_of(&api, "Ben").await;
    let stored = api.list(&format!("/api/chats/{chat}/messages")).await;
    assert!(stored.iter().any(|message| message["text"] == "message 4"), "{stored:?}");
}

#[tokio::test]
async fn a_daily_budget_is_told_at_its_end_and_keeps_what_comes_after() {
    let limits = |setup: souvenir_tests::harness::Setup| {
        setup.env("TELEGRAM_ALLOWED", "2002").env("TELEGRAM_DAILY_TOKENS", "1000")
    };
    let world = World::start_with(limits).await;
    let ben = world.bot.user(2_002, "Ben");
    let mut told = [false; 2];
    for number in 1..=12 {
        let before = world.bot.sent(&ben).len();
        world.bot.say(&ben, &format!("message {number} {}", "of some length ".repeat(20)));
        if told[1] {
            break;
        }
        world.bot.wait_for_sent(&ben, before + 1).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let texts: Vec<String> = world.bot.sent(&ben).into_iter().map(|sent| sent.text).collect();
        told = [
            texts.iter().any(|text| text.contains("% of your 1,000")),
            texts.iter().any(|text| text.contains("used up")),
        ];
    }
    assert!(told[1], "{:?}", world.bot.sent(&ben));
    let asked = world.model.request_count();
    world.ask("the owner has no budget").await;
    assert_eq!(world.model.request_count(), asked + 1, "what came after the end cost something");
    world.bot.say(&ben, "/usage");
    let usage = world.bot.wait_for_text(&ben, "Your tokens today").await;
    assert!(usage.text.contains("of 1,000"), "{}", usage.text);
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn a_repeated_update_counts_in_no_limit() {
    let limits = |setup: souvenir_tests::harness::Setup| {
        setup.env("TELEGRAM_ALLOWED", "2002").env("TELEGRAM_MESSAGES_PER_MINUTE", "2")
    };
    let world = World::start_with(limits).await;
    let ben = world.bot.user(2_002, "Ben");
    let first = world.bot.say(&ben, "the first message");
    world.bot.wait_for_text(&ben, "the first message").await;
    for _ in 0..3 {
        world.bot.deliver_again(first);
    }
    world.bot.wait_until_confirmed().await;
    world.bot.say(&ben, "the second message");
    world.bot.wait_for_text(&ben, "the second message").await;
    let said: Vec<String> = world.bot.sent(&ben).into_iter().map(|sent| sent.text).collect();
    assert!(said.len() == 2 && said.iter().all(|text| !text.contains("more than I answer")), "{said:?}");
}

#[tokio::test]
async fn a_summary_comes_out_of_the_day_of_whoever_asked_for_it() {
    let limits = |setup: souvenir_tests::harness::Setup| {
        setup.env("TELEGRAM_ALLOWED", "2002").env("TELEGRAM_DAILY_TOKENS", "800")
    };
    let world = World::start_with(limits).await;
    let ben = world.bot.user(2_002, "Ben");
    world.bot.say(&ben, "we sail on Sunday");
    world.bot.wait_for_sent(&ben, 1).await;
    let summary = r#"{"summary": "They sail on Sunday."}"#;
    world.model.reply_by(move |_| summary.to_owned());
    let mut asked = 0;
    while world.bot.sent(&ben).iter().all(|sent| !sent.text.contains("used up")) {
        asked += 1;
        assert!(asked <= 6, "summaries cost nothing: {:?}", world.bot.sent(&ben));
        let before = world.bot.sent(&ben).len();
        world.bot.say(&ben, "/summary");
        world.bot.wait_for_sent(&ben, before + 1).await;
    }
    assert!(asked > 1, "the first summary finds room");
    let requests = world.model.request_count();
    world.bot.say(&ben, "/summary");
    world.bot.wait_until_confirmed().await;
    world.ask("the owner goes on").await;
    assert_eq!(world.model.request_count(), requests + 1, "what came after the end cost something");
}
