//! The methods themselves: each looks at its parameters as Telegram would and answers in Telegram's words.

use serde_json::{Value, json};

use super::keyboard;
use super::params::{integer, structure, text};
use super::state::State;
use super::{Format, Person, Sent, html, webhook};
use crate::wire::now;

/// UTF-16 units of a plain or HTML message, after parsing.
const MESSAGE_UNITS: usize = 4_096;
/// Characters of a rich message.
const RICH_CHARACTERS: usize = 32_768;
const BOT_ID: i64 = 777_000_111;

/// Every method this server knows, as Telegram writes them.
pub(super) const METHODS: [&str; 16] = [
    "answerCallbackQuery",
    "deleteMessage",
    "deleteMyCommands",
    "deleteWebhook",
    "editMessageReplyMarkup",
    "editMessageText",
    "getChat",
    "getMe",
    "getMyCommands",
    "getUpdates",
    "getWebhookInfo",
    "sendChatAction",
    "sendMessage",
    "sendRichMessage",
    "setMyCommands",
    "setWebhook",
];

/// A refusal in the Bot API's shape.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) description: String,
    pub(super) retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: u16, description: &str) -> Self {
        Self { status, description: description.to_owned(), retry_after: None }
    }

    pub(super) fn bad(description: &str) -> Self {
        Self::new(400, description)
    }
}

/// Answers a call of `method`, which is one of [`METHODS`] but `getUpdates`.
pub(super) fn answer(state: &mut State, method: &str, params: &Value) -> Result<Value, Refusal> {
    match method {
        "getMe" => Ok(me()),
        "setWebhook" => webhook::set(state, params),
        "deleteWebhook" => webhook::delete(state, params),
        "getWebhookInfo" => Ok(webhook::info(state)),
        "setMyCommands" => set_my_commands(state, params),
        "getMyCommands" => Ok(state.commands.clone()),
        "deleteMyCommands" => {
            state.commands = json!([]);
            Ok(json!(true))
        }
        "getChat" => Ok(chat(state, params)?.as_chat()),
        "sendChatAction" => send_chat_action(state, params),
        "sendMessage" => send_message(state, params),
        "sendRichMessage" if state.rich => send_rich_message(state, params),
        "editMessageText" => edit_message_text(state, params),
        "editMessageReplyMarkup" => edit_message_reply_markup(state, params),
        "deleteMessage" => delete_message(state, params),
        "answerCallbackQuery" => answer_callback_query(state, params),
        _ => Err(Refusal::new(404, "Not Found: method not found")),
    }
}

fn me() -> Value {
    json!({
        "id": BOT_ID, "is_bot": true, "first_name": "Souvenir", "username": "souvenir_test_bot",
        "can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
        "can_connect_to_business": false, "has_main_web_app": false, "has_topics_enabled": false,
        "allows_users_to_create_topics": false, "can_manage_bots": false,
    })
}

fn chat(state: &State, params: &Value) -> Result<Person, Refusal> {
    let id = integer(params, "chat_id").ok_or_else(|| Refusal::bad("Bad Request: chat_id is empty"))?;
    if state.blocked.contains(&id) {
        return Err(Refusal::new(403, "Forbidden: bot was blocked by the user"));
    }
    let person = state.people.get(&id).filter(|_| state.started.contains(&id));
    person.cloned().ok_or_else(|| Refusal::bad("Bad Request: chat not found"))
}

fn set_my_commands(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let commands = structure(params, "commands")?.unwrap_or_else(|| json!([]));
    let list = commands.as_array().ok_or_else(|| Refusal::bad("Bad Request: expected an Array of BotCommand"))?;
    let valid = |command: &Value| {
        let name = command["command"].as_str().unwrap_or_default().trim_start_matches('/');
        let description = command["description"].as_str().unwrap_or_default().chars().count();
        (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && (1..=256).contains(&description)
    };
    if list.len() > 100 || !list.iter().all(valid) {
        return Err(Refusal::bad("Bad Request: BOT_COMMAND_INVALID"));
    }
    state.commands = commands;
    Ok(json!(true))
}

fn send_chat_action(state: &State, params: &Value) -> Result<Value, Refusal> {
    chat(state, params)?;
    match text(params, "action") {
        Some("typing" | "upload_photo" | "upload_document" | "upload_voice" | "record_voice") => Ok(json!(true)),
        _ => Err(Refusal::bad("Bad Request: wrong parameter action in request")),
    }
}

/// Parses a plain or HTML text and checks its length.
fn formatted(params: &Value) -> Result<(Format, String), Refusal> {
    let source = text(params, "text").unwrap_or_default();
    let (format, visible) = match text(params, "parse_mode") {
        None | Some("") => (Format::Plain, source.to_owned()),
        Some(mode) if mode.eq_ignore_ascii_case("HTML") => {
            let visible = html::visible_text(source)
                .map_err(|why| Refusal::bad(&format!("Bad Request: can't parse entities: {why}")))?;
            (Format::Html, visible)
        }
        Some(_) => return Err(Refusal::bad("Bad Request: unsupported parse_mode")),
    };
    if visible.trim().is_empty() {
        return Err(Refusal::bad("Bad Request: message text is empty"));
    }
    if visible.encode_utf16().count() > MESSAGE_UNITS {
        return Err(Refusal::bad("Bad Request: message is too long"));
    }
    Ok((format, visible))
}

fn rich(params: &Value) -> Result<Option<String>, Refusal> {
    let Some(message) = structure(params, "rich_message")? else { return Ok(None) };
    let fields: Vec<_> = ["markdown", "html", "blocks"].into_iter().filter(|name| !message[*name].is_null()).collect();
    let [field] = fields[..] else {
        return Err(Refusal::bad("Bad Request: exactly one of the fields html, markdown, blocks must be used"));
    };
    let source = message[field].as_str().map_or_else(|| message[field].to_string(), str::to_owned);
    if source.trim().is_empty() {
        return Err(Refusal::bad("Bad Request: rich message is empty"));
    }
    if source.chars().count() > RICH_CHARACTERS {
        return Err(Refusal::bad("Bad Request: rich message is too long"));
    }
    Ok(Some(source))
}

fn send_message(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let person = chat(state, params)?;
    let (format, visible) = formatted(params)?;
    deliver(state, &person, params, format, visible)
}

fn send_rich_message(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let person = chat(state, params)?;
    let source = rich(params)?.ok_or_else(|| Refusal::bad("Bad Request: rich_message is empty"))?;
    deliver(state, &person, params, Format::Rich, source)
}

fn deliver(
    state: &mut State,
    person: &Person,
    params: &Value,
    format: Format,
    visible: String,
) -> Result<Value, Refusal> {
    let markup = structure(params, "reply_markup")?;
    let keyboard = keyboard::checked(markup.as_ref())?;
    let source = text(params, "text").map_or_else(|| visible.clone(), str::to_owned);
    let message_id = state.new_message_id();
    let sent = Sent {
        message_id,
        chat_id: person.id,
        format,
        source,
        text: visible,
        keyboard,
        edits: Vec::new(),
        deleted: false,
        at: now(),
    };
    let message = as_message(person, &sent);
    state.sent.push(sent);
    Ok(message)
}

pub(super) fn as_message(person: &Person, sent: &Sent) -> Value {
    let mut message = json!({
        "message_id": sent.message_id, "date": sent.at.as_secs(), "chat": person.as_chat(), "from": me(),
    });
    match sent.format {
        Format::Rich => {
            message["rich_message"] = json!({"blocks": [{"type": "paragraph", "text": sent.text}]});
        }
        Format::Html | Format::Plain => message["text"] = json!(sent.text),
    }
    if !sent.keyboard.is_empty() {
        message["reply_markup"] = keyboard::as_markup(&sent.keyboard);
    }
    message
}

fn edit_message_text(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let person = chat(state, params)?;
    let (format, visible) = match rich(params)? {
        Some(source) if state.rich => (Format::Rich, source),
        _ => formatted(params)?,
    };
    let markup = structure(params, "reply_markup")?;
    let keyboard = keyboard::checked(markup.as_ref())?;
    let source = text(params, "text").map_or_else(|| visible.clone(), str::to_owned);
    let id = integer(params, "message_id").unwrap_or_default();
    let sent = state.sent_mut(person.id, id).ok_or_else(|| Refusal::bad("Bad Request: message to edit not found"))?;
    if sent.text == visible && sent.keyboard == keyboard && sent.format == format {
        return Err(not_modified());
    }
    sent.edits.push(std::mem::replace(&mut sent.text, visible));
    sent.source = source;
    sent.keyboard = keyboard;
    sent.format = format;
    Ok(as_message(&person, sent))
}

fn edit_message_reply_markup(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let person = chat(state, params)?;
    let markup = structure(params, "reply_markup")?;
    let keyboard = keyboard::checked(markup.as_ref())?;
    let id = integer(params, "message_id").unwrap_or_default();
    let sent = state.sent_mut(person.id, id).ok_or_else(|| Refusal::bad("Bad Request: message to edit not found"))?;
    if sent.keyboard == keyboard {
        return Err(not_modified());
    }
    sent.keyboard = keyboard;
    Ok(as_message(&person, sent))
}

fn not_modified() -> Refusal {
    Refusal::bad(
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a \
         current content and reply markup of the message",
    )
}

fn delete_message(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let person = chat(state, params)?;
    let id = integer(params, "message_id").unwrap_or_default();
    let sent = state.sent_mut(person.id, id).ok_or_else(|| Refusal::bad("Bad Request: message to delete not found"))?;
    sent.deleted = true;
    Ok(json!(true))
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
