//! What arrives from outside: a message on its way in, whichever door it comes through.

use souvenir_memory::{ChatId, MessageId, MessageKind, Timestamp, media::File};

/// The chat a message belongs to, as the door it came through knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A Telegram chat, or a topic of one; made at its first message.
    Telegram(TelegramChat),
    /// A console chat, by Souvenir's id.
    Console(ChatId),
}

impl Origin {
    /// `private`, `group` or `console`.
    pub(super) fn kind_of_chat(&self) -> &'static str {
        match self {
            Self::Telegram(TelegramChat { private: true, .. }) => "private",
            Self::Telegram(_) => "group",
            Self::Console(_) => "console",
        }
    }
}

/// A Telegram chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelegramChat {
    /// Telegram's id.
    pub chat_id: i64,
    /// The forum topic, where there is one.
    pub thread_id: Option<i64>,
    /// Whether it is a private chat; otherwise a group.
    pub private: bool,
    /// The person's name or the group's title.
    pub title: String,
    /// The language of the sender's Telegram, as an IETF tag.
    pub language: Option<String>,
}

/// Names an update of a bot, so that its redelivery is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UpdateKey {
    /// The bot's user id.
    pub bot_id: i64,
    /// Telegram's `update_id`.
    pub update_id: i64,
}

/// One message on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Where it was said.
    pub origin: Origin,
    /// The update it came with; none from the console.
    pub update: Option<UpdateKey>,
    /// Telegram's id of the message within its chat.
    pub telegram_message_id: Option<i64>,
    /// The speaker's name.
    pub author: Option<String>,
    /// The speaker's Telegram user id.
    pub author_id: Option<i64>,
    /// The text, verbatim.
    pub text: String,
    /// A command is stored but never answered by the model.
    pub kind: MessageKind,
    /// When it was said; none for now.
    pub said_at: Option<Timestamp>,
    /// The Telegram message this one replies to.
    pub reply_to: Option<i64>,
    /// Whose words these are, when it is a forward.
    pub forwarded_from: Option<String>,
    /// What it replies to or quotes: shown to the model with it, and never evidence.
    pub quoted: Option<Quoted>,
    /// It was not said to the bot: it is kept, and read with what follows, but not answered.
    pub overheard: bool,
    /// What may be read besides the text: a file that came with it, and one that came with what it replies to (`true`).
    pub files: Vec<(bool, File)>,
}

/// Words that a message refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// The words.
    pub text: String,
    /// Whose they are; none for the bot's.
    pub author: Option<String>,
    /// Whether they are a part that somebody chose; else they are all that was said, as far as the door can tell.
    pub is_part: bool,
}

/// What became of an [`Incoming`]: it is stored, now or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The chat it is in.
    pub chat: ChatId,
    /// Its number.
    pub message: MessageId,
    /// Whether this update had been received before: nothing more is to be done about it.
    pub repeated: bool,
}
