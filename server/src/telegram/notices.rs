//! Telling people of the day's budgets: the owner of all of them, a chat of its own.
//!
//! Each is told once a day. What could not be sent is tried again, also by the next process, as long as the day lasts.

use std::{sync::Arc, time::Duration};

use super::Door;
use crate::engine::EngineError;

/// How often what was not sent is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(300);

/// Tells whoever is to be told, for as long as the door is open.
pub(super) async fn keep_telling(door: Arc<Door>) {
    loop {
        if let Err(error) = tell(&door).await {
            tracing::error!(%error, "failed to tell of a budget");
        }
        tokio::select! {
            () = door.shutdown.cancelled() => return,
            () = door.engine.budget_notices_asked() => {}
            () = tokio::time::sleep(AGAIN_AFTER) => {}
        }
    }
}

async fn tell(door: &Door) -> Result<(), EngineError> {
    let (for_owner, for_chats) = door.engine.budget_notices(door.access.owner(&door.engine).await?).await?;
    for notice in for_owner {
        match door.sender.note(&notice.to, &notice.words).await {
            Ok(()) => door.engine.owner_was_told(&notice).await?,
            Err(error) => tracing::warn!(%error, "the owner was not told of a budget; it is tried again"),
        }
    }
    for notice in for_chats {
        match door.sender.note(&notice.to, &notice.words).await {
            Ok(()) => door.engine.chat_was_told(&notice).await?,
            Err(error) => tracing::warn!(%error, "a chat was not told of its budget; it is tried again"),
        }
    }
    Ok(())
}
