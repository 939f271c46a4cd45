//! What the models were used for, by day, chat and model: what turns say of themselves, added up.

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;

use crate::pages::{assert_no_complaints, sign_in};

/// What two chats' turns say they took, and what the usage makes of it.
async fn two_chats() -> (ModelServer, TestApp, [i64; 2]) {
    let model = ModelServer::start().await;
    model.reply_by(|_| "Noted.".to_owned());
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chats = [api.console_chat("Garden").await, api.console_chat("Kitchen").await];
    for text in ["The tulips are in the shed.", "The spade is with Boris."] {
        api.say(chats[0], text).await;
    }
    api.say(chats[1], "The kettle is broken.").await;
    (model, app, chats)
}

async fn turns(api: &Api, chat: i64) -> Vec<Value> {
    api.list(&format!("/api/chats/{chat}/turns")).await
}

fn sum<'a>(turns: impl IntoIterator<Item = &'a Value>, field: &str) -> u64 {
    turns.into_iter().map(|turn| turn[field].as_u64().unwrap_or_default()).sum()
}

#[tokio::test]
async fn usage_is_the_sum_of_what_turns_took() {
    let (_model, app, chats) = two_chats().await;
    let api = app.api();
    let own = [turns(&api, chats[0]).await, turns(&api, chats[1]).await];
    let usage = api.get("/api/usage?by=chat").await;
    let items = usage["items"].as_array().expect("chats").clone();
    let keys: Vec<_> = items.iter().map(|item| (item["key"].as_str(), item["title"].as_str())).collect();
    let (first, second) = (chats[0].to_string(), chats[1].to_string());
    assert_eq!(keys, [(Some(first.as_str()), Some("Garden")), (Some(second.as_str()), Some("Kitchen"))], "most first");
    for (item, turns) in items.iter().zip(&own) {
        let answers = &item["answers"];
        assert_eq!(answers["count"], turns.len());
        assert_eq!(answers["tokens_in"], sum(turns, "reported_tokens"));
        assert_eq!(answers["tokens_cached"], sum(turns, "cached_tokens"));
        assert_eq!(answers["tokens_out"], sum(turns, "completion_tokens"));
        assert!(answers["tokens_in"].as_u64() > Some(0), "{item}");
        assert!(item["answer_ms"]["p50"].as_u64() <= item["answer_ms"]["p95"].as_u64(), "{item}");
        assert_eq!(item["drift_percent"], json!(0.0), "the server counts as we do");
    }
    let all = usage["total"]["answers"].clone();
    assert_eq!(all["count"], 3);
    assert_eq!(all["tokens_in"], own.iter().map(|turns| sum(turns, "reported_tokens")).sum::<u64>());
    let by_model = api.list("/api/usage?by=model").await;
    assert_eq!((by_model.len(), &by_model[0]["answers"]), (1, &all));
    let by_day = api.list("/api/usage").await;
    assert_eq!((by_day.len(), &by_day[0]["answers"]), (1, &all));
    let one = api.get(&format!("/api/usage?chat={second}")).await;
    assert_eq!(one["total"]["answers"], items[1]["answers"]);
}

#[tokio::test]
async fn a_stretch_of_time_holds_its_own_turns_and_bad_ones_are_refused_by_name() {
    let (_model, app, _) = two_chats().await;
    let api = app.api();
    let before = api.get("/api/usage?from=2001-01-01&to=2001-02-01").await;
    assert_eq!((&before["items"], &before["total"]["answers"]["count"]), (&json!([]), &json!(0)));
    for (query, field) in [
        ("from=2026-02-01&to=2026-01-01", "from"),
        ("from=1990-01-01", "from"),
        ("by=week", "by"),
        ("to=soon", "to"),
        ("chat=x", "chat"),
    ] {
        let refused = api.call(Method::GET, &format!("/api/usage?{query}"), None).await;
        assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some(field)), "{query}: {}", refused.text);
    }
    assert_eq!(api.call(Method::GET, "/api/usage?chat=99", None).await.status, 404);
}

#[tokio::test]
async fn the_page_shows_what_it_was_without_scripts_and_by_any_stretch_of_days() {
    let (_model, app, chats) = two_chats().await;
    let answers = app.api().get("/api/usage").await["total"]["answers"].clone();
    let browser = Browser::start_with(Scripts::Blocked).await;
    sign_in(&browser, &app).await;
    browser.open(&app.url("/usage")).await;
    let totals = browser.wait_for_text(".totals", "Tokens in").await;
    let tokens = answers["tokens_in"].as_u64().expect("a count").to_string();
    assert!(totals.contains("Answers\n3") && totals.contains(&tokens), "{totals}");
    assert!(browser.has(".plot-days > span:nth-child(30):last-child i.p-in").await, "today is the last of thirty days");
    assert!(browser.has(&format!("table.usage a[href='/chats/{}/turns']", chats[0])).await);
    browser.open(&app.url("/usage?days=7")).await;
    assert!(browser.has(".plot-days > span:nth-child(7):last-child").await);
    browser.open(&app.url("/usage?days=0")).await;
    browser.wait_for_text("main", "ask for 1 to").await;
}

#[tokio::test]
async fn the_page_follows_what_happens() {
    let (_model, app, chats) = two_chats().await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    browser.open(&app.url("/usage")).await;
    browser.wait_for_text(".totals", "Answers\n3").await;
    app.api().say(chats[1], "A new kettle is here.").await;
    browser.wait_for_text(".totals", "Answers\n4").await;
    for width in [320, 1_280] {
        browser.resize(width, 900).await;
        let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.script(overflow).await, json!(0), "it overflows at {width} px");
    }
    assert_no_complaints(&browser).await;
}
