//! Which chat an exported one goes to, and what of it is the bot's own time there.
//!
//! A chat that Telegram's bots know by a number goes into the chat of that number, which is made if it is not there: whoever
//! writes from it later is recognised. The chat of a person with this bot is exported under the bot's number; it is the
//! person's chat here.

use std::collections::HashSet;

use souvenir_memory::{
    ChatId,
    import::{ChatSort, ExportedChat, Record},
};

use super::ImportOptions;
use crate::{
    engine::{Engine, error::Result},
    store::{ChatKind, NewTarget},
};

/// Stands for the name of an account that was deleted.
const NAMELESS: &str = "Deleted account";

/// Where a chat's records go.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) chat: ChatId,
    pub(super) made: bool,
    own: Option<Own>,
}

/// The time since the bot itself is in a chat: what it received then, by speaker and second.
#[derive(Debug)]
struct Own {
    since: i64,
    said: HashSet<(i64, i64)>,
}

/// What a record is in its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It stands before everything the bot received.
    Before,
    /// The bot received it, or said it.
    Received,
    /// It is of the bot's own time, and the bot did not receive it.
    Missed,
}

impl Target {
    /// Where a record stands. What bots said in that time is taken for known: it is worded differently in an export.
    pub(super) fn standing(&self, record: &Record, by_bot: bool) -> Standing {
        match &self.own {
            Some(own) if record.second >= own.since => {
                let received = record.author_id.is_some_and(|author| own.said.contains(&(author, record.second)));
                if by_bot || received { Standing::Received } else { Standing::Missed }
            }
            _ => Standing::Before,
        }
    }
}

impl Engine {
    /// The chat that an exported one goes to; the reason when there is none.
    pub(super) async fn target(
        &self,
        head: &ExportedChat,
        person: Option<(i64, Option<String>)>,
        options: &ImportOptions,
        bots: &HashSet<i64>,
    ) -> Result<std::result::Result<Target, String>> {
        let (chat, made) = match options.chat {
            Some(chat) => (self.record(chat).await?.id, false),
            None => match new_target(head, person.as_ref(), bots) {
                Some((telegram, title)) => {
                    let kind = if head.is_group() { ChatKind::Group } else { ChatKind::Private };
                    let title = title.unwrap_or(NAMELESS);
                    self.store().import_target(NewTarget { kind, title, telegram }, self.now()).await?
                }
                None => return Ok(Err("it has no “id”: name the chat it is to go to".to_owned())),
            },
        };
        let own = match self.store().own_since(chat).await? {
            Some(since) => {
                let said = self.store().own_said(chat).await?.into_iter().collect();
                Some(Own { since: since.0.div_euclid(1000), said })
            }
            None => None,
        };
        Ok(Ok(Target { chat, made, own }))
    }

    /// The bots that speak for Souvenir: the one that is connected, and those that ever were.
    pub(super) async fn own_bots(&self) -> Result<HashSet<i64>> {
        let known = self.store().known_bots().await?;
        Ok(known.into_iter().chain(self.inner.imports.bot.get().copied()).collect())
    }

    /// Tells the engine which bot Telegram knows it by.
    pub fn set_bot(&self, id: i64) {
        // It is the same bot for as long as the process runs.
        let _ = self.inner.imports.bot.set(id);
    }
}

/// The number by which Telegram knows the chat, and its title.
fn new_target<'a>(
    head: &'a ExportedChat,
    person: Option<&'a (i64, Option<String>)>,
    bots: &HashSet<i64>,
) -> Option<(i64, Option<&'a str>)> {
    let is_ours = head.sort == ChatSort::Bot && (bots.is_empty() || head.id.is_some_and(|id| bots.contains(&id)));
    match person.filter(|_| is_ours) {
        Some((id, name)) => Some((*id, name.as_deref())),
        None => Some((head.bot_api_id()?, head.name.as_deref())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn head(sort: &str, id: i64) -> ExportedChat {
        ExportedChat::new(&json!("Name"), &json!(sort), &json!(id))
    }

    #[test]
    fn a_chat_with_this_bot_is_the_persons() {
        let ada = (42, Some("Ada".to_owned()));
        let ours = HashSet::from([7]);
        assert_eq!(new_target(&head("bot_chat", 7), Some(&ada), &ours), Some((42, Some("Ada"))));
        assert_eq!(new_target(&head("bot_chat", 7), Some(&ada), &HashSet::new()), Some((42, Some("Ada"))));
        assert_eq!(new_target(&head("bot_chat", 8), Some(&ada), &ours), Some((8, Some("Name"))));
        assert_eq!(new_target(&head("personal_chat", 9), Some(&ada), &ours), Some((9, Some("Name"))));
        assert_eq!(new_target(&head("private_supergroup", 5), None, &ours), Some((-1_000_000_000_005, Some("Name"))));
    }

    #[test]
    fn since_the_bot_is_there_only_what_it_received_is_known() {
        let own = Own { since: 100, said: HashSet::from([(42, 120)]) };
        let target = Target { chat: ChatId(1), made: false, own: Some(own) };
        let said = |second: i64, author: i64| {
            let value =
                json!({"id": 1, "date_unixtime": second.to_string(), "from_id": format!("user{author}"), "text": "x"});
            souvenir_memory::import::record(&value, &|_| None).unwrap()
        };
        assert_eq!(target.standing(&said(99, 42), false), Standing::Before);
        assert_eq!(target.standing(&said(120, 42), false), Standing::Received);
        assert_eq!(target.standing(&said(121, 42), false), Standing::Missed);
        assert_eq!(target.standing(&said(121, 7), true), Standing::Received);
    }
}
