//! Budgets of a day: the owner hears of them, what can wait stops first, answers last, and a restart changes nothing.

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::bot_api::Attached;
use souvenir_tests::browser::{Browser, Scripts};
use souvenir_tests::embeddings::EmbeddingServer;
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::{Fault, ModelServer};

use crate::maintenance::{consolidating, job_in, transcript};
use crate::pages::sign_in;
use crate::world::{World, eventually, last_turn, text_of};

/// Tokens of answers and of work on memory so far.
async fn tokens(api: &Api) -> u64 {
    let total = api.get("/api/usage").await["total"].clone();
    let of = |part: &str, field: &str| total[part][field].as_u64().unwrap_or_default();
    of("answers", "tokens_in") + of("answers", "tokens_out") + of("memory", "tokens_in") + of("memory", "tokens_out")
}

/// Sets a budget of all chats that is used so far, in percent.
async fn set_used_to(api: &Api, percent: u64) {
    let budget = tokens(api).await * 100 / percent;
    api.patch("/api/settings", json!({"daily_tokens": budget})).await;
}

/// The so-manieth turn of a chat, once it has ended.
async fn turn_number(api: &Api, chat: i64, number: usize) -> Value {
    eventually("a turn to end", async || {
        let turns = api.list(&format!("/api/chats/{chat}/turns")).await;
        let turn = turns.first().filter(|turn| turns.len() == number && turn["state"] != "running")?;
        Some(turn.clone())
    })
    .await
}

fn asked_for_memory(model: &ModelServer) -> usize {
    model.requests().iter().filter(|request| transcript(&request.body).is_some()).count()
}

#[tokio::test]
async fn background_work_stops_first_and_answers_last_and_the_owner_is_told_once() {
    let mut world = World::start().await;
    consolidating(&world.model, |_| json!([]));
    world.ask("The tulips are in the shed.").await;
    let (api, chat) = (world.app.api(), world.chat().await);
    set_used_to(&api, 85).await;
    let told = world.bot.wait_for_text(&world.ada, "of today's budget").await;
    assert!(
        told.text.contains("of all chats is used") && told.text.contains("in the background pauses"),
        "{}",
        told.text
    );
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    let job = eventually("the job to wait", async || {
        let job = job_in(&api, chat, &["queued"]).await;
        job["error"].is_string().then_some(job)
    })
    .await;
    let why = job["error"].as_str().unwrap_or_default().to_owned();
    assert!(why.starts_with("paused: 8") && why.contains("background stops at 80 %"), "{why}");
    assert_eq!((&job["attempts"], asked_for_memory(&world.model)), (&json!(0), 0), "no model was asked");
    world.bot.say(&world.ada, "And the spade?");
    assert_eq!(turn_number(&api, chat, 2).await["state"], "done", "answers go on");
    world.bot.wait_for_text(&world.ada, "Answers stop until").await;
    world.bot.say(&world.ada, "And the rake?");
    let refused = world.bot.wait_for_text(&world.ada, "used up").await.text;
    assert!(refused.contains("used up") && refused.contains("00:00 (UTC)"), "{refused}");
    let requests = world.model.request_count();
    let turn = turn_number(&api, chat, 3).await;
    assert_eq!(turn["state"], "failed");
    assert!(turn["error"].as_str().unwrap_or_default().contains("answers stop at 100 %"), "{turn}");

    world.app = world.app.restart().await;
    assert!(world.ask("And now?").await.text.contains("used up"));
    assert_eq!(
        (world.model.request_count(), asked_for_memory(&world.model)),
        (requests, 0),
        "a restart changes nothing"
    );
    let notices = world.bot.sent(&world.ada).iter().filter(|sent| sent.text.contains("of today's budget")).count();
    assert_eq!(notices, 2, "once at 80 %, once at the end");

    let api = world.app.api();
    api.patch("/api/settings", json!({"daily_tokens": null})).await;
    job_in(&api, chat, &["done"]).await;
    assert_eq!(asked_for_memory(&world.model), 1, "what waited is done once there is room");
    assert!(world.ask("Where were they?").await.text.contains("Noted"));
    let seen = world.model.requests().last().map(|request| request.text()).unwrap_or_default();
    assert!(seen.contains("And the rake?"), "what was refused is read with the next: {seen}");
}

#[tokio::test]
async fn a_chats_own_budget_stops_that_chat_alone_and_speaks_its_language() {
    let model = ModelServer::start().await;
    model.reply_by(|_| "Ясно.".to_owned());
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let [one, other] = [api.console_chat("Сад").await, api.console_chat("Kitchen").await];
    api.say(one, "Тюльпаны лежат в сарае, а лопата у Бориса.").await;
    let path = format!("/api/chats/{one}");
    let refused = api.call(Method::PATCH, &path, Some(json!({"daily_tokens": 5}))).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("chat_daily_tokens for this chat"), "{}", refused.text);
    api.patch(&path, json!({"chat_daily_tokens": 50})).await;
    let said = json!({"text": "А где грабли и лейка?"});
    let reply = api.call(Method::POST, &format!("{path}/messages"), Some(said)).await;
    assert!(reply.status == 502 && reply.text.contains("Дневной лимит этого чата исчерпан"), "{}", reply.text);
    let turn: Value = last_turn(&api, one).await;
    assert!(turn["error"].as_str().unwrap_or_default().contains("this chat's budget"), "{turn}");
    let before = model.request_count();
    api.say(other, "The kettle is broken.").await;
    assert_eq!(model.request_count(), before + 1, "another chat goes on");
}

#[tokio::test]
async fn what_a_job_and_each_purpose_took_is_told() {
    let model = ModelServer::start().await;
    consolidating(&model, |_| json!([]));
    let app = TestApp::with().model(&model).env("SOUVENIR_PRICES", "gpt-6-luna = 10/1/50").start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    api.say(chat, "The tulips are in the shed.").await;
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    let job = job_in(&api, chat, &["done"]).await;
    let purposes = api.list("/api/usage?by=purpose").await;
    let keys: Vec<_> = purposes.iter().filter_map(|purpose| purpose["key"].as_str()).collect();
    assert_eq!((keys.len(), keys.contains(&"answers"), keys.contains(&"consolidation")), (2, true, true), "{keys:?}");
    let work = purposes.iter().find(|purpose| purpose["key"] == "consolidation").map(|work| work["memory"].clone());
    let work = work.expect("work on memory");
    let both = work["tokens_in"].as_u64().unwrap_or_default() + work["tokens_out"].as_u64().unwrap_or_default();
    assert_eq!((job["tokens"].as_u64(), &job["cost_usd"]), (Some(both), &work["cost_usd"]), "{job}");
    let (read, written) = (work["tokens_in"].as_f64().unwrap_or(0.0), work["tokens_out"].as_f64().unwrap_or(0.0));
    let cost = (read * 10.0 + written * 50.0) / 1e6;
    assert!((job["cost_usd"].as_f64().unwrap_or(0.0) - cost).abs() < 1e-9, "as the settings price it: {job}");
    assert_eq!(api.get("/api/usage").await["own_prices"], json!(["gpt-6-luna"]));
}

/// What was spent for a purpose; null where nothing was.
async fn spent_on(api: &Api, purpose: &str) -> Value {
    let purposes = api.list("/api/usage?by=purpose").await;
    purposes.iter().find(|spent| spent["key"] == purpose).map_or(Value::Null, |spent| spent["memory"].clone())
}

#[tokio::test]
async fn a_recording_is_paid_for_by_its_length_and_budgets_see_it() {
    let world = World::start_with(|setup| {
        setup
            .env("SOUVENIR_TRANSCRIPTION_MODEL", "ears-1")
            .env("SOUVENIR_PRICES", "ears-1 = 0.06/min, gpt-6.1-terra = 0/0")
    })
    .await;
    let api = world.app.api();
    api.patch("/api/settings", json!({"daily_usd": "0.0041"})).await;
    world.model.hear(["My lighthouse is called Roque"]);
    world.bot.send(&world.ada, &Attached::Voice(4, b"OggS and so on".to_vec()), "");
    let told = world.bot.wait_for_text(&world.ada, "of today's budget").await;
    assert!(told.text.contains("97 %"), "$0.0040 of $0.0041: {}", told.text);
    let spent = spent_on(&api, "transcription").await;
    assert_eq!((&spent["count"], &spent["cost_usd"]), (&json!(1), &json!(0.004)), "four seconds: {spent}");
    let chat = world.chat().await;
    let of_chat = api.list(&format!("/api/usage?by=model&chat={chat}")).await;
    assert!(of_chat.iter().any(|model| model["key"] == "ears-1"), "{of_chat:?}");
}

#[tokio::test]
async fn vectors_of_messages_and_questions_are_paid_for_by_their_chat() {
    let embeddings = EmbeddingServer::start().await;
    let app = TestApp::with().embeddings(&embeddings).env("SOUVENIR_PRICES", "bag-of-words = 20/0").start().await;
    let api = app.api();
    let [one, other] = [api.console_chat("Garden").await, api.console_chat("Kitchen").await];
    api.say(one, "The tulips are in the shed.").await;
    api.say(other, "The kettle is on the stove.").await;
    let spent = eventually("vectors to be paid for", async || {
        let chats = api.list("/api/usage?by=chat").await;
        let of = |key: &str| chats.iter().find(|chat| chat["key"] == key).map(|chat| chat["memory"].clone());
        // The first vectors of a model are for no chat in particular.
        Some([of(&one.to_string())?, of(&other.to_string())?, of("none")?])
            .filter(|spent| spent.iter().all(|spent| spent["tokens_in"].as_u64() > Some(0)))
    })
    .await;
    for spent in &spent {
        let (tokens, cost) = (spent["tokens_in"].as_f64().unwrap(), spent["cost_usd"].as_f64().unwrap());
        assert!((cost - tokens * 20.0 / 1e6).abs() < 1e-9, "{spent}");
    }
    let before = spent_on(&api, "embedding").await["tokens_in"].as_u64();
    api.get(&format!("/api/chats/{one}/search?q=blossoms")).await;
    api.say(one, "Where are the blossoms kept?").await;
    eventually("the question to be paid for", async || {
        (spent_on(&api, "embedding").await["tokens_in"].as_u64() > before).then_some(())
    })
    .await;
    let month = api.get(&format!("/api/usage?chat={one}")).await["total"]["memory"]["unpriced"].clone();
    assert_eq!(month, 0);
}

#[tokio::test]
async fn vectors_at_no_known_price_are_counted_and_said_to_be_unpriced() {
    let embeddings = EmbeddingServer::start().await;
    let app = TestApp::with().embeddings(&embeddings).start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    api.say(chat, "The tulips are in the shed.").await;
    let spent = eventually("vectors to be counted", async || {
        let spent = spent_on(&api, "embedding").await;
        (spent["tokens_in"].as_u64() > Some(0)).then_some(spent)
    })
    .await;
    assert!(spent["unpriced"].as_u64() > Some(0), "{spent}");
}

#[tokio::test]
async fn what_the_owner_should_see_to_is_told_everywhere_with_its_remedy() {
    let model = ModelServer::start().await;
    model.list_models(json!([{"id": "gpt-6.1-terra", "shutdown_date": "2020-01-01"}, {"id": "gpt-6-luna"}]));
    // Fewer tokens than we count: the scale never goes below exact, so that the drift stays.
    model.scale_tokens(0.8);
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    for seed in 0..6 {
        api.say(chat, &text_of(300, seed)).await;
    }
    let notices = eventually("both notices", async || {
        let notices = api.get("/readyz").await["notices"].clone();
        (notices.as_array()?.len() == 2).then_some(notices)
    })
    .await;
    assert_eq!((&notices[0]["kind"], &notices[1]["kind"]), (&json!("retirement"), &json!("drift")), "{notices}");
    assert_eq!(notices[0]["told"], "gpt-6.1-terra was switched off on 2020-01-01.");
    assert!(notices[1]["told"].as_str().unwrap_or_default().contains("% too many"), "{notices}");
    assert!(notices.as_array().is_some_and(|all| all.iter().all(|notice| notice["remedy"].is_string())), "{notices}");
    let bare = reqwest::get(app.url("/readyz")).await.expect("an answer").json::<Value>().await.expect("JSON");
    assert!(bare["notices"].is_null(), "nobody else is told: {bare}");
    let checked = app.setup().run(&["check"]).await.stdout;
    for told in ["switched off on 2020-01-01. Set another model", "% too many, in the middle of its last 6 turns"] {
        assert!(checked.contains(told), "{told}: {checked}");
    }
}

#[tokio::test]
async fn a_turn_says_why_it_cost_more_than_it_should() {
    let model = ModelServer::start().await;
    model.reply_by(|_| "Noted.".to_owned());
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    let codes = async || {
        let reasons = last_turn(&api, chat).await["cost_reasons"].clone();
        let reasons = reasons.as_array().expect("reasons").clone();
        reasons.iter().map(|reason| reason["code"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for seed in 0..3 {
        api.say(chat, &text_of(700, seed)).await;
    }
    assert_eq!(codes().await, Vec::<String>::new(), "each began as the one before");
    model.fail(Fault::Status(500));
    api.say(chat, "Once more?").await;
    assert_eq!(codes().await, ["retried"]);
    api.patch(&format!("/api/chats/{chat}"), json!({"system_prompt": "Be brief, whatever you are asked."})).await;
    api.say(chat, "And now?").await;
    assert_eq!(codes().await, ["broken_prefix"]);
    let reason = last_turn(&api, chat).await["cost_reasons"][0].clone();
    assert!(reason["told"].as_str().unwrap_or_default().starts_with("the system prompt is another"), "{reason}");
    assert!(reason["extra_usd"].as_f64() > Some(0.0005), "two thousand tokens at nineteen twentieths: {reason}");
}

#[tokio::test]
async fn the_usage_page_shows_budgets_notices_and_counts() {
    let model = ModelServer::start().await;
    model.reply_by(|_| "Noted.".to_owned());
    model.scale_tokens(0.8);
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let [garden, kitchen] = [api.console_chat("Garden").await, api.console_chat("Kitchen").await];
    for seed in 0..6 {
        api.say(garden, &text_of(250, seed)).await;
    }
    let budget = tokens(&api).await * 100 / 85;
    api.patch(&format!("/api/chats/{garden}"), json!({"chat_daily_tokens": budget})).await;
    let said = api.list(&format!("/api/chats/{garden}/messages")).await;
    let told = said.iter().filter(|message| message["text"].to_string().contains("of what this chat may use today"));
    assert_eq!(told.count(), 1, "the chat is told of its own budget");
    api.say(kitchen, "The kettle is broken.").await;
    let browser = Browser::start_with(Scripts::Blocked).await;
    sign_in(&browser, &app).await;
    browser.open(&app.url("/usage?days=7")).await;
    let notices = browser.wait_for_text("#notices", "% of today's budget of “Garden” is used").await;
    assert!(notices.contains("Paused until 00:00 (UTC): work in the background"), "{notices}");
    browser.wait_for_text(".budgets", "paused until").await;
    browser.wait_for_text("#counts", "too many").await;
    assert!(browser.has("#counts svg .dot.far").await, "a square for each answer that is far off");
    assert!(browser.has(".plot-rows .lane-bar i").await, "chats stand beside each other");
    browser.wait_for_text("main", "What it was for").await;
    for width in [320, 1_280] {
        browser.resize(width, 900).await;
        let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.script(overflow).await, json!(0), "it overflows at {width} px");
    }
}

#[tokio::test]
async fn work_on_memory_counts_with_its_cost_also_where_nothing_came_of_it() {
    let model = ModelServer::start().await;
    model.reply_by(|request| match transcript(request) {
        Some(_) => "this is no JSON".to_owned(),
        None => "Noted.".to_owned(),
    });
    let app = TestApp::with().model(&model).start().await;
    let api = app.api();
    let chat = api.console_chat("Garden").await;
    api.say(chat, "The tulips are in the shed.").await;
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    let memory = eventually("both calls to count", async || {
        let memory = api.get("/api/usage").await["total"]["memory"].clone();
        (memory["count"] == 2).then_some(memory)
    })
    .await;
    assert!(memory["cost_usd"].as_f64() > Some(0.0) && memory["tokens_in"].as_u64() > Some(0), "{memory}");
}
