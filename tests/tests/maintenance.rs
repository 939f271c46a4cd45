//! Memory kept in the background: episodes, consolidation, facts with evidence, and what survives a power cut.

use reqwest::Method;
use serde_json::{Value, json};
use souvenir_tests::harness::{Api, TestApp};
use souvenir_tests::model::{Fault, ModelServer};

use crate::world::{eventually, hours_later, text_of};

/// A model that answers in conversation, and consolidates by what `operations` makes of the transcript.
pub(crate) fn consolidating(model: &ModelServer, operations: impl Fn(&str) -> Value + Send + Sync + 'static) {
    model.reply_by(move |request| match transcript(request) {
        Some(text) => json!({"summary": format!("They talked: {}", last_line(&text)), "operations": operations(&text)})
            .to_string(),
        None => "Noted.".to_owned(),
    });
}

/// The transcript that a request asks to be consolidated; none for a turn of conversation.
pub(crate) fn transcript(request: &Value) -> Option<String> {
    let messages = request["messages"].as_array()?;
    let asked = messages.iter().find_map(|message| {
        let text = message["content"].as_str()?;
        (message["role"] == "user" && text.contains("<transcript>")).then_some(text)
    })?;
    Some(asked.to_owned())
}

fn last_line(text: &str) -> String {
    let mut lines = text.lines().filter(|line| line.starts_with('['));
    lines.next_back().and_then(|line| line.split_once(": ")).map_or(String::new(), |(_, said)| said.to_owned())
}

/// The number of the message in a transcript that has these words.
pub(crate) fn message_with(text: &str, words: &str) -> i64 {
    let line = text.lines().find(|line| line.starts_with('[') && line.contains(words));
    line.and_then(|line| line[1..].split(']').next()?.parse().ok()).unwrap_or(-1)
}

pub(crate) fn add(text: &str, statement: &str, quote: &str) -> Value {
    // A name that stands nowhere would be an invention.
    let subject = text.contains("Ada").then_some("Ada");
    json!({"op": "add", "fact_id": null, "kind": "identity", "subject": subject, "statement": statement, "valid_at": null,
        "evidence": [{"message_id": message_with(text, quote), "quote": quote}]})
}

pub(crate) async fn with_model() -> (ModelServer, TestApp) {
    let model = ModelServer::start().await;
    let app = TestApp::with().model(&model).start().await;
    (model, app)
}

/// Asks for consolidation and waits until its job has ended; null when nothing was due.
pub(crate) async fn consolidated(api: &Api, chat: i64) -> Value {
    let asked = api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    if asked["job"].is_null() {
        return Value::Null;
    }
    job_in(api, chat, &["done"]).await
}

/// The newest job of a chat, once it is in one of these states.
pub(crate) async fn job_in(api: &Api, chat: i64, states: &[&str]) -> Value {
    eventually("the job to get on", async || {
        let job = api.list(&format!("/api/chats/{chat}/jobs")).await.into_iter().next()?;
        job["state"].as_str().is_some_and(|state| states.contains(&state)).then_some(job)
    })
    .await
}

pub(crate) async fn statements(api: &Api, chat: i64) -> Vec<String> {
    let facts = api.list(&format!("/api/chats/{chat}/facts?status=active")).await;
    facts.iter().map(|fact| fact["statement"].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) async fn episodes(api: &Api, chat: i64) -> Vec<Value> {
    api.list(&format!("/api/chats/{chat}/episodes")).await
}

#[tokio::test]
async fn fifty_messages_and_more_stay_coherent() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Long").await;
    consolidating(&model, |text| {
        json!([add(text, "keeps the key under the blue pot", "the key is under the blue pot")])
    });
    api.say(chat, "Remember where: the key is under the blue pot.").await;
    for turn in 0..27 {
        api.say(chat, &text_of(150, turn)).await;
    }
    consolidated(&api, chat).await;
    api.say(chat, "Where is the key?").await;
    let requests = model.requests();
    let asked = requests.last().unwrap();
    assert!(asked.text().contains("under the blue pot"), "the first message is long out of the budget");
    let messages = api.get(&format!("/api/chats/{chat}")).await["message_count"].as_u64().unwrap();
    assert!(messages > 50, "{messages}");
    let order: Vec<usize> = (20..27).filter_map(|turn| asked.text().find(&format!("Number {turn}:"))).collect();
    assert!(order.len() >= 3 && order.is_sorted(), "recent messages stand in their order: {order:?}");
}

#[tokio::test]
async fn tokens_stay_under_the_limit_message_after_message() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Budget").await;
    api.patch(&format!("/api/chats/{chat}"), json!({"max_context_tokens": 2000, "reserve_tokens": 300})).await;
    consolidating(&model, |_| json!([]));
    for turn in 0..20 {
        api.say(chat, &text_of(120, turn)).await;
        if turn % 7 == 6 {
            consolidated(&api, chat).await;
        }
    }
    let turns: Vec<usize> = model
        .requests()
        .iter()
        .filter(|request| transcript(&request.body).is_none())
        .map(|request| request.prompt_tokens)
        .collect();
    assert_eq!(turns.len(), 20);
    assert!(turns.iter().all(|tokens| *tokens <= 1700), "{turns:?}");
}

#[tokio::test]
async fn the_summary_is_made_and_injected() {
    let (model, app) = with_model().await;
    let chat = app.api().console_chat("Summary").await;
    consolidating(&model, |_| json!([]));
    app.api().say(chat, "We chose the green tiles for 1200 euros.").await;
    let app = hours_later(app, 7).await;
    let api = app.api();
    let episode = eventually("the summary of the episode that ended", async || {
        episodes(&api, chat).await.into_iter().find(|episode| !episode["summary"].is_null())
    })
    .await;
    assert_eq!(episode["closed_by"], "idle");
    assert!(episode["receipt"]["tokens_before"].as_u64().unwrap() > 0);
    api.say(chat, "Good morning!").await;
    let request = model.requests().pop().unwrap();
    assert!(request.text().contains("They talked: "), "{}", request.text());
    let turn = crate::world::last_turn(&api, chat).await;
    let segments = turn["manifest"]["segments"].as_array().unwrap();
    assert!(
        segments.iter().any(|segment| segment["kind"] == "summary" && segment["ref"]["episode_id"] == episode["id"])
    );
}

#[tokio::test]
async fn archived_messages_never_come_back_while_recent_ones_stay() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Archive").await;
    consolidating(&model, |text| json!([add(text, "has the secret heron", "the secret heron")]));
    let first = api.say(chat, "This is about the secret heron.").await;
    api.say(chat, "This is about the open pelican.").await;
    let ids = json!([first["message_id"], first["reply_message_id"]]);
    api.post(&format!("/api/chats/{chat}/messages/archive"), json!({"ids": ids, "archived": true})).await;
    consolidated(&api, chat).await;
    api.say(chat, "What about the heron and the pelican?").await;
    let requests = model.requests();
    for request in requests.iter().skip(2) {
        assert!(!request.text().contains("the secret heron"), "{}", request.text());
    }
    assert!(requests.last().unwrap().text().contains("the open pelican"));
    assert!(statements(&api, chat).await.is_empty(), "the memory model saw it neither");
}

#[tokio::test]
async fn a_fact_needs_a_quote_that_was_said_and_the_refusal_is_on_record() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Quotes").await;
    consolidating(&model, |text| {
        let invented = json!({"op": "add", "fact_id": null, "kind": "identity", "subject": "Ada", "statement": "owns a yacht",
            "valid_at": null, "evidence": [{"message_id": message_with(text, "I live"), "quote": "I own a yacht"}]});
        json!([add(text, "lives in Lyon", "I live in Lyon"), invented, add(text, "Lives in Lyon.", "I live in Lyon")])
    });
    api.say(chat, "Écoute : I live in Lyon.").await;
    consolidated(&api, chat).await;
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"]);
    let operations = episodes(&api, chat).await[0]["operations"].clone();
    let outcomes: Vec<&str> = operations.as_array().unwrap().iter().map(|op| op["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["added", "refused", "refused"]);
    assert!(operations[1]["reason"].as_str().unwrap().contains("does not stand in message"), "{operations}");
    let fact = &api.list(&format!("/api/chats/{chat}/facts")).await[0];
    let evidence = &fact["evidence"][0];
    let message = evidence["message_id"].as_i64().unwrap();
    let messages = api.list(&format!("/api/chats/{chat}/messages")).await;
    let said = messages.iter().find(|item| item["id"] == message).unwrap()["text"].as_str().unwrap();
    let place = ["start", "end"].map(|edge| usize::try_from(evidence[edge].as_u64().unwrap()).unwrap());
    assert_eq!((&evidence["quote"], &said[place[0]..place[1]]), (&json!("I live in Lyon"), "I live in Lyon"));

    // The same again is no new fact: it only confirms.
    api.say(chat, "As I said, I live in Lyon.").await;
    consolidated(&api, chat).await;
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"]);
    assert!(consolidated(&api, chat).await.is_null(), "nothing is due twice");
}

#[tokio::test]
async fn the_owners_word_is_final_and_what_was_deleted_stays_deleted() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Owner").await;
    let facts = format!("/api/chats/{chat}/facts");
    let written = api.post(&facts, json!({"statement": "lives in Nice", "subject": "Ada"})).await;
    consolidating(&model, |text| {
        json!([add(text, "lives in Lyon", "I live in Lyon"), add(text, "owns a boat", "a boat")])
    });
    api.say(chat, "I live in Lyon and own a boat.").await;
    consolidated(&api, chat).await;
    assert_eq!(statements(&api, chat).await, ["lives in Nice", "owns a boat"]);

    let proposals = api.list(&format!("/api/chats/{chat}/proposals")).await;
    assert_eq!(proposals[0]["kind"], "contradiction");
    assert_eq!(proposals[0]["fact"]["id"], written["id"]);
    assert_eq!(proposals[0]["proposed"]["evidence"][0]["quote"], "I live in Lyon");
    let accepted = api.post(&format!("/api/chats/{chat}/proposals/{}/accept", proposals[0]["id"]), json!({})).await;
    assert_eq!(accepted["statement"], "lives in Lyon");

    let boat = api.list(&facts).await.into_iter().find(|fact| fact["statement"] == "owns a boat").unwrap();
    api.delete(&format!("{facts}/{}", boat["id"])).await;
    api.say(chat, "I live in Lyon, as you know, and still own a boat.").await;
    consolidated(&api, chat).await;
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"]);
}

#[tokio::test]
async fn reverting_an_episode_restores_the_facts_as_they_were() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Revert").await;
    consolidating(&model, |text| json!([add(text, "works as a baker", "I work as a baker")]));
    api.say(chat, "I work as a baker.").await;
    consolidated(&api, chat).await;
    let fact = api.list(&format!("/api/chats/{chat}/facts")).await.remove(0);
    let id = fact["id"].as_i64().unwrap();
    consolidating(&model, move |text| {
        let evidence = json!([{"message_id": message_with(text, "I am a nurse"), "quote": "I am a nurse"}]);
        json!([
            {"op": "update", "fact_id": id, "kind": "identity", "subject": null, "statement": "works as a nurse",
             "valid_at": "2026-11-01", "evidence": evidence},
            add(text, "has two cats", "two cats"),
        ])
    });
    api.say(chat, "I am a nurse now, and have two cats.").await;
    consolidated(&api, chat).await;
    assert_eq!(statements(&api, chat).await, ["works as a nurse", "has two cats"]);
    let history = api.list(&format!("/api/chats/{chat}/facts/{id}/history")).await;
    assert!(!history[0]["invalid_at"].is_null(), "the old version is closed, not erased");

    let episode = episodes(&api, chat).await.remove(0);
    api.post(&format!("/api/chats/{chat}/episodes/{}/revert", episode["id"]), json!({})).await;
    assert_eq!(statements(&api, chat).await, ["works as a baker"]);
    let again = api.call(Method::POST, &format!("/api/chats/{chat}/episodes/{}/revert", episode["id"]), None).await;
    assert_eq!(again.status, 422, "{}", again.text);
}

#[tokio::test]
async fn what_the_owner_took_back_is_not_summed_up_again_by_itself() {
    let (model, app) = with_model().await;
    let chat = app.api().console_chat("Taken back").await;
    consolidating(&model, |text| json!([add(text, "works as a baker", "I work as a baker")]));
    app.api().say(chat, "I work as a baker.").await;
    consolidated(&app.api(), chat).await;
    let episode = episodes(&app.api(), chat).await.remove(0);
    app.api().post(&format!("/api/chats/{chat}/episodes/{}/revert", episode["id"]), json!({})).await;
    let app = hours_later(app, 7).await;
    let api = app.api();
    assert!(consolidated(&api, chat).await.is_null(), "asked again, nothing is due");
    api.say(chat, "And what about bread?").await;
    consolidated(&api, chat).await;
    let (seen, found) = (model.requests(), episodes(&api, chat).await);
    let batch = seen.iter().rfind(|request| transcript(&request.body).is_some()).unwrap();
    assert!(batch.text().contains("about bread") && !batch.text().contains("I work as a baker"), "{}", batch.text());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1]["summary"].is_null() && !found[1]["reverted_at"].is_null(), "{found:?}");
    assert!(statements(&api, chat).await.is_empty());
    // What was said is out of no reply's reach for that: the next one that needs it finds it.
    api.say(chat, "Who works as a baker?").await;
    assert!(model.requests().pop().unwrap().text().contains("I work as a baker."));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_repaired_once_or_the_batch_waits() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Repair").await;
    model.reply_with(["Hi.", "Sure! Here is the summary.", r#"{"summary": "They greeted.", "operations": []}"#]);
    api.say(chat, "Hello there, friend.").await;
    consolidated(&api, chat).await;
    assert_eq!(episodes(&api, chat).await[0]["summary"], "They greeted.");
    let requests = model.requests();
    assert_eq!(requests.len(), 3, "one call and one repair");
    assert!(requests[1].body["response_format"]["json_schema"]["strict"].as_bool().unwrap());
    assert!(requests[2].text().contains("expected value"), "{}", requests[2].text());

    model.reply_with(["Hi again.", "no JSON", "still no JSON"]);
    api.say(chat, "Hello once more, friend.").await;
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    let job = eventually("the job to be put off", async || {
        api.list(&format!("/api/chats/{chat}/jobs")).await.into_iter().next().filter(|job| !job["error"].is_null())
    })
    .await;
    assert_eq!((job["state"].as_str(), job["attempts"].as_u64()), (Some("queued"), Some(1)));
    assert!(!job["next_attempt_at"].is_null());
    model.reply_with([r#"{"summary": "They greeted again.", "operations": []}"#]);
    consolidated(&api, chat).await;
    assert_eq!(episodes(&api, chat).await[0]["summary"], "They greeted again.", "nothing is lost");
}

#[tokio::test]
async fn a_server_without_structured_output_gets_the_schema_in_the_prompt() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Plain").await;
    model.refuse("response_format");
    consolidating(&model, |text| json!([add(text, "lives in Lyon", "I live in Lyon")]));
    api.say(chat, "I live in Lyon.").await;
    consolidated(&api, chat).await;
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"]);
    let last = model.requests().pop().unwrap();
    assert!(last.body.get("response_format").is_none());
    assert!(last.text().contains("additionalProperties"), "the schema is in the prompt");
}

#[tokio::test]
async fn a_power_cut_during_a_consolidation_loses_nothing_and_it_is_taken_up_again() {
    let model = ModelServer::start().await;
    let mut app = TestApp::with().model(&model).start().await;
    let chat = app.api().console_chat("Power").await;
    consolidating(&model, |text| json!([add(text, "lives in Lyon", "I live in Lyon")]));
    app.api().say(chat, "I live in Lyon.").await;
    let before = model.requests().len();
    model.hold();
    app.api().post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    model.wait_for_requests(before + 1).await;
    app.kill();
    model.release();
    let app = app.restart().await;
    let api = app.api();
    let job = job_in(&api, chat, &["done"]).await;
    assert_eq!(job["progress"]["done"], 1);
    assert_eq!(statements(&api, chat).await, ["lives in Lyon"]);
    assert_eq!(episodes(&api, chat).await.len(), 1);
    let evidence = api.list(&format!("/api/chats/{chat}/facts")).await[0]["evidence"].as_array().unwrap().len();
    assert_eq!(evidence, 1, "done once");
}

#[tokio::test]
async fn a_job_that_is_stopped_is_not_begun_again_until_somebody_asks() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Stop").await;
    consolidating(&model, |_| json!([]));
    api.say(chat, "We spoke of rivers.").await;
    let before = model.requests().len();
    model.hold();
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    model.wait_for_requests(before + 1).await;
    let job = job_in(&api, chat, &["running"]).await;
    let stopped = api.delete(&format!("/api/chats/{chat}/jobs/{}", job["id"])).await;
    assert_eq!(stopped["state"], "stopped");
    model.release();
    assert!(episodes(&api, chat).await[0]["summary"].is_null());
    assert!(!consolidated(&api, chat).await.is_null(), "asked for again, it is done");
    assert!(!episodes(&api, chat).await[0]["summary"].is_null());
}

#[tokio::test]
async fn a_model_that_fails_leaves_the_batch_due() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Fails").await;
    consolidating(&model, |_| json!([]));
    api.say(chat, "We spoke of lakes.").await;
    model.fail(Fault::Status(401));
    api.post(&format!("/api/chats/{chat}/consolidate"), json!({})).await;
    eventually("the job to be put off", async || {
        api.list(&format!("/api/chats/{chat}/jobs")).await.into_iter().next().filter(|job| !job["error"].is_null())
    })
    .await;
    consolidated(&api, chat).await;
    assert!(!episodes(&api, chat).await[0]["summary"].is_null());
}

#[tokio::test]
async fn without_a_language_model_facts_are_found_by_plain_patterns_in_three_languages() {
    let app = TestApp::with().start().await;
    let api = app.api();
    for (said, quote) in [
        ("By the way, my sister Natalie moved to Lyon in March.", "my sister Natalie moved to Lyon in March"),
        ("Кстати, у меня аллергия на орехи.", "у меня аллергия на орехи"),
        ("Bonjour, j’habite à Nantes depuis 2019.", "j’habite à Nantes depuis 2019"),
    ] {
        let chat = api.console_chat(said).await;
        api.say(chat, said).await;
        consolidated(&api, chat).await;
        let facts = api.list(&format!("/api/chats/{chat}/facts")).await;
        assert_eq!(facts.len(), 1, "{said}: {facts:?}");
        assert_eq!(facts[0]["evidence"][0]["quote"], quote);
        let summary = api.post(&format!("/api/chats/{chat}/conversation/summary"), json!({"days_back": 7})).await;
        assert!(summary["summary"].as_str().unwrap().contains(quote), "{summary}");
        let kept = api.get(&format!("/api/chats/{chat}/conversation/summary?days_back=7")).await;
        assert_eq!(kept["summary"], summary["summary"]);
    }
}

#[tokio::test]
async fn a_subject_that_changes_for_good_puts_the_old_one_away_once_it_is_summed_up() {
    let (model, app) = with_model().await;
    let api = app.api();
    let chat = api.console_chat("Topics").await;
    consolidating(&model, |_| json!([]));
    let garden = [
        "When should I sow tomato seeds on my balcony?",
        "How often do tomatoes on a balcony need water?",
        "Which soil suits tomato plants in pots?",
        "My tomato plants have yellow leaves, is it the soil?",
    ];
    let taxes = [
        "Which form is needed to declare rental income for taxes?",
        "Is the tax form for rental income due in May?",
        "Can repairs be deducted from rental income on that form?",
        "Where is the tax office that takes the form?",
    ];
    for text in garden.iter().chain(&taxes) {
        api.say(chat, text).await;
    }
    let closed = eventually("the first subject to be summed up", async || {
        episodes(&api, chat).await.into_iter().find(|episode| !episode["summary"].is_null())
    })
    .await;
    assert_eq!((closed["closed_by"].as_str(), closed["message_count"].as_u64()), (Some("topic"), Some(8)));
    api.say(chat, "Thank you for the tax advice.").await;
    let request = model.requests().pop().unwrap();
    let spoken: Vec<String> =
        request.messages().into_iter().filter(|(role, _)| role == "user").map(|(_, text)| text).collect();
    assert!(!spoken.iter().any(|text| text.contains("tomato")), "{spoken:?}");
    assert!(spoken.iter().any(|text| text.contains("deducted")));
}
