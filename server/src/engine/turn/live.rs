//! An answer while it is being made, as others see it: what is written so far, and the switch that stops it.

use std::sync::PoisonError;

use souvenir_memory::{ChatId, TurnId};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Slot;
use crate::engine::Engine;

/// What has been written of the answer being made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Its turn; none while no model is being asked.
    pub turn: Option<TurnId>,
    /// The text so far.
    pub text: String,
}

/// The switch of one turn.
#[derive(Clone, Debug)]
pub(super) struct Switch {
    turn: TurnId,
    stop: CancellationToken,
}

impl Slot {
    /// A turn begins: it can be stopped from now on, by the token given.
    pub(super) fn begin(&self, turn: TurnId) -> CancellationToken {
        let stop = CancellationToken::new();
        *self.switch.lock().unwrap_or_else(PoisonError::into_inner) = Some(Switch { turn, stop: stop.clone() });
        stop
    }

    /// Its answer is made, whatever became of it.
    pub(super) fn end(&self) {
        *self.switch.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The model begins to write, or begins anew.
    pub(super) fn write_anew(&self, turn: TurnId) {
        self.written.send_replace(Written { turn: Some(turn), text: String::new() });
    }

    /// It has written more.
    pub(super) fn write(&self, text: &str) {
        self.written.send_modify(|written| written.text.push_str(text));
    }

    /// It writes no more; gives what it wrote.
    pub(super) fn written(&self) -> String {
        self.written.send_replace(Written::default()).text
    }

    fn stop_if(&self, is_meant: impl FnOnce(TurnId) -> bool) -> bool {
        let mut switch = self.switch.lock().unwrap_or_else(PoisonError::into_inner);
        let meant = switch.take_if(|switch| is_meant(switch.turn));
        meant.is_some_and(|switch| {
            switch.stop.cancel();
            true
        })
    }
}

impl Engine {
    /// Stops the answer being made in a chat; what was written is kept. False when none is.
    #[must_use]
    pub fn stop_turn(&self, chat: ChatId) -> bool {
        self.slot(chat).stop_if(|_| true)
    }

    /// Stops the answer of one turn. False when it is not being made: it is there already, say.
    #[must_use]
    pub fn stop_answer(&self, chat: ChatId, turn: TurnId) -> bool {
        self.slot(chat).stop_if(|running| running == turn)
    }

    /// What is being written in a chat, from now on. Only the newest state is kept: whoever looks seldom misses nothing.
    #[must_use]
    pub fn watch_answer(&self, chat: ChatId) -> watch::Receiver<Written> {
        self.slot(chat).written.subscribe()
    }
}
