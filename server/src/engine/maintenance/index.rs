//! The index of words, in step with messages: off the way of a reply, a batch at a time.

use souvenir_memory::ChatId;

use crate::{
    engine::{Engine, error::Result, recall::index_terms},
    store::Indexed,
};

/// How many messages are indexed at a time; an import brings more.
const AT_A_TIME: u32 = 500;

impl Engine {
    /// Indexes what was said in a chat, however much it is, and waits until that is done: for those who measure.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bring_index_up_to_date(&self, chat: ChatId) -> Result<()> {
        self.index(chat).await
    }

    /// Indexes what was said in a chat since it was last indexed.
    pub(in crate::engine) async fn index(&self, chat: ChatId) -> Result<()> {
        let zone = self.settings_at(Some(chat), self.now()).await?.zone();
        loop {
            // Nobody indexes a message twice, and none that is being forgotten.
            let _alone = self.inner.upkeep.following().await;
            let fresh = self.store().unindexed(chat, AT_A_TIME).await?;
            let is_all = fresh.len() < AT_A_TIME as usize;
            let mut entries = Vec::with_capacity(fresh.len());
            for message in fresh {
                let terms = if message.is_conversation {
                    index_terms(&message.text, message.author.as_deref(), message.at, &zone).await
                } else {
                    Vec::new()
                };
                entries.push(Indexed { ordinal: message.ordinal, terms });
            }
            self.store().index(chat, &entries).await?;
            if is_all {
                return Ok(());
            }
        }
    }
}
