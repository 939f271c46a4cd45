//! One update, however it came: read, stored, and what is to be done about it.

use serde_json::{Value, json};
use souvenir_memory::Timestamp;
use teloxide::types::{Update, UpdateKind};

use super::{
    Door,
    lane::{Job, Lanes},
    receive,
    update::{self, Arrival, Said},
};
use crate::engine::{EngineError, UpdateKey};

/// The kinds of updates that are asked for.
pub(super) const ALLOWED_UPDATES: &[&str] = &["message", "edited_message", "callback_query", "my_chat_member", STOPPED];
/// Those that every server knows: some refuse to hear of others.
pub(super) const OLD_UPDATES: &[&str] = &["message", "edited_message", "callback_query", "my_chat_member"];
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
    leave_out_nulls(&mut value);
    fill_in(&mut value, now);
    let caption = caption(&value);
    let update = parsed(&value).or_else(|| {
        // What came with it is unlike anything known; who said it, where, and any words are not lost for that.
        bare(&mut value);
        parsed(&value)
    });
    match update {
        Some(update) => update::read(update, key, now).map(|arrival| captioned(arrival, caption)),
        None => {
            tracing::warn!(update.id = key.update_id, "skipped an update that cannot be read");
            None
        }
    }
}

/// The words under what came, if any.
fn caption(update: &Value) -> Option<String> {
    let message = update.get("message").or_else(|| update.get("edited_message"))?;
    message["caption"].as_str().filter(|caption| !caption.trim().is_empty()).map(str::to_owned)
}

/// What teloxide does not know has no caption for it: what somebody wrote under that is not lost.
fn captioned(arrival: Arrival, caption: Option<String>) -> Arrival {
    let with = |mut said: Said| {
        if let Some(caption) = caption.filter(|_| said.is_of_unknown_kind()) {
            said.incoming.text = format!("{} {caption}", said.incoming.text);
        }
        said
    };
    match arrival {
        Arrival::Message(said) => Arrival::Message(with(said)),
        Arrival::Edited(said) => Arrival::Edited(with(said)),
        other => other,
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

/// Servers other than Telegram's write out what is not there; teloxide takes it for something that is, and of the wrong kind.
fn leave_out_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(leave_out_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_nulls),
        _ => {}
    }
}

/// Servers other than Telegram's leave out fields that teloxide insists on and nothing here depends on: a message is not
/// to be lost for that.
fn fill_in(update: &mut Value, now: Timestamp) {
    if let Some(press) = update.get_mut("callback_query") {
        default(press, "chat_instance", "".into());
        if let Some(id) = press.get_mut("id").filter(|id| id.is_number()) {
            *id = id.to_string().into();
        }
        press.get_mut("from").into_iter().for_each(fill_in_user);
    }
    let places = ["/message", "/edited_message", "/callback_query/message"];
    let Some(place) = places.into_iter().find(|place| update.pointer(place).is_some_and(Value::is_object)) else {
        return;
    };
    let Some(message) = update.pointer_mut(place) else { return };
    // No message of ours has this number: what a button says is then answered below.
    default(message, "message_id", 0.into());
    default(message, "date", (now.0 / 1000).into());
    let chat = message.get("chat").and_then(|chat| chat["id"].as_i64()).unwrap_or_default();
    if let Some(place) = message.get_mut("chat") {
        default(place, "type", if chat < 0 { "supergroup" } else { "private" }.into());
    }
    if message.pointer("/chat/type").is_some_and(|kind| kind == "private") {
        default(message, "from", json!({"id": chat}));
    }
    message.get_mut("from").into_iter().for_each(fill_in_user);
    fill_in_files(message);
    if let Some(replied) = message.get_mut("reply_to_message") {
        fill_in_files(replied);
    }
}

fn fill_in_user(user: &mut Value) {
    default(user, "is_bot", false.into());
    default(user, "first_name", "".into());
}

fn default(parent: &mut Value, key: &str, value: Value) {
    if let Some(object) = parent.as_object_mut() {
        object.entry(key).or_insert(value);
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
        default(size, "file_unique_id", "".into());
        default(size, "width", 1.into());
        default(size, "height", 1.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: UpdateKey = UpdateKey { bot_id: 7, update_id: 5_000_000_000 };
    const NOW: Timestamp = Timestamp(1_795_353_480_000);

    #[test]
    fn an_update_that_cannot_be_read_is_skipped() {
        assert!(read(KEY, json!({"update_id": 1, "message": {"message_id": "odd"}}), NOW).is_none());
        assert!(read(KEY, json!({"update_id": 1, "something_new": {"id": 1}}), NOW).is_none());
        assert!(read(KEY, json!({"update_id": 1}), NOW).is_none());
        for odd in [json!("odd"), json!(5), json!([1]), json!({}), json!(null), json!({"from": 1, "chat": []})] {
            assert!(read(KEY, json!({"update_id": 1, "message": odd}), NOW).is_none());
            assert!(read(KEY, json!({"update_id": 1, "callback_query": odd}), NOW).is_none());
        }
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
        let press = json!({"id": 1, "from": {"id": 42}, "data": "session:short", "message": {"chat": {"id": 42}}});
        let arrival = read(KEY, json!({"update_id": 2, "callback_query": press}), NOW);
        assert!(matches!(arrival, Some(Arrival::Press(press)) if press.id == "1" && press.message_id == 0));
        let unsigned = json!({"message_id": 5, "chat": {"id": 42, "type": "private"}, "text": "hello"});
        let arrival = read(KEY, json!({"update_id": 3, "message": unsigned}), NOW);
        assert!(matches!(arrival, Some(Arrival::Message(said)) if said.user == 42));
    }

    #[test]
    fn what_is_written_out_as_nothing_is_nothing() {
        let message = json!({"message_id": 5, "chat": {"id": 42, "title": null}, "from": {"id": 42, "username": null},
            "text": null, "entities": null, "caption": "my cat", "caption_entities": null, "reply_to_message": null,
            "photo": [{"file_id": "p", "width": 320, "height": 240, "file_size": null}], "document": null});
        let arrival = read(KEY, json!({"update_id": 1, "message": message, "edited_message": null}), NOW);
        let Some(Arrival::Message(said)) = arrival else { panic!("not a message: {arrival:?}") };
        assert_eq!((said.incoming.text.as_str(), said.has_file()), ("[photo] my cat", true));
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
        let under = "[a message of a kind that cannot be read yet] look at this";
        assert_eq!(message(json!({"photo": {"not": "a list"}, "caption": "look at this"})), under);
        assert_eq!(message(json!({"hologram": {"depth": 3}, "caption": "look at this"})), under);
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
