//! Writing the index that recall reads: which messages of one chat hold a word.
//!
//! A row has all messages of one block of a chat that hold the word, each as one character: its place within the block. So a
//! word costs two bytes a message, one statement stores all words of a message, and the newest messages of a common word
//! come in one row.
//!
//! The index can be made again from the texts at any time. So its writes wait for no disk: `chats.indexed_through` is
//! written with them, and what a power cut takes away is indexed again.

use souvenir_memory::{ChatId, MessageId, Timestamp};
use sqlx::{Connection, SqliteConnection};

use super::{Durability, Result, Store, StoreError};

/// How many places a block has. The schema says so too.
pub(super) const BLOCK: i64 = 2048;

/// A message whose words are not in the index yet.
#[derive(Clone, Debug)]
pub struct Unindexed {
    /// The message.
    pub id: MessageId,
    /// Its place in the chat.
    pub ordinal: u32,
    /// Whether it is conversation: the words of commands and notices are not looked for.
    pub is_conversation: bool,
    /// The speaker's name.
    pub author: Option<String>,
    /// The text.
    pub text: String,
    /// When it was said.
    pub at: Timestamp,
}

/// A message's words, found for the index.
#[derive(Clone, Debug)]
pub struct Indexed {
    /// Its place in the chat.
    pub ordinal: u32,
    /// Its words, reduced to stems, each once.
    pub terms: Vec<String>,
}

impl Store {
    /// The oldest messages of a chat that are not in the index yet, oldest first.
    pub async fn unindexed(&self, chat: ChatId, most: u32) -> Result<Vec<Unindexed>> {
        let rows = sqlx::query!(
            r#"SELECT m.id AS "id!", m.ordinal, m.kind, m.author, m.said_at, r.text
               FROM messages m JOIN revisions r ON r.id = m.revision_id
               WHERE m.chat_id = ?1 AND m.ordinal > (SELECT indexed_through FROM chats WHERE id = ?1)
               ORDER BY m.ordinal LIMIT ?2"#,
            chat.0,
            most
        )
        .fetch_all(&self.read)
        .await?;
        let fresh = rows.into_iter().map(|row| Unindexed {
            id: MessageId(row.id),
            ordinal: super::count(row.ordinal),
            is_conversation: matches!(row.kind.as_str(), "text" | "media"),
            author: row.author,
            text: row.text,
            at: Timestamp(row.said_at),
        });
        Ok(fresh.collect())
    }

    /// Chats with messages that are not in the index yet.
    pub async fn chats_to_index(&self) -> Result<Vec<ChatId>> {
        let chats = sqlx::query_scalar!(r#"SELECT id AS "id!" FROM chats WHERE indexed_through < last_ordinal"#)
            .fetch_all(&self.read)
            .await?;
        Ok(chats.into_iter().map(ChatId).collect())
    }

    /// Adds messages, oldest first, to the index: those after the last that is in it.
    pub async fn index(&self, chat: ChatId, entries: &[Indexed]) -> Result<()> {
        let Some(last) = entries.last() else { return Ok(()) };
        let mut connection = self.relaxed().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        for entry in entries {
            post(&mut tx, chat, entry).await?;
        }
        sqlx::query!("UPDATE chats SET indexed_through = ? WHERE id = ?", last.ordinal, chat.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        connection.settle(self.durability).await
    }

    /// The writing connection for what can be made again: its commits do not wait for the disk.
    pub(super) async fn relaxed(&self) -> Result<Relaxed> {
        let mut connection = self.write.acquire().await?;
        sqlx::query("PRAGMA synchronous = NORMAL").execute(&mut *connection).await?;
        Ok(Relaxed { connection, is_settled: false })
    }
}

/// A connection that waits for no disk. Unless it is settled it is closed, so that no other write ever runs on it so.
pub(super) struct Relaxed {
    connection: sqlx::pool::PoolConnection<sqlx::Sqlite>,
    is_settled: bool,
}

impl Relaxed {
    /// Gives the connection back as it was.
    pub(super) async fn settle(mut self, durability: Durability) -> Result<()> {
        if durability == Durability::Full {
            sqlx::query("PRAGMA synchronous = FULL").execute(&mut *self.connection).await?;
        }
        self.is_settled = true;
        Ok(())
    }
}

impl Drop for Relaxed {
    fn drop(&mut self) {
        if !self.is_settled {
            self.connection.close_on_drop();
        }
    }
}

impl std::ops::Deref for Relaxed {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl std::ops::DerefMut for Relaxed {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

/// Adds a message to the postings of its words. A message that was forgotten since its words were found is not.
async fn post(db: &mut SqliteConnection, chat: ChatId, entry: &Indexed) -> Result<()> {
    let terms = serde_json::to_string(&entry.terms).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let (block, place) = place(i64::from(entry.ordinal));
    // The condition also keeps the parser from taking `ON` for a join's.
    sqlx::query!(
        r#"INSERT INTO postings (chat_id, term, block, ordinals)
           SELECT ?1, value, ?2, char(?3) FROM json_each(?4)
           WHERE EXISTS (SELECT 1 FROM messages WHERE chat_id = ?1 AND ordinal = ?5)
             AND ?5 > (SELECT indexed_through FROM chats WHERE id = ?1)
           ON CONFLICT DO UPDATE SET ordinals = ordinals || excluded.ordinals"#,
        chat.0,
        block,
        place,
        terms,
        entry.ordinal
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The places in the chat of a row's messages, oldest first.
pub(super) fn ordinals(block: i64, letters: &str) -> impl DoubleEndedIterator<Item = u32> {
    letters.chars().map(move |letter| super::count(block * BLOCK + i64::from(u32::from(letter)) - 1))
}

/// Where a message's place stands in the postings: its block, and its character there.
pub(super) fn place(ordinal: i64) -> (i64, i64) {
    (ordinal / BLOCK, ordinal % BLOCK + 1)
}
