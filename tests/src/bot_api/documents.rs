//! Files that the bot sends: `sendDocument`, as a form with the file in it.

use serde_json::{Value, json};

use super::methods::place;
use super::params::text;
use super::refusal::Refusal;
use super::state::State;
use super::{BotApi, Person};
use crate::wire::now;

/// Characters of a caption.
const CAPTION: usize = 1_024;

/// A file that reached a chat.
#[derive(Clone, Debug)]
pub struct SentFile {
    /// The chat.
    pub chat_id: i64,
    /// The file's name.
    pub name: String,
    /// What is in it; what is no text is shown as such.
    pub content: String,
    /// The words under it.
    pub caption: String,
}

/// The file in a form stands as an object where other calls have a file's id.
pub(super) fn send(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let place = place(state, params)?;
    let file = &params["document"];
    let (Some(name), Some(content)) = (file["name"].as_str(), file["content"].as_str()) else {
        return Err(Refusal::bad("Bad Request: there is no document in the request"));
    };
    if content.is_empty() {
        return Err(Refusal::bad("Bad Request: file must be non-empty"));
    }
    let caption = text(params, "caption").unwrap_or_default();
    if caption.chars().count() > CAPTION {
        return Err(Refusal::bad("Bad Request: message caption is too long"));
    }
    state.flood.pass(place.id(), now())?;
    let file = SentFile {
        chat_id: place.id(),
        name: name.to_owned(),
        content: content.to_owned(),
        caption: caption.to_owned(),
    };
    state.files.push(file);
    let document = json!({"file_id": "sent", "file_unique_id": "sent", "file_name": name});
    Ok(json!({"message_id": state.new_message_id(), "date": now().as_secs(), "chat": place.as_chat(),
        "document": document, "caption": caption}))
}

impl BotApi {
    /// The files that reached a person, in order.
    #[must_use]
    pub fn files(&self, person: &Person) -> Vec<SentFile> {
        self.state.borrow().files.iter().filter(|file| file.chat_id == person.id).cloned().collect()
    }
}
