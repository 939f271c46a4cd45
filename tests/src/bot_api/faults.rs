//! Trouble: what can go wrong with a call, scripted by a test or drawn by chance from a seed.
//!
//! By chance, what a call meets is a function of the seed, the method, the chat and how many such calls there were in
//! that chat. So a seed brings the same trouble to a chat however the others' calls fall between.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde_json::Value;

use super::params::integer;
use super::state::State;

/// Trouble for one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 with `parameters.retry_after`, in seconds.
    TooManyRequests(u64),
    /// A server error without JSON, as proxies send it; nothing was done.
    ServerError(u16),
    /// The same after the call was carried out.
    ServerErrorAfter(u16),
    /// A refusal with this status and description.
    Refuse(u16, &'static str),
    /// The connection is cut and nothing is done.
    Cut,
    /// The call is carried out, then the connection is cut: its outcome is unknown to the bot.
    CutAfter,
    /// Nothing is done and no answer ever comes.
    Hang,
    /// The call is carried out, and no answer ever comes.
    HangAfter,
    /// The call is carried out after this time.
    Delay(Duration),
}

impl Fault {
    /// Whether the bot cannot know if the call was carried out.
    #[must_use]
    pub fn is_unknowable(&self) -> bool {
        match self {
            Self::ServerError(_) | Self::ServerErrorAfter(_) => true,
            Self::Cut | Self::CutAfter | Self::Hang | Self::HangAfter => true,
            Self::TooManyRequests(_) | Self::Refuse(..) | Self::Delay(_) => false,
        }
    }
}

/// Trouble that a test has ordered.
#[derive(Clone, Debug)]
pub(super) struct Ordered {
    /// The method, `*` for any.
    pub(super) method: String,
    /// The chat, when it is for one only.
    pub(super) chat: Option<i64>,
    pub(super) fault: Fault,
    /// For so many calls.
    pub(super) times: usize,
}

/// Trouble by chance. Parts are of one: 0.05 is one call in twenty.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// What chance is drawn from.
    pub seed: u64,
    /// The part of calls that meet a fault.
    pub faults: f64,
    /// The part of updates that are delivered twice.
    pub repeats: f64,
    /// The part of polls whose updates come in another order.
    pub reorders: f64,
}

impl Trouble {
    fn chance(&self, what: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, what).hash(&mut hasher);
        hasher.finish()
    }

    /// Whether something of this part happens to `what`.
    pub(super) fn strikes(&self, part: f64, what: impl Hash) -> bool {
        happens(part, self.chance(what))
    }

    /// An order for `what`: sort by it.
    pub(super) fn order(&self, what: impl Hash) -> u64 {
        self.chance(what)
    }

    fn fault(&self, method: &str, chat: i64, count: u64) -> Option<Fault> {
        self.strikes(self.faults, (method, chat, count, "fault")).then(|| {
            let kind = self.chance((method, chat, count, "kind"));
            let polls = method == "getUpdates";
            match kind % 8 {
                0 => Fault::TooManyRequests(1 + kind / 8 % 2),
                1 => Fault::Refuse(500, "Internal Server Error"),
                2 => Fault::ServerError(502),
                3 => Fault::ServerErrorAfter(504),
                4 => Fault::Cut,
                5 => Fault::CutAfter,
                // A poll that hangs holds up everybody for most of a minute: that is for tests of it alone.
                6 if !polls => [Fault::Hang, Fault::HangAfter][usize::from(kind & 8 == 0)].clone(),
                _ => Fault::Delay(Duration::from_millis(50 + kind / 8 % 1_000)),
            }
        })
    }
}

/// Whether what happens in this part of cases happens in the case of `drawn`.
#[expect(clippy::cast_precision_loss, reason = "chance need not be exact")]
pub(crate) fn happens(part: f64, drawn: u64) -> bool {
    (drawn as f64) < part * (u64::MAX as f64)
}

/// All the trouble there is to come.
#[derive(Debug, Default)]
pub(super) struct Faults {
    ordered: Vec<Ordered>,
    pub(super) trouble: Option<Trouble>,
    /// Calls so far, by method and chat.
    counts: HashMap<(String, i64), u64>,
}

impl Faults {
    pub(super) fn order(&mut self, fault: Ordered) {
        self.ordered.push(fault);
    }

    /// The fault that a call meets: one that was ordered, else one by chance.
    pub(super) fn next(&mut self, method: &str, params: &Value) -> Option<Fault> {
        let chat = integer(params, "chat_id");
        let count = self.counts.entry((method.to_owned(), chat.unwrap_or_default())).or_default();
        *count += 1;
        let count = *count;
        self.take_ordered(method, chat).or_else(|| {
            let trouble = self.trouble.as_ref()?;
            trouble.fault(method, chat.unwrap_or_default(), count)
        })
    }

    fn take_ordered(&mut self, method: &str, chat: Option<i64>) -> Option<Fault> {
        let fits = |ordered: &Ordered| {
            let named = ordered.method == "*" || ordered.method.eq_ignore_ascii_case(method);
            named && (ordered.chat.is_none() || ordered.chat == chat)
        };
        let index = self.ordered.iter().position(fits)?;
        self.ordered[index].times -= 1;
        let fault = self.ordered[index].fault.clone();
        if self.ordered[index].times == 0 {
            self.ordered.remove(index);
        }
        Some(fault)
    }
}

impl State {
    /// What happens by chance to an update that a webhook has taken: it is delivered once more.
    pub(super) fn trouble_delivered(&mut self, update: &Value) {
        let Some(trouble) = &self.faults.trouble else { return };
        let id = update["update_id"].as_i64().unwrap_or_default();
        if trouble.strikes(trouble.repeats, (id, "repeat")) {
            self.again.push(update.clone());
        }
    }

    /// What happens by chance to updates about to be given to a poll: repetitions of earlier ones, another order.
    pub(super) fn trouble_updates(&mut self, updates: &mut Vec<Value>) {
        let Some(trouble) = self.faults.trouble.clone() else { return };
        let newest = updates.iter().filter_map(|update| update["update_id"].as_i64()).max();
        let Some(newest) = newest else { return };
        let struck = updates.iter().filter(|update| {
            let id = update["update_id"].as_i64().unwrap_or_default();
            trouble.strikes(trouble.repeats, (id, "repeat")) && self.repeated.insert(id)
        });
        let struck: Vec<Value> = struck.cloned().collect();
        // It comes again now and once more with a later poll.
        updates.extend(struck.iter().cloned());
        self.again.extend(struck);
        if trouble.strikes(trouble.reorders, (newest, "reorder")) {
            updates.sort_by_key(|update| trouble.order((newest, update["update_id"].as_i64())));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawn(seed: u64) -> Vec<Option<Fault>> {
        let trouble = Trouble { seed, faults: 0.05, repeats: 0.0, reorders: 0.0 };
        let mut faults = Faults { trouble: Some(trouble), ..Faults::default() };
        (0..4_000).map(|call| faults.next("sendMessage", &json!({"chat_id": call % 7}))).collect()
    }

    #[test]
    fn chance_keeps_to_its_rate_and_its_seed() {
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
        let struck = drawn(1).iter().flatten().count();
        assert!((150..250).contains(&struck), "{struck} of 4,000");
    }

    #[test]
    fn what_a_test_orders_comes_first_and_as_often_as_it_says() {
        let mut faults = Faults::default();
        faults.order(Ordered { method: "*".to_owned(), chat: Some(7), fault: Fault::Cut, times: 2 });
        let mut next = |chat: i64| faults.next("sendMessage", &json!({"chat_id": chat}));
        assert_eq!([next(8), next(7), next(7), next(7)], [None, Some(Fault::Cut), Some(Fault::Cut), None]);
    }
}
