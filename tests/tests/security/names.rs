//! By which name one is called, and by which address one calls.

use reqwest::Method;
use reqwest::header::{HOST, ORIGIN};
use souvenir_tests::harness::{Answer, PASSWORD, Setup, TestApp};

use super::{client, sign_in};
use crate::world::World;

#[tokio::test]
async fn a_name_that_a_stranger_pointed_at_us_reaches_nothing() {
    let app = TestApp::with().start().await;
    for path in ["/", "/login", "/pkg/souvenir.css", "/api/chats", "/signin/x", "/fn/chats"] {
        let answer = Answer::to(client().get(app.url(path)).header(HOST, "evil.example:3000")).await;
        assert_eq!(answer.status, 421, "{path}: {}", answer.text);
        assert!(answer.text.contains("SOUVENIR_PUBLIC_URL"), "{path} names no remedy: {}", answer.text);
    }
    // A page under that name is of the same origin as its requests, and may guess passwords from within a network.
    let guess = client().post(app.url("/login")).header(HOST, "evil.example").header(ORIGIN, "http://evil.example");
    let guess = guess.header("content-type", "application/x-www-form-urlencoded").body(format!("password={PASSWORD}"));
    assert_eq!(Answer::to(guess).await.status, 421);
    for host in ["localhost:3000", "127.0.0.1", "[::1]:3000", "192.168.1.7", "pi:3000"] {
        let answer = Answer::to(client().get(app.url("/login")).header(HOST, host)).await;
        assert_eq!(answer.status, 200, "{host}");
    }
    assert_eq!(Answer::to(client().get(app.url("/healthz")).header(HOST, "probe.example")).await.status, 200);
}

#[tokio::test]
async fn the_public_name_is_known() {
    let app = TestApp::with().env("SOUVENIR_PUBLIC_URL", "https://memory.example.org").start().await;
    let login = client().get(app.url("/login")).header(HOST, "memory.example.org");
    assert_eq!(Answer::to(login).await.status, 200);
    let other = client().get(app.url("/login")).header(HOST, "memory.example.org.evil.example");
    assert_eq!(Answer::to(other).await.status, 421);
}

async fn guess(app: &TestApp, forwarded_for: &str) -> u16 {
    let form = client().post(app.url("/login")).header(ORIGIN, app.url("")).header("x-forwarded-for", forwarded_for);
    let form = form.header("content-type", "application/x-www-form-urlencoded").body("password=guess");
    Answer::to(form).await.status
}

#[tokio::test]
async fn claiming_another_address_gives_no_more_guesses() {
    let app = TestApp::with().start().await;
    for n in 0..5 {
        assert_eq!(guess(&app, &format!("203.0.113.{n}")).await, 401);
    }
    assert_eq!(guess(&app, "203.0.113.99").await, 429);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_a_limit_of_its_own() {
    let app = TestApp::with().env("SOUVENIR_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8").start().await;
    for n in 0..5 {
        // The proxy appends what it saw; what stands before is the client's own invention.
        assert_eq!(guess(&app, &format!("198.51.100.{n}, 203.0.113.1")).await, 401);
    }
    assert_eq!(guess(&app, "198.51.100.77, 203.0.113.1, 10.1.2.3").await, 429);
    assert_eq!(guess(&app, "203.0.113.2").await, 401, "somebody else may still try");
    assert_eq!(sign_in(&app, &client(), PASSWORD).await.status, 303);
}

#[tokio::test]
async fn strangers_see_that_something_is_wrong_but_not_what() {
    let world = World::start_with(|setup: Setup| setup.env("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")).await;
    let api = world.app.api();
    let detail = crate::world::eventually("the model to be found out of reach", async || {
        let ready = api.call(Method::GET, "/readyz", None).await;
        (ready.json["model"]["status"] == "degraded").then(|| ready.json["model"]["detail"].as_str().map(str::to_owned))
    });
    let detail = detail.await.expect("a detail for the owner");
    assert!(detail.len() > "degraded".len(), "{detail}");
    let seen = Answer::to(client().get(world.app.url("/readyz"))).await;
    assert_eq!((seen.status, seen.json["model"]["status"].as_str()), (503, Some("degraded")));
    assert!(!seen.text.contains(&detail) && !seen.text.contains("127.0.0.1"), "{}", seen.text);
}
