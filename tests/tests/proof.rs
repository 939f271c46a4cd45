//! What a quote proves: words that were said, and a statement that they do not carry.

use serde_json::{Value, json};

use crate::maintenance::{consolidated, episodes, message_with, statements, transcript, with_model};

fn add(text: &str, statement: &str, quote: &str) -> Value {
    json!({"op": "add", "fact_id": null, "kind": "other", "subject": null, "statement": statement, "valid_at": null,
        "due_at": null, "goal_state": null, "evidence": [{"message_id": message_with(text, quote), "quote": quote}]})
}

#[tokio::test]
async fn a_quote_that_was_said_proves_nothing_that_it_does_not_carry() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Proof").await;
    model.reply_by(|request| match transcript(request) {
        Some(text) => {
            let operations = json!([
                add(&text, "lives in Lyon with two cats", "I live in Lyon with two cats"),
                add(&text, "is a doctor", "Hello there"),
                add(&text, "buys a yacht", "buy a yacht"),
                add(&text, "smokes", "smoke"),
                add(&text, "has lived in Lyon since 1999", "I live in Lyon"),
            ]);
            json!({"summary": "Ann asked whether X was true and was advised to follow Y in five sentences, third person.",
                "operations": operations})
            .to_string()
        }
        None => "Noted.".to_owned(),
    });
    api.say(chat, "Hello there! I live in Lyon with two cats.").await;
    api.say(chat, "Should I buy a yacht? I don't smoke.").await;
    consolidated(&api, chat).await;
    assert_eq!(statements(&api, chat).await, ["lives in Lyon with two cats"]);
    let episode = episodes(&api, chat).await.remove(0);
    let became = |place: usize| {
        let operation = &episode["operations"][place];
        (operation["outcome"].as_str().unwrap_or_default(), operation["reason"].as_str().unwrap_or_default())
    };
    assert_eq!(became(1), ("refused", "none of its words stand in what it cites"));
    assert_eq!(became(2), ("pending", "it was asked, not said"));
    assert_eq!(became(3), ("pending", "one of them denies it, the quote or the statement"));
    assert_eq!(became(4), ("pending", "nobody said “1999” there"));

    // What waits is not used, and the owner may say that it is so.
    let proposals = api.list(&format!("/api/chats/{chat}/proposals")).await;
    assert_eq!(proposals.len(), 3, "{proposals:?}");
    api.say(chat, "Good morning!").await;
    let request = model.requests().pop().unwrap();
    assert!(request.text().contains("two cats") && !request.text().contains("buys a yacht"), "{}", request.text());

    // Nobody said what the model sums up, so quotes stand in its place.
    let summary = episode["summary"].as_str().unwrap();
    assert!(summary.contains("“I live in Lyon with two cats”") && !summary.contains("Ann"), "{summary}");
    assert_eq!(episode["receipt"]["model"], "offline");
}
