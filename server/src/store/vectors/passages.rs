//! What has no vector yet.

use souvenir_memory::{ChatId, vectors::Words};
use sqlx::SqliteConnection;

use crate::store::{Result, Store, count, forget};

/// Of a text no more is read, in characters: a vector says what a message is about, not all of what is in it.
const MOST_TEXT: i64 = 2_000;
/// Of the message before, its end.
const MOST_BEFORE: i64 = 400;

/// A chat with messages that a model has not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToEmbed {
    /// The chat.
    pub chat: ChatId,
    /// The last ordinal that was looked at.
    pub through: u32,
    /// The last ordinal there is.
    pub last: u32,
}

/// Some messages of a chat that are to get vectors.
#[derive(Clone, Debug)]
pub struct Passages {
    /// The chat.
    pub chat: ChatId,
    /// The messages, oldest first.
    pub messages: Vec<Passage>,
    /// The last ordinal that was looked at with them: not every message gets a vector.
    pub through: u32,
    /// What had been forgotten in the chat when they were read: what is made of them counts only if that is still so.
    pub forgotten: i64,
}

/// A message that is to get a vector, with the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its ordinal.
    pub ordinal: u32,
    /// The revision that was read.
    pub revision: i64,
    /// Its words, or the first of them.
    pub words: Words,
    /// The message before it, if there is one, or the end of it.
    pub before: Option<Words>,
}

impl Store {
    /// The chats with messages that `model` has not looked at, those with the newest messages first.
    pub async fn chats_to_embed(&self, model: Option<i64>, most: u32) -> Result<Vec<ToEmbed>> {
        let rows = sqlx::query!(
            r#"SELECT c.id, ifnull(e.through, 0) AS "through!: i64", c.last_ordinal
               FROM chats c LEFT JOIN embedded e ON e.model_id = ?1 AND e.chat_id = c.id
               WHERE c.last_ordinal > ifnull(e.through, 0)
               ORDER BY (SELECT max(m.id) FROM messages m WHERE m.chat_id = c.id) DESC LIMIT ?2"#,
            model,
            most
        )
        .fetch_all(&self.read)
        .await?;
        let chats = rows.into_iter().map(|row| ToEmbed {
            chat: ChatId(row.id),
            through: count(row.through),
            last: count(row.last_ordinal),
        });
        Ok(chats.collect())
    }

    /// The next messages of a chat that get vectors, of at most `most` that are looked at. Commands, service messages and
    /// empty ones get none; archived ones do, since they may be brought back.
    pub async fn passages(&self, model: Option<i64>, chat: ToEmbed, most: u32) -> Result<Passages> {
        // One state of the database: what is forgotten between two reads would not be missed otherwise.
        let mut tx = self.read.begin().await?;
        let forgotten = forget::forgotten_so_far(&mut tx, chat.chat).await?;
        let mut before = words_before(&mut tx, chat).await?;
        let rows = sqlx::query!(
            r#"SELECT m.ordinal AS "ordinal!: i64", m.revision_id, m.kind IN ('text', 'media') AS "spoken!: bool", m.author,
                      substr(r.text, 1, ?4) AS "text!: String", substr(r.text, -?5) AS "ending!: String",
                      EXISTS (SELECT 1 FROM vectors v
                              WHERE v.chat_id = m.chat_id AND v.model_id = ?6 AND v.ordinal = m.ordinal) AS "has_vector!: bool"
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ?1 AND m.ordinal > ?2 ORDER BY m.ordinal LIMIT ?3"#,
            chat.chat.0,
            chat.through,
            most,
            MOST_TEXT,
            MOST_BEFORE,
            model
        )
        .fetch_all(&mut *tx)
        .await?;
        let all = u32::try_from(rows.len()).is_ok_and(|rows| rows < most);
        let last = rows.last().map_or(chat.through, |row| count(row.ordinal));
        let mut messages = Vec::new();
        for row in rows {
            if !row.spoken || row.text.trim().is_empty() {
                continue;
            }
            let ending = Words { author: row.author.clone(), text: row.ending };
            let before = before.replace(ending);
            if !row.has_vector {
                let words = Words { author: row.author, text: row.text };
                messages.push(Passage { ordinal: count(row.ordinal), revision: row.revision_id, words, before });
            }
        }
        let through = if all { last.max(chat.last) } else { last };
        Ok(Passages { chat: chat.chat, messages, through, forgotten })
    }
}

/// The end of what was said last among what was looked at before.
async fn words_before(db: &mut SqliteConnection, chat: ToEmbed) -> Result<Option<Words>> {
    let row = sqlx::query!(
        r#"SELECT m.author, substr(r.text, -?3) AS "ending!: String" FROM messages m JOIN revisions r ON r.id = m.revision_id
           WHERE m.chat_id = ?1 AND m.ordinal <= ?2 AND m.kind IN ('text', 'media') AND trim(r.text) <> ''
           ORDER BY m.ordinal DESC LIMIT 1"#,
        chat.chat.0,
        chat.through,
        MOST_BEFORE
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Words { author: row.author, text: row.ending }))
}
