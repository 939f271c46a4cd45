//! An export holds all of a chat, and imported elsewhere it is that chat: the same document again, and the same pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use souvenir_tests::bot_api::Attached;
use souvenir_tests::harness::{Api, Setup, TestApp};

use crate::imports::{import, lines, write};
use crate::maintenance::{add, consolidated, statements, transcript};
use crate::world::{World, eventually};

const LYON: &str = "I live in Lyon";
const VIOLIN: &str = "I play the violin on Sundays";
const CAT: &str = "I have a cat called Miro";

/// A world whose chat has everything: what is said, heard, looked up, remembered, denied, deleted, summed up and analysed.
async fn eventful() -> (World, i64) {
    let mut world = World::start_with(|setup| setup.env("SOUVENIR_TRANSCRIPTION_MODEL", "ears-1")).await;
    world.model.reply_by(answer);
    world.ask(&format!("Hello! {LYON}.")).await;
    world.model.hear([CAT]);
    world.bot.send(&world.ada, &Attached::Voice(4, b"OggS and so on".to_vec()), "");
    world.bot.wait_for_sent(&world.ada, 2).await;
    let (api, chat) = (world.app.api(), world.chat().await);
    let path = format!("/api/chats/{chat}");
    consolidated(&api, chat).await;
    api.patch(&path, json!({"search_memory": "on", "session_duration": "long"})).await;
    world.model.call_by(|request| {
        let is_first = !request["messages"].to_string().contains("\"tool\"");
        let wants = request.to_string().contains("Look up");
        let call = || ("search_memory".to_owned(), r#"{"query": "cat"}"#.to_owned());
        if is_first && wants { vec![call()] } else { Vec::new() }
    });
    world.ask("Look up what my cat is called.").await;
    let facts = api.list(&format!("{path}/facts")).await;
    api.patch(&format!("{path}/facts/{}", facts[1]["id"]), json!({"pinned": true})).await;
    world.ask("I own a boat. I live in Paris.").await;
    consolidated(&api, chat).await;
    let boat = api.list(&format!("{path}/facts")).await;
    let boat = boat.iter().find(|fact| fact["statement"] == "owns a boat").expect("the boat is known").clone();
    api.delete(&format!("{path}/facts/{}", boat["id"])).await;
    world.ask("/summary 7").await;
    world.ask(&format!("News: {VIOLIN}.")).await;
    let messages = api.list(&format!("{path}/messages")).await;
    let greeting = messages.iter().find(|message| message["text"].as_str().is_some_and(|text| text.contains("Hello")));
    let greeting = greeting.expect("the greeting")["id"].clone();
    for archived in [true, false] {
        api.post(&format!("{path}/messages/archive"), json!({"ids": [greeting], "archived": archived})).await;
    }
    let begun = api.post(&format!("{path}/analyse"), json!({})).await;
    let analysis = format!("{path}/analyses/{}", begun["id"]);
    eventually("the analysis to end", async || (api.get(&analysis).await["state"] == "proposed").then_some(())).await;
    api.post(&format!("{analysis}/lines/1/accept"), json!({})).await;
    // What has arrived is written with what is written next, at the latest when the app ends.
    world.app = world.app.restart().await;
    (world, chat)
}

/// What the model says to whatever it is asked.
fn answer(request: &Value) -> String {
    let form = request["response_format"]["json_schema"]["name"].as_str().unwrap_or_default();
    let text = request["messages"].as_array().and_then(|all| all.last()).map(|last| last["content"].to_string());
    let text = text.unwrap_or_default();
    match (form, transcript(request)) {
        ("findings", Some(text)) => {
            let found: Vec<Value> =
                [VIOLIN].into_iter().filter(|said| text.contains(said)).map(|said| add(&text, said, said)).collect();
            json!({"operations": found}).to_string()
        }
        ("diff", _) => {
            let number: i64 = text
                .split("\\n[")
                .find(|line| line.contains(VIOLIN))
                .and_then(|line| line.split(']').next()?.parse().ok())
                .unwrap_or(1);
            let line = json!({"op": "add", "fact_ids": [], "kind": "identity", "subject": "Ada",
                "statement": "plays the violin", "valid_at": null, "due_at": null, "goal_state": null, "findings": [number]});
            json!({"operations": [line, {"op": "add", "findings": [-1]}]}).to_string()
        }
        (_, Some(text)) => {
            let wishes = [
                ("lives in Lyon", LYON),
                ("has a cat called Miro", CAT),
                ("owns a boat", "I own a boat"),
                ("lives in Paris", "I live in Paris"),
                ("is a pirate", "I am a pirate"),
            ];
            let operations: Vec<Value> = wishes
                .into_iter()
                .filter(|(_, quote)| text.contains(quote) || quote.contains("pirate"))
                .map(|(statement, quote)| add(&text, statement, quote))
                .collect();
            json!({"summary": "They talked of Lyon.", "operations": operations}).to_string()
        }
        _ => "Noted.".to_owned(),
    }
}

async fn exported(setup: &Setup, chat: i64) -> String {
    let finished = setup.run(&["export", "--chat", &chat.to_string()]).await;
    assert!(finished.status.success(), "{finished:?}");
    finished.stdout
}

fn words(document: &str) -> BTreeSet<String> {
    let word = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a line is JSON");
        line["type"].as_str().unwrap_or_default().to_owned()
    };
    document.lines().map(word).collect()
}

/// The same without numbers that are another installation's.
fn without_numbers(value: &Value) -> Value {
    let is_number = |name: &str| name == "id" || name.ends_with("_id") || name.ends_with("_ids") || name == "range";
    match value {
        Value::Array(all) => all.iter().map(without_numbers).collect(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !is_number(name) && !matches!(name.as_str(), "previous" | "next"))
            .map(|(name, value)| (name.clone(), without_numbers(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Every turn of a chat, oldest first, with what the model saw.
async fn turns(api: &Api, chat: i64) -> Vec<Value> {
    let mut turns = Vec::new();
    for turn in api.list(&format!("/api/chats/{chat}/turns")).await.into_iter().rev() {
        turns.push(api.get(&format!("/api/chats/{chat}/turns/{}", turn["id"])).await);
    }
    turns
}

#[tokio::test]
async fn all_of_a_chat_goes_out_and_comes_back_the_same() {
    let (world, chat) = eventful().await;
    let (api, setup) = (world.app.api(), world.app.setup());
    let here = exported(setup, chat).await;
    let all = "souvenir message turn fact fact_version pin episode summary consolidation proposal operation evidence tombstone \
               job period_summary analysis analysis_window analysis_line analysis_effect analysis_call model_search delivery \
               attachment spending setting prompt manifest end";
    let all: BTreeSet<String> = all.split_whitespace().map(str::to_owned).collect();
    assert_eq!(words(&here), all, "every kind of line");

    let other = TestApp::with();
    let file = write(&other, "chat.jsonl", &here);
    let said = import(&other, &[&file]).await;
    assert!(said.contains("messages are new") && !said.contains("cannot be read"), "{said}");
    let back = lines(&exported(&other, 1).await);
    let here = lines(&here);
    for (before, after) in here.iter().zip(&back) {
        assert_eq!(before, after);
    }
    assert_eq!(here.len(), back.len());

    let other = other.start().await;
    let (before, after) = (turns(&api, chat).await, turns(&other.api(), 1).await);
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(without_numbers(before), without_numbers(after));
        let segments = |turn: &Value| turn["manifest"]["segments"].as_array().map_or(0, Vec::len);
        assert!(segments(before) > 2, "{before}");
    }
    assert_eq!(statements(&other.api(), 1).await, statements(&api, chat).await);
    let last = after.last().expect("a turn");
    let replay = other.api().get(&format!("/api/chats/1/turns/{}/replay", last["id"])).await;
    assert!(replay.to_string().contains(VIOLIN), "what the model saw can be read again: {replay}");
}

#[tokio::test]
async fn a_slip_in_a_number_costs_its_line_and_no_more() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Slips").await;
    for text in ["One.", "Two.", "Three."] {
        api.say(chat, text).await;
    }
    let document = exported(app.setup(), chat).await;
    let slips = [("2", "\"id\":2,", "\"id\":9000000000000000,"), ("4", "\"turn\":2", "\"turn\":9223372036854775807")];
    let slipped = |line: &str| {
        let is_of = |id: &str| line.contains("\"type\":\"message\"") && line.contains(&format!("\"id\":{id},"));
        let slip = slips.iter().find(|(id, ..)| is_of(id));
        let line = slip.map_or(line.to_owned(), |(_, right, wrong)| line.replacen(right, wrong, 1));
        format!("{line}\n")
    };
    let document: String = document.lines().map(slipped).collect();
    assert!(slips.iter().all(|(.., wrong)| document.contains(wrong)), "{document}");
    // Where there is something already, numbers are shifted by what there is.
    let other = TestApp::with().start().await;
    other.api().say(other.api().console_chat("Here before").await, "One.").await;
    let file = write(other.setup(), "slips.jsonl", &document);
    let said = import(other.setup(), &[&file]).await;
    assert!(said.contains("5 messages are new") && said.contains("its number is out of order"), "{said}");
}
