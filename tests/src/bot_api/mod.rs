//! A Bot API server, as strict as Telegram's: the bot's only way to the people in these tests.
//!
//! It takes the methods that Souvenir may call and refuses all others, checks lengths, HTML, keyboards and chats in
//! Telegram's own words, delivers updates by true long polling (an offset confirms, a second poller ends the first with
//! a conflict) or to a webhook, and logs every call. A test speaks for people with [`BotApi::say`] and
//! [`BotApi::press`], and reads what reached them with [`BotApi::wait_for_sent`] or in the [`BotApi::ledger`].
//!
//! It is an opponent, too: it brings the trouble that a test orders ([`BotApi::fail`]) or that comes by chance from a
//! seed ([`BotApi::trouble`]), it has flood limits ([`BotApi::limit_floods`]), and it can go away ([`BotApi::go_down`]).

mod documents;
mod drafts;
mod entities;
mod faults;
mod files;
mod flood;
mod html;
mod keyboard;
mod menus;
mod messages;
mod methods;
mod others;
mod params;
mod people;
mod polling;
mod push;
mod records;
mod refusal;
mod replying;
mod rich;
mod serve;
mod specs;
mod state;
mod trouble;
mod watching;
mod webhook;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use documents::SentFile;
pub use drafts::Draft;
pub(crate) use faults::happens;
pub use faults::{Fault, Trouble};
pub use files::{Attached, picture};
pub use flood::{Limits, Window};
pub use others::Others;
pub use people::{Group, Person};
pub use records::{Button, Call, Format, Sent};

use crate::wire::Wire;
use people::Place;
use state::State;

/// The token of the one bot here; it must never turn up in logs or pages.
pub const TOKEN: &str = "777000111:AAsouvenir-test-token-never-to-be-logged";

/// The server, and the people behind it.
#[derive(Debug)]
pub struct BotApi {
    state: Arc<watch::Sender<State>>,
    wire: Wire,
    pushing: JoinHandle<()>,
}

impl Drop for BotApi {
    fn drop(&mut self) {
        self.pushing.abort();
    }
}

impl BotApi {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let state = Arc::new(watch::Sender::new(State::new()));
        let wire = Wire::start(serve::router(Arc::clone(&state))).await;
        let pushing = tokio::spawn(push::run(Arc::clone(&state)));
        Self { state, wire, pushing }
    }

    /// For `TELEGRAM_API_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.wire.address())
    }

    /// For `TELEGRAM_BOT_TOKEN`.
    #[must_use]
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// Introduces a person whose app speaks English.
    pub fn user(&self, id: i64, name: &str) -> Person {
        self.user_speaking(id, name, "en")
    }

    /// Introduces a person.
    pub fn user_speaking(&self, id: i64, name: &str, language: &str) -> Person {
        let person = Person { id, name: name.to_owned(), language: language.to_owned() };
        self.change(|state| state.people.insert(id, person.clone()));
        person
    }

    /// Puts the bot into a group; `id` is negative.
    pub fn group(&self, id: i64, title: &str) -> Group {
        let group = Group { id, title: title.to_owned() };
        self.change(|state| state.groups.insert(id, group.clone()));
        group
    }

    /// The person writes `text`; gives the id of the update.
    pub fn say(&self, person: &Person, text: &str) -> i64 {
        self.say_at(person, &Place::Private(person.clone()), text)
    }

    /// The person wrote `text` at `at`, in seconds since the epoch, and it is delivered only now; gives the id of the update.
    pub fn say_late(&self, person: &Person, text: &str, at: u64) -> i64 {
        self.change(|state| {
            let mut message = state.message_from(person, &Place::Private(person.clone()), text);
            message["date"] = json!(at);
            state.queue_update(json!({"message": message}))
        })
    }

    /// The person writes `text` in a group; gives the id of the update.
    pub fn say_in(&self, group: &Group, person: &Person, text: &str) -> i64 {
        self.say_at(person, &Place::Group(group.clone()), text)
    }

    /// The person writes `text` in a topic of a group; gives the id of the update.
    pub fn say_in_topic(&self, group: &Group, topic: i64, person: &Person, text: &str) -> i64 {
        self.change(|state| {
            let mut message = state.message_from(person, &Place::Group(group.clone()), text);
            message["message_thread_id"] = json!(topic);
            message["is_topic_message"] = json!(true);
            state.queue_update(json!({"message": message}))
        })
    }

    /// The person passes on what somebody else wrote; gives the id of the update.
    pub fn forward(&self, person: &Person, from: &str, text: &str) -> i64 {
        self.change(|state| {
            let mut message = state.message_from(person, &Place::Private(person.clone()), text);
            message["forward_origin"] = json!({"type": "hidden_user", "date": 1, "sender_user_name": from});
            state.queue_update(json!({"message": message}))
        })
    }

    /// The person changes what came with another update; gives the id of the new one.
    ///
    /// # Panics
    /// When that update was no message.
    pub fn edit(&self, update: i64, text: &str) -> i64 {
        self.change(|state| {
            let mut message = state.past.get(&update).map(|update| update["message"].clone()).unwrap_or_default();
            assert!(message.is_object(), "an update with a message");
            message["text"] = json!(text);
            message["edit_date"] = json!(crate::wire::now().as_secs());
            state.queue_update(json!({"edited_message": message}))
        })
    }

    /// The person changes the caption of what came with another update; gives the id of the new one.
    ///
    /// # Panics
    /// When that update was no message.
    pub fn edit_caption(&self, update: i64, caption: &str) -> i64 {
        self.change(|state| {
            let mut message = state.past.get(&update).map(|update| update["message"].clone()).unwrap_or_default();
            assert!(message.is_object(), "an update with a message");
            message["caption"] = json!(caption);
            message["edit_date"] = json!(crate::wire::now().as_secs());
            state.queue_update(json!({"edited_message": message}))
        })
    }

    fn say_at(&self, person: &Person, place: &Place, text: &str) -> i64 {
        self.change(|state| {
            let message = state.message_from(person, place, text);
            state.queue_update(json!({"message": message}))
        })
    }

    /// Queues an update as it stands; an `update_id` is added when there is none.
    pub fn say_update(&self, update: Value) -> i64 {
        self.change(|state| state.queue_update(update))
    }

    /// The person presses the button of `sent` whose text contains `part`.
    ///
    /// # Panics
    /// When there is no such button, or it sends nothing.
    pub fn press(&self, person: &Person, sent: &Sent, part: &str) -> i64 {
        self.press_at(person, &Place::Private(person.clone()), sent, part)
    }

    /// The same in a group.
    ///
    /// # Panics
    /// When there is no such button, or it sends nothing.
    pub fn press_in(&self, group: &Group, person: &Person, sent: &Sent, part: &str) -> i64 {
        self.press_at(person, &Place::Group(group.clone()), sent, part)
    }

    fn press_at(&self, person: &Person, place: &Place, sent: &Sent, part: &str) -> i64 {
        let button = sent.button(part).unwrap_or_else(|| panic!("no button {part:?} in {:?}", sent.keyboard));
        let data = button.data.clone().expect("a button with callback data");
        self.change(|state| {
            let id = format!(
                "{}",
                4_000_000_000_000_i64 + state.next_message + i64::try_from(state.past.len()).unwrap_or(0)
            );
            state.callbacks.insert(id.clone());
            let message = messages::as_message(place, sent);
            state.queue_update(json!({"callback_query": {
                "id": id, "from": person.as_user(), "message": message, "chat_instance": "1", "data": data,
            }}))
        })
    }

    /// Delivers an update once more, as Telegram does when it was never confirmed.
    ///
    /// # Panics
    /// When there was no such update.
    pub fn deliver_again(&self, update_id: i64) {
        self.change(|state| {
            let update = state.past.get(&update_id).cloned().expect("an update that was delivered");
            state.again.push(update);
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut result = None;
        self.state.send_modify(|state| result = Some(change(state)));
        result.expect("send_modify calls its closure")
    }
}
