//! Who may do what in a chat: in a private one everything; in a group, members read and forget their own words, and
//! administrators and the owner change what is remembered.

use serde::Deserialize;
use teloxide::{
    payloads::GetChatMember,
    types::{ChatId, UserId},
};

use super::{Door, commands::Speaker};

/// As much of a member as matters here.
#[derive(Deserialize)]
struct Member {
    status: String,
}

impl Door {
    /// Whether the speaker may change what is remembered of the chat. Telegram is asked each time: administrators change.
    pub(super) async fn may_edit(&self, speaker: Speaker) -> bool {
        if speaker.private || speaker.is_owner {
            return true;
        }
        let Ok(user) = u64::try_from(speaker.user) else { return false };
        let ask = GetChatMember::new(ChatId(speaker.telegram_chat), UserId(user));
        match self.api.call::<_, Member>(&ask).await {
            Ok(member) => matches!(member.status.as_str(), "creator" | "administrator"),
            Err(error) => {
                tracing::warn!(chat.id = %speaker.chat, error = %error, "failed to ask who administers a group");
                false
            }
        }
    }
}
