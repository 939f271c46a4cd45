//! The API against its own description: requests made from it, right, nearly right and absurd, by seed.
//!
//! `cargo xtask fuzz-api` does the same with a fuzzer and for longer. This one runs with every test.

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::harness::{Answer, Api, TestApp};

use super::schema::{Description, Dice, strange_words};

/// Requests for each operation.
const ROUNDS: usize = 14;

/// An operation: its method, its path, and what is said of it.
struct Operation<'a> {
    method: Method,
    path: &'a str,
    said: &'a Value,
}

fn operations(description: &Value) -> Vec<Operation<'_>> {
    let paths = description["paths"].as_object().expect("paths");
    // Streams have no end; a test of their own opens them.
    let ending = paths.iter().filter(|(path, _)| !path.ends_with("/events"));
    let mut all: Vec<Operation<'_>> = ending
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").iter().map(move |(method, said)| Operation {
                method: method.to_uppercase().parse().expect("a method"),
                path,
                said,
            })
        })
        .collect();
    // What takes a whole chat away comes last: the others want something to be there.
    all.sort_by_key(|operation| operation.method == Method::DELETE && operation.path == "/api/chats/{id}");
    all
}

impl Operation<'_> {
    /// The path with its parameters, mostly of things that are there, and with some of the query's.
    fn address(&self, dice: &mut Dice) -> String {
        let mut address = self.path.to_owned();
        for name in ["id", "fact", "turn", "message"] {
            let odd =
                ["0", "-1", "9223372036854775807", "9223372036854775808", "x", "%00", "1.0", "%F0%9F%8D%B5", "1%2F2"];
            let id = if dice.below(4) == 0 { *dice.pick(&odd) } else { *dice.pick(&["1", "1", "2"]) };
            address = address.replace(&format!("{{{name}}}"), id);
        }
        let queries = self.said["parameters"].as_array().into_iter().flatten();
        let mut join = '?';
        for parameter in queries.filter(|parameter| parameter["in"] == "query") {
            let value = match dice.below(4) {
                0 => continue,
                1 => encoded(dice.pick::<String>(&strange_words())),
                _ => (*dice.pick(&[
                    "1",
                    "500",
                    "45",
                    "short",
                    "goal",
                    "open",
                    "active",
                    "true",
                    "mid_term",
                    "2026-11-22",
                ]))
                .to_owned(),
            };
            if value.len() < 20_000 {
                address.push_str(&format!("{join}{}={value}", parameter["name"].as_str().expect("a name")));
                join = '&';
            }
        }
        address
    }

    async fn call(&self, api: &Api, address: &str, body: Option<&Value>) -> Answer {
        let request = api.request(self.method.clone(), address);
        Answer::to(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// Whether the answer is one that the description speaks of.
    fn check(&self, description: &Description, answer: &Answer) -> Result<(), String> {
        let responses = &self.said["responses"];
        let Some(response) = responses.get(answer.status.to_string()) else {
            return Err(format!("{} is not described", answer.status));
        };
        let Some(content) = response["content"].as_object() else {
            return if answer.text.is_empty() { Ok(()) } else { Err("no content is described".to_owned()) };
        };
        let kind = answer.header("content-type").split(';').next().unwrap_or_default();
        let Some(media) = content.get(kind) else { return Err(format!("{kind} is not described")) };
        // A file is a text, whatever it says.
        let text = Value::String(answer.text.clone());
        let body = if kind.ends_with("json") { &answer.json } else { &text };
        description.conforms(&media["schema"], body, "the answer")
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Two chats with a little of everything in them.
async fn furnished(app: &TestApp) -> Api {
    let api = app.api();
    for title in ["Kitchen", "December"] {
        let chat = api.console_chat(title).await;
        api.say(chat, "I like green tea").await;
        api.post(&format!("/api/chats/{chat}/facts"), json!({"statement": "Likes tea", "kind": "goal"})).await;
    }
    api
}

#[tokio::test]
async fn whatever_is_asked_the_answer_is_one_that_the_description_speaks_of() {
    let app = TestApp::with().start().await;
    let api = furnished(&app).await;
    let description = Description(api.get("/api/openapi.json").await);
    let mut dice = Dice(2_026);
    let mut lies = Vec::new();
    for operation in operations(&description.0) {
        let body = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        for _ in 0..ROUNDS {
            let address = operation.address(&mut dice);
            let body = (!body.is_null()).then(|| description.invent(body, &mut dice));
            let answer = operation.call(&api, &address, body.as_ref()).await;
            if let Err(lie) = operation.check(&description, &answer) {
                let body = body.map(|body| format!("{body:.300}")).unwrap_or_default();
                lies.push(format!("{} {address:.200} {body}\n  {}: {lie}", operation.method, answer.status));
            }
        }
    }
    assert!(lies.is_empty(), "{} lies:\n{}", lies.len(), lies.join("\n"));
}

#[tokio::test]
async fn every_operation_but_two_wants_to_know_who_asks() {
    let app = TestApp::with().start().await;
    let api = furnished(&app).await;
    let description = Description(api.get("/api/openapi.json").await);
    let all = operations(&description.0);
    assert!(all.len() > 20, "{}", all.len());
    for operation in all {
        let open = operation.path.starts_with("/healthz") || operation.path.starts_with("/readyz");
        let address = operation.path.replace("{id}", "1").replace("{fact}", "1").replace("{turn}", "1");
        let request = reqwest::Client::new().request(operation.method.clone(), app.url(&address));
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, if open { 200 } else { 401 }, "{} {address}", operation.method);
        if !open {
            assert!(operation.check(&description, &answer).is_ok(), "{} {address}: {}", operation.method, answer.text);
        }
    }
    assert_eq!(api.list("/api/chats/1/facts").await.len(), 1, "somebody unknown changed something");
}
