//! Whole-history analysis: windows read, a diff proposed with quotes, decided line by line, taken back; and nothing changes
//! by killing it at any step.

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use crate::forgetting::counted;
use crate::maintenance::{add, job_in, message_with, statements, transcript, with_model};
use crate::world::eventually;

/// The form that a request asks its answer in.
fn form(request: &Value) -> &str {
    request["response_format"]["json_schema"]["name"].as_str().unwrap_or_default()
}

/// The text of a request's last message of a person.
fn asked(request: &Value) -> String {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let last = messages.iter().rfind(|message| message["role"] == "user");
    last.and_then(|message| message["content"].as_str()).unwrap_or_default().to_owned()
}

/// A model that talks, finds in windows what `windows` does, and makes of facts and findings what `diff` does.
fn analysing(
    model: &ModelServer,
    windows: impl Fn(&str) -> Value + Send + Sync + 'static,
    diff: impl Fn(&str) -> Value + Send + Sync + 'static,
) {
    model.reply_by(move |request| match (form(request), transcript(request)) {
        ("findings", Some(text)) => json!({"operations": windows(&text)}).to_string(),
        ("diff", _) => json!({"operations": diff(&asked(request))}).to_string(),
        (_, Some(_)) => json!({"summary": "They talked.", "operations": []}).to_string(),
        _ => "Noted.".to_owned(),
    });
}

/// What a person says of themselves, wherever it stands in a window.
fn said(text: &str, statements: &[&str]) -> Value {
    let found = statements.iter().filter(|quote| message_with(text, quote) != -1);
    Value::Array(found.map(|quote| add(text, quote, quote)).collect())
}

/// A line that rests on the finding with these words; none where that is not shown.
fn line(text: &str, op: &str, facts: &[i64], statement: &str, finding: &str) -> Option<Value> {
    let found = text.lines().find(|line| line.starts_with('[') && line.contains(finding))?;
    let number: usize = found[1..].split(']').next()?.parse().ok()?;
    Some(json!({"op": op, "fact_ids": facts, "kind": "identity", "subject": null, "statement": statement,
        "valid_at": null, "due_at": null, "goal_state": null, "findings": [number]}))
}

fn lines(found: impl IntoIterator<Item = Option<Value>>) -> Value {
    Value::Array(found.into_iter().flatten().collect())
}

/// Has a chat analysed and waits until that has ended; gives the analysis.
async fn analysed(api: &Api, chat: i64) -> Value {
    let begun = api.post(&format!("/api/chats/{chat}/analyse"), json!({})).await;
    ended(api, chat, begun["id"].as_i64().expect("a number")).await
}

async fn ended(api: &Api, chat: i64, id: i64) -> Value {
    eventually("the analysis to end", async || {
        let now = api.get(&format!("/api/chats/{chat}/analyses/{id}")).await;
        (now["state"] != "running").then_some(now)
    })
    .await
}

async fn decide(api: &Api, chat: i64, analysis: &Value, what: &str) -> Value {
    api.post(&format!("/api/chats/{chat}/analyses/{}/{what}", analysis["id"]), json!({})).await
}

/// Each line in short: what it does, what it says, where it stands.
fn told(analysis: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = analysis["lines"].as_array().expect("lines").iter();
    lines.map(|line| (text(&line["op"]), text(&line["statement"]), text(&line["state"]))).collect()
}

fn short(op: &str, statement: &str, state: &str) -> (String, String, String) {
    (op.to_owned(), statement.to_owned(), state.to_owned())
}

const NANTES: &str = "I moved to Nantes last week";
const CAT: &str = "I have a cat called Miro";

/// A line that rests on nothing anybody said.
fn yacht(findings: Value) -> Value {
    json!({"op": "add", "fact_ids": [], "kind": "other", "subject": "Ada", "statement": "owns a yacht", "valid_at": null,
        "due_at": null, "goal_state": null, "findings": findings})
}

/// A chat that says these things, with a fact of before that one of them makes wrong.
async fn chat_of_a_move(model: &ModelServer, api: &Api) -> (i64, i64) {
    let chat = api.console_chat("Moves").await;
    crate::maintenance::consolidating(model, |text| json!([add(text, "lives in Lyon", "I live in Lyon")]));
    api.say(chat, "Hello! I live in Lyon.").await;
    crate::maintenance::consolidated(api, chat).await;
    let fact = api.list(&format!("/api/chats/{chat}/facts")).await[0]["id"].as_i64().expect("a fact");
    model.reply_by(|_| "Noted.".to_owned());
    api.say(chat, &format!("News: {NANTES}.")).await;
    api.say(chat, &format!("And {CAT}.")).await;
    analysing(
        model,
        |text| said(text, &["I live in Lyon", NANTES, CAT]),
        move |text| {
            lines([
                line(text, "update", &[fact], "lives in Nantes", NANTES),
                line(text, "add", &[], "has a cat called Miro", CAT),
                Some(yacht(json!([]))),
                Some(yacht(json!([-1]))),
                Some(yacht(json!(["one"]))),
                Some(json!("and so on")),
            ])
        },
    );
    (chat, fact)
}

#[tokio::test]
async fn a_diff_with_quotes_is_proposed_decided_by_line_and_taken_back_in_one_step() {
    let (model, app) = with_model().await;
    let api = app.api();
    let (chat, fact) = chat_of_a_move(&model, &api).await;
    let estimate = api.get(&format!("/api/chats/{chat}/analyses/estimate")).await;
    assert_eq!((estimate["calls"].as_u64(), estimate["messages"].as_u64()), (Some(2), Some(6)), "{estimate}");

    let analysis = analysed(&api, chat).await;
    assert_eq!(analysis["state"], "proposed");
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"], "nothing changes before the owner says so");
    let open = [short("update", "lives in Nantes", "open"), short("add", "has a cat called Miro", "open")];
    assert_eq!(told(&analysis), open);
    assert_eq!(analysis["refused"], 4, "no finding, no line, and nothing that cannot be read; the others stay");
    let update = &analysis["lines"][0];
    assert_eq!(update["evidence"][0]["quote"], NANTES);
    assert_eq!(
        (&update["facts"][0]["fact_id"], &update["facts"][0]["statement"]),
        (&json!(fact), &json!("lives in Lyon"))
    );
    // What it took is near what was said before.
    let (before, took) = (estimate["prompt_tokens"].as_f64().unwrap(), analysis["prompt_tokens"].as_f64().unwrap());
    assert!((took * 0.6..took * 2.0).contains(&before), "{before} was estimated, {took} taken");
    assert!(analysis["cost_usd"].as_f64().unwrap() <= estimate["most_cost_usd"].as_f64().unwrap());
    assert_eq!(analysis["progress"], json!({"done": 2, "total": 2}));

    let one = decide(&api, chat, &analysis, "lines/1/accept").await;
    assert_eq!(told(&one)[0].2, "applied");
    assert_eq!(statements(&api, chat).await, ["lives in Nantes"]);
    let rest = decide(&api, chat, &analysis, "reject").await;
    assert_eq!((&rest["state"], told(&rest)[1].2.as_str()), (&json!("done"), "declined"));
    let history = api.list(&format!("/api/chats/{chat}/facts/{fact}/history")).await;
    assert!(!history[0]["invalid_at"].is_null(), "the old version is closed, not erased");

    let undone = decide(&api, chat, &analysis, "undo").await;
    assert_eq!((&undone["state"], told(&undone)[0].2.as_str()), (&json!("undone"), "undone"));
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"]);
    let path = format!("/api/chats/{chat}/analyses/{}/undo", analysis["id"]);
    assert_eq!(api.call(Method::POST, &path, None).await.status, 409);

    // What was turned down and taken back is not proposed again, and what did not change is not read again.
    let windows = || model.requests().iter().filter(|request| form(&request.body) == "findings").count();
    let read = windows();
    let again = analysed(&api, chat).await;
    assert_eq!(told(&again), [], "{again}");
    assert_eq!(windows() - read, 1, "the window at the end is not full: it is read again");
}

#[tokio::test]
async fn applied_at_once_where_that_is_wanted_and_never_to_what_a_person_wrote() {
    let (model, app) = with_model().await;
    let api = app.api();
    let (chat, fact) = chat_of_a_move(&model, &api).await;
    api.patch(&format!("/api/chats/{chat}"), json!({"analysis_apply": "apply"})).await;
    let facts = format!("/api/chats/{chat}/facts");
    api.patch(&format!("{facts}/{fact}"), json!({"pinned": true})).await;
    let analysis = analysed(&api, chat).await;
    assert_eq!(told(&analysis), [short("add", "has a cat called Miro", "applied")]);
    assert_eq!(statements(&api, chat).await, ["lives in Lyon", "has a cat called Miro"]);
    let waiting = api.list(&format!("/api/chats/{chat}/proposals")).await;
    assert_eq!((waiting[0]["kind"].as_str(), &waiting[0]["fact"]["id"]), (Some("update"), &json!(fact)), "{waiting:?}");
    assert_eq!(waiting[0]["proposed"]["evidence"][0]["quote"], NANTES);

    // A fact that a person touched since is left as it is.
    let cat = api.list(&facts).await.into_iter().find(|fact| fact["statement"] == "has a cat called Miro").unwrap();
    api.patch(&format!("{facts}/{}", cat["id"]), json!({"statement": "has two cats"})).await;
    let undone = decide(&api, chat, &analysis, "undo").await;
    assert_eq!(undone["kept_by_undo"], 1);
    assert_eq!(statements(&api, chat).await, ["lives in Lyon", "has two cats"]);
}

/// A long chat: so many messages, each with something about the person, that take several windows of a small model.
async fn long_chat(model: &ModelServer, api: &Api) -> i64 {
    let chat = api.console_chat("Long").await;
    model.reply_by(|_| "Noted.".to_owned());
    for number in 0..10 {
        let words = crate::world::text_of(260, number);
        api.say(chat, &format!("I own boat number {number} of mine. {words}")).await;
    }
    model.limit_window(2_600);
    analysing(
        model,
        |text| {
            let all: Vec<String> = (0..10).map(|number| format!("I own boat number {number} of mine")).collect();
            said(text, &all.iter().map(String::as_str).collect::<Vec<_>>())
        },
        |text| {
            lines(
                (0..10).map(|number| {
                    line(text, "add", &[], &format!("owns boat {number}"), &format!("boat number {number}"))
                }),
            )
        },
    );
    chat
}

#[tokio::test]
async fn killing_it_at_any_step_changes_nothing_in_the_outcome() {
    let model = ModelServer::start().await;
    let mut app = TestApp::with().model(&model).env("SOUVENIR_MAX_CONTEXT_TOKENS", "2000").start().await;
    let chat = long_chat(&model, &app.api()).await;
    let before = model.request_count();
    let whole = analysed(&app.api(), chat).await;
    let expected: Vec<_> = (0..10).map(|number| short("add", &format!("owns boat {number}"), "open")).collect();
    assert_eq!(told(&whole), expected);
    assert!(whole["windows"].as_u64().unwrap() > 2, "{whole}");
    let calls = model.request_count() - before;

    for step in 0..calls {
        // The same again, from nothing known.
        app.stop().await;
        let options = SqliteConnectOptions::new().filename(app.setup().database());
        let mut db = SqliteConnection::connect_with(&options).await.unwrap();
        for sql in [
            "DELETE FROM analysis_windows",
            "DELETE FROM analysis_lines",
            "DELETE FROM analysis_parts",
            "DELETE FROM analyses",
            "DELETE FROM jobs",
        ] {
            sqlx::query(sql).execute(&mut db).await.unwrap();
        }
        db.close().await.unwrap();
        app = app.restart().await;
        let begun = model.request_count();
        app.api().post(&format!("/api/chats/{chat}/analyse"), json!({})).await;
        // In the middle of the question of this step.
        model.wait_for_answers(begun + step).await;
        model.hold();
        eventually("the question", async || (model.request_count() > begun + step).then_some(())).await;
        app.kill();
        model.release();
        app = app.restart().await;
        let api = app.api();
        job_in(&api, chat, &["done"]).await;
        let id = api.list(&format!("/api/chats/{chat}/analyses")).await[0]["id"].as_i64().unwrap();
        let again = ended(&api, chat, id).await;
        assert_eq!((told(&again), &again["windows"]), (expected.clone(), &whole["windows"]), "killed at step {step}");
    }
}

#[tokio::test]
async fn it_is_stopped_gone_on_with_and_reads_no_window_twice() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = long_chat(&model, &api).await;
    let begun = model.request_count();
    api.post(&format!("/api/chats/{chat}/analyse"), json!({})).await;
    model.wait_for_answers(begun + 3).await;
    model.hold();
    let job = job_in(&api, chat, &["running"]).await;
    assert_eq!(job["kind"], "analysis");
    api.delete(&format!("/api/chats/{chat}/jobs/{}", job["id"])).await;
    model.release();
    let stopped = api.list(&format!("/api/chats/{chat}/analyses")).await.remove(0);
    assert_eq!((&stopped["state"], &stopped["job"]["state"]), (&json!("running"), &json!("stopped")));
    let done = stopped["progress"]["done"].as_u64().unwrap();
    assert!(done >= 1 && done < stopped["progress"]["total"].as_u64().unwrap(), "{stopped}");
    let analysis = analysed(&api, chat).await;
    assert_eq!(analysis["lines"].as_array().unwrap().len(), 10);
    assert!(analysis["known_windows"].as_u64().unwrap() >= 1, "{analysis}");
}

#[tokio::test]
async fn what_is_forgotten_is_in_no_finding_and_no_line() {
    let (model, app) = with_model().await;
    let api = app.api();
    let (chat, _) = chat_of_a_move(&model, &api).await;
    let analysis = analysed(&api, chat).await;
    assert_eq!(told(&analysis).len(), 2);
    let messages = api.list(&format!("/api/chats/{chat}/messages")).await;
    let cat = messages.iter().find(|message| message["text"].as_str().unwrap().contains("Miro")).unwrap();
    api.delete(&format!("/api/chats/{chat}/messages/{}", cat["id"])).await;
    let left = api.get(&format!("/api/chats/{chat}/analyses/{}", analysis["id"])).await;
    assert_eq!(told(&left), [short("update", "lives in Nantes", "open")]);
    eventually("the bytes to be gone", async || (counted(&app, ["Miro", "a cat called"])[0].1 == 0).then_some(()))
        .await;
}

#[tokio::test]
async fn without_a_language_model_what_was_said_last_holds() {
    let app = TestApp::with().start().await;
    let api = app.api();
    for (old, new) in [
        ("I live in Lyon.", "Big news: I live in Nantes."),
        ("Я живу в Казани.", "Новости: я живу в Туле."),
        ("J’habite à Lyon.", "Nouvelle : j’habite à Nantes."),
    ] {
        let chat = api.console_chat(old).await;
        api.patch(&format!("/api/chats/{chat}"), json!({"analysis_apply": "apply"})).await;
        api.say(chat, old).await;
        let first = analysed(&api, chat).await;
        assert_eq!(told(&first).len(), 1, "{old}: {first}");
        api.say(chat, new).await;
        let second = analysed(&api, chat).await;
        assert_eq!(told(&second)[0].0, "update", "{new}: {second}");
        let now = statements(&api, chat).await;
        assert_eq!(now.len(), 1, "{now:?}");
        assert!(new.to_lowercase().contains(&now[0].to_lowercase()), "{now:?}");
        assert_eq!((&second["cost_usd"], &second["model"]), (&json!(0.0), &json!("offline")));
    }
}

#[tokio::test]
async fn it_begins_by_itself_only_where_that_was_turned_on() {
    let (model, app) = with_model().await;
    let api = app.api();
    let (grown, quiet) = (api.console_chat("Grown").await, api.console_chat("Quiet").await);
    api.patch(&format!("/api/chats/{grown}"), json!({"analysis_growth": 20})).await;
    analysing(&model, |_| json!([]), |_| json!([]));
    for number in 0..20 {
        api.say(grown, &format!("This is message {number} of many.")).await;
        api.say(quiet, &format!("This is message {number} of many.")).await;
    }
    let app = app.restart().await;
    let api = app.api();
    let begun = eventually("an analysis", async || api.list(&format!("/api/chats/{grown}/analyses")).await.pop()).await;
    assert_eq!(begun["asked_by"], "growth");
    ended(&api, grown, begun["id"].as_i64().unwrap()).await;
    assert!(api.list(&format!("/api/chats/{quiet}/analyses")).await.is_empty());
    let app = app.restart().await;
    assert_eq!(app.api().list(&format!("/api/chats/{grown}/analyses")).await.len(), 1, "nothing was said since");
}

#[tokio::test]
async fn the_page_says_what_it_would_take_shows_the_diff_and_takes_it_back() {
    let (model, app) = with_model().await;
    let api = app.api();
    let (chat, _) = chat_of_a_move(&model, &api).await;
    let browser = Browser::start_with(Scripts::Blocked).await;
    crate::pages::sign_in(&browser, &app).await;
    let page = app.url(&format!("/chats/{chat}/analysis"));
    browser.open(&page).await;
    let estimate = browser.wait_for_text("#estimate", "6 messages in 2 questions").await;
    assert!(estimate.contains("at most, by the prices of"), "{estimate}");
    browser.click("form[action='/fn/analyse'] button").await;
    let id = eventually("an analysis", async || {
        api.list(&format!("/api/chats/{chat}/analyses")).await.first().and_then(|analysis| analysis["id"].as_i64())
    });
    ended(&api, chat, id.await).await;
    browser.open(&page).await;
    browser.wait_for_text(".analysis", "waits for you").await;
    let lines = browser.texts(".analysis .proposal .statement").await;
    assert!(lines[0].contains("Lyon") && lines[0].contains("Nantes"), "{lines:?}");
    browser.script("document.querySelectorAll('.quotes, .refusals').forEach(each => { each.open = true; })").await;
    let refused = browser.texts(".refusals li").await;
    for why in [
        "it rests on nothing that was said",
        "it rests on a finding that is not there",
        "it had not the form asked for",
    ] {
        assert!(refused.iter().any(|line| line.contains(why)), "{why}: {refused:?}");
    }
    assert!(!refused.join(" ").contains("yacht"), "nobody said these words: {refused:?}");
    assert_eq!(browser.texts(".analysis mark").await, [NANTES, CAT]);
    browser.click(".analysis > .acts form[action='/fn/accept_lines'] button").await;
    browser.wait_for_text(".analysis .proposal", "applied").await;
    assert_eq!(statements(&api, chat).await, ["lives in Nantes", "has a cat called Miro"]);
    browser.click("form[action='/fn/undo_analysis'] button").await;
    browser.wait_for_text(".analysis .top", "taken back").await;
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"]);
}

#[tokio::test]
async fn what_was_imported_is_read_too() {
    let (model, app) = with_model().await;
    let api = app.api();
    analysing(
        &model,
        |text| said(text, &["I moved to Ghent"]),
        |text| lines([line(text, "add", &[], "lives in Ghent", "moved to Ghent")]),
    );
    let record = |number: i64, text: &str| {
        json!({"id": number, "type": "message", "date_unixtime": (1_700_000_000 + number).to_string(), "from": "Ada",
            "from_id": "user7", "text": text})
    };
    let messages = [record(1, "I moved to Ghent last spring."), record(2, "The bread is good here.")];
    let export = json!({"name": "Ada", "type": "personal_chat", "id": 7, "messages": messages}).to_string();
    api.request(Method::POST, "/api/imports").body(export).send().await.unwrap();
    let chat = eventually("the chat to be there", async || {
        let chats = api.list("/api/chats").await;
        chats.into_iter().find(|chat| chat["message_count"] == 2).and_then(|chat| chat["id"].as_i64())
    })
    .await;
    let analysis = analysed(&api, chat).await;
    assert_eq!((&analysis["windows"], &analysis["message_count"]), (&json!(1), &json!(2)), "{analysis}");
    assert_eq!(told(&analysis), [("add".to_owned(), "lives in Ghent".to_owned(), "open".to_owned())]);
}
