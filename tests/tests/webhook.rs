//! Updates by webhook: set, kept, taken once, and given up again by a setting; and what is said when the token or the
//! webhook is in trouble.

use reqwest::{Client, Method};
use serde_json::{Value, json};
use souvenir_tests::bot_api::{BotApi, Fault, Person};
use souvenir_tests::harness::{Setup, TestApp};
use souvenir_tests::model::ModelServer;
use souvenir_tests::wire::soon;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{World, eventually, service};

const SECRET: &str = "a-webhook-secret-never-to-be-logged";
const PATH: &str = "/telegram/webhook";

/// Ada's bot with a webhook at its own address, at a Bot API server of her own.
async fn world() -> World {
    let bot = BotApi::start().await;
    bot.run_locally();
    let model = ModelServer::start().await;
    let ada = bot.user(1_001, "Ada");
    let app = setup(&bot, &ada).model(&model).start().await;
    let url = app.url(PATH);
    bot.wait_for_webhook("our webhook", |info| info["url"] == url.as_str()).await;
    told(&app, "webhook as").await;
    World { bot, model, ada, app }
}

fn setup(bot: &BotApi, ada: &Person) -> Setup {
    let setup = TestApp::with().telegram(bot).owner(ada).env("TELEGRAM_MODE", "webhook");
    setup.env("TELEGRAM_WEBHOOK_SECRET", SECRET)
}

async fn telegram(app: &TestApp) -> Value {
    app.api().call(Method::GET, "/readyz", None).await.json["telegram"].clone()
}

/// Waits until `/readyz` says something of Telegram that contains `part`.
async fn told(app: &TestApp, part: &str) {
    eventually(part, async || {
        let detail = telegram(app).await["detail"].as_str().unwrap_or_default().to_owned();
        detail.contains(part).then_some(())
    })
    .await;
}

/// Announces a body that is too large, and sends none of it: whoever did would find the connection closed.
async fn status_of_large_body(app: &TestApp) -> String {
    let address = app.url("").replace("http://", "");
    let mut line = TcpStream::connect(&address).await.expect("a connection");
    let secret = format!("X-Telegram-Bot-Api-Secret-Token: {SECRET}");
    let request = format!("POST {PATH} HTTP/1.1\r\nHost: {address}\r\n{secret}\r\nContent-Length: 1100000\r\n\r\n");
    line.write_all(request.as_bytes()).await.expect("the request leaves");
    let mut answer = vec![0; 64];
    let read = soon("an answer", line.read(&mut answer)).await.expect("an answer");
    String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
}

async fn stored(app: &TestApp, text: &str) -> i64 {
    let count =
        sqlx::query_scalar("SELECT count(*) FROM messages m JOIN revisions r ON r.id = m.revision_id WHERE r.text = ?");
    count.bind(text).fetch_one(&app.db().await).await.expect("a count")
}

#[tokio::test]
async fn what_is_brought_is_answered() {
    let world = world().await;
    world.bot.say(&world.ada, "by webhook");
    let sent = world.bot.wait_for_text(&world.ada, "by webhook").await;
    world.bot.wait_for_webhook("nothing waits", |info| info["pending_update_count"] == 0).await;
    assert!(world.bot.calls_of("getUpdates").is_empty(), "it polls as well");
    let set = &world.bot.calls_of("setWebhook")[0].params;
    assert_eq!(set["secret_token"], SECRET);
    assert!(set.get("drop_pending_updates").is_none(), "{set}");
    told(&world.app, "webhook as @souvenir_test_bot").await;
    assert!(!sent.text.is_empty());
    world.bot.assert_no_complaints();
}

#[tokio::test]
async fn an_update_that_is_brought_again_changes_nothing() {
    let world = world().await;
    let update = world.bot.say(&world.ada, "once only");
    world.bot.wait_for_text(&world.ada, "once only").await;
    world.bot.deliver_again(update);
    world.bot.wait_for_webhook("nothing waits", |info| info["pending_update_count"] == 0).await;
    world.ask("and then").await;
    assert_eq!(stored(&world.app, "once only").await, 1);
    let about = |text: &str| world.bot.sent(&world.ada).iter().filter(|sent| sent.text.contains(text)).count();
    assert_eq!(about("once only"), 1);
}

#[tokio::test]
async fn nobody_comes_in_without_the_secret() {
    let world = world().await;
    let update = json!({"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "forged",
        "chat": {"id": world.ada.id, "type": "private"}, "from": {"id": world.ada.id, "is_bot": false, "first_name": "Ada"}}});
    let client = Client::new();
    let header = "X-Telegram-Bot-Api-Secret-Token";
    for secret in ["", "a-guess", &SECRET[1..], &format!("{SECRET}x")] {
        let request = client.post(world.app.url(PATH)).json(&update).header(header, secret);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.text().await.unwrap(), "");
    }
    let bare = client.post(world.app.url(PATH)).json(&update).send().await.unwrap();
    assert_eq!((bare.status().as_u16(), bare.headers().get("set-cookie")), (401, None));
    assert_eq!(client.get(world.app.url(PATH)).send().await.unwrap().status(), 405);
    assert_eq!(status_of_large_body(&world.app).await, "HTTP/1.1 413 Payload Too Large");
    let odd = client.post(world.app.url(PATH)).header(header, SECRET).body("not an update");
    assert_eq!(odd.send().await.unwrap().status(), 200, "what can never be read must not come again");
    assert_eq!(stored(&world.app, "forged").await, 0);
    let said = world.app.output().all();
    assert!(!said.contains(SECRET) && !said.contains("forged"), "{said}");
}

#[tokio::test]
async fn a_webhook_that_somebody_changed_is_set_again() {
    let world = world().await;
    let ours = world.app.url(PATH);
    world.bot.lose_webhook();
    world.bot.wait_for_webhook("the webhook to be set again", |info| info["url"] == ours.as_str()).await;
    let line = world.app.output().wait_for_line(|line| line.contains("somebody deleted the webhook")).await;
    assert!(line.contains("it is set again"), "{line}");
    // Another program sets the same address with another secret: what it brings is refused, and that is noticed.
    let url = format!("{}/bot{}/setWebhook", world.bot.url(), world.bot.token());
    let theirs = json!({"url": ours, "secret_token": "theirs",
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member",
            "stopped_message_generation"]});
    Client::new().post(url).json(&theirs).send().await.unwrap();
    world.bot.say(&world.ada, "through all of this");
    world.bot.wait_for_text(&world.ada, "through all of this").await;
    world.app.output().wait_for_line(|line| line.contains("with another secret")).await;
}

#[tokio::test]
async fn the_setting_switches_both_ways_and_loses_nothing() {
    let mut world = world().await;
    world.ask("first, by webhook").await;
    let setup = world.app.setup().clone().without("TELEGRAM_MODE").without("TELEGRAM_WEBHOOK_SECRET");
    world.app.stop().await;
    world.bot.say(&world.ada, "while it was down");
    world.app = setup.clone().start().await;
    world.bot.wait_for_text(&world.ada, "while it was down").await;
    world.ask("second, by polling").await;
    assert_eq!(world.bot.webhook_info()["url"], "");
    let line = world.app.output().wait_for_line(|line| line.contains("the webhook is deleted")).await;
    assert!(line.contains("TELEGRAM_MODE is polling"), "{line}");
    world.app.stop().await;
    world.bot.say(&world.ada, "down once more");
    world.app = setup.env("TELEGRAM_MODE", "webhook").start().await;
    world.bot.wait_for_text(&world.ada, "down once more").await;
    world.ask("third, by webhook").await;
    for text in ["first, by webhook", "while it was down", "second, by polling", "down once more", "third, by webhook"]
    {
        assert_eq!(stored(&world.app, text).await, 1, "{text}");
        assert_eq!(world.bot.sent(&world.ada).iter().filter(|sent| sent.text.contains(text)).count(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_secret_is_made_once_and_kept() {
    let mut world = world().await;
    let setup = world.app.setup().clone().without("TELEGRAM_WEBHOOK_SECRET");
    let mut secrets = Vec::new();
    for _ in 0..2 {
        world.app.stop().await;
        let before = world.bot.calls_of("setWebhook").len();
        world.app = setup.clone().start().await;
        let set = world.bot.wait_for_calls("setWebhook", before + 1).await;
        secrets.push(set[before].params["secret_token"].as_str().unwrap().to_owned());
        world.ask("hello").await;
    }
    assert!(secrets[0].len() >= 32 && secrets[0] == secrets[1] && secrets[0] != SECRET);
    assert!(!world.app.output().all().contains(&secrets[0]));
}

#[tokio::test]
async fn a_webhook_that_telegram_refuses_or_cannot_reach_is_told_with_the_remedy() {
    let bot = BotApi::start().await;
    let ada = bot.user(1_001, "Ada");
    // A server that takes none of this address, as Telegram's own.
    let app = setup(&bot, &ada).start().await;
    told(&app, "An HTTPS URL must be provided").await;
    told(&app, "check SOUVENIR_PUBLIC_URL").await;
    drop(app);
    let model = ModelServer::start().await;
    let app = setup(&bot, &ada).model(&model).env("SOUVENIR_PUBLIC_URL", "https://bot.example.org").start().await;
    told(&app, "webhook as").await;
    bot.say(&ada, "can you hear me?");
    told(&app, "Failed to resolve host").await;
    let ready = app.api().call(Method::GET, "/readyz", None).await.json;
    assert_eq!(service(&ready, "telegram"), "degraded");
    let checked = app.setup().run(&["check"]).await;
    assert!(
        checked.stdout.contains("Failed to resolve host") && checked.stdout.contains("1 updates wait"),
        "{checked:?}"
    );
    // The name leads here now: everything heals by itself.
    bot.route("https://bot.example.org", &app.url(""));
    bot.wait_for_text(&ada, "can you hear me?").await;
    told(&app, "webhook as").await;
}

#[tokio::test]
async fn a_token_that_is_revoked_while_running_is_told_and_heals() {
    for mode in ["polling", "webhook"] {
        let world = world().await;
        let setup = world.app.setup().clone().env("TELEGRAM_MODE", mode);
        drop(world.app);
        let app = setup.start().await;
        world.bot.say(&world.ada, "before");
        world.bot.wait_for_text(&world.ada, "before").await;
        let method = if mode == "polling" { "getUpdates" } else { "getWebhookInfo" };
        for _ in 0..2 {
            world.bot.fail(method, Fault::Refuse(401, "Unauthorized"));
        }
        // A poll that is held open does not meet the fault: something has to happen first.
        world.bot.say(&world.ada, "still there?");
        told(&app, "the token is revoked or mistyped").await;
        world.bot.wait_for_text(&world.ada, "still there?").await;
        told(&app, &format!("{mode} as")).await;
    }
}

#[tokio::test]
async fn a_second_poller_is_told_of_and_outlived() {
    let world = World::start().await;
    world.ask("before").await;
    world.bot.fail("getUpdates", Fault::Refuse(409, "Conflict: terminated by other getUpdates request"));
    world.bot.say(&world.ada, "during");
    told(&world.app, "another program takes this bot's updates").await;
    world.bot.wait_for_text(&world.ada, "during").await;
    told(&world.app, "polling as").await;
}

#[tokio::test]
async fn check_tells_of_a_webhook_that_is_in_the_way() {
    let bot = BotApi::start().await;
    let ada = bot.user(1_001, "Ada");
    let url = format!("{}/bot{}/setWebhook", bot.url(), bot.token());
    Client::new().post(url).json(&json!({"url": "https://other.example.org/secret-path"})).send().await.unwrap();
    let polling = TestApp::with().telegram(&bot).owner(&ada).run(&["check"]).await;
    assert!(polling.stdout.contains("warning: a webhook at other.example.org"), "{}", polling.stdout);
    let webhook = setup(&bot, &ada).env("SOUVENIR_PUBLIC_URL", "https://bot.example.org").run(&["check"]).await;
    assert!(webhook.stdout.contains("moves it to https://bot.example.org"), "{}", webhook.stdout);
    assert!(!format!("{polling:?}{webhook:?}").contains("secret-path"));
}
