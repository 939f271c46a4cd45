//! A consolidation that is cut off at any of its steps ends as if nothing had happened.
//!
//! The same conversation is consolidated once in peace, and then once for each step with a `kill -9` there. What is
//! remembered afterwards, down to versions, evidence, receipts and the record of operations, has to be the same.

use std::time::Duration;

use serde_json::{Value, json};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::{Fault, ModelServer};

use crate::maintenance::{job_in, message_with, transcript};
use crate::world::eventually;

/// When the power fails.
#[derive(Clone, Copy, Debug)]
enum Cut {
    /// The job is asked for; the worker may have seen it or not.
    Asked,
    /// The memory model has this request, the first being 1, and will never answer it.
    Waiting(usize),
    /// The answer to this request has just left the model: it is being read, decided on, or stored.
    Answered(usize),
    /// So many consolidations can be seen in the database, for no longer than a glance.
    Stored(i64),
    /// The job is done.
    Done,
}

/// A batch is 12,000 tokens at most: these are two, the first of which ends with the fifth message.
const LETTERS: usize = 8;

/// The first batch takes a repair; the second changes what the first has found, and asks for what cannot be.
fn replies(request: &Value) -> String {
    let Some(text) = transcript(request) else { return "Noted.".to_owned() };
    let is_first = text.contains("letter 0 ");
    let is_repair = request["messages"].as_array().is_some_and(|messages| messages.len() > 2);
    if is_first && !is_repair {
        return "Gladly! Here it is.".to_owned();
    }
    if is_first {
        let home = operation("add", Value::Null, "lives in Lyon", &text, "I live in Lyon");
        let invented = operation("add", Value::Null, "owns a yacht", &text, "I own a yacht");
        return json!({"summary": "Letters about Lyon.", "operations": [home, invented]}).to_string();
    }
    let known = text.lines().find_map(|line| line.strip_prefix('(')?.split_once(')')?.0.parse::<i64>().ok());
    let moved = operation("update", json!(known), "lives in Nice", &text, "I moved to Nice");
    let goal = operation("add", Value::Null, "wants to learn to sail", &text, "I want to learn to sail");
    json!({"summary": "Letters about Lyon, then Nice.", "operations": [moved, goal]}).to_string()
}

fn operation(op: &str, fact: Value, statement: &str, text: &str, quote: &str) -> Value {
    let message = message_with(text, &format!("{quote}."));
    json!({"op": op, "fact_id": fact, "kind": "identity", "subject": null, "statement": statement, "valid_at": null,
        "evidence": [{"message_id": message, "quote": quote}]})
}

/// A chat with all that was said, nothing of it consolidated.
async fn correspondence(api: &Api, title: &str) -> i64 {
    let chat = api.console_chat(title).await;
    for number in 0..LETTERS {
        let news = match number {
            1 => "I live in Lyon. ",
            6 => "I moved to Nice. ",
            7 => "I want to learn to sail. ",
            _ => "",
        };
        let filling = "paper ".repeat(2_200);
        api.say(chat, &format!("This is letter {number} of mine. {news}{filling}")).await;
    }
    chat
}

/// All that is remembered, with nothing in it that differs from chat to chat.
async fn remembered(api: &Api, chat: i64) -> Value {
    let pick = |from: &Value, fields: &[&str]| -> Value {
        fields.iter().map(|field| ((*field).to_owned(), from[*field].clone())).collect::<serde_json::Map<_, _>>().into()
    };
    let mut facts = Vec::new();
    for fact in api.list(&format!("/api/chats/{chat}/facts")).await {
        let versions = api.list(&format!("/api/chats/{chat}/facts/{}/history", fact["id"])).await;
        let versions: Vec<Value> =
            versions.iter().map(|it| pick(it, &["version", "statement", "status", "source", "kind"])).collect();
        let quotes: Vec<Value> = items(&fact["evidence"]).map(|it| pick(it, &["version", "quote"])).collect();
        facts.push(json!({"versions": versions, "quotes": quotes}));
    }
    let mut episodes = Vec::new();
    for episode in api.list(&format!("/api/chats/{chat}/episodes")).await {
        let operations: Vec<Value> = items(&episode["operations"]).map(|it| pick(it, &["op", "outcome"])).collect();
        let mut picked = pick(&episode, &["summary", "closed_by", "message_count"]);
        picked["tokens_before"] = episode["receipt"]["tokens_before"].clone();
        picked["operations"] = operations.into();
        episodes.push(picked);
    }
    json!({"facts": facts, "episodes": episodes, "proposals": api.list(&format!("/api/chats/{chat}/proposals")).await})
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// Asks for consolidation and lets the power fail there; gives the app that was started afterwards.
async fn cut_off(mut app: TestApp, model: &ModelServer, chat: i64, cut: Cut) -> TestApp {
    let (before, answered) = (model.request_count(), model.answer_count());
    if let Cut::Waiting(request) = cut {
        (1..request).for_each(|_| model.fail(Fault::Delay(Duration::ZERO)));
        model.fail(Fault::Hang);
    }
    let api = app.api();
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    match cut {
        Cut::Asked => {}
        Cut::Waiting(request) => drop(model.wait_for_requests(before + request).await),
        Cut::Answered(request) => model.wait_for_answers(answered + request).await,
        Cut::Stored(wanted) => {
            let database = app.db().await;
            eventually("the consolidation to be stored", async || {
                let found: i64 = sqlx::query_scalar("SELECT count(*) FROM consolidations WHERE chat_id = ?")
                    .bind(chat)
                    .fetch_one(&database)
                    .await
                    .expect("a count");
                (found >= wanted).then_some(())
            })
            .await;
            database.close().await;
        }
        Cut::Done => drop(job_in(&api, chat, &["done"]).await),
    }
    app.kill();
    app.restart().await
}

#[tokio::test]
async fn a_power_cut_at_any_step_of_a_consolidation_changes_nothing_of_what_is_remembered() {
    let model = ModelServer::start().await;
    model.reply_by(replies);
    let mut app = TestApp::with().model(&model).start().await;
    let undisturbed = correspondence(&app.api(), "Undisturbed").await;
    let before = model.request_count();
    app.api().post(&format!("/api/chats/{undisturbed}/consolidate"), json!({})).await;
    job_in(&app.api(), undisturbed, &["done"]).await;
    assert_eq!(model.request_count() - before, 3, "two batches, and one repair");
    let expected = remembered(&app.api(), undisturbed).await;
    assert_eq!(expected["facts"][0]["versions"].as_array().unwrap().len(), 2, "{expected:#}");
    assert_eq!(expected["facts"].as_array().unwrap().len(), 2, "{expected:#}");
    assert_eq!(expected["episodes"][0]["summary"], "Letters about Lyon, then Nice.", "{expected:#}");

    let steps = [
        Cut::Asked,
        Cut::Waiting(1),
        Cut::Waiting(2),
        Cut::Answered(2),
        Cut::Stored(1),
        Cut::Waiting(3),
        Cut::Answered(3),
        Cut::Stored(2),
        Cut::Done,
    ];
    for step in steps {
        let chat = correspondence(&app.api(), &format!("{step:?}")).await;
        app = cut_off(app, &model, chat, step).await;
        let api = app.api();
        job_in(&api, chat, &["done"]).await;
        assert_eq!(remembered(&api, chat).await, expected, "{step:?}");
        let again = api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
        assert!(again["job"].is_null(), "{step:?}: nothing is due twice");
    }
}
