//! What becomes of imported history: episodes, summaries and facts, and what a model that costs something waits for.

use super::*;

/// Waits until nothing in a chat waits to be summed up.
async fn summed_up(app: &TestApp, chat: i64) {
    let mut seen = Value::Null;
    loop {
        let job = eventually("the work to get on", async || {
            let jobs = app.api().list(&format!("/api/chats/{chat}/jobs")).await;
            jobs.into_iter().next().filter(|job| job["progress"] != seen || is_over(&job["state"]))
        })
        .await;
        if is_over(&job["state"]) {
            assert_eq!(job["state"], "done", "{job}");
            return;
        }
        seen = job["progress"].clone();
    }
}

async fn facts_in_force(app: &TestApp, chat: i64) -> Vec<String> {
    let facts = app.api().list(&format!("/api/chats/{chat}/facts")).await;
    let mut said: Vec<String> = facts
        .iter()
        .filter(|fact| fact["status"] == "active")
        .map(|fact| fact["statement"].as_str().unwrap_or_default().to_owned())
        .collect();
    said.sort();
    said
}

fn current(year: &Year) -> Vec<String> {
    let mut said: Vec<String> = year.current().iter().map(|told| told.statement.clone()).collect();
    said.sort();
    said
}

#[tokio::test]
async fn a_model_that_costs_something_waits_for_the_owners_word() {
    let model = ModelServer::start().await;
    let year = Year::new(2);
    let script = year.clone();
    model.reply_by(move |request| {
        let text = request["messages"].as_array().and_then(|all| all.last()).map(souvenir_tests::tokens::message_text);
        script.consolidation(&text.unwrap_or_default()).to_string()
    });
    let setup = TestApp::with().model(&model).env("SOUVENIR_MEMORY_MODEL", "gpt-6-luna");
    // Its first hundred days.
    let until = BEGINS + 100 * DAY;
    let mut document = year.result_json();
    let is_early = |said: &Value| said["date_unixtime"].as_str().is_some_and(|at| at.parse::<i64>().unwrap() < until);
    document["messages"].as_array_mut().unwrap().retain(is_early);
    let file = write(&setup, "result.json", &document.to_string());
    let said = import(&setup, &[&file]).await;
    assert!(
        said.contains("wait to be summed up by gpt-6-luna, for about $") && said.contains("--consolidate"),
        "{said}"
    );
    let app = setup.start().await;
    let waiting = app.api().list("/api/imports/waiting").await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let messages = waiting[0]["messages"].as_u64().unwrap();
    assert_eq!(messages, year.lines().iter().filter(|line| line.at < until).count() as u64);
    assert!(waiting[0]["estimated_cost_usd"].as_f64().is_some_and(|usd| usd > 0.0), "{waiting:?}");
    assert!(app.api().list("/api/chats/1/jobs").await.is_empty(), "nobody was asked");
    what_waits_is_told(&app).await;
    let answer = app.api().call(Method::POST, "/api/chats/1/imported/consolidate", None).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    summed_up(&app, 1).await;
    let mut told: Vec<String> = year.in_force_at(until).iter().map(|told| told.statement.clone()).collect();
    told.sort();
    assert_eq!(facts_in_force(&app, 1).await, told);
    assert!(app.api().list("/api/imports/waiting").await.is_empty());
    let again = import(app.setup(), &[&file]).await;
    assert!(!again.contains("page of imports"), "nothing came, nothing waits: {again}");
    let more = write(app.setup(), "more.json", &chat(&[message(5, AT, "I live in Lyon.")]).to_string());
    let more = import(app.setup(), &[&more]).await;
    assert!(more.contains("The page of imports in the dashboard says what summing it up would cost"), "{more}");
}

/// Where the owner begins, and where the episodes stand, the pages say that they wait, and where it goes on.
async fn what_waits_is_told(app: &TestApp) {
    let browser = Browser::start_with(Scripts::Blocked).await;
    sign_in(&browser, app).await;
    browser.open(&app.url("/")).await;
    let waiting = browser.wait_for_text(".waiting", "imported, not summed up yet").await;
    assert!(waiting.contains("messages"), "{waiting}");
    let since = browser.texts(".head .meta").await;
    assert!(!since[0].contains("2026"), "it is as old as its oldest message: {since:?}");
    browser.open(&app.url("/chats/1/episodes")).await;
    let episode = browser.wait_for_text(".episode", "no model reads it before you say so").await;
    assert!(episode.contains("waits for you") && !episode.contains("summed up\n"), "{episode}");
    browser.click(".episode a[href='/imports']").await;
    browser.wait_for_path(|path| path == "/imports").await;
}

/// A conversation with something in the middle of it, or without.
fn conversation(with_middle: bool) -> String {
    let mut messages = vec![message(1, AT, "I live in Lyon."), message(3, AT + 120, "It rains here today.")];
    if with_middle {
        messages.insert(1, message(2, AT + 60, "I work as a baker."));
    }
    chat(&messages).to_string()
}

#[tokio::test]
async fn what_comes_into_the_middle_of_an_episode_is_summed_up_with_it() {
    let setup = TestApp::with();
    let file = write(&setup, "result.json", &conversation(false));
    import(&setup, &[&file]).await;
    let app = setup.start().await;
    summed_up(&app, 1).await;
    let before = facts_in_force(&app, 1).await;
    assert!(before.iter().any(|fact| fact.contains("Lyon")), "{before:?}");
    let file = write(app.setup(), "more.json", &conversation(true));
    let said = import(app.setup(), &[&file]).await;
    assert!(said.contains("1 message is new") && said.contains("2 were there already"), "{said}");
    let after = eventually("the middle to be summed up", async || {
        let facts = facts_in_force(&app, 1).await;
        facts.iter().any(|fact| fact.contains("baker")).then_some(facts)
    })
    .await;
    assert_eq!(after.len(), before.len() + 1, "nothing is known twice: {after:?}");
    let episodes = app.api().list("/api/chats/1/episodes").await;
    assert_eq!(episodes.len(), 1, "{episodes:?}");
}

#[tokio::test]
async fn what_comes_into_the_middle_waits_for_the_owners_word_where_it_costs_something() {
    let model = ModelServer::start().await;
    consolidating(&model, |text| {
        json!([add(text, "lives in Lyon", "I live in Lyon"), add(text, "is a baker", "I work as a baker")])
    });
    let app = TestApp::with().model(&model).start().await;
    let file = write(app.setup(), "result.json", &conversation(false));
    import(app.setup(), &[&file, "--consolidate"]).await;
    summed_up(&app, 1).await;
    assert_eq!(facts_in_force(&app, 1).await, ["lives in Lyon"]);
    let asked = model.request_count();
    let file = write(app.setup(), "more.json", &conversation(true));
    let said = import(app.setup(), &[&file]).await;
    assert!(said.contains("The page of imports"), "{said}");
    let held = eventually("the episode to wait", async || {
        let waiting = app.api().list("/api/imports/waiting").await;
        waiting.into_iter().next().filter(|waiting| waiting["episodes"] == 1)
    })
    .await;
    assert_eq!((&held["messages"], model.request_count()), (&json!(3), asked), "nobody was asked: {held}");
    let episodes = app.api().list("/api/chats/1/episodes").await;
    assert!(!episodes[0]["summary"].is_null(), "the summary stays until then");
    let answer = app.api().call(Method::POST, "/api/chats/1/imported/consolidate", None).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let facts = eventually("both to be known", async || {
        let facts = facts_in_force(&app, 1).await;
        (facts.len() == 2).then_some(facts)
    })
    .await;
    assert_eq!(facts, ["is a baker", "lives in Lyon"]);
    let transcript = model.requests().last().map(|request| request.text()).unwrap_or_default();
    assert!(transcript.contains("I live in Lyon") && transcript.contains("It rains here"), "all of it: {transcript}");
}

#[tokio::test]
async fn the_offline_model_sums_a_year_up_and_an_export_brings_it_back() {
    let setup = TestApp::with();
    let year = Year::new(3);
    let file = write(&setup, "result.json", &pretty(&year.result_json()));
    import(&setup, &[&file]).await;
    let app = setup.start().await;
    summed_up(&app, 1).await;
    assert_eq!(facts_in_force(&app, 1).await, current(&year));
    app.api().patch("/api/chats/1", json!({"session_duration": "long"})).await;
    let facts = app.api().list("/api/chats/1/facts").await;
    app.api().patch(&format!("/api/chats/1/facts/{}", facts[0]["id"]), json!({"pinned": true})).await;
    app.api().delete(&format!("/api/chats/1/facts/{}", facts[1]["id"])).await;
    let here = app.setup().run(&["export", "--chat", "1"]).await;
    assert!(here.status.success(), "{here:?}");
    let there = Answer::to(app.api().request(Method::GET, "/api/chats/1/export")).await;
    assert_eq!(lines(&here.stdout), lines(&there.text), "the command and the API write the same");

    let other = TestApp::with();
    let file = write(&other, "chat.jsonl", &here.stdout);
    let said = import(&other, &[&file]).await;
    assert!(said.contains("messages are new") && said.contains("facts came along"), "{said}");
    let again = import(&other, &[&file]).await;
    assert!(again.contains("there already"), "{again}");
    let back = other.run(&["export", "--chat", "1"]).await;
    let (before, after) = (lines(&here.stdout), lines(&back.stdout));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    assert_eq!(before.len(), after.len());
    let other = other.start().await;
    assert_eq!(facts_in_force(&other, 1).await, facts_in_force(&app, 1).await);
    let read = other.setup().run(&["export", "--chat", "1", "--markdown"]).await;
    assert!(read.stdout.starts_with("# Vera\n\n## Wednesday 1 January 2025"), "{}", &read.stdout[..200]);
    assert!(read.stdout.contains("## What is remembered"));
}
