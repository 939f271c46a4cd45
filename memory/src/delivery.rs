//! Delivery: what is known of a reply on its way, and what may be done next.
//!
//! Pure rules over the parts a reply is sent in. They hold one promise: a part that may have arrived is never sent again
//! unless a person asks for it. A part is marked [`PartState::Sending`] durably before it goes out, so whatever a crash
//! leaves in that state may have arrived, and [`Progress::recover`] says so. Nothing else is lost to a crash: what was
//! waiting still waits, and [`Progress::next`] names it.

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($type:ty { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// Its name in the database and on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("state {other}")),
                }
            }
        }
    };
}

/// What became of a reply as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Stored; nothing of it has gone out.
    Composed,
    /// On its way: a part is going out, or some have gone and others wait.
    Sending,
    /// All of it arrived.
    Sent,
    /// Some of it may or may not have arrived; the rest did.
    Unknown,
    /// Some of it was refused.
    Failed,
}

/// What became of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// It has not gone out.
    Waiting,
    /// It is going out.
    Sending,
    /// It arrived.
    Sent,
    /// It may or may not have arrived.
    Unknown,
    /// It was refused.
    Failed,
}

names!(DeliveryState {
    Composed = "composed",
    Sending = "sending",
    Sent = "sent",
    Unknown = "unknown",
    Failed = "failed",
});
names!(PartState {
    Waiting = "waiting",
    Sending = "sending",
    Sent = "sent",
    Unknown = "unknown",
    Failed = "failed",
});

/// How sending a part ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It arrived.
    Sent,
    /// Nobody can tell.
    Unknown,
    /// It was refused for good.
    Failed,
    /// It did not go out, and may do so later.
    NotSent,
}

/// A step that the rules do not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("part {part} of a reply cannot go from {from} to {to}", from = .from.as_str(), to = .to.as_str())]
pub struct ForbiddenStep {
    /// The part, from 0.
    pub part: usize,
    /// What it is.
    pub from: PartState,
    /// What it was to become.
    pub to: PartState,
}

/// How far a reply has got, part by part. There is always at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    parts: Vec<PartState>,
}

impl Progress {
    /// A reply in `parts` parts, none of which has gone out.
    #[must_use]
    pub fn new(parts: usize) -> Self {
        Self { parts: vec![PartState::Waiting; parts.max(1)] }
    }

    /// A reply that arrived in one piece.
    #[must_use]
    pub fn arrived() -> Self {
        Self { parts: vec![PartState::Sent] }
    }

    /// A reply of which this is known. Parts that nothing is known of are waiting.
    #[must_use]
    pub fn known(parts: usize, known: impl IntoIterator<Item = (usize, PartState)>) -> Self {
        let mut progress = Self::new(parts);
        for (part, state) in known {
            if part >= progress.parts.len() {
                progress.parts.resize(part + 1, PartState::Waiting);
            }
            progress.parts[part] = state;
        }
        progress
    }

    /// The state of each part.
    #[must_use]
    pub fn parts(&self) -> &[PartState] {
        &self.parts
    }

    /// What became of the whole. A refusal outweighs a doubt, and both outweigh what arrived.
    #[must_use]
    pub fn state(&self) -> DeliveryState {
        let has = |state| self.parts.contains(&state);
        let only = |state| self.parts.iter().all(|part| *part == state);
        match () {
            () if has(PartState::Failed) => DeliveryState::Failed,
            () if only(PartState::Waiting) => DeliveryState::Composed,
            () if has(PartState::Sending) || has(PartState::Waiting) => DeliveryState::Sending,
            () if has(PartState::Unknown) => DeliveryState::Unknown,
            () => DeliveryState::Sent,
        }
    }

    /// The part to send now: the first that waits, unless one is going out or was refused. A part whose outcome is
    /// unknown does not keep the others back.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        let blocked = self.parts.iter().any(|part| matches!(part, PartState::Sending | PartState::Failed));
        self.parts.iter().position(|part| *part == PartState::Waiting).filter(|_| !blocked)
    }

    /// The part that is going out.
    #[must_use]
    pub fn going_out(&self) -> Option<usize> {
        self.parts.iter().position(|part| *part == PartState::Sending)
    }

    /// Whether nothing of it can have arrived, so that it may be cut into other parts.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, PartState::Waiting | PartState::Failed))
    }

    /// A part goes out. To be made durable before it does.
    ///
    /// # Errors
    /// [`ForbiddenStep`] unless it is the [`Progress::next`].
    pub fn begin(&mut self, part: usize) -> Result<(), ForbiddenStep> {
        if self.next() != Some(part) {
            return Err(self.forbidden(part, PartState::Sending));
        }
        self.parts[part] = PartState::Sending;
        Ok(())
    }

    /// What became of a part that went out.
    ///
    /// # Errors
    /// [`ForbiddenStep`] unless it is going out.
    pub fn settle(&mut self, part: usize, outcome: Outcome) -> Result<(), ForbiddenStep> {
        let state = match outcome {
            Outcome::Sent => PartState::Sent,
            Outcome::Unknown => PartState::Unknown,
            Outcome::Failed => PartState::Failed,
            Outcome::NotSent => PartState::Waiting,
        };
        if self.going_out() != Some(part) {
            return Err(self.forbidden(part, state));
        }
        self.parts[part] = state;
        Ok(())
    }

    /// The process that was sending is gone: what was going out may have arrived.
    pub fn recover(&mut self) {
        self.replace(&[PartState::Sending], PartState::Unknown);
    }

    /// A person asks for what did not arrive, or may not have, to be sent again. Parts that arrived stay as they are.
    pub fn send_again(&mut self) {
        self.replace(&[PartState::Unknown, PartState::Failed], PartState::Waiting);
    }

    fn replace(&mut self, from: &[PartState], to: PartState) {
        self.parts.iter_mut().filter(|part| from.contains(part)).for_each(|part| *part = to);
    }

    fn forbidden(&self, part: usize, to: PartState) -> ForbiddenStep {
        let from = self.parts.get(part).copied().unwrap_or(PartState::Waiting);
        ForbiddenStep { part, from, to }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reply_is_as_well_as_its_worst_part() {
        use PartState::{Failed, Sending, Sent, Unknown, Waiting};
        let state = |parts: &[PartState]| Progress { parts: parts.to_vec() }.state();
        assert_eq!(state(&[Waiting, Waiting]), DeliveryState::Composed);
        assert_eq!(state(&[Sending, Waiting]), DeliveryState::Sending);
        assert_eq!(state(&[Sent, Waiting]), DeliveryState::Sending);
        assert_eq!(state(&[Unknown, Waiting]), DeliveryState::Sending);
        assert_eq!(state(&[Sent, Unknown]), DeliveryState::Unknown);
        assert_eq!(state(&[Unknown, Failed, Waiting]), DeliveryState::Failed);
        assert_eq!(state(&[Sent, Sent]), DeliveryState::Sent);
    }

    #[test]
    fn after_a_crash_between_two_parts_only_the_rest_is_due() {
        let mut progress = Progress::new(3);
        progress.begin(0).unwrap();
        progress.settle(0, Outcome::Sent).unwrap();
        progress.begin(1).unwrap();
        progress.recover();
        assert_eq!(progress.parts(), [PartState::Sent, PartState::Unknown, PartState::Waiting]);
        assert_eq!(progress.next(), Some(2));
    }

    #[test]
    fn parts_go_out_one_by_one_and_none_after_a_refusal() {
        let mut progress = Progress::new(3);
        assert!(progress.begin(1).is_err(), "out of order");
        progress.begin(0).unwrap();
        assert!(progress.begin(1).is_err(), "two at once");
        progress.settle(0, Outcome::Failed).unwrap();
        assert!(progress.settle(0, Outcome::Sent).is_err(), "settled already");
        assert_eq!(progress.next(), None);
        progress.send_again();
        assert_eq!(progress.next(), Some(0));
    }

    /// What happens to a reply, with what the other side saw of it.
    #[derive(Clone, Debug)]
    enum Event {
        /// A part goes out, and arrives or not; then this is heard of it.
        Attempt { arrives: bool, heard: bool },
        /// A part goes out, arrives or not, and the process dies.
        Crash { arrives: bool },
        /// The process dies between two parts.
        Restart,
        /// A person asks for it again.
        SendAgain,
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            6 => (any::<bool>(), any::<bool>()).prop_map(|(arrives, heard)| Event::Attempt { arrives, heard }),
            2 => any::<bool>().prop_map(|arrives| Event::Crash { arrives }),
            1 => Just(Event::Restart),
            1 => Just(Event::SendAgain),
        ]
    }

    proptest! {
        #[test]
        fn no_part_arrives_twice_unless_a_person_asked_and_none_is_lost(
            parts in 1_usize..6, refusing in any::<bool>(), events in prop::collection::vec(event(), 0..40),
        ) {
            let mut progress = Progress::new(parts);
            let mut arrived = vec![0_u32; parts];
            let mut asked_in_doubt = vec![0_u32; parts];
            for event in events {
                match event {
                    Event::Attempt { arrives, heard } => {
                        let Some(part) = progress.next() else { continue };
                        progress.begin(part).unwrap();
                        arrived[part] += u32::from(arrives);
                        let outcome = match (heard, arrives) {
                            (false, _) => Outcome::Unknown,
                            (true, true) => Outcome::Sent,
                            (true, false) if refusing => Outcome::Failed,
                            (true, false) => Outcome::NotSent,
                        };
                        progress.settle(part, outcome).unwrap();
                    }
                    Event::Crash { arrives } => {
                        let Some(part) = progress.next() else { continue };
                        progress.begin(part).unwrap();
                        arrived[part] += u32::from(arrives);
                        progress.recover();
                    }
                    Event::Restart => progress.recover(),
                    Event::SendAgain => {
                        for (part, state) in progress.parts().iter().enumerate() {
                            asked_in_doubt[part] += u32::from(*state == PartState::Unknown);
                        }
                        progress.send_again();
                    }
                }
                for part in 0..parts {
                    let state = progress.parts()[part];
                    prop_assert!(arrived[part] <= 1 + asked_in_doubt[part], "doubled: {progress:?}");
                    prop_assert!(state != PartState::Sent || arrived[part] > 0, "said to be sent: {progress:?}");
                    prop_assert!(state != PartState::Waiting || arrived[part] <= asked_in_doubt[part]);
                }
                let open = matches!(progress.state(), DeliveryState::Composed | DeliveryState::Sending);
                prop_assert_eq!(open, progress.next().is_some(), "neither due nor settled: {:?}", progress);
            }
        }
    }
}
