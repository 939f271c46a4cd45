//! What people send besides words: photos, recordings, documents, albums; read where that is possible, told where it is not,
//! never lost.

mod documents;
mod pictures;
mod recordings;
mod trouble;

use serde_json::Value;
use souvenir_tests::bot_api::{Attached, Sent};
use souvenir_tests::harness::Setup;

use crate::world::World;

/// A world in which recordings are transcribed.
async fn world() -> World {
    World::start_with(hearing).await
}

fn hearing(setup: Setup) -> Setup {
    setup.env("SOUVENIR_TRANSCRIPTION_MODEL", "ears-1")
}

impl World {
    /// Ada sends a file; gives what reaches her next.
    async fn show(&self, file: &Attached, caption: &str) -> Sent {
        let before = self.bot.sent(&self.ada).len();
        self.bot.send(&self.ada, file, caption);
        self.bot.wait_for_sent(&self.ada, before + 1).await.swap_remove(before)
    }

    /// The stored messages of Ada's chat, oldest first.
    async fn stored(&self) -> Vec<Value> {
        let mut messages = self.app.api().list(&format!("/api/chats/{}/messages", self.chat().await)).await;
        messages.sort_by_key(|message| message["id"].as_i64());
        messages
    }

    /// The texts of what Ada said.
    async fn said(&self) -> Vec<String> {
        let stored = self.stored().await;
        let hers = stored.iter().filter(|message| message["role"] == "user");
        hers.filter_map(|message| message["text"].as_str().map(str::to_owned)).collect()
    }
}
