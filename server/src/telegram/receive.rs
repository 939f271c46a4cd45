//! An update comes in: who it is from decides whether it is stored, what it is decides what follows.

use souvenir_memory::MessageKind;

use super::{
    Door,
    access::Standing,
    commands::{self, Command, Spoken},
    facts,
    lane::{Job, Lanes, Task},
    language::Language,
    limits::Verdict,
    press, replies,
    update::{Arrival, Press, Said},
};
use crate::engine::{EngineError, Incoming, settings::GroupAnswers};

/// Stores what came and says what is to be done about it.
///
/// # Errors
/// What the engine failed at; the update is then to be received again.
pub(super) async fn receive(door: &Door, lanes: &Lanes, arrival: &Arrival) -> Result<Option<Job>, EngineError> {
    match arrival {
        Arrival::Message(said) => message(door, lanes, said).await,
        Arrival::Edited(said) => edited(door, said).await,
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
    let private = said.chat.private;
    let words = words(door, said).await?;
    let spoken = spoken(door, said, &words);
    let is_owner = match door.access.standing(&door.engine, said.user, said.chat.chat_id).await? {
        Standing::Owner => true,
        Standing::Guest => false,
        // A group hears no refusals, and no code: others would read it.
        Standing::Unowned | Standing::Stranger if !private => return Ok(None),
        Standing::Unowned => return pair(door, said, spoken).await,
        Standing::Stranger => {
            refuse_once(door, lanes, said).await?;
            return Ok(None);
        }
    };
    match spoken {
        // In a group, what is no command of ours is nothing to us.
        Some(Spoken::Unknown) if !private => Ok(None),
        Some(spoken) => {
            let task = Task::Command { spoken, user: said.user, is_owner };
            store(door, said, MessageKind::Command, words, task).await
        }
        None => talk(door, lanes, said, words, is_owner).await,
    }
}

fn spoken(door: &Door, said: &Said, words: &str) -> Option<Spoken> {
    let is_text = said.incoming.kind == MessageKind::Text;
    is_text.then(|| commands::parse(words, &door.me.username)).flatten()
}

/// Nobody owns the bot yet: only the pairing code is heard.
async fn pair(door: &Door, said: &Said, spoken: Option<Spoken>) -> Result<Option<Job>, EngineError> {
    match spoken {
        Some(Spoken::Known(Command::Start(code))) if door.access.pair(&door.engine, said.user, &code).await? => {
            tracing::info!("the bot has an owner now");
            // The code is not kept.
            store(door, said, MessageKind::Command, "/start".to_owned(), Task::Welcome).await
        }
        _ => Ok(None),
    }
}

/// What is said to the bot is answered; what it overhears in a group, and what goes beyond somebody's limits, is kept.
async fn talk(
    door: &Door,
    lanes: &Lanes,
    said: &Said,
    words: String,
    is_owner: bool,
) -> Result<Option<Job>, EngineError> {
    // What holds for the first picture of an album holds for all.
    let as_before = said.album.as_deref().and_then(|album| door.albums.is_answered(album));
    let to_bot = as_before == Some(true) || is_to_bot(door, said, &words).await?;
    let counts = to_bot && !is_owner && as_before != Some(true) && !is_repeated(door, said).await?;
    let verdict = if counts { door.limits.check(&door.engine, said.user).await? } else { Verdict::Fine };
    let overheard = !to_bot || !verdict.is_answered();
    let incoming = Incoming { text: words, overheard, ..said.incoming.clone() };
    let received = door.engine.receive(incoming).await?;
    if received.repeated {
        return Ok(None);
    }
    if let Some(album) = said.album.as_deref() {
        door.albums.note(album, received.chat, !overheard);
    }
    let job = |task| Job { chat: received.chat, to: said.chat.clone(), message: Some(received.message), task };
    if let Some(words) = replies::limits::told(said.language(), verdict) {
        lanes.push(Job { message: None, ..job(Task::Tell(words)) });
    }
    if overheard {
        return Ok(None);
    }
    let is_noted = said.incoming.kind == MessageKind::Media && !said.has_file();
    if is_noted && !said.is_wordless() {
        lanes.push(Job { message: None, ..job(Task::Tell(replies::files::words_only(said.language()))) });
    }
    Ok(Some(job(if is_noted && said.is_wordless() { Task::OnlyText } else { Task::Answer })))
}

/// Whether an update came before: it counts in no limit.
async fn is_repeated(door: &Door, said: &Said) -> Result<bool, EngineError> {
    match said.incoming.update {
        Some(update) => door.engine.has_received(update).await,
        None => Ok(false),
    }
}

/// Whether something is said to the bot: everything in a private chat; in a group what names it or replies to it, or
/// everything where that is set.
async fn is_to_bot(door: &Door, said: &Said, words: &str) -> Result<bool, EngineError> {
    if said.chat.private || said.to_bot || names(words, &door.me.username) {
        return Ok(true);
    }
    Ok(door.engine.group_answers(&said.chat).await? == GroupAnswers::Always)
}

/// Whether a text names the bot, as a word of its own.
fn names(text: &str, bot: &str) -> bool {
    let (text, name) = (text.to_ascii_lowercase(), format!("@{}", bot.to_ascii_lowercase()));
    let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    !bot.is_empty()
        && text.match_indices(&name).any(|(at, _)| text[at + name.len()..].chars().next().is_none_or(is_end))
}

async fn store(
    door: &Door,
    said: &Said,
    kind: MessageKind,
    text: String,
    task: Task,
) -> Result<Option<Job>, EngineError> {
    let received = door.engine.receive(Incoming { kind, text, ..said.incoming.clone() }).await?;
    let (chat, message) = (received.chat, Some(received.message));
    Ok((!received.repeated).then(|| Job { chat, to: said.chat.clone(), message, task }))
}

/// Somebody changed what they wrote. Where that was answered, and nothing was said since, another answer is offered.
async fn edited(door: &Door, said: &Said) -> Result<Option<Job>, EngineError> {
    let standing = door.access.standing(&door.engine, said.user, said.chat.chat_id).await?;
    let may_talk = matches!(standing, Standing::Owner | Standing::Guest);
    let text = &said.incoming.text;
    let Some(telegram_message) = said.incoming.telegram_message_id.filter(|_| may_talk) else { return Ok(None) };
    if spoken(door, said, text).is_some() {
        return Ok(None);
    }
    let revised = door.engine.revise(&said.chat, telegram_message, (text, said.own_file())).await?;
    let Some(edited) = revised else { return Ok(None) };
    let task = Task::Offer { message: edited.message, telegram_message };
    Ok(edited.worth_answering.then(|| Job { chat: edited.chat, to: said.chat.clone(), message: None, task }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for text in ["@Souvenir_bot hi", "hi @souvenir_bot", "(@SOUVENIR_BOT)", "@souvenir_bot, hi"] {
            assert!(names(text, "souvenir_bot"), "{text}");
        }
        for text in ["souvenir_bot", "@souvenir_bot2 hi", "@souvenir_bots", "@souvenir", ""] {
            assert!(!names(text, "souvenir_bot"), "{text}");
        }
        assert!(!names("@ hi", ""));
    }
}
