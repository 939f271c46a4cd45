//! The dashboard, as a person in a browser sees it.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{PASSWORD, TestApp};
use souvenir_tests::model::ModelServer;

use crate::maintenance::{add, consolidated, consolidating};
use crate::world::{World, eventually, hours_later, last_turn};

/// So many streams of events the server keeps open at once.
const PLACES_FOR_STREAMS: usize = 100;

pub(crate) async fn sign_in(browser: &Browser, app: &TestApp) {
    browser.open(&app.url("/login")).await;
    browser.fill("input[name=password]", PASSWORD).await;
    browser.click("button[type=submit]").await;
    browser.wait_for_path(|path| path == "/").await;
}

/// Fails when the page complained about anything.
pub(crate) async fn assert_no_complaints(browser: &Browser) {
    let complaints: Vec<_> = browser.console().await.into_iter().filter(|line| line.contains("SEVERE")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test]
async fn the_owner_signs_in_and_talks_in_the_console() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    browser.wait_until_alive().await;
    browser.click("form[action='/fn/create_chat'] button").await;
    let path = browser.wait_for_path(|path| path.starts_with("/chats/")).await;
    let chat: i64 = path.split('/').nth(2).unwrap().parse().unwrap();

    browser.open_alive(&app.url(&format!("/chats/{chat}/console"))).await;
    browser.script("window.stayed = true").await;
    model.reply_with(["The *answer* to your question."]);
    browser.fill("#message", "What is the question?").await;
    browser.click("form[action='/fn/say'] button[type=submit]").await;
    browser.wait_for_text(".log .me .txt", "What is the question?").await;
    browser.wait_for_text(".log .talk:not(.me) .txt", "The answer to your question.").await;
    assert_eq!(browser.script("return window.stayed").await, json!(true), "the page was loaded anew");

    // The reply leads to its turn, and the turn explains it with the exact count.
    let turn = last_turn(&app.api(), chat).await;
    browser.click(&format!(".log a[href='/chats/{chat}/turns/{}']", turn["id"])).await;
    browser.wait_for_path(|path| path.contains("/turns/")).await;
    let tokens = model.requests()[0].prompt_tokens.to_string();
    browser.wait_for_text("main", &tokens).await;
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn a_telegram_message_appears_without_reloading() {
    let world = World::start().await;
    world.ask("hello").await;
    let browser = Browser::start().await;
    sign_in(&browser, &world.app).await;
    browser.open_alive(&world.app.url(&format!("/chats/{}/history", world.chat().await))).await;
    browser.script("window.stayed = true").await;
    world.bot.say(&world.ada, "news from Telegram");
    browser.wait_for_text("main", "news from Telegram").await;
    browser.wait_for_text("main", "the last one said: news from Telegram").await;
    assert_eq!(browser.script("return window.stayed").await, json!(true));
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn a_message_that_arrives_while_the_page_comes_alive_appears() {
    let world = World::start().await;
    world.ask("hello").await;
    let browser = Browser::start().await;
    sign_in(&browser, &world.app).await;
    for round in 0..3 {
        browser.open(&world.app.url(&format!("/chats/{}/history", world.chat().await))).await;
        let news = format!("early news {round}");
        world.bot.say(&world.ada, &news);
        browser.wait_for_text("main", &format!("the last one said: {news}")).await;
    }
}

#[tokio::test]
async fn everything_works_before_any_script_has_loaded() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let browser = Browser::start_with(Scripts::Blocked).await;
    sign_in(&browser, &app).await;
    browser.click("form[action='/fn/create_chat'] button").await;
    let path = browser.wait_for_path(|path| path.starts_with("/chats/")).await;
    let chat: i64 = path.split('/').nth(2).unwrap().parse().unwrap();
    browser.open(&app.url(&format!("/chats/{chat}/console"))).await;
    model.reply_with(["An answer without scripts."]);
    browser.fill("#message", "Does this work?").await;
    browser.click("form[action='/fn/say'] button[type=submit]").await;
    browser.wait_for_text(".log", "An answer without scripts.").await;
    assert_eq!(browser.path().await, format!("/chats/{chat}/console"));
}

#[tokio::test]
async fn a_fact_is_added_edited_and_deleted() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Facts").await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?add=1"))).await;
    browser.fill("textarea[name='form[statement]']", "Grows tomatoes on the balcony.").await;
    browser.click("form[action='/fn/add_fact'] button[type=submit]").await;
    browser.wait_for_text("table.facts", "Grows tomatoes on the balcony.").await;

    let facts = api.list(&format!("/api/chats/{chat}/facts")).await;
    let fact = facts[0]["id"].as_i64().unwrap();
    browser.open(&app.url(&format!("/chats/{chat}/facts?edit={fact}"))).await;
    browser.fill("textarea[name='form[statement]']", "Grows peppers on the balcony.").await;
    browser.click("form[action='/fn/edit_fact'] button[type=submit]").await;
    browser.wait_for_text("table.facts", "Grows peppers on the balcony.").await;

    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?fact={fact}"))).await;
    browser.wait_for_text(".drawer", "Grows tomatoes").await;
    browser.click("form[action='/fn/delete_fact'] button").await;
    browser.wait_for_text("main", "Undo").await;
    let versions = api.list(&format!("/api/chats/{chat}/facts/{fact}/history")).await;
    assert!(versions.len() >= 2, "{versions:?}");
    browser.click(".toast button").await;
    browser.wait_for_text("table.facts", "Grows peppers on the balcony.").await;
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn changing_the_session_duration_moves_the_tiers_on_screen() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let chat = app.api().console_chat("Tiers").await;
    app.api().say(chat, "said four hours ago").await;
    let app = hours_later(app, 4).await;
    app.api().patch(&format!("/api/chats/{chat}"), json!({"session_duration": "short"})).await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}"))).await;
    // Read from the table, which is there for whoever does not see the picture.
    let short_term = "return document.querySelector('#tiers-table tbody tr:last-child td').textContent";
    assert_eq!(browser.script(short_term).await, json!("0"));
    browser.script("window.stayed = true").await;
    browser.click("input[name=d][value=medium]").await;
    browser.wait_for_text(".effect", "enter").await;
    assert_eq!(browser.script(short_term).await, json!("0"), "it changed before it was applied");
    browser.click("form[action='/fn/apply_context'] button[type=submit]").await;
    eventually("the tiers to move on screen", async || (browser.script(short_term).await == json!("2")).then_some(()))
        .await;
    assert_eq!(browser.script("return window.stayed").await, json!(true));
    let context = app.api().get(&format!("/api/chats/{chat}/context")).await;
    assert_eq!(context["session_minutes"], 360);
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn no_page_overflows_a_phone_or_complains_in_either_theme() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Everything").await;
    let long = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrente-und-noch-viel-mehr-davon";
    let facts = format!("/api/chats/{chat}/facts");
    api.post(&facts, json!({"statement": format!("lives in {long}"), "subject": "Ada", "pinned": true})).await;
    consolidating(&model, move |text| {
        json!([
            add(text, &format!("lives in {long}2"), long),
            add(text, "owns a boat", "no boat"),
            add(text, long, long)
        ])
    });
    api.say(chat, &format!("A long word: {long}, said on 12 March 2026 to Natalie for 1200 euros")).await;
    consolidated(&api, chat).await;
    let turn = last_turn(&api, chat).await["id"].clone();
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    for path in [
        "",
        "/console",
        "/facts",
        "/facts?fact=1",
        "/facts?fact=2",
        "/facts?add=1",
        "/facts?edit=1",
        "/facts?as_of=2026-01-01",
        "/proposals",
        "/episodes",
        "/history?at=1",
        "/history?forget=1",
        "/settings?forget=1",
        "/history",
        "/turns",
        &format!("/turns/{turn}"),
        "/settings",
    ] {
        let path = format!("/chats/{chat}{path}");
        for (width, scheme) in [(320, "light"), (390, "dark"), (1_280, "light"), (1_280, "dark")] {
            browser.prefer(scheme).await;
            browser.resize(width, 900).await;
            browser.open_alive(&app.url(&path)).await;
            browser
                .script(
                    "document.querySelectorAll('details').forEach(each => each.open = each.closest('main') !== null)",
                )
                .await;
            let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            assert_eq!(browser.script(overflow).await, json!(0), "{path} overflows at {width} px");
        }
        assert_no_complaints(&browser).await;
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_closes_the_pages() {
    let app = TestApp::with().start().await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    browser.click(".rail form[action='/logout'] button").await;
    browser.wait_for_path(|path| path == "/login").await;
    browser.open(&app.url("/")).await;
    assert_eq!(browser.path().await, "/login");
}

#[tokio::test]
async fn the_one_time_link_signs_in_by_a_button() {
    let app = TestApp::with().without("SOUVENIR_OWNER_PASSWORD").start().await;
    let browser = Browser::start().await;
    browser.open(&app.sign_in_link().await).await;
    browser.click("button[type=submit]").await;
    browser.wait_for_path(|path| path == "/").await;
    browser.wait_for_text("main", "Nothing to remember yet").await;
}

#[tokio::test]
async fn what_people_and_models_write_is_never_run_as_script() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let attack = "<script>window.attacked=1</script><img src=x onerror='window.attacked=2'> \
                  [link](javascript:window.attacked=3) <a href=\"javascript:window.attacked=4\">x</a> </textarea><svg onload=window.attacked=5>";
    let chat =
        api.post("/api/chats", json!({"title": attack.chars().take(100).collect::<String>()})).await["id"].clone();
    model.reply_with([attack]);
    api.post(&format!("/api/chats/{chat}/messages"), json!({"text": attack})).await;
    api.post(&format!("/api/chats/{chat}/facts"), json!({"statement": attack, "subject": "Ada"})).await;
    model.reply_by(move |request| {
        let operations = json!([{"op": "update", "fact_id": 1, "kind": "identity", "subject": attack,
            "statement": format!("no {attack}"), "valid_at": null, "evidence": [{"message_id": 1, "quote": attack}]},
            {"op": "add", "fact_id": null, "kind": "other", "subject": attack, "statement": format!("new {attack}"),
            "valid_at": null, "evidence": [{"message_id": 1, "quote": attack}]}]);
        let consolidation = request.to_string().contains("<transcript>");
        if consolidation { json!({"summary": attack, "operations": operations}).to_string() } else { attack.to_owned() }
    });
    consolidated(&api, chat.as_i64().unwrap()).await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    for path in [
        "/console",
        "/history",
        "/history?forget=1",
        "/facts?fact=1",
        "/facts?fact=2",
        "/facts?edit=1",
        "/proposals",
        "/episodes",
        "/turns/1",
        "",
        "/settings?forget=1",
    ] {
        browser.open_alive(&app.url(&format!("/chats/{chat}{path}"))).await;
        assert!(browser.script("return document.body.textContent.includes('onerror')").await == json!(true), "{path}");
        assert_eq!(browser.script("return window.attacked").await, json!(null), "{path}");
        let links = "return [...document.links].filter(link => link.protocol === 'javascript:').length";
        assert_eq!(browser.script(links).await, json!(0), "{path}");
    }
}

#[tokio::test]
async fn what_is_being_typed_stays_while_news_arrives() {
    let world = World::start().await;
    world.ask("hello").await;
    let (api, chat) = (world.app.api(), world.chat().await);
    let fact = api.post(&format!("/api/chats/{chat}/facts"), json!({"statement": "Likes tea"})).await["id"].clone();
    let browser = Browser::start().await;
    sign_in(&browser, &world.app).await;
    for page in [format!("facts?edit={fact}"), "facts?add=1".to_owned()] {
        browser.open_alive(&world.app.url(&format!("/chats/{chat}/{page}"))).await;
        browser.fill("textarea[name='form[statement]']", "Half a sentence, not yet").await;
        let typed = async || browser.script("return document.querySelector('textarea')?.value").await;
        world.ask("an interruption").await;
        // The page must hear of it and do nothing; that nothing happens can only be waited for.
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(typed().await, json!("Half a sentence, not yet"), "{page}");
        // Nor when the focus goes elsewhere, with the words not sent yet.
        browser.script("document.activeElement.blur()").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(typed().await, json!("Half a sentence, not yet"), "{page}");
        // Once they are given up, the page catches up.
        let messages = api.list(&format!("/api/chats/{chat}/messages")).await.len();
        browser.script("document.querySelector('textarea').form.reset()").await;
        browser.wait_for_text("nav.tabs", &messages.to_string()).await;
    }
}

#[tokio::test]
async fn many_pages_in_a_row_do_not_use_up_the_connections() {
    let app = TestApp::with().start().await;
    let chat = app.api().console_chat("Pages").await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    for page in ["history", "facts", "turns", "console", "settings", "history", "facts", "turns"] {
        browser.open_alive(&app.url(&format!("/chats/{chat}/{page}"))).await;
    }
}

#[tokio::test]
async fn a_page_that_was_refused_the_news_asks_again() {
    let app = TestApp::with().start().await;
    let chat = app.api().console_chat("News").await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    // Every place for a stream is taken, also the one of the page that is left here, which is given back a little later.
    browser.open("about:blank").await;
    let mut streams = Vec::new();
    while streams.len() < PLACES_FOR_STREAMS {
        let taken = async || {
            let answer = app.api().request(Method::GET, "/api/events").send().await.expect("an answer");
            (answer.status() == 200).then_some(answer)
        };
        streams.push(eventually("a place for a stream", taken).await);
    }
    browser.open(&app.url(&format!("/chats/{chat}/facts"))).await;
    let refused = async || {
        let log = browser.console().await;
        log.iter().any(|line| line.contains("/api/events") && line.contains("503")).then_some(())
    };
    eventually("a refusal of the stream", refused).await;
    assert!(!browser.has("html[data-live]").await);
    drop(streams);
    browser.wait_until_alive().await;
}
