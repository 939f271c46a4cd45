//! The postings that recall reads: which messages of one chat hold a word.
//!
//! A row has all messages of one block that hold the word, each as one character: its number within the block. So a
//! word costs two bytes a message, one statement stores all words of a message, and the newest messages of a common word
//! come in one row.

use souvenir_memory::{ChatId, MessageId};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{Result, Store, StoreError};

/// How many of the newest postings of a word are read: a word in more messages than that tells little.
const POSTINGS: usize = 400;
/// How many messages a block numbers. The schema says so too.
const BLOCK: i64 = 2048;
/// How many rows are read at first: enough of a common word, and of a rare one there are few.
const FIRST_ROWS: i64 = 4;

/// A word and the newest messages of the chat that hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The stem.
    pub term: String,
    /// The messages, newest first, at most [`POSTINGS`] of them.
    pub messages: Vec<MessageId>,
}

impl Store {
    /// The postings of each of `terms` in `chat` before message `before`.
    pub async fn postings(&self, chat: ChatId, terms: &[String], before: MessageId) -> Result<Vec<Hit>> {
        let mut connection = self.read.acquire().await?;
        let mut hits = Vec::with_capacity(terms.len());
        for term in terms {
            let messages = newest(&mut connection, chat, term, before).await?;
            hits.push(Hit { term: term.clone(), messages });
        }
        Ok(hits)
    }
}

/// The newest messages that hold a term: a few rows first, and all there may be if those did not hold enough.
async fn newest(
    connection: &mut SqliteConnection,
    chat: ChatId,
    term: &str,
    before: MessageId,
) -> Result<Vec<MessageId>> {
    let mut messages = Vec::new();
    let (mut block, mut rows_wanted) = (before.0 / BLOCK, FIRST_ROWS);
    loop {
        // `+ 0` keeps SQLite from planning the query anew for each limit.
        let rows = sqlx::query!(
            r#"SELECT block, messages FROM postings WHERE chat_id = ? AND term = ? AND block <= ?
               ORDER BY block DESC LIMIT ? + 0"#,
            chat.0,
            term,
            block,
            rows_wanted
        )
        .fetch_all(&mut *connection)
        .await?;
        for row in &rows {
            messages.extend(numbers(row.block, &row.messages).rev().filter(|id| *id < before));
        }
        let oldest = rows.last().map_or(0, |row| row.block);
        if i64::try_from(rows.len()).is_ok_and(|rows| rows < rows_wanted) || messages.len() >= POSTINGS {
            messages.truncate(POSTINGS);
            return Ok(messages);
        }
        (block, rows_wanted) = (oldest - 1, i64::try_from(POSTINGS).unwrap_or(i64::MAX));
    }
}

/// The messages of a block that hold a term, oldest first.
pub(super) fn numbers(block: i64, messages: &str) -> impl DoubleEndedIterator<Item = MessageId> {
    messages.chars().map(move |letter| MessageId(block * BLOCK + i64::from(u32::from(letter)) - 1))
}

/// Where a message's number stands in the postings: its block, and its character there.
pub(super) fn place(message: MessageId) -> (i64, i64) {
    (message.0 / BLOCK, message.0 % BLOCK + 1)
}

/// Adds a message to the postings of its words, once. Messages come nearly in their order: a burst may cross a reply.
pub(super) async fn post(
    tx: &mut Transaction<'static, Sqlite>,
    chat: ChatId,
    message: MessageId,
    terms: &[String],
) -> Result<()> {
    let terms = serde_json::to_string(terms).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let (block, place) = place(message);
    // `WHERE true` keeps the parser from taking `ON` for a join's.
    sqlx::query!(
        r#"INSERT INTO postings (chat_id, term, block, messages)
           SELECT ?1, value, ?2, char(?3) FROM json_each(?4) WHERE true
           ON CONFLICT DO UPDATE SET messages = messages || excluded.messages"#,
        chat.0,
        block,
        place,
        terms
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn store_with(postings: &[(i64, i64)]) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("souvenir.db")).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        for (chat, message) in postings {
            post(&mut tx, ChatId(*chat), MessageId(*message), &["oak".to_owned(), "доск".to_owned()]).await.unwrap();
        }
        tx.commit().await.unwrap();
        (folder, store)
    }

    async fn found(store: &Store, chat: i64, before: i64) -> Vec<i64> {
        let hits = store.postings(ChatId(chat), &["доск".to_owned()], MessageId(before)).await.unwrap();
        hits[0].messages.iter().map(|id| id.0).collect()
    }

    #[tokio::test]
    async fn postings_come_newest_first_from_all_blocks_of_one_chat() {
        let ids = [1, 2, 2046, 2047, 2048, 2049, 9_000, 50_000, 1 << 40];
        let postings: Vec<_> = ids.iter().map(|id| (1, *id)).chain([(2, 2050)]).collect();
        let (_folder, store) = store_with(&postings).await;
        let newest_first: Vec<i64> = ids.iter().rev().copied().collect();
        assert_eq!(found(&store, 1, i64::MAX).await, newest_first);
        assert_eq!(found(&store, 1, 2049).await, [2048, 2047, 2046, 2, 1]);
        assert_eq!(found(&store, 2, i64::MAX).await, [2050]);
        assert!(found(&store, 3, i64::MAX).await.is_empty());
    }

    #[tokio::test]
    async fn of_a_common_word_only_the_newest_messages_are_read() {
        let postings: Vec<_> = (0..1_000).map(|place| (1, place * 40)).collect();
        let (_folder, store) = store_with(&postings).await;
        let newest: Vec<i64> = (600..1_000).rev().map(|place| place * 40).collect();
        assert_eq!(found(&store, 1, i64::MAX).await, newest);
    }
}
