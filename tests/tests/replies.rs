//! How replies reach Telegram: formatted as well as the server can, split, and never lost.

use std::time::Duration;

use souvenir_tests::bot_api::{Fault, Format};

use crate::world::World;

const MARKDOWN: &str = "**Bold** and `code <b>` & more:\n\n```rust\nfn main() {}\n```\n\n- one\n- two";

#[tokio::test]
async fn a_new_server_gets_rich_messages() {
    let world = World::start().await;
    world.model.reply_with([MARKDOWN]);
    let sent = world.ask("show me").await;
    assert_eq!(sent.format, Format::Rich);
    assert!(sent.source.contains("**Bold**"), "{}", sent.source);
}

#[tokio::test]
async fn an_old_server_gets_html_and_is_asked_for_rich_messages_once() {
    let world = World::start().await;
    world.bot.forget_rich_messages();
    world.model.reply_with([MARKDOWN, MARKDOWN]);
    let sent = world.ask("show me").await;
    assert_eq!(sent.format, Format::Html);
    assert!(sent.source.contains("<b>Bold</b>") || sent.source.contains("<strong>Bold</strong>"), "{}", sent.source);
    assert!(sent.text.contains("code <b>") && sent.text.contains("fn main() {}"), "{}", sent.text);
    world.ask("again").await;
    assert_eq!(world.bot.calls_of("sendRichMessage").len(), 1, "what the server does not know was tried again");
}

#[tokio::test]
async fn a_reply_that_telegram_cannot_parse_arrives_plain() {
    let world = World::start().await;
    world.bot.forget_rich_messages();
    world.bot.fail("sendMessage", Fault::Refuse(400, "Bad Request: can't parse entities: Unsupported start tag"));
    world.model.reply_with(["**Bold** is it"]);
    let sent = world.ask("show me").await;
    assert_eq!(sent.format, Format::Plain);
    assert!(sent.text.contains("Bold"), "{}", sent.text);
}

#[tokio::test]
async fn a_long_reply_is_split_and_complete() {
    let world = World::start().await;
    world.bot.forget_rich_messages();
    let paragraphs: Vec<String> =
        (0..60).map(|n| format!("Paragraph {n}. {}", "Über 𝄞 notes & <tags>. ".repeat(8))).collect();
    let code = format!("```rust\n{}```", "let clef = '𝄞'; // a line of code\n".repeat(150));
    world.model.reply_with([format!("{}\n\n{code}\n\nThe end.", paragraphs.join("\n\n"))]);
    world.bot.say(&world.ada, "tell me everything");
    let last = world.bot.wait_for_text(&world.ada, "The end.").await;
    let parts = world.bot.sent(&world.ada);
    assert!(parts.len() >= 4, "{} parts", parts.len());
    assert!(parts.iter().all(|part| part.text.encode_utf16().count() <= 4_096));
    assert_eq!(parts.last().map(|part| part.message_id), Some(last.message_id), "parts came out of order");
    let whole: String = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n");
    assert!((0..60).all(|n| whole.contains(&format!("Paragraph {n}. "))));
    assert_eq!(whole.matches("// a line of code").count(), 150);
    assert!(world.bot.calls_of("sendMessage").iter().all(|call| call.status == Some(200)), "a part was refused");
}

#[tokio::test]
async fn flood_control_is_obeyed_and_nothing_is_dropped() {
    let world = World::start().await;
    world.bot.fail("sendRichMessage", Fault::TooManyRequests(2));
    world.model.reply_with(["worth waiting for"]);
    let sent = world.ask("go").await;
    assert_eq!(sent.text, "worth waiting for");
    let calls = world.bot.calls_of("sendRichMessage");
    let pause = calls[1].at - calls[0].at;
    assert!(pause >= Duration::from_millis(1_900), "tried again after {pause:?}");
    // It was no reason to fall back.
    assert!(world.bot.calls_of("sendMessage").is_empty());
}

#[tokio::test]
async fn a_send_of_unknown_outcome_is_not_repeated() {
    let world = World::start().await;
    world.bot.fail("sendRichMessage", Fault::CutAfter);
    world.model.reply_with(["perhaps you read this", "and this"]);
    world.ask("go").await;
    world.bot.say(&world.ada, "go on");
    world.bot.wait_for_text(&world.ada, "and this").await;
    let texts: Vec<_> = world.bot.sent(&world.ada).into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, ["perhaps you read this", "and this"]);
}

#[tokio::test]
async fn who_blocks_the_bot_does_not_stop_it() {
    let world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "2002")).await;
    let ben = world.bot.user(2_002, "Ben");
    world.bot.say(&ben, "bye");
    world.bot.block(&ben, true);
    world.ask("still there?").await;
    world.bot.assert_no_complaints();
}
