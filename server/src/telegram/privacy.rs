//! `/privacy`: what is kept, who can read it, and how to have it, or have it gone. `/export`: all of it as a file.

use teloxide::types::InlineKeyboardMarkup;

use super::{
    Door,
    commands::Speaker,
    press::button,
    replies::{self, privacy as texts},
    reply::{Document, Reply},
};
use crate::engine::EngineError;

/// What a bot may upload.
const MOST_BYTES: usize = 50_000_000;

/// Says what is kept, with buttons for what can be done about it.
pub(super) fn run(speaker: Speaker) -> Reply {
    let language = speaker.language;
    let rows = [
        [button(texts::export_button(language), "export".to_owned())],
        [button(texts::forget_button(language), "forget".to_owned())],
    ];
    Reply::text(texts::privacy(language, speaker.private)).with(InlineKeyboardMarkup::new(rows))
}

/// Everything held about the chat, as a file.
pub(super) async fn export(door: &Door, speaker: Speaker) -> Result<Reply, EngineError> {
    let language = speaker.language;
    if !door.may_edit(speaker).await {
        return Ok(Reply::alert(replies::only_administrators(language)));
    }
    let text = door.engine.export(speaker.chat).await?;
    if text.len() > MOST_BYTES {
        return Ok(Reply::text(texts::too_large(language)));
    }
    let document = Document { name: format!("souvenir-chat-{}.jsonl", speaker.chat), bytes: text.into_bytes() };
    let recorded = Some(texts::exported(language));
    Ok(Reply { document: Some(document), recorded, ..Reply::text(texts::exported(language)) })
}
