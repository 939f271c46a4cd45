//! Recall and search on a real SQLite file: what was said is found again, by whom it was said, in whatever form it is asked for.

use souvenir_memory::{ChatId, MessageId, Role};

use super::{
    EngineError, FoundMessage, Incoming, SearchMode, SearchQuery,
    inspect::WhatIf,
    tests::{World, console},
};

const DAY: i64 = 86_400_000;

impl World {
    async fn tell(&self, chat: ChatId, author: &str, text: &str) -> MessageId {
        let incoming = Incoming { author: Some(author.to_owned()), ..console(chat, text) };
        let id = self.engine.receive(incoming).await.unwrap().message;
        drop(self.engine.answer(chat).await.unwrap());
        self.pass(60_000);
        id
    }

    async fn find(&self, chat: ChatId, text: &str) -> Vec<FoundMessage> {
        let text = text.to_owned();
        let query = SearchQuery { text, mode: SearchMode::Lexical, archived: false, before: None, most: 5 };
        self.engine.search(chat, &query).await.unwrap()
    }

    /// The first message that a person said, of those found.
    async fn first(&self, chat: ChatId, text: &str) -> Option<MessageId> {
        let found = self.find(chat, text).await;
        found.iter().find(|found| found.message.role == Role::User).map(|found| found.message.id)
    }
}

#[tokio::test]
async fn word_forms_names_and_dates_find_what_was_said_in_three_languages() {
    let world = World::new().await;
    let chat = world.console().await;
    let contract = world.tell(chat, "Вера", "Договор с типографией подписан").await;
    let bicycles = world.tell(chat, "Zoé", "J’ai réparé deux vélos dans la cour").await;
    let fence = world.tell(chat, "Ann", "We painted the wooden fences green").await;
    world.pass(40 * DAY);
    let later = world.tell(chat, "Ann", "The kettle is broken").await;
    for (asked, wanted) in [
        ("подписание договора", contract),
        ("velo", bicycles),
        ("VÉLO reparé", bicycles),
        ("painting a fence", fence),
        ("что говорила Вера", contract),
        ("zoe", bicycles),
        ("What did I say on 1 January 2027?", later),
    ] {
        assert_eq!(world.first(chat, asked).await, Some(wanted), "{asked}");
    }
}

#[tokio::test]
async fn what_is_found_says_what_matched_and_where_it_stands() {
    let world = World::new().await;
    let chat = world.console().await;
    world.tell(chat, "Zoé", "Deux vélos, et encore un vélo.").await;
    let found = world.find(chat, "Zoé et ses vélos").await.remove(0);
    let marked: Vec<&str> = found.marks.iter().map(|mark| &found.message.text[mark.clone()]).collect();
    assert_eq!(marked, ["vélos", "vélo"]);
    assert_eq!(found.matched, ["vélo", "vélos", "Zoé"]);
    assert_eq!((found.score, found.word_rank, found.meaning_rank), (1.0, Some(1), None));
}

#[tokio::test]
async fn a_search_stays_in_its_chat_and_an_empty_one_is_refused() {
    let world = World::new().await;
    let (chat, other) = (world.console().await, world.console().await);
    world.tell(chat, "Ann", "The safe's number is in the almanac").await;
    assert!(world.find(other, "almanac").await.is_empty());
    let empty = SearchQuery { text: "  ".to_owned(), mode: SearchMode::Hybrid, archived: false, before: None, most: 5 };
    let refused = world.engine.search(chat, &empty).await.unwrap_err();
    assert!(matches!(refused, EngineError::Invalid { field: "q", .. }), "{refused}");
}

/// Words that no two messages of the conversation below share, so that a question with one means one message.
fn thing(place: usize) -> String {
    const BEGINNINGS: [&str; 12] = ["bar", "cor", "dal", "fen", "gor", "hal", "jun", "kes", "lom", "mar", "nor", "pel"];
    const ENDINGS: [&str; 11] =
        ["dock", "fort", "gate", "hall", "keep", "mill", "moor", "shaw", "stead", "wick", "wold"];
    format!("{}{}", BEGINNINGS[place % 12], ENDINGS[(place / 12) % 11])
}

#[tokio::test]
async fn no_message_is_ever_out_of_reach() {
    let world = World::new().await;
    let chat = world.console().await;
    let mut said: Vec<(MessageId, String)> = Vec::new();
    for place in 0..60 {
        let name = thing(place);
        let text = format!("My cousin sent a parcel from {name} with some tea, a letter, and a map of the river.");
        said.push((world.tell(chat, "Ann", &text).await, name));
        // Sessions end, and one conversation is reset in its middle.
        if place % 7 == 6 {
            world.pass(DAY);
        }
        if place == 31 {
            world.engine.reset(chat, None).await.unwrap();
        }
        if place % 10 != 9 {
            continue;
        }
        let detail = world.engine.chat(chat).await.unwrap();
        let reach = detail.in_reach;
        let reached = reach.verbatim + reach.summaries + reach.facts + reach.recall;
        assert_eq!((reached, reach.waiting), (detail.summary.tiers.whole_history.messages, 0));
        assert!(reach.verbatim > 0 && reach.recall > 0);
        for (id, name) in &said {
            let question = Some(format!("What came from {name}?"));
            let what_if = WhatIf { session_duration: None, max_context_tokens: None, text: question };
            let preview = world.engine.preview(chat, what_if).await.unwrap();
            assert!(
                preview
                    .messages
                    .iter()
                    .any(|message| message.content.contains(name.as_str()) && message.content.contains("cousin")),
                "message {id} about {name} is out of reach after {} messages",
                said.len()
            );
        }
    }
}
