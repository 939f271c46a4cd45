//! Every reply once: whatever dies between composing a reply and knowing that it arrived, nothing is lost and nothing
//! doubled. The moments are made certain by a Bot API that hangs before or after it carries a call out.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::bot_api::{BotApi, Fault, Person};
use souvenir_tests::harness::Api;

use crate::world::{World, chat_of, eventually, last_turn};

/// The last turn, once its reply has this state.
async fn delivery(api: &Api, chat: i64, state: &str) -> Value {
    eventually(&format!("the reply to be {state}"), async || {
        let turn = last_turn(api, chat).await;
        (turn["delivery"] == state).then_some(turn)
    })
    .await
}

fn texts(bot: &BotApi, person: &Person) -> Vec<String> {
    bot.sent(person).into_iter().map(|sent| sent.text).collect()
}

fn parts(turn: &Value) -> Vec<&str> {
    let parts = turn["delivery_detail"]["parts"].as_array().expect("the parts of a reply");
    parts.iter().map(|part| part["state"].as_str().expect("a state")).collect()
}

/// A reply of three HTML messages.
fn three_parts() -> String {
    ["first", "second", "third"]
        .map(|word| format!("The {word}. {}", "words and more words. ".repeat(180)))
        .join("\n\n")
}

#[tokio::test]
async fn a_composed_reply_is_sent_after_a_power_cut_before_newer_answers() {
    let mut world = World::start().await;
    world.ask("hello").await;
    let chat = world.chat().await;
    world.model.reply_with(["composed before the cut", "made after the cut"]);
    world.bot.fail_for(&world.ada, "sendRichMessage", Fault::TooManyRequests(600));
    world.bot.say(&world.ada, "one");
    delivery(&world.app.api(), chat, "composed").await;
    world.bot.say(&world.ada, "two");
    world.bot.wait_until_confirmed().await;
    world.app.kill();
    let app = world.app.restart().await;
    world.bot.wait_for_text(&world.ada, "made after the cut").await;
    assert_eq!(texts(&world.bot, &world.ada)[1..], ["composed before the cut", "made after the cut"]);
    delivery(&app.api(), chat, "sent").await;
}

#[tokio::test]
async fn a_reply_that_was_going_out_at_a_power_cut_is_in_doubt_and_sent_again_only_by_hand() {
    for (fault, arrived) in [(Fault::Hang, false), (Fault::HangAfter, true)] {
        let mut world = World::start().await;
        world.model.reply_with(["did this arrive?", "the next reply"]);
        world.bot.fail("sendRichMessage", fault.clone());
        world.bot.say(&world.ada, "one");
        world.bot.wait_for_calls("sendRichMessage", 1).await;
        world.app.kill();
        let app = world.app.restart().await;
        let api = app.api();
        let chat = chat_of(&api, "Ada").await;
        let turn = delivery(&api, chat, "unknown").await;
        world.bot.say(&world.ada, "two");
        world.bot.wait_for_text(&world.ada, "the next reply").await;
        let seen = texts(&world.bot, &world.ada).iter().filter(|text| *text == "did this arrive?").count();
        assert_eq!(seen, usize::from(arrived), "{fault:?}");

        let send = format!("/api/chats/{chat}/turns/{}/send", turn["id"]);
        let hesitant = api.call(Method::POST, &send, Some(json!({}))).await;
        assert_eq!(hesitant.status, 409, "{:?}", hesitant.json);
        let sent = api.call(Method::POST, &send, Some(json!({"may_double": true}))).await;
        assert_eq!(sent.status, 202, "{:?}", sent.json);
        eventually("the reply to arrive", async || {
            let seen = texts(&world.bot, &world.ada).iter().filter(|text| *text == "did this arrive?").count();
            (seen == usize::from(arrived) + 1).then_some(())
        })
        .await;
        let path = format!("/api/chats/{chat}/turns/{}", turn["id"]);
        eventually("the doubt to be over", async || (api.get(&path).await["delivery"] == "sent").then_some(())).await;
        let again = api.call(Method::POST, &send, Some(json!({"may_double": true}))).await;
        assert_eq!(again.status, 409, "all of it has arrived: {:?}", again.json);
    }
}

#[tokio::test]
async fn after_a_power_cut_between_parts_only_the_rest_is_sent() {
    let mut world = World::start().await;
    world.bot.forget_rich_messages();
    world.model.reply_with([three_parts()]);
    world.bot.fail("sendMessage", Fault::Delay(Duration::ZERO));
    world.bot.fail("sendMessage", Fault::HangAfter);
    world.bot.say(&world.ada, "tell me");
    world.bot.wait_for_calls("sendMessage", 2).await;
    world.app.kill();
    let app = world.app.restart().await;
    world.bot.wait_for_text(&world.ada, "The third.").await;
    let beginnings: Vec<_> = texts(&world.bot, &world.ada).iter().map(|text| text[..9].to_owned()).collect();
    assert_eq!(beginnings, ["The first", "The secon", "The third"], "each part once");
    let api = app.api();
    let turn = delivery(&api, chat_of(&api, "Ada").await, "unknown").await;
    assert_eq!(parts(&turn), ["sent", "unknown", "sent"]);
    assert!(turn["delivery_detail"]["told"].as_str().unwrap().contains("2 of 3 parts"), "{turn}");
}

#[tokio::test]
async fn a_chat_that_has_to_wait_delays_no_other() {
    let world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "2002")).await;
    let ben = world.bot.user(2_002, "Ben");
    world.bot.fail_for(&world.ada, "sendRichMessage", Fault::TooManyRequests(3));
    world.bot.say(&world.ada, "from Ada");
    world.bot.wait_for_calls("sendRichMessage", 1).await;
    world.bot.say(&ben, "from Ben");
    world.bot.wait_for_text(&ben, "from Ben").await;
    assert!(world.bot.sent(&world.ada).is_empty(), "Ada's reply did not wait");
    world.bot.wait_for_text(&world.ada, "from Ada").await;
    assert_eq!(world.bot.impatient_calls(), 0);
}

#[tokio::test]
async fn a_reply_that_the_stop_cuts_short_is_finished_by_it_or_by_the_next_start() {
    // A slow Bot API: what is going out is waited for.
    let mut world = World::start().await;
    world.bot.fail("sendRichMessage", Fault::Delay(Duration::from_secs(2)));
    world.bot.say(&world.ada, "slowly");
    world.bot.wait_for_calls("sendRichMessage", 1).await;
    world.app.stop().await;
    assert_eq!(texts(&world.bot, &world.ada).len(), 1);
    // A slow model: its answer is made at the next start.
    let mut app = world.app.restart().await;
    let chat = chat_of(&app.api(), "Ada").await;
    delivery(&app.api(), chat, "sent").await;
    world.model.hold();
    world.bot.say(&world.ada, "thoughtfully");
    world.model.wait_for_requests(2).await;
    app.stop().await;
    world.model.release();
    let mut app = app.restart().await;
    world.bot.wait_for_text(&world.ada, "thoughtfully").await;
    delivery(&app.api(), chat, "sent").await;
    // A Bot API that never answers: nobody can know.
    world.bot.fail("sendRichMessage", Fault::HangAfter);
    world.bot.say(&world.ada, "never");
    world.bot.wait_for_calls("sendRichMessage", 3).await;
    app.stop().await;
    let app = app.restart().await;
    delivery(&app.api(), chat, "unknown").await;
    assert_eq!(texts(&world.bot, &world.ada).len(), 3, "{:?}", texts(&world.bot, &world.ada));
}

#[tokio::test]
async fn who_blocks_the_bot_is_told_of_until_they_write_again() {
    let world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "2002")).await;
    let ben = world.bot.user(2_002, "Ben");
    world.model.hold();
    world.bot.say(&ben, "bye");
    world.model.wait_for_requests(1).await;
    world.bot.block(&ben, true);
    world.model.release();
    let api = world.app.api();
    let chat = chat_of(&api, "Ben").await;
    let turn = delivery(&api, chat, "failed").await;
    assert!(turn["delivery_error"].as_str().unwrap().contains("blocked the bot"), "{turn}");
    let about = eventually("the chat to be known as blocked", async || {
        let chat = api.get(&format!("/api/chats/{chat}")).await;
        chat["unreachable"]["reason"].as_str().map(str::to_owned)
    })
    .await;
    assert!(about.contains("unblock"), "{about}");
    world.bot.block(&ben, false);
    world.bot.say(&ben, "I am back");
    world.bot.wait_for_text(&ben, "I am back").await;
    assert!(api.get(&format!("/api/chats/{chat}")).await["unreachable"].is_null());
    // What was not delivered then can be sent now; it cannot have arrived, so nobody is warned.
    let send = format!("/api/chats/{chat}/turns/{}/send", turn["id"]);
    assert_eq!(api.call(Method::POST, &send, Some(json!({}))).await.status, 202);
    world.bot.wait_for_text(&ben, "bye").await;
}

#[tokio::test]
async fn a_reply_follows_its_chat_to_another_id() {
    let world = World::start().await;
    world.model.hold();
    world.bot.say(&world.ada, "are we moving?");
    world.model.wait_for_requests(1).await;
    // Only groups move, but a chat is a chat.
    let here = world.bot.group(world.ada.id, "Ada");
    let there = world.bot.upgrade(&here, &world.ada);
    world.model.release();
    let arrived = eventually("the reply to arrive there", async || world.bot.sent_in(there.id).pop()).await;
    assert!(arrived.text.contains("are we moving?"));
    let api = world.app.api();
    let chat = api.get(&format!("/api/chats/{}", world.chat().await)).await;
    assert_eq!(chat["telegram_chat_id"], there.id, "{chat}");
}

#[tokio::test]
async fn commands_are_answered_once_whatever_dies() {
    let mut world = World::start().await;
    world.ask("hello").await;
    // The first is made to wait, the second waits behind it: neither has been answered at the cut.
    world.bot.fail_for(&world.ada, "sendMessage", Fault::TooManyRequests(600));
    world.bot.say(&world.ada, "/help");
    world.bot.wait_for_calls("sendMessage", 1).await;
    world.bot.say(&world.ada, "/session 45");
    world.bot.wait_until_confirmed().await;
    // That Telegram makes it wait is written within a second or so.
    tokio::time::sleep(Duration::from_secs(2)).await;
    world.app.kill();
    let mut app = world.app.restart().await;
    world.bot.wait_for_sent(&world.ada, 3).await;
    let chat = chat_of(&app.api(), "Ada").await;
    assert_eq!(app.api().get(&format!("/api/chats/{chat}")).await["session_minutes"], 45);
    // This one's answer arrives and nobody knows: it is not repeated, and the page says so.
    world.bot.fail("sendMessage", Fault::HangAfter);
    world.bot.say(&world.ada, "/memory");
    world.bot.wait_for_sent(&world.ada, 4).await;
    app.kill();
    let app = app.restart().await;
    world.bot.say(&world.ada, "and on we go");
    world.bot.wait_for_text(&world.ada, "and on we go").await;
    assert_eq!(world.bot.sent(&world.ada).len(), 5);
    let messages = app.api().list(&format!("/api/chats/{chat}/messages")).await;
    let memory = messages.iter().find(|message| message["text"] == "/memory").expect("the command is kept");
    assert_eq!(memory["delivery"], "unknown", "{memory}");
}

#[tokio::test]
async fn a_token_that_is_revoked_for_a_while_loses_no_reply() {
    let world = World::start().await;
    world.ask("hello").await;
    world.bot.fail_times(2, "sendRichMessage", Fault::Refuse(401, "Unauthorized"));
    let sent = world.ask("are you still you?").await;
    assert!(sent.text.contains("still you"), "{}", sent.text);
}
