//! `/usage`: what this chat took today and this month, and what is left of a person's day.

use super::{Door, commands::Speaker, replies::usage as texts, reply::Reply};
use crate::engine::EngineError;

/// Shows what was used.
pub(super) async fn run(door: &Door, speaker: Speaker) -> Result<Reply, EngineError> {
    let language = speaker.language;
    let mut lines = vec![texts::of_chat(language, &door.engine.used_in(speaker.chat).await?)];
    if speaker.is_owner && speaker.private {
        lines.push(texts::of_all(language, &door.engine.used_in_all().await?));
    }
    if let Some(tokens) = door.limits.daily_tokens().filter(|_| !speaker.is_owner) {
        lines.push(texts::budget(language, door.engine.used_today_by(speaker.user).await?, tokens));
    }
    Ok(Reply::text(lines.join("\n\n")))
}
