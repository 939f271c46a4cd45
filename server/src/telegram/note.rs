//! Messages of Souvenir's own: as HTML with what stands beside it, and with less and less where a server refuses that.

use teloxide::{
    payloads::{SendMessage, SendMessageSetters},
    types::{LinkPreviewOptions, MessageId, ParseMode, ReplyMarkup, ReplyParameters},
};

use super::{
    format::{self, Part},
    send::{Patience, Sender, Sent, Setback, Undelivered, message},
};
use crate::engine::TelegramChat;

/// Replies of Souvenir's own lead nowhere that needs a picture, and a preview would fetch a sign-in link.
const NO_PREVIEW: LinkPreviewOptions = LinkPreviewOptions {
    is_disabled: true,
    url: None,
    prefer_small_media: false,
    prefer_large_media: false,
    show_above_text: false,
};

/// What a message of Souvenir's own has beside its text.
#[derive(Clone, Debug, Default)]
pub(super) struct Extras {
    /// Buttons, or a field to reply in.
    pub(super) markup: Option<ReplyMarkup>,
    /// Telegram's id of the message it is shown as a reply to.
    pub(super) answers: Option<i32>,
}

impl Sender {
    /// Sends a short text of Souvenir's own, however long that takes.
    pub(super) async fn note(&self, to: &TelegramChat, markdown: &str) -> Result<(), Undelivered> {
        let part = format::parts(markdown).into_iter().next().ok_or(Undelivered::Empty)?;
        let mut patience = Patience::new();
        loop {
            self.wait_for_place(to.chat_id).await?;
            match self.try_note(to, &part, &Extras::default(), &mut patience).await {
                Ok(()) => return Ok(()),
                Err(Setback::Again { wait, .. }) => self.wait(wait).await?,
                Err(Setback::Over(error)) => return Err(error),
            }
        }
    }

    /// Sends one message's worth of a text of Souvenir's own once, as HTML.
    pub(super) async fn try_note(
        &self,
        to: &TelegramChat,
        part: &Part,
        extras: &Extras,
        patience: &mut Patience,
    ) -> Result<(), Setback> {
        let mut note = message(to, &part.html()).parse_mode(ParseMode::Html).link_preview_options(NO_PREVIEW);
        note.reply_markup = extras.markup.clone();
        note.reply_parameters = extras.answers.map(|id| ReplyParameters {
            // What it answers may have been deleted: then it stands alone.
            allow_sending_without_reply: Some(true),
            ..ReplyParameters::new(MessageId(id))
        });
        match self.attempt::<_, Sent>(to.chat_id, &note, patience).await {
            Err(Setback::Over(error)) if error.is_about_format() => {
                self.simplify_note(to.chat_id, note, part, error).await.map_err(Setback::Over)
            }
            other => other.map(|_| ()),
        }
    }

    /// Sends what was refused with less and less beside its text: there are servers that refuse what they do not know.
    async fn simplify_note(
        &self,
        chat: i64,
        mut note: SendMessage,
        part: &Part,
        mut error: Undelivered,
    ) -> Result<(), Undelivered> {
        let is_about_markup = |error: &Undelivered| {
            let said = error.to_string().to_ascii_lowercase();
            ["parse", "entit", "tag"].iter().any(|words| said.contains(words))
        };
        for step in ["without a word on previews", "as plain text", "alone"] {
            match step {
                "without a word on previews" if is_about_markup(&error) => continue,
                "as plain text" => {
                    note.parse_mode = None;
                    note.text = part.plain().into_iter().next().unwrap_or_default();
                }
                "alone" if note.reply_markup.is_none() && note.reply_parameters.is_none() => break,
                "alone" => (note.reply_markup, note.reply_parameters) = (None, None),
                _ => {}
            }
            note.link_preview_options = None;
            tracing::warn!(telegram.error = %error, "a reply of our own is refused as it is; sending it {step}");
            match self.persist::<_, Sent>(chat, &note).await {
                Ok(_) => return Ok(()),
                Err(again) if again.is_about_format() => error = again,
                Err(other) => return Err(other),
            }
        }
        Err(error)
    }
}
