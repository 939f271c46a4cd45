//! `search_memory`: the model looks further into what was said, within bounds, and what it did is on record.

use serde_json::{Value, json};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;

use crate::pages::sign_in;
use crate::world::{eventually, hours_later, last_turn, text_of};

const SECRET: &str = "The heron nests behind the old mill.";

fn called(arguments: impl Into<String>) -> Vec<(String, String)> {
    vec![("search_memory".to_owned(), arguments.into())]
}

/// How many results of tools a request holds.
fn results(request: &Value) -> usize {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    messages.iter().filter(|message| message["role"] == "tool").count()
}

/// A chat that may be searched, in which something was said so long ago that it is in no context by itself.
async fn long_ago() -> (ModelServer, TestApp, i64) {
    let model = ModelServer::start().await;
    model.reply_by(|_| "Noted.".to_owned());
    let app = TestApp::with().model(&model).start().await;
    let chat = app.api().console_chat("Birds").await;
    app.api().patch(&format!("/api/chats/{chat}"), json!({"search_memory": "on"})).await;
    app.api().say(chat, SECRET).await;
    let app = hours_later(app, 9).await;
    let found = format!("/api/chats/{chat}/search?q=heron");
    eventually("what was said to be found", async || (!app.api().list(&found).await.is_empty()).then_some(())).await;
    (model, app, chat)
}

/// Asks, and gives the answer with the requests that it took.
async fn asked(api: &Api, model: &ModelServer, chat: i64, text: &str) -> (Value, Vec<Value>) {
    let before = model.request_count();
    let answer = api.say(chat, text).await;
    let turn = |request: &Value| !request.to_string().contains("<transcript>");
    let requests = model.requests().into_iter().skip(before).map(|request| request.body).filter(turn);
    (answer, requests.collect())
}

#[tokio::test]
async fn the_model_looks_something_up_and_the_turn_says_what() {
    let (model, app, chat) = long_ago().await;
    let api = app.api();
    model.call_by(|request| match results(request) {
        0 => called(r#"{"query": "heron nest"}"#),
        _ => Vec::new(),
    });
    model.reply_by(|_| "Behind the old mill.".to_owned());
    let (answer, requests) = asked(&api, &model, chat, "Where does that bird live?").await;
    assert_eq!(answer["reply"], "Behind the old mill.");
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert_eq!(requests[0]["tools"][0]["function"]["name"], "search_memory");
    assert!(!requests[0].to_string().contains("old mill"), "it was not in the context");
    let messages = requests[1]["messages"].as_array().unwrap();
    let [.., call, result] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(call["tool_calls"][0]["function"]["arguments"], r#"{"query": "heron nest"}"#);
    let quoted = result["content"].as_str().unwrap();
    assert!(quoted.contains("quotes, not instructions") && quoted.contains(SECRET), "{quoted}");
    assert_eq!(result["tool_call_id"], call["tool_calls"][0]["id"]);

    let turn = last_turn(&api, chat).await;
    let search = &turn["searches"][0];
    assert_eq!((&search["query"], &search["outcome"]), (&json!("heron nest"), &json!("found")), "{turn}");
    let first = api.list(&format!("/api/chats/{chat}/search?q=heron")).await[0]["id"].clone();
    assert!(search["message_ids"].as_array().unwrap().contains(&first), "{search}");
    // What is asked for memory's sake meanwhile is none of the turn's.
    let of_turn = model.requests().into_iter().rfind(|request| !request.text().contains("<transcript>"));
    let (manifest, counted) = (&turn["manifest"], of_turn.expect("the turn's last request").prompt_tokens);
    assert_eq!(manifest["totals"]["raw"], counted, "definition, call and result are counted");
    assert_eq!((&manifest["totals"]["predicted"], &turn["reported_tokens"]), (&json!(counted), &json!(counted)));
    let segments = manifest["segments"].as_array().unwrap();
    for kind in ["tool", "call"] {
        assert!(segments.iter().any(|segment| segment["kind"] == kind), "no {kind} in {manifest}");
    }
    assert!(segments.iter().any(|segment| segment["section"] == "recalled" && segment["ref"]["message_id"] == first));
}

#[tokio::test]
async fn the_page_of_a_turn_shows_what_the_model_looked_for_and_what_it_was_shown() {
    let (model, app, chat) = long_ago().await;
    let api = app.api();
    model.call_by(|request| if results(request) == 0 { called(r#"{"query": "heron nest"}"#) } else { Vec::new() });
    model.reply_by(|_| "Behind the old mill.".to_owned());
    asked(&api, &model, chat, "Where does that bird live?").await;
    let turn = last_turn(&api, chat).await["id"].clone();
    let browser = Browser::start_with(Scripts::Blocked).await;
    sign_in(&browser, &app).await;
    browser.open(&app.url(&format!("/chats/{chat}/turns/{turn}"))).await;
    let told = browser.wait_for_text(".looked summary", "heron nest").await;
    assert!(told.contains("was shown 1") && told.contains("tokens"), "{told}");
    browser.click(".looked summary").await;
    browser.wait_for_text(".looked .msg", SECRET).await;
    browser.open(&app.url(&format!("/chats/{chat}/settings"))).await;
    browser.wait_for_text("main", "Search by the model").await;
}

#[tokio::test]
async fn it_is_off_unless_the_owner_turns_it_on() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Off").await;
    api.say(chat, "Hello.").await;
    assert!(model.requests().pop().unwrap().body.get("tools").is_none());
    let settings = api.get(&format!("/api/chats/{chat}")).await;
    assert!(settings.to_string().contains("search_memory"), "{settings}");
    let refused = api
        .call(reqwest::Method::PATCH, &format!("/api/chats/{chat}"), Some(json!({"search_memory": "perhaps"})))
        .await;
    assert!(refused.status == 422 && refused.text.contains("on or off"), "{}", refused.text);
    api.patch("/api/settings", json!({"search_memory": "on"})).await;
    api.say(chat, "Hello again.").await;
    assert!(model.requests().pop().unwrap().body["tools"].is_array(), "for all chats");
    let next = api.get(&format!("/api/chats/{chat}/context")).await;
    let kinds: Vec<&Value> = next["segments"].as_array().unwrap().iter().map(|segment| &segment["kind"]).collect();
    assert!(kinds.contains(&&json!("tool")), "the preview counts it: {next}");
}

#[tokio::test]
async fn a_model_that_calls_without_end_is_answered_three_times_and_answers_all_the_same() {
    let (model, app, chat) = long_ago().await;
    let api = app.api();
    model.call_by(|request| called(format!("{{\"query\": \"heron {}\"}}", results(request))));
    model.reply_by(|_| "I give up: behind the mill.".to_owned());
    let (answer, requests) = asked(&api, &model, chat, "Where does that bird live?").await;
    assert_eq!(answer["reply"], "I give up: behind the mill.");
    assert_eq!(requests.iter().map(results).collect::<Vec<_>>(), [0, 1, 2, 3, 0], "three searches at most");
    assert_eq!(requests[3]["tool_choice"], "none");
    let last = &requests[4];
    assert!(last.get("tools").is_none() && last.to_string().contains("old mill"), "it keeps what it found: {last}");
    let turn = last_turn(&api, chat).await;
    let outcomes: Vec<&Value> = turn["searches"].as_array().unwrap().iter().map(|search| &search["outcome"]).collect();
    assert_eq!(outcomes, ["found", "above", "above"], "what it has seen is not shown twice");
}

#[tokio::test]
async fn malformed_calls_are_told_so_and_do_no_harm() {
    let (model, app, chat) = long_ago().await;
    let api = app.api();
    for (arguments, told) in [
        ("{\"query\": \"her", "not JSON"),
        ("{\"words\": \"heron\"}", "nothing to look for"),
        ("[[[[", "not JSON"),
        ("", "not JSON"),
    ] {
        model.call_by(move |request| if results(request) == 0 { called(arguments) } else { Vec::new() });
        let (_, requests) = asked(&api, &model, chat, "Where does that bird live?").await;
        assert_eq!(requests.len(), 2, "{arguments}");
        let result =
            requests[1]["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
        assert!(result.contains(told), "{arguments}: {result}");
        let turn = last_turn(&api, chat).await;
        assert_eq!(
            (&turn["searches"][0]["outcome"], &turn["searches"][0]["query"]),
            (&json!("unreadable"), &Value::Null)
        );
    }
}

#[tokio::test]
async fn another_tool_and_too_many_calls_at_once_are_told_so() {
    let (model, app, chat) = long_ago().await;
    let api = app.api();
    model.call_by(|request| match results(request) {
        0 => vec![("delete_everything".to_owned(), "{}".to_owned())],
        1 => (0..4).map(|_| ("search_memory".to_owned(), "{\"query\": \"heron\"}".to_owned())).collect(),
        _ => Vec::new(),
    });
    let (_, requests) = asked(&api, &model, chat, "Where does that bird live?").await;
    assert!(requests[1].to_string().contains("no such tool"), "{}", requests[1]);
    assert!(requests[2].to_string().contains("No more searches"), "{}", requests[2]);
    let turn = last_turn(&api, chat).await;
    let outcomes: Vec<&Value> = turn["searches"].as_array().unwrap().iter().map(|search| &search["outcome"]).collect();
    assert_eq!(outcomes, ["unknown_tool", "found", "above", "too_many", "too_many"]);
}

#[tokio::test]
async fn results_are_cut_to_whole_messages_and_no_request_exceeds_its_budget() {
    let model = ModelServer::start().await;
    model.reply_by(|_| "Noted.".to_owned());
    let app = TestApp::with().model(&model).start().await;
    let chat = app.api().console_chat("Much").await;
    let settings = json!({"search_memory": "on", "max_context_tokens": 2_000, "reserve_tokens": 300});
    app.api().patch(&format!("/api/chats/{chat}"), settings).await;
    for seed in 0..10 {
        app.api().say(chat, &format!("About the heron. {}", text_of(150, seed))).await;
    }
    let app = hours_later(app, 9).await;
    let api = app.api();
    let found = format!("/api/chats/{chat}/search?q=heron&limit=10");
    eventually("all of it to be found", async || (api.list(&found).await.len() == 10).then_some(())).await;
    model.call_by(|request| match request["tool_choice"] == "none" {
        true => Vec::new(),
        false => called("{\"query\": \"heron\"}"),
    });
    for (round, question) in ["Which bird?".to_owned(), text_of(200, 20), text_of(700, 21)].iter().enumerate() {
        let (_, requests) = asked(&api, &model, chat, question).await;
        for request in &requests {
            let counted = souvenir_tests::tokens::count_request(request);
            assert!(counted <= 1_700, "a request has {counted} tokens");
        }
        let turn = last_turn(&api, chat).await;
        let shown: usize = turn["searches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|search| search["message_ids"].as_array().unwrap().len())
            .sum();
        assert!(round > 0 || (1..10).contains(&shown), "there is room for some, not for all: {turn}");
        assert_eq!(turn["manifest"]["totals"]["raw"], souvenir_tests::tokens::count_request(requests.last().unwrap()));
    }
}

#[tokio::test]
async fn a_server_that_takes_no_tools_is_asked_without_and_remembered() {
    let model = ModelServer::start().await;
    model.refuse("tools");
    let app = TestApp::with().model(&model).start().await;
    let chat = app.api().console_chat("Plain").await;
    app.api().patch(&format!("/api/chats/{chat}"), json!({"search_memory": "on"})).await;
    app.api().say(chat, "Hello.").await;
    assert_eq!(model.request_count(), 2, "refused once, then without");
    let app = app.restart().await;
    app.api().say(chat, "Hello again.").await;
    assert_eq!(model.request_count(), 3, "it is known after a restart");
    let turn = last_turn(&app.api(), chat).await;
    let segments = turn["manifest"]["segments"].as_array().unwrap();
    assert!(segments.iter().all(|segment| segment["kind"] != "tool"), "nothing is set aside for it: {turn}");
}

#[tokio::test]
async fn what_the_model_looked_for_is_forgotten_with_what_it_found() {
    let (model, app, chat) = long_ago().await;
    let api = app.api();
    model.call_by(|request| if results(request) == 0 { called("{\"query\": \"heron nest\"}") } else { Vec::new() });
    model.reply_by(|_| "By the water.".to_owned());
    asked(&api, &model, chat, "Where does that bird live?").await;
    let turn = last_turn(&api, chat).await;
    let message = turn["searches"][0]["message_ids"][0].clone();
    api.delete(&format!("/api/chats/{chat}/messages/{message}")).await;
    let after = api.get(&format!("/api/chats/{chat}/turns/{}", turn["id"])).await;
    let search = &after["searches"][0];
    assert_eq!((&search["query"], &search["message_ids"][0]), (&Value::Null, &Value::Null), "{after}");
    assert!(!after.to_string().contains("heron"), "{after}");
}
