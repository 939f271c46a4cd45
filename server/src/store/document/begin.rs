//! The head of a document that is to be read back: which chat it is of, and whether it may be read at all.

use std::collections::HashMap;

use serde_json::Value;
use souvenir_memory::{ChatId, Timestamp};
use sqlx::{Sqlite, Transaction};

use super::{
    OLDEST, Thing, VERSION,
    restore::{Restoring, moment},
};
use crate::store::{Result, Store};

type Tx = Transaction<'static, Sqlite>;

/// What a document's head comes to.
#[derive(Debug)]
pub enum Restored {
    /// A chat is there to be filled.
    Begun(Box<Restoring>),
    /// It was read before, or was written here.
    Known(ChatId),
    /// It cannot be read, and why.
    Refused(String),
}

impl Store {
    /// Begins to read a document by its first line: into an empty chat, or one that is made.
    pub async fn restore(
        &self,
        head: &Value,
        into: Option<ChatId>,
        instance: &str,
        now: Timestamp,
    ) -> Result<Restored> {
        if !head["version"].as_i64().is_some_and(|version| (OLDEST..=VERSION).contains(&version)) {
            let why = format!(
                "it is no export of version {OLDEST} to {VERSION}: export it anew with a Souvenir as new as this one"
            );
            return Ok(Restored::Refused(why));
        }
        let about = &head["chat"];
        let Some(origin) = about["origin"].as_str() else {
            return Ok(Restored::Refused("it does not say which chat it is".to_owned()));
        };
        let mut tx = self.begin().await?;
        if let Some(known) = known(&mut tx, origin, instance).await?
            && into.is_none_or(|into| into == known)
        {
            return Ok(Restored::Known(known));
        }
        let chat = match into {
            Some(chat) => chat,
            None => match chat_of(&mut tx, about, now).await? {
                Some(chat) => chat,
                None => return Ok(Restored::Refused("its head is not whole".to_owned())),
            },
        };
        let is_empty = sqlx::query_scalar!("SELECT last_ordinal = 0 FROM chats WHERE id = ?", chat.0)
            .fetch_optional(&mut *tx)
            .await?;
        if is_empty != Some(1) {
            let why =
                format!("chat {chat} has messages already: an export of Souvenir’s own goes into an empty chat only");
            return Ok(Restored::Refused(why));
        }
        fill_head(&mut tx, chat, about, origin).await?;
        let mut shifts = HashMap::new();
        for thing in Thing::ALL {
            let table = thing.table();
            let last =
                sqlx::query_scalar!(r#"SELECT max(seq) AS "last: i64" FROM sqlite_sequence WHERE name = ?"#, table)
                    .fetch_one(&mut *tx)
                    .await?;
            shifts.insert(thing, last.unwrap_or(0).max(0));
        }
        let trim_mark = about["trim_mark"].as_i64();
        let restoring = Restoring {
            tx,
            chat,
            messages: vec![0],
            revisions: vec![0],
            later: HashMap::new(),
            trim_mark,
            shifts,
            facts: 0,
        };
        Ok(Restored::Begun(Box::new(restoring)))
    }
}

/// The chat that a document was read into, or was written from.
async fn known(tx: &mut Tx, origin: &str, instance: &str) -> Result<Option<ChatId>> {
    let own = origin.strip_prefix(&format!("souvenir:{instance}:")).and_then(|id| id.parse::<i64>().ok());
    let id = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM chats WHERE origin = ?1 OR (id = ?2 AND origin IS NULL)"#,
        origin,
        own
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(ChatId))
}

/// The chat of the same Telegram chat, or a new one.
async fn chat_of(tx: &mut Tx, about: &Value, now: Timestamp) -> Result<Option<ChatId>> {
    let (Some(kind), Some(title)) = (about["kind"].as_str(), about["title"].as_str()) else { return Ok(None) };
    let (telegram, thread) = (about["telegram_chat_id"].as_i64(), about["telegram_thread_id"].as_i64());
    let there = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM chats
           WHERE telegram_chat_id = ? AND ifnull(telegram_thread_id, 0) = ifnull(?, 0)"#,
        telegram,
        thread
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = there {
        return Ok(Some(ChatId(id)));
    }
    let is_whole = matches!(kind, "private" | "group" | "console") && (kind == "console") == telegram.is_none();
    if !is_whole {
        return Ok(None);
    }
    let created = moment(&about["created_at"]).unwrap_or(now.0);
    let id = sqlx::query_scalar!(
        r#"INSERT INTO chats (kind, title, telegram_chat_id, telegram_thread_id, created_at) VALUES (?, ?, ?, ?, ?)
           RETURNING id AS "id!""#,
        kind,
        title,
        telegram,
        thread,
        created
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Some(ChatId(id)))
}

async fn fill_head(tx: &mut Tx, chat: ChatId, about: &Value, origin: &str) -> Result<()> {
    let number = |name: &str| about[name].as_i64().unwrap_or(0).max(0);
    let (live, live_tokens) = (number("live_messages"), number("live_tokens"));
    let (archived, archived_tokens) = (number("archived_messages"), number("archived_tokens"));
    let (language, unfollowed) = (about["language"].as_str(), number("has_unfollowed").min(1));
    sqlx::query!(
        r#"UPDATE chats SET origin = ?, language = ifnull(language, ?), live_messages = ?, live_tokens = ?,
                  archived_messages = ?, archived_tokens = ?, has_unfollowed = ? WHERE id = ?"#,
        origin,
        language,
        live,
        live_tokens,
        archived,
        archived_tokens,
        unfollowed,
        chat.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
