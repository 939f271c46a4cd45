//! Answers shown in groups while they are made: in one message, edited at a decent pace, that becomes the answer.

use std::time::Duration;

use souvenir_tests::bot_api::{Fault, Format, Group, Limits, Sent};

use crate::world::{World, eventually};

const STORY: &str = "Once **upon** a time there was a bot that wrote its answers word by word.";

/// Ada in a group, where she asks.
async fn group() -> (World, Group) {
    let world = World::start().await;
    let group = world.bot.group(-1_001_234_567_890, "Walkers");
    (world, group)
}

async fn stands(world: &World, group: &Group, part: &str) -> Sent {
    let found = eventually("the words to stand in the group", async || {
        world.bot.sent_in(group.id).into_iter().find(|sent| sent.text.contains(part))
    });
    found.await
}

#[tokio::test]
async fn a_long_answer_grows_in_one_message_and_no_flood_control_is_met() {
    let (world, group) = group().await;
    world.bot.limit_floods(Some(Limits::telegram()));
    let words: Vec<String> = (0..90).map(|n| format!("word{n}")).collect();
    world.model.reply_with([words.join(" ")]);
    world.model.write_slowly(Duration::from_millis(100));
    world.bot.say_in(&group, &world.ada, "@souvenir_test_bot count");
    let sent = stands(&world, &group, "word89").await;
    assert_eq!(world.bot.sent_in(group.id).len(), 1);
    assert_eq!((sent.format, sent.text), (Format::Rich, words.join(" ")));
    assert!((2..=6).contains(&sent.edits.len()), "{:?}", sent.edits);
    let edits = world.bot.calls_of("editMessageText");
    assert!(edits.iter().all(|call| call.status == Some(200)), "{edits:?}");
    let last = edits.len() - 1;
    assert!(edits[..last].windows(2).all(|pair| pair[1].at - pair[0].at >= Duration::from_millis(1_450)), "{edits:?}");
    assert!(world.bot.calls_of("sendRichMessageDraft").is_empty(), "there are no drafts in groups");
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn a_power_cut_in_the_middle_leaves_one_message_with_the_whole_answer() {
    let (mut world, group) = group().await;
    world.model.reply_with([STORY, "Another answer altogether."]);
    world.model.hold_after(6);
    world.bot.say_in(&group, &world.ada, "@souvenir_test_bot a story");
    stands(&world, &group, "there was").await;
    world.app.kill();
    world.model.release();
    let _app = world.app.restart().await;
    let sent = stands_alone(&world.bot, &group, "Another answer altogether.").await;
    assert_eq!(sent.text, "Another answer altogether.");
    world.bot.assert_no_complaints();
}

async fn stands_alone(bot: &souvenir_tests::bot_api::BotApi, group: &Group, part: &str) -> Sent {
    let found = eventually("the answer to stand in the group", async || {
        bot.sent_in(group.id).into_iter().find(|sent| sent.text.contains(part))
    })
    .await;
    assert_eq!(bot.sent_in(group.id).len(), 1, "{:?}", bot.sent_in(group.id));
    found
}

#[tokio::test]
async fn whatever_becomes_of_the_edits_the_answer_stands_once() {
    for fault in [Fault::CutAfter, Fault::ServerErrorAfter(502), Fault::TooManyRequests(1), Fault::Cut] {
        let (world, group) = group().await;
        world.model.reply_with([STORY]);
        world.model.hold_after(6);
        world.bot.say_in(&group, &world.ada, "@souvenir_test_bot a story");
        stands(&world, &group, "there was").await;
        world.bot.fail_times(2, "editMessageText", fault.clone());
        world.model.release();
        let sent = stands(&world, &group, "word by word").await;
        assert_eq!((sent.text.as_str(), world.bot.sent_in(group.id).len()), (STORY, 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_message_that_somebody_deleted_meanwhile_is_sent_anew_and_an_old_server_gets_html() {
    let (world, group) = group().await;
    world.bot.be_old(true);
    world.model.reply_with([STORY]);
    world.model.hold_after(6);
    world.bot.say_in(&group, &world.ada, "@souvenir_test_bot a story");
    let shown = stands(&world, &group, "there was").await;
    assert_eq!(shown.format, Format::Html);
    world.bot.fail("editMessageText", Fault::Refuse(400, "Bad Request: message to edit not found"));
    world.model.release();
    let sent = stands(&world, &group, "word by word").await;
    assert_ne!(sent.message_id, shown.message_id);
    assert_eq!(sent.format, Format::Html);
}

#[tokio::test]
async fn a_message_that_was_to_show_an_answer_and_comes_after_it_is_taken_away() {
    let (world, group) = group().await;
    world.model.reply_with([STORY]);
    world.model.hold_after(3);
    world.bot.fail("sendMessage", Fault::Delay(Duration::from_secs(5)));
    world.bot.say_in(&group, &world.ada, "@souvenir_test_bot a story");
    world.bot.wait_for_calls("sendMessage", 1).await;
    world.model.release();
    let answer = stands(&world, &group, "word by word").await;
    world.bot.wait_for_calls("deleteMessage", 1).await;
    eventually("the answer to stand alone", async || {
        let there: Vec<i64> = world.bot.sent_in(group.id).iter().map(|sent| sent.message_id).collect();
        (there == [answer.message_id]).then_some(())
    })
    .await;
    world.bot.assert_no_complaints();
}
