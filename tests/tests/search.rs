//! Search for people: what was said is found over HTTP and in a browser, with why.

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::embeddings::EmbeddingServer;
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::ModelServer;

use crate::pages::{assert_no_complaints, sign_in};
use crate::world::eventually;

/// A chat in which three people's worth of things was said; gives the message about the heron.
async fn said(api: &Api) -> (i64, i64) {
    let chat = api.console_chat("Pond").await;
    api.say(chat, "The walnuts are in the cellar.").await;
    let heron = format!("{}My neighbour saw two herons on Friday.{}", "Well, ".repeat(60), " And so on.".repeat(60));
    let heron = api.say(chat, &heron).await["message_id"].as_i64().expect("an id");
    api.say(chat, "Мы подписали договор вчера.").await;
    let found = format!("/api/chats/{chat}/search?q=договора");
    eventually("all of it to be found", async || (!api.list(&found).await.is_empty()).then_some(())).await;
    (chat, heron)
}

async fn with_echo() -> (ModelServer, TestApp) {
    let model = ModelServer::start().await;
    model.reply_by(|_| "Noted.".to_owned());
    let app = TestApp::with().model(&model).start().await;
    (model, app)
}

#[tokio::test]
async fn words_find_a_message_with_why_and_where_they_stand() {
    let (_model, app) = with_echo().await;
    let api = app.api();
    let (chat, heron) = said(&api).await;
    let found = api.list(&format!("/api/chats/{chat}/search?q=heron")).await;
    let hit = &found[0];
    assert_eq!((&hit["id"], &hit["role"], &hit["archived"]), (&json!(heron), &json!("user"), &json!(false)), "{hit}");
    assert_eq!((&hit["word_rank"], &hit["meaning_rank"]), (&json!(1), &Value::Null));
    assert!(hit["score"].as_f64().unwrap() > 0.0 && !hit["words"].as_array().unwrap().is_empty(), "{hit}");
    let mark = &hit["marks"][0];
    let place = ["start", "end"].map(|edge| usize::try_from(mark[edge].as_u64().unwrap()).unwrap());
    assert_eq!(&hit["text"].as_str().unwrap()[place[0]..place[1]], "herons");
    let other = api.list(&format!("/api/chats/{chat}/search?q=договора&mode=lexical&limit=1")).await;
    assert!(other.len() == 1 && other[0]["text"].as_str().unwrap().contains("договор"), "{other:?}");
    assert!(api.list(&format!("/api/chats/{chat}/search?q=zeppelin")).await.is_empty());

    // What was put away is hidden from models, and found by the owner.
    api.post(&format!("/api/chats/{chat}/messages/archive"), json!({"ids": [heron], "archived": true})).await;
    let found = api.list(&format!("/api/chats/{chat}/search?q=heron")).await;
    assert_eq!((&found[0]["id"], &found[0]["archived"]), (&json!(heron), &json!(true)), "{found:?}");
    // What was forgotten is found by nobody.
    api.delete(&format!("/api/chats/{chat}/messages/{heron}")).await;
    assert!(api.list(&format!("/api/chats/{chat}/search?q=heron")).await.iter().all(|hit| hit["id"] != heron));
}

#[tokio::test]
async fn bad_questions_are_refused_by_name_and_the_description_knows_the_call() {
    let (_model, app) = with_echo().await;
    let api = app.api();
    let chat = api.console_chat("Empty").await;
    assert!(api.list(&format!("/api/chats/{chat}/search?q=anything")).await.is_empty());
    let long = format!("q={}", "x".repeat(501));
    for (query, field, told) in [
        ("", "q", "q is empty"),
        ("q=+", "q", "q is empty"),
        (long.as_str(), "q", "501 characters"),
        ("q=a&limit=0", "limit", "1 to 100"),
        ("q=a&limit=many", "limit", "many"),
        ("q=a&mode=best", "mode", "lexical"),
    ] {
        let refused = api.call(Method::GET, &format!("/api/chats/{chat}/search?{query}"), None).await;
        let problem: Value = serde_json::from_str(&refused.text).unwrap();
        assert_eq!((refused.status, &problem["field"]), (422, &json!(field)), "{query}: {}", refused.text);
        assert!(refused.text.contains(told), "{query}: {}", refused.text);
    }
    let nowhere = api.call(Method::GET, "/api/chats/4711/search?q=a", None).await;
    assert_eq!(nowhere.status, 404, "{}", nowhere.text);
    let description = api.get("/api/openapi.json").await;
    let call = &description["paths"]["/api/chats/{id}/search"]["get"];
    assert!(call["parameters"].to_string().contains("semantic"), "{call}");
}

#[tokio::test]
async fn the_page_marks_what_matched_says_why_and_leads_to_its_place() {
    let (_model, app) = with_echo().await;
    let api = app.api();
    let (chat, heron) = said(&api).await;
    for scripts in [Scripts::Allowed, Scripts::Blocked] {
        let browser = Browser::start_with(scripts).await;
        sign_in(&browser, &app).await;
        let history = app.url(&format!("/chats/{chat}/history"));
        match scripts {
            Scripts::Allowed => browser.open_alive(&history).await,
            Scripts::Blocked => browser.open(&history).await,
        }
        browser.fill("input[name=q]", "heron").await;
        browser.click("form[role=search] button").await;
        browser.wait_for_text(".hits mark", "herons").await;
        let address = browser.script("return location.href").await;
        assert!(address.as_str().unwrap().contains("q=heron"), "it can be shared: {address}");
        let hit = browser.texts(".hits .msg").await.remove(0);
        assert!(hit.contains("neighbour saw two herons") && hit.contains("words:") && hit.contains("score"), "{hit}");
        assert!(hit.contains('…') && hit.len() < 900, "a long message is cut: {hit}");
        let page = browser.page_text().await;
        assert!(page.contains("Search is by words"), "there is no endpoint for meaning: {page}");
        browser.click(".hits .why a").await;
        browser.wait_for(&format!("#m{heron}.hit")).await;
        let focus = browser.script("return document.activeElement.id").await;
        assert_eq!(focus, json!(format!("m{heron}")), "the message has the focus");
        browser.open(&app.url(&format!("/chats/{chat}/history?q=zeppelin"))).await;
        browser.wait_for_text("main", "Nothing found").await;
        assert_no_complaints(&browser).await;
    }
}

#[tokio::test]
async fn a_slash_leads_to_the_search_field_unless_somebody_writes() {
    let (_model, app) = with_echo().await;
    let (chat, _) = said(&app.api()).await;
    let browser = Browser::start().await;
    sign_in(&browser, &app).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts"))).await;
    let slash = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true, cancelable: true}))";
    browser.script(slash).await;
    browser.wait_for_path(|path| path.ends_with("/history")).await;
    eventually("the field to have the focus", async || {
        (browser.script("return document.activeElement.name").await == json!("q")).then_some(())
    })
    .await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?add=1"))).await;
    browser.script("document.querySelector('textarea').focus()").await;
    browser.script(slash).await;
    assert_eq!(browser.script("return document.activeElement.tagName").await, json!("TEXTAREA"));
    let path = browser.script("return location.pathname").await;
    assert!(path.as_str().unwrap().ends_with("/facts"), "{path}");
}

#[tokio::test]
async fn with_an_endpoint_meaning_finds_what_words_do_not_and_the_page_says_so() {
    let embeddings = EmbeddingServer::start().await;
    embeddings.same_meaning(&["car", "automobile"]);
    let model = ModelServer::start().await;
    model.reply_by(|_| "Noted.".to_owned());
    let app = TestApp::with().model(&model).embeddings(&embeddings).start().await;
    let api = app.api();
    let chat = api.console_chat("Lyon").await;
    api.say(chat, "My automobile stands in Lyon.").await;
    api.say(chat, "The tulips are in the shed.").await;
    let by_meaning = format!("/api/chats/{chat}/search?q=car&mode=semantic");
    let hit = eventually("it to be found by meaning", async || {
        let found = api.list(&by_meaning).await;
        found.into_iter().find(|hit| hit["text"].as_str().is_some_and(|text| text.contains("automobile")))
    })
    .await;
    assert!(hit["meaning_rank"].is_u64() && hit["word_rank"].is_null(), "{hit}");
    let all_embedded = async || {
        let state = api.call(reqwest::Method::GET, "/readyz", None).await.json["vectors"].clone();
        (state["embedded"] == 4 && state["messages"] == 4).then_some(())
    };
    eventually("every message to be embedded", all_embedded).await;
    let found = api.list(&by_meaning).await;
    let nothing_of_it = |hit: &&Value| hit["text"].as_str().is_some_and(|text| text.contains("tulips"));
    assert_eq!(found.iter().find(nothing_of_it), None, "every message is near to some degree");
    assert!(api.list(&format!("/api/chats/{chat}/search?q=car&mode=lexical")).await.is_empty());
    let browser = Browser::start_with(Scripts::Blocked).await;
    sign_in(&browser, &app).await;
    browser.open(&app.url(&format!("/chats/{chat}/history?q=car"))).await;
    let why = browser.wait_for_text(".hits .why", "meaning:").await;
    assert!(!why.contains("words:"), "{why}");
    assert!(!browser.page_text().await.contains("Search is by words"));
    assert!(browser.has("select[name=mode]").await, "there is more than one way to search");
}
