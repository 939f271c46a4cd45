//! Digests of days and weeks, and reminders of goals: made and sent once, in the context where that is wanted, and never
//! doubled by a crash.

use serde_json::{Value, json};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::forgetting::counted;
use crate::world::{World, eventually, hours_later};

/// A model that talks, and sums up with the last words of a transcript.
fn summing_up(model: &ModelServer) {
    model.reply_by(|request| match crate::maintenance::transcript(request) {
        Some(text) => {
            let said = text.lines().rfind(|line| line.starts_with('[') && !line.contains("(the bot)"));
            let said = said.and_then(|line| line.split_once(": ")).map_or("", |(_, said)| said);
            json!({"summary": format!("They spoke: {said}"), "operations": []}).to_string()
        }
        None => "Noted.".to_owned(),
    });
}

/// Turns settings of a chat on as if a month ago, so that what is due since counts.
async fn set_long_ago(mut app: TestApp, chat: i64, settings: Value) -> TestApp {
    app.api().patch(&format!("/api/chats/{chat}"), settings).await;
    app.stop().await;
    let options = SqliteConnectOptions::new().filename(app.setup().database());
    let mut database = SqliteConnection::connect_with(&options).await.expect("the database opens");
    let older = sqlx::query("UPDATE settings SET set_at = set_at - 2592000000 WHERE chat_id = ?").bind(chat);
    older.execute(&mut database).await.expect("settings grow older");
    database.close().await.expect("the database closes");
    app.restart().await
}

async fn digests(api: &Api, chat: i64) -> Vec<Value> {
    api.list(&format!("/api/chats/{chat}/digests")).await
}

async fn digest(api: &Api, chat: i64, kind: &str) -> Value {
    eventually("a digest", async || digests(api, chat).await.into_iter().find(|digest| digest["kind"] == kind)).await
}

#[tokio::test]
async fn a_digest_of_the_week_is_made_once_and_stands_in_the_context_where_that_is_wanted() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    summing_up(&model);
    let chat = app.api().console_chat("Weeks").await;
    app.api().say(chat, "We planted the quince tree.").await;
    // Into the last week whose Monday morning has come, whatever day it is.
    let app = hours_later(app, 7 * 24 + 8).await;
    assert!(digests(&app.api(), chat).await.is_empty(), "off unless it is turned on");
    let app = set_long_ago(app, chat, json!({"digest": "weekly", "digest_context": "on"})).await;
    let made = digest(&app.api(), chat, "weekly").await;
    assert_eq!(made["summary"], "They spoke: We planted the quince tree.");
    let app = app.restart().await;
    let api = app.api();
    api.say(chat, "And now?").await;
    let asked = model.requests().pop().expect("a request").text();
    assert!(asked.contains("<digests>\n- week from 20") && asked.contains("quince tree"), "{asked}");
    let turn = crate::world::last_turn(&api, chat).await;
    let segments = turn["manifest"]["segments"].as_array().expect("segments");
    let place = segments.iter().position(|segment| segment["kind"] == "digest").expect("it is in the manifest");
    assert_eq!(segments[place]["ref"]["digest_id"], made["id"]);
    assert!(segments[place..].iter().any(|segment| segment["section"] == "current"), "before what is live");
    assert_eq!(digests(&api, chat).await.len(), 1, "once");

    // Forgetting what it covers takes it along, to the byte.
    let messages = api.list(&format!("/api/chats/{chat}/messages")).await;
    let said = messages.iter().find(|message| message["text"].as_str().is_some_and(|text| text.contains("quince")));
    api.delete(&format!("/api/chats/{chat}/messages/{}", said.expect("the message")["id"])).await;
    eventually("the bytes to be gone", async || (counted(&app, ["quince"])[0].1 == 0).then_some(())).await;
}

#[tokio::test]
async fn a_digest_of_yesterday_reaches_the_chat_once_whatever_dies() {
    let mut world = World::start().await;
    summing_up(&world.model);
    world.ask("We planted the quince tree.").await;
    let chat = world.chat().await;
    world.app = hours_later(world.app, 24).await;
    let sent_before = world.bot.sent(&world.ada).len();
    world.app = set_long_ago(world.app, chat, json!({"digest": "daily", "digest_send": "on"})).await;
    if is_early(&now(&world.app.api(), chat).await) {
        // Before eight yesterday's is not due: that of the day before had nothing said in it.
        assert!(digests(&world.app.api(), chat).await.is_empty());
        return;
    }
    let sent = world.bot.wait_for_sent(&world.ada, sent_before + 1).await.swap_remove(sent_before);
    assert!(
        sent.text.contains("Digest of 20") && sent.text.contains("They spoke: We planted the quince tree"),
        "{sent:?}"
    );
    world.app.kill();
    world.app = world.app.restart().await;
    world.ask("Anything else?").await;
    let told = world.bot.sent(&world.ada).into_iter().filter(|sent| sent.text.contains("Digest of")).count();
    assert_eq!(told, 1);
}

/// When a chat was made, which is now as far as days and hours go: `2026-11-22T19:17:54.000Z`.
async fn now(api: &Api, chat: i64) -> String {
    api.get(&format!("/api/chats/{chat}")).await["created_at"].as_str().expect("a time").to_owned()
}

/// Whether it is before eight in the morning, UTC, when nothing of the day is due yet.
fn is_early(now: &str) -> bool {
    &now[11..13] < "08"
}

#[tokio::test]
async fn a_chat_is_reminded_of_a_goal_once_and_only_where_that_was_asked_for() {
    let mut world = World::start().await;
    world.model.reply_by(|_| "Noted.".to_owned());
    world.ask("Hello!").await;
    let chat = world.chat().await;
    let now = now(&world.app.api(), chat).await;
    let facts = format!("/api/chats/{chat}/facts");
    let goal =
        json!({"statement": "apply for the garden", "kind": "goal", "due_at": format!("{}T00:30:00Z", &now[..10])});
    world.app.api().post(&facts, goal).await;
    let before = world.bot.sent(&world.ada).len();
    world.app = world.app.restart().await;
    world.ask("Still there?").await;
    let told = |world: &World| {
        world.bot.sent(&world.ada).into_iter().filter(|sent| sent.text.contains("apply for the garden")).count()
    };
    assert_eq!(told(&world), 0, "nobody asked for it");
    assert!(world.bot.sent(&world.ada).len() > before);
    if is_early(&now) {
        return;
    }
    world.app = set_long_ago(world.app, chat, json!({"reminders": "on"})).await;
    eventually("the reminder", async || (told(&world) == 1).then_some(())).await;
    world.app.kill();
    world.app = world.app.restart().await;
    world.ask("And now?").await;
    assert_eq!(told(&world), 1, "once");
}
