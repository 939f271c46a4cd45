//! What each tier admits: three views over one list, derived by rule.

use serde::{Deserialize, Serialize};

use crate::{Message, MessageId, SessionDuration, Timestamp, manifest::Reason};

/// The view of a chat's messages that a message falls into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Younger than the session duration and not before `context_start`.
    ShortTerm,
    /// Among the newest that have left `short_term`.
    MidTerm,
    /// Only in the whole history: older, archived, or never context.
    WholeHistory,
}

impl Tier {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ShortTerm => "short_term",
            Self::MidTerm => "mid_term",
            Self::WholeHistory => "whole_history",
        }
    }
}

/// How many messages `mid_term` holds unless set otherwise.
pub const MID_TERM_MESSAGES: usize = 200;

/// What decides where `short_term` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boundary {
    /// How long a message stays.
    pub session: SessionDuration,
    /// The first message after `/reset`; none when nothing was reset.
    pub context_start: Option<MessageId>,
}

impl Boundary {
    /// Whether `message` is in `short_term` at `now`.
    #[must_use]
    pub fn admits(&self, message: &Message, now: Timestamp) -> bool {
        self.exclusion(message, now).is_none()
    }

    /// Why `message` is not in `short_term` at `now`; none when it is.
    ///
    /// Where several reasons hold, the one that would still hold if the others were lifted by a setting is named:
    /// an archived message first, then one that never was conversation, then one before a reset, then one too old.
    #[must_use]
    pub fn exclusion(&self, message: &Message, now: Timestamp) -> Option<Reason> {
        if message.archived_at.is_some() {
            Some(Reason::Archived)
        } else if !message.is_context() {
            Some(Reason::NotConversation)
        } else if self.context_start.is_some_and(|start| message.id < start) {
            Some(Reason::BeforeReset)
        } else if message.at < self.session.start(now) {
            Some(Reason::OlderThanSession { minutes: self.session.minutes() })
        } else {
            None
        }
    }
}

/// The tier of every message of a chat, in the order given.
///
/// `messages` are oldest first; `mid_term` counts at most `mid_size` of those that are context and not in `short_term`.
#[must_use]
pub fn assign(messages: &[Message], boundary: &Boundary, mid_size: usize, now: Timestamp) -> Vec<Tier> {
    let mut room = mid_size;
    let mut tiers: Vec<Tier> = messages
        .iter()
        .rev()
        .map(|message| {
            if boundary.admits(message, now) {
                Tier::ShortTerm
            } else if message.is_context() && room > 0 {
                room -= 1;
                Tier::MidTerm
            } else {
                Tier::WholeHistory
            }
        })
        .collect();
    tiers.reverse();
    tiers
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, option, prelude::*};

    use super::*;
    use crate::{MessageKind, RevisionId, Role, TokenCount};

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn message(id: i64, age_minutes: u32) -> Message {
        Message {
            id: MessageId(id),
            revision: RevisionId(id),
            turn: None,
            role: Role::User,
            author: None,
            kind: MessageKind::Text,
            text: "tea".to_owned(),
            tokens: TokenCount(1),
            at: NOW.minus_minutes(age_minutes),
            archived_at: None,
        }
    }

    /// Messages up to ten days old, oldest first; some are commands, some archived.
    fn messages() -> impl Strategy<Value = Vec<Message>> {
        vec((0u32..14_400, 0u8..10), 0..80).prop_map(|mut drafts| {
            drafts.sort_by(|one, other| other.cmp(one));
            let placed = (1..).zip(drafts).map(|(id, (age, what))| Message {
                kind: if what == 0 { MessageKind::Command } else { MessageKind::Text },
                archived_at: (what == 1).then_some(NOW),
                ..message(id, age)
            });
            placed.collect()
        })
    }

    fn boundary(minutes: u32, context_start: Option<i64>) -> Boundary {
        let session = SessionDuration::from_minutes(minutes).unwrap();
        Boundary { session, context_start: context_start.map(MessageId) }
    }

    fn holds(messages: &[Message], tiers: &[Tier], tier: Tier) -> BTreeSet<MessageId> {
        messages.iter().zip(tiers).filter(|(_, of)| **of == tier).map(|(message, _)| message.id).collect()
    }

    proptest! {
        #[test]
        fn tiers_share_out_what_is_not_archived(
            messages in messages(), minutes in 15u32..=10_080, start in option::of(0i64..80), mid in 0usize..60,
        ) {
            let boundary = boundary(minutes, start);
            let tiers = assign(&messages, &boundary, mid, NOW);
            prop_assert_eq!(tiers.len(), messages.len(), "each message has one tier");

            let [short, middle, rest] =
                [Tier::ShortTerm, Tier::MidTerm, Tier::WholeHistory].map(|tier| holds(&messages, &tiers, tier));
            let can_be_shown = |id: &MessageId| messages.iter().any(|message| message.id == *id && message.is_context());
            prop_assert!(short.iter().chain(&middle).all(can_be_shown), "no archived message, no command");
            prop_assert!(messages.iter().all(|m| short.contains(&m.id) == boundary.admits(m, NOW)));

            let older: Vec<_> = rest.into_iter().filter(can_be_shown).collect();
            prop_assert_eq!(middle.len(), mid.min(middle.len() + older.len()), "mid_term is filled before the rest");
            prop_assert!(older.iter().all(|old| middle.iter().all(|newer| old < newer)), "by the newest");
        }

        #[test]
        fn a_longer_duration_takes_in_all_that_a_shorter_one_does(
            messages in messages(), one in 15u32..=10_080, other in 15u32..=10_080, start in option::of(0i64..80),
        ) {
            let tiers = |minutes| assign(&messages, &boundary(minutes, start), MID_TERM_MESSAGES, NOW);
            let (shorter, longer) = (tiers(one.min(other)), tiers(one.max(other)));
            let short = |tiers: &[Tier]| holds(&messages, tiers, Tier::ShortTerm);
            prop_assert!(short(&longer).is_superset(&short(&shorter)));

            let shown = |tiers: &[Tier]| &short(tiers) | &holds(&messages, tiers, Tier::MidTerm);
            prop_assert_eq!(shown(&shorter), shown(&longer), "what leaves one tier is in the next");
            prop_assert_eq!(tiers(one.min(other)), shorter, "and comes back");
        }

        #[test]
        fn a_message_that_is_not_admitted_has_a_reason(
            messages in messages(), minutes in 15u32..=10_080, start in option::of(0i64..80),
        ) {
            let boundary = boundary(minutes, start);
            for message in &messages {
                let right = match boundary.exclusion(message, NOW) {
                    None => boundary.admits(message, NOW) && message.is_context(),
                    Some(Reason::Archived) => message.archived_at.is_some(),
                    Some(Reason::NotConversation) => message.kind == MessageKind::Command,
                    Some(Reason::BeforeReset) => Some(message.id) < boundary.context_start,
                    Some(Reason::OlderThanSession { minutes: said }) => {
                        said == minutes && message.at < NOW.minus_minutes(minutes)
                    }
                    Some(_) => false,
                };
                prop_assert!(right, "{message:?}");
            }
        }
    }

    #[test]
    fn a_message_is_in_short_term_to_the_last_millisecond_of_the_session() {
        let boundary = boundary(180, None);
        let on_the_edge = message(1, 180);
        assert!(boundary.admits(&on_the_edge, NOW));
        assert!(!boundary.admits(&on_the_edge, Timestamp(NOW.0 + 1)));
    }

    #[test]
    fn a_reset_empties_short_term_at_once_and_fills_mid_term() {
        let messages = [message(1, 3), message(2, 2), message(3, 1)];
        let tiers = assign(&messages, &boundary(180, Some(3)), MID_TERM_MESSAGES, NOW);
        assert_eq!(tiers, [Tier::MidTerm, Tier::MidTerm, Tier::ShortTerm]);
    }

    #[test]
    fn mid_term_counts_only_what_may_be_shown() {
        let command = Message { kind: MessageKind::Command, ..message(3, 997) };
        let archived = Message { archived_at: Some(NOW), ..message(2, 998) };
        let messages = [message(0, 1000), message(1, 999), archived, command, message(4, 996)];
        let tiers = assign(&messages, &boundary(180, None), 2, NOW);
        use Tier::{MidTerm, WholeHistory};
        assert_eq!(tiers, [WholeHistory, MidTerm, WholeHistory, WholeHistory, MidTerm]);
    }
}
