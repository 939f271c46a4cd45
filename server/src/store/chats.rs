//! Chats: found or made at their first message, and their running totals.

use souvenir_memory::{ChatId, MessageId, Timestamp, TokenCount};
use sqlx::{Sqlite, Transaction};

use super::{Result, Store, count, name};

/// What kind of chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// One person in Telegram.
    Private,
    /// A group in Telegram, or a topic of one.
    Group,
    /// The dashboard's console.
    Console,
}

impl ChatKind {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Console => "console",
        }
    }
}

impl std::str::FromStr for ChatKind {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        [Self::Private, Self::Group, Self::Console]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("chat kind {text}"))
    }
}

/// One chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRecord {
    /// Its number.
    pub id: ChatId,
    /// What kind.
    pub kind: ChatKind,
    /// Its title.
    pub title: String,
    /// Telegram's id and topic.
    pub telegram: Option<(i64, Option<i64>)>,
    /// The language of the person's Telegram, as an IETF tag.
    pub language: Option<String>,
    /// The first recent message of the last context sent.
    pub trim_mark: Option<MessageId>,
    /// Running totals.
    pub totals: Totals,
    /// Why nothing can be sent to it.
    pub unreachable: Option<Unreachable>,
    /// The place of its newest message; places count from 1 and are never given twice.
    pub last_ordinal: u32,
    /// The words of messages up to this place are in the index.
    pub indexed_through: u32,
    /// When it began.
    pub created_at: Timestamp,
}

/// Why nothing can be sent to a chat, until somebody writes in it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// In plain words.
    pub reason: String,
    /// When that was found.
    pub since: Timestamp,
}

/// Messages and tokens of conversation in a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Not archived.
    pub live_messages: u32,
    /// Their tokens.
    pub live_tokens: TokenCount,
    /// Archived.
    pub archived_messages: u32,
    /// Their tokens.
    pub archived_tokens: TokenCount,
}

impl Totals {
    /// How long a message that is not archived is on average; zero where there is none.
    #[must_use]
    pub fn average(&self) -> TokenCount {
        TokenCount(self.live_tokens.0 / self.live_messages.max(1))
    }
}

struct Row {
    id: i64,
    kind: String,
    title: String,
    telegram_chat_id: Option<i64>,
    telegram_thread_id: Option<i64>,
    language: Option<String>,
    trim_mark: Option<i64>,
    live_messages: i64,
    live_tokens: i64,
    archived_messages: i64,
    archived_tokens: i64,
    unreachable: Option<String>,
    unreachable_since: Option<i64>,
    last_ordinal: i64,
    indexed_through: i64,
    created_at: i64,
}

impl TryFrom<Row> for ChatRecord {
    type Error = super::StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: ChatId(row.id),
            kind: name(&row.kind)?,
            title: row.title,
            telegram: row.telegram_chat_id.map(|chat| (chat, row.telegram_thread_id)),
            language: row.language,
            trim_mark: row.trim_mark.map(MessageId),
            totals: Totals {
                live_messages: count(row.live_messages),
                live_tokens: TokenCount(count(row.live_tokens)),
                archived_messages: count(row.archived_messages),
                archived_tokens: TokenCount(count(row.archived_tokens)),
            },
            unreachable: row.unreachable.map(|reason| Unreachable {
                reason,
                since: Timestamp(row.unreachable_since.unwrap_or(row.created_at)),
            }),
            last_ordinal: count(row.last_ordinal),
            indexed_through: count(row.indexed_through),
            created_at: Timestamp(row.created_at),
        })
    }
}

/// What Telegram says of a chat.
#[derive(Clone, Copy, Debug)]
pub struct TelegramIdentity<'a> {
    /// Telegram's id.
    pub chat_id: i64,
    /// The topic.
    pub thread_id: Option<i64>,
    /// One person, or a group.
    pub kind: ChatKind,
    /// The title now.
    pub title: &'a str,
    /// The language now.
    pub language: Option<&'a str>,
}

impl Store {
    /// Makes a console chat.
    pub async fn create_console_chat(&self, title: &str, now: Timestamp) -> Result<ChatId> {
        let id = sqlx::query_scalar!(
            r#"INSERT INTO chats (kind, title, created_at) VALUES ('console', ?, ?) RETURNING id AS "id!""#,
            title,
            now.0
        )
        .fetch_one(&self.write)
        .await?;
        Ok(ChatId(id))
    }

    /// One chat; none when there is no such number.
    pub async fn chat(&self, id: ChatId) -> Result<Option<ChatRecord>> {
        sqlx::query_as!(
            Row,
            r#"SELECT id, kind, title, telegram_chat_id, telegram_thread_id, language, trim_mark, live_messages,
                      live_tokens, archived_messages, archived_tokens, unreachable, unreachable_since, last_ordinal, indexed_through,
                      created_at
               FROM chats WHERE id = ?"#,
            id.0
        )
        .fetch_optional(&self.read)
        .await?
        .map(ChatRecord::try_from)
        .transpose()
    }

    /// Every chat, the one with the newest message first.
    pub async fn chats(&self) -> Result<Vec<ChatRecord>> {
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id!", kind, title, telegram_chat_id, telegram_thread_id, language, trim_mark, live_messages,
                      live_tokens, archived_messages, archived_tokens, unreachable, unreachable_since, last_ordinal, indexed_through,
                      created_at
               FROM chats
               ORDER BY (SELECT max(messages.id) FROM messages WHERE messages.chat_id = chats.id) DESC,
                        id DESC"#
        )
        .fetch_all(&self.read)
        .await?
        .into_iter()
        .map(ChatRecord::try_from)
        .collect()
    }

    /// The number of a Telegram chat, or of a topic of one, if anything was ever said in it.
    pub async fn telegram_chat_id(&self, chat_id: i64, thread_id: Option<i64>) -> Result<Option<ChatId>> {
        let id = sqlx::query_scalar!(
            r#"SELECT id AS "id!" FROM chats
               WHERE telegram_chat_id = ? AND ifnull(telegram_thread_id, 0) = ifnull(?, 0)"#,
            chat_id,
            thread_id
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(id.map(ChatId))
    }

    /// Sets a chat's title.
    pub async fn rename_chat(&self, id: ChatId, title: &str) -> Result<()> {
        sqlx::query!("UPDATE chats SET title = ? WHERE id = ?", title, id.0).execute(&self.write).await?;
        Ok(())
    }

    /// Records that nothing can be sent to a chat.
    pub async fn set_unreachable(&self, id: ChatId, reason: &str, now: Timestamp) -> Result<()> {
        sqlx::query!("UPDATE chats SET unreachable = ?, unreachable_since = ? WHERE id = ?", reason, now.0, id.0)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// A group became a supergroup and has another id from now on: its chats follow, one for each topic. Gives those that
    /// moved; a chat that is known by the new id already stays apart.
    pub async fn migrate_chat(&self, from: i64, to: i64) -> Result<Vec<ChatId>> {
        let moved = sqlx::query_scalar!(
            r#"UPDATE OR IGNORE chats SET telegram_chat_id = ?2 WHERE telegram_chat_id = ?1 RETURNING id AS "id!""#,
            from,
            to
        )
        .fetch_all(&self.write)
        .await?;
        Ok(moved.into_iter().map(ChatId).collect())
    }
}

/// Finds a Telegram chat, or makes it; keeps its title and language up to date. Whoever writes can be written to again.
pub(super) async fn telegram_chat(
    tx: &mut Transaction<'static, Sqlite>,
    identity: TelegramIdentity<'_>,
    now: Timestamp,
) -> Result<ChatId> {
    let found = sqlx::query!(
        r#"SELECT id AS "id!", title, language, unreachable FROM chats
           WHERE telegram_chat_id = ? AND ifnull(telegram_thread_id, 0) = ifnull(?, 0)"#,
        identity.chat_id,
        identity.thread_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(chat) = found {
        let as_before = chat.title == identity.title && chat.language.as_deref() == identity.language;
        if !as_before || chat.unreachable.is_some() {
            sqlx::query!(
                "UPDATE chats SET title = ?, language = ?, unreachable = NULL, unreachable_since = NULL WHERE id = ?",
                identity.title,
                identity.language,
                chat.id
            )
            .execute(&mut **tx)
            .await?;
        }
        return Ok(ChatId(chat.id));
    }
    let kind = identity.kind.as_str();
    let id = sqlx::query_scalar!(
        r#"INSERT INTO chats (kind, title, telegram_chat_id, telegram_thread_id, language, created_at)
           VALUES (?, ?, ?, ?, ?, ?) RETURNING id AS "id!""#,
        kind,
        identity.title,
        identity.chat_id,
        identity.thread_id,
        identity.language,
        now.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(ChatId(id))
}
