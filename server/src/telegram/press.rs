//! Buttons: what they say to us, and what a press does.
//!
//! The data of a button is a command with colons for spaces, so a press is a command without typing: stored as one, it is
//! carried out once, and a crash leaves it due. What a press says stands in place of its message, below it, or over
//! the chat; it is answered always, so that no app is left waiting.

use std::time::Duration;

use souvenir_memory::MessageKind;
use teloxide::types::InlineKeyboardButton;

use super::{
    Door,
    commands::{self, Command, Speaker, Spoken},
    replies,
    reply::{Place, Reply},
    send::Undelivered,
    session,
    update::Press,
};
use crate::engine::{CommandAnswered, EngineError, Incoming, Origin, TelegramChat};

/// A press that takes longer than this is answered before it is done.
const PRESS_PATIENCE: Duration = Duration::from_secs(3);

/// A button that says `data` to us when it is pressed: at most 64 bytes.
pub(super) fn button(label: impl Into<String>, data: String) -> InlineKeyboardButton {
    InlineKeyboardButton::callback(label, data)
}

/// What a button's data says as a command; none when it is none that buttons give.
pub(super) fn command(data: &str, bot_name: &str) -> Option<(String, Spoken)> {
    let text = format!("/{}", data.replace(':', " "));
    let spoken = commands::parse(&text, bot_name)?;
    let Spoken::Known(known) = &spoken else { return None };
    let ours = matches!(
        known,
        Command::Session(_)
            | Command::Facts(_)
            | Command::Search(_)
            | Command::Remember(_)
            | Command::Forget(_)
            | Command::Goals(_)
            | Command::Retry(_)
            | Command::Settings(_)
            | Command::Export
    );
    ours.then_some((text, spoken))
}

/// A press as it is stored.
pub(super) fn as_command(press: &Press, text: String) -> Incoming {
    Incoming {
        origin: Origin::Telegram(press.chat.clone()),
        update: Some(press.update),
        telegram_message_id: None,
        author: Some(press.author.clone()),
        author_id: Some(press.user),
        text,
        kind: MessageKind::Command,
        said_at: None,
        reply_to: None,
        forwarded_from: None,
        quoted: None,
        overheard: false,
        files: Vec::new(),
    }
}

/// Does what the button says. Whether what waits for an answer of the model is to be answered then.
pub(super) async fn react(door: &Door, speaker: Speaker, to: &TelegramChat, press: &Press, spoken: &Spoken) -> bool {
    let chat = speaker.chat;
    let mut done = std::pin::pin!(carry_out(door, speaker, spoken));
    let in_time = tokio::time::timeout(PRESS_PATIENCE, &mut done).await;
    let answered = in_time.is_err();
    if answered {
        // Telegram takes no answer to a press that is old; what there is to say is said by the message.
        door.sender.answer_press(&press.id, "", false).await;
    }
    let reply = match in_time {
        Ok(done) => done,
        Err(_) => done.await,
    };
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            tracing::error!(chat.id = %chat, error = %error, "a pressed button came to nothing");
            door.sender.answer_press(&press.id, &replies::trouble(speaker.language), true).await;
            return false;
        }
    };
    if !answered {
        let (notice, alert) = reply.notice.as_ref().map_or(("", false), |notice| (notice.text.as_str(), notice.alert));
        door.sender.answer_press(&press.id, notice, alert).await;
    }
    let is_said_below = match reply.place {
        Place::Below => true,
        Place::Instead => !replace(door, to, press, &reply).await,
        Place::Above => false,
    };
    if is_said_below {
        door.say(chat, to, speaker.message, &reply).await;
        return reply.then_answer;
    }
    // The press has its effect, and its little answer cannot be told from one that was lost: it is over.
    match reply.notice {
        Some(notice) => door.settle(chat, speaker.message, CommandAnswered::Sent { record: notice.text }).await,
        None => door.let_go(chat, speaker.message).await,
    }
    reply.then_answer
}

async fn carry_out(door: &Door, speaker: Speaker, spoken: &Spoken) -> Result<Reply, EngineError> {
    match spoken {
        Spoken::Known(Command::Session(wanted)) => session::press(door, speaker, wanted).await,
        spoken => commands::execute(door, speaker, spoken).await,
    }
}

/// Shows a reply in place of the message with the button; false when that message cannot be changed any more.
async fn replace(door: &Door, to: &TelegramChat, press: &Press, reply: &Reply) -> bool {
    if press.message_id <= 0 {
        // Its server does not say which message that is.
        return false;
    }
    let keyboard = reply.keyboard.clone().unwrap_or_default();
    match door.sender.edit(to, press.message_id, &reply.markdown, keyboard).await {
        Ok(()) => true,
        Err(error @ Undelivered::Refused { .. }) if error.obstacle().is_none() => {
            tracing::info!(error = %error, "a message with buttons cannot be changed; another is sent");
            false
        }
        Err(error) => {
            tracing::warn!(error = %error, "a message with buttons was not changed");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_a_button_is_a_command_and_no_other_command_is_pressed() {
        let (text, spoken) = command("facts:pin:12:3", "b").unwrap();
        assert_eq!(text, "/facts pin 12 3");
        assert_eq!(spoken, Spoken::Known(Command::Facts("pin 12 3".to_owned())));
        assert_eq!(command("session:short", "b").unwrap().1, Spoken::Known(Command::Session("short".to_owned())));
        for other in ["", "dashboard", "reset", "start:K7QF", "nonsense:1", "facts@other:1", "/facts"] {
            assert!(command(other, "b").is_none(), "{other}");
        }
    }
}
