//! What somebody reads or writes stays theirs: through news, questions that are taken back, keys, and a server that is away.

use serde_json::json;
use souvenir_tests::browser::Browser;
use souvenir_tests::harness::TestApp;
use souvenir_tests::model::ModelServer;

use crate::maintenance::consolidated;
use crate::pages::sign_in;
use crate::world::{eventually, text_of};

async fn browser_at(app: &TestApp) -> Browser {
    let browser = Browser::start().await;
    browser.resize(1_280, 900).await;
    sign_in(&browser, app).await;
    browser
}

/// Where an element begins in the window, and how many messages are shown.
async fn place(browser: &Browser, id: i64) -> (f64, u64) {
    let script = format!(
        "return [document.getElementById('m{id}')?.getBoundingClientRect().top, document.querySelectorAll('#messages .talk').length]"
    );
    let found = browser.script(&script).await;
    (found[0].as_f64().unwrap_or(f64::NAN).round(), found[1].as_u64().expect("a count"))
}

#[tokio::test]
async fn whoever_reads_further_down_loses_their_place_neither_by_news_nor_by_a_question() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Long").await;
    for turn in 0..60 {
        api.say(chat, &text_of(12, turn)).await;
    }
    let browser = browser_at(&app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/history"))).await;
    eventually("all of it to be read", async || {
        browser.script("window.scrollTo(0, document.body.scrollHeight)").await;
        (place(&browser, 1).await.1 == 120).then_some(())
    })
    .await;
    // In the middle of what was read besides.
    let read = 30;
    browser.script(&format!("document.getElementById('m{read}').scrollIntoView({{block: 'center'}})")).await;
    let there = eventually("the page to have scrolled", async || {
        let place = place(&browser, read).await;
        (place.0 > 100.0 && place.0 < 800.0).then_some(place)
    })
    .await;
    api.say(chat, "A late arrival.").await;
    eventually("the news", async || (place(&browser, read).await.1 == 122).then_some(())).await;
    assert!(
        (place(&browser, read).await.0 - there.0).abs() < 3.0,
        "it moved from {} to {:?}",
        there.0,
        place(&browser, read).await
    );
    browser.click(&format!("#m{read} a.forget")).await;
    browser.wait_for_text(".sure", "cannot be undone").await;
    assert_eq!(place(&browser, read).await.1, 122, "it is asked within what was read");
    browser.press("Escape").await;
    browser.wait_until_gone(".sure").await;
    assert_eq!(place(&browser, read).await.1, 122);
    browser.script("history.go(-2)").await;
    browser.wait_for_path(|path| path.ends_with("/history")).await;
    assert_eq!(place(&browser, read).await.1, 122);
}

#[tokio::test]
async fn what_is_written_is_sent_and_given_up_by_keys() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Keys").await;
    let fact = api.post(&format!("/api/chats/{chat}/facts"), json!({"statement": "Likes tea"})).await["id"].clone();
    let browser = browser_at(&app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?fact={fact}"))).await;
    browser.wait_for(".drawer").await;
    let writes = async || browser.script("return document.activeElement.tagName").await == "TEXTAREA";
    browser.press("e").await;
    eventually("the field to have the focus", async || writes().await.then_some(())).await;
    // The first Escape gives up the edit, the second closes what is beside the list.
    browser.press("Escape").await;
    browser.wait_until_gone("tr.edit").await;
    browser.wait_for(".drawer").await;
    browser.press("Escape").await;
    browser.wait_until_gone(".drawer").await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?edit={fact}"))).await;
    browser.fill("tr.edit textarea", "Likes green tea").await;
    let keys = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true}))";
    browser.script(keys).await;
    eventually("it to be saved", async || {
        let facts = api.list(&format!("/api/chats/{chat}/facts")).await;
        (facts[0]["statement"] == "Likes green tea").then_some(())
    })
    .await;
    // A section's button keeps the focus when what it opens is drawn.
    browser.open_alive(&app.url(&format!("/chats/{chat}"))).await;
    browser.script("document.querySelectorAll('.ledger button')[1].focus()").await;
    browser.press("Enter").await;
    browser.wait_for("tr.opened").await;
    eventually("the focus to be back", async || {
        let name = browser.script("return document.activeElement.textContent").await;
        name.as_str().is_some_and(|name| name.contains("Facts")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn words_that_did_not_arrive_are_still_in_the_field() {
    let mut app = TestApp::with().start().await;
    let chat = app.api().console_chat("Away").await;
    let browser = browser_at(&app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/console"))).await;
    app.stop().await;
    browser.fill("#message", "Words that must not be lost").await;
    browser.press("Enter").await;
    browser.wait_for_text("main", "cannot be reached").await;
    let field = browser.script("return document.getElementById('message').value").await;
    assert_eq!(field, "Words that must not be lost");
}

#[tokio::test]
async fn what_was_opened_stays_open_when_news_come() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Receipts").await;
    api.say(chat, "I live in Lyon, near the river.").await;
    consolidated(&api, chat).await;
    let browser = browser_at(&app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/episodes"))).await;
    browser.click(".receipt summary").await;
    let is_open = "return document.querySelector('.receipt').open";
    assert_eq!(browser.script(is_open).await, true);
    browser.script("document.querySelector('.episodes').dataset.before = 'the news'").await;
    api.say(chat, "And I like tea.").await;
    browser.wait_until_gone(".episodes[data-before]").await;
    browser.wait_for(".receipt").await;
    assert_eq!(browser.script(is_open).await, true);
}
