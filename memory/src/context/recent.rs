//! Recent messages: `short_term` in turns, and where to cut it.
//!
//! **Turns.** Only messages that `short_term` admits are considered; those of one turn are kept or dropped together,
//! and a message without a turn stands alone. Turns stand in the order in which they began, each in one piece: a
//! message that came in while the reply before it was being made follows that reply, as the model saw it then. The
//! part of a turn that has aged out of `short_term` is not brought back for the sake of the rest.
//!
//! **Hysteresis.** Dropping one old turn for each new one would change the start of the section at every turn, and
//! no provider's cache could serve it. So everything since `trim_mark` stays while it fits; once it does not, the
//! section is filled newest first to 70 % of its room, and the first message kept is the new mark. Then there is
//! room to grow for a while.

use std::collections::{BTreeMap, BTreeSet};

use super::Snapshot;
use crate::{
    Message, MessageId, Role, Timestamp, TokenCount, manifest::Reason, tier::Boundary, tokens::MESSAGE_OVERHEAD,
};

/// How much of its room the section keeps when it is trimmed, in percent.
const KEPT_BY_A_TRIM: u64 = 70;

/// Whether a model may be shown this message as something said.
pub(super) fn is_spoken(message: &Message) -> bool {
    message.is_context() && matches!(message.role, Role::User | Role::Assistant)
}

/// Messages that are kept or dropped together, by their places in the snapshot.
struct Turn {
    messages: Vec<usize>,
    tokens: TokenCount,
}

/// Where a message of the snapshot stands before any room is given out.
enum Standing {
    /// It is one of the messages being answered.
    Current,
    /// It is in `short_term`, in this turn.
    Turn(usize),
    /// It is not in `short_term`.
    Excluded(Reason),
}

/// The messages of `short_term` in their turns.
pub(super) struct ShortTerm<'a> {
    messages: &'a [Message],
    standings: Vec<Standing>,
    turns: Vec<Turn>,
    turn_of: BTreeMap<MessageId, usize>,
}

/// Which turns are kept, all of them newer than those that are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The first turn kept.
    pub(super) kept: usize,
    /// The first turn that the room would have held.
    pub(super) fitting: usize,
    /// The room of the section, in raw tokens.
    pub(super) room: TokenCount,
}

impl<'a> ShortTerm<'a> {
    /// Sorts the messages of a snapshot into turns.
    pub(super) fn of(snapshot: &'a Snapshot, boundary: &Boundary, now: Timestamp) -> Self {
        let current: BTreeSet<MessageId> = snapshot.current.iter().map(|message| message.id).collect();
        let mut short_term =
            Self { messages: &snapshot.messages, standings: Vec::new(), turns: Vec::new(), turn_of: BTreeMap::new() };
        let mut begun = BTreeMap::new();
        for (place, message) in snapshot.messages.iter().enumerate() {
            let standing = if current.contains(&message.id) {
                Standing::Current
            } else if let Some(reason) = boundary.exclusion(message, now) {
                Standing::Excluded(reason)
            } else if !is_spoken(message) {
                Standing::Excluded(Reason::NotConversation)
            } else {
                let next = short_term.turns.len();
                let turn = message.turn.map_or(next, |turn| *begun.entry(turn).or_insert(next));
                short_term.put(place, turn);
                Standing::Turn(turn)
            };
            short_term.standings.push(standing);
        }
        short_term
    }

    fn put(&mut self, place: usize, turn: usize) {
        let message = &self.messages[place];
        if turn == self.turns.len() {
            self.turns.push(Turn { messages: Vec::new(), tokens: TokenCount::ZERO });
        }
        self.turns[turn].messages.push(place);
        self.turns[turn].tokens += message.tokens + MESSAGE_OVERHEAD;
        self.turn_of.insert(message.id, turn);
    }

    /// The first turn since `mark`: the turn of the marked message, or the first that began after it.
    ///
    /// All turns, when there is no mark or it lies before the snapshot.
    pub(super) fn since(&self, mark: Option<MessageId>) -> usize {
        let Some(mark) = mark else { return 0 };
        if let Some(turn) = self.turn_of.get(&mark) {
            return *turn;
        }
        // The marked message has left `short_term`: what followed it is still the section's unbroken rest.
        match self.messages.iter().position(|message| message.id == mark) {
            Some(place) => self.turns.partition_point(|turn| turn.messages[0] < place),
            None => 0,
        }
    }

    /// The tokens of the turns from `first` on.
    pub(super) fn tokens_since(&self, first: usize) -> TokenCount {
        self.turns[first..].iter().map(|turn| turn.tokens).sum()
    }

    /// Keeps the turns from `base` on if `room` holds them; else the newest that 70 % of it holds.
    ///
    /// The newest turn is kept even beyond 70 % when the room holds it: an answer without what was said just before
    /// it would be worse than a prefix that changes once more.
    pub(super) fn cut(&self, base: usize, room: TokenCount) -> Cut {
        let fitting = self.newest_within(room);
        if fitting <= base {
            return Cut { kept: base, fitting, room };
        }
        let target = u64::from(room.0) * KEPT_BY_A_TRIM / 100;
        let target = TokenCount(u32::try_from(target).unwrap_or(u32::MAX));
        let newest = self.turns.len().saturating_sub(1).max(fitting);
        Cut { kept: self.newest_within(target).min(newest), fitting, room }
    }

    /// The first turn of the longest run of newest turns within `limit`.
    fn newest_within(&self, limit: TokenCount) -> usize {
        let mut left = limit;
        let mut first = self.turns.len();
        while first > 0 && self.turns[first - 1].tokens <= left {
            first -= 1;
            left = left.saturating_sub(self.turns[first].tokens);
        }
        first
    }

    /// The messages of the turns from `first` on, in the order they are sent.
    pub(super) fn messages_since(&self, first: usize) -> impl Iterator<Item = &'a Message> {
        self.turns[first..].iter().flat_map(|turn| &turn.messages).map(|place| &self.messages[*place])
    }

    /// Whether the message stands word for word in the turns from `first` on.
    pub(super) fn holds(&self, message: MessageId, first: usize) -> bool {
        self.turn_of.get(&message).is_some_and(|turn| *turn >= first)
    }

    /// Every message of the snapshot, with the reason for which it is not among the recent or current ones.
    pub(super) fn absences(&self, cut: Cut) -> impl Iterator<Item = (&'a Message, Option<Reason>)> {
        self.messages.iter().zip(&self.standings).map(move |(message, standing)| {
            let reason = match standing {
                Standing::Current => None,
                Standing::Excluded(reason) => Some(reason.clone()),
                Standing::Turn(turn) if *turn >= cut.kept => None,
                Standing::Turn(turn) if *turn >= cut.fitting => Some(Reason::Trimmed),
                Standing::Turn(_) => Some(Reason::NoRoom { cap: cut.room.0 }),
            };
            (message, reason)
        })
    }
}
