//! Reading the index of words ([`super::index`]), and the messages that it names.

use std::{borrow::Cow, ops::RangeInclusive};

use serde::Deserialize;
use souvenir_memory::{ChatId, Encoding, Message, MessageId, Timestamp};
use sqlx::SqliteConnection;

use super::{
    Result, Store, StoreError, count,
    index::{BLOCK, ordinals},
    of_json,
    snapshot::Row,
};

/// How many of the newest postings of a word are read: a word in more messages than that tells little.
const POSTINGS: usize = 400;
/// How many blocks are read at a time, newest first: only words that are rare in those are looked for in older ones.
const STEPS: [i64; 4] = [4, 16, 64, i64::MAX];

/// A word and the newest messages of the chat that hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The stem.
    pub term: String,
    /// Places in the chat, newest first, at most [`POSTINGS`] of them.
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
    pub async fn postings(&self, chat: ChatId, terms: &[String], before: u32) -> Result<Vec<Hit>> {
        let mut connection = self.read.acquire().await?;
        let mut found: Vec<Vec<u32>> = vec![Vec::new(); terms.len()];
        let mut newest = i64::from(before) / BLOCK;
        for blocks in STEPS {
            let wanted: Vec<Option<&str>> = terms
                .iter()
                .zip(&found)
                .map(|(term, found)| (found.len() < POSTINGS).then_some(term.as_str()))
                .collect();
            let oldest = newest.saturating_sub(blocks - 1).max(0);
            read_blocks(&mut connection, chat, &wanted, oldest..=newest, &mut found).await?;
            newest = oldest - 1;
            if newest < 0 {
                break;
            }
        }
        let hits = terms.iter().zip(found).filter_map(|(term, mut ordinals)| {
            ordinals.retain(|ordinal| *ordinal < before);
            let is_all = ordinals.len() < POSTINGS;
            ordinals.truncate(POSTINGS);
            (!ordinals.is_empty()).then(|| Hit { term: term.clone(), ordinals, is_all })
        });
        Ok(hits.collect())
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

/// Adds the messages of some blocks that hold each term wanted, newest first, to what newer blocks had.
async fn read_blocks(
    connection: &mut SqliteConnection,
    chat: ChatId,
    terms: &[Option<&str>],
    blocks: RangeInclusive<i64>,
    found: &mut [Vec<u32>],
) -> Result<()> {
    let list = serde_json::to_string(terms).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let (oldest, newest) = (blocks.start(), blocks.end());
    // A subquery has SQLite look each term up instead of reading the chat's whole index; one row a term, however many blocks.
    let rows = sqlx::query!(
        r#"SELECT t.key + 0 AS "place!: i64",
                  (SELECT json_group_array(json_array(p.block, p.ordinals)) FROM postings p
                   WHERE p.chat_id = ?2 AND p.term = t.value AND p.block BETWEEN ?3 AND ?4) AS "blocks!: String"
           FROM json_each(?1) AS t WHERE t.value IS NOT NULL"#,
        list,
        chat.0,
        oldest,
        newest
    )
    .fetch_all(connection)
    .await?;
    for row in rows {
        let place = usize::try_from(row.place).unwrap_or(usize::MAX);
        let Some(found) = found.get_mut(place) else { continue };
        let mut blocks: Vec<(i64, Cow<'_, str>)> = of_json(&row.blocks)?;
        blocks.sort_by_key(|(block, _)| -block);
        for (block, held) in blocks {
            if found.len() < POSTINGS {
                found.extend(ordinals(block, &held).rev());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use souvenir_memory::Source;

    use super::*;
    use crate::store::{Indexed, NewMessage};

    /// A store with one chat of so many messages, of which those in `places` hold a word.
    async fn store_with(messages: u32, holds: impl Fn(u32) -> bool) -> (tempfile::TempDir, Store, ChatId) {
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
        let word = |held| if held { vec!["oak".to_owned(), "доск".to_owned()] } else { Vec::new() };
        let entries: Vec<Indexed> =
            (1..=messages).map(|ordinal| Indexed { ordinal, terms: word(holds(ordinal)) }).collect();
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
        let (_folder, store, chat) = store_with(12_000, |ordinal| ordinal % 20 == 0).await;
        let newest: Vec<u32> = (201..=600).rev().map(|place| place * 20).collect();
        assert_eq!(found(&store, chat, u32::MAX).await, (newest, false));
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
