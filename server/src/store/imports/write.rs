//! Keeping imported messages, a batch in one transaction.
//!
//! Where each stands, and whether it is there already, is found by [`places`](super::places).

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use souvenir_memory::{ChatId, Encoding, MessageId, MessageKind, Role, Timestamp, TokenCount};
use sqlx::{Sqlite, Transaction};

use super::places::{Place, Places};
use crate::store::{
    Result, Store, StoreError,
    messages::{kind_name, role_name},
};

type Tx = Transaction<'static, Sqlite>;

/// A message to be taken in.
#[derive(Clone, Debug)]
pub struct ImportedMessage {
    /// Its number in the exported chat.
    pub number: i64,
    /// When it was said, in seconds since 1970.
    pub second: i64,
    /// Who speaks.
    pub role: Role,
    /// What kind.
    pub kind: MessageKind,
    /// The speaker's name.
    pub author: Option<String>,
    /// The speaker's Telegram id.
    pub author_id: Option<i64>,
    /// Telegram's id of it, where that is the same for everybody.
    pub telegram_message_id: Option<i64>,
    /// Telegram's id of what it replies to, likewise.
    pub reply_to: Option<i64>,
    /// Whose words it carries.
    pub forwarded_from: Option<String>,
    /// The text.
    pub text: String,
    /// When it was last changed, in seconds since 1970.
    pub edited: Option<i64>,
    /// The tokens of the text.
    pub tokens: TokenCount,
}

/// What came of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// New messages.
    pub added: u64,
    /// Those that were there.
    pub already: u64,
    /// Of those, how many got a newer text.
    pub edited: u64,
    /// Those that were forgotten and stay so.
    pub forgotten: u64,
}

/// A row to be written: id, role, kind, author, its id, Telegram's id, the number, what it replies to, whose words, time, text,
/// tokens, when it was written.
#[derive(Serialize)]
struct Row<'a>(
    i64,
    &'static str,
    &'static str,
    Option<&'a str>,
    Option<i64>,
    Option<i64>,
    i64,
    Option<i64>,
    Option<&'a str>,
    i64,
    &'a str,
    u32,
    i64,
);

impl Store {
    /// The imported messages that people had forgotten, each with its chat.
    pub async fn forgotten_imports(&self) -> Result<HashMap<MessageId, ChatId>> {
        let rows = sqlx::query!(
            r#"SELECT f.chat_id, t.value + 0 AS "id!: i64" FROM forgettings f, json_each(f.messages) t
               WHERE f.forgotten_at IS NOT NULL AND t.value < 0"#
        )
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|row| (MessageId(row.id), ChatId(row.chat_id))).collect())
    }

    /// Takes messages into a chat in one transaction; those that are there already stay, or get their newer text.
    pub async fn import_batch(
        &self,
        chat: ChatId,
        encoding: Encoding,
        batch: &[ImportedMessage],
        forgotten: &HashMap<MessageId, ChatId>,
        now: Timestamp,
    ) -> Result<Taken> {
        let mut tx = self.begin().await?;
        let mut taken = Taken::default();
        let mut places = Places::read(&mut tx, chat, batch, forgotten).await?;
        let mut fresh: BTreeMap<MessageId, &ImportedMessage> = BTreeMap::new();
        for message in batch {
            match places.find(&mut tx, message).await? {
                Place::Free(id) => {
                    fresh.insert(id, message);
                }
                Place::Forgotten => taken.forgotten += 1,
                Place::Known(id) => {
                    taken.already += 1;
                    if !fresh.contains_key(&id) && revise(&mut tx, chat, id, encoding, message).await? {
                        taken.edited += 1;
                    }
                }
            }
        }
        taken.added = fresh.len() as u64;
        if !fresh.is_empty() {
            insert(&mut tx, chat, encoding, &fresh).await?;
            reopen(&mut tx, chat, &fresh, now).await?;
        }
        Self::commit(tx).await?;
        Ok(taken)
    }
}

/// Writes new messages, in order, behind the last place of their chat.
async fn insert(
    tx: &mut Tx,
    chat: ChatId,
    encoding: Encoding,
    fresh: &BTreeMap<MessageId, &ImportedMessage>,
) -> Result<()> {
    let rows: Vec<Row<'_>> = fresh.iter().map(|(id, message)| row(*id, message)).collect();
    let rows = json(&rows)?;
    let first = fresh.keys().next().map_or(0, |id| id.0);
    sqlx::query!(
        r#"UPDATE chats SET is_unordered = max(is_unordered, ?2 < ifnull((SELECT max(id) FROM messages WHERE chat_id = ?1), ?2))
           WHERE id = ?1"#,
        chat.0,
        first
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        r#"INSERT INTO messages (id, chat_id, ordinal, role, kind, source, author, author_id, telegram_message_id,
                                 imported_id, reply_to, forwarded_from, revision_id, said_at, overheard)
           SELECT value ->> 0, ?2, (SELECT last_ordinal FROM chats WHERE id = ?2) + key + 1, value ->> 1, value ->> 2, 'import',
                  value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 0, value ->> 9,
                  value ->> 1 = 'user'
           FROM json_each(?1)"#,
        rows,
        chat.0
    )
    .execute(&mut **tx)
    .await?;
    let cl100k = encoding == Encoding::Cl100kBase;
    // A message's first text has the message's own number: nobody else's is below zero.
    sqlx::query!(
        r#"INSERT INTO revisions (id, message_id, text, o200k_base, cl100k_base, created_at)
           SELECT value ->> 0, value ->> 0, value ->> 10, iif(?2, NULL, value ->> 11), iif(?2, value ->> 11, NULL), value ->> 12
           FROM json_each(?1)"#,
        rows,
        cl100k
    )
    .execute(&mut **tx)
    .await?;
    let spoken = || fresh.values().filter(|message| is_conversation(message));
    let (added, messages) = (count(fresh.len()), count(spoken().count()));
    let tokens: i64 = spoken().map(|message| i64::from(message.tokens.0)).sum();
    sqlx::query!(
        r#"UPDATE chats SET last_ordinal = last_ordinal + ?2, live_messages = live_messages + ?3,
                  live_tokens = live_tokens + ?4, has_unfollowed = 1 WHERE id = ?1"#,
        chat.0,
        added,
        messages,
        tokens
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What has come into the middle of episodes that were summed up makes those due again, from their beginning, and held like
/// all that was imported. What an owner took back stays so.
async fn reopen(
    tx: &mut Tx,
    chat: ChatId,
    fresh: &BTreeMap<MessageId, &ImportedMessage>,
    now: Timestamp,
) -> Result<()> {
    let spoken: Vec<i64> = fresh.iter().filter(|(_, message)| is_conversation(message)).map(|(id, _)| id.0).collect();
    let (Some(first), Some(last)) = (spoken.first(), spoken.last()) else { return Ok(()) };
    let all = json(&spoken)?;
    sqlx::query!(
        r#"UPDATE episodes SET consolidated_through = NULL, held_at = ?5
           WHERE chat_id = ?1 AND first_message_id < ?3 AND consolidated_through > ?2 AND reverted_at IS NULL
             AND EXISTS (SELECT 1 FROM json_each(?4) WHERE value > first_message_id AND value < consolidated_through)"#,
        chat.0,
        first,
        last,
        all,
        now.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn row(id: MessageId, message: &ImportedMessage) -> Row<'_> {
    Row(
        id.0,
        role_name(message.role),
        kind_name(message.kind),
        message.author.as_deref(),
        message.author_id,
        message.telegram_message_id,
        message.number,
        message.reply_to,
        message.forwarded_from.as_deref(),
        message.second * 1000,
        &message.text,
        message.tokens.0,
        message.edited.unwrap_or(message.second) * 1000,
    )
}

/// Gives a message the text of a newer edit; false when the one it has is as new.
async fn revise(
    tx: &mut Tx,
    chat: ChatId,
    id: MessageId,
    encoding: Encoding,
    message: &ImportedMessage,
) -> Result<bool> {
    let Some(edited) = message.edited.map(|second| second * 1000) else { return Ok(false) };
    let current = sqlx::query!(
        r#"SELECT r.text, r.created_at, m.archived_at, ifnull(r.o200k_base, r.cl100k_base) AS "tokens: i64"
           FROM messages m JOIN revisions r ON r.id = m.revision_id WHERE m.id = ?"#,
        id.0
    )
    .fetch_one(&mut **tx)
    .await?;
    if current.created_at >= edited || current.text == message.text {
        return Ok(false);
    }
    let (o200k, cl100k) = match encoding {
        Encoding::O200kBase => (Some(message.tokens.0), None),
        Encoding::Cl100kBase => (None, Some(message.tokens.0)),
    };
    let revision = sqlx::query_scalar!(
        r#"INSERT INTO revisions (message_id, text, o200k_base, cl100k_base, created_at) VALUES (?, ?, ?, ?, ?)
           RETURNING id AS "id!""#,
        id.0,
        message.text,
        o200k,
        cl100k,
        edited
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!("UPDATE messages SET revision_id = ? WHERE id = ?", revision, id.0).execute(&mut **tx).await?;
    let change = if is_conversation(message) { i64::from(message.tokens.0) - current.tokens.unwrap_or(0) } else { 0 };
    let archived = current.archived_at.is_some();
    // Its words are indexed anew with those of the whole chat: this is rare.
    sqlx::query!(
        r#"UPDATE chats SET is_unordered = 1, live_tokens = max(0, live_tokens + iif(?2, 0, ?3)),
                            archived_tokens = max(0, archived_tokens + iif(?2, ?3, 0)) WHERE id = ?1"#,
        chat.0,
        archived,
        change
    )
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

fn is_conversation(message: &ImportedMessage) -> bool {
    matches!(message.kind, MessageKind::Text | MessageKind::Media)
}

fn count(many: usize) -> i64 {
    i64::try_from(many).unwrap_or(i64::MAX)
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
