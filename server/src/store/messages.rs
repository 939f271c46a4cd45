//! Messages on their way in: stored once, whatever is delivered twice, before anything else happens to them.

use souvenir_memory::{
    ChatId, Encoding, Message, MessageId, MessageKind, RevisionId, Role, Source, Timestamp, TokenCount,
};
use sqlx::{Sqlite, Transaction};

use super::{
    Result, Store, StoreError,
    chats::{TelegramIdentity, telegram_chat},
    count,
    input::{Extras, keep_extras},
};

/// Where a new message belongs.
#[derive(Clone, Copy, Debug)]
pub enum Destination<'a> {
    /// A Telegram chat, made if this is its first message.
    Telegram(TelegramIdentity<'a>),
    /// A chat by its number.
    Chat(ChatId),
}

/// A message to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// Where it belongs.
    pub destination: Destination<'a>,
    /// Bot and update it came with.
    pub update: Option<(i64, i64)>,
    /// Who speaks.
    pub role: Role,
    /// What kind.
    pub kind: MessageKind,
    /// Which door.
    pub source: Source,
    /// The speaker's name.
    pub author: Option<&'a str>,
    /// The speaker's Telegram id.
    pub author_id: Option<i64>,
    /// Telegram's id of it.
    pub telegram_message_id: Option<i64>,
    /// Telegram's id of what it replies to.
    pub reply_to: Option<i64>,
    /// Whose words it carries.
    pub forwarded_from: Option<&'a str>,
    /// The text.
    pub text: &'a str,
    /// When it was said.
    pub said_at: Timestamp,
}

impl<'a> NewMessage<'a> {
    /// A text that a person wrote in a chat, of which nothing else is known.
    #[must_use]
    pub fn said(chat: ChatId, source: Source, text: &'a str, said_at: Timestamp) -> Self {
        Self {
            destination: Destination::Chat(chat),
            update: None,
            role: Role::User,
            kind: MessageKind::Text,
            source,
            author: None,
            author_id: None,
            telegram_message_id: None,
            reply_to: None,
            forwarded_from: None,
            text,
            said_at,
        }
    }
}

/// Where a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredMessage {
    /// The chat.
    pub chat: ChatId,
    /// The message.
    pub id: MessageId,
    /// Whether its update had been stored before.
    pub repeated: bool,
}

impl Store {
    /// Stores a message with its update, in one transaction. A repeated update changes nothing.
    pub async fn receive(&self, new: NewMessage<'_>, now: Timestamp) -> Result<StoredMessage> {
        self.receive_with(new, Extras::default(), now).await
    }

    /// The same, with what the message has beside its text.
    pub async fn receive_with(&self, new: NewMessage<'_>, extras: Extras<'_>, now: Timestamp) -> Result<StoredMessage> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        if let Some((bot, update)) = new.update
            && let Some(stored) = known_update(&mut tx, bot, update).await?
        {
            return Ok(stored);
        }
        let chat = match new.destination {
            Destination::Telegram(identity) => telegram_chat(&mut tx, identity, now).await?,
            Destination::Chat(chat) => chat,
        };
        let (id, revision) = insert(&mut tx, chat, &new, now).await?;
        keep_extras(&mut tx, chat, (id, revision), &extras).await?;
        if let Some((bot, update)) = new.update {
            sqlx::query!(
                "INSERT INTO updates (bot_id, update_id, message_id, chat_id, received_at) VALUES (?, ?, ?, ?, ?)",
                bot,
                update,
                id.0,
                chat.0,
                now.0
            )
            .execute(&mut *tx)
            .await?;
        }
        if new.role == Role::User && new.kind == MessageKind::Command && new.source == Source::Telegram {
            super::errands::add_errand(&mut tx, chat, id, now).await?;
        }
        Self::commit(tx).await?;
        marks.arrived();
        Ok(StoredMessage { chat, id, repeated: false })
    }

    /// Whether an update was stored before.
    pub async fn has_received(&self, bot: i64, update: i64) -> Result<bool> {
        let found = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT 1 FROM updates WHERE bot_id = ? AND update_id = ?) AS "found!: bool""#,
            bot,
            update
        )
        .fetch_one(&self.read)
        .await?;
        Ok(found)
    }

    /// The messages of a chat that wait for an answer, oldest first. Counts may still be missing (zero).
    pub async fn unanswered(&self, chat: ChatId) -> Result<Vec<Message>> {
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.revision_id, m.author, m.kind, m.said_at, m.archived_at, r.text
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ? AND m.turn_id IS NULL AND m.role = 'user' AND m.kind IN ('text', 'media')
                 AND m.overheard = 0
               ORDER BY m.id"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Message {
                    id: MessageId(row.id),
                    revision: RevisionId(row.revision_id),
                    turn: None,
                    role: Role::User,
                    author: row.author,
                    kind: kind(&row.kind)?,
                    text: row.text,
                    tokens: TokenCount::ZERO,
                    at: Timestamp(row.said_at),
                    archived_at: row.archived_at.map(Timestamp),
                })
            })
            .collect()
    }

    /// Chats of any door with messages that wait for an answer.
    pub async fn chats_unanswered(&self) -> Result<Vec<ChatId>> {
        let ids = sqlx::query_scalar!(
            r#"SELECT DISTINCT chat_id FROM messages
               WHERE turn_id IS NULL AND role = 'user' AND kind IN ('text', 'media') AND overheard = 0"#
        )
        .fetch_all(&self.read)
        .await?;
        Ok(ids.into_iter().map(ChatId).collect())
    }

    /// The newest message of a chat, of any kind.
    pub async fn newest_message(&self, chat: ChatId) -> Result<Option<MessageId>> {
        let id = sqlx::query_scalar!(r#"SELECT max(id) AS "id: i64" FROM messages WHERE chat_id = ?"#, chat.0)
            .fetch_one(&self.read)
            .await?;
        Ok(id.map(MessageId))
    }

    /// Forgets updates older than `before`: Telegram repeats none for longer than a day.
    pub async fn drop_old_updates(&self, before: Timestamp) -> Result<()> {
        sqlx::query!("DELETE FROM updates WHERE received_at < ?", before.0).execute(&self.write).await?;
        Ok(())
    }
}

async fn known_update(tx: &mut Transaction<'static, Sqlite>, bot: i64, update: i64) -> Result<Option<StoredMessage>> {
    let row = sqlx::query!("SELECT message_id, chat_id FROM updates WHERE bot_id = ? AND update_id = ?", bot, update)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.and_then(|row| {
        Some(StoredMessage { chat: ChatId(row.chat_id?), id: MessageId(row.message_id?), repeated: true })
    }))
}

/// Writes the message and its first revision.
pub(super) async fn insert(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    new: &NewMessage<'_>,
    now: Timestamp,
) -> Result<(MessageId, RevisionId)> {
    let (role, kind, source) = (role_name(new.role), kind_name(new.kind), source_name(new.source));
    let ordinal = sqlx::query_scalar!(
        "UPDATE chats SET last_ordinal = last_ordinal + 1 WHERE id = ? RETURNING last_ordinal",
        chat.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO messages (chat_id, ordinal, role, kind, source, author, author_id, telegram_message_id, reply_to,
                                 forwarded_from, revision_id, said_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) RETURNING id AS "id!""#,
        chat.0,
        ordinal,
        role,
        kind,
        source,
        new.author,
        new.author_id,
        new.telegram_message_id,
        new.reply_to,
        new.forwarded_from,
        new.said_at.0
    )
    .fetch_one(&mut **tx)
    .await?;
    let revision = sqlx::query_scalar!(
        r#"INSERT INTO revisions (message_id, text, created_at) VALUES (?, ?, ?) RETURNING id AS "id!""#,
        id,
        new.text,
        now.0
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!("UPDATE messages SET revision_id = ? WHERE id = ?", revision, id).execute(&mut **tx).await?;
    Ok((MessageId(id), RevisionId(revision)))
}

/// A message's count, made after it was stored.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The message.
    pub message: MessageId,
    /// Its revision.
    pub revision: RevisionId,
    /// Its tokens.
    pub tokens: TokenCount,
}

/// Records the count of a message and adds it to its chat's totals.
pub(super) async fn add_to_totals(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    encoding: Encoding,
    counted: &Counted,
) -> Result<()> {
    let counted_before = sqlx::query_scalar!(
        "SELECT o200k_base IS NOT NULL OR cl100k_base IS NOT NULL FROM revisions WHERE id = ?",
        counted.revision.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    set_tokens(tx, counted.revision, encoding, counted.tokens).await?;
    // A turn that is taken up again after a crash brings messages that are in the totals already; what was forgotten
    // meanwhile is in none.
    if counted_before != Some(0) {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE chats SET live_messages = live_messages + 1, live_tokens = live_tokens + ? WHERE id = ?",
        counted.tokens.0,
        chat.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Keeps a revision's count in one encoding.
pub(super) async fn set_tokens(
    tx: &mut Transaction<'static, Sqlite>,
    revision: RevisionId,
    encoding: Encoding,
    tokens: TokenCount,
) -> Result<()> {
    match encoding {
        Encoding::O200kBase => {
            sqlx::query!("UPDATE revisions SET o200k_base = ? WHERE id = ?", tokens.0, revision.0)
                .execute(&mut **tx)
                .await?
        }
        Encoding::Cl100kBase => {
            sqlx::query!("UPDATE revisions SET cl100k_base = ? WHERE id = ?", tokens.0, revision.0)
                .execute(&mut **tx)
                .await?
        }
    };
    Ok(())
}

/// The count of a row in one encoding, if it is there.
pub(super) fn tokens_in(encoding: Encoding, o200k: Option<i64>, cl100k: Option<i64>) -> Option<TokenCount> {
    let value = match encoding {
        Encoding::O200kBase => o200k,
        Encoding::Cl100kBase => cl100k,
    };
    value.map(|tokens| TokenCount(count(tokens)))
}

pub(super) fn role(text: &str) -> Result<Role> {
    [Role::User, Role::Assistant, Role::System, Role::Tool]
        .into_iter()
        .find(|role| role_name(*role) == text)
        .ok_or_else(|| StoreError::Corrupt(format!("role {text}")))
}

pub(super) fn kind(text: &str) -> Result<MessageKind> {
    [MessageKind::Text, MessageKind::Command, MessageKind::Media, MessageKind::Service]
        .into_iter()
        .find(|kind| kind_name(*kind) == text)
        .ok_or_else(|| StoreError::Corrupt(format!("message kind {text}")))
}

pub(super) fn source(text: &str) -> Result<Source> {
    [Source::Telegram, Source::Console, Source::Import]
        .into_iter()
        .find(|source| source_name(*source) == text)
        .ok_or_else(|| StoreError::Corrupt(format!("source {text}")))
}

pub(super) fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::System => "system",
        Role::Tool => "tool",
    }
}

pub(super) fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "text",
        MessageKind::Command => "command",
        MessageKind::Media => "media",
        MessageKind::Service => "service",
    }
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::Telegram => "telegram",
        Source::Console => "console",
        Source::Import => "import",
    }
}
