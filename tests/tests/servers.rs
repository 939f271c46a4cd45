//! The tests' own servers, so that what they say about Souvenir can be trusted.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use souvenir_tests::bot_api::{BotApi, Fault, Format};
use souvenir_tests::model::{self, Dialect, ModelServer};
use souvenir_tests::tokens;

async fn call(bot: &BotApi, method: &str, params: Value) -> Value {
    let url = format!("{}/bot{}/{method}", bot.url(), bot.token());
    let response = Client::new().post(url).json(&params).send().await.expect("an answer");
    response.json().await.expect("an answer in JSON")
}

#[tokio::test]
async fn the_bot_api_takes_json_forms_and_queries_in_any_case() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    bot.say(&ada, "hi");
    let base = format!("{}/bot{}", bot.url(), bot.token());
    let client = Client::new();
    let me: Value = client.get(format!("{base}/GETME")).send().await.unwrap().json().await.unwrap();
    assert_eq!(me["result"]["is_bot"], true);
    let form = "chat_id=7&text=a+%26+b&reply_markup=%7B%22inline_keyboard%22%3A%5B%5B%7B%22text%22%3A%22x%22%2C%22callback_data%22%3A%22y%22%7D%5D%5D%7D";
    let request = client.post(format!("{base}/SendMessage")).body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["result"]["text"], "a & b");
    assert_eq!(answer["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "y");
    let query = client.get(format!("{base}/sendChatAction?chat_id=7&action=typing")).send().await.unwrap();
    assert_eq!(query.status(), 200);
    bot.assert_no_complaints();
}

#[tokio::test]
async fn the_bot_api_refuses_what_telegram_refuses() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    let refusal = async |method: &str, params: Value| {
        let answer = call(&bot, method, params).await;
        assert_eq!(answer["ok"], false, "{answer}");
        answer["description"].as_str().unwrap().to_owned()
    };
    assert_eq!(refusal("sendMessage", json!({"chat_id": 7, "text": "x"})).await, "Bad Request: chat not found");
    bot.say(&ada, "hi");
    assert_eq!(refusal("sendMessage", json!({"chat_id": 7, "text": " "})).await, "Bad Request: message text is empty");
    // 2,049 characters outside the basic plane are 4,098 units.
    let long = json!({"chat_id": 7, "text": "𝄞".repeat(2_049)});
    assert_eq!(refusal("sendMessage", long).await, "Bad Request: message is too long");
    let html = json!({"chat_id": 7, "text": "<b>x", "parse_mode": "HTML"});
    assert!(refusal("sendMessage", html).await.contains("can't parse entities"));
    let keyboard = json!({"inline_keyboard": [[{"text": "x", "callback_data": "y".repeat(65)}]]});
    let keyboard = json!({"chat_id": 7, "text": "x", "reply_markup": keyboard});
    assert_eq!(refusal("sendMessage", keyboard).await, "Bad Request: BUTTON_DATA_INVALID");
    assert_eq!(refusal("sendPigeon", json!({})).await, "Not Found: method not found");
    bot.forget_rich_messages();
    let rich = json!({"chat_id": 7, "rich_message": {"markdown": "x"}});
    assert_eq!(refusal("sendRichMessage", rich).await, "Not Found: method not found");
    assert_eq!(bot.calls().iter().filter(|call| !call.known).count(), 1);
    assert!(bot.sent(&ada).is_empty());
}

#[tokio::test]
async fn html_counts_after_parsing() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    bot.say(&ada, "hi");
    let text = format!("<b>{}</b>", "x".repeat(4_096));
    let answer = call(&bot, "sendMessage", json!({"chat_id": "7", "text": text, "parse_mode": "HTML"})).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let sent = bot.wait_for_sent(&ada, 1).await;
    assert_eq!((sent[0].format, sent[0].text.len()), (Format::Html, 4_096));
}

#[tokio::test]
async fn polling_waits_confirms_and_allows_one() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    let poll = |offset: i64, timeout: u64| call(&bot, "getUpdates", json!({"offset": offset, "timeout": timeout}));
    let (updates, id) = tokio::join!(poll(0, 20), async {
        bot.wait_for_calls("getUpdates", 1).await;
        bot.say(&ada, "first")
    });
    assert_eq!(updates["result"][0]["message"]["text"], "first");
    // Unconfirmed, it comes again; confirmed, it does not, unless a test asks for it.
    assert_eq!(poll(0, 0).await["result"][0]["update_id"], id);
    assert_eq!(poll(id + 1, 0).await["result"], json!([]));
    bot.deliver_again(id);
    assert_eq!(poll(id + 1, 0).await["result"][0]["update_id"], id);

    let (older, newer) = tokio::join!(poll(id + 1, 20), async {
        bot.wait_for_calls("getUpdates", 5).await;
        poll(id + 1, 0).await
    });
    assert_eq!((&older["error_code"], &newer["ok"]), (&json!(409), &json!(true)));
}

#[tokio::test]
async fn a_button_can_be_pressed_and_answered_once() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    bot.say(&ada, "hi");
    let keyboard = json!({"inline_keyboard": [[{"text": "Medium", "callback_data": "m"}]]});
    call(&bot, "sendMessage", json!({"chat_id": 7, "text": "choose", "reply_markup": keyboard})).await;
    let sent = bot.wait_for_text(&ada, "choose").await;
    bot.press(&ada, &sent, "medium");
    let updates = call(&bot, "getUpdates", json!({"allowed_updates": ["callback_query"]})).await;
    // What came before is still there: which kinds are allowed matters when an update comes.
    assert_eq!(updates["result"][0]["message"]["text"], "hi");
    let query = &updates["result"][1]["callback_query"];
    assert_eq!(query["data"], "m");
    let answer = json!({"callback_query_id": query["id"]});
    assert_eq!(call(&bot, "answerCallbackQuery", answer.clone()).await["ok"], true);
    assert_eq!(call(&bot, "answerCallbackQuery", answer).await["ok"], false);
    let edit = json!({"chat_id": 7, "message_id": sent.message_id, "text": "chosen"});
    assert_eq!(call(&bot, "editMessageText", edit.clone()).await["ok"], true);
    assert!(call(&bot, "editMessageText", edit).await["description"].as_str().unwrap().contains("not modified"));
}

#[tokio::test]
async fn the_bot_api_brings_trouble_on_demand() {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    bot.say(&ada, "hi");
    let send = |text: &'static str| {
        let url = format!("{}/bot{}/sendMessage", bot.url(), bot.token());
        Client::new().post(url).json(&json!({"chat_id": 7, "text": text})).send()
    };
    bot.fail("sendMessage", Fault::TooManyRequests(3));
    let answer: Value = send("a").await.unwrap().json().await.unwrap();
    assert_eq!(answer["parameters"]["retry_after"], 3);
    bot.fail("sendMessage", Fault::ServerError(502));
    assert_eq!(send("b").await.unwrap().status(), 502);
    bot.fail("sendMessage", Fault::Cut);
    assert!(send("c").await.is_err());
    bot.fail("sendMessage", Fault::CutAfter);
    assert!(send("d").await.is_err());
    bot.go_down();
    assert!(send("e").await.unwrap_err().is_connect());
    bot.go_up().await;
    assert_eq!(send("f").await.unwrap().status(), 200);
    let texts: Vec<_> = bot.sent(&ada).into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, ["d", "f"]);
}

async fn complete(model: &ModelServer, body: &Value) -> Result<(u16, String), reqwest::Error> {
    let url = format!("{}/chat/completions", model.url());
    let response = Client::new().post(url).bearer_auth(model.key()).json(body).send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

fn request(text: &str) -> Value {
    json!({"model": "m", "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": text}]})
}

#[tokio::test]
async fn the_model_answers_whole_and_streamed_with_exact_usage() {
    let model = ModelServer::start().await;
    model.reply_with(["one two", "three four"]);
    let (status, whole) = complete(&model, &request("hello world")).await.unwrap();
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!((status, &whole["choices"][0]["message"]["content"]), (200, &json!("one two")));
    assert_eq!(whole["usage"]["prompt_tokens"], tokens::count_request(&request("hello world")));

    let mut streamed = request("hello world");
    streamed["stream"] = json!(true);
    streamed["stream_options"] = json!({"include_usage": true});
    let (_, events) = complete(&model, &streamed).await.unwrap();
    let events: Vec<&str> = events.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(events.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> =
        events[..events.len() - 1].iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    let text: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "three four");
    assert_eq!(chunks.last().unwrap()["usage"]["completion_tokens"], tokens::count("three four"));
    let answer = complete(&model, &request("and?")).await.unwrap().1;
    assert!(answer.contains("I saw 2 messages; the last one said: and?"));
}

#[tokio::test]
async fn the_model_caches_long_prefixes_only() {
    let model = ModelServer::start().await;
    let long = |last: &str| {
        json!({"model": "m", "messages": [
            {"role": "system", "content": "word ".repeat(1_500)}, {"role": "user", "content": last},
        ]})
    };
    let cached = async |body: &Value| {
        let answer: Value = serde_json::from_str(&complete(&model, body).await.unwrap().1).unwrap();
        answer["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64().unwrap()
    };
    assert_eq!(cached(&long("a")).await, 0);
    assert!((1_024..=1_506).contains(&cached(&long("b")).await));
    assert_eq!(cached(&request("short")).await + cached(&request("short")).await, 0);
}

#[tokio::test]
async fn the_model_refuses_in_either_dialect() {
    let model = ModelServer::start().await;
    let error = async |body: &Value| {
        let (status, text) = complete(&model, body).await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        (status, body["error"].clone())
    };
    model.refuse("reasoning_effort");
    let mut body = request("x");
    body["reasoning_effort"] = json!("low");
    let (status, refusal) = error(&body).await;
    assert_eq!((status, &refusal["code"]), (400, &json!("unsupported_parameter")));
    assert_eq!(refusal["param"], "reasoning_effort");
    model.limit_window(10);
    assert_eq!(error(&request("long enough to overflow ten tokens")).await.1["code"], "context_length_exceeded");
    model.speak(Dialect::LlamaCpp);
    let (_, overflow) = error(&request("long enough to overflow ten tokens")).await;
    assert_eq!((&overflow["code"], &overflow["type"]), (&json!(400), &json!("exceed_context_size_error")));
    assert_eq!(overflow["n_ctx"], 10);
    let answer =
        Client::new().post(format!("{}/chat/completions", model.url())).json(&request("x")).send().await.unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn the_model_holds_answers_and_brings_trouble() {
    let model = ModelServer::start().await;
    model.hold();
    let body = request("x");
    let (answer, ()) = tokio::join!(complete(&model, &body), async {
        model.wait_for_requests(1).await;
        model.release();
    });
    assert_eq!(answer.unwrap().0, 200);

    model.fail(model::Fault::TooManyRequests(2));
    model.fail(model::Fault::Status(503));
    model.fail(model::Fault::Cut);
    model.fail(model::Fault::InvalidJson);
    model.fail(model::Fault::CutAfter(2));
    assert_eq!(complete(&model, &body).await.unwrap().0, 429);
    assert_eq!(complete(&model, &body).await.unwrap().0, 503);
    assert!(complete(&model, &body).await.is_err());
    assert!(complete(&model, &body).await.unwrap().1.contains("not JSON"));
    let mut streamed = request("one two three four five six");
    streamed["stream"] = json!(true);
    let url = format!("{}/chat/completions", model.url());
    let mut response = Client::new().post(url).bearer_auth(model.key()).json(&streamed).send().await.unwrap();
    let mut received = String::new();
    let cut = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => received.push_str(&String::from_utf8_lossy(&bytes)),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(cut && received.contains("I ") && !received.contains("[DONE]"), "{received}");
    let hanging = tokio::time::timeout(Duration::from_millis(300), {
        model.fail(model::Fault::Hang);
        complete(&model, &body)
    });
    assert!(hanging.await.is_err());
}
