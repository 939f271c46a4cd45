//! What a person in a browser sees of memory and does about it: evidence, proposals, episodes, jobs, forgetting.

use serde_json::{Value, json};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::{Fault, ModelServer};

use crate::maintenance::{add, consolidated, consolidating, episodes, job_in, message_with, statements, with_model};
use crate::pages::{assert_no_complaints, sign_in};
use crate::world::eventually;

/// A browser whose owner is signed in.
async fn browser_at(app: &TestApp, scripts: Scripts) -> Browser {
    let browser = Browser::start_with(scripts).await;
    sign_in(&browser, app).await;
    browser
}

/// A chat in which the owner wrote a fact that what was said contradicts: one proposal waits.
async fn contradicted(model: &ModelServer, api: &Api) -> i64 {
    let chat = api.console_chat("Contradiction").await;
    let facts = format!("/api/chats/{chat}/facts");
    api.post(&facts, json!({"statement": "lives in Nice", "subject": "Ada"})).await;
    consolidating(model, |text| json!([add(text, "lives in Lyon", "I live in Lyon")]));
    api.say(chat, "As of March I live in Lyon, near the river.").await;
    consolidated(api, chat).await;
    chat
}

/// How many proposals wait.
async fn waiting(api: &Api, chat: i64) -> usize {
    api.list(&format!("/api/chats/{chat}/proposals")).await.len()
}

/// Waits until the facts in force say this.
async fn facts_become(api: &Api, chat: i64, expected: &[&str]) {
    eventually(&format!("the facts to become {expected:?}"), async || {
        (statements(api, chat).await == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn evidence_opens_in_its_place_with_the_quote_marked() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Evidence").await;
    consolidating(&model, |text| json!([add(text, "lives in Lyon", "I live in Lyon")]));
    api.say(chat, "We spoke of boats before.").await;
    let said = api.say(chat, "By the way, I live in Lyon, near the river.").await["message_id"].clone();
    api.say(chat, "And of bread afterwards.").await;
    consolidated(&api, chat).await;

    let browser = browser_at(&app, Scripts::Allowed).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts"))).await;
    browser.click("table.facts .st a").await;
    assert_eq!(browser.wait_for_text(".drawer mark", "I live in Lyon").await, "I live in Lyon");
    let place = browser.texts(".drawer .place").await.join("\n");
    let said_around =
        ["Souvenir", "Noted.", "You", "By the way, I live in Lyon, near the river.", "Souvenir", "Noted."];
    let mut rest = place.as_str();
    for part in said_around {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is missing in {place}")).1;
    }
    assert!(
        !place.contains("boats before") && !place.contains("bread afterwards"),
        "one before and one after: {place}"
    );
    // The way to its place in the history, and back.
    browser.click(".drawer .place a").await;
    browser.wait_for(&format!("#m{said}.hit")).await;
    browser.script("history.back()").await;
    browser.wait_for_text(".drawer mark", "I live in Lyon").await;
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn a_proposal_shows_both_sources_and_is_accepted_rejected_and_taken_back() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = contradicted(&model, &api).await;
    let browser = browser_at(&app, Scripts::Allowed).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/proposals"))).await;
    browser.script("window.stayed = true").await;
    browser.wait_for_text("nav.tabs a[aria-current]", "Proposals1").await;
    let sides = browser.texts(".proposal .sides > div").await;
    assert!(sides[0].contains("lives in Nice") && sides[0].contains("written by you"), "{sides:?}");
    assert!(sides[1].contains("Lyon") && sides[1].contains("near the river"), "{sides:?}");
    assert_eq!(browser.texts(".proposal mark").await, ["I live in Lyon"]);

    browser.click("form[action='/fn/accept_proposal'] button").await;
    browser.wait_for_text(".toast", "accepted").await;
    facts_become(&api, chat, &["lives in Lyon"]).await;
    browser.click(".toast button").await;
    facts_become(&api, chat, &["lives in Nice"]).await;
    assert_eq!(waiting(&api, chat).await, 1, "it waits again");

    browser.click("form[action='/fn/reject_proposal'] button").await;
    browser.wait_for_text(".toast", "rejected").await;
    browser.wait_for_text("main", "Nothing waits for you").await;
    assert_eq!((statements(&api, chat).await, waiting(&api, chat).await), (vec!["lives in Nice".to_owned()], 0));
    // What was turned down is not proposed again; taken back, it may be decided anew.
    api.say(chat, "As I said, I live in Lyon.").await;
    consolidated(&api, chat).await;
    assert_eq!(waiting(&api, chat).await, 0);
    browser.click(".toast button").await;
    browser.wait_for(".proposal").await;
    assert_eq!(browser.script("return window.stayed").await, json!(true), "the page was loaded anew");
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn a_proposal_is_edited_first_and_then_in_the_owners_words() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = contradicted(&model, &api).await;
    for scripts in [Scripts::Allowed, Scripts::Blocked] {
        let browser = browser_at(&app, scripts).await;
        let address = app.url(&format!("/chats/{chat}/proposals"));
        match scripts {
            Scripts::Allowed => browser.open_alive(&address).await,
            Scripts::Blocked => browser.open(&address).await,
        }
        browser.click(".proposal .acts a[href*='edit=']").await;
        browser.wait_for(".proposal textarea").await;
        browser.fill(".proposal textarea", "lives in Lyon since March").await;
        browser.click("form[action='/fn/accept_proposal'] button").await;
        browser.wait_for_text(".toast", "accepted").await;
        facts_become(&api, chat, &["lives in Lyon since March"]).await;
        let fact = api.list(&format!("/api/chats/{chat}/facts")).await.remove(0);
        assert_eq!((&fact["source"], &fact["evidence"][0]["quote"]), (&json!("owner"), &json!("I live in Lyon")));
        browser.click(".toast button").await;
        facts_become(&api, chat, &["lives in Nice"]).await;
    }
    // By the API the same; a statement that cannot be one is refused by name.
    let proposal = api.list(&format!("/api/chats/{chat}/proposals")).await.remove(0);
    let accept = format!("/api/chats/{chat}/proposals/{}/accept", proposal["id"]);
    let refused = api.call(reqwest::Method::POST, &accept, Some(json!({"statement": " "}))).await;
    assert!(refused.status == 422 && refused.text.contains("statement"), "{}", refused.text);
    assert_eq!(api.post(&accept, json!({"statement": "lives by the Rhône"})).await["statement"], "lives by the Rhône");
}

#[tokio::test]
async fn a_deleted_fact_is_forgotten_for_good_with_a_question_before() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Fact").await;
    let facts = format!("/api/chats/{chat}/facts");
    for (scripts, statement) in [(Scripts::Allowed, "owns a heron"), (Scripts::Blocked, "owns a pelican")] {
        let fact = api.post(&facts, json!({"statement": statement})).await["id"].clone();
        let browser = browser_at(&app, scripts).await;
        let address = app.url(&format!("/chats/{chat}/facts?fact={fact}"));
        match scripts {
            Scripts::Allowed => browser.open_alive(&address).await,
            Scripts::Blocked => browser.open(&address).await,
        }
        browser.click("form[action='/fn/delete_fact'] button").await;
        browser.wait_for_text(".toast", "deleted").await;
        browser.click(".toast a").await;
        browser.wait_for_text(".drawer .sure", "cannot be undone").await;
        browser.click(".drawer .sure button").await;
        browser.wait_for_text(".report", "Forgotten: 1 fact").await;
        assert!(!browser.page_text().await.contains(statement));
        let gone = api.call(reqwest::Method::POST, &format!("{facts}/{fact}/restore"), None).await;
        assert_eq!(gone.status, 404, "{}", gone.text);
    }
}

#[tokio::test]
async fn proposals_and_episodes_work_before_any_script_has_loaded() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = contradicted(&model, &api).await;
    let browser = browser_at(&app, Scripts::Blocked).await;
    browser.open(&app.url(&format!("/chats/{chat}/proposals"))).await;
    browser.click("form[action='/fn/accept_proposal'] button").await;
    browser.wait_for_text(".toast", "accepted").await;
    facts_become(&api, chat, &["lives in Lyon"]).await;
    browser.click(".toast button").await;
    browser.wait_for(".proposal").await;
    browser.click("form[action='/fn/reject_proposal'] button").await;
    browser.wait_for_text("main", "Nothing waits for you").await;

    browser.open(&app.url(&format!("/chats/{chat}/episodes"))).await;
    assert!(browser.has("form[action='/fn/summarise'] button[disabled]").await, "nothing is due");
    consolidating(&model, |text| json!([add(text, "has two cats", "two cats")]));
    api.say(chat, "We have two cats.").await;
    browser.open(&app.url(&format!("/chats/{chat}/episodes"))).await;
    browser.click("form[action='/fn/summarise'] button").await;
    job_in(&api, chat, &["done"]).await;
    browser.open(&app.url(&format!("/chats/{chat}/episodes"))).await;
    browser.click(".episode .revert summary").await;
    browser.click(".episode .revert button").await;
    browser.wait_for_text(".episode", "taken back").await;
    facts_become(&api, chat, &["lives in Nice"]).await;
}

#[tokio::test]
async fn an_episode_shows_its_receipt_and_its_refusals_and_is_reverted() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Receipt").await;
    consolidating(&model, |text| {
        let invented = json!({"op": "add", "fact_id": null, "kind": "identity", "subject": "Ada", "statement": "owns a yacht",
            "valid_at": null, "evidence": [{"message_id": message_with(text, "Natalie"), "quote": "I own a yacht"}]});
        json!([add(text, "has a sister in Lyon", "my sister Natalie"), invented])
    });
    api.say(chat, "I saw my sister Natalie in Lyon on 12 March 2026, for 1200 euros.").await;
    api.say(chat, "Good night.").await;
    consolidated(&api, chat).await;
    let browser = browser_at(&app, Scripts::Allowed).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/episodes"))).await;
    let episode = browser.wait_for_text(".episode", "summed up").await;
    assert!(episode.contains("because you asked") && episode.contains("They talked"), "{episode}");
    browser.click(".receipt summary").await;
    let receipt = browser.wait_for_text(".receipt", "not in the summary").await;
    assert!(receipt.contains("Natalie") && receipt.contains("1200"), "{receipt}");
    browser.click(".operations summary").await;
    let operations = browser.wait_for_text(".operations", "refused").await;
    assert!(
        operations.contains("1 learnt, 1 refused") && operations.contains("does not stand in message"),
        "{operations}"
    );
    assert_eq!(statements(&api, chat).await, ["has a sister in Lyon"]);

    browser.click(".revert summary").await;
    browser.click(".revert button").await;
    browser.wait_for_text(".episode", "taken back").await;
    facts_become(&api, chat, &[]).await;
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn summarise_now_shows_its_progress_its_stop_and_its_end() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Progress").await;
    consolidating(&model, |_| json!([]));
    api.say(chat, "We spoke of rivers.").await;
    let browser = browser_at(&app, Scripts::Allowed).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/episodes"))).await;
    browser.script("window.stayed = true").await;
    browser.wait_for_text("main", "ends after 6 h of silence").await;
    model.hold();
    browser.click("form[action='/fn/summarise'] button").await;
    browser.wait_for_text(".job", "running").await;
    browser.wait_for_text(".job", "0 of 1 batch done").await;
    browser.click("form[action='/fn/stop_job'] button").await;
    browser.wait_for_text(".job", "was stopped").await;
    browser.click("form[action='/fn/retry_job'] button").await;
    browser.wait_for_text(".job", "running").await;
    model.release();
    browser.wait_for_text(".episode .sum", "They talked").await;
    browser.wait_until_gone(".job").await;
    assert_eq!(browser.script("return window.stayed").await, json!(true), "the page was loaded anew");
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn a_job_that_fails_says_why_what_is_safe_and_what_helps() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Trouble").await;
    consolidating(&model, |_| json!([]));
    api.say(chat, "We spoke of lakes.").await;
    let browser = browser_at(&app, Scripts::Allowed).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/episodes"))).await;
    model.fail(Fault::Status(401));
    browser.click("form[action='/fn/summarise'] button").await;
    let told = browser.wait_for_text("main .alert", "No summary after 1 attempt").await;
    assert!(told.contains("tried again at") && told.contains("Nothing is lost"), "{told}");
    assert!(told.contains("choose another memory model"), "{told}");
    browser.click("form[action='/fn/retry_job'] button").await;
    browser.wait_for_text(".episode .sum", "They talked").await;
    assert!(!episodes(&api, chat).await[0]["summary"].is_null());
}

#[tokio::test]
async fn a_goal_is_marked_as_done_and_a_version_is_restored() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Goals").await;
    let facts = format!("/api/chats/{chat}/facts");
    let goal =
        api.post(&facts, json!({"statement": "Finish the shelves", "kind": "goal", "due_at": "2026-12-12"})).await;
    let goal = goal["id"].as_i64().unwrap();
    let browser = browser_at(&app, Scripts::Allowed).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?fact={goal}"))).await;
    browser.wait_for_text(".drawer", "due 2026-12-12").await;
    browser.click("form[action='/fn/set_goal'] button").await;
    browser.wait_for_text(".drawer .versions", "goal done").await;
    browser.wait_for_text(".drawer", "Reopen the goal").await;
    let now: Value = api.list(&facts).await.remove(0);
    assert_eq!(now["state"], "done");
    browser.click("form[action='/fn/restore_fact'] button").await;
    browser.wait_for_text(".drawer", "Goal is done").await;
    assert_eq!(api.list(&facts).await[0]["state"], "open");
    // As it was known on a day before anything was: nothing.
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?as_of=2020-01-01"))).await;
    browser.wait_for_text("main", "As known at the end of 1 January 2020").await;
    browser.wait_for_text("main", "Nothing was known then").await;
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn a_message_is_forgotten_with_a_question_before_and_a_report_after() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Forget").await;
    consolidating(&model, |text| json!([add(text, "keeps a heron", "my secret heron")]));
    let said = api.say(chat, "This is about my secret heron.").await;
    consolidated(&api, chat).await;
    let (message, turn) = (said["message_id"].clone(), said["turn_id"].clone());
    for scripts in [Scripts::Allowed, Scripts::Blocked] {
        let browser = browser_at(&app, scripts).await;
        browser.open(&app.url(&format!("/chats/{chat}/history?forget={message}"))).await;
        if scripts == Scripts::Allowed {
            browser.wait_until_alive().await;
            let question = browser.wait_for_text(".sure", "This would go").await;
            assert!(question.contains("Facts that rest on nothing else"), "{question}");
            browser.click(".sure button").await;
            let report = browser.wait_for_text(".report", "Forgotten: 1 message").await;
            assert!(report.contains("Facts that rest on nothing else"), "{report}");
            facts_become(&api, chat, &[]).await;
            assert!(!browser.page_text().await.contains("heron"));
            browser.open_alive(&app.url(&format!("/chats/{chat}/turns/{turn}"))).await;
            browser.wait_for_text("main", "The question was forgotten").await;
            assert!(!browser.page_text().await.contains("heron"));
        } else {
            browser.wait_for_text("main", "is not here").await;
        }
    }
}

#[tokio::test]
async fn a_whole_chat_is_forgotten_once_the_word_is_typed() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("To be forgotten").await;
    api.say(chat, "Nothing of this stays.").await;
    let browser = browser_at(&app, Scripts::Blocked).await;
    browser.open(&app.url(&format!("/chats/{chat}/settings"))).await;
    browser.click("#forget a").await;
    browser.wait_for_text(".sure", "To be forgotten").await;
    browser.fill("input[name=sure]", "perhaps").await;
    browser.click(".sure button").await;
    browser.wait_for_text(".alert", "type the word forget").await;
    assert_eq!(api.list("/api/chats").await.len(), 1);
    browser.open(&app.url(&format!("/chats/{chat}/settings?forget=1"))).await;
    browser.fill("input[name=sure]", "forget").await;
    browser.click(".sure button").await;
    browser.wait_for_text(".report", "To be forgotten").await;
    assert!(api.list("/api/chats").await.is_empty());
    // Whoever still has its address is told once, and offered nothing to do to it.
    browser.open(&app.url(&format!("/chats/{chat}"))).await;
    browser.wait_for_text("main", &format!("Chat {chat} is not here")).await;
    let shown =
        "return [...document.querySelectorAll('main :is(.empty, button)')].filter(each => each.offsetParent).length";
    assert_eq!(browser.script(shown).await, 1);
}
