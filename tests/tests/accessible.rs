//! Nobody is kept out: axe finds nothing on any page in either theme, and the keyboard reaches everything.

use serde_json::{Value, json};
use souvenir_tests::browser::Browser;
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::ModelServer;

use crate::maintenance::{add, consolidated, consolidating};
use crate::pages::sign_in;
use crate::world::last_turn;

/// A chat with something on every page: facts of all kinds, a proposal, a closed and an open episode, an archived message.
async fn with_everything(model: &ModelServer, app: &TestApp) -> (i64, Value) {
    let api = app.api();
    let chat = api.console_chat("Kitchen and December").await;
    let facts = format!("/api/chats/{chat}/facts");
    api.post(&facts, json!({"statement": "lives in Nice", "subject": "Ada", "pinned": true})).await;
    api.post(&facts, json!({"statement": "Finish the shelves", "kind": "goal", "due_at": "2026-12-12"})).await;
    let old = api.post(&facts, json!({"statement": "owned a boat"})).await["id"].clone();
    api.patch(&format!("{facts}/{old}"), json!({"status": "retracted"})).await;
    consolidating(model, |text| {
        json!([
            add(text, "lives in Lyon", "I live in Lyon"),
            add(text, "has a sister called Natalie", "my sister Natalie"),
            add(text, "owns a yacht", "never said")
        ])
    });
    let first = api.say(chat, "As of March I live in Lyon, near the river.").await["message_id"].clone();
    api.say(chat, "I saw my sister Natalie on 12 March 2026 for 1200 euros.\n\n- one\n- two\n\n`code` and a [link](https://example.org)").await;
    consolidated(&api, chat).await;
    api.post(&format!("/api/chats/{chat}/messages/archive"), json!({"ids": [first], "archived": true})).await;
    api.say(chat, "Что мы решили про полки?").await;
    (chat, last_turn(&api, chat).await["id"].clone())
}

/// What axe holds against the page, in both themes.
async fn findings(browser: &Browser, url: &str) -> Vec<String> {
    let mut found = Vec::new();
    browser.open_alive(url).await;
    for scheme in ["light", "dark"] {
        // Without motion, so that no colour is measured on its way to another.
        let features = json!([{"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"}]);
        browser.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await;
        browser.script("document.querySelectorAll('main details').forEach(each => each.open = true)").await;
        found.extend(browser.axe().await.into_iter().map(|finding| format!("{url} ({scheme}): {finding}")));
    }
    found
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page_in_either_theme() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let (chat, turn) = with_everything(&model, &app).await;
    let browser = Browser::start().await;
    let mut found = Vec::new();
    browser.open(&app.url("/login")).await;
    found.extend(browser.axe().await.into_iter().map(|finding| format!("/login: {finding}")));
    sign_in(&browser, &app).await;
    let of_chat = [
        "",
        "?d=long&open=recent",
        "/console",
        "/facts",
        "/facts?fact=1",
        "/facts?fact=4",
        "/facts?add=1",
        "/facts?edit=1",
        "/facts?show=all",
        "/facts?as_of=2026-01-01",
        "/proposals",
        "/episodes",
        "/analysis",
        "/history",
        "/history?at=1",
        "/history?forget=1",
        "/history?q=sister",
        "/history?tier=archived",
        "/turns",
        &format!("/turns/{turn}?d=long#replay"),
        "/settings?forget=1",
    ];
    let pages = of_chat.map(|page| format!("/chats/{chat}{page}"));
    let apart =
        ["/", "/?q=sister&sort=cost", "/settings", "/usage", "/imports", "/chats/4711", "/nowhere"].map(str::to_owned);
    for (width, pages) in [(1_280, pages.iter().chain(&apart).collect::<Vec<_>>()), (390, pages.iter().collect())] {
        browser.resize(width, 900).await;
        for page in pages {
            found.extend(findings(&browser, &app.url(page)).await.into_iter().map(|told| format!("{width} px {told}")));
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[tokio::test]
async fn an_empty_dashboard_is_accessible_too() {
    let app = TestApp::with().start().await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    let mut found = findings(&browser, &app.url("/")).await;
    let chat = app.api().console_chat("Empty").await;
    for page in ["", "/console", "/facts", "/proposals", "/episodes", "/analysis", "/history", "/turns", "/settings"] {
        found.extend(findings(&browser, &app.url(&format!("/chats/{chat}{page}"))).await);
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
