//! What a crash or a busy database left to be done.

use super::ERASING_PATIENCE;
use crate::engine::{Engine, error::Result};

impl Engine {
    /// Does what a stop cut off.
    pub(in crate::engine) async fn take_up_forgetting(&self) -> Result<()> {
        let again = self.store().recover_forgettings().await?;
        if again > 0 {
            tracing::info!(again, "what was to be forgotten when the last process ended is forgotten now");
        }
        self.forget_what_was_asked().await?;
        self.erase_if_due().await
    }

    /// Does what was asked for and nobody has begun with: by the command line, or before a stop.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_what_was_asked(&self) -> Result<()> {
        for asked in self.store().forgettings_asked().await? {
            if !self.store().take_up_asked(asked.id, self.now()).await? {
                continue;
            }
            if self.store().chat(asked.chat).await?.is_none() {
                self.store().give_up_forgetting(asked.id, "there is no such chat").await?;
            } else if let Err(error) = self.carry_out(asked.id, asked.chat, asked.scope).await {
                tracing::error!(%error, "failed to forget what was asked for; it is tried again at the next start");
            }
        }
        Ok(())
    }

    /// Writes the file anew when something was forgotten since it last was.
    pub(in crate::engine) async fn erase_if_due(&self) -> Result<()> {
        let _alone = self.inner.erasing.lock().await;
        if self.store().erasing_is_due().await? && !self.store().erase(self.now()).await? {
            tracing::warn!("the database's log could not be emptied: somebody reads from it; it is tried again");
        }
        Ok(())
    }

    /// The same, for somebody who waits: says whether the bytes are gone. It goes on when they do not wait any longer.
    pub(super) async fn erase_for_a_while(&self) -> bool {
        let engine = self.clone();
        let erasing = tokio::spawn(async move { engine.erase_if_due().await });
        match tokio::time::timeout(ERASING_PATIENCE, erasing).await {
            Ok(Ok(Ok(()))) => !self.store().erasing_is_due().await.unwrap_or(true),
            Ok(Ok(Err(error))) => {
                tracing::error!(%error, "failed to write the database anew; it is tried again");
                false
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the task that writes the database anew failed");
                false
            }
            Err(_) => false,
        }
    }
}
