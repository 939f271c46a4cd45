//! How a test brings trouble: faults, flood limits, a server that goes away, people who block the bot.

use std::path::Path;

use serde_json::json;

use super::faults::Ordered;
use super::people::Place;
use super::records::Route;
use super::{BotApi, Fault, Group, Limits, Others, Person, Trouble};
use crate::wire::now;

impl BotApi {
    /// The next call of `method` (`*` for any) meets this trouble; several are met in the order given.
    pub fn fail(&self, method: &str, fault: Fault) {
        self.fail_times(1, method, fault);
    }

    /// The next calls of `method`, so many, meet this trouble.
    pub fn fail_times(&self, times: usize, method: &str, fault: Fault) {
        self.order(times, None, method, fault);
    }

    /// The next call of `method` to this person's chat meets this trouble.
    pub fn fail_for(&self, person: &Person, method: &str, fault: Fault) {
        self.order(1, Some(person.id), method, fault);
    }

    fn order(&self, times: usize, chat: Option<i64>, method: &str, fault: Fault) {
        if times > 0 {
            let ordered = Ordered { method: method.to_owned(), chat, fault, times };
            self.change(|state| state.faults.order(ordered));
        }
    }

    /// Trouble comes by chance from now on, or no more.
    pub fn trouble(&self, trouble: Option<Trouble>) {
        self.change(|state| state.faults.trouble = trouble);
    }

    /// Sets flood limits, or lifts them.
    pub fn limit_floods(&self, limits: Option<Limits>) {
        self.change(|state| state.flood.limits = limits);
    }

    /// How often the bot wrote to a chat before the time it was asked to wait was over.
    #[must_use]
    pub fn impatient_calls(&self) -> usize {
        self.state.borrow().flood.impatient
    }

    /// The person blocks the bot, or lets it write again. The bot is told.
    pub fn block(&self, person: &Person, blocked: bool) {
        let status = |blocked: bool| if blocked { "kicked" } else { "member" };
        let member = |blocked: bool| {
            let mut member = json!({"status": status(blocked), "user": super::methods::me()});
            if blocked {
                member["until_date"] = json!(0);
            }
            member
        };
        self.change(|state| {
            if blocked {
                state.blocked.insert(person.id)
            } else {
                state.blocked.remove(&person.id)
            };
            state.queue_update(json!({"my_chat_member": {
                "chat": person.as_chat(), "from": person.as_user(), "date": now().as_secs(),
                "old_chat_member": member(!blocked), "new_chat_member": member(blocked),
            }}));
        });
    }

    /// The group becomes a supergroup: it has a new id, and nothing reaches the old one.
    pub fn upgrade(&self, group: &Group, by: &Person) -> Group {
        let upgraded = Group { id: -1_000_000_000_000 + group.id, title: group.title.clone() };
        self.change(|state| {
            state.groups.remove(&group.id);
            state.groups.insert(upgraded.id, upgraded.clone());
            state.migrated.insert(group.id, upgraded.id);
            for (place, field, other) in
                [(group, "migrate_to_chat_id", upgraded.id), (&upgraded, "migrate_from_chat_id", group.id)]
            {
                let mut message = state.blank_message(by, &Place::Group(place.clone()));
                message[field] = json!(other);
                state.queue_update(json!({"message": message}));
            }
        });
        upgraded
    }

    /// The owner revokes the token, or a new one is the same as before.
    pub fn revoke_token(&self, revoked: bool) {
        self.change(|state| {
            state.revoked = revoked;
            // Whoever polls finds out.
            state.end_poll("Unauthorized");
        });
    }

    /// From now on this server is older than rich messages.
    pub fn forget_rich_messages(&self) {
        self.change(|state| state.rich = false);
    }

    /// Refuses every HTML from now on, as if there were a mistake in it.
    pub fn refuse_html(&self) {
        self.change(|state| state.no_html = true);
    }

    /// Forgets the webhook, as when the owner or another program deleted it.
    pub fn lose_webhook(&self) {
        self.change(|state| state.webhook = None);
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

    /// From now on it keeps files in this folder, as with `--local`: it says where each lies, and serves none.
    pub fn keep_files_in(&self, folder: &Path) {
        self.change(|state| state.disk = Some(folder.to_owned()));
    }

    /// From now on nothing of what lies in that folder can be read: it is on another machine's disk.
    pub fn lose_files(&self) {
        self.change(|state| state.disk_is_elsewhere = true);
    }

    /// From now on this is a server that others wrote.
    pub fn be_of_others(&self, others: Others) {
        self.change(|state| state.others = Some(others));
    }

    /// Refuses connections and cuts those there are.
    pub fn go_down(&self) {
        self.wire.go_down();
        self.change(|state| {
            state.down = true;
            // Whoever polls is woken, and finds the line cut.
            state.poll += 1;
        });
    }

    /// Is there again, at the same port.
    pub async fn go_up(&self) {
        self.wire.go_up().await;
        self.change(|state| state.down = false);
    }
}
