//! Vectors of messages: made in the background, by whatever endpoint there is, and gone with what is forgotten.

use std::time::Duration;

use serde_json::{Value, json};
use souvenir_tests::embeddings::EmbeddingServer;
use souvenir_tests::harness::{Api, TestApp};
use sqlx::Row;

use crate::world::{World, eventually, hours_later};

/// How far vectors are, as the API tells.
async fn vectors(api: &Api) -> Value {
    api.call(reqwest::Method::GET, "/readyz", None).await.json["vectors"].clone()
}

/// Waits until so many messages, which are all, were looked at.
async fn all_embedded(api: &Api, messages: i64) -> Value {
    eventually("every message to be embedded", async || {
        let state = vectors(api).await;
        (state["embedded"] == messages && state["messages"] == messages).then_some(state)
    })
    .await
}

/// The texts that were embedded of messages: what came first is ordinary talk, to see where vectors lie.
fn of_messages(embeddings: &EmbeddingServer) -> Vec<String> {
    let ordinary = embeddings.requests().first().and_then(|request| request["input"].as_array().map(Vec::len));
    embeddings.texts("passage").split_off(ordinary.unwrap_or(0))
}

/// Every vector in the database: model and ordinal, with its bytes.
async fn kept(app: &TestApp) -> Vec<(String, i64, Vec<u8>)> {
    let sql = "SELECT m.name || ' ' || m.dimensions, v.ordinal, v.steps FROM vectors v
               JOIN vector_models m ON m.id = v.model_id ORDER BY v.chat_id, v.ordinal";
    let rows = sqlx::query(sql).fetch_all(&app.db().await).await.expect("vectors can be read");
    rows.into_iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

#[tokio::test]
async fn every_message_gets_its_vector_in_the_background() {
    let embeddings = EmbeddingServer::start().await;
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    api.say(chat, "The tulips are in the shed.").await;
    api.say(chat, "And the spade is with Boris.").await;
    let state = all_embedded(&api, 4).await;
    assert_eq!((&state["model"], &state["failure"]), (&json!("bag-of-words"), &Value::Null));
    let texts = of_messages(&embeddings);
    assert_eq!(texts.len(), 4);
    let first = texts.iter().find(|text| text.ends_with("The tulips are in the shed.")).expect("the first message");
    let reply = texts.iter().find(|text| text.starts_with("The tulips are in the shed.\n")).expect("the reply");
    assert_ne!(first, reply, "each with the one before it");
    assert_eq!(kept(&app).await.len(), 4);
    let metrics = api.call(reqwest::Method::GET, "/metrics", None).await.text;
    for line in
        ["souvenir_messages_embedded_total 4", "souvenir_messages_embedded_ratio 1", "souvenir_up{part=\"recall\"} 1"]
    {
        assert!(metrics.lines().any(|found| found == line), "no {line:?} in\n{metrics}");
    }
    assert!(!app.output().all().contains(embeddings.key()));
}

#[tokio::test]
async fn without_an_endpoint_recall_is_said_to_be_lexical() {
    let app = TestApp::with().start().await;
    let ready = app.api().get("/readyz").await;
    assert_eq!((&ready["recall"]["status"], &ready["recall"]["detail"]), (&json!("ok"), &json!("words only")));
    assert_eq!(ready["vectors"], Value::Null);
    let checked = TestApp::with().run(&["check"]).await;
    assert!(checked.stdout.contains("recall    off: ") && checked.stdout.contains("lexical"), "{}", checked.stdout);
}

#[tokio::test]
async fn an_endpoint_is_checked_and_its_failure_told() {
    let embeddings = EmbeddingServer::start().await;
    let setup = TestApp::with().embeddings(&embeddings);
    let checked = setup.run(&["check"]).await;
    assert!(checked.stdout.contains("recall    ok: bag-of-words makes vectors of 64 dimensions"), "{}", checked.stdout);
    let checked = setup.env("SOUVENIR_EMBEDDING_API_KEY", "wrong").run(&["check"]).await;
    assert!(!checked.status.success());
    assert!(checked.stdout.contains("FAILED") && checked.stdout.contains("check SOUVENIR_EMBEDDING_API_KEY"));
}

#[tokio::test]
async fn an_endpoint_that_is_away_costs_no_reply_and_is_caught_up_with() {
    let embeddings = EmbeddingServer::start().await;
    embeddings.go_down();
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    let answer = api.say(chat, "The tulips are in the shed.").await;
    assert!(answer["reply"].as_str().is_some_and(|reply| !reply.is_empty()));
    let state = eventually("the failure to be told", async || {
        let state = vectors(&api).await;
        state["failure"].is_string().then_some(state)
    })
    .await;
    assert_eq!((&state["failure"], &state["embedded"]), (&json!("the endpoint does not answer"), &json!(0)));
    let ready = api.get("/readyz").await;
    assert_eq!((&ready["status"], &ready["recall"]["status"]), (&json!("ok"), &json!("degraded")));
    embeddings.go_up().await;
    let state = all_embedded(&api, 2).await;
    assert_eq!(state["failure"], Value::Null);
    assert_eq!(kept(&app).await.len(), 2);
}

#[tokio::test]
async fn refusals_are_learnt_from_and_remembered() {
    let embeddings = EmbeddingServer::start().await;
    embeddings.refuse_purpose();
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let chat = app.api().console_chat("Garden").await;
    app.api().say(chat, "The tulips are in the shed.").await;
    all_embedded(&app.api(), 2).await;
    let with_purpose = |requests: &[Value]| requests.iter().filter(|it| it.get("input_type").is_some()).count();
    let before = embeddings.requests();
    assert_eq!(with_purpose(&before), 1);
    let app = app.restart().await;
    app.api().say(chat, "And the spade is with Boris.").await;
    embeddings.wait_for_requests(before.len() + 1).await;
    all_embedded(&app.api(), 4).await;
    assert_eq!(with_purpose(&embeddings.requests()), 1, "the lesson was kept");
}

#[tokio::test]
async fn another_model_embeds_everything_anew_and_then_the_old_vectors_go() {
    let embeddings = EmbeddingServer::start().await;
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let chat = app.api().console_chat("Garden").await;
    app.api().say(chat, "The tulips are in the shed.").await;
    all_embedded(&app.api(), 2).await;
    let names = |kept: &[(String, i64, Vec<u8>)]| kept.iter().map(|(name, ..)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&kept(&app).await), ["bag-of-words 64", "bag-of-words 64"]);
    // The same name, and other dimensions; then another name.
    embeddings.set_dimensions(96);
    let app = app.restart().await;
    app.api().say(chat, "And the spade is with Boris.").await;
    all_replaced(&app, "bag-of-words 96", 4).await;
    let mut app = app;
    app.stop().await;
    let renamed = app.setup().clone().env("SOUVENIR_EMBEDDING_MODEL", "better-bag");
    drop(app);
    let app = renamed.start().await;
    all_replaced(&app, "better-bag 96", 4).await;
}

async fn all_replaced(app: &TestApp, by: &str, messages: usize) {
    eventually("the old vectors to go", async || {
        let kept = kept(app).await;
        (kept.len() == messages && kept.iter().all(|(name, ..)| name == by)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_vector_of_a_forgotten_message_is_in_no_byte_of_the_file() {
    let embeddings = EmbeddingServer::start().await;
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    let secret = api.say(chat, "My locker in Quokkavillage opens with 48213.").await;
    api.say(chat, "And the spade is with Boris.").await;
    all_embedded(&api, 4).await;
    let before = kept(&app).await;
    let id = secret["message_id"].as_i64().expect("the message's id");
    let report = api.delete(&format!("/api/chats/{chat}/messages/{id}")).await;
    assert_eq!(report["erased"], true, "{report}");
    // What was made of it, and what was made with it: the one after it.
    let gone: Vec<&Vec<u8>> = before.iter().filter(|(_, ordinal, _)| *ordinal <= 2).map(|(.., steps)| steps).collect();
    assert_eq!(gone.len(), 2);
    let database = app.setup().database();
    let log = std::fs::read(database.with_file_name("souvenir.db-wal")).unwrap_or_default();
    let bytes = [std::fs::read(&database).expect("the database can be read"), log].concat();
    for steps in gone {
        assert!(!bytes.windows(steps.len()).any(|window| window == steps.as_slice()), "a vector is still there");
    }
    eventually("the others to be there, or there again", async || {
        let ordinals: Vec<i64> = kept(&app).await.into_iter().map(|(_, ordinal, _)| ordinal).collect();
        ordinals.ends_with(&[3, 4]).then_some(())
    })
    .await;
    assert!(embeddings.texts("passage").last().is_some_and(|text| !text.contains("Quokkavillage")));
    // With the chat, all of it goes.
    api.delete(&format!("/api/chats/{chat}")).await;
    eventually("no vector to be left", async || kept(&app).await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_slow_endpoint_does_not_hold_up_a_reply() {
    let embeddings = EmbeddingServer::start().await;
    embeddings.answer_after(Duration::from_secs(600));
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let chat = app.api().console_chat("Garden").await;
    let answer = app.api().say(chat, "The tulips are in the shed.").await;
    assert!(answer["reply"].as_str().is_some_and(|reply| !reply.is_empty()));
}

#[tokio::test]
async fn a_backup_keeps_the_vectors() {
    let embeddings = EmbeddingServer::start().await;
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let chat = app.api().console_chat("Garden").await;
    app.api().say(chat, "The tulips are in the shed.").await;
    all_embedded(&app.api(), 2).await;
    let vectors = kept(&app).await;
    let copy = app.setup().folder().join("copy.db");
    let done = app.setup().run(&["backup", &copy.display().to_string()]).await;
    assert!(done.status.success(), "{}", done.stderr);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&copy).read_only(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("the copy opens");
    let copied: i64 =
        sqlx::query_scalar("SELECT count(*) FROM vectors").fetch_one(&pool).await.expect("it has vectors");
    assert_eq!(usize::try_from(copied), Ok(vectors.len()));
}

/// What the model is sent with a question about something that was said hours ago in other words.
async fn sent_with_a_paraphrase(embeddings: Option<&EmbeddingServer>) -> String {
    let world = World::start_with(|setup| match embeddings {
        Some(embeddings) => setup.embeddings(embeddings),
        None => setup,
    })
    .await;
    let said = ["My automobile stands in Lyon.", "Tulips want sun.", "Boris has our spade.", "It rained all week."];
    for text in said {
        world.ask(text).await;
    }
    if embeddings.is_some() {
        all_embedded(&world.app.api(), 8).await;
    }
    let World { bot, model, ada, app } = world;
    let world = World { bot, model, ada, app: hours_later(app, 48).await };
    world.ask("Where did I park the car?").await;
    let requests = world.model.requests();
    let asked = requests
        .iter()
        .rfind(|request| request.text().contains("park the car") && !request.text().contains("<transcript>"));
    asked.expect("the question reached the model").text()
}

#[tokio::test]
async fn what_was_said_in_other_words_reaches_the_reply() {
    let embeddings = EmbeddingServer::start().await;
    embeddings.same_meaning(&["automobile", "car"]);
    embeddings.same_meaning(&["stands", "park"]);
    let sent = sent_with_a_paraphrase(Some(&embeddings)).await;
    assert!(sent.contains("My automobile stands in Lyon."), "{sent}");
    assert!(embeddings.texts("query").iter().any(|text| text.contains("Where did I park the car?")));
    let sent = sent_with_a_paraphrase(None).await;
    assert!(!sent.contains("My automobile stands in Lyon."), "no word of it is in the question: {sent}");
}
