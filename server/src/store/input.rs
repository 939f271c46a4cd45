//! What a message has beside its text: what it refers to, whether it was only overheard, and how it was changed.

use std::collections::BTreeSet;

use souvenir_memory::{ChatId, Encoding, MessageId, RevisionId, Timestamp, TokenCount, media::File};
use sqlx::{Sqlite, Transaction};

use super::{
    Result, Store, StoreError, count,
    files::{keep_files, with_kept_reading},
    index,
    messages::{Counted, add_to_totals, set_tokens},
    vectors::{Messages, drop_vectors},
};

/// What a new message has beside its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras<'a> {
    /// The words it replies to or quotes, and whose they are.
    pub quoted: Option<(&'a str, Option<&'a str>)>,
    /// It was not said to the bot: its tokens, which nobody counts later.
    pub overheard: Option<(Encoding, TokenCount)>,
    /// The files that came with it, or with what it replies to.
    pub files: &'a [(bool, File)],
}

/// What a message refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The message.
    pub message: MessageId,
    /// The words it replies to or quotes.
    pub quoted: Option<String>,
    /// Whose they are.
    pub quoted_author: Option<String>,
    /// Whose words the message itself is, when it is a forward.
    pub forwarded_from: Option<String>,
}

/// A message that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revised {
    /// The message.
    pub message: MessageId,
    /// Its place in the chat.
    pub ordinal: u32,
    /// Whether the words were answered, or are being answered.
    pub answered: bool,
    /// Whether nobody has said anything since but the bot.
    pub is_last: bool,
}

impl Store {
    /// What these messages of a chat refer to; those that refer to nothing are left out.
    pub async fn references(&self, chat: ChatId, messages: &[MessageId]) -> Result<Vec<Reference>> {
        let ids: Vec<i64> = messages.iter().map(|id| id.0).collect();
        let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let rows = sqlx::query!(
            r#"SELECT id AS "id!", quoted, quoted_author, forwarded_from FROM messages
               WHERE chat_id = ?1 AND id IN (SELECT value FROM json_each(?2))
                 AND (quoted IS NOT NULL OR forwarded_from IS NOT NULL)"#,
            chat.0,
            ids
        )
        .fetch_all(&self.read)
        .await?;
        let references = rows.into_iter().map(|row| Reference {
            message: MessageId(row.id),
            quoted: row.quoted,
            quoted_author: row.quoted_author,
            forwarded_from: row.forwarded_from,
        });
        Ok(references.collect())
    }

    /// What a message of a person would say with a changed text or caption: what was read of its file stays with it, as long
    /// as the file is the same. None when there is no such message.
    pub async fn rephrased(
        &self,
        chat: ChatId,
        telegram_message_id: i64,
        text: &str,
        file: Option<&File>,
    ) -> Result<Option<(MessageId, String)>> {
        let mut tx = self.begin().await?;
        let found = sqlx::query!(
            r#"SELECT m.id AS "id!", r.text FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ? AND m.telegram_message_id = ? AND m.role = 'user' AND m.kind IN ('text', 'media')"#,
            chat.0,
            telegram_message_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(old) = found else { return Ok(None) };
        let text = with_kept_reading(&mut tx, MessageId(old.id), &old.text, text, file).await?;
        Self::commit(tx).await?;
        Ok(Some((MessageId(old.id), text)))
    }

    /// Gives a message a new text, as its newest revision. None when there is no such message or it says this already.
    pub async fn revise(
        &self,
        chat: ChatId,
        message: MessageId,
        text: &str,
        counted: (Encoding, TokenCount),
        now: Timestamp,
    ) -> Result<Option<Revised>> {
        let mut tx = self.begin().await?;
        let marks = self.take_along(&mut tx).await?;
        let Some(revised) = write_revision(&mut tx, chat, message, text, counted, now).await? else { return Ok(None) };
        Self::commit(tx).await?;
        marks.arrived();
        Ok(Some(revised))
    }

    /// Puts a message that was changed into the index anew: what is not indexed yet will be in its turn.
    pub async fn index_again(&self, chat: ChatId, ordinal: u32, terms: &[String]) -> Result<()> {
        let (block, place) = index::place(i64::from(ordinal));
        let letter = u32::try_from(place).ok().and_then(char::from_u32).map(String::from).unwrap_or_default();
        let terms = serde_json::to_string(terms).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let mut tx = self.begin().await?;
        let indexed = sqlx::query_scalar!("SELECT indexed_through FROM chats WHERE id = ?", chat.0)
            .fetch_optional(&mut *tx)
            .await?;
        if indexed.is_none_or(|through| through < i64::from(ordinal)) {
            return Ok(());
        }
        let rows = sqlx::query!(
            r#"SELECT term, ordinals FROM postings WHERE chat_id = ?1 AND block = ?2
               AND (instr(ordinals, ?3) > 0 OR term IN (SELECT value FROM json_each(?4)))"#,
            chat.0,
            block,
            letter,
            terms
        )
        .fetch_all(&mut *tx)
        .await?;
        let wanted: Vec<String> =
            serde_json::from_str(&terms).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let mut texts: std::collections::BTreeMap<String, String> =
            rows.into_iter().map(|row| (row.term, row.ordinals)).collect();
        for term in &wanted {
            texts.entry(term.clone()).or_default();
        }
        for (term, ordinals) in texts {
            let mut letters: Vec<char> = ordinals.chars().filter(|other| !letter.contains(*other)).collect();
            if wanted.contains(&term) {
                letters.extend(letter.chars());
                letters.sort_unstable();
            }
            let ordinals: String = letters.into_iter().collect();
            keep_posting(&mut tx, chat, &term, block, &ordinals).await?;
        }
        Self::commit(tx).await
    }
}

async fn keep_posting(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    term: &str,
    block: i64,
    ordinals: &str,
) -> Result<()> {
    if ordinals.is_empty() {
        sqlx::query!("DELETE FROM postings WHERE chat_id = ? AND term = ? AND block = ?", chat.0, term, block)
            .execute(&mut **tx)
            .await?;
    } else {
        sqlx::query!(
            r#"INSERT INTO postings (chat_id, term, block, ordinals) VALUES (?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET ordinals = excluded.ordinals"#,
            chat.0,
            term,
            block,
            ordinals
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Gives a message a new text, keeps the chat's totals right, and drops the vectors that the text before is in.
pub(super) async fn write_revision(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    message: MessageId,
    text: &str,
    (encoding, tokens): (Encoding, TokenCount),
    now: Timestamp,
) -> Result<Option<Revised>> {
    let found = sqlx::query!(
        r#"SELECT m.ordinal, m.turn_id, m.archived_at, r.text, ifnull(r.o200k_base, r.cl100k_base) AS "tokens: i64",
                  NOT EXISTS (SELECT 1 FROM messages n WHERE n.chat_id = m.chat_id AND n.id > m.id
                              AND n.role = 'user' AND n.kind IN ('text', 'media')) AS "is_last!: bool"
           FROM messages m JOIN revisions r ON r.id = m.revision_id WHERE m.chat_id = ? AND m.id = ?"#,
        chat.0,
        message.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(old) = found.filter(|old| old.text != text) else { return Ok(None) };
    let revision = sqlx::query_scalar!(
        r#"INSERT INTO revisions (message_id, text, created_at) VALUES (?, ?, ?) RETURNING id AS "id!""#,
        message.0,
        text,
        now.0
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!("UPDATE messages SET revision_id = ? WHERE id = ?", revision, message.0).execute(&mut **tx).await?;
    if let Some(before) = old.tokens {
        set_tokens(tx, RevisionId(revision), encoding, tokens).await?;
        let (change, archived) = (i64::from(tokens.0) - before, old.archived_at.is_some());
        sqlx::query!(
            r#"UPDATE chats SET live_tokens = max(0, live_tokens + iif(?1, 0, ?2)),
                                archived_tokens = max(0, archived_tokens + iif(?1, ?2, 0)) WHERE id = ?3"#,
            archived,
            change,
            chat.0
        )
        .execute(&mut **tx)
        .await?;
    }
    let ordinal = count(old.ordinal);
    drop_vectors(tx, chat, &BTreeSet::from([ordinal]), Messages::Stay).await?;
    Ok(Some(Revised { message, ordinal, answered: old.turn_id.is_some(), is_last: old.is_last }))
}

/// Keeps what a new message has beside its text.
pub(super) async fn keep_extras(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    (message, revision): (MessageId, RevisionId),
    extras: &Extras<'_>,
) -> Result<()> {
    keep_files(tx, message, extras.files).await?;
    if let Some((quoted, author)) = extras.quoted {
        sqlx::query!("UPDATE messages SET quoted = ?, quoted_author = ? WHERE id = ?", quoted, author, message.0)
            .execute(&mut **tx)
            .await?;
    }
    if let Some((encoding, tokens)) = extras.overheard {
        sqlx::query!("UPDATE messages SET overheard = 1 WHERE id = ?", message.0).execute(&mut **tx).await?;
        add_to_totals(tx, chat, encoding, &Counted { message, revision, tokens }).await?;
    }
    Ok(())
}
