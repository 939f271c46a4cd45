//! The methods themselves: each looks at its parameters as Telegram would and answers in Telegram's words.

use serde_json::{Value, json};

use super::params::{integer, text};
use super::people::Place;
use super::refusal::Refusal;
use super::state::State;
use super::{documents, drafts, files, menus, messages, replying, webhook};

const BOT_ID: i64 = 777_000_111;

/// Every method this server knows, as Telegram writes them.
pub(super) const METHODS: [&str; 21] = [
    "answerCallbackQuery",
    "deleteMessage",
    "deleteMyCommands",
    "deleteWebhook",
    "editMessageReplyMarkup",
    "editMessageText",
    "getChat",
    "getChatMember",
    "getFile",
    "getMe",
    "getMyCommands",
    "getUpdates",
    "getWebhookInfo",
    "sendChatAction",
    "sendDocument",
    "sendMessage",
    "sendMessageDraft",
    "sendRichMessage",
    "sendRichMessageDraft",
    "setMyCommands",
    "setWebhook",
];

/// Answers a call of `method`, which is one of [`METHODS`] but `getUpdates`.
pub(super) fn answer(state: &mut State, method: &str, params: &Value) -> Result<Value, Refusal> {
    match method {
        "getMe" => Ok(me()),
        "setWebhook" => webhook::set(state, params),
        "deleteWebhook" => webhook::delete(state, params),
        "getWebhookInfo" => Ok(webhook::info(state)),
        "setMyCommands" => menus::set(state, params),
        "getMyCommands" => menus::get(state, params),
        "deleteMyCommands" => menus::delete(state, params),
        "getChat" => Ok(place(state, params)?.as_chat()),
        "getChatMember" => replying::member(state, params),
        "getFile" => files::get_file(state, params),
        "sendChatAction" => send_chat_action(state, params),
        "sendDocument" => documents::send(state, params),
        "sendMessage" => messages::send(state, params),
        "sendRichMessage" if state.rich => messages::send_rich(state, params),
        "sendMessageDraft" if state.knows_drafts => drafts::show(state, params, false),
        "sendRichMessageDraft" if state.rich && state.knows_drafts => drafts::show(state, params, true),
        "editMessageText" => messages::edit_text(state, params),
        "editMessageReplyMarkup" => messages::edit_markup(state, params),
        "deleteMessage" => messages::delete(state, params),
        "answerCallbackQuery" => answer_callback_query(state, params),
        _ => Err(Refusal::new(404, "Not Found: method not found")),
    }
}

pub(super) fn me() -> Value {
    json!({
        "id": BOT_ID, "is_bot": true, "first_name": "Souvenir", "username": "souvenir_test_bot",
        "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
        "can_connect_to_business": false, "has_main_web_app": false, "has_topics_enabled": false,
        "allows_users_to_create_topics": false, "can_manage_bots": false,
    })
}

/// The chat that a call is about, when the bot may write there.
pub(super) fn place(state: &State, params: &Value) -> Result<Place, Refusal> {
    let id = integer(params, "chat_id").ok_or_else(|| {
        let named = !params["chat_id"].is_null();
        Refusal::bad(if named { "Bad Request: chat not found" } else { "Bad Request: chat_id is empty" })
    })?;
    if let Some(to) = state.migrated.get(&id) {
        return Err(Refusal::migrated(*to));
    }
    if state.blocked.contains(&id) {
        let words = if id < 0 { "bot was kicked from the group chat" } else { "bot was blocked by the user" };
        return Err(Refusal::new(403, &format!("Forbidden: {words}")));
    }
    if let Some(group) = state.groups.get(&id) {
        return Ok(Place::Group(group.clone()));
    }
    let person = state.people.get(&id).filter(|_| state.started.contains(&id));
    person.cloned().map(Place::Private).ok_or_else(|| Refusal::bad("Bad Request: chat not found"))
}

fn send_chat_action(state: &State, params: &Value) -> Result<Value, Refusal> {
    place(state, params)?;
    match text(params, "action") {
        Some("typing" | "upload_photo" | "upload_document" | "upload_voice" | "record_voice") => Ok(json!(true)),
        _ => Err(Refusal::bad("Bad Request: wrong parameter action in request")),
    }
}

fn answer_callback_query(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    if text(params, "text").is_some_and(|text| text.chars().count() > 200) {
        return Err(Refusal::bad("Bad Request: MESSAGE_TOO_LONG"));
    }
    let id = text(params, "callback_query_id").unwrap_or_default();
    if state.callbacks.remove(id) {
        return Ok(json!(true));
    }
    Err(Refusal::bad("Bad Request: query is too old and response timeout expired or query ID is invalid"))
}
