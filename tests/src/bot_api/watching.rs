//! How a test sees what the bot did, and waits for it.

use serde_json::Value;

use super::state::State;
use super::{BotApi, Call, Person, Sent, webhook};
use crate::wire::soon;

impl BotApi {
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
        self.sent_in(person.id)
    }

    /// The same for any chat.
    #[must_use]
    pub fn sent_in(&self, chat: i64) -> Vec<Sent> {
        sent_in(&self.state.borrow(), chat)
    }

    /// The ledger: every message that was ever accepted, in order, deleted ones among them.
    #[must_use]
    pub fn ledger(&self) -> Vec<Sent> {
        self.state.borrow().sent.clone()
    }

    /// Waits until at least `count` messages have reached the chat, and gives all of them.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn wait_for_sent(&self, person: &Person, count: usize) -> Vec<Sent> {
        let what = format!("message {count} to {}", person.name);
        self.wait_until(&what, |state| sent_in(state, person.id).len() >= count).await;
        self.sent(person)
    }

    /// Waits until a message whose text contains `part` stands in the chat (edits count), and gives it.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn wait_for_text(&self, person: &Person, part: &str) -> Sent {
        let find = |state: &State| sent_in(state, person.id).into_iter().rfind(|sent| sent.text.contains(part));
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

    /// What the bot did that Telegram would pass over: methods and parameters that there are not, values of the wrong
    /// type, entities that overlap.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.state.borrow().complaints.clone()
    }

    /// Fails when there is anything to complain of.
    ///
    /// # Panics
    /// When there is.
    pub fn assert_no_complaints(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "the Bot API server complains: {complaints:#?}");
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
}

fn sent_in(state: &State, chat: i64) -> Vec<Sent> {
    state.sent.iter().filter(|sent| sent.chat_id == chat && !sent.deleted).cloned().collect()
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
