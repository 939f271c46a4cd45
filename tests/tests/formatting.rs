//! The corpus of nasty Markdown, through each way an answer may take: not one refusal, and not one character lost.

use souvenir_tests::bot_api::{BotApi, Format, Person};
use souvenir_tests::corpus::{Nasty, nasty};

use crate::world::World;

/// What reached a person since, as they see it.
fn shown(bot: &BotApi, person: &Person, since: usize) -> (String, Vec<Format>) {
    let sent = bot.sent(person).split_off(since);
    let text = sent.iter().map(|sent| sent.text.as_str()).collect::<Vec<_>>().join("\n");
    (text, sent.into_iter().map(|sent| sent.format).collect())
}

/// The answers to all of it, one after the other; each with how it came.
async fn answers(world: &World, corpus: &[Nasty]) -> Vec<(String, Vec<Format>)> {
    let mut answers = Vec::new();
    for text in corpus {
        let before = world.bot.sent(&world.ada).len();
        world.model.reply_with([text.markdown.clone()]);
        world.bot.say(&world.ada, &format!("say something {}", text.name));
        world.bot.wait_for_sent(&world.ada, before + 1).await;
        let arrived = async {
            while world.last_turn().await["delivery"] != "sent" {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        let soon = tokio::time::timeout(souvenir_tests::patience() * 6, arrived).await;
        assert!(soon.is_ok(), "{}: {}", text.name, world.last_turn().await);
        answers.push(shown(&world.bot, &world.ada, before));
    }
    answers
}

fn check(world: &World, corpus: &[Nasty], answers: &[(String, Vec<Format>)]) {
    for (text, (shown, formats)) in corpus.iter().zip(answers) {
        let missing = text.missing(shown);
        assert!(missing.is_empty(), "{} ({formats:?}): missing {missing:?} in {shown:.2000}", text.name);
    }
    let too_long = world.bot.sent(&world.ada).into_iter().filter(|sent| {
        let limit = if sent.format == Format::Rich { 32_768 } else { 4_096 };
        sent.text.encode_utf16().count() > limit
    });
    assert_eq!(too_long.count(), 0);
}

#[tokio::test]
async fn nasty_markdown_is_sent_as_rich_messages_without_a_refusal() {
    let world = World::start().await;
    let corpus = nasty();
    let answers = answers(&world, &corpus).await;
    check(&world, &corpus, &answers);
    for (text, (_, formats)) in corpus.iter().zip(&answers) {
        let too_much = ["a table 30 columns wide", "more items than blocks may be", "100 KB"].contains(&text.name);
        assert_eq!(formats.contains(&Format::Html), too_much, "{}: {formats:?}", text.name);
    }
    let refused = world.bot.calls().into_iter().filter(|call| call.status != Some(200) && call.method != "getUpdates");
    assert_eq!(refused.map(|call| call.method).collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn nasty_markdown_is_sent_as_html_without_a_refusal() {
    let world = World::start().await;
    world.bot.forget_rich_messages();
    let corpus = nasty();
    let answers = answers(&world, &corpus).await;
    check(&world, &corpus, &answers);
    assert!(answers.iter().all(|(_, formats)| formats.iter().all(|format| *format == Format::Html)));
    let refused = world.bot.calls_of("sendMessage").into_iter().filter(|call| call.status != Some(200));
    assert_eq!(refused.count(), 0);
}

#[tokio::test]
async fn nasty_markdown_is_sent_as_plain_text_where_html_is_refused() {
    let world = World::start().await;
    world.bot.forget_rich_messages();
    world.bot.refuse_html();
    let corpus = nasty();
    let answers = answers(&world, &corpus).await;
    check(&world, &corpus, &answers);
    assert!(answers.iter().all(|(_, formats)| formats.iter().all(|format| *format == Format::Plain)));
}
