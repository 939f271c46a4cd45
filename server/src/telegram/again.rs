//! `/retry`: the last question once more, also after it was changed.

use souvenir_memory::MessageId;
use teloxide::types::InlineKeyboardMarkup;

use super::{
    Door, commands::Speaker, language::Language, press::button, replies, replies::again as texts, reply::Reply,
};
use crate::engine::EngineError;

/// Has the last question answered anew; `wish` is the message it is to be in, or nothing.
pub(super) async fn run(door: &Door, speaker: Speaker, wish: &str) -> Result<Reply, EngineError> {
    let language = speaker.language;
    if !speaker.is_owner && door.limits.is_used_up(&door.engine, speaker.user).await? {
        return Ok(Reply::alert(replies::limits::used_up(language)));
    }
    let asked = wish.trim().parse().ok().map(MessageId);
    if !wish.trim().is_empty() && asked.is_none() || !door.engine.retry(speaker.chat, asked).await? {
        return Ok(Reply::alert(texts::nothing(language)));
    }
    Ok(Reply { then_answer: true, ..Reply::silent().noticed(texts::answering(language)) })
}

/// Under a message that was changed: whether it is to be answered as it stands now.
pub(super) fn offer(language: Language, message: MessageId, telegram_message: i64) -> Reply {
    let keyboard = InlineKeyboardMarkup::new([[button(texts::button(language), format!("retry:{message}"))]]);
    Reply { answers: Some(telegram_message), ..Reply::text(texts::offer(language)).with(keyboard) }
}
