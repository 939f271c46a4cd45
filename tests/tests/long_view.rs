//! The long view: a synthetic year consolidated and analysed, and compared with the truth that it was made from.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use souvenir_tests::harness::{Api, Setup, TestApp};
use souvenir_tests::model::ModelServer;
use souvenir_tests::year::{Manner, Speaker, Told, VERA_NAME, Year};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::world::eventually;

/// Has an app with a chat in which all of a year was said, as an import leaves it: the rows themselves are written here, so
/// that this tests memory and nothing else.
async fn with_a_year(setup: Setup, year: &Year) -> TestApp {
    let mut app = setup.start().await;
    let chat = app.api().console_chat(VERA_NAME).await;
    app.stop().await;
    let options = SqliteConnectOptions::new().filename(app.setup().database());
    let mut db = SqliteConnection::connect_with(&options).await.expect("the database opens");
    for (id, line) in (1_i64..).zip(year.lines()) {
        let (role, author) = match line.by {
            Speaker::Vera => ("user", Some(VERA_NAME)),
            Speaker::Bot => ("assistant", None),
        };
        let (kind, text) = match line.manner {
            Manner::Photo => ("media", format!("[photo] {}", line.text)),
            _ => ("text", line.text.clone()),
        };
        let forwarded = if let Manner::Forwarded(from) = line.manner { Some(from) } else { None };
        sqlx::query(
            "INSERT INTO messages (id, chat_id, role, kind, source, author, forwarded_from, revision_id, said_at, ordinal, overheard)
             VALUES (?1, ?2, ?3, ?4, 'import', ?5, ?6, ?1, ?7, ?1, 1)",
        )
        .bind(id)
        .bind(chat)
        .bind(role)
        .bind(kind)
        .bind(author)
        .bind(forwarded)
        .bind(line.at * 1_000)
        .execute(&mut db)
        .await
        .expect("a message");
        let revision = "INSERT INTO revisions (id, message_id, text, created_at) VALUES (?1, ?1, ?2, ?3)";
        let revision = sqlx::query(revision).bind(id).bind(text).bind(line.at * 1_000);
        revision.execute(&mut db).await.expect("its text");
    }
    let many = i64::try_from(year.lines().len()).expect("a count");
    let totals =
        sqlx::query("UPDATE chats SET last_ordinal = ?1, live_messages = ?1, live_tokens = ?1 * 12 WHERE id = ?2");
    totals.bind(many).bind(chat).execute(&mut db).await.expect("the totals");
    db.close().await.expect("the database closes");
    app.restart().await
}

/// Waits until everything that was said is consolidated.
async fn consolidated(api: &Api) -> i64 {
    let chat = api.list("/api/chats").await[0]["id"].as_i64().expect("a chat");
    for _ in 0..1_200 {
        if api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await["job"].is_null() {
            return chat;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!("episodes are not consolidated in five minutes");
}

/// Has it analysed, its proposals applied at once.
async fn analysed(api: &Api, chat: i64) -> Value {
    api.patch(&format!("/api/chats/{chat}"), json!({"analysis_apply": "apply"})).await;
    let begun = api.post(&format!("/api/chats/{chat}/analyse"), json!({})).await;
    eventually("the analysis to end", async || {
        let now = api.get(&format!("/api/chats/{chat}/analyses/{}", begun["id"])).await;
        (now["state"] != "running").then_some(now)
    })
    .await
}

/// What the active facts say, in one form of letters.
async fn said(api: &Api, chat: i64, as_of: Option<String>) -> BTreeSet<String> {
    let as_of = as_of.map(|at| format!("&as_of={at}")).unwrap_or_default();
    let facts = api.list(&format!("/api/chats/{chat}/facts?status=active{as_of}")).await;
    facts.iter().filter_map(|fact| fact["statement"].as_str()).map(plain).collect()
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace('’', "'").trim_end_matches('.').to_owned()
}

fn truth(told: &[&Told]) -> BTreeSet<String> {
    told.iter().map(|told| plain(&told.statement)).collect()
}

/// How many of the month ends are as they were, and of how many facts in all so many are right.
async fn compare(api: &Api, chat: i64, year: &Year) {
    let now = said(api, chat, None).await;
    let (current, superseded) = (truth(&year.current()), truth(&year.superseded()));
    assert_eq!(now, current, "what holds is what was told last");
    assert!(superseded.is_disjoint(&now), "what was so before is history: {now:?}");
    let mut right = 0;
    let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for ((month, end), last) in Year::month_ends().into_iter().zip(days) {
        let then = said(api, chat, Some(format!("{month}-{last}T23:59:59Z"))).await;
        assert_eq!(then, truth(&year.in_force_at(end)), "as of the end of {month}");
        right += then.len();
    }
    println!(
        "{} current facts, {} superseded, {right} of {right} right as of twelve month ends",
        current.len(),
        superseded.len()
    );
}

#[tokio::test]
async fn a_year_is_remembered_as_it_was_by_the_offline_model() {
    let year = Year::new(3);
    let app = with_a_year(TestApp::with(), &year).await;
    let api = app.api();
    let chat = consolidated(&api).await;
    let analysis = analysed(&api, chat).await;
    assert_eq!(analysis["cost_usd"], json!(0.0));
    compare(&api, chat, &year).await;
}

#[tokio::test]
async fn a_year_is_remembered_as_it_was_by_a_model_and_through_power_cuts() {
    let (model, year) = (ModelServer::start().await, Year::new(4));
    let answers = year.clone();
    model.reply_by(move |request| {
        let Some(text) = crate::maintenance::transcript(request) else {
            return json!({"operations": []}).to_string();
        };
        let answer = answers.consolidation(&text);
        match request["response_format"]["json_schema"]["name"].as_str() {
            Some("findings") => json!({"operations": as_findings(&answer)}).to_string(),
            _ => answer.to_string(),
        }
    });
    let mut app = with_a_year(TestApp::with().model(&model), &year).await;
    // Power goes while it is consolidated, and again.
    for cut in 1..4 {
        model.wait_for_answers(cut * 40).await;
        app.kill();
        app = app.restart().await;
    }
    let api = app.api();
    let chat = consolidated(&api).await;
    compare(&api, chat, &year).await;
    let estimate = api.get(&format!("/api/chats/{chat}/analyses/estimate")).await;
    let analysis = analysed(&api, chat).await;
    println!(
        "analysed in {} windows: {} tokens in and {} out for {} $; {} and {} $ were estimated",
        analysis["windows"],
        analysis["prompt_tokens"],
        analysis["completion_tokens"],
        analysis["cost_usd"],
        estimate["prompt_tokens"],
        estimate["cost_usd"],
    );
    let (before, took) = (estimate["prompt_tokens"].as_f64(), analysis["prompt_tokens"].as_f64());
    let (before, took) = (before.expect("a number"), took.expect("a number"));
    assert!((took * 0.7..took * 1.4).contains(&before), "{before} was estimated, {took} taken");
    compare(&api, chat, &year).await;
}

/// The same operations as new findings, which name no fact.
fn as_findings(answer: &Value) -> Value {
    let mut operations = answer["operations"].clone();
    for operation in operations.as_array_mut().into_iter().flatten() {
        operation["op"] = json!("add");
        operation["fact_id"] = Value::Null;
        operation["subject"] = json!(VERA_NAME);
    }
    operations
}
