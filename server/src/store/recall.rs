//! Reading the index of words ([`super::index`]), and the messages that it names.

use std::borrow::Cow;

use serde::Deserialize;
use souvenir_memory::{ChatId, Encoding, Message, MessageId, Timestamp};
use sqlx::SqliteConnection;

use super::{
    Result, Store, StoreError, count,
    index::{BLOCK, ordinals},
    of_json,
    snapshot::Row,
};

/// How many postings are read for one query, which its words share: so a long message costs no more than a question of few
/// words, whose words are looked for further back.
const POSTINGS: usize = 3_600;
/// How many of the newest postings of one word are read at most: a word in more messages than that tells little…
const MOST_OF_A_WORD: usize = 1_200;
/// …and at least, however many words there are.
const FEWEST_OF_A_WORD: usize = 100;
/// How many of the newest blocks are read of every word. They tell how often it is said.
const NEWEST: i64 = 2;

/// A word and the newest messages of the chat that hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The stem.
    pub term: String,
    /// Places in the chat, newest first.
    pub ordinals: Vec<u32>,
    /// Whether these are all there are.
    pub is_all: bool,
}

/// What ranking asks of a message, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed {
    /// Its place in the chat.
    pub ordinal: u32,
    /// The message.
    pub id: i64,
    /// When it was said, in milliseconds since the epoch.
    pub at: i64,
    /// Who said it, by name.
    pub author: Option<String>,
    /// How many tokens it has; by its bytes where it is not counted in the encoding asked for.
    pub tokens: u32,
}

impl Store {
    /// The postings of each of `terms` in `chat` before the place `before`; words that no message holds are left out.
    ///
    /// The newest blocks come first; then of each word as many as should hold its share, which for a rare one is all; then the
    /// rest of those where that was not enough.
    pub async fn postings(&self, chat: ChatId, terms: &[String], before: u32) -> Result<Vec<Hit>> {
        let mut connection = self.read.acquire().await?;
        let newest = i64::from(before) / BLOCK;
        let mut words: Vec<Word<'_>> =
            terms.iter().map(|term| Word { term, found: Vec::new(), unread: newest }).collect();
        let mut most = usize::MAX;
        for round in [Round::Newest, Round::Enough, Round::All] {
            let mut wanted: Vec<&mut Word<'_>> =
                words.iter_mut().filter(|word| word.found.len() < most && word.unread >= 0).collect();
            let spans: Vec<Span<'_>> = wanted.iter().map(|word| word.span(round, newest, most)).collect();
            let read = read_blocks(&mut connection, chat, &spans).await?;
            // Most words for speakers and days are nowhere, and share nothing.
            most = most.min(share(read.len()));
            for (place, blocks) in read {
                if let Some(word) = wanted.get_mut(place) {
                    word.add(&blocks, before, most)?;
                }
            }
            for (word, (_, oldest, _)) in wanted.into_iter().zip(spans) {
                word.unread = oldest - 1;
            }
        }
        let hits = words.into_iter().filter(|word| !word.found.is_empty()).map(|word| Hit {
            term: word.term.to_owned(),
            is_all: word.found.len() < most,
            ordinals: word.found,
        });
        Ok(hits.collect())
    }
}

/// Which blocks to read next.
#[derive(Clone, Copy)]
enum Round {
    Newest,
    Enough,
    All,
}

/// A word, and the oldest and the newest block to read of it.
type Span<'a> = (&'a str, i64, i64);

/// A word whose postings are being read, newest first.
struct Word<'a> {
    term: &'a str,
    found: Vec<u32>,
    /// The newest block that was not read; below zero when all were.
    unread: i64,
}

impl<'a> Word<'a> {
    /// What to read so that there are `most`, where all blocks from `newest` on were read that are not unread.
    fn span(&self, round: Round, newest: i64, most: usize) -> Span<'a> {
        let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
        let blocks = match round {
            Round::Newest => NEWEST,
            // Half as many again as it would take if it were said as often before.
            Round::Enough if !self.found.is_empty() => {
                let missing = count(most.saturating_sub(self.found.len()));
                missing.saturating_mul(newest - self.unread) * 3 / 2 / count(self.found.len()) + 1
            }
            Round::Enough | Round::All => i64::MAX,
        };
        (self.term, self.unread.saturating_sub(blocks - 1).max(0), self.unread)
    }

    /// Adds the newest messages of some blocks before the place `before`, until there are `most`.
    fn add(&mut self, blocks: &str, before: u32, most: usize) -> Result<()> {
        let mut blocks: Vec<(i64, Cow<'_, str>)> = of_json(blocks)?;
        blocks.sort_by_key(|(block, _)| -block);
        for (block, held) in blocks {
            let room = most.saturating_sub(self.found.len());
            self.found.extend(ordinals(block, &held).rev().filter(|ordinal| *ordinal < before).take(room));
        }
        Ok(())
    }
}

impl Store {
    /// The place in a chat from which on no message comes before `id`: that of the first message which is not before it.
    pub async fn ordinal_from(&self, chat: ChatId, id: MessageId) -> Result<u32> {
        let newest = sqlx::query_scalar!(
            r#"SELECT ordinal FROM messages WHERE chat_id = ? AND id < ? ORDER BY id DESC LIMIT 1"#,
            chat.0,
            id.0
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(newest.map_or(1, |newest| count(newest) + 1))
    }

    /// Conversation by place, without its text, in no order; none that is archived at `at`, unless those are wanted too.
    ///
    /// Hundreds are looked at for each reply, and few of them quoted. They come as one value, since sqlx's work goes by the
    /// values that it copies.
    pub async fn list_at(
        &self,
        chat: ChatId,
        ordinals: &[u32],
        encoding: Encoding,
        at: Timestamp,
        archived: bool,
    ) -> Result<Vec<Listed>> {
        if ordinals.is_empty() {
            return Ok(Vec::new());
        }
        let list = serde_json::to_string(ordinals).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let encoding = encoding.as_str();
        let listed = sqlx::query_scalar!(
            r#"SELECT json_group_array(json_array(m.ordinal, m.id, m.said_at, m.author,
                          ifnull(CASE ?3 WHEN 'cl100k_base' THEN r.cl100k_base ELSE r.o200k_base END, octet_length(r.text) / 4)))
                      AS "listed!: String"
               FROM json_each(?1) AS t CROSS JOIN messages m ON m.chat_id = ?2 AND m.ordinal = t.value
                    JOIN revisions r ON r.id = m.revision_id
               WHERE m.kind IN ('text', 'media')
                 AND (?5 OR NOT EXISTS (SELECT 1 FROM archivals a WHERE a.message_id = m.id AND a.archived_at <= ?4
                                        AND (a.restored_at IS NULL OR a.restored_at > ?4)))"#,
            list,
            chat.0,
            encoding,
            at.0,
            archived
        )
        .fetch_one(&self.read)
        .await?;
        of_json(&listed)
    }

    /// Conversation by place, in no order, each with whether it is counted in the encoding asked for; archive marks as they
    /// were at `at`.
    pub async fn messages_at(
        &self,
        chat: ChatId,
        ordinals: &[u32],
        encoding: Encoding,
        at: Timestamp,
    ) -> Result<Vec<(u32, Message, bool)>> {
        if ordinals.is_empty() {
            return Ok(Vec::new());
        }
        let list = serde_json::to_string(ordinals).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let encoding = encoding.as_str();
        let rows = sqlx::query!(
            r#"SELECT m.ordinal,
                      json_array(m.id, m.revision_id, m.turn_id, m.role, m.author, m.kind, r.text,
                                 CASE ?3 WHEN 'cl100k_base' THEN r.cl100k_base ELSE r.o200k_base END, m.said_at,
                                 (SELECT a.archived_at FROM archivals a WHERE a.message_id = m.id AND a.archived_at <= ?4
                                  AND (a.restored_at IS NULL OR a.restored_at > ?4))) AS "message!: String"
               FROM json_each(?1) AS t CROSS JOIN messages m ON m.chat_id = ?2 AND m.ordinal = t.value
                    JOIN revisions r ON r.id = m.revision_id
               WHERE m.kind IN ('text', 'media')"#,
            list,
            chat.0,
            encoding,
            at.0
        )
        .fetch_all(&self.read)
        .await?;
        let read = rows.into_iter().map(|row| {
            let (message, counted) = of_json::<Row>(&row.message)?.message()?;
            Ok((count(row.ordinal), message, counted))
        });
        read.collect()
    }
}

/// The postings of the words that have any in their spans: the word's place among them, and the blocks as JSON.
async fn read_blocks(
    connection: &mut SqliteConnection,
    chat: ChatId,
    spans: &[Span<'_>],
) -> Result<Vec<(usize, String)>> {
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    let list = serde_json::to_string(spans).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    // A subquery has SQLite look each word up instead of reading the chat's whole index; one row a word, however many blocks.
    let rows = sqlx::query!(
        r#"SELECT t.key + 0 AS "place!: i64",
                  (SELECT json_group_array(json_array(p.block, p.ordinals)) FROM postings p
                   WHERE p.chat_id = ?2 AND p.term = t.value ->> 0 AND p.block BETWEEN t.value ->> 1 AND t.value ->> 2)
                      AS "blocks!: String"
           FROM json_each(?1) AS t"#,
        list,
        chat.0
    )
    .fetch_all(connection)
    .await?;
    let held = rows.into_iter().filter(|row| row.blocks != "[]");
    Ok(held.map(|row| (usize::try_from(row.place).unwrap_or(usize::MAX), row.blocks)).collect())
}

/// How many postings each of so many words may have.
fn share(words: usize) -> usize {
    (POSTINGS / words.max(1)).clamp(FEWEST_OF_A_WORD, MOST_OF_A_WORD)
}

#[cfg(test)]
mod tests {
    use souvenir_memory::Source;

    use super::*;
    use crate::store::{Indexed, NewMessage};

    /// A store with one chat of so many messages, some of which hold a word.
    async fn store_with(messages: u32, holds: impl Fn(u32) -> bool) -> (tempfile::TempDir, Store, ChatId) {
        let word = |held| if held { vec!["oak".to_owned(), "доск".to_owned()] } else { Vec::new() };
        store_of(messages, |ordinal| word(holds(ordinal))).await
    }

    /// A store with one chat of so many messages with these words.
    async fn store_of(messages: u32, words: impl Fn(u32) -> Vec<String>) -> (tempfile::TempDir, Store, ChatId) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("souvenir.db");
        let store = Store::open_with(&path, crate::store::Durability::Normal).await.unwrap();
        let chat = store.create_console_chat("Oak", Timestamp(1)).await.unwrap();
        store.receive(NewMessage::said(chat, Source::Console, "oak", Timestamp(1)), Timestamp(1)).await.unwrap();
        sqlx::query(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
             INSERT INTO messages (chat_id, ordinal, role, kind, source, revision_id, said_at)
             SELECT 1, i, 'user', 'text', 'console', 1, 1 FROM n",
        )
        .bind(messages)
        .execute(&store.write)
        .await
        .unwrap();
        let entries: Vec<Indexed> = (1..=messages).map(|ordinal| Indexed { ordinal, terms: words(ordinal) }).collect();
        store.index(chat, &entries).await.unwrap();
        (folder, store, chat)
    }

    async fn found(store: &Store, chat: ChatId, before: u32) -> (Vec<u32>, bool) {
        let terms = ["unknown".to_owned(), "доск".to_owned()];
        let hits = store.postings(chat, &terms, before).await.unwrap();
        hits.into_iter().next().map_or((Vec::new(), true), |hit| (hit.ordinals, hit.is_all))
    }

    #[tokio::test]
    async fn postings_come_newest_first_from_all_blocks_of_one_chat() {
        let places = [1, 2, 2047, 2048, 2049, 9_000, 11_000];
        let (_folder, store, chat) = store_with(11_000, |ordinal| places.contains(&ordinal)).await;
        assert_eq!(found(&store, chat, u32::MAX).await, (vec![11_000, 9_000, 2049, 2048, 2047, 2, 1], true));
        assert_eq!(found(&store, chat, 2048).await, (vec![2047, 2, 1], true));
        assert_eq!(found(&store, ChatId(chat.0 + 1), u32::MAX).await.0, Vec::<u32>::new());
    }

    #[tokio::test]
    async fn of_a_common_word_only_the_newest_messages_are_read() {
        let (_folder, store, chat) = store_with(12_000, |ordinal| ordinal % 5 == 0).await;
        let newest: Vec<u32> = (1_201..=2_400).rev().map(|place| place * 5).collect();
        assert_eq!(found(&store, chat, u32::MAX).await, (newest, false));
        let before: Vec<u32> = (801..=2_000).rev().map(|place| place * 5).collect();
        assert_eq!(found(&store, chat, 10_001).await, (before, false));
    }

    #[tokio::test]
    async fn the_words_of_a_query_share_what_is_read() {
        let words: Vec<String> = (0..10).map(|word| format!("word{word}")).collect();
        let (_folder, store, chat) = store_of(2_000, |_| words.clone()).await;
        let nowhere = (0..10).map(|word| format!("@word{word}"));
        let asked: Vec<String> = words.iter().cloned().chain(nowhere).collect();
        let hits = store.postings(chat, &asked, 2_001).await.unwrap();
        assert_eq!(hits.iter().map(|hit| hit.ordinals.len()).collect::<Vec<_>>(), [POSTINGS / 10; 10]);
    }

    #[tokio::test]
    async fn what_is_indexed_twice_is_in_the_index_once() {
        let (_folder, store, chat) = store_with(3, |_| true).await;
        store.index(chat, &[Indexed { ordinal: 3, terms: vec!["доск".to_owned()] }]).await.unwrap();
        assert_eq!(found(&store, chat, u32::MAX).await.0, [3, 2, 1]);
        assert!(store.chats_to_index().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_place_is_never_given_twice() {
        let (_folder, store, chat) = store_with(1, |_| true).await;
        sqlx::query("DELETE FROM messages").execute(&store.write).await.unwrap();
        store.receive(NewMessage::said(chat, Source::Console, "oak", Timestamp(2)), Timestamp(2)).await.unwrap();
        assert_eq!(store.unindexed(chat, 9).await.unwrap()[0].ordinal, 2);
    }
}
