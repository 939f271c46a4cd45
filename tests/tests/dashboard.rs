//! What the owner does on each page: finds, chooses, decides, corrects; with scripts and, where it is a form, without.

use serde_json::{Value, json};
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::{Fault, ModelServer};

use crate::maintenance::{add, consolidated, consolidating, episodes, statements, with_model};
use crate::pages::{assert_no_complaints, sign_in};
use crate::world::{eventually, hours_later, last_turn, text_of};

const BOTH: [(Scripts, u32); 2] = [(Scripts::Allowed, 1_280), (Scripts::Blocked, 390)];

async fn browser_at(app: &TestApp, (scripts, width): (Scripts, u32)) -> Browser {
    let browser = Browser::start_with(scripts).await;
    browser.resize(width, 900).await;
    sign_in(&browser, app).await;
    browser
}

/// Opens a page and waits until it can be used.
async fn open(browser: &Browser, scripts: Scripts, url: &str) {
    match scripts {
        Scripts::Allowed => browser.open_alive(url).await,
        Scripts::Blocked => browser.open(url).await,
    }
}

/// The browser complains of every answer that is a refusal: of this status some may have come, and nothing else.
async fn expect_a_complaint(browser: &Browser, status: &str) {
    let complaints: Vec<_> = browser.console().await.into_iter().filter(|line| line.contains("SEVERE")).collect();
    assert!(complaints.iter().all(|line| line.contains(status)), "{complaints:#?}");
}

async fn add_facts(api: &Api, chat: i64, said: &[&str]) -> Vec<i64> {
    let mut ids = Vec::new();
    for statement in said {
        let fact = api.post(&format!("/api/chats/{chat}/facts"), json!({"statement": statement})).await;
        ids.push(fact["id"].as_i64().expect("an id"));
    }
    ids
}

/// Two proposals wait in it.
async fn two_proposals(model: &ModelServer, api: &Api) -> i64 {
    let chat = api.console_chat("Decisions").await;
    let facts = format!("/api/chats/{chat}/facts");
    api.post(&facts, json!({"statement": "lives in Nice", "subject": "Ada"})).await;
    api.post(&facts, json!({"statement": "works at the harbour", "subject": "Ada"})).await;
    consolidating(model, |text| {
        json!([
            add(text, "lives in Lyon", "I live in Lyon"),
            add(text, "works at the library", "I work at the library")
        ])
    });
    api.say(chat, "As of March I live in Lyon, and I work at the library there.").await;
    consolidated(api, chat).await;
    let waiting = api.list(&format!("/api/chats/{chat}/proposals")).await.len();
    assert_eq!(waiting, 2, "two proposals");
    chat
}

#[tokio::test]
async fn chats_are_found_by_title_and_by_what_was_said_and_sorted() {
    let (model, app) = with_model().await;
    let api = app.api();
    let decisions = two_proposals(&model, &api).await;
    let pond = api.console_chat("A pond").await;
    api.say(pond, "My neighbour saw two herons on Friday.").await;
    eventually("the words to be found", async || {
        (!api.list(&format!("/api/chats/{pond}/search?q=heron")).await.is_empty()).then_some(())
    })
    .await;
    for by in BOTH {
        let browser = browser_at(&app, by).await;
        open(&browser, by.0, &app.url("/")).await;
        assert_eq!(browser.count("table.chats tbody tr").await, 2);
        browser.wait_for_text("table.chats", "2 to decide").await;
        browser.wait_for_text(".waiting", "2 facts to decide").await;
        browser.fill("input[name=q]", "heron").await;
        browser.click("form[role=search] button").await;
        browser.wait_for_text("table.chats mark", "herons").await;
        assert_eq!(browser.count("table.chats tbody tr").await, 1);
        let address = browser.script("return location.search").await;
        assert!(address.as_str().unwrap().contains("q=heron"), "it can be shared: {address}");
        browser.open(&app.url("/?q=decision")).await;
        browser.wait_for_text("table.chats", "Decisions").await;
        browser.open(&app.url("/?q=zeppelin")).await;
        browser.wait_for_text("main", "stands in no title and in no message of 2 chats").await;
        browser.open(&app.url("/?sort=title")).await;
        assert_eq!(browser.texts("table.chats .chat-t").await, ["A pond", "Decisions"]);
        assert!(browser.has("th[aria-sort=ascending]").await);
        assert_no_complaints(&browser).await;
    }
    let browser = browser_at(&app, (Scripts::Allowed, 1_280)).await;
    browser.open_alive(&app.url("/")).await;
    browser.choose("select[name=sort]", "title").await;
    eventually("the order to change by itself", async || {
        (browser.texts("table.chats .chat-t").await == ["A pond", "Decisions"]).then_some(())
    })
    .await;
    browser.click(".waiting a").await;
    browser.wait_for_path(|path| path == format!("/chats/{decisions}/proposals")).await;
}

#[tokio::test]
async fn several_facts_are_pinned_merged_and_deleted_with_undo() {
    let app = TestApp::with().start().await;
    let api = app.api();
    for by in BOTH {
        let chat = api.console_chat("Many facts").await;
        let ids = add_facts(&api, chat, &["likes tea", "prefers tea to coffee", "owns a boat"]).await;
        let facts = app.url(&format!("/chats/{chat}/facts"));
        let browser = browser_at(&app, by).await;
        open(&browser, by.0, &facts).await;
        // Nothing can be done with none: there is no button then, and whoever finds another way is told.
        let shown = "return [...document.querySelectorAll('#bulk button')].filter(each => each.offsetParent).length";
        assert_eq!(browser.script(shown).await, 0);
        browser.script("document.querySelector('#bulk').requestSubmit(document.querySelector('#bulk button'))").await;
        browser.wait_for_text(".alert", "No fact is ticked").await;
        expect_a_complaint(&browser, "422").await;
        open(&browser, by.0, &facts).await;
        let tick = async |fact: i64| browser.click(&format!("input[name='facts[]'][value='{fact}']")).await;
        tick(ids[2]).await;
        browser.click("#bulk button[value=pin]").await;
        browser.wait_for(&format!("#f{} .pin:not([hidden])", ids[2])).await;

        open(&browser, by.0, &facts).await;
        tick(ids[0]).await;
        tick(ids[1]).await;
        browser.click("#bulk button[value=merge]").await;
        browser.wait_for_text(".merge", "prefers tea to coffee").await;
        browser.fill(".merge textarea", "drinks tea, not coffee").await;
        browser.click(".merge button").await;
        browser.wait_for_text(".toast", "2 facts are one now").await;
        let mut now = statements(&api, chat).await;
        now.sort();
        assert_eq!(now, ["drinks tea, not coffee", "owns a boat"]);
        browser.click(".toast button").await;
        eventually("both facts to be back", async || (statements(&api, chat).await.len() == 3).then_some(())).await;
        assert!(statements(&api, chat).await.contains(&"likes tea".to_owned()));

        open(&browser, by.0, &facts).await;
        tick(ids[0]).await;
        tick(ids[2]).await;
        browser.click("#bulk button[value=delete]").await;
        browser.wait_for_text(".toast", "2 facts deleted").await;
        assert_eq!(statements(&api, chat).await.len(), 1);
        browser.click(".toast button").await;
        eventually("both facts to be back", async || (statements(&api, chat).await.len() == 3).then_some(())).await;

        open(&browser, by.0, &format!("{facts}?q=coffee")).await;
        assert_eq!(browser.count("table.facts tbody tr").await, 1);
        open(&browser, by.0, &format!("{facts}?q=zeppelin")).await;
        browser.wait_for_text("main", "do not say “zeppelin”").await;
        assert_no_complaints(&browser).await;
    }
}

#[tokio::test]
async fn a_merged_fact_rests_on_the_words_of_all() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Merge").await;
    consolidating(&model, |text| {
        json!([add(text, "drinks tea", "I drink tea"), add(text, "dislikes coffee", "never coffee")])
    });
    api.say(chat, "I drink tea in the morning.").await;
    api.say(chat, "And never coffee, it keeps me awake.").await;
    consolidated(&api, chat).await;
    let ids: Vec<i64> =
        api.list(&format!("/api/chats/{chat}/facts")).await.iter().filter_map(|fact| fact["id"].as_i64()).collect();
    let browser = browser_at(&app, (Scripts::Allowed, 1_280)).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts?merge={},{}", ids[0], ids[1]))).await;
    browser.click(".merge button").await;
    browser.wait_for_text(".drawer", "never coffee").await;
    let marks = browser.texts(".drawer mark").await;
    assert!(marks.contains(&"I drink tea".to_owned()) && marks.contains(&"never coffee".to_owned()), "{marks:?}");
    let replaced = api.get(&format!("/api/chats/{chat}/facts/{}/history", ids[1])).await;
    assert!(replaced.to_string().contains("superseded"), "{replaced}");
}

#[tokio::test]
async fn proposals_are_decided_with_the_keyboard_alone_unless_keys_are_off() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = two_proposals(&model, &api).await;
    let waiting = async || api.list(&format!("/api/chats/{chat}/proposals")).await.len();
    let browser = browser_at(&app, (Scripts::Allowed, 1_280)).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/proposals"))).await;
    browser.press("j").await;
    browser.press("j").await;
    let at = browser.script("return [...document.querySelectorAll('.proposal')].indexOf(document.activeElement)").await;
    assert_eq!(at, json!(1), "the second one has the focus");
    browser.press("r").await;
    browser.wait_for_text(".toast", "rejected").await;
    assert_eq!(waiting().await, 1);
    // The focus is kept: on the one that is left.
    eventually("the focus to be on what is left", async || {
        browser.script("return document.activeElement.classList.contains('proposal')").await.as_bool().filter(|is| *is)
    })
    .await;
    browser.press("a").await;
    browser.wait_for_text("main", "Nothing waits for you").await;
    assert_eq!(waiting().await, 0);
    browser.press("z").await;
    eventually("the decision to be taken back", async || (waiting().await == 1).then_some(())).await;

    // A single key can be turned off, and stays so.
    browser.wait_for(".proposal").await;
    browser.press("?").await;
    browser.click("#single-keys").await;
    browser.click("#keys button").await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/proposals"))).await;
    browser.press("a").await;
    browser.press("/").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!((waiting().await, browser.path().await), (1, format!("/chats/{chat}/proposals")));
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn a_fact_is_edited_and_pinned_by_key_and_the_focus_is_kept() {
    let app = TestApp::with().start().await;
    let api = app.api();
    let chat = api.console_chat("Keys").await;
    add_facts(&api, chat, &["likes tea", "owns a boat"]).await;
    let browser = browser_at(&app, (Scripts::Allowed, 1_280)).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/facts"))).await;
    browser.press("j").await;
    browser.press("j").await;
    browser.press("Enter").await;
    browser.wait_for_text(".drawer h2", "owns a boat").await;
    browser.press("p").await;
    browser.wait_for_text(".drawer .acts", "Unpin").await;
    browser.press("e").await;
    browser.wait_for("tr.edit textarea").await;
    browser.fill("tr.edit textarea", "").await;
    browser.script("document.querySelector('tr.edit textarea').required = false").await;
    browser.click("tr.edit button[type=submit]").await;
    browser.wait_for("tr.edit textarea[aria-invalid=true]").await;
    expect_a_complaint(&browser, "422").await;
    assert_no_complaints(&browser).await;
}

#[tokio::test]
async fn several_messages_are_archived_brought_back_and_forgotten_with_a_report() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    for by in BOTH {
        let chat = api.console_chat("Ticks").await;
        let mut said = Vec::new();
        for text in ["About my heron.", "About my pelican.", "About bread."] {
            said.push(api.say(chat, text).await["message_id"].as_i64().unwrap());
        }
        let archived = async || {
            let path = format!("/api/chats/{chat}/messages?archived=true");
            api.list(&path).await.iter().filter_map(|message| message["id"].as_i64()).collect::<Vec<_>>()
        };
        let browser = browser_at(&app, by).await;
        let history = app.url(&format!("/chats/{chat}/history"));
        let tick = async || {
            open(&browser, by.0, &history).await;
            for id in &said[..2] {
                browser.click(&format!("input[name='messages[]'][value='{id}']")).await;
            }
        };
        tick().await;
        browser.click("#bulk button[value=archive]").await;
        eventually("both to be archived", async || (archived().await.len() == 2).then_some(())).await;
        tick().await;
        browser.click("#bulk button[value=restore]").await;
        eventually("both to be back", async || archived().await.is_empty().then_some(())).await;
        tick().await;
        browser.click("#bulk button[value=forget]").await;
        let question = browser.wait_for_text("#sure", "Forget 2 messages? This would go").await;
        assert!(question.contains("cannot be undone"), "{question}");
        browser.click("#sure form button").await;
        browser.wait_for_text(".report", "Forgotten: 2 messages").await;
        // News of it may come before the way to the report: the page then asks for what is gone.
        expect_a_complaint(&browser, "404").await;
        assert!(!browser.page_text().await.contains("heron"));
        // A day: today's first message, and a day that has not been.
        let today =
            api.list(&format!("/api/chats/{chat}/messages")).await[0]["created_at"].as_str().unwrap()[..10].to_owned();
        open(&browser, by.0, &format!("{history}?day={today}")).await;
        browser.wait_for_text("main", "From the first message of that day on").await;
        open(&browser, by.0, &format!("{history}?day=2100-01-01")).await;
        browser.wait_for_text("main", "Nothing was said on that day or later").await;
        assert_no_complaints(&browser).await;
    }
}

#[tokio::test]
async fn the_history_goes_on_at_both_ends_while_one_scrolls() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Long").await;
    for turn in 0..70 {
        api.say(chat, &text_of(12, turn)).await;
    }
    let ids = "return [...document.querySelectorAll('#messages .talk')].map(each => +each.id.slice(1))";
    let shown = async |browser: &Browser| -> Vec<i64> { serde_json::from_value(browser.script(ids).await).unwrap() };
    let in_order = |ids: &[i64]| ids.windows(2).all(|pair| pair[0] == pair[1] + 1);
    let browser = browser_at(&app, (Scripts::Allowed, 1_280)).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/history"))).await;
    assert_eq!(shown(&browser).await.len(), 50);
    eventually("all of it to be read", async || {
        browser.script("window.scrollTo(0, document.body.scrollHeight)").await;
        (shown(&browser).await.len() == 140).then_some(())
    })
    .await;
    assert!(in_order(&shown(&browser).await));
    // What is on screen stays when something is done to it, and news come at the top.
    let last = shown(&browser).await[120];
    browser.click(&format!("#m{last} form[action='/fn/archive'] button")).await;
    browser.wait_for_text(&format!("#m{last}"), "Bring back").await;
    assert_eq!(shown(&browser).await.len(), 140, "nothing of it went");
    api.say(chat, "A late arrival.").await;
    eventually("the late arrival and its answer", async || (shown(&browser).await.len() == 142).then_some(())).await;

    // From the middle upwards: the message one looks at stays where it is.
    let browser = browser_at(&app, (Scripts::Allowed, 390)).await;
    browser.open_alive(&app.url(&format!("/chats/{chat}/history?at=40#m40"))).await;
    eventually("newer ones to be read", async || {
        browser.script("window.scrollTo(0, 200)").await;
        let shown = shown(&browser).await;
        (shown[0] == 142).then_some(())
    })
    .await;
    assert!(in_order(&shown(&browser).await));
    assert!(!browser.has("[data-more=newer]").await);
    assert_no_complaints(&browser).await;

    // At the very top of a day nothing scrolls: whoever turns the wheel there wants what came after.
    let first =
        api.list(&format!("/api/chats/{chat}/messages")).await[0]["created_at"].as_str().unwrap()[..10].to_owned();
    browser.open_alive(&app.url(&format!("/chats/{chat}/history?day={first}"))).await;
    assert_eq!(browser.script("return scrollY").await, json!(0));
    eventually("newer ones to be read at the top", async || {
        browser.script("dispatchEvent(new WheelEvent('wheel', {deltaY: -120}))").await;
        (shown(&browser).await[0] == 142).then_some(())
    })
    .await;
    assert!(in_order(&shown(&browser).await));

    // Without scripts the same by links.
    let browser = browser_at(&app, (Scripts::Blocked, 390)).await;
    browser.open(&app.url(&format!("/chats/{chat}/history"))).await;
    browser.click("[data-more=older]").await;
    browser.wait_for("[data-more=newer]").await;
    browser.click("[data-more=newer]").await;
    browser.wait_for("#m142").await;
}

#[tokio::test]
async fn settings_are_checked_while_they_are_typed_and_models_tested() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Settings").await;
    let settings = app.url(&format!("/chats/{chat}/settings"));
    let browser = browser_at(&app, (Scripts::Allowed, 1_280)).await;
    browser.open_alive(&settings).await;
    browser.fill("#s-max_context_tokens", "90").await;
    let told = browser.wait_for_text("#told-max_context_tokens", "90").await;
    assert!(told.contains("500"), "the allowed range is told: {told}");
    browser.wait_for("#s-max_context_tokens[aria-invalid=true]").await;
    browser.fill("#s-max_context_tokens", "16,000").await;
    browser.wait_for_text("#told-max_context_tokens", "13,440 tokens at most").await;
    browser.wait_for_text("#shares", "16,000").await;
    assert_eq!(api.get(&format!("/api/chats/{chat}")).await["settings"]["max_context_tokens"]["value"], 8_000);
    browser.fill("#s-system_prompt", "You are terse.").await;
    browser.wait_for_text("#told-system_prompt", "4 tokens in each request").await;
    browser.fill("#s-time_zone", "Mars/Olympus").await;
    browser.wait_for("#s-time_zone[aria-invalid=true]").await;
    assert_no_complaints(&browser).await;

    for by in BOTH {
        let browser = browser_at(&app, by).await;
        open(&browser, by.0, &settings).await;
        browser.fill("#s-chat_model", "gpt-6-luna").await;
        browser.click("button[formaction='/fn/try_model']").await;
        browser.wait_for_text("#told-chat_model", "answered in").await;
        let purposes = api.list("/api/usage?by=purpose").await;
        let tests = purposes.iter().find(|spent| spent["key"] == "test").expect("a trial is paid for");
        assert!(tests["memory"]["tokens_in"].as_u64() > Some(0), "{tests}");
        assert_eq!(browser.script("return document.querySelector('#s-chat_model').value").await, json!("gpt-6-luna"));
        model.fail(Fault::Status(401));
        browser.click("button[formaction='/fn/try_model']").await;
        browser.wait_for_text("#told-chat_model", "refuses the key").await;
        let in_force = &api.get(&format!("/api/chats/{chat}")).await["settings"]["chat_model"]["value"];
        assert_eq!(*in_force, "gpt-6.1-terra", "trying changes nothing");
        // Saved, it is in force.
        open(&browser, by.0, &settings).await;
        browser.choose("#s-expiry_schedule", "daily").await;
        browser.click("form:has(#s-expiry_schedule) button").await;
        browser.wait_for_text("tr:has(#s-expiry_schedule) .origin", "this chat").await;
        browser.click("tr:has(#s-expiry_schedule) .origin button").await;
        browser.wait_for_text("tr:has(#s-expiry_schedule) .origin", "built in").await;
    }
}

#[tokio::test]
async fn a_summary_is_rewritten_by_hand_with_a_receipt_of_its_own() {
    let (model, app) = with_model().await;
    let api = app.api();
    consolidating(&model, |_| json!([]));
    for by in BOTH {
        let chat = api.console_chat("Rewrite").await;
        api.say(chat, "I saw my sister Natalie on 12 March 2026, for 1200 euros.").await;
        consolidated(&api, chat).await;
        let browser = browser_at(&app, by).await;
        open(&browser, by.0, &app.url(&format!("/chats/{chat}/episodes"))).await;
        browser.click(".episode .acts a").await;
        browser.wait_for(".rewrite textarea").await;
        browser.fill(".rewrite textarea", "Ada saw Natalie on 12 March 2026.").await;
        browser.click(".rewrite button").await;
        browser.wait_for_text(".episode .sum", "Ada saw Natalie").await;
        let episode = episodes(&api, chat).await.remove(0);
        assert_eq!(episode["summary"], "Ada saw Natalie on 12 March 2026.");
        let receipt = &episode["receipt"];
        assert_eq!((&receipt["model"], &receipt["version"]), (&json!("owner"), &json!(2)));
        let lost = receipt["lost"].to_string();
        assert!(lost.contains("1200") && !lost.contains("Natalie"), "{receipt}");
        browser.click(".receipt summary").await;
        browser.wait_for_text(".receipt", "you, version 2").await;
        assert_no_complaints(&browser).await;
    }
}

#[tokio::test]
async fn a_turn_tells_its_times_and_where_it_parts_from_the_one_before() {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Turn").await;
    api.say(chat, "One.").await;
    api.say(chat, "Two.").await;
    let turn = last_turn(&api, chat).await["id"].clone();
    let browser = browser_at(&app, (Scripts::Blocked, 1_280)).await;
    browser.open(&app.url(&format!("/chats/{chat}/turns/{turn}"))).await;
    let same = browser.wait_for_text(".same", "are those that turn 1 sent").await;
    assert!(same.contains("is the first thing that is different"), "{same}");
    let times = browser.wait_for_text(".wf", "First word").await;
    assert!(times.contains("Writing"), "{times}");
    browser.wait_for_text("main", "new").await;
}

#[tokio::test]
async fn the_overview_draws_episodes_and_what_was_put_away() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Axis").await;
    consolidating(&model, |_| json!([]));
    let said = api.say(chat, "We spoke of rivers.").await["message_id"].clone();
    consolidated(&api, chat).await;
    api.say(chat, "And of lakes.").await;
    let all: Vec<Value> =
        api.list(&format!("/api/chats/{chat}/messages")).await.iter().map(|m| m["id"].clone()).collect();
    assert_eq!(all.len(), 4);
    api.post(&format!("/api/chats/{chat}/messages/archive"), json!({"ids": all, "archived": true})).await;
    let browser = browser_at(&app, (Scripts::Blocked, 1_280)).await;
    browser.open(&app.url(&format!("/chats/{chat}"))).await;
    assert!(browser.count(".axis .ep").await >= 2, "{said}: a closed episode and an open one");
    assert!(browser.has(".axis .ep.open").await && browser.has(".axis .archived").await);
}

#[tokio::test]
async fn what_if_says_what_a_reply_would_cost_where_the_model_has_a_price() {
    let model = ModelServer::start().await;
    for (name, told) in [("gpt-6.1-terra", "Each reply costs about $"), ("unheard-of", "unheard-of has no price yet")] {
        let app = TestApp::with().model(&model).env("SOUVENIR_CHAT_MODEL", name).start().await;
        let chat = app.api().console_chat("Costs").await;
        app.api().say(chat, &"A message of four hours ago, as long as it takes to cost something. ".repeat(20)).await;
        let app = hours_later(app, 4).await;
        app.api().patch(&format!("/api/chats/{chat}"), json!({"session_duration": "short"})).await;
        // Without scripts, since this is a matter of what is drawn.
        let browser = browser_at(&app, (Scripts::Blocked, 1_280)).await;
        browser.open(&app.url(&format!("/chats/{chat}?d=medium"))).await;
        let effect = browser.wait_for_text(".effect .cost", told).await;
        let row = browser.texts("tr.cost").await.join("");
        assert_eq!(row.contains("unknown"), name == "unheard-of", "{row}");
        assert_eq!(row.matches('$').count(), if name == "unheard-of" { 0 } else { 3 }, "{row}");
        assert!(name == "unheard-of" || effect.contains(" more."), "{effect}");
    }
}
