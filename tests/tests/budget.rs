//! The token budget, recounted from outside.

use serde_json::{Value, json};
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::ModelServer;
use souvenir_tests::tokens;

use crate::world::{last_turn, text_of};

const WINDOW: usize = 8_000;
const RESERVE: usize = 1_000;

#[tokio::test]
async fn sixty_messages_of_300_tokens_keep_every_request_within_budget() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Sixty").await;
    for seed in 0..60 {
        model.reply_with([text_of(120, 1_000 + seed)]);
        api.say(chat, &text_of(300, seed)).await;
    }
    let requests = model.requests();
    assert_eq!(requests.len(), 60);
    for (seed, request) in requests.iter().enumerate() {
        let counted = tokens::count_request(&request.body);
        assert!(counted <= WINDOW - RESERVE, "request {seed} has {counted} tokens");
        let (role, text) = request.messages().pop().unwrap();
        assert!(role == "user" && text.contains(&text_of(300, seed)), "request {seed} lacks its own message");
    }
    // It uses the room it has, and its prefix stays the same for a provider's cache most of the time.
    assert!(requests[59].prompt_tokens > 3_500, "only {} tokens used", requests[59].prompt_tokens);
    let cached = requests[20..].iter().filter(|request| request.cached_tokens > 0).count();
    assert!(cached >= 20, "{cached} of 40 requests had a prefix in the cache");

    let turns = api.list(&format!("/api/chats/{chat}/turns")).await;
    assert_eq!(turns.len(), 60);
    let manifest = &last_turn(&api, chat).await["manifest"];
    assert_eq!(manifest["totals"]["raw"], requests[59].prompt_tokens);
    // What recall found and had no room for is named by itself, too; each message is counted once, in its range.
    let ranges = manifest["left_out"].as_array().unwrap().iter().filter(|item| !item["range"].is_null());
    let left_out: u64 = ranges.filter_map(|item| item["count"].as_u64()).sum();
    let kept = manifest["segments"].as_array().unwrap().iter().filter(|segment| segment["kind"] == "message").count();
    assert_eq!(left_out as usize + kept, 119, "60 questions and 59 answers are in the context or accounted for");
}

#[tokio::test]
async fn a_message_larger_than_the_window_is_refused_by_size_and_stored() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).env("SOUVENIR_MAX_CONTEXT_TOKENS", "2000").start().await;
    let api = app.api();
    let chat = api.console_chat("Large").await;
    let large = text_of(3_000, 1);
    let answer =
        api.call(reqwest::Method::POST, &format!("/api/chats/{chat}/messages"), Some(json!({"text": large}))).await;
    assert!(
        answer.text.contains("3000") || answer.text.contains("3,000") || answer.text.contains("3\u{202f}000"),
        "{}",
        answer.text
    );
    assert!(model.requests().is_empty());
    let stored = api.list(&format!("/api/chats/{chat}/messages")).await;
    assert!(stored.iter().any(|message| message["text"] == large.as_str() && message["tokens"] == 3_000));
}

#[tokio::test]
async fn what_if_shows_another_budget_without_changing_anything() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("What if").await;
    for seed in 0..12 {
        api.say(chat, &text_of(300, seed)).await;
    }
    let context = async |query: &str| api.get(&format!("/api/chats/{chat}/context?{query}")).await;
    let size = |manifest: &Value| manifest["totals"]["raw"].as_u64().unwrap();
    let (now, smaller, again) =
        (context("").await, context("max_context_tokens=3000").await, context("text=hello+there").await);
    assert!(size(&smaller) <= 3_000 && size(&smaller) < size(&now), "{} {}", size(&smaller), size(&now));
    assert!(!smaller["left_out"].as_array().unwrap().is_empty());
    assert!(size(&again) > 0);
    let settings = api.get(&format!("/api/chats/{chat}")).await;
    assert!(settings.to_string().contains("8000"), "{settings}");
    let refused = api.call(reqwest::Method::GET, &format!("/api/chats/{chat}/context?session_duration=7"), None).await;
    assert_eq!(refused.status / 100, 4, "seven minutes are too few: {}", refused.text);
}
