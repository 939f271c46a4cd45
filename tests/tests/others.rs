//! Bot API servers that others wrote: whatever they lack, the bot says what it has to say, once, and does not ask again and
//! again for what is not there.

use std::time::Duration;

use souvenir_tests::bot_api::{Attached, BotApi, Format, Others};
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::ModelServer;

use crate::world::{World, eventually};

const ALL: [Others; 3] = [Others::Careless, Others::Strict, Others::Bare];

/// Ada and a bot at such a server.
async fn at(others: Others) -> World {
    let (bot, model) = (BotApi::start().await, ModelServer::start().await);
    bot.be_of_others(others);
    let ada = bot.user(1_001, "Ada");
    let app = TestApp::with().telegram(&bot).owner(&ada).model(&model).start().await;
    World { bot, model, ada, app }
}

#[tokio::test]
async fn an_answer_is_sent_as_html_and_what_is_lacking_is_asked_for_once() {
    for others in ALL {
        let world = at(others).await;
        world.model.reply_with(["A **fine** name.", "And | a | table", "Yes."]);
        for (said, told) in
            [("my boat is called Albatross", "A fine name."), ("more", "And | a | table"), ("?", "Yes.")]
        {
            let sent = world.ask(said).await;
            assert_eq!((sent.text.as_str(), sent.format), (told, Format::Html), "{others:?}");
        }
        assert_eq!(world.bot.calls_of("sendRichMessage").len(), 1, "{others:?}");
        assert_eq!(world.bot.calls_of("setMyCommands").len(), 1, "{others:?}");
        assert_eq!(world.bot.sent(&world.ada).len(), 3, "{others:?}: nothing is said twice");
        let is_sent = async || (world.last_turn().await["delivery"] == "sent").then_some(());
        eventually("the answer to be known as sent", is_sent).await;
    }
}

#[tokio::test]
async fn an_answer_that_takes_its_time_is_not_shown_in_vain_for_ever() {
    for others in ALL {
        let world = at(others).await;
        let words: Vec<String> = (0..40).map(|n| format!("word{n}")).collect();
        world.model.write_slowly(Duration::from_millis(100));
        for _ in 0..2 {
            world.model.reply_with([words.join(" ")]);
            assert_eq!(world.ask("count").await.text, words.join(" "), "{others:?}");
        }
        let shown = world.bot.calls_of("sendRichMessageDraft").len() + world.bot.calls_of("sendMessageDraft").len();
        assert!((1..=2).contains(&shown), "{others:?}: {shown}");
    }
}

#[tokio::test]
async fn commands_and_buttons_work() {
    for others in ALL {
        let world = at(others).await;
        let asked = world.ask("/session").await;
        assert!(asked.button("Short").is_some(), "{others:?}: {asked:?}");
        world.bot.press(&world.ada, &asked, "Short");
        let changed = async {
            loop {
                let sent = world.bot.sent(&world.ada);
                if let Some(sent) = sent.iter().find(|sent| sent.text.contains("3 h")) {
                    return sent.clone();
                }
                world.bot.changed().await;
            }
        };
        let changed = tokio::time::timeout(souvenir_tests::patience(), changed).await.expect("what a press says");
        assert!(changed.button("Short").is_some(), "{others:?}: {changed:?}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_told() {
    for others in ALL {
        let world = at(others).await;
        let told = world.ask("/export").await;
        assert!(told.text.contains("could not be sent"), "{others:?}: {told:?}");
        assert_eq!(world.bot.calls_of("sendDocument").len(), 1, "{others:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_fetched_is_told_and_the_words_with_it_are_answered() {
    for others in ALL {
        let world = at(others).await;
        world.bot.send(&world.ada, &Attached::Photo(640, 480), "which knot is this?");
        world.bot.wait_for_text(&world.ada, "could not be read just now").await;
        world.bot.wait_for_text(&world.ada, "which knot is this?").await;
        assert_eq!(world.bot.calls_of("getFile").len(), 1, "{others:?}");
    }
}
