//! The usual cast: Ada, who owns the bot, a model, and the app between them.

use std::time::Duration;

use serde_json::Value;
use souvenir_tests::bot_api::{BotApi, Person, Sent};
use souvenir_tests::harness::{Api, Setup, TestApp};
use souvenir_tests::model::ModelServer;
use souvenir_tests::{patience, tokens};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

/// Everything a turn needs.
pub(crate) struct World {
    pub(crate) bot: BotApi,
    pub(crate) model: ModelServer,
    pub(crate) ada: Person,
    pub(crate) app: TestApp,
}

impl World {
    /// Ada is the owner; nobody else may talk.
    pub(crate) async fn start() -> Self {
        Self::start_with(|setup| setup).await
    }

    /// The same, with more settings.
    pub(crate) async fn start_with(more: impl FnOnce(Setup) -> Setup) -> Self {
        let bot = BotApi::start().await;
        let model = ModelServer::start().await;
        let ada = bot.user(1_001, "Ada");
        let app = more(TestApp::with().telegram(&bot).owner(&ada).model(&model)).start().await;
        Self { bot, model, ada, app }
    }

    /// Ada writes; gives what reaches her next.
    pub(crate) async fn ask(&self, text: &str) -> Sent {
        let before = self.bot.sent(&self.ada).len();
        self.bot.say(&self.ada, text);
        self.bot.wait_for_sent(&self.ada, before + 1).await.swap_remove(before)
    }

    /// Souvenir's id of Ada's chat.
    pub(crate) async fn chat(&self) -> i64 {
        chat_of(&self.app.api(), "Ada").await
    }

    /// The last turn of Ada's chat, once it has ended.
    pub(crate) async fn last_turn(&self) -> Value {
        last_turn(&self.app.api(), self.chat().await).await
    }
}

/// Souvenir's id of the chat with this title.
pub(crate) async fn chat_of(api: &Api, title: &str) -> i64 {
    let chats = api.list("/api/chats").await;
    let chat = chats.iter().find(|chat| chat["title"].as_str().is_some_and(|found| found.contains(title)));
    chat.and_then(|chat| chat["id"].as_i64()).unwrap_or_else(|| panic!("no chat {title:?} in {chats:?}"))
}

/// The last turn of a chat in full, once it has ended.
pub(crate) async fn last_turn(api: &Api, chat: i64) -> Value {
    eventually("the last turn to end", async || {
        let turns = api.list(&format!("/api/chats/{chat}/turns")).await;
        let turn = turns.into_iter().max_by_key(|turn| turn["id"].as_i64())?;
        let turn = api.get(&format!("/api/chats/{chat}/turns/{}", turn["id"])).await;
        (turn["state"] != "running").then_some(turn)
    })
    .await
}

/// Lets time pass for what was said: the app is stopped, every message becomes older, and the app runs again.
pub(crate) async fn hours_later(mut app: TestApp, hours: i64) -> TestApp {
    app.stop().await;
    let options = SqliteConnectOptions::new().filename(app.setup().database());
    let mut database = SqliteConnection::connect_with(&options).await.expect("the database opens");
    let older = sqlx::query("UPDATE messages SET said_at = said_at - ?").bind(hours * 3_600_000);
    older.execute(&mut database).await.expect("messages grow older");
    database.close().await.expect("the database closes");
    app.restart().await
}

/// Looks until there is something, at most [`patience`]; for what nobody notifies us of.
pub(crate) async fn eventually<T>(what: &str, glance: impl AsyncFn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = glance().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    match tokio::time::timeout(patience(), looking).await {
        Ok(found) => found,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// A text of exactly so many tokens, different for each `seed`.
pub(crate) fn text_of(tokens_wanted: usize, seed: usize) -> String {
    const WORDS: [&str; 8] = [" apple", " river", " winter", " garden", " letter", " window", " silver", " morning"];
    let mut text = format!("Number {seed}:");
    let mut index = seed;
    while tokens::count(&text) < tokens_wanted {
        text.push_str(WORDS[index % WORDS.len()]);
        index = index * 7 + 3;
        index %= 1_009;
    }
    assert_eq!(tokens::count(&text), tokens_wanted);
    text
}

/// The state of a service as `/readyz` tells it, such as `ok` or `degraded`.
pub(crate) fn service(readiness: &Value, name: &str) -> String {
    let service = readiness["services"].get(name).or_else(|| readiness.get(name)).unwrap_or(&Value::Null);
    let state = service.get("status").or_else(|| service.get("state")).unwrap_or(service);
    state.as_str().unwrap_or_else(|| panic!("no state of {name} in {readiness}")).to_owned()
}
