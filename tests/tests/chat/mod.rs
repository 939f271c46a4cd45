//! What a chatter does with memory in Telegram: each command typed, each button pressed.

mod again;
mod context;
mod facts;
mod forget;
mod goals;
mod groups;
mod limits;
mod preferences;
mod remember;
mod search;
mod summary;

use serde_json::{Value, json};
use souvenir_tests::bot_api::{BotApi, Call, Person, Sent};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;

use crate::world::{World, eventually};

/// Ada, who owns the bot and whose Telegram speaks this language.
async fn world_speaking(language: &str) -> World {
    let bot = BotApi::start().await;
    let model = ModelServer::start().await;
    let ada = bot.user_speaking(1_001, "Ada", language);
    let app = TestApp::with().telegram(&bot).owner(&ada).model(&model).start().await;
    World { bot, model, ada, app }
}

/// Ada, with so many facts in her chat: "Fact number 1." and so on.
async fn world_with_facts(count: usize) -> (World, i64) {
    let world = World::start().await;
    world.ask("/help").await;
    let chat = world.chat().await;
    for number in 1..=count {
        add(&world.app.api(), chat, json!({"statement": format!("Fact number {number}.")})).await;
    }
    (world, chat)
}

async fn add(api: &Api, chat: i64, fact: Value) -> i64 {
    let fact = api.post(&format!("/api/chats/{chat}/facts"), fact).await;
    fact["id"].as_i64().unwrap_or_else(|| panic!("no fact: {fact}"))
}

/// A fact as the API has it.
async fn fact(world: &World, chat: i64, id: i64) -> Option<Value> {
    let facts = world.app.api().list(&format!("/api/chats/{chat}/facts")).await;
    facts.into_iter().find(|fact| fact["id"] == id)
}

impl World {
    /// Ada presses a button; gives what the little answer over the chat said.
    async fn notice(&self, sent: &Sent, part: &str) -> Call {
        self.notice_for(&self.ada, sent, part).await
    }

    async fn notice_for(&self, person: &Person, sent: &Sent, part: &str) -> Call {
        let before = self.bot.calls_of("answerCallbackQuery").len();
        self.bot.press(person, sent, part);
        self.bot.wait_for_calls("answerCallbackQuery", before + 1).await.swap_remove(before)
    }

    /// Ada presses a button that changes the message it stands under; gives that message.
    pub(crate) async fn turn(&self, sent: &Sent, part: &str) -> Sent {
        let find = || self.bot.sent(&self.ada).into_iter().find(|now| now.message_id == sent.message_id);
        let before = find().map_or(0, |sent| sent.edits.len());
        self.bot.press(&self.ada, sent, part);
        eventually("the message to change", async || find().filter(|now| now.edits.len() > before)).await
    }

    /// Ada presses a button that says something below.
    pub(crate) async fn below(&self, sent: &Sent, part: &str) -> Sent {
        let before = self.bot.sent(&self.ada).len();
        self.bot.press(&self.ada, sent, part);
        self.bot.wait_for_sent(&self.ada, before + 1).await.swap_remove(before)
    }

    /// Ada replies to a message of the bot; gives what it says to that.
    pub(crate) async fn replied(&self, sent: &Sent, text: &str) -> Sent {
        let before = self.bot.sent(&self.ada).len();
        self.bot.reply(&self.ada, sent, text);
        self.bot.wait_for_sent(&self.ada, before + 1).await.swap_remove(before)
    }
}

/// What a press was answered with.
fn said(call: &Call) -> &str {
    call.params["text"].as_str().unwrap_or_default()
}
