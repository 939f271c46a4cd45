//! Forgetting with proof: what was forgotten is in no byte of the database's file or log, also after a power cut.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::world::{World, eventually};

/// A message in one of three languages, a word that nobody else says, and that word's forms in the file.
struct Secret {
    text: &'static str,
    word: &'static str,
    /// As it stands in texts, as its stem stands in the index, and as JSON would escape it.
    forms: [&'static str; 3],
}

const SECRETS: [Secret; 3] = [
    Secret {
        text: "My locker in Quokkavillage opens with 48213.",
        word: "Quokkavillage",
        forms: ["Quokkavillage", "quokkavillag", "48213"],
    },
    Secret {
        text: "Мой шкафчик стоит в Тмутараканске.",
        word: "Тмутараканске",
        forms: ["Тмутараканске", "тмутараканск", "\\u0422\\u043c\\u0443\\u0442"],
    },
    Secret {
        text: "Mon casier se trouve à Carcassonnette.",
        word: "Carcassonnette",
        forms: ["Carcassonnette", "carcassonnet", "à Carcass"],
    },
];

/// How often each form of the secrets stands in the file and the log.
fn found(app: &TestApp) -> Vec<(&'static str, usize)> {
    counted(app, SECRETS.iter().flat_map(|secret| secret.forms))
}

pub(crate) fn counted(app: &TestApp, forms: impl IntoIterator<Item = &'static str>) -> Vec<(&'static str, usize)> {
    let database = app.setup().database();
    let log = database.with_file_name("souvenir.db-wal");
    let bytes =
        [std::fs::read(&database).expect("the database can be read"), std::fs::read(log).unwrap_or_default()].concat();
    let count = |form: &str| bytes.windows(form.len()).filter(|window| *window == form.as_bytes()).count();
    forms.into_iter().map(|form| (form, count(form))).collect()
}

fn is_nowhere(app: &TestApp) -> Result<(), String> {
    let left: Vec<_> = found(app).into_iter().filter(|(_, times)| *times > 0).collect();
    if left.is_empty() { Ok(()) } else { Err(format!("still there: {left:?}")) }
}

fn asked_of(request: &Value) -> String {
    let messages = request["messages"].as_array().cloned().unwrap_or_default();
    messages.last().and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned()
}

/// A model that repeats what it hears: in answers, in summaries, in facts, in proposals and in what it invents.
fn parrot(model: &ModelServer, known: i64) {
    model.reply_by(move |request| {
        let asked = asked_of(request);
        if !asked.contains("<transcript>") {
            return format!("Noted: {asked}");
        }
        let heard: Vec<&Secret> = SECRETS.iter().filter(|secret| asked.contains(secret.word)).collect();
        let summary = heard.iter().fold("They talked.".to_owned(), |text, secret| format!("{text} {}", secret.text));
        let operations: Vec<Value> = heard.iter().flat_map(|secret| operations(&asked, secret, known)).collect();
        json!({"summary": summary, "operations": operations}).to_string()
    });
}

/// A fact with its quote, an update that must wait for the owner, and one with an invented quote.
fn operations(transcript: &str, secret: &Secret, known: i64) -> [Value; 3] {
    let line = transcript.lines().find(|line| line.starts_with('[') && line.contains(secret.text));
    let id: i64 = line.and_then(|line| line[1..].split(']').next()?.parse().ok()).unwrap_or(-1);
    let operation = |op: &str, fact: Value, statement: String, quote: &str| {
        json!({"op": op, "fact_id": fact, "kind": "other", "subject": "Ada", "statement": statement, "valid_at": null,
            "evidence": [{"message_id": id, "quote": quote}]})
    };
    [
        operation("add", Value::Null, format!("has a locker in {}", secret.word), secret.text),
        operation("update", json!(known), format!("keeps it in {}", secret.word), secret.text),
        operation("add", Value::Null, format!("lives in {}", secret.word), &format!("I live in {}", secret.word)),
    ]
}

async fn consolidated(api: &Api, chat: i64) {
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    rested(api, chat).await;
}

/// Waits until no job of the chat waits or runs.
async fn rested(api: &Api, chat: i64) {
    eventually("jobs to end", async || {
        let jobs = api.list(&format!("/api/chats/{chat}/jobs")).await;
        let busy = jobs.iter().any(|job| matches!(job["state"].as_str(), Some("queued" | "running")));
        (!busy && !jobs.is_empty()).then_some(())
    })
    .await;
}

/// A chat in which the secrets have got everywhere; gives it with the messages that told them.
async fn told(api: &Api, model: &ModelServer) -> (i64, Vec<i64>) {
    let chat = api.console_chat("Lockers").await;
    let known = json!({"statement": "has a bicycle", "subject": "Ada"});
    let known = api.post(&format!("/api/chats/{chat}/facts"), known).await["id"].as_i64().expect("an id");
    parrot(model, known);
    api.say(chat, "Good morning, I bought seven boards.").await;
    let mut ids = Vec::new();
    for secret in &SECRETS {
        ids.push(api.say(chat, secret.text).await["message_id"].as_i64().expect("an id"));
    }
    consolidated(api, chat).await;
    api.post(&format!("/api/chats/{chat}/conversation/summary"), json!({"days_back": 7})).await;
    api.say(chat, "How many boards did I buy?").await;
    (chat, ids)
}

#[tokio::test]
async fn what_is_forgotten_is_in_no_byte_of_the_file_or_the_log() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let (chat, ids) = told(&api, &model).await;
    for (form, times) in found(&app).into_iter().filter(|(form, _)| !form.starts_with('\\')) {
        assert!(times >= 2, "“{form}” is there {times} times before: the proof could not fail");
    }
    let (mut replies, mut facts, mut proposals, mut operations, mut items) = (0, 0, 0, 0, 0);
    for id in &ids {
        let report = api.delete(&format!("/api/chats/{chat}/messages/{id}")).await;
        assert_eq!((&report["messages"], &report["erased"]), (&json!(1), &json!(true)), "{report}");
        let number = |name: &str| report[name].as_u64().unwrap_or_else(|| panic!("no {name} in {report}"));
        replies += number("replies");
        facts += number("facts");
        proposals += number("proposals");
        operations += number("operations");
        items += number("manifest_items");
    }
    is_nowhere(&app).unwrap();
    let went = (replies, facts, proposals, operations, items);
    assert!(replies >= 3 && facts >= 1 && proposals >= 1 && operations >= 3 && items > 0, "{went:?}");
    let gone = api.call(Method::DELETE, &format!("/api/chats/{chat}/messages/{}", ids[0]), None).await;
    assert_eq!(gone.status, 404, "{}", gone.text);

    // Summaries are made again, without it; the rest of the chat is as it was.
    rested(&api, chat).await;
    let episode = eventually("the summary to be made again", async || {
        let episodes = api.list(&format!("/api/chats/{chat}/episodes")).await;
        episodes.into_iter().find(|episode| !episode["summary"].is_null())
    })
    .await;
    assert_eq!(episode["summary"], "They talked.", "{episode}");
    let period = eventually("the days' summary to be made again", async || {
        let summary = api.get(&format!("/api/chats/{chat}/conversation/summary")).await;
        (!summary["summary"].is_null()).then_some(summary)
    })
    .await;
    assert!(period.to_string().contains("They talked."), "{period}");
    is_nowhere(&app).unwrap();
    let statements = api.list(&format!("/api/chats/{chat}/facts")).await;
    assert_eq!(statements.len(), 1, "{statements:?}");
    let turns = api.list(&format!("/api/chats/{chat}/turns")).await;
    for turn in turns {
        let turn = api.get(&format!("/api/chats/{chat}/turns/{}", turn["id"])).await;
        let mut named = turn["manifest"]["segments"].as_array().unwrap().iter().map(|segment| &segment["ref"]);
        assert!(named.all(|item| !ids.iter().any(|id| item["message_id"] == json!(id))), "{turn}");
    }
    let export = api.call(Method::GET, &format!("/api/chats/{chat}/export"), None).await.text;
    assert!(SECRETS.iter().all(|secret| !export.contains(secret.word)), "{export}");
    let last = model.requests().pop().unwrap();
    assert!(SECRETS.iter().all(|secret| !last.text().contains(secret.word)), "{}", last.text());
}

#[tokio::test]
async fn a_power_cut_while_forgetting_ends_with_it_done_or_not_begun() {
    for pause in [0, 4, 12, 30, 80] {
        let model = ModelServer::start().await;
        let mut app = TestApp::with().model(&model).start().await;
        let api = app.api();
        let (chat, ids) = told(&api, &model).await;
        let (calling, address) = (api.clone(), format!("/api/chats/{chat}"));
        let call = tokio::spawn(async move { calling.request(Method::DELETE, &address).send().await });
        tokio::time::sleep(Duration::from_millis(pause)).await;
        app.kill();
        call.abort();
        let app = app.restart().await;
        let api = app.api();
        if begun(&app).await {
            eventually("the bytes to be gone", async || is_nowhere(&app).ok()).await;
            assert_eq!(api.call(Method::GET, &format!("/api/chats/{chat}"), None).await.status, 404);
        } else {
            let messages = api.list(&format!("/api/chats/{chat}/messages")).await;
            assert!(ids.iter().all(|id| messages.iter().any(|message| message["id"] == json!(id))), "half of it went");
        }
    }
}

/// Whether the database knows that something was to be forgotten.
async fn begun(app: &TestApp) -> bool {
    let asked: i64 =
        sqlx::query_scalar("SELECT count(*) FROM forgettings").fetch_one(&app.db().await).await.expect("a count");
    asked > 0
}

#[tokio::test]
async fn what_was_asked_for_before_the_power_cut_is_forgotten_after_it() {
    let model = ModelServer::start().await;
    let mut app = TestApp::with().model(&model).start().await;
    let (chat, ids) = told(&app.api(), &model).await;
    app.kill();
    let options = SqliteConnectOptions::new().filename(app.setup().database());
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query(
        "INSERT INTO forgettings (chat_id, scope, messages, asked_at, taken_up_at) VALUES (?, 'messages', ?, 1, 1)",
    )
    .bind(chat)
    .bind(json!(ids).to_string())
    .execute(&mut database)
    .await
    .unwrap();
    database.close().await.unwrap();
    assert!(is_nowhere(&app).is_err());
    let app = app.restart().await;
    eventually("the bytes to be gone", async || is_nowhere(&app).ok()).await;
    assert_eq!(app.api().list(&format!("/api/chats/{chat}/facts")).await.len(), 1);
}

#[tokio::test]
async fn an_answer_being_made_does_not_bring_the_words_back() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let (chat, ids) = told(&api, &model).await;
    let before = model.request_count();
    model.hold();
    let (asking, question) = (api.clone(), format!("/api/chats/{chat}/messages"));
    let answer =
        tokio::spawn(async move { asking.call(Method::POST, &question, Some(json!({"text": "Repeat!"}))).await });
    model.wait_for_requests(before + 1).await;
    for id in &ids {
        api.delete(&format!("/api/chats/{chat}/messages/{id}")).await;
    }
    model.release();
    answer.await.unwrap();
    rested(&api, chat).await;
    is_nowhere(&app).unwrap();
}

#[tokio::test]
async fn the_command_forgets_while_souvenir_runs_and_while_it_does_not() {
    let model = ModelServer::start().await;
    let mut app = TestApp::with().model(&model).start().await;
    let (chat, ids) = told(&app.api(), &model).await;
    let chat_id = chat.to_string();
    let first = ids[0].to_string();
    let asked = app.setup().run(&["forget", "--chat", &chat_id, "--message", &first]).await;
    assert!(!asked.status.success() && asked.stderr.contains("--yes"), "{asked:?}");
    let done = app.setup().run(&["forget", "--chat", &chat_id, "--message", &first, "--yes"]).await;
    assert!(done.status.success() && done.stdout.contains("The bytes are gone"), "{done:?}");
    let unknown = app.setup().run(&["forget", "--chat", &chat_id, "--message", &first, "--yes"]).await;
    assert!(!unknown.status.success() && unknown.stderr.contains("no message"), "{unknown:?}");
    app.stop().await;
    let all = app.setup().run(&["forget", "--chat", &chat_id, "--yes"]).await;
    assert!(all.status.success() && all.stdout.contains("messages"), "{all:?}");
    is_nowhere(&app).unwrap();
    let app = app.restart().await;
    assert!(app.api().list("/api/chats").await.iter().all(|found| found["id"] != chat));
}

#[tokio::test]
async fn who_writes_again_in_a_forgotten_telegram_chat_begins_anew() {
    let world = World::start().await;
    world.model.reply_by(|request| format!("Noted: {}", asked_of(request)));
    world.ask("The parrot is called Zephyrinus.").await;
    let api = world.app.api();
    let chat = world.chat().await;
    let done = world.app.setup().run(&["forget", "--chat", "telegram:1001", "--yes"]).await;
    assert!(done.status.success(), "{done:?}");
    assert_eq!(api.call(Method::GET, &format!("/api/chats/{chat}"), None).await.status, 404);
    world.ask("Hello again.").await;
    let anew = world.chat().await;
    assert_ne!(anew, chat, "numbers are not used twice");
    assert_eq!(api.list(&format!("/api/chats/{anew}/messages")).await.len(), 2);
    assert!(!world.model.requests().pop().unwrap().text().contains("Zephyrinus"));
}

/// Forms of a word that only a fact ever said: as it was written, and as it would stand in the index.
const ONLY_IN_A_FACT: [&str; 3] = ["Zanzibarstan", "zanzibarstan", "48213"];

#[tokio::test]
async fn a_fact_that_is_forgotten_is_in_no_byte_and_is_not_learnt_again() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Savings").await;
    let facts = format!("/api/chats/{chat}/facts");
    let told = json!({"statement": "keeps 48213 euros in Zanzibarstan", "subject": "Ada"});
    let fact = api.post(&facts, told).await["id"].clone();
    let knowing = |request: &Value| {
        let asked = asked_of(request);
        if !asked.contains("<transcript>") {
            return "They are in Zanzibarstan.".to_owned();
        }
        let line = asked.lines().find(|line| line.starts_with('[') && line.contains("my euros"));
        let id: i64 = line.and_then(|line| line[1..].split(']').next()?.parse().ok()).unwrap_or(-1);
        json!({"summary": "They spoke of Zanzibarstan.", "operations": [{"op": "add", "fact_id": null, "kind": "other",
            "subject": "Ada", "statement": "keeps 48213 euros in Zanzibarstan", "valid_at": null,
            "evidence": [{"message_id": id, "quote": "my euros"}]}]})
        .to_string()
    };
    model.reply_by(knowing);
    api.say(chat, "Where did I put my euros?").await;
    consolidated(&api, chat).await;
    let address = format!("{facts}/{fact}");
    let wrong = api.call(Method::DELETE, &format!("{address}?forget=perhaps"), None).await;
    assert!(wrong.status == 422 && wrong.text.contains("true or false"), "{}", wrong.text);
    api.delete(&address).await;
    assert!(counted(&app, ONLY_IN_A_FACT).iter().any(|(_, times)| *times > 0), "deleted, it can still be brought back");
    // The summary is made again, by a model that is told nothing of it any more.
    model.reply_by(|_| json!({"summary": "They talked.", "operations": []}).to_string());
    let report = api.delete(&format!("{address}?forget=true")).await;
    assert_eq!((&report["facts"], &report["erased"]), (&json!(1), &json!(true)), "{report}");
    assert!(report["replies"] == 1 && report["summaries"] == 1 && report["operations"] == 1, "{report}");
    // A question that has one word of it is no evidence for it.
    assert!(report["manifest_items"].as_u64().unwrap() > 0 && report["evidence"] == 0, "{report}");
    for (form, times) in counted(&app, ONLY_IN_A_FACT) {
        assert_eq!(times, 0, "“{form}” is still there");
    }
    assert_eq!(api.call(Method::DELETE, &format!("{address}?forget=true"), None).await.status, 404);
    assert_eq!(api.call(Method::POST, &format!("{address}/restore"), None).await.status, 404);
    // What was said stays; the fact is not learnt from it again, though the model tries.
    rested(&api, chat).await;
    model.reply_by(knowing);
    api.say(chat, "And what of my euros now?").await;
    consolidated(&api, chat).await;
    assert!(api.list(&facts).await.is_empty());
}

#[tokio::test]
async fn a_fact_told_by_command_goes_with_the_command_at_the_press_of_a_button() {
    let world = World::start().await;
    world.ask("/remember The parcel waits in Zanzibarstan").await;
    let told = world.ask("/facts").await;
    let opened = world.turn(&told, "1").await;
    let question = world.below(&opened, "correct").await;
    let corrected = world.replied(&question, "The parcel 48213 waits in Zanzibarstan").await;
    let opened = world.turn(&corrected, "all facts").await;
    let opened = world.turn(&opened, "1").await;
    let deleted = world.turn(&opened, "delete").await;
    assert!(deleted.button("undo").is_some() && deleted.button("erase").is_some(), "{deleted:?}");
    assert!(counted(&world.app, ["Zanzibarstan"])[0].1 > 2, "in the fact, and in the commands that told it");
    let gone = world.turn(&deleted, "erase").await;
    assert!(gone.text.contains("Erased for good") && !gone.text.contains("Zanzibarstan"), "{}", gone.text);
    eventually("the bytes to be gone", async || {
        counted(&world.app, ONLY_IN_A_FACT).iter().all(|(_, times)| *times == 0).then_some(())
    })
    .await;
    let list = world.turn(&gone, "all facts").await;
    assert!(list.text.contains("No facts yet"), "{}", list.text);
    world.bot.assert_no_complaints();
}
