//! Payloads of ours for what teloxide has not: methods newer than Bot API 9.1. This module goes when teloxide has them.

use serde::Serialize;
use teloxide::requests::Payload;

/// The characters that one rich message may have.
pub(super) const LIMIT: usize = 32_768;

/// `sendRichMessage`: Telegram parses the Markdown itself, tables and all (Bot API 10.1).
#[derive(Clone, Debug, Serialize)]
pub(super) struct SendRichMessage {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    rich_message: RichMessage,
}

#[derive(Clone, Debug, Serialize)]
struct RichMessage {
    markdown: String,
}

impl SendRichMessage {
    /// A rich message with this Markdown.
    pub(super) fn new(chat_id: i64, message_thread_id: Option<i64>, markdown: &str) -> Self {
        Self { chat_id, message_thread_id, rich_message: RichMessage { markdown: markdown.to_owned() } }
    }
}

impl Payload for SendRichMessage {
    type Output = serde_json::Value;
    const NAME: &'static str = "SendRichMessage";
}
