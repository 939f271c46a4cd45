//! The tests' own Bot API server, strict as Telegram: a server that takes rubbish is no opponent.

use reqwest::Client;
use serde_json::{Value, json};
use souvenir_tests::bot_api::BotApi;

async fn bot_with_ada() -> BotApi {
    let bot = BotApi::start().await;
    let ada = bot.user(7, "Ada");
    bot.say(&ada, "hi");
    bot
}

async fn call(bot: &BotApi, method: &str, params: Value) -> Value {
    let url = format!("{}/bot{}/{method}", bot.url(), bot.token());
    let answer = Client::new().post(url).json(&params).send().await.expect("an answer");
    answer.json().await.expect("an answer in JSON")
}

/// The description of a refusal with 400.
async fn refusal(bot: &BotApi, method: &str, params: Value) -> String {
    let answer = call(bot, method, params.clone()).await;
    assert_eq!(answer["error_code"], 400, "{method} {params} gave {answer}");
    answer["description"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_a_call_is_about_has_to_be_there() {
    let bot = bot_with_ada().await;
    assert_eq!(refusal(&bot, "sendMessage", json!({"text": "x"})).await, "Bad Request: chat_id is empty");
    assert_eq!(
        refusal(&bot, "sendMessage", json!({"chat_id": "@ada", "text": "x"})).await,
        "Bad Request: chat not found"
    );
    assert_eq!(refusal(&bot, "sendMessage", json!({"chat_id": 7})).await, "Bad Request: message text is empty");
    let edit = json!({"chat_id": 7, "text": "x"});
    assert_eq!(refusal(&bot, "editMessageText", edit).await, "Bad Request: message identifier is not specified");
    let edit = json!({"chat_id": 7, "message_id": 99, "text": "x"});
    assert_eq!(refusal(&bot, "editMessageText", edit).await, "Bad Request: message to edit not found");
    assert!(refusal(&bot, "sendChatAction", json!({"chat_id": 7, "action": "sing"})).await.contains("wrong parameter"));
    assert!(refusal(&bot, "answerCallbackQuery", json!({"callback_query_id": "1"})).await.contains("too old"));
}

#[tokio::test]
async fn formats_are_checked_and_measured_after_parsing() {
    let bot = bot_with_ada().await;
    let html = |text: &str| json!({"chat_id": 7, "text": text, "parse_mode": "HTML"});
    let prefix = "Bad Request: can't parse entities: ";
    let unclosed = format!("{prefix}Can't find end tag corresponding to start tag \"b\"");
    assert_eq!(refusal(&bot, "sendMessage", html("<b>x")).await, unclosed);
    assert_eq!(refusal(&bot, "sendMessage", html("<b> </b>")).await, "Bad Request: message text is empty");
    assert_eq!(refusal(&bot, "sendMessage", html(&"<i>x</i>".repeat(4_097))).await, "Bad Request: message is too long");
    let mode = json!({"chat_id": 7, "text": "x", "parse_mode": "BBCode"});
    assert_eq!(refusal(&bot, "sendMessage", mode).await, "Bad Request: unsupported parse_mode");
    let bold = json!([{"type": "bold", "offset": 1, "length": 1}]);
    let inside = json!({"chat_id": 7, "text": "𝄞", "entities": bold});
    assert!(refusal(&bot, "sendMessage", inside).await.contains("in a middle of a UTF-16 symbol"));
    assert!(bot.ledger().is_empty());
}

#[tokio::test]
async fn rich_messages_have_their_limits() {
    let bot = bot_with_ada().await;
    let rich = |markdown: &str| json!({"chat_id": 7, "rich_message": {"markdown": markdown}});
    assert!(refusal(&bot, "sendRichMessage", rich(&"x".repeat(32_769))).await.contains("too long"));
    assert!(refusal(&bot, "sendRichMessage", rich(&"- x\n".repeat(501))).await.contains("too many blocks"));
    let table = format!("|{}\n|{}\n", " a |".repeat(21), "---|".repeat(21));
    assert!(refusal(&bot, "sendRichMessage", rich(&table)).await.contains("too many columns"));
    let both = json!({"chat_id": 7, "rich_message": {"markdown": "x", "html": "x"}});
    assert!(refusal(&bot, "sendRichMessage", both).await.contains("exactly one"));
    assert_eq!(call(&bot, "sendRichMessage", rich(&"x".repeat(32_768))).await["ok"], true);
}

#[tokio::test]
async fn menus_belong_to_a_scope_and_a_language() {
    let bot = bot_with_ada().await;
    let menu = |name: &str, language: &str| json!({"commands": [{"command": name, "description": "About it"}], "language_code": language});
    assert_eq!(refusal(&bot, "setMyCommands", menu("Help", "")).await, "Bad Request: BOT_COMMAND_INVALID");
    assert!(refusal(&bot, "setMyCommands", menu("help", "deu")).await.contains("invalid language code"));
    let scope = json!({"commands": [], "scope": {"type": "galaxy"}});
    assert!(refusal(&bot, "setMyCommands", scope).await.contains("BotCommandScope"));
    let mute = json!({"commands": [{"command": "help", "description": " "}]});
    assert_eq!(refusal(&bot, "setMyCommands", mute).await, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID");
    call(&bot, "setMyCommands", menu("hilfe", "de")).await;
    let german = call(&bot, "getMyCommands", json!({"language_code": "de"})).await;
    assert_eq!(german["result"][0]["command"], "hilfe");
    assert_eq!(call(&bot, "getMyCommands", json!({})).await["result"], json!([]));
}

#[tokio::test]
async fn what_telegram_passes_over_is_complained_of() {
    let bot = bot_with_ada().await;
    call(&bot, "sendMessage", json!({"chat_id": 7, "text": "fine"})).await;
    bot.assert_no_complaints();
    call(&bot, "sendMessage", json!({"chat_id": 7, "text": "x", "quiet": true})).await;
    call(&bot, "getUpdates", json!({"allowed_updates": ["messages"]})).await;
    call(&bot, "sendPigeon", json!({})).await;
    let many = json!({"chat_id": 7, "text": "<b>x</b>".repeat(101), "parse_mode": "HTML"});
    assert_eq!(call(&bot, "sendMessage", many).await["ok"], true);
    let complaints = bot.complaints().join("\n");
    for part in ["no parameter \"quiet\"", "kind \"messages\"", "no method \"sendPigeon\"", "only 100 are shown"] {
        assert!(complaints.contains(part), "{part}: {complaints}");
    }
    assert_eq!(bot.complaints().len(), 4);
}
