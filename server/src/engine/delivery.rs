//! Delivery: a stored reply on its way out, step by step, so that nothing is lost and nothing doubled, whatever dies.
//!
//! A door that sends replies in parts gives [`Engine::answer_by`] its [`Planner`]; the commit that ends the turn then
//! also says how the reply is cut and, when its first part goes out at once, that it does. For each further part the door
//! calls [`Engine::begin_part`], which is durable, sends it, and tells [`Engine::settle_part`] what came of it, which
//! rides on the next commit. What a crash leaves half done is found by [`Engine::deliveries_due`] at the next start and
//! taken up by [`Engine::resume`]. [`souvenir_memory::delivery`] has the rules; the store keeps the states.
//!
//! # Commits of a turn
//! One for the message that came in, one for the turn that begins, one for its end with everything said above. The mark
//! that the reply arrived is written with whatever is committed next, or by itself once nothing was for a second.

use std::{sync::Arc, time::Duration};

use souvenir_memory::{
    ChatId, DeliveryState, MessageId, TurnId,
    delivery::{ForbiddenStep, Outcome, Progress},
};
use tokio::sync::OwnedMutexGuard;

use super::{ChatEvent, Engine, EngineError, TelegramChat, error::Result, turn::Figures};
use crate::{
    measure,
    store::{Mark, PartMark, TurnState},
};

/// Marks wait so long for a commit to go with.
const MARKS_WAIT: Duration = Duration::from_secs(1);

/// How a door cuts a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The door's own word for how it cuts; given back to it when it goes on after a restart.
    pub format: String,
    /// Into how many parts; at least one.
    pub parts: u32,
    /// Whether the first part goes out the moment the reply is stored: nothing holds it back.
    pub at_once: bool,
}

/// Says how a text would be cut; it is told whether a person stopped it.
pub type Planner = Arc<dyn Fn(&str, bool) -> Plan + Send + Sync>;

/// How a reply leaves.
#[derive(Clone)]
pub enum Exit {
    /// It is shown to whoever asked, in a browser or by the API: storing it is all.
    Shown,
    /// It is sent in parts.
    InParts(Planner),
}

/// A reply on its way out. Holds the chat's turn until it is dropped, so that no later reply overtakes it.
pub struct Answer {
    /// The chat to answer in.
    pub chat: ChatId,
    /// The turn that made it.
    pub turn: TurnId,
    /// The stored reply; none when the turn failed.
    pub message: Option<MessageId>,
    /// What to tell the person: the reply, or what went wrong.
    pub text: String,
    /// Whether the turn failed.
    pub failed: bool,
    /// Whether a person stopped it: the text is what was written until then.
    pub stopped: bool,
    /// How many pictures the model was not shown: it takes none, or they found no room.
    pub unseen: usize,
    /// The door's word for how it is cut.
    pub(super) format: Option<String>,
    pub(super) progress: Progress,
    /// What its turn took; none when the last process made it.
    pub(super) figures: Option<Figures>,
    pub(super) engine: Engine,
    pub(super) _turn: OwnedMutexGuard<()>,
}

/// How sending a part ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartOutcome {
    /// It arrived.
    Sent {
        /// Telegram's id of it.
        telegram_message_id: i64,
    },
    /// It may or may not have arrived.
    Unknown {
        /// Why nobody can tell, safe to show.
        reason: String,
    },
    /// It was refused for good.
    Failed {
        /// Why, in plain words.
        reason: String,
    },
    /// It did not go out, and may do so later.
    NotSent,
}

impl Answer {
    /// The door's word for how it is cut; none when it was only shown.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        self.format.as_deref()
    }

    /// How many parts it is cut into.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.progress.parts().len()
    }

    /// The part to send now: the one that is marked as going out, else the next that waits.
    #[must_use]
    pub fn part_to_send(&self) -> Option<usize> {
        self.progress.going_out().or_else(|| self.progress.next())
    }

    /// Whether a part is marked as going out already.
    #[must_use]
    pub fn is_going_out(&self) -> bool {
        self.progress.going_out().is_some()
    }

    /// Whether nothing of it can have arrived.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.progress.is_untouched()
    }

    /// What became of it.
    #[must_use]
    pub fn state(&self) -> DeliveryState {
        self.progress.state()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the text.
        let mut answer = f.debug_struct("Answer");
        answer.field("chat", &self.chat).field("turn", &self.turn).field("progress", &self.progress);
        answer.finish_non_exhaustive()
    }
}

impl Drop for Answer {
    /// Whoever was sending a part has gone without a word: it may have arrived. What became of the reply is known now.
    fn drop(&mut self) {
        if self.is_going_out() {
            let engine = self.engine.clone();
            let reason = "whoever sent it was interrupted".to_owned();
            if let Err(error) = engine.settle_part(self, PartOutcome::Unknown { reason }) {
                tracing::error!(%error, turn.id = %self.turn, "failed to mark a reply that was let go");
            }
        }
        match self.figures.take() {
            Some(figures) => figures.tell(self.chat, self.turn, self.state()),
            None => {
                let delivery = self.state().as_str();
                tracing::info!(chat.id = %self.chat, turn.id = %self.turn, delivery, "a reply of before was taken up");
            }
        }
    }
}

impl Engine {
    /// Marks durably that the next part of a reply goes out. Does nothing when it is marked already.
    ///
    /// # Errors
    /// When the database fails: then the part must not be sent.
    pub async fn begin_part(&self, answer: &mut Answer) -> Result<()> {
        if answer.is_going_out() {
            return Ok(());
        }
        let Some(part) = answer.progress.next() else { return Ok(()) };
        self.store().begin_part(answer.turn, number(part), self.now()).await?;
        answer.progress.begin(part).map_err(forbidden)
    }

    /// Records what became of the part that was going out.
    ///
    /// # Errors
    /// When none was.
    pub fn settle_part(&self, answer: &mut Answer, outcome: PartOutcome) -> Result<()> {
        let part = answer.progress.going_out().unwrap_or_default();
        let (step, id, error) = match outcome {
            PartOutcome::Sent { telegram_message_id } => (Outcome::Sent, Some(telegram_message_id), None),
            PartOutcome::Unknown { reason } => (Outcome::Unknown, None, Some(reason)),
            PartOutcome::Failed { reason } => (Outcome::Failed, None, Some(reason)),
            PartOutcome::NotSent => (Outcome::NotSent, None, None),
        };
        answer.progress.settle(part, step).map_err(forbidden)?;
        let state = answer.progress.state();
        self.mark(Mark::Part(PartMark {
            turn: answer.turn,
            part: number(part),
            state: answer.progress.parts()[part],
            telegram_message_id: id,
            delivery: state,
            error,
            at: self.now(),
        }));
        if !matches!(state, DeliveryState::Composed | DeliveryState::Sending) {
            measure::delivered(state.as_str());
            self.emit(ChatEvent::Delivery { chat: answer.chat, turn: answer.turn, state: state.as_str().to_owned() });
        }
        Ok(())
    }

    /// Cuts a reply in another way. Only one of which nothing can have arrived.
    ///
    /// # Errors
    /// When some of it may have arrived, or the database fails.
    pub async fn replan(&self, answer: &mut Answer, plan: &Plan) -> Result<()> {
        if !answer.is_untouched() {
            return Err(EngineError::Internal("a reply cannot be cut anew once some of it went out".to_owned()));
        }
        self.store().replan(answer.turn, &plan.format, plan.parts).await?;
        answer.progress = Progress::new(plan.parts as usize);
        answer.format = Some(plan.format.clone());
        Ok(())
    }

    /// Replies that are to be sent to Telegram, in order: what the last process left, and what a person wants sent again.
    /// Replies that are being sent now may be among them; [`Engine::resume`] waits for those and finds nothing to do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries_due(&self) -> Result<Vec<(ChatId, TurnId, TelegramChat)>> {
        let mut due = Vec::new();
        for (chat, turn) in self.store().deliveries_due().await? {
            if let Some(telegram) = self.record(chat).await.ok().as_ref().and_then(super::telegram_of) {
                due.push((chat, turn, telegram));
            }
        }
        Ok(due)
    }

    /// Waits until a person wants a reply sent again.
    pub async fn delivery_asked(&self) {
        self.inner.deliveries_asked.notified().await;
    }

    /// Takes up a reply that waits to be sent, once the turns before are delivered. None when nothing of it waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resume(&self, chat: ChatId, turn: TurnId) -> Result<Option<Answer>> {
        let guard = self.slot(chat).turn.clone().lock_owned().await;
        let Some(outgoing) = self.store().outgoing(chat, turn).await? else { return Ok(None) };
        if outgoing.progress.next().is_none() {
            return Ok(None);
        }
        Ok(Some(Answer {
            chat,
            turn,
            message: Some(outgoing.message),
            text: outgoing.text.unwrap_or_default(),
            failed: outgoing.turn_state == TurnState::Failed,
            stopped: outgoing.turn_state == TurnState::Stopped,
            unseen: 0,
            format: outgoing.format,
            progress: outgoing.progress,
            figures: None,
            engine: self.clone(),
            _turn: guard,
        }))
    }

    /// Sends again what of a reply did not arrive; with `may_double` also what may have arrived.
    ///
    /// # Errors
    /// [`EngineError::NoTurn`]; [`EngineError::Conflict`] when there is nothing to send again, or when it may have
    /// arrived and `may_double` is not given.
    pub async fn send_again(&self, chat: ChatId, turn: TurnId, may_double: bool) -> Result<()> {
        if self.record(chat).await?.telegram.is_none() {
            return Err(EngineError::conflict("this reply was shown, not sent: there is nothing to send again"));
        }
        self.turn_record(chat, turn).await?;
        if self.health().await.telegram.status == super::Status::Off {
            return Err(EngineError::conflict("Telegram is off: set TELEGRAM_BOT_TOKEN, then send it again"));
        }
        let nothing = || EngineError::conflict("nothing of this turn was to be sent");
        let Some(mut outgoing) = self.store().outgoing(chat, turn).await? else { return Err(nothing()) };
        match outgoing.progress.state() {
            DeliveryState::Failed | DeliveryState::Unknown if outgoing.text.is_none() => {
                return Err(EngineError::conflict("the reply has been forgotten: there is nothing to send"));
            }
            DeliveryState::Failed if !has_doubt(&outgoing.progress) => {}
            DeliveryState::Failed | DeliveryState::Unknown if may_double => {}
            DeliveryState::Failed | DeliveryState::Unknown => {
                return Err(EngineError::conflict(
                    "some of this reply may have arrived already: send it with may_double if it may arrive twice",
                ));
            }
            DeliveryState::Sent => return Err(EngineError::conflict("all of this reply has arrived")),
            DeliveryState::Composed | DeliveryState::Sending => {
                return Err(EngineError::conflict("this reply is being sent already"));
            }
        }
        outgoing.progress.send_again();
        self.store().keep_progress(turn, &outgoing.progress, self.now()).await?;
        let state = outgoing.progress.state().as_str().to_owned();
        self.emit(ChatEvent::Delivery { chat, turn, state });
        self.inner.deliveries_asked.notify_one();
        Ok(())
    }

    /// Keeps that nothing can be sent to a chat, and why; whoever writes in it takes that back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn report_unreachable(&self, chat: ChatId, reason: &str) -> Result<()> {
        self.store().set_unreachable(chat, reason, self.now()).await?;
        self.emit(ChatEvent::Settings { chat });
        Ok(())
    }

    /// A group has become a supergroup, which Telegram gives another id: its chats here follow.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn migrate_telegram_chat(&self, from: i64, to: i64) -> Result<()> {
        for chat in self.store().migrate_chat(from, to).await? {
            tracing::info!(chat.id = %chat, "a group became a supergroup; its chat goes on under the new id");
            self.emit(ChatEvent::Settings { chat });
        }
        Ok(())
    }

    /// Makes a mark, and sees to it that it is written even if nothing is committed soon.
    pub(super) fn mark(&self, mark: Mark) {
        if !self.store().mark(mark) {
            return;
        }
        let inner = Arc::downgrade(&self.inner);
        let write = async move {
            tokio::time::sleep(MARKS_WAIT).await;
            if let Some(inner) = inner.upgrade()
                && let Err(error) = inner.store.write_marks().await
            {
                tracing::error!(%error, "failed to write what became of messages sent; trying with the next commit");
            }
        };
        // Without a runtime the process is ending, and closing the store writes them.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(write);
        }
    }
}

fn has_doubt(progress: &Progress) -> bool {
    progress.parts().contains(&souvenir_memory::PartState::Unknown)
}

fn number(part: usize) -> u32 {
    u32::try_from(part).unwrap_or(u32::MAX)
}

fn forbidden(error: ForbiddenStep) -> EngineError {
    EngineError::Internal(error.to_string())
}
