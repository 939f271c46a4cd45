//! What the commands that work on chats share: how a chat is named, and what their database must be.

use std::{path::Path, str::FromStr};

use anyhow::bail;

use crate::store;

/// What is told when a chat is named that there is not.
pub(crate) const NO_SUCH_CHAT: &str = "there is no such chat: the dashboard lists them with their numbers";

/// A chat as it is named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatName {
    /// Souvenir's own number.
    Number(i64),
    /// Telegram's, with that of the topic where there is one.
    Telegram(i64, Option<i64>),
}

impl FromStr for ChatName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let told = || format!("“{text}” names no chat: use its number, telegram:ID, or telegram:ID/THREAD");
        let number = |text: &str| text.parse::<i64>().map_err(|_| told());
        let Some(telegram) = text.strip_prefix("telegram:") else { return number(text).map(Self::Number) };
        match telegram.split_once('/') {
            Some((chat, thread)) => Ok(Self::Telegram(number(chat)?, Some(number(thread)?))),
            None => Ok(Self::Telegram(number(telegram)?, None)),
        }
    }
}

/// Refuses where there is no database yet.
pub(crate) fn must_exist(database: &Path) -> anyhow::Result<()> {
    if !database.exists() {
        bail!(
            "there is no database at {}: set SOUVENIR_DATABASE, or run this where souvenir.toml is",
            database.display()
        );
    }
    Ok(())
}

/// Refuses a database that is not ours, is newer than this program, or has to be brought up to date first.
pub(crate) async fn must_be_current(database: &Path) -> anyhow::Result<()> {
    store::inspect_file(database).await?;
    if database.exists() && store::migrations_are_due(database).await {
        bail!("{} is of an older version: start `souvenir serve` once, which brings it up to date", database.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chats_are_named_by_either_number() {
        assert_eq!("7".parse(), Ok(ChatName::Number(7)));
        assert_eq!("telegram:-1001".parse(), Ok(ChatName::Telegram(-1001, None)));
        assert_eq!("telegram:-1001/4".parse(), Ok(ChatName::Telegram(-1001, Some(4))));
        assert!("ann".parse::<ChatName>().unwrap_err().contains("telegram:ID"));
    }
}
