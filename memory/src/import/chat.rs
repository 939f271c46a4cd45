//! Which chat an export is of, and by which number Telegram's bots know it.

use serde_json::Value;

/// What kind of chat was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatSort {
    /// With one person.
    Personal,
    /// With a bot.
    Bot,
    /// With oneself.
    Saved,
    /// A group whose messages each member counts for themselves.
    Group,
    /// A supergroup or a channel, whose messages have the same numbers for everybody.
    Supergroup,
}

/// The head of an exported chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedChat {
    /// Its name; none where the account was deleted.
    pub name: Option<String>,
    /// What kind.
    pub sort: ChatSort,
    /// Telegram's number of it, as the export has it; of a chat with one person or a bot, theirs.
    pub id: Option<i64>,
}

impl ExportedChat {
    /// Reads what stands before the messages: `name`, `type`, `id`.
    #[must_use]
    pub fn new(name: &Value, sort: &Value, id: &Value) -> Self {
        let sort = match sort.as_str().unwrap_or_default() {
            "bot_chat" => ChatSort::Bot,
            "saved_messages" => ChatSort::Saved,
            "private_group" => ChatSort::Group,
            sort if sort.contains("supergroup") || sort.contains("channel") => ChatSort::Supergroup,
            _ => ChatSort::Personal,
        };
        let name = name.as_str().map(one_line).filter(|name| !name.is_empty());
        Self { name, sort, id: id.as_i64().or_else(|| id.as_str()?.parse().ok()) }
    }

    /// The number by which a bot in the chat knows it.
    #[must_use]
    pub fn bot_api_id(&self) -> Option<i64> {
        // Early exports had the number with its sign, or with the sign and the hundred.
        let bare = self.id?.checked_abs()?;
        Some(match self.sort {
            ChatSort::Personal | ChatSort::Bot | ChatSort::Saved => bare,
            ChatSort::Group => -bare,
            ChatSort::Supergroup if bare > 1_000_000_000_000 => -bare,
            ChatSort::Supergroup => -1_000_000_000_000 - bare,
        })
    }

    /// Whether several people may write in it.
    #[must_use]
    pub fn is_group(&self) -> bool {
        matches!(self.sort, ChatSort::Group | ChatSort::Supergroup)
    }

    /// Whether the messages' numbers are those that a bot in the chat sees.
    #[must_use]
    pub fn numbers_are_shared(&self) -> bool {
        self.sort == ChatSort::Supergroup
    }
}

/// A name on one line, without what has no shape.
pub(super) fn one_line(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
