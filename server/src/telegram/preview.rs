//! An answer is shown while it is being made: in private chats as a draft with a button that stops it; for groups see
//! `group_preview`.
//!
//! A preview looks like the answer will: rich where that will be rich, else HTML. It shows the newest state about once a
//! second and is left out where there is no room for it. Nothing rests on it: whatever goes wrong with a preview, the
//! answer is sent as if there had been none, and the most it waits for is the preview that is on its way, since one that
//! arrived after the answer would promise another.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use souvenir_memory::{ChatId, TurnId};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    Door,
    abilities::Ability,
    api::CallError,
    deliver::{Look, RICH},
    format,
    rich::{SendMessageDraft, SendRichMessageDraft},
};
use crate::engine::{TelegramChat, Written};

/// An answer that is there so soon after its first word needs no preview.
const FIRST_AFTER: Duration = Duration::from_millis(600);
/// Previews follow each other no faster.
const EVERY: Duration = Duration::from_millis(1_000);
/// Where no word has come by then, the bot is shown thinking.
const THINKING_AFTER: Duration = Duration::from_secs(2);
/// Telegram takes a draft away after half a minute.
const RENEWED_AFTER: Duration = Duration::from_secs(20);
/// After a preview whose fate is unknown.
const AFTER_TROUBLE: Duration = Duration::from_secs(3);
/// An answer waits no longer than this for the preview that is on its way.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// The drafts that stand in chats: by Telegram's id of the chat and the draft's number, whose answer they show.
#[derive(Debug, Default)]
pub(super) struct Drafts(Mutex<HashMap<(i64, i32), (ChatId, TurnId)>>);

impl Drafts {
    fn add(&self, telegram_chat: i64, chat: ChatId, turn: TurnId) -> i32 {
        let number = number(turn);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((telegram_chat, number), (chat, turn));
        number
    }

    fn remove(&self, chat: ChatId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (of, _)| *of != chat);
    }

    /// Whose answer a draft shows.
    pub(super) fn find(&self, telegram_chat: i64, draft: i64) -> Option<(ChatId, TurnId)> {
        let draft = i32::try_from(draft).ok()?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(telegram_chat, draft)).copied()
    }
}

/// The number of a turn's draft: never zero.
fn number(turn: TurnId) -> i32 {
    i32::try_from(turn.0.rem_euclid(i64::from(i32::MAX)) + 1).unwrap_or(1)
}

/// One answer being shown.
pub(super) struct Preview<'a> {
    pub(super) door: &'a Door,
    pub(super) chat: ChatId,
    pub(super) to: &'a TelegramChat,
    pub(super) look: &'a Look,
    began: Instant,
    /// The answer is made.
    pub(super) over: CancellationToken,
    /// Whether a preview stands in the chat.
    stands: AtomicBool,
}

/// What was shown last.
struct Shown {
    written: Written,
    at: Instant,
}

/// How showing something ended.
enum Step {
    /// It is shown.
    Shown,
    /// Not now, but after this time.
    Again(Duration),
    /// No more of this answer.
    GiveUp,
}

impl<'a> Preview<'a> {
    /// A preview of the answer that is about to be made.
    pub(super) fn new(door: &'a Door, chat: ChatId, to: &'a TelegramChat, look: &'a Look) -> Self {
        let (began, over) = (Instant::now(), CancellationToken::new());
        Self { door, chat, to, look, began, over, stands: AtomicBool::new(false) }
    }

    /// Whether people see it: then they need no other sign.
    pub(super) fn stands(&self) -> bool {
        self.stands.load(Ordering::Relaxed)
    }

    /// Shows what is written until `work` is done.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut showing = std::pin::pin!(self.run());
        let done = tokio::select! {
            biased;
            done = &mut work => {
                self.over.cancel();
                tokio::time::timeout(LAST_PATIENCE, showing).await.ok();
                done
            }
            () = &mut showing => work.await,
        };
        self.door.drafts.remove(self.chat);
        done
    }

    /// Goes on until the answer is made or there is no sense in it. What is on its way is never interrupted here.
    async fn run(&self) {
        if !self.to.private {
            return self.run_in_group().await;
        }
        let mut answer = self.door.engine.watch_answer(self.chat);
        let mut last: Option<Shown> = None;
        while self.door.sender.abilities.has(Ability::Drafts) {
            let next = self.next(&mut answer, last.as_ref());
            let Some(written) = self.over.run_until_cancelled(next).await else { return };
            let wait = match self.show(&written).await {
                Step::Shown => {
                    self.stands.store(true, Ordering::Relaxed);
                    last = Some(Shown { written, at: Instant::now() });
                    EVERY
                }
                Step::Again(wait) => wait,
                Step::GiveUp => break,
            };
            if self.over.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                return;
            }
        }
        self.stands.store(false, Ordering::Relaxed);
    }

    /// What is to be shown next, once it is time.
    async fn next(&self, answer: &mut watch::Receiver<Written>, last: Option<&Shown>) -> Written {
        let again = last.map_or(self.began + THINKING_AFTER, |shown| shown.at + RENEWED_AFTER);
        let news = async {
            let is_new = |written: &Written| {
                let has_words = written.turn.is_some() && !written.text.trim().is_empty();
                has_words && last.is_none_or(|shown| shown.written != *written)
            };
            // Without the engine there are no news any more.
            if answer.wait_for(is_new).await.is_err() {
                std::future::pending::<()>().await;
            }
            if last.is_none() {
                tokio::time::sleep(FIRST_AFTER).await;
            }
        };
        tokio::select! {
            () = news => {}
            () = tokio::time::sleep_until(again) => {}
        }
        answer.borrow_and_update().clone()
    }

    async fn show(&self, written: &Written) -> Step {
        // It is being thought about what to ask, or the answer is there already.
        let Some(turn) = written.turn else { return Step::Again(EVERY) };
        let draft = self.door.drafts.add(self.to.chat_id, self.chat, turn);
        let text = written.text.trim();
        let is_rich = !text.is_empty() && self.door.sender.format_of(text, self.look) == RICH;
        let (ability, shown) = if is_rich {
            let draft = SendRichMessageDraft::new(self.to, draft, text);
            (Ability::RichMessages, self.door.sender.show(self.to.chat_id, &draft).await)
        } else {
            // Of several messages the last is the one being written.
            let html = format::parts(text).last().map(format::Part::html).unwrap_or_default();
            let draft = SendMessageDraft::new(self.to, draft, html);
            (Ability::Drafts, self.door.sender.show(self.to.chat_id, &draft).await)
        };
        match shown {
            Ok(()) => {
                self.door.sender.abilities.took(ability);
                Step::Shown
            }
            Err(error) => self.after(error, ability, text.is_empty()).await,
        }
    }

    async fn after(&self, error: CallError, ability: Ability, is_thinking: bool) -> Step {
        tracing::debug!(chat.id = %self.chat, error = %error, "an answer being made was not shown");
        let (code, description) = match error {
            CallError::TooMany(wait) => return Step::Again(wait.max(EVERY)),
            CallError::Unreachable(_) | CallError::Unanswered(_) => return Step::Again(AFTER_TROUBLE),
            CallError::Migrated(_) => return Step::GiveUp,
            CallError::Refused { code: 401 | 500.., .. } => return Step::Again(AFTER_TROUBLE),
            CallError::Refused { code, description } => (code, description),
        };
        // Servers before Bot API 10 take no draft without words; with words they do.
        if is_thinking && code == 400 {
            return Step::Shown;
        }
        let lacks = self.door.sender.abilities.refused(ability, code, &description).await;
        match ability {
            Ability::RichMessages => {
                if !lacks {
                    self.look.dislike_rich();
                }
                Step::Again(Duration::ZERO)
            }
            Ability::Drafts => Step::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_draft_is_never_zero_and_leads_to_its_answer() {
        assert_eq!(number(TurnId(1)), 2);
        assert!([0, i64::from(i32::MAX), i64::MAX].into_iter().all(|turn| number(TurnId(turn)) > 0));
        let drafts = Drafts::default();
        let draft = drafts.add(42, ChatId(3), TurnId(9));
        assert_eq!(drafts.find(42, i64::from(draft)), Some((ChatId(3), TurnId(9))));
        assert_eq!((drafts.find(43, i64::from(draft)), drafts.find(42, i64::MAX)), (None, None));
        drafts.remove(ChatId(3));
        assert_eq!(drafts.find(42, i64::from(draft)), None);
    }
}
