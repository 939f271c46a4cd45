//! What the Bot API server knows: people, updates waiting, calls made, messages sent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::faults::Faults;
use super::flood::Flood;
use super::menus;
use super::people::Place;
use super::records::Route;
use super::refusal::Refusal;
use super::webhook::Webhook;
use super::{Call, Draft, Group, Others, Person, Sent, SentFile};
use crate::wire::now;

/// The first update id; Telegram's start anywhere.
const FIRST_UPDATE: i64 = 500_001;
/// What a poll ends with when another begins.
const OTHER_POLL: &str =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
/// Kinds of updates.
const KINDS: [&str; 25] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
    "stopped_message_generation",
];
/// Those that must be asked for by name.
const NOT_BY_DEFAULT: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

#[derive(Debug)]
pub(super) struct State {
    pub(super) people: BTreeMap<i64, Person>,
    pub(super) groups: BTreeMap<i64, Group>,
    /// Who administers which group.
    pub(super) administrators: BTreeSet<(i64, i64)>,
    /// Groups that have become supergroups: their new ids.
    pub(super) migrated: BTreeMap<i64, i64>,
    /// Whether the token was taken back.
    pub(super) revoked: bool,
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
    /// What an older poll ends with.
    pub(super) poll_ended: &'static str,
    pub(super) allowed: Option<Vec<String>>,
    pub(super) calls: Vec<Call>,
    /// What Telegram would pass over, and a bot should not do.
    pub(super) complaints: Vec<String>,
    pub(super) sent: Vec<Sent>,
    pub(super) faults: Faults,
    /// Updates that chance has repeated.
    pub(super) repeated: BTreeSet<i64>,
    pub(super) flood: Flood,
    /// Whether this server knows rich messages (Bot API 10.1).
    pub(super) rich: bool,
    /// Whether it refuses every HTML, as if there were a mistake in it.
    pub(super) no_html: bool,
    /// Whether it knows drafts (Bot API 9.3).
    pub(super) knows_drafts: bool,
    /// Files that people sent, by their ids.
    pub(super) held: BTreeMap<String, super::files::Held>,
    /// Files that the bot sent, in order.
    pub(super) files: Vec<SentFile>,
    /// What was shown of messages being made, in order.
    pub(super) drafts: Vec<Draft>,
    pub(super) menus: BTreeMap<menus::Key, Value>,
    pub(super) webhook: Option<Webhook>,
    pub(super) webhooks_set: u64,
    /// Chats of which an update is on its way to the webhook.
    pub(super) pushing: BTreeSet<i64>,
    /// Where public addresses lead.
    pub(super) routes: Vec<Route>,
    /// Whether this is a server of one's own (`--local`), which allows more.
    pub(super) local: bool,
    /// Whether it is out of reach, and delivers nothing.
    pub(super) down: bool,
    /// The folder in which it keeps files and names their places, as with `--local`.
    pub(super) disk: Option<PathBuf>,
    /// Whether that is the disk of another machine.
    pub(super) disk_is_elsewhere: bool,
    /// Whose server this is, when it is none of Telegram's.
    pub(super) others: Option<Others>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            administrators: BTreeSet::new(),
            migrated: BTreeMap::new(),
            revoked: false,
            started: BTreeSet::new(),
            blocked: BTreeSet::new(),
            queue: VecDeque::new(),
            again: Vec::new(),
            past: BTreeMap::new(),
            next_update: FIRST_UPDATE,
            next_message: 1,
            callbacks: BTreeSet::new(),
            poll: 0,
            poll_ended: OTHER_POLL,
            allowed: None,
            calls: Vec::new(),
            complaints: Vec::new(),
            sent: Vec::new(),
            faults: Faults::default(),
            repeated: BTreeSet::new(),
            flood: Flood::default(),
            rich: true,
            no_html: false,
            knows_drafts: true,
            held: BTreeMap::new(),
            files: Vec::new(),
            drafts: Vec::new(),
            menus: BTreeMap::new(),
            webhook: None,
            webhooks_set: 0,
            pushing: BTreeSet::new(),
            routes: Vec::new(),
            local: false,
            down: false,
            disk: None,
            disk_is_elsewhere: false,
            others: None,
        }
    }

    pub(super) fn new_message_id(&mut self) -> i64 {
        self.next_message += 1;
        self.next_message - 1
    }

    /// A new poll begins: its number. The one before ends with a conflict.
    pub(super) fn begin_poll(&mut self) -> u64 {
        self.end_poll(OTHER_POLL);
        self.poll
    }

    pub(super) fn end_poll(&mut self, why: &'static str) {
        self.poll += 1;
        self.poll_ended = why;
    }

    /// Takes `allowed_updates`; absent, what was allowed before is allowed further. Holds for updates that come later.
    pub(super) fn allow(&mut self, kinds: Option<Value>) -> Result<(), Refusal> {
        let Some(kinds) = kinds else { return Ok(()) };
        let kinds: Vec<String> = serde_json::from_value(kinds)
            .map_err(|_| Refusal::bad("Bad Request: can't parse allowed updates: expected an Array of String"))?;
        let unknown = kinds.iter().filter(|kind| !KINDS.contains(&kind.as_str()));
        self.complaints.extend(unknown.map(|kind| format!("there are no updates of kind {kind:?}")));
        // An empty list means the default kinds.
        self.allowed = Some(kinds).filter(|kinds| !kinds.is_empty());
        Ok(())
    }

    fn is_allowed(&self, update: &Value) -> bool {
        let asked_for = |kind: &str| match &self.allowed {
            // What Telegram does not know is a test's own invention.
            Some(kinds) => !KINDS.contains(&kind) || kinds.iter().any(|allowed| allowed == kind),
            None => !NOT_BY_DEFAULT.contains(&kind),
        };
        update.as_object().is_some_and(|update| update.keys().any(|kind| kind != "update_id" && asked_for(kind)))
    }

    /// Queues an update that the bot has asked for, giving it an id when it has none.
    pub(super) fn queue_update(&mut self, mut update: Value) -> i64 {
        if update["update_id"].is_null() {
            update["update_id"] = json!(self.next_update);
        }
        let id = update["update_id"].as_i64().unwrap_or(self.next_update);
        self.next_update = self.next_update.max(id) + 1;
        self.past.insert(id, update.clone());
        if self.is_allowed(&update) {
            self.queue.push_back(update);
        }
        id
    }

    /// A message of `person` without content.
    pub(super) fn blank_message(&mut self, person: &Person, place: &Place) -> Value {
        json!({
            "message_id": self.new_message_id(),
            "date": now().as_secs(),
            "chat": place.as_chat(),
            "from": person.as_user(),
        })
    }

    /// A text message of `person`.
    pub(super) fn message_from(&mut self, person: &Person, place: &Place, text: &str) -> Value {
        self.started.insert(place.id());
        let mut message = self.blank_message(person, place);
        message["text"] = json!(text);
        if text.starts_with('/') {
            let length = text.split_whitespace().next().unwrap_or("/").encode_utf16().count();
            message["entities"] = json!([{"type": "bot_command", "offset": 0, "length": length}]);
        }
        message
    }

    /// Confirms everything below `offset` and gives what is to be delivered now.
    pub(super) fn deliver(&mut self, offset: i64, limit: usize) -> Vec<Value> {
        if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX).min(self.queue.len());
            self.queue.drain(..self.queue.len() - keep);
        } else {
            self.queue.retain(|update| update["update_id"].as_i64() >= Some(offset));
        }
        let mut updates: Vec<Value> = self.again.drain(..).collect();
        updates.extend(self.queue.iter().take(limit).cloned());
        updates
    }

    /// The message that the bot sent, unless it is unknown or deleted.
    pub(super) fn sent_mut(&mut self, chat: i64, message: i64) -> Option<&mut Sent> {
        self.sent.iter_mut().find(|sent| sent.chat_id == chat && sent.message_id == message && !sent.deleted)
    }
}
