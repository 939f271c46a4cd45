//! Bringing history in: exports of Telegram Desktop on the command line, while the app runs or not, whole and broken.

mod summing;

use std::fs;
use std::path::PathBuf;

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{Answer, Finished, Setup, TestApp};
use souvenir_tests::model::ModelServer;
use souvenir_tests::wire::soon;
use souvenir_tests::year::{BEGINS, DAY, VERA, Year};

use crate::maintenance::{add, consolidating};
use crate::pages::{assert_no_complaints, sign_in};
use crate::world::eventually;

/// Writes a document into the app's folder and gives its path.
pub(crate) fn write(setup: &Setup, name: &str, document: &str) -> String {
    let path: PathBuf = setup.folder().join(name);
    fs::write(&path, document).expect("the file is written");
    path.to_string_lossy().into_owned()
}

/// A document as Telegram Desktop writes it: indented by one.
fn pretty(document: &Value) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    serde::Serialize::serialize(document, &mut serializer).expect("it is JSON");
    String::from_utf8(out).expect("it is text")
}

pub(crate) async fn import(setup: &Setup, arguments: &[&str]) -> String {
    let finished = tried(setup, arguments).await;
    assert!(finished.status.success(), "{finished:?}");
    finished.stdout
}

async fn tried(setup: &Setup, arguments: &[&str]) -> Finished {
    setup.run(&[&["import"], arguments].concat()).await
}

/// Everything that was said in a chat, oldest first: time, role, text.
async fn history(app: &TestApp, chat: i64) -> Vec<(String, String, String)> {
    let mut messages = app.api().list(&format!("/api/chats/{chat}/messages?limit=200")).await;
    messages.reverse();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    messages.iter().map(|said| (text(&said["created_at"]), text(&said["role"]), text(&said["text"]))).collect()
}

fn message(id: i64, at: i64, text: &str) -> Value {
    json!({"id": id, "type": "message", "date": "2025-01-01T00:00:00", "date_unixtime": at.to_string(), "from": "Ada",
        "from_id": "user42", "text": text, "text_entities": []})
}

fn chat(messages: &[Value]) -> Value {
    json!({"name": "Ada", "type": "personal_chat", "id": 42, "messages": messages})
}

const AT: i64 = 1_735_725_600;

#[tokio::test]
async fn a_year_comes_in_whole_once_and_in_order() {
    let setup = TestApp::with();
    let year = Year::new(1);
    let file = write(&setup, "result.json", &pretty(&year.result_json()));
    let said = import(&setup, &[&file]).await;
    let all = year.lines().len() + 1;
    let number = format!("{},{:03}", all / 1_000, all % 1_000);
    let is_told = |said: &str, what: &str| said.contains(&format!("{number} {what}"));
    assert!(is_told(&said, "records read") && is_told(&said, "messages are new"), "{said}");
    let again = import(&setup, &[&file]).await;
    assert!(is_told(&again, "were there already") && !again.contains("new"), "{again}");

    let app = setup.start().await;
    let chats = app.api().list("/api/chats").await;
    assert_eq!(chats.len(), 1, "{chats:?}");
    assert_eq!(chats[0]["title"], "Vera");
    let chat = chats[0]["id"].as_i64().expect("an id");
    let told: Vec<String> = history(&app, chat).await.into_iter().map(|(_, _, text)| text).collect();
    let lines: Vec<&str> = year.lines().iter().map(|line| line.text.as_str()).collect();
    assert_eq!(told.len(), all);
    assert_eq!(told[0], "[bot started]");
    for (told, line) in told[1..].iter().zip(&lines) {
        assert!(told == line || told == &format!("[photo] {line}"), "{told:?} is not {line:?}");
    }
    let db = app.db().await;
    let (telegram, waiting): (i64, i64) = sqlx::query_as(
        "SELECT telegram_chat_id, (SELECT count(*) FROM messages WHERE turn_id IS NULL AND role = 'user' AND overheard = 0) FROM chats",
    )
    .fetch_one(&db)
    .await
    .unwrap();
    assert_eq!((telegram, waiting), (VERA, 0), "it is her chat, and nothing waits for an answer");
}

#[tokio::test]
async fn a_running_app_imports_what_the_command_line_asks_for() {
    let app = TestApp::with().start().await;
    let file = write(
        app.setup(),
        "result.json",
        &chat(&[message(5, AT, "I live in Lyon."), message(6, AT, "Really.")]).to_string(),
    );
    let said = import(app.setup(), &[&file]).await;
    assert!(said.contains("Souvenir is running") && said.contains("2 messages are new"), "{said}");
    assert!(!said.contains("page of imports"), "the offline model waits for nobody: {said}");
    let id = app.api().list("/api/chats").await[0]["id"].as_i64().unwrap();
    let texts: Vec<String> = history(&app, id).await.into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts, ["I live in Lyon.", "Really."]);
    let found = async {
        while app.api().get(&format!("/api/chats/{id}/search?q=Lyon")).await["items"]
            .as_array()
            .is_none_or(Vec::is_empty)
        {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    soon("the words to be found", found).await;
}

#[tokio::test]
async fn records_that_make_no_sense_are_told_by_their_place_and_skipped() {
    let setup = TestApp::with();
    let mut timeless = message(6, AT + 1, "the secret of the mill");
    timeless["date_unixtime"] = json!("soon");
    timeless["date"] = json!("whenever");
    let document = chat(&[message(5, AT, "One."), timeless, json!("nonsense"), message(7, AT + 2, "Two.")]);
    let file = write(&setup, "result.json", &pretty(&document));
    let finished = tried(&setup, &[&file]).await;
    assert!(finished.status.success(), "{finished:?}");
    let said = &finished.stdout;
    assert!(said.contains("2 messages are new") && said.contains("2 records cannot be read"), "{said}");
    assert!(said.contains("record 2 of chat 1 (id 6, line ") && said.contains("record 3 of chat 1"), "{said}");
    assert!(!said.contains("mill") && !finished.stderr.contains("mill"), "no words of theirs are told");
}

#[tokio::test]
async fn of_a_file_that_breaks_off_the_beginning_is_taken_in() {
    let setup = TestApp::with();
    let messages: Vec<Value> = (0..40).map(|place| message(5 + place, AT + place, "Something.")).collect();
    let whole = pretty(&chat(&messages));
    let file = write(&setup, "broken.json", &whole[..whole.len() * 2 / 3]);
    let finished = tried(&setup, &[&file]).await;
    assert_eq!(finished.status.code(), Some(1));
    assert!(finished.stderr.contains("ends in the middle"), "{finished:?}");
    assert!(finished.stdout.contains("messages are new"), "{finished:?}");
    let file = write(&setup, "whole.json", &whole);
    let said = import(&setup, &[&file]).await;
    assert!(said.contains("were there already") && said.contains("are new"), "{said}");
    let spoilt = write(&setup, "spoilt.json", &whole.replacen("\"id\": 20,", "\"id\": ,", 1));
    let finished = tried(&setup, &[&spoilt]).await;
    let said = &finished.stderr;
    assert!(said.contains("no valid JSON from line ") && said.contains("import it once more"), "{finished:?}");
    assert!(said.contains("what stands before was imported"), "{finished:?}");
    let nothing = write(&setup, "contacts.json", "{\"contacts\": {\"list\": []}}");
    let finished = tried(&setup, &[&nothing]).await;
    assert!(finished.stderr.contains("result.json"), "{finished:?}");
}

#[tokio::test]
async fn every_chat_of_a_full_export_goes_to_one_of_its_own() {
    let setup = TestApp::with();
    let group = json!({"name": "Oak", "type": "private_supergroup", "id": 1_234_567_890_i64, "messages": [message(5, AT, "In the group.")]});
    let nameless =
        json!({"name": null, "type": "personal_chat", "id": 77, "messages": [message(1, AT, "Gone since.")]});
    let document = json!({"about": "x", "personal_information": {"user_id": 42}, "contacts": {"list": []},
        "chats": {"about": "y", "list": [chat(&[message(5, AT, "Alone.")]), group, nameless]}});
    let file = write(&setup, "result.json", &pretty(&document));
    let said = import(&setup, &[&file]).await;
    assert_eq!(said.matches("1 message is new").count(), 3, "{said}");
    let refused = tried(&setup, &[&file, "--chat", "1"]).await;
    assert!(refused.stderr.contains("several chats"), "{refused:?}");

    let app = setup.start().await;
    let db = app.db().await;
    let chats: Vec<(String, i64, String)> =
        sqlx::query_as("SELECT kind, telegram_chat_id, title FROM chats ORDER BY id").fetch_all(&db).await.unwrap();
    let known = |kind: &str, id, title: &str| (kind.to_owned(), id, title.to_owned());
    assert_eq!(
        chats,
        [
            known("private", 42, "Ada"),
            known("group", -1_001_234_567_890, "Oak"),
            known("private", 77, "Deleted account")
        ]
    );
}

#[tokio::test]
async fn parts_imported_in_any_order_stand_in_order_of_time() {
    let setup = TestApp::with();
    let part = |from: i64, to: i64| {
        let messages: Vec<Value> =
            (from..to).map(|place| message(place, AT + place * 60, &format!("word{place} here"))).collect();
        chat(&messages).to_string()
    };
    for (name, from, to) in [("b.json", 20, 40), ("a.json", 1, 25), ("c.json", 38, 50)] {
        let file = write(&setup, name, &part(from, to));
        import(&setup, &[&file]).await;
    }
    let app = setup.start().await;
    let texts: Vec<String> = history(&app, 1).await.into_iter().map(|(_, _, text)| text).collect();
    let wanted: Vec<String> = (1..50).map(|place| format!("word{place} here")).collect();
    assert_eq!(texts, wanted);
    let db = app.db().await;
    let places: Vec<i64> = sqlx::query_scalar("SELECT ordinal FROM messages ORDER BY id").fetch_all(&db).await.unwrap();
    assert_eq!(places, (1..50).collect::<Vec<i64>>());
    let found = async {
        while app.api().get("/api/chats/1/search?q=word7&mode=lexical").await["items"][0]["text"] != "word7 here" {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    soon("the words to be found", found).await;
}

#[tokio::test]
async fn history_comes_before_what_the_bot_received_and_never_in_between() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat_id = api.console_chat("Talk").await;
    api.say(chat_id, "I live in Lyon.").await;
    api.say(chat_id, "Where do I live?").await;
    let later = souvenir_tests::wire::now().as_secs().cast_signed() + 3600;
    let document = chat(&[message(5, AT, "I was born in a mill."), message(9, later, "From tomorrow.")]);
    let file = write(app.setup(), "result.json", &document.to_string());
    let said = import(app.setup(), &[&file, "--chat", &chat_id.to_string()]).await;
    assert!(said.contains("1 message is new") && said.contains("never received it"), "{said}");
    let texts: Vec<String> = history(&app, chat_id).await.into_iter().map(|(_, _, text)| text).collect();
    assert_eq!(texts[0], "I was born in a mill.");
    assert_eq!(texts.len(), 5);
    let answer = api.say(chat_id, "Was I born in a mill?").await;
    assert!(answer["turn_id"].is_i64(), "{answer}");
    let turns = api.list(&format!("/api/chats/{chat_id}/turns")).await;
    let turn = api.get(&format!("/api/chats/{chat_id}/turns/{}", turns[0]["id"])).await;
    assert!(turn.to_string().contains("recent"), "{turn}");
}

/// Sends a file to the API and gives the import's number.
async fn send(app: &TestApp, parameters: &str, document: String) -> i64 {
    let request = app.api().request(Method::POST, &format!("/api/imports?{parameters}")).body(document);
    let answer = Answer::to(request).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json["id"].as_i64().expect("an id")
}

/// Waits until an import has ended, and gives it.
async fn ended(app: &TestApp, import: i64) -> Value {
    let mut seen = Value::Null;
    loop {
        let now = eventually("the import to get on", async || {
            let import = app.api().get(&format!("/api/imports/{import}")).await;
            (import["progress"] != seen || is_over(&import["state"])).then_some(import)
        })
        .await;
        if is_over(&now["state"]) {
            return now;
        }
        seen = now["progress"].clone();
    }
}

/// Whether an import or a job has ended.
fn is_over(state: &Value) -> bool {
    !matches!(state.as_str(), Some("queued" | "running"))
}

/// The files of a folder that are uploads.
fn uploads(app: &TestApp) -> usize {
    let entries = fs::read_dir(app.setup().folder()).expect("the folder");
    entries.flatten().filter(|entry| entry.file_name().to_string_lossy().contains(".import-")).count()
}

/// The lines of an export without the moment it was written.
pub(crate) fn lines(document: &str) -> Vec<String> {
    let moment = |line: &str| {
        let Some((before, rest)) = line.split_once("\"exported_at\":\"") else { return line.to_owned() };
        format!("{before}{}", rest.split_once('"').map_or("", |(_, rest)| rest))
    };
    document.lines().map(moment).collect()
}

#[tokio::test]
async fn an_import_that_a_crash_cuts_off_ends_as_if_nothing_had_happened() {
    let all = 30_000;
    let messages: Vec<Value> = (0..all)
        .map(|place| message(place + 1, AT + place * 50, &format!("Of boats and bread, number {place}.")))
        .collect();
    let document = chat(&messages).to_string();
    let mut app = TestApp::with().start().await;
    let import = send(&app, "name=result.json", document).await;
    eventually("the import to have begun", async || {
        let import = app.api().get(&format!("/api/imports/{import}")).await;
        import["chats"][0]["added"].as_u64().is_some_and(|added| added > 0).then_some(())
    })
    .await;
    app.kill();
    let app = app.restart().await;
    let import = ended(&app, import).await;
    assert_eq!(import["state"], "done", "{import}");
    let chat = &import["chats"][0];
    let (added, already) = (chat["added"].as_i64().unwrap(), chat["already"].as_i64().unwrap());
    assert_eq!(added + already, all, "{import}");
    let db = app.db().await;
    let (count, places, first, last): (i64, i64, String, String) = sqlx::query_as(
        "SELECT count(*), count(DISTINCT ordinal), (SELECT text FROM revisions ORDER BY id LIMIT 1),
                (SELECT text FROM revisions ORDER BY id DESC LIMIT 1) FROM messages",
    )
    .fetch_one(&db)
    .await
    .unwrap();
    assert_eq!((count, places), (all, all));
    assert_eq!((first.as_str(), last.as_str()), ("Of boats and bread, number 0.", "Of boats and bread, number 29999."));
    assert_eq!(uploads(&app), 0, "the upload is gone");
}

#[tokio::test]
async fn what_was_forgotten_stays_forgotten_when_the_file_comes_again() {
    let app = TestApp::with().start().await;
    let document =
        chat(&[message(5, AT, "The safe opens with Quetzalcode."), message(6, AT + 5, "Rain again.")]).to_string();
    let first = send(&app, "", document.clone()).await;
    ended(&app, first).await;
    let messages = app.api().list("/api/chats/1/messages").await;
    let secret =
        messages.iter().find(|said| said["text"].to_string().contains("Quetzal")).expect("it is there")["id"].clone();
    app.api().delete(&format!("/api/chats/1/messages/{secret}")).await;
    let second = send(&app, "", document).await;
    let second = ended(&app, second).await;
    assert_eq!((&second["chats"][0]["already"], &second["chats"][0]["forgotten"]), (&json!(1), &json!(1)), "{second}");
    assert_eq!(app.api().list("/api/chats/1/messages").await.len(), 1);
}

#[tokio::test]
async fn an_edit_that_came_since_is_the_newer_text_and_an_older_file_takes_nothing_back() {
    let app = TestApp::with().start().await;
    let mut edited = message(5, AT, "I live in Lyon, near the river.");
    edited["edited_unixtime"] = json!((AT + 600).to_string());
    for (document, text, count) in [
        (message(5, AT, "I live in Lyon."), "I live in Lyon.", 0),
        (edited, "I live in Lyon, near the river.", 1),
        (message(5, AT, "I live in Lyon."), "I live in Lyon, near the river.", 0),
    ] {
        let import = send(&app, "", chat(&[document]).to_string()).await;
        let import = ended(&app, import).await;
        assert_eq!(import["chats"][0]["edited"], count, "{import}");
        assert_eq!(app.api().list("/api/chats/1/messages").await[0]["text"], text);
    }
}

#[tokio::test]
async fn an_upload_that_is_refused_says_why_and_leaves_nothing() {
    let app = TestApp::with().start().await;
    let refused = async |parameters: &str, body: &str| {
        let request = app.api().request(Method::POST, &format!("/api/imports?{parameters}")).body(body.to_owned());
        Answer::to(request).await
    };
    assert_eq!(refused("", "").await.status, 422);
    assert_eq!(refused("chat=99", "{}").await.status, 404);
    assert_eq!(refused("chat=x", "{}").await.status, 422);
    assert_eq!(
        app.api().with_token("no-such-token-at-all-0123456789").call(Method::POST, "/api/imports", None).await.status,
        401
    );
    let import = send(&app, "name=odd.json", "[1, 2]".to_owned()).await;
    let import = ended(&app, import).await;
    assert_eq!(import["state"], "failed", "{import}");
    assert!(import["error"].as_str().is_some_and(|error| error.contains("no export")), "{import}");
    assert_eq!(uploads(&app), 0);
}

#[tokio::test]
async fn a_person_brings_history_in_and_takes_it_out_in_the_browser() {
    let year = Year::new(4);
    for scripts in [Scripts::Blocked, Scripts::Allowed] {
        let app = TestApp::with().start().await;
        let file = write(app.setup(), "result.json", &pretty(&year.result_json()));
        let browser = Browser::start_with(scripts).await;
        sign_in(&browser, &app).await;
        browser.open(&app.url("/imports")).await;
        if scripts == Scripts::Allowed {
            browser.wait_until_alive().await;
        }
        browser.type_into(".bring input[type=file]", &file).await;
        browser.click(".bring button[type=submit]").await;
        if scripts == Scripts::Blocked {
            // Nobody tells this page how far it is: it is loaded again.
            eventually("the import to end", async || {
                let imports = app.api().list("/api/imports").await;
                imports.first().is_some_and(|import| import["state"] == "done").then_some(())
            })
            .await;
            browser.open(&app.url("/imports")).await;
        }
        let told = browser.wait_for_text(".import li", "messages are new").await;
        assert!(told.contains("Vera"), "{told}");
        for format in ["", "?format=markdown"] {
            assert!(browser.has(&format!("a[href='/api/chats/1/export{format}']")).await);
        }
        if scripts == Scripts::Allowed {
            assert_no_complaints(&browser).await;
        }
    }
}
