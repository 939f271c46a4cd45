//! The bot's command menus: one for each scope and language.

use serde_json::{Value, json};

use super::params::{integer, structure, text};
use super::refusal::Refusal;
use super::state::State;

const SCOPES: [&str; 7] = [
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
];

/// Which menu a call is about: its scope, and the language or nothing.
pub(super) type Key = (String, String);

pub(super) fn set(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let key = key(params)?;
    let commands = structure(params, "commands")?.unwrap_or_else(|| json!([]));
    let list = commands.as_array().ok_or_else(|| Refusal::bad("Bad Request: expected an Array of BotCommand"))?;
    if list.len() > 100 {
        return Err(Refusal::bad("Bad Request: BOT_COMMANDS_TOO_MUCH"));
    }
    list.iter().try_for_each(check)?;
    if list.is_empty() {
        state.menus.remove(&key);
    } else {
        state.menus.insert(key, commands);
    }
    Ok(json!(true))
}

pub(super) fn get(state: &State, params: &Value) -> Result<Value, Refusal> {
    Ok(state.menus.get(&key(params)?).cloned().unwrap_or_else(|| json!([])))
}

pub(super) fn delete(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    state.menus.remove(&key(params)?);
    Ok(json!(true))
}

fn check(command: &Value) -> Result<(), Refusal> {
    let name = command["command"].as_str().unwrap_or_default();
    let name = name.strip_prefix('/').unwrap_or(name);
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=32).contains(&name.len()) || !name.bytes().all(known) {
        return Err(Refusal::bad("Bad Request: BOT_COMMAND_INVALID"));
    }
    let description = command["description"].as_str().unwrap_or_default().trim();
    if !(1..=256).contains(&description.chars().count()) {
        return Err(Refusal::bad("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(())
}

fn key(params: &Value) -> Result<Key, Refusal> {
    let scope = structure(params, "scope")?.unwrap_or_else(|| json!({"type": "default"}));
    let kind = scope["type"].as_str().unwrap_or_default();
    if !SCOPES.contains(&kind) {
        return Err(Refusal::bad("Bad Request: can't parse BotCommandScope: unsupported type specified"));
    }
    let mut name = kind.to_owned();
    for (kinds, field) in [("chat chat_administrators chat_member", "chat_id"), ("chat_member", "user_id")] {
        if kinds.split(' ').any(|one| one == kind) {
            let id = integer(&scope, field).ok_or_else(|| Refusal::bad("Bad Request: chat not found"))?;
            name = format!("{name} {id}");
        }
    }
    let language = text(params, "language_code").unwrap_or_default();
    let two_letters = language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
    if !language.is_empty() && !two_letters {
        return Err(Refusal::bad("Bad Request: invalid language code specified"));
    }
    Ok((name, language.to_owned()))
}
