//! What comes after [`story`](crate::story): the whole history is read again, and an older conversation is brought in.
//!
//! Like the story itself it is done, not written into the database: the analysis goes through the model server, the file
//! through the import.

use serde_json::{Value, json};

use crate::harness::{Answer, Api, TestApp};
use crate::model::ModelServer;
use crate::tokens;
use crate::wire::{now, soon};

/// What an analysis finds: kind, statement, and the quote it rests on.
const FOUND: [(&str, &str, &str); 3] = [
    ("event", "The plumber comes on 1 December at eight, before the delivery.", "The plumber is free on 1 December"),
    ("other", "Has 220 euros for the kitchen shelves.", "The budget is 220 euros"),
    (
        "goal",
        "Put up three oak shelves, 24 cm deep, before her mother comes on 12 December.",
        "I want three oak shelves there",
    ),
];

/// What was said in a chat that is brought in: how many days ago, at which second of the day, by whom, and what.
const OLDER: [(u64, u64, &str, &str); 8] = [
    (41, 33_300, "Vera", "Good morning! Do you cut oak boards to length?"),
    (41, 34_120, "Oak and Ash", "We do. Up to 2.50 m, planed on both sides."),
    (41, 34_200, "Vera", "And how deep can they be?"),
    (41, 35_900, "Oak and Ash", "30 cm in one piece; beyond that they are glued."),
    (38, 64_700, "Vera", "24 cm is enough. What do three of 62 cm cost?"),
    (38, 66_010, "Oak and Ash", "54 euros, cut and sanded. Delivery in Lyon is 12."),
    (38, 66_100, "Vera", "Thank you, I will measure the wall first."),
    (37, 30_600, "Oak and Ash", "Take your time: the offer holds until the end of the year."),
];

/// How often they talked: three days, with long pauses between.
const TALKS: u32 = 3;

/// Has the whole history of a chat analysed, and decides the first line of what comes of it.
///
/// # Panics
/// When it does not go as it should.
pub async fn read_again(api: &Api, model: &ModelServer, chat: i64) {
    let facts = api.list(&format!("/api/chats/{chat}/facts")).await;
    let goal = facts.iter().find(|fact| fact["statement"].to_string().contains("three oak shelves"));
    let goal = goal.and_then(|fact| fact["id"].as_i64()).expect("a goal about shelves");
    model.reply_by(move |request| {
        let form = request["response_format"]["json_schema"]["name"].as_str().unwrap_or_default();
        let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let asked: Vec<String> = messages.iter().map(tokens::message_text).collect();
        let asked = asked.join("\n");
        let operations = if form == "diff" { diff(&asked, goal) } else { findings(&asked) };
        json!({"operations": operations}).to_string()
    });
    let begun = api.post(&format!("/api/chats/{chat}/analyse"), json!({})).await;
    let analysis = format!("/api/chats/{chat}/analyses/{}", begun["id"]);
    let ended = async {
        while api.get(&analysis).await["state"] == "running" {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    soon("the analysis", ended).await;
    api.post(&format!("{analysis}/lines/1/accept"), json!({})).await;
}

/// The number in the line of a request that has these words: `[12] …`.
fn number_of(asked: &str, words: &str) -> Option<i64> {
    let line = asked.lines().find(|line| line.starts_with('[') && line.contains(words))?;
    line.get(1..)?.split(']').next()?.parse().ok()
}

fn findings(asked: &str) -> Vec<Value> {
    let found = FOUND.iter().filter_map(|(kind, statement, quote)| {
        let message = number_of(asked, quote)?;
        Some(json!({"op": "add", "fact_id": null, "kind": kind, "subject": "Vera", "statement": statement,
            "valid_at": null, "evidence": [{"message_id": message, "quote": quote}]}))
    });
    found.collect()
}

/// Two facts that are new, and the goal in other words.
fn diff(asked: &str, goal: i64) -> Vec<Value> {
    let found = FOUND.iter().filter_map(|(kind, statement, quote)| {
        let finding = number_of(asked, statement).or_else(|| number_of(asked, quote))?;
        let (op, facts) = if *kind == "goal" { ("update", vec![goal]) } else { ("add", Vec::new()) };
        Some(json!({"op": op, "fact_ids": facts, "kind": kind, "subject": "Vera", "statement": statement,
            "valid_at": null, "due_at": null, "goal_state": null, "findings": [finding]}))
    });
    found.collect()
}

/// Brings in what Telegram Desktop exports of an older chat; one of its records makes no sense.
///
/// # Panics
/// When it does not go as it should.
pub async fn bring_in(app: &TestApp) {
    let today = now().as_secs() / 86_400 * 86_400;
    let said = (1..).zip(OLDER).map(|(id, (days, second, who, text))| {
        let at = today - days * 86_400 + second;
        let from = if who == "Vera" { "user1001" } else { "user7007" };
        json!({"id": id, "type": "message", "date_unixtime": at.to_string(), "from": who, "from_id": from, "text": text,
            "text_entities": []})
    });
    let broken = json!({"id": 9, "type": "message", "date_unixtime": "soon", "from": "Vera", "text": "?"});
    let messages: Vec<Value> = said.chain([broken]).collect();
    let export = json!({"name": "Oak and Ash", "type": "personal_chat", "id": 7_007, "messages": messages});
    let request = app.api().request(reqwest::Method::POST, "/api/imports?name=result.json").body(export.to_string());
    let import = Answer::to(request).await.json["id"].clone();
    let ended = async {
        while matches!(
            app.api().get(&format!("/api/imports/{import}")).await["state"].as_str(),
            Some("queued" | "running")
        ) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    soon("the import", ended).await;
    // Messages are put into episodes after they were taken in: one for each time that they talked.
    let episodes = async {
        while app.api().list("/api/imports/waiting").await.first().is_none_or(|waiting| waiting["episodes"] != TALKS) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    soon("the episodes", episodes).await;
}
