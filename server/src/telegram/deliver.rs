//! An answer's way out: as a rich message, else as HTML, else as plain text. It is never lost to its format.
//!
//! A refusal of the format leads one step down; any other refusal is final. A server that knows no rich messages is
//! remembered, so that not every answer pays for finding out.

use std::{sync::PoisonError, time::Duration};

use teloxide::{payloads::SendMessageSetters, types::ParseMode};
use tokio::time::Instant;

use super::{
    format::{self, Part},
    rich::{self, SendRichMessage},
    send::{Sender, Sent, Undelivered, is_final, message},
};
use crate::engine::{Delivery, TelegramChat};

/// A server that knows no rich messages is asked for them again after this time.
const RICH_AGAIN_AFTER: Duration = Duration::from_hours(24);

impl Sender {
    /// Sends an answer, in as many messages as it takes.
    pub(super) async fn answer(&self, to: &TelegramChat, markdown: &str) -> Delivery {
        match self.send_markdown(to, markdown).await {
            Ok(telegram_message_ids) => Delivery::Sent { telegram_message_ids },
            Err(Undelivered::Unknown(_)) => Delivery::Unknown,
            Err(error) => Delivery::Failed { reason: error.to_string() },
        }
    }

    async fn send_markdown(&self, to: &TelegramChat, markdown: &str) -> Result<Vec<i64>, Undelivered> {
        if markdown.trim().is_empty() {
            return Err(Undelivered::Empty);
        }
        if self.rich_is_known() && markdown.chars().count() <= rich::LIMIT {
            let message = SendRichMessage::new(to.chat_id, to.thread_id, markdown);
            match self.persist::<_, Sent>(to.chat_id, &message).await {
                Ok(sent) => return Ok(vec![sent.message_id]),
                Err(Undelivered::Refused { code, description }) if !is_final(code, &description) => {
                    self.note_rich_refusal(code, &description);
                }
                Err(error) => return Err(error),
            }
        }
        self.send_parts(to, markdown).await
    }

    /// Sends HTML or plain messages. A part whose outcome is unknown does not keep the others back.
    async fn send_parts(&self, to: &TelegramChat, markdown: &str) -> Result<Vec<i64>, Undelivered> {
        let parts = format::parts(markdown);
        if parts.is_empty() {
            // Markdown that shows nothing, such as an empty link, is shown as it stands.
            return self.send_plain(to, &[markdown.trim().to_owned()]).await;
        }
        let mut ids = Vec::new();
        let mut unknown = None;
        for part in &parts {
            match self.send_part(to, part).await {
                Ok(sent) => ids.extend(sent),
                Err(Undelivered::Unknown(why)) => unknown = Some(why),
                Err(error) => return Err(error),
            }
        }
        unknown.map_or(Ok(ids), |why| Err(Undelivered::Unknown(why)))
    }

    async fn send_part(&self, to: &TelegramChat, part: &Part) -> Result<Vec<i64>, Undelivered> {
        let html = message(to, &part.html()).parse_mode(ParseMode::Html);
        match self.persist::<_, Sent>(to.chat_id, &html).await {
            Err(Undelivered::Refused { code: code @ 400..=499, description }) if !is_final(code, &description) => {
                tracing::warn!(telegram.error = description, "Telegram cannot read our HTML; sending plain text");
                self.send_plain(to, &part.plain()).await
            }
            other => other.map(|sent| vec![sent.message_id]),
        }
    }

    async fn send_plain(&self, to: &TelegramChat, texts: &[String]) -> Result<Vec<i64>, Undelivered> {
        let mut ids = Vec::new();
        for text in texts {
            ids.push(self.persist::<_, Sent>(to.chat_id, &message(to, text)).await?.message_id);
        }
        Ok(ids)
    }

    fn rich_is_known(&self) -> bool {
        let since = *self.no_rich_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| since.elapsed() >= RICH_AGAIN_AFTER)
    }

    /// Remembers a server that is too old; one that dislikes this message only is asked again with the next.
    fn note_rich_refusal(&self, code: u16, description: &str) {
        if is_unknown_method(code, description) {
            tracing::info!("this Bot API server knows no rich messages; replies are sent as HTML");
            *self.no_rich_since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        } else {
            tracing::warn!(telegram.error = description, "Telegram refused a rich message; sending HTML");
        }
    }
}

fn is_unknown_method(code: u16, description: &str) -> bool {
    let description = description.to_ascii_lowercase();
    let named = ["method not found", "unknown method", "no such method", "unsupported method", "not implemented"];
    matches!(code, 404 | 405 | 501) || named.iter().any(|words| description.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_told_from_a_message_it_dislikes() {
        assert!(is_unknown_method(404, "Not Found"));
        assert!(is_unknown_method(400, "Bad Request: unknown method SendRichMessage"));
        assert!(!is_unknown_method(400, "Bad Request: can't parse rich message: too many columns"));
    }
}
