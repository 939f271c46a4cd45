//! What pages and batches read goes by what they show, not by how long the chat is.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::*;
use crate::store::{Durability, NewMessage};

/// After how many steps of SQLite's machine they are counted.
const STEPS: i32 = 10;

/// A chat of so many messages, said a second apart, with one episode in all of it, of which ten messages are summed up.
struct World {
    store: Store,
    chat: ChatId,
    /// Steps that reading took, in tens.
    steps: Arc<AtomicU64>,
    messages: i64,
    _folder: tempfile::TempDir,
}

impl World {
    async fn of(messages: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_with(&folder.path().join("souvenir.db"), Durability::Normal).await.unwrap();
        let chat = store.create_console_chat("Oak", Timestamp(1)).await.unwrap();
        let first = NewMessage::said(chat, Source::Console, "oak", Timestamp(1_000));
        store.receive(first, Timestamp(1_000)).await.unwrap();
        sqlx::query(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
             INSERT INTO messages (chat_id, ordinal, role, kind, source, revision_id, said_at)
             SELECT 1, i, 'user', 'text', 'console', 1, 1000 * i FROM n",
        )
        .bind(messages)
        .execute(&store.write)
        .await
        .unwrap();
        let summed_up = sqlx::raw_sql(
            "INSERT INTO episodes (id, chat_id, first_message_id, opened_at) VALUES (1, 1, 1, 1000);
             INSERT INTO summaries (episode_id, version, text, first_message_id, covers_through, tokens_before,
                                    tokens_after, recorded_at) VALUES (1, 1, 'oak', 1, 10, 1, 1, 1);",
        );
        summed_up.execute(&store.write).await.unwrap();
        let steps = Arc::new(AtomicU64::new(0));
        let mut readers = Vec::new();
        for _ in 0..store.read.options().get_max_connections() {
            let mut reader = store.read.acquire().await.unwrap();
            let steps = Arc::clone(&steps);
            reader.lock_handle().await.unwrap().set_progress_handler(STEPS, move || {
                steps.fetch_add(1, Ordering::Relaxed);
                true
            });
            readers.push(reader);
        }
        drop(readers);
        Self { store, chat, steps, messages, _folder: folder }
    }

    /// What was read since the last time.
    fn steps(&self) -> u64 {
        self.steps.swap(0, Ordering::Relaxed)
    }

    /// The steps of each kind of reading, by name.
    async fn readings(&self) -> Vec<(&'static str, u64)> {
        let (store, chat, encoding) = (&self.store, self.chat, Encoding::default());
        let page = MessageFilter { conversation: true, limit: 50, ..MessageFilter::default() };
        let recent = Some(Timestamp(1000 * (self.messages - 20)));
        let mut readings = Vec::new();
        self.steps();
        assert_eq!(store.list_messages(chat, page, encoding).await.unwrap().len(), 50);
        readings.push(("the newest page", self.steps()));
        let session = MessageFilter { since: recent, ..page };
        assert_eq!(store.list_messages(chat, session, encoding).await.unwrap().len(), 21);
        readings.push(("a session", self.steps()));
        let before = MessageFilter { until: recent, limit: 200, ..page };
        assert_eq!(store.measure_messages(chat, before, encoding).await.unwrap().messages, 200);
        readings.push(("what was said before it", self.steps()));
        assert_eq!(store.covered_by_summaries(chat, &[1]).await.unwrap().len(), 10);
        readings.push(("what a summary covers", self.steps()));
        let all = (MessageId(1), MessageId(self.messages));
        assert_eq!(store.utterances(chat, all, 100, encoding).await.unwrap().len(), 100);
        readings.push(("a batch", self.steps()));
        readings
    }
}

#[tokio::test]
async fn reading_goes_by_what_is_shown_and_not_by_how_much_there_is() {
    let few = World::of(400).await.readings().await;
    let many = World::of(40_000).await.readings().await;
    for ((what, few), (_, many)) in few.into_iter().zip(many) {
        assert!(few > 0, "{what} was not counted");
        assert!(many <= few + 10, "{what} took {many} instead of {few} steps in a longer chat");
    }
}
