//! What is due: which messages are to be consolidated, derived from watermarks, and in which batches.

use super::Utterance;
use crate::{EpisodeId, MessageId, TokenCount, tokens::MESSAGE_OVERHEAD};

/// An episode as far as consolidation is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpisodeState {
    /// Its number.
    pub id: EpisodeId,
    /// Its first message.
    pub first: MessageId,
    /// Its last message so far.
    pub last: MessageId,
    /// Whether it has ended.
    pub closed: bool,
    /// The last message that was consolidated; none when nothing was.
    pub watermark: Option<MessageId>,
}

/// What left `short_term` and is not consolidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// How many messages of the open episode.
    pub messages: usize,
    /// The last of them.
    pub through: MessageId,
}

/// A run of messages of one episode to be consolidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// The episode.
    pub episode: EpisodeId,
    /// The first message.
    pub from: MessageId,
    /// The last message.
    pub through: MessageId,
}

/// The portions that are due, oldest episode first.
///
/// A closed episode is due once and for all; the open one only when more than `mid_term` of its messages have left
/// `short_term`, and then only those.
#[must_use]
pub fn due(episodes: &[EpisodeState], backlog: Option<Backlog>, mid_term: usize) -> Vec<Portion> {
    let portion = |episode: &EpisodeState, through: MessageId| {
        let from = episode.watermark.map_or(episode.first, |done| MessageId(done.0 + 1));
        (from <= through).then_some(Portion { episode: episode.id, from, through })
    };
    let mut portions: Vec<Portion> = episodes
        .iter()
        .filter_map(|episode| match (episode.closed, backlog) {
            (true, _) => portion(episode, episode.last),
            (false, Some(backlog)) if backlog.messages > mid_term => {
                portion(episode, backlog.through.min(episode.last))
            }
            (false, _) => None,
        })
        .collect();
    portions.sort_by_key(|portion| portion.from);
    portions
}

/// How many of the first of `utterances` make one batch within `room` tokens: whole turns where they fit, at least one
/// message. The last of a conversation is not left over alone: what fits whole is one batch.
#[must_use]
pub fn batch(utterances: &[Utterance], room: TokenCount) -> usize {
    let mut used = TokenCount::ZERO;
    let fitting = utterances
        .iter()
        .take_while(|utterance| {
            used += utterance.tokens + AROUND;
            used <= room
        })
        .count();
    if fitting == utterances.len() {
        return fitting;
    }
    let same_turn =
        |place: usize| utterances[place].turn.is_some() && utterances[place].turn == utterances[place - 1].turn;
    let whole = (1..=fitting).rev().find(|end| !same_turn(*end));
    whole.unwrap_or(fitting).max(1)
}

/// No batch within `room` tokens has more messages: more than these need not be read for one.
#[must_use]
pub fn most_in_batch(room: TokenCount) -> u32 {
    (room.0 / AROUND.0).max(1)
}

/// What stands around a message when it is shown: its number, its time, its author.
const AROUND: TokenCount = TokenCount(24 + MESSAGE_OVERHEAD.0);

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{MessageKind, RevisionId, Role, Timestamp, TurnId};

    fn episode(id: i64, first: i64, last: i64, closed: bool, watermark: Option<i64>) -> EpisodeState {
        EpisodeState {
            id: EpisodeId(id),
            first: MessageId(first),
            last: MessageId(last),
            closed,
            watermark: watermark.map(MessageId),
        }
    }

    #[test]
    fn closed_episodes_are_due_and_the_open_one_only_when_much_has_left() {
        let episodes =
            [episode(1, 1, 9, true, Some(9)), episode(2, 10, 19, true, Some(14)), episode(3, 20, 300, false, None)];
        let portion = |episode, from, through| Portion {
            episode: EpisodeId(episode),
            from: MessageId(from),
            through: MessageId(through),
        };
        let backlog = |messages| Some(Backlog { messages, through: MessageId(230) });
        assert_eq!(due(&episodes, backlog(200), 200), [portion(2, 15, 19)]);
        assert_eq!(due(&episodes, backlog(201), 200), [portion(2, 15, 19), portion(3, 20, 230)]);
        assert_eq!(due(&episodes, None, 200), [portion(2, 15, 19)]);
    }

    fn said(id: i64, turn: Option<i64>, tokens: u32) -> Utterance {
        Utterance {
            message: MessageId(id),
            revision: RevisionId(id),
            turn: turn.map(TurnId),
            role: Role::User,
            kind: MessageKind::Text,
            author: None,
            borrowed: None,
            text: String::new(),
            words_from: 0,
            tokens: TokenCount(tokens),
            at: Timestamp(id),
        }
    }

    proptest! {
        #[test]
        fn batches_take_everything_once_and_keep_to_their_room(
            drafts in vec((0i64..3, 0u32..400), 1..60), room in 50u32..2000,
        ) {
            let mut turn = 0;
            let all: Vec<Utterance> = (1..).zip(&drafts).map(|(id, (step, tokens))| {
                turn += i64::from(*step > 0);
                said(id, (*step < 2).then_some(turn), *tokens)
            }).collect();
            let mut rest = all.as_slice();
            while !rest.is_empty() {
                let taken = batch(rest, TokenCount(room));
                prop_assert!(taken <= most_in_batch(TokenCount(room)) as usize);
                prop_assert!(taken >= 1 && taken <= rest.len());
                let cost: u32 = rest[..taken].iter().map(|one| one.tokens.0 + 27).sum();
                prop_assert!(cost <= room || taken == 1);
                rest = &rest[taken..];
            }
        }
    }
}
