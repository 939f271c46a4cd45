//! Vectors of what is forgotten.

use std::collections::BTreeSet;

use super::Work;
use crate::store::{
    Result, count,
    vectors::{Messages, drop_vectors},
};

impl Work<'_> {
    /// Takes the messages out of the vectors, by whichever model. To be done while their rows are there.
    pub(super) async fn forget_vectors(&mut self) -> Result<()> {
        let gone = sqlx::query_scalar!(
            "SELECT ordinal FROM messages WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?))",
            self.wish.chat.0,
            self.list
        )
        .fetch_all(&mut *self.db)
        .await?;
        let ordinals: BTreeSet<u32> = gone.into_iter().map(count).collect();
        drop_vectors(self.db, self.wish.chat, &ordinals, Messages::Go).await
    }
}
