//! The postings that recall reads: which messages of one chat hold a word.

use souvenir_memory::{ChatId, MessageId};

use super::{Result, Store};

/// How many of the newest postings of a word are read: a word in more messages than that tells little.
const POSTINGS: i64 = 400;

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
            let ids = sqlx::query_scalar!(
                r#"SELECT message_id FROM terms WHERE chat_id = ? AND term = ? AND message_id < ?
                   ORDER BY message_id DESC LIMIT ?"#,
                chat.0,
                term,
                before.0,
                POSTINGS
            )
            .fetch_all(&mut *connection)
            .await?;
            hits.push(Hit { term: term.clone(), messages: ids.into_iter().map(MessageId).collect() });
        }
        Ok(hits)
    }
}
