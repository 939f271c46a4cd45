//! Expiry: what is older than a chat keeps is consolidated, and only then put away.

use serde_json::{Value, json};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::{Fault, ModelServer};

use crate::world::{eventually, hours_later};

const WEEK: i64 = 7 * 24;

/// A model that talks, and sums up; it proposes no facts.
fn summing_up(model: &ModelServer) {
    model.reply_by(|request| {
        let is_batch = request.to_string().contains("<transcript>");
        if is_batch {
            json!({"summary": "They chose tiles.", "operations": []}).to_string()
        } else {
            "Noted.".to_owned()
        }
    });
}

/// Whether the batch that says these words has been asked for.
fn was_consolidated(model: &ModelServer, words: &str) -> bool {
    model.requests().iter().any(|request| request.text().contains("<transcript>") && request.text().contains(words))
}

async fn archived(api: &Api, chat: i64) -> Vec<Value> {
    api.list(&format!("/api/chats/{chat}/messages?archived=true")).await
}

/// A chat that keeps five days, in which something was said almost a week ago.
async fn almost_a_week_later() -> (ModelServer, TestApp, i64) {
    let model = ModelServer::start().await;
    summing_up(&model);
    let app = TestApp::with().model(&model).start().await;
    let chat = app.api().console_chat("Tiles").await;
    app.api().patch(&format!("/api/chats/{chat}"), json!({"keep_days": 5, "session_duration": 10_080})).await;
    app.api().say(chat, "We chose the green tiles.").await;
    let app = hours_later(app, WEEK - 2).await;
    (model, app, chat)
}

async fn expire(api: &Api, chat: i64) -> Value {
    api.post(&format!("/api/chats/{chat}/conversation/expire"), json!({})).await
}

#[tokio::test]
async fn what_expires_is_consolidated_first_and_can_be_brought_back() {
    let (model, app, chat) = almost_a_week_later().await;
    let api = app.api();
    api.say(chat, "And today the blue ones.").await;
    let expired = expire(&api, chat).await;
    assert_eq!((&expired["archived_count"], &expired["job"]), (&json!(2), &Value::Null), "{expired}");
    assert!(was_consolidated(&model, "the green tiles"), "not read before it was put away");
    assert!(!was_consolidated(&model, "the blue ones"), "what stays is not consolidated for that");
    api.say(chat, "What about the green tiles?").await;
    let asked = model.requests().pop().unwrap().text();
    assert!(!asked.contains("We chose the green tiles"), "an archived message came back: {asked}");
    let ids: Vec<Value> = archived(&api, chat).await.iter().map(|message| message["id"].clone()).collect();
    api.post(&format!("/api/chats/{chat}/messages/archive"), json!({"ids": ids, "archived": false})).await;
    api.say(chat, "And the green tiles now?").await;
    assert!(model.requests().pop().unwrap().text().contains("We chose the green tiles"), "it was brought back");
}

#[tokio::test]
async fn nothing_is_put_away_before_the_memory_model_has_read_it() {
    let (model, app, chat) = almost_a_week_later().await;
    let api = app.api();
    model.fail(Fault::Status(400));
    let expired = expire(&api, chat).await;
    assert_eq!(expired["archived_count"], 0, "{expired}");
    assert!(expired["job"]["error"].is_string(), "{expired}");
    assert!(archived(&api, chat).await.is_empty());
    let again = expire(&api, chat).await;
    assert_eq!(again["archived_count"], 2, "{again}");
}

#[tokio::test]
async fn only_where_the_owner_says_so_it_happens_by_itself() {
    let model = ModelServer::start().await;
    summing_up(&model);
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let (kept, put_away) = (api.console_chat("Kept").await, api.console_chat("Put away").await);
    let refused = api
        .call(reqwest::Method::PATCH, &format!("/api/chats/{kept}"), Some(json!({"expiry_schedule": "often"})))
        .await;
    assert!(refused.status == 422 && refused.text.contains("daily"), "{}", refused.text);
    api.patch(&format!("/api/chats/{put_away}"), json!({"expiry_schedule": "daily"})).await;
    for chat in [kept, put_away] {
        api.say(chat, "We chose the green tiles.").await;
    }
    let app = hours_later(app, 40 * 24).await;
    let api = app.api();
    eventually("the old messages to be put away", async || (archived(&api, put_away).await.len() == 2).then_some(()))
        .await;
    assert!(was_consolidated(&model, "the green tiles"));
    assert!(archived(&api, kept).await.is_empty());
}
