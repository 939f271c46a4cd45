//! What is said without being asked: digests and reminders, each once, whatever dies in between.
//!
//! That one goes out is durable before it does; see [`engine::announcements`](crate::engine::announcements).

use std::sync::Arc;

use super::{Door, format::escape, reply::Reply, send::Undelivered};
use crate::engine::{
    EngineError,
    announcements::{Announcement, AnnouncementOutcome, AnnouncementText},
};

/// Sends what is due, now and whenever something is.
pub(super) async fn keep_telling(door: Arc<Door>) {
    loop {
        if let Err(error) = tell_due(&door).await {
            tracing::error!(%error, "failed to send what is due");
        }
        if door.shutdown.run_until_cancelled(door.engine.announcements_asked()).await.is_none() {
            return;
        }
    }
}

async fn tell_due(door: &Door) -> Result<(), EngineError> {
    for announcement in door.engine.announcements_due().await? {
        tell(door, &announcement).await?;
    }
    Ok(())
}

async fn tell(door: &Door, announcement: &Announcement) -> Result<(), EngineError> {
    // Not before there is room: what waits is not on its way.
    if door.sender.wait_for_place(announcement.to.chat_id).await.is_err() {
        return Ok(());
    }
    let Some(text) = door.engine.begin_announcement(announcement.id).await? else { return Ok(()) };
    let outcome = match door.send(announcement.chat, announcement.to.clone(), None, &Reply::text(markdown(&text))).await
    {
        Ok(()) => AnnouncementOutcome::Sent,
        Err(error) => {
            tracing::warn!(chat.id = %announcement.chat, %error, "an announcement was not delivered");
            door.note_obstacle(announcement.chat, &error).await;
            match error {
                Undelivered::Unknown(_) => AnnouncementOutcome::Unknown,
                Undelivered::Stopping => AnnouncementOutcome::NotSent,
                refused => AnnouncementOutcome::Failed(refused.told()),
            }
        }
    };
    door.engine.settle_announcement(announcement, &text, outcome).await
}

fn markdown(text: &AnnouncementText) -> String {
    format!("**{}**\n\n{}", escape(&text.title), escape(&text.text))
}
