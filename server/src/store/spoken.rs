//! One message with who said it: what a quote rests on, and what somebody replies to.

use souvenir_memory::{ChatId, MessageId, MessageKind, RevisionId, Role, Timestamp};

use super::{
    Result, Store, StoreError,
    messages::{kind, role},
};

/// A message as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenRecord {
    /// Its number.
    pub id: MessageId,
    /// Its newest revision.
    pub revision: RevisionId,
    /// Who spoke.
    pub role: Role,
    /// What kind.
    pub kind: MessageKind,
    /// The speaker's name.
    pub author: Option<String>,
    /// The speaker's Telegram id.
    pub author_id: Option<i64>,
    /// Whose words it carries, when it is a forward.
    pub forwarded_from: Option<String>,
    /// Telegram's id of it.
    pub telegram_message_id: Option<i64>,
    /// Telegram's id of what it replies to.
    pub reply_to: Option<i64>,
    /// When it was said.
    pub at: Timestamp,
    /// Its text.
    pub text: String,
}

struct Row {
    id: i64,
    revision_id: i64,
    role: String,
    kind: String,
    author: Option<String>,
    author_id: Option<i64>,
    forwarded_from: Option<String>,
    telegram_message_id: Option<i64>,
    reply_to: Option<i64>,
    said_at: i64,
    text: String,
}

impl TryFrom<Row> for SpokenRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: MessageId(row.id),
            revision: RevisionId(row.revision_id),
            role: role(&row.role)?,
            kind: kind(&row.kind)?,
            author: row.author,
            author_id: row.author_id,
            forwarded_from: row.forwarded_from,
            telegram_message_id: row.telegram_message_id,
            reply_to: row.reply_to,
            at: Timestamp(row.said_at),
            text: row.text,
        })
    }
}

impl Store {
    /// One message of a chat.
    pub async fn spoken(&self, chat: ChatId, message: MessageId) -> Result<Option<SpokenRecord>> {
        let row = sqlx::query_as!(
            Row,
            r#"SELECT m.id AS "id!", m.revision_id, m.role, m.kind, m.author, m.author_id, m.forwarded_from,
                      m.telegram_message_id, m.reply_to, m.said_at, r.text
               FROM messages m JOIN revisions r ON r.id = m.revision_id WHERE m.id = ? AND m.chat_id = ?"#,
            message.0,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        row.map(SpokenRecord::try_from).transpose()
    }

    /// The number of the message that Telegram knows by this id; of a reply in several parts each has one.
    pub async fn message_in_telegram(&self, chat: ChatId, telegram_message_id: i64) -> Result<Option<MessageId>> {
        let id = sqlx::query_scalar!(
            r#"SELECT max(id) AS "id: i64" FROM (
                   SELECT id FROM messages WHERE chat_id = ?1 AND telegram_message_id = ?2
                   UNION ALL
                   SELECT t.outgoing_id FROM turns t JOIN deliveries d ON d.turn_id = t.id
                   WHERE t.chat_id = ?1 AND d.telegram_message_id = ?2)"#,
            chat.0,
            telegram_message_id
        )
        .fetch_one(&self.read)
        .await?;
        Ok(id.map(MessageId))
    }

    /// Whether what Telegram knows by these ids is an answer that a model wrote.
    pub async fn is_answer_in_telegram(&self, telegram_chat_id: i64, telegram_message_id: i64) -> Result<bool> {
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM chats c JOIN messages m ON m.chat_id = c.id
                              WHERE c.telegram_chat_id = ?1 AND m.telegram_message_id = ?2 AND m.turn_id IS NOT NULL)
                   OR EXISTS (SELECT 1 FROM chats c JOIN turns t ON t.chat_id = c.id JOIN deliveries d ON d.turn_id = t.id
                              WHERE c.telegram_chat_id = ?1 AND d.telegram_message_id = ?2) AS "found!: i64""#,
            telegram_chat_id,
            telegram_message_id
        )
        .fetch_one(&self.read)
        .await?;
        Ok(found != 0)
    }
}
