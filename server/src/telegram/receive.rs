//! An update comes in: who it is from decides whether it is stored, what it is decides what follows.

use souvenir_memory::MessageKind;

use super::{
    Door,
    access::Standing,
    commands::{self, Command, Spoken},
    facts,
    lane::{Job, Lanes, Task},
    language::Language,
    press, replies,
    update::{Arrival, Press, Said},
};
use crate::engine::{EngineError, Incoming};

/// Stores what came and says what is to be done about it.
///
/// # Errors
/// What the engine failed at; the update is then to be received again.
pub(super) async fn receive(door: &Door, lanes: &Lanes, arrival: &Arrival) -> Result<Option<Job>, EngineError> {
    match arrival {
        Arrival::Message(said) => message(door, lanes, said).await,
        Arrival::Press(press) => pressed(door, lanes, press).await,
        Arrival::Stopped { chat, draft } => {
            stop(door, *chat, *draft);
            Ok(None)
        }
        Arrival::Migrated { from, to } => door.engine.migrate_telegram_chat(*from, *to).await.map(|()| None),
    }
}

/// A draft stands in private chats only, so whoever stops it is the one it is for. The number says whose answer is meant:
/// late or repeated, this stops no other.
fn stop(door: &Door, telegram_chat: i64, draft: i64) {
    let stopped =
        door.drafts.find(telegram_chat, draft).is_some_and(|(chat, turn)| door.engine.stop_answer(chat, turn));
    if !stopped {
        tracing::debug!(draft, "an answer was stopped that is not being made any more");
    }
}

async fn message(door: &Door, lanes: &Lanes, said: &Said) -> Result<Option<Job>, EngineError> {
    let words = words(door, said).await?;
    let spoken = (said.incoming.kind == MessageKind::Text)
        .then(|| commands::parse(&words, &door.me.username))
        .flatten()
        // In a group, what is no command of ours is nothing to us.
        .filter(|spoken| said.chat.private || matches!(spoken, Spoken::Known(_)));
    let user = said.user;
    let plain = if said.is_wordless() { Task::OnlyText } else { Task::Answer };
    let task = match door.access.standing(&door.engine, user, said.chat.chat_id).await? {
        _ if !said.chat.private && spoken.is_none() => return Ok(None),
        Standing::Owner => spoken.map_or(plain, |spoken| Task::Command { spoken, user, is_owner: true }),
        Standing::Guest => spoken.map_or(plain, |spoken| Task::Command { spoken, user, is_owner: false }),
        // A group hears no refusals, and no code: others would read it.
        Standing::Unowned | Standing::Stranger if !said.chat.private => return Ok(None),
        Standing::Unowned => match spoken {
            Some(Spoken::Known(Command::Start(code))) if door.access.pair(&door.engine, user, &code).await? => {
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
    let text = if matches!(task, Task::Welcome) { "/start".to_owned() } else { words };
    let received = door.engine.receive(Incoming { kind, text, ..said.incoming.clone() }).await?;
    Ok((!received.repeated).then(|| Job {
        chat: received.chat,
        to: said.chat.clone(),
        message: Some(received.message),
        task,
    }))
}

/// What is said. A reply to a question for another wording of a fact is that, as a command; the question is known by its
/// words, so that any process knows it, and the model's words are never taken for it.
async fn words(door: &Door, said: &Said) -> Result<String, EngineError> {
    let text = &said.incoming.text;
    let asked = said.asked_about.zip(said.incoming.reply_to).filter(|_| said.incoming.kind == MessageKind::Text);
    match asked {
        Some((fact, question)) if commands::parse(text, &door.me.username).is_none() => {
            let is_answer = door.engine.is_model_answer(&said.chat, question).await?;
            Ok(if is_answer { text.clone() } else { facts::correction(fact, text) })
        }
        _ => Ok(text.clone()),
    }
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
    let language = Language::of(press.chat.language.as_deref());
    let standing = door.access.standing(&door.engine, press.user, press.chat.chat_id).await?;
    let refusal = match (standing, press::command(&press.data, &door.me.username)) {
        (Standing::Owner | Standing::Guest, Some((text, spoken))) => {
            let received = door.engine.receive(press::as_command(press, text)).await?;
            let task = Task::Press { press: press.clone(), spoken, is_owner: standing == Standing::Owner };
            let (to, message) = (press.chat.clone(), Some(received.message));
            return Ok((!received.repeated).then_some(Job { chat: received.chat, to, message, task }));
        }
        (Standing::Owner | Standing::Guest, None) => replies::stale_button(language),
        (Standing::Stranger, _) => replies::refusal(language),
        (Standing::Unowned, _) => String::new(),
    };
    let (sender, id) = (door.sender.clone(), press.id.clone());
    lanes.aside(async move { sender.answer_press(&id, &refusal, true).await });
    Ok(None)
}
