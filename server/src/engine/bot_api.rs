//! What a Bot API server was found not to know, kept so that a restart does not ask for it again.

use sha2::{Digest, Sha256};
use souvenir_memory::Timestamp;

use super::{Engine, error::Result};

/// Something newer Bot API servers can do and older ones cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BotApiFeature {
    /// `sendRichMessage` and its draft (Bot API 10.1).
    RichMessages,
    /// `sendMessageDraft` (Bot API 9.3).
    Drafts,
}

impl BotApiFeature {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::RichMessages, Self::Drafts];

    /// Its name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RichMessages => "rich_messages",
            Self::Drafts => "drafts",
        }
    }

    /// The key it is kept under. The address is hashed: it may hold a secret.
    fn key(self, server: &str) -> String {
        let digest = Sha256::digest(server);
        let short: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("bot_api_lacks:{}:{short}", self.as_str())
    }
}

impl Engine {
    /// Since when the Bot API server at this address is known to lack something; none when it is not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bot_api_lacks(&self, server: &str, feature: BotApiFeature) -> Result<Option<Timestamp>> {
        let kept = self.store().installation(&feature.key(server)).await?;
        Ok(kept.and_then(|since| since.parse().ok()).map(Timestamp))
    }

    /// Keeps that the Bot API server at this address lacks something, from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_bot_api_lacks(&self, server: &str, feature: BotApiFeature) -> Result<()> {
        Ok(self.store().set_installation(&feature.key(server), &self.now().0.to_string()).await?)
    }
}
