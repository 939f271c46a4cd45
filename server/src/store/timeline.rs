//! A chat's history along time, read in steps that do not grow with it: where a moment stands, and how much was said when.
//!
//! Places are in order of time, save for what arrived late by seconds, so a moment is found by halving; and of a long stretch
//! evenly spaced places tell its shape.

use souvenir_memory::{ChatId, MessageId, Timestamp};

use super::{Result, Store, count};

/// So many messages of a stretch are looked at for its shape; all, where there are fewer.
const SAMPLES: i64 = 8_192;

/// A message at its place.
struct Placed {
    id: i64,
    ordinal: i64,
    said_at: i64,
}

impl Store {
    /// How many rows a chat has: commands and service messages too.
    pub async fn message_count(&self, chat: ChatId) -> Result<u64> {
        let all = sqlx::query_scalar!(r#"SELECT count(*) AS "all!: i64" FROM messages WHERE chat_id = ?"#, chat.0)
            .fetch_one(&self.read)
            .await?;
        Ok(all.unsigned_abs())
    }

    /// When the first message of a chat was said.
    pub async fn first_said(&self, chat: ChatId) -> Result<Option<Timestamp>> {
        Ok(self.at_place(chat, 0).await?.map(|first| Timestamp(first.said_at)))
    }

    /// The first message of a chat that was said at a time or later.
    pub async fn first_message_since(&self, chat: ChatId, at: Timestamp) -> Result<Option<MessageId>> {
        Ok(self.first_since(chat, at).await?.map(|first| MessageId(first.id)))
    }

    /// Conversation per slice of time between two moments, oldest first: start of the slice, messages in it, and how many of
    /// them were put away. Of more than [`SAMPLES`] messages each that is looked at stands for its neighbours.
    pub async fn histogram(
        &self,
        chat: ChatId,
        from: Timestamp,
        until: Timestamp,
        slice_ms: i64,
    ) -> Result<Vec<(Timestamp, u32, u32)>> {
        let Some(first) = self.first_since(chat, from).await? else { return Ok(Vec::new()) };
        let end = self.first_since(chat, until).await?.map_or(i64::MAX, |end| end.ordinal);
        let last = self.place_before(chat, end).await?;
        let step = (last - first.ordinal) / SAMPLES + 1;
        let slice = slice_ms.max(1);
        let rows = sqlx::query!(
            r#"WITH RECURSIVE place(at) AS (SELECT ?2 UNION ALL SELECT at + ?4 FROM place WHERE at + ?4 <= ?3)
               SELECT max(m.said_at - ?5, 0) / ?6 AS "slice!: i64", count(*) AS "messages!: i64",
                      count(m.archived_at) AS "archived!: i64"
               FROM place CROSS JOIN messages m ON m.chat_id = ?1 AND m.ordinal = place.at
               WHERE m.kind IN ('text', 'media') GROUP BY 1 ORDER BY 1"#,
            chat.0,
            first.ordinal,
            last,
            step,
            from.0,
            slice
        )
        .fetch_all(&self.read)
        .await?;
        let slices = rows.into_iter().map(|row| {
            let start = Timestamp(from.0 + row.slice * slice);
            (start, count(row.messages * step), count(row.archived * step))
        });
        Ok(slices.collect())
    }

    /// The first message that was said at a time or later, by halving.
    async fn first_since(&self, chat: ChatId, at: Timestamp) -> Result<Option<Placed>> {
        let (mut low, mut high) = (0, self.place_before(chat, i64::MAX).await? + 1);
        let mut found = None;
        while low < high {
            let middle = i64::midpoint(low, high);
            match self.at_place(chat, middle).await? {
                Some(there) if there.said_at < at.0 => low = there.ordinal + 1,
                there => {
                    high = middle;
                    found = there.or(found);
                }
            }
        }
        Ok(found)
    }

    /// The message at a place, or the next after it: what was forgotten leaves gaps.
    async fn at_place(&self, chat: ChatId, place: i64) -> Result<Option<Placed>> {
        Ok(sqlx::query_as!(
            Placed,
            r#"SELECT id AS "id!", ordinal, said_at FROM messages WHERE chat_id = ? AND ordinal >= ? ORDER BY ordinal LIMIT 1"#,
            chat.0,
            place
        )
        .fetch_optional(&self.read)
        .await?)
    }

    /// The last place before another that has a message; zero where there is none.
    async fn place_before(&self, chat: ChatId, place: i64) -> Result<i64> {
        let last = sqlx::query_scalar!(
            "SELECT ordinal FROM messages WHERE chat_id = ? AND ordinal < ? ORDER BY ordinal DESC LIMIT 1",
            chat.0,
            place
        )
        .fetch_optional(&self.read)
        .await?;
        Ok(last.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use souvenir_memory::Source;

    use super::*;
    use crate::store::NewMessage;

    /// A chat of so many messages, said ten milliseconds apart from 1,000 on.
    async fn store_with(messages: i64) -> (tempfile::TempDir, Store, ChatId) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("souvenir.db");
        let store = Store::open_with(&path, crate::store::Durability::Normal).await.unwrap();
        let chat = store.create_console_chat("Oak", Timestamp(1)).await.unwrap();
        let first = NewMessage::said(chat, Source::Console, "oak", Timestamp(1_000));
        store.receive(first, Timestamp(1_000)).await.unwrap();
        sqlx::query(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
             INSERT INTO messages (chat_id, ordinal, role, kind, source, revision_id, said_at)
             SELECT 1, i, 'user', 'text', 'console', 1, 990 + 10 * i FROM n",
        )
        .bind(messages)
        .execute(&store.write)
        .await
        .unwrap();
        (folder, store, chat)
    }

    #[tokio::test]
    async fn a_moment_is_found_whatever_was_forgotten_around_it() {
        let (_folder, store, chat) = store_with(50).await;
        sqlx::query("DELETE FROM messages WHERE ordinal BETWEEN 20 AND 30").execute(&store.write).await.unwrap();
        for (at, place) in
            [(0, Some(1)), (1_000, Some(1)), (1_001, Some(2)), (1_200, Some(31)), (1_490, Some(50)), (1_491, None)]
        {
            let found = store.first_since(chat, Timestamp(at)).await.unwrap().map(|found| found.ordinal);
            assert_eq!(found, place, "{at}");
        }
        assert!(store.first_since(ChatId(chat.0 + 1), Timestamp(0)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_short_stretch_is_counted_and_ends_where_it_is_said_to() {
        let (_folder, store, chat) = store_with(50).await;
        sqlx::query("UPDATE messages SET archived_at = 1 WHERE ordinal <= 3").execute(&store.write).await.unwrap();
        let slices = store.histogram(chat, Timestamp(1_000), Timestamp(1_250), 100).await.unwrap();
        assert_eq!(slices, [(Timestamp(1_000), 10, 3), (Timestamp(1_100), 10, 0), (Timestamp(1_200), 5, 0)]);
        assert!(store.histogram(chat, Timestamp(2_000), Timestamp(3_000), 100).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_long_stretch_keeps_its_shape() {
        let messages = SAMPLES * 5 / 2;
        let (_folder, store, chat) = store_with(messages).await;
        let length = messages * 10;
        let slices = store.histogram(chat, Timestamp(1_000), Timestamp(1_000 + length), length / 4).await.unwrap();
        let expected = u32::try_from(messages / 4).unwrap();
        assert_eq!(slices.len(), 4);
        assert!(slices.iter().all(|(_, messages, _)| messages.abs_diff(expected) <= 3), "{slices:?}, {expected}");
    }
}
