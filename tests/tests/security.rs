//! Who may come in, and what never leaves. `docs/security.md` names the test that shows each defence.

mod content;
mod description;
mod names;
mod outward;
mod schema;
mod sessions;
mod wire;

use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, StatusCode, redirect};
use serde_json::json;
use souvenir_tests::bot_api::{self, TOKEN};
use souvenir_tests::harness::{API_TOKEN, Answer, PASSWORD, TestApp};
use souvenir_tests::model::{self, KEY};

use crate::world::World;

/// A browser without scripts: keeps cookies, follows nothing.
fn client() -> Client {
    Client::builder().cookie_store(true).redirect(redirect::Policy::none()).build().expect("a client")
}

async fn sign_in(app: &TestApp, client: &Client, password: &str) -> Answer {
    let form = format!("password={}", password.replace(' ', "+"));
    let request = client.post(app.url("/login")).header(ORIGIN, app.url("")).body(form);
    Answer::to(request.header("content-type", "application/x-www-form-urlencoded")).await
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_or_a_session() {
    let app = TestApp::with().start().await;
    let client = client();
    for path in ["/api/chats", "/api/chats/1", "/api/settings", "/metrics", "/api/no/such/thing"] {
        let answer = Answer::to(client.get(app.url(path))).await;
        assert_eq!((answer.status, answer.header("content-type")), (401, "application/problem+json"), "{path}");
    }
    let wrong =
        app.api().with_token("wrong-token-of-the-right-length-0123456").call(Method::GET, "/api/chats", None).await;
    assert_eq!(wrong.status, 401);
    for path in ["/", "/chats/1", "/chats/1/facts"] {
        let answer = Answer::to(client.get(app.url(path))).await;
        assert!((300..400).contains(&answer.status), "{path}: {}", answer.status);
        assert!(answer.headers[LOCATION].to_str().unwrap().contains("/login"), "{path}");
    }
    let function = Answer::to(client.post(app.url("/fn/chats")).header(ORIGIN, app.url(""))).await;
    assert_eq!(function.status / 100, 4, "{}", function.text);
    assert_eq!(Answer::to(client.get(app.url("/healthz"))).await.status, 200);
}

#[tokio::test]
async fn the_password_lets_in_without_scripts_and_signing_out_ends_it() {
    let app = TestApp::with().start().await;
    let client = client();
    let page = Answer::to(client.get(app.url("/login"))).await;
    assert!(page.text.contains("name=\"password\"") && page.text.contains("method=\"post\""), "{}", page.text);
    let wrong = sign_in(&app, &client, "wrong").await;
    assert!(wrong.status == 401 || (300..400).contains(&wrong.status), "{}", wrong.status);
    assert!(Answer::to(client.get(app.url("/"))).await.status != 200);

    let right = sign_in(&app, &client, PASSWORD).await;
    assert_eq!(right.status, 303, "{}", right.text);
    let cookie = right.headers[SET_COOKIE].to_str().unwrap().to_lowercase();
    assert!(cookie.contains("httponly") && cookie.contains("samesite="), "{cookie}");
    let home = Answer::to(client.get(app.url("/"))).await;
    assert_eq!(home.status, 200);
    let chats = Answer::to(client.get(app.url("/api/chats"))).await;
    assert_eq!(chats.status, 200, "a session opens the API as well");

    // Sessions outlive a restart of the app.
    let out = Answer::to(client.post(app.url("/logout")).header(ORIGIN, app.url(""))).await;
    assert!((200..400).contains(&out.status), "{} {}", out.status, out.text);
    assert_eq!(Answer::to(client.get(app.url("/api/chats"))).await.status, 401);
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let app = TestApp::with().start().await;
    let mut limited = false;
    for _ in 0..25 {
        let answer = sign_in(&app, &client(), "guess").await;
        if answer.status == 429 {
            assert!(!answer.header("retry-after").is_empty());
            limited = true;
            break;
        }
    }
    assert!(limited, "25 guesses were taken");
    assert_eq!(sign_in(&app, &client(), PASSWORD).await.status, 429);
}

#[tokio::test]
async fn a_one_time_link_is_used_up_by_a_post_only() {
    let app = TestApp::with().without("SOUVENIR_OWNER_PASSWORD").start().await;
    let link = app.sign_in_link().await;
    let client = client();
    // Link previews fetch it, more than once.
    for _ in 0..2 {
        let page = Answer::to(client.get(&link)).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("method=\"post\""), "{}", page.text);
        assert!(page.headers.get("referrer-policy").is_some(), "the link would leak by referrer");
    }
    assert_eq!(Answer::to(client.get(app.url("/api/chats"))).await.status, 401);
    let used = Answer::to(client.post(&link).header(ORIGIN, app.url(""))).await;
    assert_eq!(used.status, 303, "{}", used.text);
    assert_eq!(Answer::to(client.get(app.url("/api/chats"))).await.status, 200);
    let again = Answer::to(self::client().post(&link).header(ORIGIN, app.url(""))).await;
    assert!(again.status / 100 == 4, "used twice: {}", again.status);
}

#[tokio::test]
async fn other_sites_cannot_act_in_the_owners_name() {
    let app = TestApp::with().start().await;
    let client = client();
    sign_in(&app, &client, PASSWORD).await;
    let create = |origin: Option<&str>| {
        let request = client.post(app.url("/api/chats")).json(&json!({"title": "x"}));
        Answer::to(match origin {
            Some(origin) => request.header(ORIGIN, origin),
            None => request,
        })
    };
    let own = app.url("");
    assert_eq!(create(Some("http://evil.example")).await.status, 403);
    assert_eq!(create(Some("null")).await.status, 403);
    assert_eq!(create(None).await.status, 403);
    let allowed = create(Some(&own)).await;
    assert!((200..300).contains(&allowed.status), "{} {}", allowed.status, allowed.text);
    // Bearer requests carry no cookie and need no origin.
    assert!(app.api().console_chat("y").await > 0);
    // Signing in is a change, too.
    let form = self::client().post(app.url("/login")).header(ORIGIN, "http://evil.example").body("password=x");
    let forged = Answer::to(form.header("content-type", "application/x-www-form-urlencoded")).await;
    assert_eq!(forged.status, 403);
}

#[tokio::test]
async fn addresses_that_lead_nowhere_tell_strangers_nothing() {
    let app = TestApp::with().start().await;
    app.api().console_chat("Plans for the heist").await;
    for path in ["/nowhere", "/pkg/nothing.css", "/pkg/", "/signin/a", "/signin/a/b", "/fn/nothing", "/login/x"] {
        let answer = Answer::to(client().get(app.url(path))).await;
        assert!(!answer.text.contains("heist"), "{path} lists the chats: {}", answer.text);
        assert!(answer.status >= 300, "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_forged_cookie_opens_nothing() {
    let app = TestApp::with().start().await;
    let client = client();
    let right = sign_in(&app, &client, PASSWORD).await;
    let name = right.headers[SET_COOKIE].to_str().unwrap().split('=').next().unwrap().to_owned();
    let forged = Client::new().get(app.url("/api/chats")).header(COOKIE, format!("{name}=AAAAAAAAAAAAAAAAAAAAAA"));
    assert_eq!(forged.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn every_page_has_its_security_headers() {
    let app = TestApp::with().start().await;
    let client = client();
    sign_in(&app, &client, PASSWORD).await;
    for path in ["/", "/login", "/chats/1", "/nowhere", "/api/chats"] {
        let answer = Answer::to(client.get(app.url(path))).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.contains("frame-ancestors") || !answer.header("x-frame-options").is_empty(), "{path}: {policy}");
        let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src"));
        let scripts = scripts.or_else(|| policy.split(';').find(|part| part.trim().starts_with("default-src")));
        let scripts = scripts.unwrap_or_else(|| panic!("{path} has no policy for scripts: {policy}"));
        assert!(!scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"), "{path}: {scripts}");
    }
}

#[tokio::test]
async fn secrets_and_messages_are_never_logged() {
    let world = World::start_with(|setup| setup.env("SOUVENIR_LOG", "debug")).await;
    world.ask("my secret is XYZZY-PLUGH").await;
    world.model.fail(model::Fault::Status(500));
    world.bot.fail("sendRichMessage", bot_api::Fault::Cut);
    world.bot.fail("getUpdates", bot_api::Fault::ServerError(502));
    world.bot.say(&world.ada, "my other secret is FROTZ-OZMOO");
    // The reply's outcome is unknown, so it is not sent again.
    world.bot.wait_for_calls("sendRichMessage", 2).await;
    world.bot.go_down();
    world.model.go_down();
    let api = world.app.api();
    let chat = api.console_chat("Fails").await;
    api.call(Method::POST, &format!("/api/chats/{chat}/messages"), Some(json!({"text": "third is GNUSTO"}))).await;
    sign_in(&world.app, &client(), PASSWORD).await;
    sign_in(&world.app, &client(), "my-mistyped-password").await;
    let mut app = world.app;
    app.stop().await;
    let logged = app.output().stderr() + &app.output().stdout();
    assert!(logged.lines().count() > 3, "nothing was logged at all: {logged}");
    let (_, token) = TOKEN.split_once(':').unwrap();
    for secret in [token, KEY, API_TOKEN, PASSWORD, "my-mistyped-password", "PLUGH", "OZMOO", "GNUSTO"] {
        let line = logged.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} was logged: {line:?}");
    }
}
