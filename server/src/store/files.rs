//! Files that came with messages: which are to be read, and what was read of them.
//!
//! What was read becomes part of the message's text, as its newest revision, so that everything that knows messages (search,
//! vectors, forgetting) knows it. A file that came with what a message replies to is read for that message alone: its words
//! stand where those of the replied message stand.

use souvenir_memory::{
    ChatId, Encoding, MessageId, Timestamp, TokenCount,
    media::{self, File, FileKind},
};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{Result, Revised, Store, StoreError, count, input::write_revision};

/// A file that is to be read before its message is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRecord {
    /// The message.
    pub message: MessageId,
    /// Whether it came with what the message replies to.
    pub of_reply: bool,
    /// The file.
    pub file: File,
    /// How often reading it was tried in vain.
    pub tries: u32,
}

/// What was read of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// How: behind the note of what came.
    pub how: &'a str,
    /// The words.
    pub text: &'a str,
}

impl Store {
    /// The files of messages that wait for an answer and were not read yet, in order.
    pub async fn files_due(&self, chat: ChatId) -> Result<Vec<FileRecord>> {
        let rows = sqlx::query!(
            r#"SELECT a.message_id, a.of_reply AS "of_reply: bool", a.kind, a.file_id, a.name, a.mime, a.bytes, a.seconds, a.tries
               FROM messages m JOIN attachments a ON a.message_id = m.id
               WHERE m.chat_id = ? AND m.turn_id IS NULL AND m.role = 'user' AND m.kind IN ('text', 'media')
                 AND m.overheard = 0 AND a.state = 'due'
               ORDER BY m.id, a.of_reply"#,
            chat.0
        )
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|row| {
                let kind = FileKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
                let kind = kind.ok_or_else(|| StoreError::Corrupt(format!("kind of file {}", row.kind)))?;
                let bytes = row.bytes.map(i64::unsigned_abs);
                let seconds = row.seconds.map(count);
                let file = File { kind, id: row.file_id, name: row.name, mime: row.mime, bytes, seconds };
                let message = MessageId(row.message_id);
                Ok(FileRecord { message, of_reply: row.of_reply, file, tries: count(row.tries) })
            })
            .collect()
    }

    /// The text of a message that is to be read with a file. None when it is gone.
    pub async fn text_beside(&self, chat: ChatId, message: MessageId, of_reply: bool) -> Result<Option<String>> {
        let row = sqlx::query!(
            "SELECT r.text, m.quoted FROM messages m JOIN revisions r ON r.id = m.revision_id WHERE m.id = ? AND m.chat_id = ?",
            message.0,
            chat.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| if of_reply { row.quoted.unwrap_or_default() } else { row.text }))
    }

    /// Keeps what was read of a message's own file, as `text`, its newest revision, of which the last `reading` bytes are that.
    /// None when the message is gone.
    pub async fn keep_reading(
        &self,
        chat: ChatId,
        message: MessageId,
        (text, reading): (&str, usize),
        counted: (Encoding, TokenCount),
        now: Timestamp,
    ) -> Result<Option<Revised>> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        let Some(revised) = write_revision(&mut tx, chat, message, text, counted, now).await? else { return Ok(None) };
        let reading = i64::try_from(reading).unwrap_or(0);
        sqlx::query!(
            "UPDATE attachments SET state = 'read', reading_bytes = ? WHERE message_id = ? AND of_reply = 0",
            reading,
            message.0
        )
        .execute(&mut *tx)
        .await?;
        Self::commit(tx).await?;
        marks.arrived();
        Ok(Some(revised))
    }

    /// Keeps what was read of a file that came with what a message replies to.
    pub async fn keep_quoted_reading(&self, message: MessageId, quoted: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let set =
            sqlx::query!("UPDATE messages SET quoted = ? WHERE id = ? AND reply_to IS NOT NULL", quoted, message.0);
        set.execute(&mut *tx).await?;
        sqlx::query!("UPDATE attachments SET state = 'read' WHERE message_id = ? AND of_reply = 1", message.0)
            .execute(&mut *tx)
            .await?;
        Self::commit(tx).await
    }

    /// A file could not be read: it is tried again with the next answer, or never.
    pub async fn file_failed(&self, file: &FileRecord, for_good: bool) -> Result<()> {
        sqlx::query!(
            "UPDATE attachments SET tries = tries + 1, state = iif(?, 'aside', state) WHERE message_id = ? AND of_reply = ?",
            for_good,
            file.message.0,
            file.of_reply
        )
        .execute(&self.write)
        .await?;
        Ok(())
    }
}

/// Keeps the files of a new message.
pub(super) async fn keep_files(
    tx: &mut Transaction<'static, Sqlite>,
    message: MessageId,
    files: &[(bool, File)],
) -> Result<()> {
    for (of_reply, file) in files {
        let (kind, bytes) = (file.kind.as_str(), file.bytes.and_then(|bytes| i64::try_from(bytes).ok()));
        sqlx::query!(
            r#"INSERT OR IGNORE INTO attachments (message_id, of_reply, kind, file_id, name, mime, bytes, seconds)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)"#,
            message.0,
            of_reply,
            kind,
            file.id,
            file.name,
            file.mime,
            bytes,
            file.seconds
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// A changed caption as a message's whole text: what was read of its file stays, as long as the file is the same. With it, how
/// much at its end was read.
pub(super) async fn with_kept_reading(
    db: &mut SqliteConnection,
    message: MessageId,
    old: &str,
    text: &str,
    file: Option<&File>,
) -> Result<String> {
    let kept = sqlx::query!(
        "SELECT file_id, kind, reading_bytes FROM attachments WHERE message_id = ? AND of_reply = 0",
        message.0
    )
    .fetch_optional(&mut *db)
    .await?;
    let (Some(kept), Some(file)) = (kept, file) else { return Ok(text.to_owned()) };
    let at = old.len().saturating_sub(usize::try_from(kept.reading_bytes).unwrap_or(0));
    let (new_note, old_note) = (media::split(text), media::split(old));
    let how = new_note.zip(old_note).and_then(|((new, _), (old, _))| old.strip_prefix(new));
    // The number of a file changes with time: the note, which has its name and length, says whether it is the same.
    match (how, old.get(at..)) {
        (Some(how), Some(reading)) if kept.reading_bytes > 0 && kept.kind == file.kind.as_str() => {
            return Ok(media::with_reading(text, how.trim_start_matches(", "), reading));
        }
        _ => {}
    }
    let kind = file.kind.as_str();
    sqlx::query!(
        r#"UPDATE attachments SET file_id = ?, kind = ?, name = ?, mime = ?, seconds = ?, state = 'due', tries = 0, reading_bytes = 0
           WHERE message_id = ? AND of_reply = 0"#,
        file.id,
        kind,
        file.name,
        file.mime,
        file.seconds,
        message.0
    )
    .execute(&mut *db)
    .await?;
    Ok(text.to_owned())
}
