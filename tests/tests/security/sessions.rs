//! Sessions: where they come from, how long they open anything, and what a copy of the database is worth.

use std::os::unix::fs::PermissionsExt;

use reqwest::Client;
use reqwest::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use souvenir_tests::harness::{API_TOKEN, Answer, PASSWORD, TestApp};

use super::{client, sign_in};

/// The name and the value of the cookie that an answer sets.
fn cookie(answer: &Answer) -> (String, String) {
    let cookie = answer.headers[SET_COOKIE].to_str().expect("text");
    let (name, rest) = cookie.split_once('=').expect("a name and a value");
    (name.to_owned(), rest.split(';').next().expect("a value").to_owned())
}

async fn opens(app: &TestApp, name: &str, value: &str) -> bool {
    let request = Client::new().get(app.url("/api/chats")).header(COOKIE, format!("{name}={value}"));
    Answer::to(request).await.status == 200
}

async fn form(app: &TestApp, path: &str, cookie: &str, body: String) -> Answer {
    let form = client().post(app.url(path)).header(ORIGIN, app.url("")).header(COOKIE, cookie).body(body);
    Answer::to(form.header("content-type", "application/x-www-form-urlencoded")).await
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_the_one_that_signs_in() {
    let app = TestApp::with().start().await;
    let (name, theirs) = cookie(&sign_in(&app, &client(), PASSWORD).await);
    let (_, before) = {
        // Signing in again in a browser that has a session already also makes a new one, and ends the old one.
        let body = format!("password={}", PASSWORD.replace(' ', "+"));
        cookie(&form(&app, "/login", &format!("{name}={theirs}"), body).await)
    };
    assert_ne!(before, theirs);
    assert!(opens(&app, &name, &before).await);
    assert!(!opens(&app, &name, &theirs).await, "the old id still opens");
    let planted = "AAAAAAAAAAAAAAAAAAAAAA";
    let body = format!("password={}", PASSWORD.replace(' ', "+"));
    let (_, given) = cookie(&form(&app, "/login", &format!("{name}={planted}"), body).await);
    assert_ne!(given, planted);
    assert!(!opens(&app, &name, planted).await, "the planted id opens");
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_every_link() {
    let app = TestApp::with().start().await;
    let link = app.sign_in_link().await;
    let (telephone, laptop) = (client(), client());
    let (name, on_telephone) = cookie(&sign_in(&app, &telephone, PASSWORD).await);
    let (_, on_laptop) = cookie(&sign_in(&app, &laptop, PASSWORD).await);
    let foreign = client().post(app.url("/logout/everywhere")).header(ORIGIN, "http://evil.example");
    let foreign = Answer::to(foreign.header(COOKIE, format!("{name}={on_laptop}"))).await;
    assert_eq!(foreign.status, 403);
    assert!(opens(&app, &name, &on_telephone).await);
    let out = form(&app, "/logout/everywhere", &format!("{name}={on_laptop}"), String::new()).await;
    assert_eq!(out.status, 303, "{}", out.text);
    assert!(!opens(&app, &name, &on_telephone).await && !opens(&app, &name, &on_laptop).await);
    let used = Answer::to(client().post(&link).header(ORIGIN, app.url(""))).await;
    assert_eq!(used.status, 410, "a link from before still opens: {}", used.text);
    assert_eq!(sign_in(&app, &client(), PASSWORD).await.status, 303, "the password still does");
}

#[tokio::test]
async fn over_https_the_cookie_belongs_to_this_host_alone_and_browsers_stay_with_https() {
    let app = TestApp::with().env("SOUVENIR_PUBLIC_URL", "https://memory.example.org").start().await;
    let form = client().post(app.url("/login")).header(HOST, "memory.example.org");
    let form =
        form.header(ORIGIN, "https://memory.example.org").body(format!("password={}", PASSWORD.replace(' ', "+")));
    let answer = Answer::to(form.header("content-type", "application/x-www-form-urlencoded")).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-"), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.split("; ").any(|found| found == part), "no {part} in {cookie}");
    }
    assert!(!cookie.to_lowercase().contains("domain="), "{cookie}");
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    // Whoever can answer for http under the public name is not us.
    let plain = client().post(app.url("/login")).header(HOST, "memory.example.org");
    let plain = plain.header(ORIGIN, "http://memory.example.org").body("password=x");
    assert_eq!(Answer::to(plain.header("content-type", "application/x-www-form-urlencoded")).await.status, 403);
}

#[tokio::test]
async fn a_copy_of_the_database_opens_nothing() {
    let mut app = TestApp::with().start().await;
    let link = app.sign_in_link().await;
    let (name, session) = cookie(&sign_in(&app, &client(), PASSWORD).await);
    let folder = app.setup().folder().to_owned();
    let kept: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let files: Vec<Vec<u8>> = kept.iter().filter_map(|path| std::fs::read(path).ok()).collect();
    assert!(files.iter().any(|file| file.starts_with(b"SQLite format 3")), "{kept:?}");
    let (_, token) = link.rsplit_once('/').unwrap();
    for secret in [session.as_str(), token, PASSWORD, API_TOKEN] {
        let held = files.iter().any(|file| file.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(!held, "a secret of {} characters lies in the database", secret.len());
    }
    for path in kept.iter().filter(|path| path.to_string_lossy().contains("souvenir.db")) {
        let mode = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{} may be read by others", path.display());
    }
    assert!(opens(&app, &name, &session).await, "it was a session");
    app.stop().await;
}

#[tokio::test]
async fn private_pages_are_kept_by_no_cache() {
    let app = TestApp::with().start().await;
    let client = client();
    sign_in(&app, &client, PASSWORD).await;
    for path in ["/", "/settings", "/api/chats", "/api/settings", "/login", "/nowhere"] {
        let answer = Answer::to(client.get(app.url(path))).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        let policy = answer.header("content-security-policy");
        // Bars get their widths from attributes; a style element or sheet from elsewhere is not taken.
        for directive in policy.split(';').filter(|part| !part.trim().starts_with("style-src-attr")) {
            assert!(!directive.contains("unsafe-inline"), "{path}: {directive}");
        }
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{path}: {policy}");
    }
}
