//! Who may talk: the owner, whom the settings allow, and nobody else.
//!
//! Until there is an owner, only the pairing code is answered. A stranger is refused once and then met with silence;
//! nothing of theirs is stored.

use std::sync::OnceLock;

use subtle::ConstantTimeEq;

use crate::{
    config::{Allowed, TelegramConfig},
    engine::{Engine, EngineError},
};

/// Who may talk to the bot.
pub(super) struct Access {
    allowed: Allowed,
    /// Once there is an owner, there is always one.
    owner: OnceLock<i64>,
}

/// What somebody is to the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The owner.
    Owner,
    /// Somebody the settings allow.
    Guest,
    /// Anybody else.
    Stranger,
    /// There is no owner yet, so nobody is anything.
    Unowned,
}

impl Access {
    /// As the settings have it.
    pub(super) fn new(config: &TelegramConfig) -> Self {
        let owner = config.owner_id.map(OnceLock::from).unwrap_or_default();
        Self { allowed: config.allowed.clone(), owner }
    }

    /// What the user of this id is in a chat; a group may be allowed as a whole.
    pub(super) async fn standing(&self, engine: &Engine, user: i64, chat: i64) -> Result<Standing, EngineError> {
        if self.owner.get().is_none()
            && let Some(owner) = engine.telegram_owner().await?
        {
            self.owner.get_or_init(|| owner);
        }
        Ok(match self.owner.get() {
            None => Standing::Unowned,
            Some(owner) if *owner == user => Standing::Owner,
            Some(_) if self.allows(user) || self.allows(chat) => Standing::Guest,
            Some(_) => Standing::Stranger,
        })
    }

    /// The owner, once there is one.
    pub(super) async fn owner(&self, engine: &Engine) -> Result<Option<i64>, EngineError> {
        Ok(match self.owner.get() {
            Some(owner) => Some(*owner),
            None => engine.telegram_owner().await?,
        })
    }

    /// Makes the user the owner, if `code` is the pairing code and there is no owner yet.
    pub(super) async fn pair(&self, engine: &Engine, user: i64, code: &str) -> Result<bool, EngineError> {
        if self.owner.get().is_some() || !same(code.trim(), engine.pairing_code()) {
            return Ok(false);
        }
        engine.pair_telegram_owner(user).await?;
        Ok(*self.owner.get_or_init(|| user) == user)
    }

    fn allows(&self, user: i64) -> bool {
        match &self.allowed {
            Allowed::OwnerOnly => false,
            Allowed::Ids(ids) => ids.contains(&user),
            Allowed::Everyone => true,
        }
    }
}

/// Compares in a time that tells nothing about how much was right.
fn same(said: &str, code: &str) -> bool {
    !code.is_empty() && bool::from(said.as_bytes().ct_eq(code.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_code_is_the_code() {
        assert!(same("K7QF-2XMA", "K7QF-2XMA"));
        for wrong in ["", "K7QF", "K7QF-2XMB", "k7qf-2xma"] {
            assert!(!same(wrong, "K7QF-2XMA"), "{wrong}");
        }
        assert!(!same("", ""));
    }
}
