//! Replies: people's to messages, and the bot's, looked at as Telegram would; and who administers a group.

use serde_json::{Value, json};

use super::methods::place;
use super::params::{boolean, integer, structure};
use super::people::Place;
use super::refusal::Refusal;
use super::state::State;
use super::{BotApi, Group, Person, Sent, messages};

/// Characters that may stand in the field of a forced reply.
const PLACEHOLDER: usize = 64;

impl BotApi {
    /// The person replies to a message of the bot; gives the id of the update.
    pub fn reply(&self, person: &Person, sent: &Sent, text: &str) -> i64 {
        let place = Place::Private(person.clone());
        let replied = messages::as_message(&place, sent);
        self.reply_at(person, &place, replied, text)
    }

    /// The same in a group.
    pub fn reply_in(&self, group: &Group, person: &Person, sent: &Sent, text: &str) -> i64 {
        let place = Place::Group(group.clone());
        let replied = messages::as_message(&place, sent);
        self.reply_at(person, &place, replied, text)
    }

    /// The person replies to what came with another update: a message of theirs, or of somebody else in the chat.
    ///
    /// # Panics
    /// When that update was no message.
    pub fn reply_to_update(&self, person: &Person, update: i64, text: &str) -> i64 {
        let replied = self.state.borrow().past.get(&update).map(|update| update["message"].clone());
        let replied = replied.filter(Value::is_object).expect("an update with a message");
        let group = self.state.borrow().groups.get(&replied["chat"]["id"].as_i64().unwrap_or_default()).cloned();
        let place = group.map_or_else(|| Place::Private(person.clone()), Place::Group);
        self.reply_at(person, &place, replied, text)
    }

    fn reply_at(&self, person: &Person, place: &Place, replied: Value, text: &str) -> i64 {
        self.change(|state| {
            let mut message = state.message_from(person, place, text);
            message["reply_to_message"] = replied;
            state.queue_update(json!({"message": message}))
        })
    }

    /// Telegram's id of the message that an update brought.
    ///
    /// # Panics
    /// When that update was no message.
    #[must_use]
    pub fn message_id(&self, update: i64) -> i64 {
        let id = self.state.borrow().past.get(&update).and_then(|update| update["message"]["message_id"].as_i64());
        id.expect("an update with a message")
    }

    /// Makes the person an administrator of the group.
    pub fn make_administrator(&self, group: &Group, person: &Person) {
        self.change(|state| state.administrators.insert((group.id, person.id)));
    }
}

/// `getChatMember`: as much of a member as a bot needs.
pub(super) fn member(state: &State, params: &Value) -> Result<Value, Refusal> {
    let place = place(state, params)?;
    let user = integer(params, "user_id").and_then(|id| state.people.get(&id));
    let user = user.ok_or_else(|| Refusal::bad("Bad Request: PARTICIPANT_ID_INVALID"))?;
    if state.administrators.contains(&(place.id(), user.id)) {
        return Ok(json!({"status": "administrator", "user": user.as_user(), "can_be_edited": false,
            "is_anonymous": false, "can_manage_chat": true, "can_delete_messages": true}));
    }
    Ok(json!({"status": "member", "user": user.as_user()}))
}

/// The message that a message of the bot replies to.
pub(super) fn answered(state: &State, place: &Place, params: &Value) -> Result<Option<i64>, Refusal> {
    let Some(reply) = structure(params, "reply_parameters")? else { return Ok(None) };
    let id = integer(&reply, "message_id").ok_or_else(|| Refusal::bad("Bad Request: message_id isn't specified"))?;
    let sent = state.sent.iter().any(|sent| sent.chat_id == place.id() && sent.message_id == id && !sent.deleted);
    let came = state
        .past
        .values()
        .any(|update| update["message"]["message_id"] == id && update["message"]["chat"]["id"] == place.id());
    match sent || came {
        true => Ok(Some(id)),
        false if boolean(&reply, "allow_sending_without_reply") => Ok(None),
        false => Err(Refusal::bad("Bad Request: message to be replied not found")),
    }
}

/// Whether a message asks for a reply, in a field that says what to write.
pub(super) fn forced(params: &Value) -> Result<bool, Refusal> {
    let Some(markup) = structure(params, "reply_markup")? else { return Ok(false) };
    let placeholder = markup["input_field_placeholder"].as_str().map_or(1, |text| text.chars().count());
    if !(1..=PLACEHOLDER).contains(&placeholder) {
        return Err(Refusal::bad("Bad Request: input_field_placeholder must be 1-64 characters"));
    }
    Ok(boolean(&markup, "force_reply"))
}
