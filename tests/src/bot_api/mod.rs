//! A Bot API server, as strict as Telegram's: the bot's only way to the people in these tests.
//!
//! It takes the methods that Souvenir may call and refuses all others, checks lengths, HTML, keyboards and chats in
//! Telegram's own words, delivers updates by true long polling (an offset confirms, a second poller ends the first with
//! a conflict), and logs every call. A test speaks for people with [`BotApi::say`] and [`BotApi::press`], reads what
//! reached them with [`BotApi::wait_for_sent`], and brings trouble with [`BotApi::fail`] and [`BotApi::go_down`].

mod html;
mod keyboard;
mod methods;
mod params;
mod push;
mod records;
mod serve;
mod state;
mod webhook;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use records::{Button, Call, Fault, Format, Person, Sent};

use crate::wire::{Wire, soon};
use records::Route;
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

    /// The person writes `text`; gives the id of the update.
    pub fn say(&self, person: &Person, text: &str) -> i64 {
        self.change(|state| {
            let message = state.message_from(person, text);
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
        let button = sent.button(part).unwrap_or_else(|| panic!("no button {part:?} in {:?}", sent.keyboard));
        let data = button.data.clone().expect("a button with callback data");
        self.change(|state| {
            let id = format!(
                "{}",
                4_000_000_000_000_i64 + state.next_message + i64::try_from(state.past.len()).unwrap_or(0)
            );
            state.callbacks.insert(id.clone());
            let message = methods::as_message(person, sent);
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

    /// The person blocks the bot, or lets it write again.
    pub fn block(&self, person: &Person, blocked: bool) {
        self.change(|state| if blocked { state.blocked.insert(person.id) } else { state.blocked.remove(&person.id) });
    }

    /// From now on this server is older than rich messages.
    pub fn forget_rich_messages(&self) {
        self.change(|state| state.rich = false);
    }

    /// The next call of `method` (`*` for any) meets this trouble; several are met in the order given.
    pub fn fail(&self, method: &str, fault: Fault) {
        self.change(|state| state.faults.push_back((method.to_owned(), fault)));
    }

    /// Refuses connections and cuts those there are.
    pub fn go_down(&self) {
        self.wire.go_down();
        // Whoever polls is woken, and finds the line cut.
        self.change(|state| {
            state.down = true;
            state.poll += 1;
        });
    }

    /// Is there again, at the same port.
    pub async fn go_up(&self) {
        self.wire.go_up().await;
        self.change(|state| state.down = false);
    }

    /// A reverse proxy comes into being: what is addressed to `public` (`https://bot.example.org`) reaches `app`
    /// (`http://127.0.0.1:8080`). Webhooks to other names are not delivered: their host cannot be resolved.
    pub fn route(&self, public: &str, app: &str) {
        let [from, to] = [public, app].map(|address| address.trim_end_matches('/').to_owned());
        self.change(|state| state.routes.push(Route { from, to }));
    }

    /// From now on it is a server of one's own, which also takes webhooks at loopback addresses, over HTTP, on any port.
    pub fn run_locally(&self) {
        self.change(|state| state.local = true);
    }

    /// What `getWebhookInfo` says.
    #[must_use]
    pub fn webhook_info(&self) -> Value {
        webhook::info(&self.state.borrow())
    }

    /// Waits until `getWebhookInfo` says something that fits.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn wait_for_webhook(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.wait_until(what, |state| fits(&webhook::info(state))).await;
        self.webhook_info()
    }

    /// Forgets the webhook, as when the owner or another program deleted it.
    pub fn lose_webhook(&self) {
        self.change(|state| state.webhook = None);
    }

    /// All calls so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state.borrow().calls.clone()
    }

    /// All calls of one method so far.
    #[must_use]
    pub fn calls_of(&self, method: &str) -> Vec<Call> {
        self.state.borrow().calls.iter().filter(|call| call.method == method).cloned().collect()
    }

    /// Messages that reached the chat so far, deleted ones not among them.
    #[must_use]
    pub fn sent(&self, person: &Person) -> Vec<Sent> {
        sent_in(&self.state.borrow(), person)
    }

    /// Waits until at least `count` messages have reached the chat, and gives all of them.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn wait_for_sent(&self, person: &Person, count: usize) -> Vec<Sent> {
        self.wait_until(&format!("message {count} to {}", person.name), |state| sent_in(state, person).len() >= count)
            .await;
        self.sent(person)
    }

    /// Waits until a message whose text contains `part` stands in the chat (edits count), and gives it.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn wait_for_text(&self, person: &Person, part: &str) -> Sent {
        let find = |state: &State| sent_in(state, person).into_iter().rfind(|sent| sent.text.contains(part));
        self.wait_until(&format!("a message to {} with {part:?}", person.name), |state| find(state).is_some()).await;
        find(&self.state.borrow()).expect("it has just been there")
    }

    /// Waits until `method` has been called `count` times in all.
    ///
    /// # Panics
    /// When it is not in time.
    pub async fn wait_for_calls(&self, method: &str, count: usize) -> Vec<Call> {
        let wanted = |state: &State| state.calls.iter().filter(|call| call.method == method).count() >= count;
        self.wait_until(&format!("call {count} of {method}"), wanted).await;
        self.calls_of(method)
    }

    /// Waits until the bot has confirmed every update and polls for more.
    ///
    /// # Panics
    /// When it does not in time.
    pub async fn wait_until_confirmed(&self) {
        self.wait_until("all updates to be confirmed", |state| state.queue.is_empty() && state.again.is_empty()).await;
    }

    /// Fails when the bot called a method that this server does not know.
    ///
    /// # Panics
    /// When it did; `sendRichMessage` is known here.
    pub fn assert_no_unknown_method(&self) {
        let unknown: Vec<_> = self.calls().into_iter().filter(|call| !call.known).collect();
        assert!(unknown.is_empty(), "unknown methods were called: {unknown:?}");
    }

    /// Waits for anything at all to happen, without a limit.
    pub async fn changed(&self) {
        let mut changes = self.state.subscribe();
        // The sender lives as long as `self`.
        let _ = changes.changed().await;
    }

    async fn wait_until(&self, what: &str, condition: impl Fn(&State) -> bool) {
        let mut changes = self.state.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|state| condition(state)).await;
        };
        let told = format!("{what}; the calls so far: {:#?}", Summary(self));
        soon(&told, waiting).await;
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut result = None;
        self.state.send_modify(|state| result = Some(change(state)));
        result.expect("send_modify calls its closure")
    }
}

fn sent_in(state: &State, person: &Person) -> Vec<Sent> {
    state.sent.iter().filter(|sent| sent.chat_id == person.id && !sent.deleted).cloned().collect()
}

/// Calls in a failure's message, without the polling.
struct Summary<'a>(&'a BotApi);

impl std::fmt::Debug for Summary<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let calls = self.0.calls();
        let calls = calls.iter().filter(|call| call.method != "getUpdates");
        f.debug_list().entries(calls.map(|call| (&call.method, call.status, call.params.to_string()))).finish()
    }
}
