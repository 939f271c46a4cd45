//! An update comes in: who it is from decides whether it is stored, what it is decides what follows.

use souvenir_memory::{MessageKind, SessionDuration};

use super::{
    Door,
    access::Standing,
    commands::{self, Command, Spoken},
    lane::{Job, Lanes, Task},
    replies, session,
    update::{Arrival, Press, Said},
};
use crate::engine::{EngineError, Incoming, Origin};

/// Stores what came and says what is to be done about it.
///
/// # Errors
/// What the engine failed at; the update is then to be received again.
pub(super) async fn receive(door: &Door, lanes: &Lanes, arrival: &Arrival) -> Result<Option<Job>, EngineError> {
    match arrival {
        Arrival::Message(said) => message(door, lanes, said).await,
        Arrival::Press(press) => pressed(door, lanes, press).await,
        Arrival::Migrated { from, to } => door.engine.migrate_telegram_chat(*from, *to).await.map(|()| None),
    }
}

async fn message(door: &Door, lanes: &Lanes, said: &Said) -> Result<Option<Job>, EngineError> {
    let spoken = (said.incoming.kind == MessageKind::Text)
        .then(|| commands::parse(&said.incoming.text, &door.me.username))
        .flatten();
    let plain = if said.is_wordless() { Task::OnlyText } else { Task::Answer };
    let task = match door.access.standing(&door.engine, said.user).await? {
        Standing::Owner => spoken.map_or(plain, |spoken| Task::Command { spoken, is_owner: true }),
        Standing::Guest => spoken.map_or(plain, |spoken| Task::Command { spoken, is_owner: false }),
        Standing::Unowned => match spoken {
            Some(Spoken::Known(Command::Start(code))) if door.access.pair(&door.engine, said.user, &code).await? => {
                tracing::info!("the bot has an owner now");
                Task::Welcome
            }
            _ => return Ok(None),
        },
        Standing::Stranger => {
            refuse_once(door, lanes, said).await?;
            return Ok(None);
        }
    };
    let kind = if matches!(task, Task::Answer | Task::OnlyText) { said.incoming.kind } else { MessageKind::Command };
    let text = if matches!(task, Task::Welcome) { "/start".to_owned() } else { said.incoming.text.clone() };
    let received = door.engine.receive(Incoming { kind, text, ..said.incoming.clone() }).await?;
    Ok((!received.repeated).then(|| Job {
        chat: received.chat,
        to: said.chat.clone(),
        message: Some(received.message),
        task,
    }))
}

/// One refusal, then silence. It is sent beside the lanes: a stranger has none.
async fn refuse_once(door: &Door, lanes: &Lanes, said: &Said) -> Result<(), EngineError> {
    if door.engine.stranger_is_new(said.user).await? {
        let (sender, to, language) = (door.sender.clone(), said.chat.clone(), said.language());
        lanes.aside(async move {
            if let Err(error) = sender.note(&to, &replies::refusal(language)).await {
                tracing::debug!(error = %error, "a refusal was not delivered");
            }
        });
    }
    Ok(())
}

/// A button is a command without typing, and stored as one. Whoever may not talk may not press either.
async fn pressed(door: &Door, lanes: &Lanes, press: &Press) -> Result<Option<Job>, EngineError> {
    let standing = door.access.standing(&door.engine, press.user).await?;
    let duration = session::pressed(&press.data);
    let (true, Some(duration), true) =
        (matches!(standing, Standing::Owner | Standing::Guest), duration, press.chat.private)
    else {
        let (sender, id) = (door.sender.clone(), press.id.clone());
        lanes.aside(async move { sender.answer_press(&id, "").await });
        return Ok(None);
    };
    let received = door.engine.receive(as_command(press, duration)).await?;
    let job = Job {
        chat: received.chat,
        to: press.chat.clone(),
        message: Some(received.message),
        task: Task::Press(press.clone()),
    };
    Ok((!received.repeated).then_some(job))
}

fn as_command(press: &Press, duration: SessionDuration) -> Incoming {
    Incoming {
        origin: Origin::Telegram(press.chat.clone()),
        update: Some(press.update),
        telegram_message_id: None,
        author: Some(press.author.clone()),
        author_id: Some(press.user),
        text: format!("/session {}", duration.name()),
        kind: MessageKind::Command,
        said_at: None,
        reply_to: None,
        forwarded_from: None,
    }
}
