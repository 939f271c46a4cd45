//! What the logs hold: token use for each turn, in both formats, and nothing that is nobody's business.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use souvenir_tests::bot_api::{BotApi, Fault, TOKEN};
use souvenir_tests::harness::{API_TOKEN, PASSWORD, Setup, TestApp};
use souvenir_tests::model::{self, KEY};

use crate::world::{World, eventually};

/// The line of a turn in JSON logs.
async fn line_of_turn(app: &TestApp, turn: i64) -> Value {
    let is_it = |line: &str| {
        serde_json::from_str::<Value>(line)
            .is_ok_and(|line| line["message"] == "a turn ended" && line["turn.id"].as_str() == Some(&turn.to_string()))
    };
    serde_json::from_str(&app.output().wait_for_line(is_it).await).expect("JSON")
}

#[tokio::test]
async fn a_turn_leaves_one_line_with_its_tokens_and_its_delivery() {
    let world = World::start_with(|setup| setup.env("SOUVENIR_LOG_FORMAT", "json")).await;
    world.ask("hello").await;
    let turn = world.last_turn().await;
    let line = line_of_turn(&world.app, turn["id"].as_i64().unwrap()).await;
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["chat.id"], turn["chat_id"].as_i64().map_or("1".to_owned(), |id| id.to_string()));
    assert_eq!(
        (&line["state"], &line["delivery"], &line["model"]),
        (&json!("done"), &json!("sent"), &json!("gpt-6.1-terra"))
    );
    let totals = &turn["manifest"]["totals"];
    assert_eq!(line["tokens.predicted"], totals["predicted"]);
    assert_eq!(line["tokens.reported"], totals["reported"]);
    assert!(line["tokens.completion"].as_u64() > Some(0), "{line}");
    for section in turn["manifest"]["budget"]["sections"].as_array().unwrap() {
        let name = section["name"].as_str().unwrap();
        assert_eq!(line[format!("budget.{name}")], section["used"], "{name}");
    }
    for figure in ["cost_usd", "queue_ms", "context_ms", "first_token_ms", "answer_ms", "delivery_ms"] {
        assert!(line[figure].is_number(), "{figure} in {line}");
    }
    let lines = world.app.output().stderr();
    assert_eq!(lines.lines().filter(|line| line.contains("a turn ended")).count(), 1);
}

#[tokio::test]
async fn a_turn_whose_reply_fails_says_so() {
    let world = World::start().await;
    world.model.go_down();
    world.bot.fail("sendRichMessage", Fault::Cut);
    world.bot.say(&world.ada, "hello");
    let line = world.app.output().wait_for_line(|line| line.contains("a turn ended")).await;
    assert!(line.contains("state=\"failed\"") && line.contains("delivery=\"unknown\""), "{line}");
    assert!(line.contains("model=\"gpt-6.1-terra\"") && line.contains("tokens.predicted="), "{line}");
}

#[tokio::test]
async fn every_line_of_json_logs_is_json() {
    let json = |setup: Setup| setup.env("SOUVENIR_LOG_FORMAT", "json").env("SOUVENIR_LOG", "debug");
    let mut world = World::start_with(json).await;
    world.ask("hello").await;
    world.model.fail(model::Fault::Cut);
    world.ask("once more").await;
    world.app.stop().await;
    let broken = json(TestApp::with()).env("SOUVENIR_DATABASE", "/nonexistent/souvenir.db").run(&["serve"]).await;
    let refused = json(TestApp::with()).env("SOUVENIR_LISTEN", "nowhere").run(&["serve"]).await;
    for lines in [world.app.output().stderr(), broken.stderr, refused.stderr] {
        assert!(!lines.is_empty());
        for line in lines.lines() {
            let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(line["level"].is_string() && line["target"].is_string(), "{line}");
        }
    }
}

/// What is printed on purpose begins like this.
const PRINTED: [&str; 5] =
    ["Dashboard: ", "Public address: ", "Sign in once: ", "No model endpoint is set: ", "Telegram pairing code: "];

#[tokio::test]
async fn nobodys_words_and_no_secrets_are_logged_whatever_happens() {
    for format in ["text", "json"] {
        let world = World::start_with(|setup| {
            // At this level libraries tell everything they know.
            setup.env("SOUVENIR_LOG", "trace").env("SOUVENIR_LOG_FORMAT", format).env("TELEGRAM_MODE", "webhook")
        });
        let world = served_locally(world.await).await;
        let (app, session, mut secrets) = live_through_everything(world).await;
        let logged = app.output().stderr();
        assert!(logged.lines().count() > 100, "little was logged: {logged}");
        let (_, token) = TOKEN.split_once(':').unwrap();
        secrets.extend([token, KEY, API_TOKEN, PASSWORD].map(str::to_owned));
        secrets.push(session);
        secrets.extend(["PLUGH", "OZMOO", "GNUSTO", "REZROV", "mistyped", "FRIPPLE"].map(str::to_owned));
        for secret in secrets {
            let line = logged.lines().find(|line| line.contains(&secret));
            assert!(line.is_none(), "{secret} was logged: {line:?}");
        }
        for line in app.output().stdout().lines() {
            assert!(PRINTED.iter().any(|begin| line.starts_with(begin)), "printed: {line}");
        }
    }
}

/// Lets the bot's server take a webhook at this machine's address.
async fn served_locally(world: World) -> World {
    world.bot.run_locally();
    let ours = world.app.url("/telegram/webhook");
    world.bot.wait_for_webhook("our webhook", |info| info["url"] == ours.as_str()).await;
    world
}

/// Turns, commands, faults, sign-ins and forged webhooks; gives the app once it has stopped, the cookie of a session and
/// the secrets that were made on the way.
async fn live_through_everything(world: World) -> (TestApp, String, Vec<String>) {
    let World { bot, model, ada, mut app } = world;
    model.reply_by(|_| "the reply is REZROV".to_owned());
    bot.say(&ada, "my secret is XYZZY-PLUGH");
    bot.wait_for_text(&ada, "REZROV").await;
    bot.say(&ada, "/dashboard");
    let link = bot.wait_for_text(&ada, "/signin/").await.text;
    bot.say(&ada, "/help FRIPPLE");
    bot.wait_for_sent(&ada, 3).await;
    model.fail(model::Fault::Status(500));
    bot.fail("sendRichMessage", Fault::Cut);
    bot.say(&ada, "my other secret is FROTZ-OZMOO");
    bot.wait_for_calls("sendRichMessage", 2).await;
    let session = sign_in(&app).await;
    let forged = json!({"update_id": 1, "message": {"text": "GNUSTO"}}).to_string();
    for secret in ["", "a-mistyped-secret"] {
        let request = Client::new().post(app.url("/telegram/webhook")).body(forged.clone());
        request.header("X-Telegram-Bot-Api-Secret-Token", secret).send().await.expect("an answer");
    }
    let secret = bot.calls_of("setWebhook")[0].params["secret_token"].as_str().expect("text").to_owned();
    let odd = Client::new().post(app.url("/telegram/webhook")).header("X-Telegram-Bot-Api-Secret-Token", &secret);
    odd.body(forged).send().await.expect("an answer");
    model.go_down();
    let chat = app.api().console_chat("Fails").await;
    let message = json!({"text": "third is GNUSTO"});
    app.api().call(Method::POST, &format!("/api/chats/{chat}/messages"), Some(message)).await;
    go_down(&bot, &app).await;
    app.stop().await;
    let token_in = |link: &str| {
        link.split("/signin/").nth(1).map(|rest| {
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect::<String>()
        })
    };
    let printed = token_in(&app.output().stdout()).expect("a link was printed");
    let sent = token_in(&link).expect("a link was sent");
    (app, session, vec![secret, printed, sent])
}

/// The Bot API goes away, and that is noticed.
async fn go_down(bot: &BotApi, app: &TestApp) {
    bot.lose_webhook();
    bot.go_down();
    eventually("Telegram to be missed", async || {
        let ready = app.api().call(Method::GET, "/readyz", None).await.json;
        (ready["telegram"]["status"] == "degraded").then_some(())
    })
    .await;
}

/// Signs in, wrongly first; gives the cookie's value.
async fn sign_in(app: &TestApp) -> String {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let post = async |password: &str| {
        let form = format!("password={}", password.replace(' ', "+"));
        let request = client.post(app.url("/login")).header("content-type", "application/x-www-form-urlencoded");
        request.header("origin", app.url("")).body(form).send().await.expect("an answer")
    };
    post("my-mistyped-password").await;
    let cookie = post(PASSWORD).await.headers()["set-cookie"].to_str().expect("text").to_owned();
    let (_, value) = cookie.split(';').next().expect("a cookie").split_once('=').expect("a cookie");
    client
        .get(app.url("/"))
        .header("cookie", cookie.split(';').next().expect("a cookie"))
        .send()
        .await
        .expect("an answer");
    value.to_owned()
}
