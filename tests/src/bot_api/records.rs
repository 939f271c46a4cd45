//! What reached people and what the bot called: what tests look at afterwards.

use std::time::Duration;

use serde_json::Value;

use super::Fault;

/// How a message was formatted when it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `sendRichMessage`.
    Rich,
    /// `sendMessage` with `parse_mode` HTML.
    Html,
    /// `sendMessage` without a parse mode.
    Plain,
}

/// A button of an inline keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// What pressing it sends to the bot.
    pub data: Option<String>,
    /// Where it leads instead.
    pub url: Option<String>,
}

/// A message that reached a chat.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Telegram's id of the message.
    pub message_id: i64,
    /// The chat it stands in.
    pub chat_id: i64,
    /// How it was formatted.
    pub format: Format,
    /// The text as the bot sent it, with its markup.
    pub source: String,
    /// The text as people see it (for rich messages the Markdown).
    pub text: String,
    /// The buttons under it.
    pub keyboard: Vec<Vec<Button>>,
    /// The message it is shown as a reply to.
    pub replies_to: Option<i64>,
    /// Whether it opens a reply to itself.
    pub asks: bool,
    /// What it said before each edit.
    pub edits: Vec<String>,
    /// Whether the bot deleted it since.
    pub deleted: bool,
    /// When it was sent, since the epoch.
    pub at: Duration,
    /// The call that sent it, by its place in [`super::BotApi::calls`].
    pub call: usize,
}

impl Sent {
    /// The button whose text contains `part`, in whatever case.
    #[must_use]
    pub fn button(&self, part: &str) -> Option<&Button> {
        self.keyboard.iter().flatten().find(|button| button.text.to_lowercase().contains(&part.to_lowercase()))
    }
}

/// A call that the bot made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method as Telegram writes it; as it came when Telegram knows no such method.
    pub method: String,
    /// Whether this server knows the method at all.
    pub known: bool,
    /// The decoded parameters.
    pub params: Value,
    /// When it came, since the epoch.
    pub at: Duration,
    /// The HTTP status of the answer; `None` while there is none, and for a connection that was cut.
    pub status: Option<u16>,
    /// The trouble it met.
    pub fault: Option<Fault>,
    /// The message that it sent, whatever the bot was told.
    pub message_id: Option<i64>,
}

/// Where a public address leads, as a reverse proxy has it: `https://bot.example.org` to `http://127.0.0.1:8080`.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) from: String,
    pub(super) to: String,
}
