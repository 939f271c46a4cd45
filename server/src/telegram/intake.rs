//! One update, however it came: read, stored, and what is to be done about it.

use serde_json::Value;
use souvenir_memory::Timestamp;
use teloxide::types::{Update, UpdateKind};

use super::{
    Door,
    lane::{Job, Lanes},
    receive,
    update::{self, Arrival},
};
use crate::engine::{EngineError, UpdateKey};

/// The kinds of updates that are asked for.
pub(super) const ALLOWED_UPDATES: [&str; 5] =
    ["message", "edited_message", "callback_query", "my_chat_member", STOPPED];
/// Somebody stopped an answer being shown (Bot API 10.3). teloxide does not know it.
const STOPPED: &str = "stopped_message_generation";

/// The id of an update; without one it is none.
pub(super) fn update_id(update: &Value) -> Option<i64> {
    update["update_id"].as_i64()
}

/// Stores what an update says and gives what is to be done about it, if anything.
///
/// # Errors
/// What the engine failed at; the update is then to be taken again. One that can never be stored is skipped instead.
pub(super) async fn take(
    door: &Door,
    lanes: &Lanes,
    update_id: i64,
    update: Value,
) -> Result<Option<Job>, EngineError> {
    let key = UpdateKey { bot_id: door.me.id, update_id };
    let Some(arrival) = read(key, update, door.engine.now()) else { return Ok(None) };
    match receive::receive(door, lanes, &arrival).await {
        Err(EngineError::Invalid { field, message }) => {
            tracing::warn!(update.id = update_id, field, message, "skipped an update that cannot be stored");
            Ok(None)
        }
        Err(error) => {
            tracing::error!(update.id = update_id, error = %error, "failed to store an update; trying again");
            Err(error)
        }
        taken => taken,
    }
}

/// Reads one update; one that cannot be read is skipped, and the log says so.
fn read(key: UpdateKey, mut value: Value, now: Timestamp) -> Option<Arrival> {
    if let Some(stopped) = value.get(STOPPED) {
        let (chat, draft) = (stopped["chat"]["id"].as_i64()?, stopped["draft_id"].as_i64()?);
        return Some(Arrival::Stopped { chat, draft });
    }
    // The id is known already, and may be larger than teloxide's type for it.
    value["update_id"] = 0.into();
    fill_in(&mut value, now);
    let update = parsed(&value).or_else(|| {
        // What came with it is unlike anything known; who said it, where, and any words are not lost for that.
        bare(&mut value);
        parsed(&value)
    });
    match update {
        Some(update) => update::read(update, key, now),
        None => {
            tracing::warn!(update.id = key.update_id, "skipped an update that cannot be read");
            None
        }
    }
}

/// teloxide reads updates from text only. A message with words that it reads as one without is not read.
fn parsed(value: &Value) -> Option<Update> {
    let update = serde_json::from_str::<Update>(&value.to_string()).ok()?;
    let is_read = match &update.kind {
        UpdateKind::Error(_) => false,
        UpdateKind::Message(message) => message.text().is_some() || !value["message"]["text"].is_string(),
        UpdateKind::EditedMessage(message) => message.text().is_some() || !value["edited_message"]["text"].is_string(),
        _ => true,
    };
    is_read.then_some(update)
}

/// Takes all from a message but what every message has.
fn bare(update: &mut Value) {
    for kind in ["message", "edited_message"] {
        if let Some(message) = update.get_mut(kind).and_then(Value::as_object_mut) {
            message.retain(|key, _| BARE.contains(&key.as_str()));
        }
    }
}

/// What every message may have.
const BARE: [&str; 9] = [
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "date",
    "edit_date",
    "chat",
    "from",
    "text",
    "media_group_id",
];

/// Servers other than Telegram's leave out fields that teloxide insists on and nothing here depends on: a message is not
/// to be lost for that.
fn fill_in(update: &mut Value, now: Timestamp) {
    let default = |parent: &mut Value, key: &str, value: Value| {
        if let Some(object) = parent.as_object_mut() {
            object.entry(key).or_insert(value);
        }
    };
    if let Some(press) = update.get_mut("callback_query") {
        default(press, "chat_instance", "".into());
        default(&mut press["from"], "is_bot", false.into());
        default(&mut press["from"], "first_name", "".into());
    }
    let places = [("message", "/message"), ("edited_message", "/edited_message")];
    let place = places.into_iter().find(|(key, _)| update.get(key).is_some());
    let message = place.map_or("/callback_query/message", |(_, place)| place);
    let Some(message) = update.pointer_mut(message) else { return };
    default(message, "date", (now.0 / 1000).into());
    default(&mut message["chat"], "type", "private".into());
    if let Some(from) = message.get_mut("from") {
        default(from, "is_bot", false.into());
        default(from, "first_name", "".into());
    }
    fill_in_files(message);
    if let Some(replied) = message.get_mut("reply_to_message") {
        fill_in_files(replied);
    }
}

/// The same of files: teloxide insists on what the Bot API says may be absent, and on media types that are well formed.
fn fill_in_files(message: &mut Value) {
    for (kind, mime) in [("voice", "audio/ogg"), ("audio", "audio/mpeg"), ("document", "application/octet-stream")] {
        let Some(file) = message.get_mut(kind).and_then(Value::as_object_mut) else { continue };
        let is_known = |mime: &Value| {
            mime.as_str().is_some_and(|mime| mime.split('/').filter(|part| !part.is_empty()).count() == 2)
        };
        if !file.get("mime_type").is_some_and(is_known) {
            file.insert("mime_type".to_owned(), mime.into());
        }
        file.entry("file_unique_id").or_insert_with(|| "".into());
        if kind != "document" {
            file.entry("duration").or_insert_with(|| 0.into());
        }
    }
    for size in message.get_mut("photo").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(size) = size.as_object_mut() {
            size.entry("file_unique_id").or_insert_with(|| "".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: UpdateKey = UpdateKey { bot_id: 7, update_id: 5_000_000_000 };
    const NOW: Timestamp = Timestamp(1_795_353_480_000);

    #[test]
    fn an_update_that_cannot_be_read_is_skipped() {
        assert!(read(KEY, json!({"update_id": 1, "message": {"message_id": "odd"}}), NOW).is_none());
        assert!(read(KEY, json!({"update_id": 1, "something_new": {"id": 1}}), NOW).is_none());
        assert!(read(KEY, json!({"update_id": 1}), NOW).is_none());
    }

    #[test]
    fn a_message_is_read_without_the_fields_that_nothing_depends_on() {
        let message = json!({"message_id": 5, "chat": {"id": 42}, "from": {"id": 42}, "text": "hello"});
        let arrival = read(KEY, json!({"update_id": 1, "message": message}), NOW);
        assert!(matches!(arrival, Some(Arrival::Message(said)) if said.incoming.text == "hello"));
        let press = json!({"id": "1", "from": {"id": 42}, "data": "session:short",
            "message": {"message_id": 6, "chat": {"id": 42}, "text": "which?"}});
        let arrival = read(KEY, json!({"update_id": 2, "callback_query": press}), NOW);
        assert!(matches!(arrival, Some(Arrival::Press(_))));
    }

    #[test]
    fn a_message_with_something_unheard_of_is_noted_and_not_lost() {
        let message = |more: Value| {
            let mut message = json!({"message_id": 5, "chat": {"id": 42}, "from": {"id": 42}});
            message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            match read(KEY, json!({"update_id": 1, "message": message}), NOW) {
                Some(Arrival::Message(said)) => said.incoming.text,
                other => panic!("not a message: {other:?}"),
            }
        };
        assert_eq!(message(json!({"voice": {"file_id": "v"}})), "[voice message, 0 s]");
        assert_eq!(
            message(json!({"document": {"file_id": "d", "mime_type": "odd", "file_name": "a.md"}})),
            "[file: a.md]"
        );
        assert_eq!(message(json!({"photo": {"not": "a list"}})), "[a message of a kind that cannot be read yet]");
        assert_eq!(message(json!({"text": "hello", "reply_to_message": {"odd": 1}})), "hello");
    }

    #[test]
    fn who_stops_an_answer_says_which() {
        let stopped = json!({"chat": {"id": 42, "type": "private"}, "draft_id": 7});
        let arrival = read(KEY, json!({"update_id": 1, "stopped_message_generation": stopped}), NOW);
        assert!(matches!(arrival, Some(Arrival::Stopped { chat: 42, draft: 7 })));
        assert!(read(KEY, json!({"update_id": 1, "stopped_message_generation": {}}), NOW).is_none());
    }

    #[test]
    fn ids_may_be_larger_than_teloxide_thinks() {
        let message = json!({
            "message_id": 5, "date": 1, "chat": {"id": 42, "type": "private", "first_name": "Ada"},
            "from": {"id": 42, "is_bot": false, "first_name": "Ada"}, "text": "hello",
        });
        let arrival = read(KEY, json!({"update_id": KEY.update_id, "message": message}), NOW);
        assert!(matches!(arrival, Some(Arrival::Message(said)) if said.incoming.update == Some(KEY)));
    }
}
