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
    // teloxide reads updates from text only.
    match serde_json::from_str::<Update>(&value.to_string()) {
        Ok(Update { kind: UpdateKind::Error(_), .. }) | Err(_) => {
            tracing::warn!(update.id = key.update_id, "skipped an update that cannot be read");
            None
        }
        Ok(update) => update::read(update, key, now),
    }
}

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
