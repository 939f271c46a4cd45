//! An answer's way out: as a rich message, else as HTML, else as plain text. It is never lost to its format, and never
//! sent twice.
//!
//! How an answer is cut follows from its text and the format alone, so another process cuts it the same. Each part is
//! marked durably as going out before it does ([`Engine::begin_part`](crate::engine::Engine::begin_part)). Where Telegram
//! makes a part wait, the mark is taken back for that time: only what may really have arrived is ever in doubt.
//!
//! A refusal of the format leads one step down; a server that knows no rich messages is remembered ([`super::abilities`]),
//! so that not every answer pays for finding out. Any other refusal is final, and told. What the preview of an answer was
//! refused ([`Look`]) is not tried with the answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use teloxide::{payloads::SendMessageSetters, types::ParseMode};

use super::{
    Door,
    abilities::Ability,
    format::{self, Part},
    group_preview::is_gone,
    language::Language,
    pace::Backoff,
    replies,
    rich::{self, SendRichMessage},
    send::{Patience, Sender, Sent, Setback, Undelivered, message},
};
use crate::engine::{Answer, Exit, PartOutcome, Plan, TelegramChat};

/// An edit whose fate is unknown is tried so often again, each time after so long.
const MOST_EDITS: u32 = 5;
const AFTER_UNKNOWN: Duration = Duration::from_secs(2);

pub(super) const RICH: &str = "rich";
pub(super) const HTML: &str = "html";

/// What was found out about one answer while it was shown being made. Cheap to clone: all clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// Telegram dislikes it as a rich message.
    no_rich: Arc<AtomicBool>,
}

impl Look {
    /// Telegram refused it as a rich message.
    pub(super) fn dislike_rich(&self) {
        self.no_rich.store(true, Ordering::Relaxed);
    }

    fn may_be_rich(&self) -> bool {
        !self.no_rich.load(Ordering::Relaxed)
    }
}

/// One message's worth of an answer.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Markdown that Telegram parses itself.
    Rich(String),
    /// HTML, or plain text where that is refused.
    Html(Part),
    /// Markdown that shows nothing, such as an empty link: shown as it stands.
    AsItStands(String),
}

/// The pieces of an answer in a format; none for a format of another version.
fn cut(markdown: &str, format: &str) -> Option<Vec<Piece>> {
    let pieces = match format {
        RICH => vec![Piece::Rich(markdown.to_owned())],
        HTML => format::parts(markdown).into_iter().map(Piece::Html).collect(),
        _ => return None,
    };
    Some(if pieces.is_empty() { vec![Piece::AsItStands(markdown.trim().to_owned())] } else { pieces })
}

/// How a part ended.
enum Step {
    /// It is settled: on to the next.
    On,
    /// It did not go out: again after this time.
    Again(Duration),
    /// Telegram does not take the format.
    OtherFormat,
    /// The group has another id.
    Migrated(i64),
    /// The process stops, or the database does not take the mark.
    Stop,
}

impl Door {
    /// How an answer in `to` leaves that is shown like `look` while it is made.
    pub(super) fn exit(&self, to: &TelegramChat, look: &Look) -> Exit {
        let (sender, to, look) = (Arc::clone(&self.sender), to.clone(), look.clone());
        Exit::InParts(Arc::new(move |text, stopped| sender.plan(&to, &marked(text, stopped, &to), &look)))
    }

    /// Sends an answer, or what is left of it.
    pub(super) async fn deliver(&self, to: &TelegramChat, answer: Answer) {
        let markdown = marked(&answer.text, answer.stopped, to);
        let (to, pieces, patience, edits) = (to.clone(), Vec::new(), Patience::new(), 0);
        let shown = if to.private { None } else { self.shown(&answer).await };
        Delivery { door: self, to, markdown, answer, pieces, shown, patience, edits }.run().await;
    }

    /// The message in which an answer was shown while it was made.
    async fn shown(&self, answer: &Answer) -> Option<i64> {
        self.engine.message_showing(answer.chat, answer.turn).await.unwrap_or_else(|error| {
            tracing::error!(turn.id = %answer.turn, %error, "failed to look for the message that shows an answer");
            None
        })
    }
}

/// What people read: the answer, and whether it was stopped.
fn marked(text: &str, stopped: bool, to: &TelegramChat) -> String {
    if !stopped || text.starts_with(replies::STOPPED) {
        return text.to_owned();
    }
    let mark = replies::stopped_here(Language::of(to.language.as_deref()));
    format!("{}\n\n{mark}", format::closed(text))
}

/// One answer on its way.
struct Delivery<'a> {
    door: &'a Door,
    to: TelegramChat,
    /// What people read of it, as Markdown.
    markdown: String,
    answer: Answer,
    pieces: Vec<Piece>,
    /// The message in which it was shown while it was made: that becomes its first part.
    shown: Option<i64>,
    patience: Patience,
    /// Edits of that message whose fate is unknown.
    edits: u32,
}

impl Delivery<'_> {
    async fn run(mut self) {
        if !self.cut().await {
            return;
        }
        while let Some(part) = self.answer.part_to_send() {
            let step = self.step(part).await;
            match step {
                Step::On => self.patience = Patience::new(),
                Step::Again(wait) if self.door.sender.wait(wait).await.is_ok() => {}
                Step::OtherFormat if self.plan_anew(HTML).await => {}
                Step::Migrated(to) if self.migrate(to).await => {}
                Step::Again(_) | Step::OtherFormat | Step::Migrated(_) | Step::Stop => return,
            }
        }
    }

    /// Cuts the answer as it was cut when it was stored. Where this version cuts in another way, it is planned anew as
    /// long as nothing of it went out. Whether there is anything to go on with.
    async fn cut(&mut self) -> bool {
        let format = self.answer.format().unwrap_or_default();
        if let Some(pieces) = cut(&self.markdown, format).filter(|pieces| pieces.len() == self.answer.parts()) {
            self.pieces = pieces;
            return true;
        }
        if self.answer.is_untouched() {
            return self.plan_anew(self.door.sender.format_of(&self.markdown, &Look::default())).await;
        }
        let reason = "an update of Souvenir cuts it in another way; the rest was not sent".to_owned();
        if self.begin().await {
            self.settle(PartOutcome::Failed { reason });
        }
        false
    }

    /// Sends one part, once.
    async fn step(&mut self, part: usize) -> Step {
        let Some(piece) = self.pieces.get(part).cloned() else { return Step::Stop };
        if self.door.sender.wait_for_place(self.to.chat_id).await.is_err() {
            if self.answer.is_going_out() {
                self.settle(PartOutcome::NotSent);
            }
            return Step::Stop;
        }
        if !self.begin().await {
            return Step::Stop;
        }
        let shown = self.shown.filter(|_| part == 0);
        let sent = match shown {
            Some(id) => self.door.sender.edit_piece(&self.to, id, &piece, &mut self.patience).await,
            None => self.door.sender.send_piece(&self.to, &piece, &mut self.patience).await,
        };
        match sent {
            Ok(telegram_message_id) => {
                self.settle(PartOutcome::Sent { telegram_message_id });
                if shown.is_some() {
                    self.let_shown_go().await;
                }
                Step::On
            }
            // What is edited can be edited again.
            Err(Setback::Over(Undelivered::Unknown(_))) if shown.is_some() && self.edits < MOST_EDITS => {
                self.edits += 1;
                self.settle(PartOutcome::NotSent);
                Step::Again(AFTER_UNKNOWN)
            }
            // Somebody deleted it, say: then the answer comes as a message of its own.
            Err(Setback::Over(error)) if shown.is_some() && is_gone(&error) => {
                self.let_shown_go().await;
                self.settle(PartOutcome::NotSent);
                Step::Again(Duration::ZERO)
            }
            Err(Setback::Again { wait, flood }) => {
                self.settle(PartOutcome::NotSent);
                // A chat that is paused is waited for at the next attempt.
                Step::Again(if flood { Duration::ZERO } else { wait })
            }
            Err(Setback::Over(error)) => self.over(error, matches!(piece, Piece::Rich(_))).await,
        }
    }

    async fn let_shown_go(&mut self) {
        self.shown = None;
        if let Err(error) = self.door.engine.settle_preview(self.answer.chat, None).await {
            tracing::error!(turn.id = %self.answer.turn, %error, "failed to let go of the message that shows an answer");
        }
    }

    /// A part will not be sent, or may have been.
    async fn over(&mut self, error: Undelivered, is_rich: bool) -> Step {
        let (chat, turn) = (self.answer.chat, self.answer.turn);
        match error {
            Undelivered::Migrated(to) => {
                self.settle(PartOutcome::NotSent);
                return Step::Migrated(to);
            }
            Undelivered::Stopping => {
                self.settle(PartOutcome::NotSent);
                return Step::Stop;
            }
            Undelivered::Refused { code, ref description } if is_rich && error.obstacle().is_none() => {
                self.door.sender.note_rich_refusal(code, description).await;
                self.settle(PartOutcome::NotSent);
                return Step::OtherFormat;
            }
            Undelivered::Unknown(reason) => {
                tracing::warn!(chat.id = %chat, turn.id = %turn, reason, "a reply may not have arrived");
                self.settle(PartOutcome::Unknown { reason });
            }
            error => {
                tracing::warn!(chat.id = %chat, turn.id = %turn, error = %error, "a reply was not delivered");
                self.settle(PartOutcome::Failed { reason: error.told() });
                self.door.note_obstacle(chat, &error).await;
            }
        }
        Step::On
    }

    /// Marks a part as going out; the database is waited for, since without the mark nothing may go.
    async fn begin(&mut self) -> bool {
        let mut backoff = Backoff::new();
        while let Err(error) = self.door.engine.begin_part(&mut self.answer).await {
            tracing::error!(turn.id = %self.answer.turn, %error, "a reply waits: that it goes out cannot be stored");
            if self.door.sender.wait(backoff.next()).await.is_err() {
                return false;
            }
        }
        true
    }

    fn settle(&mut self, outcome: PartOutcome) {
        if let Err(error) = self.door.engine.settle_part(&mut self.answer, outcome) {
            tracing::error!(turn.id = %self.answer.turn, %error, "what became of a reply was not recorded");
        }
    }

    async fn plan_anew(&mut self, format: &str) -> bool {
        let Some(pieces) = cut(&self.markdown, format) else { return false };
        let plan = plan(format, &pieces, false);
        match self.door.engine.replan(&mut self.answer, &plan).await {
            Ok(()) => {
                self.pieces = pieces;
                self.patience = Patience::new();
                true
            }
            Err(error) => {
                tracing::error!(turn.id = %self.answer.turn, %error, "failed to cut a reply in another way");
                false
            }
        }
    }

    async fn migrate(&mut self, to: i64) -> bool {
        self.door.migrate(self.to.chat_id, to).await;
        let moved = self.to.chat_id != to;
        self.to.chat_id = to;
        moved
    }
}

impl Sender {
    /// How an answer is to be cut as things are.
    fn plan(&self, to: &TelegramChat, markdown: &str, look: &Look) -> Plan {
        let format = self.format_of(markdown, look);
        plan(format, &cut(markdown, format).unwrap_or_default(), self.is_free(to.chat_id))
    }

    /// The best format that the server is known to take.
    pub(super) fn format_of(&self, markdown: &str, look: &Look) -> &'static str {
        let is_rich = look.may_be_rich() && self.abilities.has(Ability::RichMessages) && rich::fits(markdown);
        if is_rich { RICH } else { HTML }
    }

    /// The first message that an answer would become.
    pub(super) fn first_piece(&self, markdown: &str, look: &Look) -> Option<Piece> {
        cut(markdown, self.format_of(markdown, look))?.into_iter().next()
    }

    /// Sends one part once; gives Telegram's id of it.
    async fn send_piece(&self, to: &TelegramChat, piece: &Piece, patience: &mut Patience) -> Result<i64, Setback> {
        let part = match piece {
            Piece::Rich(markdown) => {
                let message = SendRichMessage::new(to, markdown);
                return self.attempt::<_, Sent>(to.chat_id, &message, patience).await.map(|sent| sent.message_id);
            }
            Piece::AsItStands(text) => {
                return self
                    .attempt::<_, Sent>(to.chat_id, &message(to, text), patience)
                    .await
                    .map(|sent| sent.message_id);
            }
            Piece::Html(part) => part,
        };
        let html = message(to, &part.html()).parse_mode(ParseMode::Html);
        match self.attempt::<_, Sent>(to.chat_id, &html, patience).await {
            Err(Setback::Over(error)) if error.is_about_format() => {
                tracing::warn!(telegram.error = %error, "Telegram cannot read our HTML; sending plain text");
                self.send_plain(to, &part.plain()).await.map_err(Setback::Over)
            }
            other => other.map(|sent| sent.message_id),
        }
    }

    /// Sends a part as plain text: in several messages in the rare case that addresses, which HTML hides, make it too
    /// long for one. Gives the first one's id. Once one of them is there, what becomes of the others is in doubt at worst.
    async fn send_plain(&self, to: &TelegramChat, texts: &[String]) -> Result<i64, Undelivered> {
        let mut first = None;
        for text in texts {
            match self.persist::<_, Sent>(to.chat_id, &message(to, text)).await {
                Ok(sent) => first = first.or(Some(sent.message_id)),
                Err(error) if first.is_some() => return Err(Undelivered::Unknown(error.to_string())),
                Err(error) => return Err(error),
            }
        }
        first.ok_or(Undelivered::Empty)
    }

    /// Remembers a server that is too old; one that dislikes this message only is asked again with the next.
    pub(super) async fn note_rich_refusal(&self, code: u16, description: &str) {
        if !self.abilities.refused(Ability::RichMessages, code, description).await {
            tracing::warn!(telegram.error = description, "Telegram refused a rich message; sending HTML");
        }
    }
}

fn plan(format: &str, pieces: &[Piece], at_once: bool) -> Plan {
    Plan { format: format.to_owned(), parts: u32::try_from(pieces.len()).unwrap_or(u32::MAX), at_once }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_cut_the_same_and_never_into_nothing() {
        let long = "A paragraph of some length.\n\n".repeat(400);
        let parts = |text: &str| cut(text, HTML).unwrap().len();
        assert_eq!((parts(&long), parts(&long)), (3, 3));
        assert_eq!(cut(&long, RICH).unwrap().len(), 1);
        assert_eq!(parts("[](http://a.example)"), 1);
        assert!(cut("text", "morse").is_none());
    }

    #[test]
    fn what_was_stopped_says_so_once_and_outside_of_any_code() {
        let to = TelegramChat { chat_id: 1, thread_id: None, private: true, title: String::new(), language: None };
        assert_eq!(marked("All of it.", false, &to), "All of it.");
        assert_eq!(marked("Some of it", true, &to), "Some of it\n\n_⏹ Stopped here_");
        assert_eq!(marked("```rust\nlet a", true, &to), "```rust\nlet a\n```\n\n_⏹ Stopped here_");
        assert_eq!(marked("⏹ Stopped before", true, &to), "⏹ Stopped before");
    }
}
