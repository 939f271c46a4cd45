//! What the Bot API server can do: everything, until it is found not to know something.
//!
//! What it lacks is kept for a day, also over a restart, and then tried again: servers are updated.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use souvenir_memory::Timestamp;

use super::answer::names_no_method;
pub(super) use crate::engine::BotApiFeature as Ability;
use crate::engine::Engine;

/// What a server lacks is asked for again after this time.
const AGAIN_AFTER_MS: i64 = 24 * 60 * 60 * 1_000;
/// Refusals in a row, in other words than that the method is unknown, that mean the same.
const PATIENCE: u32 = 3;

/// The abilities of one Bot API server.
pub(super) struct Abilities {
    engine: Engine,
    /// Its address.
    server: String,
    lacking: Mutex<HashMap<Ability, Timestamp>>,
    /// Refusals in a row that may be the message's fault or the server's.
    refusals: Mutex<HashMap<Ability, u32>>,
}

impl Abilities {
    /// As they are remembered.
    pub(super) async fn load(engine: Engine, server: String) -> Self {
        let mut lacking = HashMap::new();
        for ability in Ability::ALL {
            match engine.bot_api_lacks(&server, ability).await {
                Ok(since) => lacking.extend(since.map(|since| (ability, since))),
                Err(error) => tracing::error!(%error, "failed to read what the Bot API server can do"),
            }
        }
        Self { engine, server, lacking: Mutex::new(lacking), refusals: Mutex::default() }
    }

    /// Whether it is worth asking for.
    pub(super) fn has(&self, ability: Ability) -> bool {
        let lacking = self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
        let since = lacking.get(&ability);
        since.is_none_or(|since| !(0..AGAIN_AFTER_MS).contains(&self.engine.now().millis_since(*since)))
    }

    /// The server took it.
    pub(super) fn took(&self, ability: Ability) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).remove(&ability);
    }

    /// The server refused it, in these words. Whether it is known to lack it by that; else it may dislike the one message.
    pub(super) async fn refused(&self, ability: Ability, code: u16, description: &str) -> bool {
        let lacks = is_unknown_method(code, description) || self.refusals_of(ability, code) >= PATIENCE;
        if lacks && self.has(ability) {
            tracing::info!(ability = ability.as_str(), "the Bot API server does not know this; trying again in a day");
            let now = self.engine.now();
            self.lacking.lock().unwrap_or_else(PoisonError::into_inner).insert(ability, now);
            self.took(ability);
            if let Err(error) = self.engine.note_bot_api_lacks(&self.server, ability).await {
                tracing::error!(%error, "failed to keep what the Bot API server does not know");
            }
        }
        lacks
    }

    /// How often in a row it was refused, this time counted. Rich messages depend on what is in them: only what is the
    /// same for every message, or a failure of the server's own, tells of the server.
    fn refusals_of(&self, ability: Ability, code: u16) -> u32 {
        if ability == Ability::RichMessages && code < 500 {
            return 0;
        }
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let refusals = refusals.entry(ability).or_default();
        *refusals += 1;
        *refusals
    }
}

fn is_unknown_method(code: u16, description: &str) -> bool {
    matches!(code, 404 | 405 | 501) || names_no_method(description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_told_from_a_message_it_dislikes() {
        assert!(is_unknown_method(404, "Not Found"));
        assert!(is_unknown_method(400, "Bad Request: unknown method SendRichMessage"));
        assert!(!is_unknown_method(400, "Bad Request: can't parse rich message: too many columns"));
    }
}
