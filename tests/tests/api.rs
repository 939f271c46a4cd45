//! The HTTP API, as a script sees it.

use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;
use souvenir_tests::tokens;

use crate::world::{World, hours_later, last_turn};

struct Talk {
    model: ModelServer,
    app: TestApp,
    api: Api,
    chat: i64,
}

async fn talk() -> Talk {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Console").await;
    Talk { model, app, api, chat }
}

impl Talk {
    fn path(&self, rest: &str) -> String {
        format!("/api/chats/{}{rest}", self.chat)
    }
}

#[tokio::test]
async fn a_console_chat_answers_and_tells_its_turn() {
    let talk = talk().await;
    let answer = talk.api.say(talk.chat, "hello there").await;
    assert!(answer["reply"].as_str().unwrap().contains("hello there"), "{answer}");
    let turn = talk.api.get(&talk.path(&format!("/turns/{}", answer["turn_id"]))).await;
    assert_eq!((&turn["state"], &turn["id"]), (&json!("done"), &answer["turn_id"]), "{turn}");
    let messages = talk.api.list(&talk.path("/messages")).await;
    assert_eq!(messages.len(), 2);
    // Newest first; exact counts; in a tier.
    assert_eq!((&messages[0]["role"], &messages[1]["role"]), (&json!("assistant"), &json!("user")));
    assert_eq!(messages[1]["id"], answer["message_id"]);
    assert_eq!(messages[1]["tokens"], tokens::count("hello there"));
    assert_eq!((&messages[1]["tier"], &messages[1]["archived"]), (&json!("short_term"), &json!(false)));
    assert!(messages[1]["created_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{}", messages[1]);
    let conversation = talk.api.get(&talk.path("/conversation")).await;
    assert_eq!(conversation["message_count"], 2, "{conversation}");
    assert_eq!(conversation["recent_messages"][0]["content"], "hello there");
    assert!(conversation["context_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_console_reply_can_be_streamed() {
    let talk = talk().await;
    talk.model.reply_with(["one two three four"]);
    let events = talk.api.say_streaming(talk.chat, "count").await.to_end().await;
    let deltas: Vec<_> = events.iter().filter(|event| event.name == "delta").collect();
    assert!(deltas.len() >= 2, "{events:?}");
    let text: String = deltas.iter().filter_map(|event| event.json()["text"].as_str().map(str::to_owned)).collect();
    assert_eq!(text, "one two three four", "{events:?}");
    let done = events.last().unwrap();
    assert_eq!((done.name.as_str(), &done.json()["reply"]), ("done", &json!("one two three four")), "{events:?}");
}

#[tokio::test]
async fn a_failed_console_turn_is_told_in_both_ways() {
    let talk = talk().await;
    talk.model.go_down();
    let answer = talk.api.call(Method::POST, &talk.path("/messages"), Some(json!({"text": "anybody?"}))).await;
    assert!((500..600).contains(&answer.status), "{} {}", answer.status, answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let events = talk.api.say_streaming(talk.chat, "anybody at all?").await.to_end().await;
    assert_eq!(events.last().map(|event| event.name.as_str()), Some("error"), "{events:?}");
    talk.model.go_up().await;
    talk.api.say(talk.chat, "and now?").await;
    assert!(talk.model.requests().pop().unwrap().text().contains("anybody at all?"));
}

#[tokio::test]
async fn events_tell_of_messages_as_they_come() {
    let world = World::start().await;
    world.ask("hello").await;
    let api = world.app.api();
    let mut events = api.events(&format!("/api/chats/{}/events", world.chat().await)).await;
    world.bot.say(&world.ada, "news from Telegram");
    events.next_that("a message", |event| event.name == "message").await;
    events.next_that("the end of the turn", |event| event.name == "turn_finished").await;
}

#[tokio::test]
async fn facts_are_kept_with_their_versions() {
    let talk = talk().await;
    let fact = talk.api.post(&talk.path("/facts"), json!({"statement": "Lives in Oslo"})).await;
    let id = fact["id"].as_i64().expect("an id");
    let path = talk.path(&format!("/facts/{id}"));
    assert_eq!(fact["statement"], "Lives in Oslo");
    talk.api.say(talk.chat, "where do I live?").await;
    assert!(talk.model.requests().pop().unwrap().text().contains("Lives in Oslo"));

    let edited = talk.api.patch(&path, json!({"statement": "Lives in Bergen", "pinned": true})).await;
    assert_eq!((&edited["statement"], &edited["pinned"]), (&json!("Lives in Bergen"), &json!(true)));
    let history = talk.api.list(&format!("{path}/history")).await;
    let versions: Vec<_> = history.iter().map(|version| version["statement"].as_str().unwrap()).collect();
    assert!(versions.contains(&"Lives in Oslo") && versions.contains(&"Lives in Bergen"), "{history:?}");
    let first = history.iter().find(|version| version["version"] == 1).unwrap();
    let then = first["recorded_at"].as_str().unwrap();
    let before = talk.api.list(&talk.path(&format!("/facts?as_of={then}"))).await;
    assert_eq!(before[0]["statement"], "Lives in Oslo", "{before:?}");
    talk.api.say(talk.chat, "and now?").await;
    let request = talk.model.requests().pop().unwrap().text();
    assert!(request.contains("Lives in Bergen"), "{request}");

    talk.api.call(Method::DELETE, &path, None).await;
    assert!(!in_force(&talk).await.contains(&"Lives in Bergen".to_owned()));
    talk.api.say(talk.chat, "and after?").await;
    let request = talk.model.requests().pop().unwrap();
    assert!(
        !request.messages()[..request.messages().len() - 1]
            .iter()
            .any(|(role, text)| role == "system" && text.contains("Bergen"))
    );
    talk.api.post(&format!("{path}/restore"), json!({})).await;
    assert!(in_force(&talk).await.contains(&"Lives in Bergen".to_owned()));
}

async fn in_force(talk: &Talk) -> Vec<String> {
    let facts = talk.api.list(&talk.path("/facts")).await;
    let active = facts.iter().filter(|fact| fact["status"] == "active");
    active.filter_map(|fact| fact["statement"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn goals_can_be_asked_for() {
    let talk = talk().await;
    let goal = json!({"statement": "Run a marathon", "kind": "goal", "goal_state": "open"});
    talk.api.post(&talk.path("/facts"), goal).await;
    talk.api.post(&talk.path("/facts"), json!({"statement": "Likes tea", "kind": "preference"})).await;
    let goals = talk.api.list(&talk.path("/facts?kind=goal&state=open")).await;
    assert_eq!(goals.len(), 1, "{goals:?}");
    assert!(talk.api.list(&talk.path("/facts?kind=goal&state=done")).await.is_empty());
    let empty = talk.api.call(Method::POST, &talk.path("/facts"), Some(json!({"statement": "  "}))).await;
    assert_eq!(empty.status / 100, 4, "{}", empty.text);
}

#[tokio::test]
async fn changing_the_session_duration_moves_the_tiers_both_ways() {
    let talk = talk().await;
    talk.api.say(talk.chat, "said some hours ago").await;
    let app = hours_later(talk.app, 4).await;
    let api = app.api();
    let path = format!("/api/chats/{}", talk.chat);
    let short_term = async || api.list(&format!("{path}/messages?tier=short_term")).await.len();
    let mid_term = async || api.list(&format!("{path}/messages?tier=mid_term")).await.len();

    api.patch(&path, json!({"session_duration": "short"})).await;
    assert_eq!((short_term().await, mid_term().await), (0, 2));
    let what_if = api.get(&format!("{path}/context?session_duration=medium")).await;
    assert_eq!(what_if["session_minutes"], 360);
    assert_eq!((short_term().await, mid_term().await), (0, 2), "what-if changed something");
    api.patch(&path, json!({"session_duration": "medium"})).await;
    assert_eq!((short_term().await, mid_term().await), (2, 0));
    api.patch(&path, json!({"session_duration": 200})).await;
    assert_eq!((short_term().await, mid_term().await), (0, 2));
    for wrong in [json!(14), json!(10_081), json!("forever")] {
        let refused = api.call(Method::PATCH, &path, Some(json!({"session_duration": wrong}))).await;
        assert!(refused.status == 400 || refused.status == 422, "{wrong}: {} {}", refused.status, refused.text);
    }
    assert_eq!(api.list(&format!("{path}/messages")).await.len(), 2);
}

#[tokio::test]
async fn settings_reach_the_model() {
    let talk = talk().await;
    let change = json!({"system_prompt": "You are a pirate.", "chat_model": "gpt-6-luna", "max_context_tokens": 2_000});
    talk.api.patch(&talk.path(""), change).await;
    talk.api.say(talk.chat, "ahoy").await;
    let request = talk.model.requests().pop().unwrap();
    assert_eq!(request.body["model"], "gpt-6-luna");
    assert!(request.messages()[0].1.contains("You are a pirate."), "{request:?}");
    let refused = talk.api.call(Method::PATCH, &talk.path(""), Some(json!({"no_such_setting": 1}))).await;
    assert!(refused.status == 400 || refused.status == 422, "{} {}", refused.status, refused.text);
    assert!(refused.text.contains("no_such_setting"), "{}", refused.text);
}

#[tokio::test]
async fn messages_can_be_archived_and_brought_back() {
    let talk = talk().await;
    let answer = talk.api.say(talk.chat, "the password is swordfish").await;
    let ids = json!({"ids": [answer["message_id"]], "archived": true});
    talk.api.post(&talk.path("/messages/archive"), ids).await;
    talk.api.say(talk.chat, "what was it?").await;
    let request = talk.model.requests().pop().unwrap();
    let first = request.messages().iter().any(|(role, text)| role == "user" && text == "the password is swordfish");
    assert!(!first, "an archived message reached the model");
    let archived = talk.api.list(&talk.path("/messages?archived=true")).await;
    assert_eq!(archived.len(), 1);
    let ids = json!({"ids": [answer["message_id"]], "archived": false});
    talk.api.post(&talk.path("/messages/archive"), ids).await;
    assert!(talk.api.list(&talk.path("/messages?archived=true")).await.is_empty());
}

#[tokio::test]
async fn a_past_turn_can_be_rebuilt_with_other_settings() {
    let talk = talk().await;
    for word in ["one", "two", "three"] {
        talk.api.say(talk.chat, &format!("{word} {}", "filler ".repeat(200))).await;
    }
    let turn = last_turn(&talk.api, talk.chat).await;
    let path = talk.path(&format!("/turns/{}/replay", turn["id"]));
    let same = talk.api.get(&path).await;
    assert_eq!(same["totals"]["raw"], turn["manifest"]["totals"]["raw"], "{same}");
    let smaller = talk.api.get(&format!("{path}?max_context_tokens=1200")).await;
    assert!(smaller["totals"]["raw"].as_u64() < same["totals"]["raw"].as_u64());
}

#[tokio::test]
async fn lists_come_in_pages() {
    let talk = talk().await;
    for n in 0..30 {
        talk.model.reply_with([format!("answer {n}")]);
        talk.api.say(talk.chat, &format!("question {n}")).await;
    }
    let page = talk.api.get(&talk.path("/messages")).await;
    assert!(page["items"].as_array().unwrap().len() <= 200);
    let all = talk.api.list(&talk.path("/messages?limit=7")).await;
    let ids: Vec<_> = all.iter().filter_map(|message| message["id"].as_i64()).collect();
    assert_eq!(ids.len(), 60);
    assert!(ids.is_sorted_by(|newer, older| newer > older), "{ids:?}");
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem_document() {
    let talk = talk().await;
    for path in [
        "/api/chats/4711",
        "/api/chats/4711/turns",
        "/api/nothing",
        &talk.path("/turns/4711"),
        &talk.path("/facts/4711/history"),
    ] {
        let answer = talk.api.call(Method::GET, path, None).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"), "{path}");
        assert!(answer.json["title"].is_string() && answer.json["status"] == 404, "{path}: {}", answer.text);
    }
    for body in ["{", "{\"txt\": 1}", "[]", "{\"text\": \" \"}"] {
        let request = talk.api.request(Method::POST, &talk.path("/messages"));
        let request = request.header("content-type", "application/json").body(body);
        let answer = souvenir_tests::harness::Answer::to(request).await;
        assert!(answer.status == 400 || answer.status == 422, "{body}: {} {}", answer.status, answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{body}");
    }
}

#[tokio::test]
async fn the_description_of_the_api_is_whole() {
    let talk = talk().await;
    let description = talk.api.get("/api/openapi.json").await;
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    for path in [
        "/api/chats",
        "/api/chats/{id}",
        "/api/chats/{id}/messages",
        "/api/chats/{id}/conversation",
        "/api/chats/{id}/context",
        "/api/chats/{id}/turns",
        "/api/chats/{id}/facts",
        "/api/chats/{id}/events",
    ] {
        assert!(description["paths"][path].is_object(), "{path} is not described: {}", names(&description["paths"]));
    }
    let mut references = Vec::new();
    collect_references(&description, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads outside"));
        assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn names(object: &Value) -> String {
    object.as_object().map(|object| object.keys().cloned().collect::<Vec<_>>().join(" ")).unwrap_or_default()
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect_references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn accept_decides_between_json_and_a_stream() {
    let talk = talk().await;
    let request = talk.api.request(Method::POST, &talk.path("/messages"));
    let request = request.header(ACCEPT, "application/json").json(&json!({"text": "plain"}));
    let answer = souvenir_tests::harness::Answer::to(request).await;
    assert!(answer.header("content-type").starts_with("application/json"));
}
