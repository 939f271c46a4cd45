//! Obstacles: why Telegram will not take a message for a chat, whatever its format, and what would help, in plain words.

/// Why nothing can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The person blocked the bot.
    Blocked,
    /// The person's account is gone.
    Deactivated,
    /// The person never wrote to the bot.
    NotStarted,
    /// The bot is no member of the group any more.
    Removed,
    /// The bot may not write in the group.
    NoRight,
    /// The topic is closed or gone.
    NoTopic,
    /// Telegram knows no such chat.
    NoChat,
    /// Something else, in Telegram's words.
    Forbidden(String),
}

impl Obstacle {
    /// Reads a refusal; none when it is about the message and not about the chat.
    pub(super) fn of(code: u16, description: &str) -> Option<Self> {
        let said = description.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
        Some(match code {
            _ if has(&["blocked by the user"]) => Self::Blocked,
            _ if has(&["deactivated"]) => Self::Deactivated,
            _ if has(&["can't initiate conversation"]) => Self::NotStarted,
            _ if has(&["kicked", "not a member", "group chat was deleted", "have no access"]) => Self::Removed,
            _ if has(&[
                "not enough rights",
                "have no rights",
                "write_forbidden",
                "need administrator",
                "restricted",
            ]) =>
            {
                Self::NoRight
            }
            _ if has(&["topic_closed", "topic_deleted", "thread not found"]) => Self::NoTopic,
            _ if has(&["chat not found", "peer_id_invalid", "chat_id is empty"]) => Self::NoChat,
            403 => Self::Forbidden(description.to_owned()),
            _ => return None,
        })
    }

    /// What is wrong and what would help.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Blocked => "the person has blocked the bot; once they unblock it and write again, it can answer",
            Self::Deactivated => "the person's Telegram account has been deleted",
            Self::NotStarted => "the person has not opened the bot: Telegram lets it write once they press Start",
            Self::Removed => "the bot is no longer in the group: add it again",
            Self::NoRight => "the bot may not write in the group: give it the right to send messages",
            Self::NoTopic => "the topic is closed or deleted: open it again, or write in another",
            Self::NoChat => "Telegram knows no such chat for this bot: was it deleted, or is this another bot's token?",
            Self::Forbidden(said) => return format!("Telegram does not let the bot write here: {said}"),
        }
        .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_cannot_be_reached_is_told_from_a_message_that_is_disliked() {
        let of = |code, said| Obstacle::of(code, said);
        assert_eq!(of(403, "Forbidden: bot was blocked by the user"), Some(Obstacle::Blocked));
        assert_eq!(of(403, "Forbidden: user is deactivated"), Some(Obstacle::Deactivated));
        assert_eq!(of(403, "Forbidden: bot was kicked from the supergroup chat"), Some(Obstacle::Removed));
        assert_eq!(of(400, "Bad Request: chat not found"), Some(Obstacle::NoChat));
        let rights = "Bad Request: not enough rights to send text messages to the chat";
        assert_eq!(of(400, rights), Some(Obstacle::NoRight));
        assert_eq!(of(400, "Bad Request: TOPIC_CLOSED"), Some(Obstacle::NoTopic));
        assert!(matches!(of(403, "Forbidden: something new"), Some(Obstacle::Forbidden(_))));
        assert_eq!(of(400, "Bad Request: can't parse entities: Unsupported start tag"), None);
        assert_eq!(of(404, "Not Found: method not found"), None);
    }
}
