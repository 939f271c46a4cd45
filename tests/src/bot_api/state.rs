//! What the Bot API server knows: people, updates waiting, calls made, messages sent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::{Call, Fault, Person, Sent};
use crate::wire::now;

/// The first update id; Telegram's start anywhere.
const FIRST_UPDATE: i64 = 500_001;

#[derive(Debug)]
pub(super) struct State {
    pub(super) people: BTreeMap<i64, Person>,
    /// Those who have written, and so can be written to.
    pub(super) started: BTreeSet<i64>,
    pub(super) blocked: BTreeSet<i64>,
    /// Updates not confirmed by an offset yet.
    pub(super) queue: VecDeque<Value>,
    /// Updates to be delivered once more, whatever the offset.
    pub(super) again: Vec<Value>,
    /// All updates there ever were, by id.
    pub(super) past: BTreeMap<i64, Value>,
    next_update: i64,
    pub(super) next_message: i64,
    /// Callback queries: those that may be answered.
    pub(super) callbacks: BTreeSet<String>,
    /// The number of the poll that holds the line; an older one ends with a conflict.
    pub(super) poll: u64,
    pub(super) allowed: Option<Vec<String>>,
    pub(super) calls: Vec<Call>,
    pub(super) sent: Vec<Sent>,
    pub(super) faults: VecDeque<(String, Fault)>,
    /// Whether this server knows rich messages (Bot API 10.1).
    pub(super) rich: bool,
    pub(super) commands: Value,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            people: BTreeMap::new(),
            started: BTreeSet::new(),
            blocked: BTreeSet::new(),
            queue: VecDeque::new(),
            again: Vec::new(),
            past: BTreeMap::new(),
            next_update: FIRST_UPDATE,
            next_message: 1,
            callbacks: BTreeSet::new(),
            poll: 0,
            allowed: None,
            calls: Vec::new(),
            sent: Vec::new(),
            faults: VecDeque::new(),
            rich: true,
            commands: json!([]),
        }
    }

    pub(super) fn new_message_id(&mut self) -> i64 {
        self.next_message += 1;
        self.next_message - 1
    }

    /// Queues an update, giving it an id when it has none.
    pub(super) fn queue_update(&mut self, mut update: Value) -> i64 {
        if update["update_id"].is_null() {
            update["update_id"] = json!(self.next_update);
        }
        let id = update["update_id"].as_i64().unwrap_or(self.next_update);
        self.next_update = self.next_update.max(id) + 1;
        self.past.insert(id, update.clone());
        self.queue.push_back(update);
        id
    }

    /// A text message of `person` as an update's body.
    pub(super) fn message_from(&mut self, person: &Person, text: &str) -> Value {
        self.started.insert(person.id);
        let mut message = json!({
            "message_id": self.new_message_id(),
            "date": now().as_secs(),
            "chat": person.as_chat(),
            "from": person.as_user(),
            "text": text,
        });
        if text.starts_with('/') {
            let length = text.split_whitespace().next().unwrap_or("/").encode_utf16().count();
            message["entities"] = json!([{"type": "bot_command", "offset": 0, "length": length}]);
        }
        message
    }

    /// Takes the next fault that is meant for `method`.
    pub(super) fn take_fault(&mut self, method: &str) -> Option<Fault> {
        let index = self.faults.iter().position(|(name, _)| name == "*" || name.eq_ignore_ascii_case(method))?;
        self.faults.remove(index).map(|(_, fault)| fault)
    }

    /// Confirms everything below `offset` and gives what is to be delivered now.
    pub(super) fn deliver(&mut self, offset: i64, limit: usize) -> Vec<Value> {
        if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX).min(self.queue.len());
            self.queue.drain(..self.queue.len() - keep);
        } else {
            self.queue.retain(|update| update["update_id"].as_i64() >= Some(offset));
        }
        let allowed = self.allowed.clone();
        self.queue
            .retain(|update| allowed.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| !update[kind].is_null())));
        let mut updates: Vec<Value> = self.again.drain(..).collect();
        updates.extend(self.queue.iter().take(limit).cloned());
        updates
    }

    /// The message that the bot sent, unless it is unknown or deleted.
    pub(super) fn sent_mut(&mut self, chat: i64, message: i64) -> Option<&mut Sent> {
        self.sent.iter_mut().find(|sent| sent.chat_id == chat && sent.message_id == message && !sent.deleted)
    }
}
