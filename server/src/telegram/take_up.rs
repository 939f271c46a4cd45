//! Going on where the last process stopped: first what was composed and not sent, in order, then commands that were not
//! carried out and messages that were not answered.

use std::sync::Arc;

use souvenir_memory::{ChatId, MessageId, MessageKind, Role, media};

use super::{
    Door,
    access::Standing,
    commands,
    lane::{Job, Lanes, Task},
};
use crate::engine::{EngineError, Errand, TelegramChat, inspect::MessageQuery};

/// Takes up everything that is due.
pub(super) async fn all(door: &Door, lanes: &Lanes) {
    send_due(door, lanes).await;
    let mut jobs = errands(door).await;
    jobs.extend(unanswered(door).await);
    // As they would have come.
    jobs.sort_by_key(|job| job.message);
    for job in jobs {
        lanes.push(job);
    }
}

/// Sends what a person wants sent again, whenever that is asked for.
pub(super) async fn keep_sending(door: Arc<Door>, lanes: Lanes) {
    while door.shutdown.run_until_cancelled(door.engine.delivery_asked()).await.is_some() {
        send_due(&door, &lanes).await;
    }
}

async fn send_due(door: &Door, lanes: &Lanes) {
    let due = door.engine.deliveries_due().await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "failed to look for replies that were not sent");
        Vec::new()
    });
    for (chat, turn, to) in due {
        lanes.push(Job { chat, to, message: None, task: Task::Deliver(turn) });
    }
}

/// Commands that were stored and not carried out.
async fn errands(door: &Door) -> Vec<Job> {
    let errands = door.engine.errands().await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "failed to look for commands that were not carried out");
        Vec::new()
    });
    let mut jobs = Vec::with_capacity(errands.len());
    for errand in errands {
        let (chat, command) = (errand.chat, errand.command);
        match errand_job(door, errand).await {
            Ok(Some(job)) => jobs.push(job),
            // Who said it may not talk any more.
            Ok(None) => door.engine.drop_errand(command).await.unwrap_or_else(|error| {
                tracing::error!(chat.id = %chat, error = %error, "failed to let go of a command");
            }),
            Err(error) => tracing::error!(chat.id = %chat, error = %error, "failed to take up a command"),
        }
    }
    jobs
}

async fn errand_job(door: &Door, errand: Errand) -> Result<Option<Job>, EngineError> {
    let standing = door.access.standing(&door.engine, errand.user, errand.to.chat_id).await?;
    let spoken = commands::parse(&errand.text, &door.me.username);
    let may_talk = matches!(standing, Standing::Owner | Standing::Guest);
    let Some(spoken) = spoken.filter(|_| may_talk) else { return Ok(None) };
    let task = Task::Command { spoken, user: errand.user, is_owner: standing == Standing::Owner };
    Ok(Some(Job { chat: errand.chat, to: errand.to, message: Some(errand.command), task }))
}

/// Answers to what was left unanswered.
async fn unanswered(door: &Door) -> Vec<Job> {
    let chats = door.engine.unanswered_telegram_chats().await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "failed to look for unanswered messages");
        Vec::new()
    });
    let mut jobs = Vec::with_capacity(chats.len());
    for (chat, to) in chats {
        match answer_job(door, chat, to).await {
            Ok(job) => jobs.extend(job),
            Err(error) => tracing::error!(chat.id = %chat, error = %error, "failed to look at unanswered messages"),
        }
    }
    jobs
}

/// Words wait for an answer, and what has a file that was not read yet; what else came without words has been acknowledged, and
/// goes along with the next.
async fn answer_job(door: &Door, chat: ChatId, to: TelegramChat) -> Result<Option<Job>, EngineError> {
    let unread: Vec<MessageId> =
        door.engine.files_due(chat).await?.into_iter().filter(|file| !file.of_reply).map(|file| file.message).collect();
    let newest = door.engine.messages(chat, MessageQuery::default()).await?;
    let waiting = newest.items.iter().filter(|message| {
        let waits = message.role == Role::User && message.turn.is_none() && message.kind != MessageKind::Command;
        waits && (!media::is_wordless(message.kind, &message.text) || unread.contains(&message.id))
    });
    let oldest: Option<MessageId> = waiting.map(|message| message.id).min();
    Ok(oldest.map(|message| Job { chat, to, message: Some(message), task: Task::Answer }))
}
