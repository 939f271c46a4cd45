//! Payloads of ours for what teloxide has not: methods newer than Bot API 9.1. This module goes when teloxide has them.

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde::Serialize;
use teloxide::requests::Payload;

use super::send::thread;
use crate::engine::TelegramChat;

/// The characters that one rich message may have.
const CHARACTERS: usize = 32_768;
/// The blocks that it may have; ours are counted generously.
const BLOCKS: usize = 500;
/// The columns that a table may have.
const COLUMNS: usize = 20;

/// `sendRichMessage`: Telegram parses the Markdown itself, tables and all (Bot API 10.1).
#[derive(Clone, Debug, Serialize)]
pub(super) struct SendRichMessage {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i32>,
    rich_message: RichMessage,
}

#[derive(Clone, Debug, Serialize)]
struct RichMessage {
    markdown: String,
}

impl SendRichMessage {
    /// A rich message with this Markdown.
    pub(super) fn new(to: &TelegramChat, markdown: &str) -> Self {
        let (chat_id, message_thread_id) = place(to);
        Self { chat_id, message_thread_id, rich_message: RichMessage { markdown: markdown.to_owned() } }
    }
}

impl Payload for SendRichMessage {
    type Output = serde_json::Value;
    const NAME: &'static str = "SendRichMessage";
}

/// `sendRichMessageDraft`: a preview of a rich message, in private chats (Bot API 10.1).
#[derive(Clone, Debug, Serialize)]
pub(super) struct SendRichMessageDraft {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i32>,
    draft_id: i32,
    rich_message: RichMessage,
    can_stop: bool,
    keep_on_stop: bool,
}

impl SendRichMessageDraft {
    /// A preview with a button that stops it; pressed, the preview stays until the message is there.
    pub(super) fn new(to: &TelegramChat, draft_id: i32, markdown: &str) -> Self {
        let (chat_id, message_thread_id) = place(to);
        let rich_message = RichMessage { markdown: markdown.to_owned() };
        Self { chat_id, message_thread_id, draft_id, rich_message, can_stop: true, keep_on_stop: true }
    }
}

impl Payload for SendRichMessageDraft {
    type Output = bool;
    const NAME: &'static str = "SendRichMessageDraft";
}

/// `editMessageText` with a rich message.
#[derive(Clone, Debug, Serialize)]
pub(super) struct EditRichMessage {
    chat_id: i64,
    message_id: i64,
    rich_message: RichMessage,
}

impl EditRichMessage {
    /// The message says this from now on.
    pub(super) fn new(to: &TelegramChat, message_id: i64, markdown: &str) -> Self {
        Self { chat_id: to.chat_id, message_id, rich_message: RichMessage { markdown: markdown.to_owned() } }
    }
}

impl Payload for EditRichMessage {
    type Output = serde_json::Value;
    const NAME: &'static str = "EditMessageText";
}

/// `sendMessageDraft`: a preview of a message, in private chats (Bot API 9.3). Without text it says that the bot thinks.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SendMessageDraft {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i32>,
    draft_id: i32,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parse_mode: Option<&'static str>,
    can_stop: bool,
    keep_on_stop: bool,
}

impl SendMessageDraft {
    /// A preview with a button that stops it; pressed, the preview stays until the message is there.
    pub(super) fn new(to: &TelegramChat, draft_id: i32, html: String) -> Self {
        let (chat_id, message_thread_id) = place(to);
        let parse_mode = (!html.is_empty()).then_some("HTML");
        Self { chat_id, message_thread_id, draft_id, text: html, parse_mode, can_stop: true, keep_on_stop: true }
    }
}

impl Payload for SendMessageDraft {
    type Output = bool;
    const NAME: &'static str = "SendMessageDraft";
}

fn place(to: &TelegramChat) -> (i64, Option<i32>) {
    (to.chat_id, thread(to).map(|thread| thread.0.0))
}

/// Whether Markdown keeps within the limits of a rich message. What does not is sent as several messages.
pub(super) fn fits(markdown: &str) -> bool {
    if markdown.chars().count() > CHARACTERS {
        return false;
    }
    let mut blocks = 0;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        blocks += usize::from(match event {
            Event::Start(Tag::Table(columns)) if columns.len() > COLUMNS => return false,
            Event::Start(tag) => is_block(&tag),
            Event::Rule => true,
            _ => false,
        });
    }
    blocks <= BLOCKS
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
        && !matches!(tag, Tag::TableHead | Tag::TableRow | Tag::TableCell | Tag::Superscript | Tag::Subscript)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rich_message_has_limits_in_characters_blocks_and_columns() {
        assert!(fits("# Title\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"));
        assert!(fits(&"x".repeat(32_768)) && !fits(&"x".repeat(32_769)));
        assert!(!fits(&"- item\n".repeat(501)));
        let table = |columns: usize| format!("|{}\n|{}\n", " a |".repeat(columns), "---|".repeat(columns));
        assert!(fits(&table(20)) && !fits(&table(21)));
    }
}
