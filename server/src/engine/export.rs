//! Everything held about a chat, for whoever wants it elsewhere.

use souvenir_memory::ChatId;

use super::{Engine, error::Result};

impl Engine {
    /// A chat as JSON lines; the store has the format.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](super::EngineError::NoChat), or when the database fails.
    pub async fn export(&self, chat: ChatId) -> Result<String> {
        self.record(chat).await?;
        let lines = self.store().export(chat, self.now()).await?;
        Ok(lines.iter().map(|line| format!("{line}\n")).collect())
    }
}
