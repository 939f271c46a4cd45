//! Edits that show before they are saved, and are taken back: from a notice, with scripts and without.

use serde_json::json;
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{Api, TestApp};

use crate::maintenance::statements;
use crate::pages::{assert_no_complaints, sign_in};
use crate::world::eventually;

async fn fact_in(api: &Api, chat: i64, statement: &str) -> i64 {
    let fact = api.post(&format!("/api/chats/{chat}/facts"), json!({"statement": statement})).await;
    fact["id"].as_i64().expect("an id")
}

async fn open(browser: &Browser, scripts: Scripts, url: &str) {
    match scripts {
        Scripts::Allowed => browser.open_alive(url).await,
        Scripts::Blocked => browser.open(url).await,
    }
}

#[tokio::test]
async fn what_was_done_to_a_fact_is_taken_back_to_what_it_was() {
    let app = TestApp::with().start().await;
    let api = app.api();
    for scripts in [Scripts::Allowed, Scripts::Blocked] {
        let chat = api.console_chat("Undo").await;
        let fact = fact_in(&api, chat, "likes tea").await;
        let browser = Browser::start_with(scripts).await;
        sign_in(&browser, &app).await;
        let is = async |statement: &str, pinned: bool| {
            eventually(&format!("{statement:?}, pinned: {pinned}"), async || {
                let now = api.list(&format!("/api/chats/{chat}/facts")).await;
                (now.len() == 1 && now[0]["statement"] == statement && now[0]["pinned"] == pinned).then_some(())
            })
            .await;
        };
        let drawer = app.url(&format!("/chats/{chat}/facts?fact={fact}&kind=other"));
        open(&browser, scripts, &drawer).await;
        browser.click("form[action='/fn/pin_fact'] button").await;
        browser.wait_for_text(".toast", &format!("Fact {fact} pinned.")).await;
        is("likes tea", true).await;
        assert!(browser.has("select[name=kind] option[value=other][selected]").await, "what is shown stays");

        // Deleting takes the pin away, and undoing brings it back with the fact.
        browser.click("form[action='/fn/delete_fact'] button").await;
        browser.wait_for_text(".toast", "deleted. It will not be learnt again.").await;
        assert_eq!(statements(&api, chat).await.len(), 0);
        browser.click(".toast button").await;
        is("likes tea", true).await;

        open(&browser, scripts, &app.url(&format!("/chats/{chat}/facts?edit={fact}"))).await;
        browser.fill("textarea[name='form[statement]']", "likes coffee").await;
        browser.click("form[action='/fn/edit_fact'] button[type=submit]").await;
        browser.wait_for_text(".toast", &format!("Fact {fact} changed.")).await;
        is("likes coffee", true).await;
        // What has changed since is not lost by it.
        if scripts == Scripts::Blocked {
            api.patch(&format!("/api/chats/{chat}/facts/{fact}"), json!({"statement": "likes water"})).await;
            browser.click(".toast button").await;
            browser.wait_for_text("main", "has changed since").await;
            is("likes water", true).await;
        } else {
            browser.click(".toast button").await;
            is("likes tea", true).await;
            browser.wait_until_gone(".toast").await;
            assert_no_complaints(&browser).await;
        }
    }
}

#[tokio::test]
async fn archiving_is_taken_back_for_what_it_archived_and_nothing_else() {
    let app = TestApp::with().start().await;
    let api = app.api();
    for scripts in [Scripts::Allowed, Scripts::Blocked] {
        let chat = api.console_chat("Archive").await;
        api.say(chat, "one").await;
        api.say(chat, "two").await;
        let archived = async || api.list(&format!("/api/chats/{chat}/messages?archived=true")).await.len();
        let ids: Vec<i64> = api
            .list(&format!("/api/chats/{chat}/messages"))
            .await
            .iter()
            .filter_map(|message| message["id"].as_i64())
            .collect();
        api.post(&format!("/api/chats/{chat}/messages/archive"), json!({"ids": [ids[0]], "archived": true})).await;
        let browser = Browser::start_with(scripts).await;
        sign_in(&browser, &app).await;
        open(&browser, scripts, &app.url(&format!("/chats/{chat}/history"))).await;
        for id in &ids[..3] {
            browser.click(&format!("input[name='messages[]'][value='{id}']")).await;
        }
        browser.click("#bulk button[value=archive]").await;
        browser.wait_for_text(".toast", "2 messages archived").await;
        assert_eq!(archived().await, 3);
        browser.click(".toast button").await;
        eventually("two to be back", async || (archived().await == 1).then_some(())).await;
    }
}

#[tokio::test]
async fn an_edit_shows_before_it_is_saved_and_a_failure_takes_it_back() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("At once").await;
    let fact = fact_in(&api, chat, "likes tea").await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?fact={fact}"))).await;
    browser.wait_for("form[action='/fn/delete_fact']").await;
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setBlockedURLs", json!({"urls": ["*/fn/delete_fact*"]})).await;
    // The row is hidden for so short a time here that only an observer sees it.
    browser
        .script(&format!(
            "window.seen = []; new MutationObserver(all => all.forEach(each => seen.push(each.target.dataset.pending \
             ?? 'back'))).observe(document.querySelector('#f{fact}'), {{attributeFilter: ['data-pending']}})"
        ))
        .await;
    browser.click("form[action='/fn/delete_fact'] button").await;
    browser.wait_for_text(".refusal", "cannot be reached").await;
    assert_eq!(browser.script("return window.seen").await, json!(["gone", "back"]));
    assert_eq!(statements(&api, chat).await, ["likes tea"]);
    // It is sent again, and the notice leaves the address once it was there for long enough.
    browser.devtools("Network.setBlockedURLs", json!({"urls": []})).await;
    browser.click(".refusal button").await;
    browser.wait_for_text(".toast", "deleted").await;
    browser.wait_until_gone(".refusal .alert").await;
    assert_eq!(statements(&api, chat).await.len(), 0);
    assert_eq!(browser.script("return location.search.startsWith('?did=')").await, json!(true));
    browser
        .script("document.querySelector('.toast').dispatchEvent(new AnimationEvent('animationend', {bubbles: true}))")
        .await;
    browser.wait_until_gone(".toast").await;
    assert_eq!(browser.script("return location.search").await, json!(""));
}
