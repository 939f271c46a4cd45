//! What leaves for other servers: keys and tokens go where the settings say, and nowhere else.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::bot_api::TOKEN;
use souvenir_tests::harness::{Answer, PASSWORD, TestApp};
use souvenir_tests::model::KEY;
use souvenir_tests::wire::Wire;

use super::{client, sign_in};
use crate::world::eventually;

/// A server that writes down whatever reaches it: line, headers and all.
async fn elsewhere() -> (Wire, Arc<Mutex<Vec<String>>>) {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let ear = Arc::clone(&heard);
    let router = Router::new().fallback(move |request: Request| async move {
        ear.lock().expect("nobody panicked here").push(format!("{request:?}"));
        StatusCode::OK
    });
    (Wire::start(router).await, heard)
}

/// A server that sends everybody on, keeping the path; and how often it did.
async fn redirecting(status: StatusCode, to: &Wire) -> (Wire, Arc<Mutex<usize>>) {
    let asked: Arc<Mutex<usize>> = Arc::default();
    let (counter, to) = (Arc::clone(&asked), format!("http://{}", to.address()));
    let router = Router::new().fallback(move |request: Request| async move {
        *counter.lock().expect("nobody panicked here") += 1;
        (status, [(header::LOCATION, format!("{to}{}", request.uri().path()))])
    });
    (Wire::start(router).await, asked)
}

#[tokio::test]
async fn no_redirect_learns_the_bots_token_or_the_models_key() {
    let (sink, heard) = elsewhere().await;
    for status in [StatusCode::FOUND, StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT] {
        let (bot, bot_asked) = redirecting(status, &sink).await;
        let (model, model_asked) = redirecting(status, &sink).await;
        let app = TestApp::with()
            .env("TELEGRAM_API_URL", &format!("http://{}", bot.address()))
            .env("TELEGRAM_BOT_TOKEN", TOKEN)
            .env("OPENAI_BASE_URL", &format!("http://{}/v1", model.address()))
            .env("OPENAI_API_KEY", KEY)
            .start()
            .await;
        eventually("both to be asked", async || {
            (*bot_asked.lock().unwrap() > 0 && *model_asked.lock().unwrap() > 0).then_some(())
        })
        .await;
        let api = app.api();
        let chat = api.console_chat("Redirected").await;
        let said = api.call(Method::POST, &format!("/api/chats/{chat}/messages"), Some(json!({"text": "hello"}))).await;
        assert_eq!(said.status, 502, "{}", said.text);
        let told = api.call(Method::GET, "/readyz", None).await;
        assert!(told.text.contains("TELEGRAM_API_URL"), "the remedy is missing: {}", told.text);
        assert!(heard.lock().unwrap().is_empty(), "{status}: {:?}", heard.lock().unwrap());
    }
}

#[tokio::test]
async fn no_address_path_or_secret_can_be_set_from_the_dashboard() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Settings").await;
    let client = client();
    sign_in(&app, &client, PASSWORD).await;
    for name in [
        "openai_base_url",
        "base_url",
        "embedding_base_url",
        "telegram_api_url",
        "api_url",
        "public_url",
        "listen",
        "database",
        "site",
        "trusted_proxies",
        "openai_api_key",
        "api_key",
        "api_token",
        "owner_password",
        "bot_token",
        "context_start",
    ] {
        for path in ["/api/settings".to_owned(), format!("/api/chats/{chat}")] {
            let answer = api.call(Method::PATCH, &path, Some(json!({name: "http://169.254.169.254/"}))).await;
            assert_eq!(answer.status, 422, "{path} {name}: {}", answer.text);
        }
        let form = client.post(app.url("/fn/set_setting")).header("origin", app.url(""));
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        let answer = Answer::to(form.body(format!("key={name}&value=http://169.254.169.254/"))).await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text);
    }
    let settings: Value = api.get("/api/settings").await;
    assert!(!settings.to_string().contains("169.254"), "{settings}");
}

#[tokio::test]
async fn what_a_page_refuses_is_no_fault_of_the_server() {
    let app = TestApp::with().start().await;
    let client = client();
    sign_in(&app, &client, PASSWORD).await;
    let call = async |path: &str, body: &str| {
        let form = client.post(app.url(path)).header("origin", app.url("")).body(body.to_owned());
        Answer::to(form.header("content-type", "application/x-www-form-urlencoded")).await
    };
    let refused = call("/fn/set_setting", "key=keep_days&value=never").await;
    assert_eq!((refused.status, refused.json["field"].as_str()), (422, Some("keep_days")), "{}", refused.text);
    assert!(refused.text.contains("36500"), "no remedy: {}", refused.text);
    let unreadable = call("/fn/set_setting", "chat=seven&key=keep_days&value=7").await;
    assert_eq!(unreadable.status, 422, "{}", unreadable.text);
    let missing = call("/fn/overview", "chat=77").await;
    assert_eq!((missing.status, missing.json["kind"].as_str()), (404, Some("not_found")), "{}", missing.text);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let request = client.request(method.clone(), app.url("/fn/create_chat?title=x")).header("origin", app.url(""));
        let answer = Answer::to(request).await;
        assert!((400..500).contains(&answer.status), "{method}: {}", answer.status);
    }
    assert!(app.api().list("/api/chats").await.is_empty(), "a visit made a chat");
    let foreign = client.post(app.url("/fn/create_chat")).header("origin", "http://evil.example").body("title=x");
    let foreign = Answer::to(foreign.header("content-type", "application/x-www-form-urlencoded")).await;
    assert_eq!(foreign.status, 403, "{}", foreign.text);
}

#[tokio::test]
async fn settings_that_no_longer_fit_together_stop_nothing() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Settings").await;
    api.patch(&format!("/api/chats/{chat}"), json!({"reserve_tokens": 3_000})).await;
    api.patch("/api/settings", json!({"max_context_tokens": 2_500})).await;
    assert_eq!(api.list("/api/chats").await.len(), 1);
    let settings = api.get(&format!("/api/chats/{chat}")).await;
    assert_eq!(settings["settings"]["reserve_tokens"]["value"], 1_250);
    assert!(!api.say(chat, "still there?").await["reply"].as_str().unwrap().is_empty());
}
