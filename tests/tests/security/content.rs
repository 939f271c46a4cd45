//! What people and models write, on pages: text, and nothing but text.

use serde_json::{Value, json};
use souvenir_tests::browser::Browser;
use souvenir_tests::harness::{Answer, PASSWORD, TestApp};
use souvenir_tests::model::ModelServer;

use super::{client, sign_in};
use crate::world::World;

/// What does something where it is taken for more than text: as HTML, in an attribute, in a script, as a link.
const HOSTILE: [&str; 8] = [
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    "\" autofocus onfocus=window.pwned=1 x=\"",
    "'-window.pwned=1-'",
    "[link](javascript:window.pwned=1) ![x](javascript:window.pwned=1) <javascript:window.pwned=1>",
    "</textarea></title><iframe srcdoc=\"<script>parent.pwned=1</script>\"></iframe>\u{2028}${window.pwned=1}",
];

fn everything() -> String {
    HOSTILE.join("\n\n")
}

/// The addresses of every page of a chat.
fn pages(chat: i64, turn: i64, fact: i64) -> Vec<String> {
    let of_chat =
        ["", "/facts", "/turns", "/console", "/history", "/settings"].map(|page| format!("/chats/{chat}{page}"));
    let more = [
        format!("/chats/{chat}/turns/{turn}"),
        format!("/chats/{chat}/facts?fact={fact}"),
        format!("/chats/{chat}/facts?edit={fact}"),
        format!("/chats/{chat}/facts?deleted={fact}"),
        "/settings".to_owned(),
        "/".to_owned(),
    ];
    of_chat.into_iter().chain(more).collect()
}

/// A chat in which everything that can be written is hostile; gives the pages that show it.
async fn hostile_chat(app: &TestApp, model: &ModelServer) -> Vec<String> {
    let api = app.api();
    let chat = api.console_chat(&HOSTILE[..4].join(" ")).await;
    model.reply_with([everything()]);
    let said = api.say(chat, &everything()).await;
    let fact = json!({"statement": everything(), "subject": HOSTILE[4], "kind": "goal"});
    let fact = api.post(&format!("/api/chats/{chat}/facts"), fact).await;
    let settings = json!({"system_prompt": everything(), "chat_model": HOSTILE[2], "memory_model": HOSTILE[1]});
    api.patch(&format!("/api/chats/{chat}"), settings).await;
    let id = |value: &Value| value.as_i64().expect("an id");
    pages(chat, id(&said["turn_id"]), id(&fact["id"]))
}

/// Fails when a piece of hostile text stands in HTML as more than text.
fn assert_is_text(path: &str, html: &str) {
    for live in
        ["<script>window", "<img src=x", "<svg/onload", "<iframe", "\"\" autofocus onfocus", "href=\"javascript:"]
    {
        let at = html.find(live);
        let around = at.map(|at| html.get(at.saturating_sub(80)..(at + 80).min(html.len())).unwrap_or_default());
        assert!(around.is_none(), "{path} holds {live}: {around:?}");
    }
}

#[tokio::test]
async fn hostile_words_are_text_on_every_page() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let pages = hostile_chat(&app, &model).await;
    let client = client();
    sign_in(&app, &client, PASSWORD).await;
    let mut shown = 0;
    for path in &pages {
        let page = Answer::to(client.get(app.url(path))).await;
        assert_eq!(page.status, 200, "{path}");
        assert_is_text(path, &page.text);
        shown += usize::from(page.text.contains("&lt;script&gt;") || page.text.contains("\\u003cscript"));
    }
    assert!(shown > 8, "the words were shown on {shown} pages only");
}

#[tokio::test]
async fn hostile_words_run_in_no_browser() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let pages = hostile_chat(&app, &model).await;
    let browser = Browser::start().await;
    browser.open(&app.url("/login")).await;
    browser.fill("input[name=password]", PASSWORD).await;
    browser.click("button[type=submit]").await;
    browser.wait_for_path(|path| path == "/").await;
    for path in &pages {
        // Once alive, a page has put the sheets in their places anew.
        browser.open_alive(&app.url(path)).await;
        assert_eq!(browser.script("return window.pwned ?? null").await, json!(null), "{path} ran something");
        let links = "return [...document.querySelectorAll('a[href]')].map(a => a.protocol).join()";
        let protocols = browser.script(links).await;
        assert!(!protocols.to_string().contains("javascript"), "{path}: {protocols}");
    }
    // The policy would have stopped them, too: it complains when it has something to stop.
    let stopped: Vec<_> =
        browser.console().await.into_iter().filter(|line| line.contains("Content Security Policy")).collect();
    assert!(stopped.is_empty(), "{stopped:#?}");
}

#[tokio::test]
async fn a_hostile_name_in_telegram_is_text_on_pages() {
    let mut world = World::start_with(|setup| setup.env("TELEGRAM_ALLOWED", "*")).await;
    world.ada = world.bot.user(6_006, "<img src=x onerror=window.pwned=1>\"><script>window.pwned=1</script>");
    world.ask("hello").await;
    let api = world.app.api();
    let chats = api.list("/api/chats").await;
    let chat = chats.iter().find(|chat| chat["title"].as_str().unwrap().contains("<img")).expect("the chat");
    let turns = api.list(&format!("/api/chats/{}/turns", chat["id"])).await;
    let client = client();
    sign_in(&world.app, &client, PASSWORD).await;
    for path in pages(chat["id"].as_i64().unwrap(), turns[0]["id"].as_i64().unwrap(), 1) {
        let page = Answer::to(client.get(world.app.url(&path))).await;
        assert_is_text(&path, &page.text);
    }
}

#[tokio::test]
async fn addresses_are_text_on_pages_and_lead_nowhere_else() {
    let app = TestApp::with().start().await;
    let client = client();
    let script = "%22%3E%3Cscript%3Ewindow.pwned%3D1%3C/script%3E";
    for path in [format!("/login?next=/{script}"), format!("/signin/{script}"), "/login?next=//evil.example".to_owned()]
    {
        let page = Answer::to(client.get(app.url(&path))).await;
        assert_is_text(&path, &page.text);
        assert!(!page.text.contains("value=\"//evil"), "{path}: {}", page.text);
    }
    let form = client.post(app.url("/login")).header("origin", app.url(""));
    let body = format!("password={}&next=%2F%2Fevil.example%2F", PASSWORD.replace(' ', "+"));
    let answer = Answer::to(form.header("content-type", "application/x-www-form-urlencoded").body(body)).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    for path in [
        format!("/{script}"),
        format!("/chats/{script}"),
        format!("/chats/1/facts?kind={script}&show={script}"),
        format!("/settings?__path=/fn/set_setting&__err={script}"),
    ] {
        let page = Answer::to(client.get(app.url(&path))).await;
        assert!(page.status < 500, "{path}: {}", page.status);
        assert_is_text(&path, &page.text);
    }
}
