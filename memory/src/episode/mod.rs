//! Where an episode begins and ends: a run of turns with no pause longer than the session duration, no `/reset` in
//! it, and no shift of topic.
//!
//! Every decision rests on what was said up to one message and nothing later, so that following a chat message by
//! message gives the same episodes as reading all of it at once. Only the shift of topic looks back: it is seen some
//! turns late, and the episode ends before the first of them (see [`topic`]).

mod topic;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use topic::LOOK_BACK;

use crate::{MessageId, Role, SessionDuration, Timestamp, TurnId};

/// A message as far as episodes are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The message.
    pub id: MessageId,
    /// Its turn.
    pub turn: Option<TurnId>,
    /// Who spoke.
    pub role: Role,
    /// When.
    pub at: Timestamp,
    /// The stems of its words.
    pub terms: BTreeSet<String>,
}

/// Why an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// Nobody spoke for longer than the session duration.
    Idle,
    /// Somebody began anew.
    Reset,
    /// The subject changed for good.
    Topic,
    /// A person asked for it.
    Asked,
}

impl Closing {
    /// Its name in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Reset => "reset",
            Self::Topic => "topic",
            Self::Asked => "asked",
        }
    }
}

impl std::str::FromStr for Closing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Idle, Self::Reset, Self::Topic, Self::Asked]
            .into_iter()
            .find(|closing| closing.as_str() == text)
            .ok_or_else(|| format!("closing {text}"))
    }
}

/// One episode, or the part of it that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first message.
    pub first: MessageId,
    /// Its last message so far.
    pub last: MessageId,
    /// When its last message was said.
    pub last_at: Timestamp,
    /// Why it ended; none while it is open.
    pub closing: Option<Closing>,
}

/// What decides where episodes end.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The longest pause within one.
    pub session: SessionDuration,
    /// The first message after each `/reset`; it need not have been said yet.
    pub resets: &'a [MessageId],
    /// The present: an episode whose last message is older than the session has ended.
    pub now: Timestamp,
}

/// The episodes of `said`, oldest first; the last may be open.
///
/// The first of `said` begins an episode, or goes on with the one that is open. `looked_back` of them were followed
/// before and are here only so that a shift of topic is seen: no pause or reset among them is looked for again.
#[must_use]
pub fn follow(said: &[Said], looked_back: usize, rules: &Rules<'_>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut first = 0;
    let mut close = |first: usize, end: usize, closing: Option<Closing>| {
        let (begin, last) = (&said[first], &said[end - 1]);
        spans.push(Span { first: begin.id, last: last.id, last_at: last.at, closing });
    };
    for place in 0..said.len() {
        if place > first
            && place >= looked_back
            && let Some(closing) = parting(&said[place - 1], &said[place], rules)
        {
            close(first, place, Some(closing));
            first = place;
        }
        if place >= looked_back
            && let Some(shift) = topic::shift(&said[first..=place])
        {
            close(first, first + shift, Some(Closing::Topic));
            first += shift;
        }
    }
    if first < said.len() {
        close(first, said.len(), ending(&said[said.len() - 1], rules));
    }
    spans
}

/// What parts two messages that follow each other.
fn parting(before: &Said, next: &Said, rules: &Rules<'_>) -> Option<Closing> {
    if rules.resets.iter().any(|start| before.id < *start && *start <= next.id) {
        Some(Closing::Reset)
    } else if is_longer(next.at.millis_since(before.at), rules.session) {
        Some(Closing::Idle)
    } else {
        None
    }
}

/// What has ended an episode after its last message, before anything else is said.
fn ending(last: &Said, rules: &Rules<'_>) -> Option<Closing> {
    if rules.resets.iter().any(|start| last.id < *start) {
        Some(Closing::Reset)
    } else if is_longer(rules.now.millis_since(last.at), rules.session) {
        Some(Closing::Idle)
    } else {
        None
    }
}

fn is_longer(millis: i64, session: SessionDuration) -> bool {
    millis > i64::from(session.minutes()) * 60_000
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, option, prelude::*};

    use super::*;

    const HOUR: i64 = 3_600_000;

    fn said(id: i64, at: i64, words: &str) -> Said {
        Said {
            id: MessageId(id),
            turn: Some(TurnId(id / 2)),
            role: if id % 2 == 0 { Role::User } else { Role::Assistant },
            at: Timestamp(at),
            terms: words.split_whitespace().map(str::to_owned).collect(),
        }
    }

    fn rules(now: i64, resets: &[MessageId]) -> Rules<'_> {
        Rules { session: SessionDuration::Short, resets, now: Timestamp(now) }
    }

    fn ends(spans: &[Span]) -> Vec<(i64, i64, Option<Closing>)> {
        spans.iter().map(|span| (span.first.0, span.last.0, span.closing)).collect()
    }

    #[test]
    fn a_pause_longer_than_the_session_ends_an_episode_and_one_as_long_does_not() {
        let all = [said(0, 0, ""), said(1, 3 * HOUR, ""), said(2, 6 * HOUR + 1, "")];
        let spans = follow(&all, 0, &rules(7 * HOUR, &[]));
        assert_eq!(ends(&spans), [(0, 1, Some(Closing::Idle)), (2, 2, None)]);
        let later = follow(&all, 0, &rules(9 * HOUR + 2, &[]));
        assert_eq!(ends(&later)[1], (2, 2, Some(Closing::Idle)));
    }

    #[test]
    fn a_reset_ends_an_episode_before_anything_else_is_said() {
        let all = [said(0, 0, ""), said(1, 1, ""), said(4, 2, "")];
        assert_eq!(ends(&follow(&all, 0, &rules(3, &[MessageId(2)]))), [(0, 1, Some(Closing::Reset)), (4, 4, None)]);
        assert_eq!(ends(&follow(&all, 0, &rules(3, &[MessageId(9)]))), [(0, 4, Some(Closing::Reset))]);
    }

    fn conversation() -> impl Strategy<Value = (Vec<Said>, Vec<MessageId>)> {
        let message = (0i64..40, prop_oneof![5 => 0i64..HOUR, 1 => HOUR..8 * HOUR], 0u8..3, vec(0u8..9, 0..5));
        (vec(message, 1..60), option::of(0i64..70)).prop_map(|(drafts, reset)| {
            let mut at = 0;
            let all = (0..).zip(drafts).map(|(id, (_, pause, subject, words))| {
                at += pause;
                let words: Vec<String> = words.iter().map(|word| format!("s{subject}w{word}")).collect();
                said(id, at, &words.join(" "))
            });
            (all.collect(), reset.map(MessageId).into_iter().collect())
        })
    }

    proptest! {
        #[test]
        fn episodes_hold_every_message_once_and_no_long_pause((all, resets) in conversation()) {
            let now = all.last().unwrap().at.0;
            let spans = follow(&all, 0, &rules(now, &resets));
            let mut next = all[0].id;
            for (place, span) in spans.iter().enumerate() {
                prop_assert_eq!(span.first, next);
                prop_assert!(span.last >= span.first);
                prop_assert!(span.closing.is_some() || place + 1 == spans.len());
                next = MessageId(span.last.0 + 1);
                let inside: Vec<&Said> = all.iter().filter(|said| span.first <= said.id && said.id <= span.last).collect();
                for pair in inside.windows(2) {
                    prop_assert!(!is_longer(pair[1].at.millis_since(pair[0].at), SessionDuration::Short));
                    prop_assert!(!resets.contains(&pair[1].id));
                }
            }
            prop_assert_eq!(next.0, all.last().unwrap().id.0 + 1);
        }

        #[test]
        fn following_message_by_message_gives_what_reading_all_at_once_gives((all, resets) in conversation()) {
            let now = all.last().unwrap().at.0;
            let at_once = follow(&all, 0, &rules(now, &resets));
            let mut kept: Vec<Span> = Vec::new();
            for count in 1..=all.len() {
                let first = kept.iter().rposition(|span| span.closing.is_some())
                    .map_or(0, |place| all.iter().position(|said| said.id > kept[place].last).unwrap());
                kept.retain(|span| span.closing.is_some());
                let begun = all[count - 1].at.0;
                let looked_back = (count - 1).saturating_sub(first);
                let known: Vec<MessageId> = resets.iter().copied().filter(|start| *start <= all[count - 1].id).collect();
                kept.extend(follow(&all[first..count], looked_back, &rules(begun, &known)));
            }
            let closed = |spans: &[Span]| spans.iter().filter(|span| span.last != all.last().unwrap().id).copied().collect::<Vec<_>>();
            prop_assert_eq!(closed(&kept), closed(&at_once));
        }
    }
}
