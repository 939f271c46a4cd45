//! The tests' own Bot API server and webhooks: what it takes as one, and how it delivers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::{Json, Router};
use reqwest::Client;
use serde_json::{Value, json};
use souvenir_tests::bot_api::BotApi;
use souvenir_tests::wire::{Wire, soon};
use tokio::sync::mpsc;

async fn call(bot: &BotApi, method: &str, params: Value) -> Value {
    let url = format!("{}/bot{}/{method}", bot.url(), bot.token());
    let response = Client::new().post(url).json(&params).send().await.expect("an answer");
    response.json().await.expect("an answer in JSON")
}

/// What reached the webhook: path, secret and update.
type Delivered = (String, String, Value);

/// A bot at the other end. It refuses so many deliveries first, then answers with `answer`.
async fn receiver(refusals: usize, answer: Value) -> (Wire, mpsc::UnboundedReceiver<Delivered>) {
    let (sender, delivered) = mpsc::unbounded_channel();
    let left = Arc::new(AtomicUsize::new(refusals));
    let handle = move |uri: Uri, headers: HeaderMap, body: Bytes| {
        let secret = headers.get("x-telegram-bot-api-secret-token");
        let secret = secret.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let update = serde_json::from_slice(&body).expect("an update in JSON");
        sender.send((uri.path().to_owned(), secret, update)).expect("somebody looks at what is delivered");
        let refuse = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let answer = answer.clone();
        async move { if refuse { StatusCode::INTERNAL_SERVER_ERROR.into_response() } else { Json(answer).into_response() } }
    };
    (Wire::start(Router::new().fallback(handle)).await, delivered)
}

async fn next(delivered: &mut mpsc::UnboundedReceiver<Delivered>) -> Delivered {
    soon("a delivery", delivered.recv()).await.expect("the receiver lives")
}

#[tokio::test]
async fn webhooks_that_telegram_refuses_are_refused() {
    let bot = BotApi::start().await;
    let refusal = async |params: Value| {
        let answer = call(&bot, "setWebhook", params).await;
        assert_eq!(answer["error_code"], 400, "{answer}");
        answer["description"].as_str().unwrap().to_owned()
    };
    let https = "Bad Request: bad webhook: An HTTPS URL must be provided for webhook";
    assert_eq!(refusal(json!({"url": "http://bot.example.org/x"})).await, https);
    assert!(refusal(json!({"url": "https://bot.example.org:8080/x"})).await.contains("only on ports 80, 88, 443 or"));
    assert!(refusal(json!({"url": "https://127.0.0.1/x"})).await.contains("IP address 127.0.0.1 is reserved"));
    assert_eq!(refusal(json!({"url": "bot"})).await, "Bad Request: invalid webhook URL specified");
    let secret = |secret: &str| json!({"url": "https://bot.example.org", "secret_token": secret});
    assert!(refusal(secret("not allowed!")).await.contains("unallowed characters"));
    assert!(refusal(secret(&"x".repeat(257))).await.contains("too long"));
    assert_eq!(bot.webhook_info()["url"], "");
    bot.run_locally();
    let local = json!({"url": "http://127.0.0.1:8080/x"});
    assert_eq!(call(&bot, "setWebhook", local).await["ok"], true);
}

#[tokio::test]
async fn updates_are_posted_with_the_secret_until_they_are_taken() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    let (wire, mut delivered) = receiver(2, Value::Null).await;
    bot.route("https://bot.example.org", &format!("http://{}", wire.address()));
    let webhook = json!({"url": "https://bot.example.org/hook/7", "secret_token": "s3cret-_", "max_connections": 1000});
    assert_eq!(call(&bot, "setWebhook", webhook).await["result"], true);
    let first = bot.say(&ada, "first");
    bot.say(&ada, "second");
    for _ in 0..3 {
        let (path, secret, update) = next(&mut delivered).await;
        assert_eq!((path.as_str(), secret.as_str(), &update["update_id"]), ("/hook/7", "s3cret-_", &json!(first)));
    }
    assert_eq!(next(&mut delivered).await.2["message"]["text"], "second");
    let info = bot.wait_for_webhook("an empty queue", |info| info["pending_update_count"] == 0).await;
    assert_eq!((&info["url"], &info["max_connections"]), (&json!("https://bot.example.org/hook/7"), &json!(100)));
    assert_eq!(info["last_error_message"], "Wrong response from the webhook: 500 Internal Server Error");
    bot.deliver_again(first);
    assert_eq!(next(&mut delivered).await.2["update_id"], first);
}

#[tokio::test]
async fn a_chat_whose_update_is_refused_does_not_hold_up_others() {
    let bot = BotApi::start().await;
    let (ada, bob) = (bot.user(7, "Ada"), bot.user(8, "Bob"));
    let (wire, mut delivered) = receiver(1, Value::Null).await;
    bot.route("https://bot.example.org", &format!("http://{}", wire.address()));
    call(&bot, "setWebhook", json!({"url": "https://bot.example.org"})).await;
    bot.say(&ada, "one");
    bot.say(&ada, "two");
    next(&mut delivered).await;
    bot.say(&bob, "beside");
    let mut texts = Vec::new();
    for _ in 0..3 {
        texts.push(next(&mut delivered).await.2["message"]["text"].as_str().unwrap().to_owned());
    }
    texts.retain(|text| text != "beside");
    assert_eq!(texts, ["one", "two"]);
}

#[tokio::test]
async fn polling_and_a_webhook_exclude_each_other() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    let (poll, _) = tokio::join!(call(&bot, "getUpdates", json!({"timeout": 20})), async {
        bot.wait_for_calls("getUpdates", 1).await;
        call(&bot, "setWebhook", json!({"url": "https://nowhere.example.org"})).await
    });
    assert_eq!(poll["description"], "Conflict: terminated by setWebhook request");
    let refused = call(&bot, "getUpdates", json!({})).await;
    assert_eq!(refused["error_code"], 409);
    assert!(refused["description"].as_str().unwrap().contains("webhook is active"), "{refused}");
    bot.say(&ada, "hello?");
    let info = bot.wait_for_webhook("an error", |info| !info["last_error_date"].is_null()).await;
    assert_eq!(info["last_error_message"], "Failed to resolve host: Name or service not known");
    assert_eq!(info["pending_update_count"], 1);
    call(&bot, "deleteWebhook", json!({"drop_pending_updates": true})).await;
    bot.say(&ada, "and now?");
    let updates = call(&bot, "getUpdates", json!({})).await;
    assert_eq!(updates["result"][0]["message"]["text"], "and now?");
}

#[tokio::test]
async fn an_answer_may_name_a_method() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    let answer = json!({"method": "sendMessage", "chat_id": 7, "text": "in the answer"});
    let (wire, _delivered) = receiver(0, answer).await;
    bot.route("https://bot.example.org", &format!("http://{}", wire.address()));
    call(&bot, "setWebhook", json!({"url": "https://bot.example.org/"})).await;
    bot.say(&ada, "hi");
    bot.wait_for_text(&ada, "in the answer").await;
}

#[tokio::test]
async fn only_kinds_that_were_asked_for_are_queued() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    let pending = || bot.webhook_info()["pending_update_count"].clone();
    bot.say_update(json!({"message_reaction": {}}));
    assert_eq!(pending(), 0, "reactions have to be asked for");
    call(&bot, "setWebhook", json!({"url": "https://x.example.org", "allowed_updates": ["callback_query"]})).await;
    bot.say(&ada, "not asked for");
    assert_eq!(pending(), 0);
    let refused = call(&bot, "setWebhook", json!({"url": "https://x.example.org", "allowed_updates": "all"})).await;
    assert_eq!(refused["error_code"], 400, "{refused}");
    call(&bot, "setWebhook", json!({"url": "https://x.example.org", "allowed_updates": []})).await;
    bot.say(&ada, "a message");
    assert_eq!(pending(), 1);
}
