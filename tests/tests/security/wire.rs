//! What arrives on the wire, from whoever: too much, too deep, too many, or no HTTP at all.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Method;
use souvenir_tests::harness::{API_TOKEN, Answer, Events, TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client;

fn address(app: &TestApp) -> SocketAddr {
    app.url("").trim_start_matches("http://").parse().expect("an address")
}

/// Writes bytes as they are and gives what comes back until the server closes, at most for a moment.
async fn raw(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address(app)).await.expect("a connection");
    // The server may close before it has read all of it.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_harms_nobody() {
    let app = TestApp::with().start().await;
    let huge_head = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: {}\r\n\r\n", "x".repeat(300_000));
    let many_headers = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X-Many: 1\r\n".repeat(5_000));
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(70_000));
    for bytes in [huge_head.as_bytes(), many_headers.as_bytes(), long_path.as_bytes()] {
        let answer = raw(&app, bytes).await;
        assert!(answer.is_empty() || (400..=431).contains(&status(&answer)), "{answer:.200}");
    }
    let two_lengths =
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!";
    let obscured =
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello";
    let bare = b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for bytes in [&two_lengths[..], &obscured[..], &bare[..], b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"\r\n\r\n\r\n"]
    {
        let answer = raw(&app, bytes).await;
        assert!(answer.is_empty() || status(&answer) == 400, "{bytes:?}: {answer:.200}");
    }
    assert_eq!(Answer::to(client().get(app.url("/healthz"))).await.status, 200);
}

#[tokio::test]
async fn no_path_leads_out_of_the_assets() {
    let app = TestApp::with().start().await;
    for path in [
        "/pkg/../souvenir.db",
        "/pkg/../../../../../../etc/passwd",
        "/pkg/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/pkg/..%2f..%2f..%2fetc%2fpasswd",
        "/pkg/..%5c..%5cetc%5cpasswd",
        "/pkg/%252e%252e/etc/passwd",
        "/pkg//etc/passwd",
        "/pkg/%00",
        "/pkg/souvenir.css%00.js",
        "/pkg/....//....//etc/passwd",
        "/pkg/%c0%ae%c0%ae/etc",
    ] {
        // Clients tidy such paths up, so they are written by hand.
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = raw(&app, request.as_bytes()).await;
        assert!(!answer.contains("root:") && !answer.contains("SQLite"), "{path}: {answer:.300}");
        assert!((300..500).contains(&status(&answer)), "{path}: {answer:.200}");
    }
}

#[tokio::test]
async fn bodies_that_are_deep_or_broken_are_refused_with_the_reason() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Bodies").await;
    let deep = "[".repeat(100_000);
    let wide = format!("{{\"text\": \"a\", {}\"x\": 1}}", "\"text\": \"b\", ".repeat(20_000));
    for body in [
        deep.as_bytes(),
        wide.as_bytes(),
        b"{\"text\": \"\xff\xfe\"}",
        b"{\"text\": \"\\ud800\"}",
        b"{\"text\"",
        b"nul",
        b"{\"text\": 1e999}",
        b"\xef\xbb\xbf{\"text\": \"x\"}",
    ] {
        for path in [format!("/api/chats/{chat}/messages"), "/api/settings".to_owned()] {
            let method = if path.ends_with("settings") { Method::PATCH } else { Method::POST };
            let request = api.request(method, &path).header("content-type", "application/json").body(body.to_vec());
            let answer = Answer::to(request).await;
            assert!([400, 422].contains(&answer.status), "{path} {:.60?}: {}", body, answer.text);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert!(answer.text.len() < 4_000, "the refusal repeats the body: {} bytes", answer.text.len());
        }
    }
    let form = api.request(Method::POST, "/api/chats").header("content-type", "text/plain").body("{\"title\": \"x\"}");
    assert_eq!(Answer::to(form).await.status, 415, "a form of another site could send this");
}

#[tokio::test]
async fn streams_and_connections_that_stay_open_keep_nobody_out_for_good() {
    let app = TestApp::with().start().await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(address(&app)).await.expect("a connection");
        stream.write_all(b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").await.expect("the first bytes");
        idle.push(stream);
    }
    let mut streams = Vec::new();
    let refused = loop {
        assert!(streams.len() <= 200, "there is no end of streams");
        let request = app.api().request(Method::GET, "/api/events").send().await.expect("an answer");
        if request.status() == 200 { streams.push(request) } else { break request }
    };
    assert_eq!(refused.status(), 503);
    assert!(streams.len() >= 50, "only {} streams", streams.len());
    assert_eq!(Answer::to(app.api().request(Method::GET, "/api/chats")).await.status, 200);
    drop(streams);
    crate::world::eventually("a place for a stream again", async || {
        let again = app.api().request(Method::GET, "/api/events").send().await.expect("an answer");
        (again.status() == 200).then_some(())
    })
    .await;
    let opened: Events = app.api().events("/api/events").await;
    drop(opened);
}

#[tokio::test]
async fn a_token_is_the_whole_token() {
    let app = TestApp::with().start().await;
    let status = async |value: String| {
        let request = client().get(app.url("/api/chats")).header("authorization", value);
        Answer::to(request).await.status
    };
    assert_eq!(status(format!("Bearer {API_TOKEN}")).await, 200);
    for wrong in ["", "Bearer", "Bearer ", "Bearer x", "Basic dTpw", "Bearer null"] {
        assert_eq!(status(wrong.to_owned()).await, 401, "{wrong:?}");
    }
    for wrong in [&API_TOKEN[..API_TOKEN.len() - 1], &format!("{API_TOKEN}x"), &API_TOKEN.to_uppercase()] {
        assert_eq!(status(format!("Bearer {wrong}")).await, 401);
    }
    assert_eq!(Answer::to(client().get(app.url(&format!("/api/chats?token={API_TOKEN}")))).await.status, 401);
}
