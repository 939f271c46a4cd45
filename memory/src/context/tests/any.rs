//! Any snapshot at all: bursts, interleaved turns, commands, archived messages, marks that point nowhere, budgets
//! too small for what they are asked to hold, and tokenizers that do not add up.

use proptest::{collection::vec, option, prelude::*, sample::Index};

use super::{counters::AnyCounter, snapshots::*};
use crate::{
    EpisodeId, Fact, FactStatus, Message, MessageId, MessageKind, Role, Scale, SessionDuration, Timestamp, TokenBudget,
    TokenCount, TokenCounter, TurnId,
    context::{Built, ContextSettings, OlderMessages, Recalled, Snapshot, Summary, build},
    manifest::MessageRange,
};

/// The id of the first message that is read; smaller ones lie before the snapshot.
pub(super) const FIRST: i64 = 100;
/// The last of the older messages that are not archived.
const LAST_IN_REACH: i64 = 60;

/// One thing to build a context from.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) snapshot: Snapshot,
    pub(super) settings: ContextSettings,
    pub(super) counter: AnyCounter,
}

impl Case {
    pub(super) fn build(&self) -> Built {
        build(&self.snapshot, &self.settings, NOW, &self.counter)
    }

    /// Counts everything stored with this case's counter.
    fn count_stored(mut self) -> Self {
        if matches!(self.counter, AnyCounter::Words) {
            return self;
        }
        let snapshot = &mut self.snapshot;
        let recalled = snapshot.recalled.iter_mut().map(|recalled| &mut recalled.message);
        for message in snapshot.messages.iter_mut().chain(&mut snapshot.current).chain(recalled) {
            message.tokens = self.counter.count(&message.text);
        }
        self
    }
}

/// A case with any counter.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let counter = prop_oneof![
        4 => Just(AnyCounter::Words),
        1 => Just(AnyCounter::MoreTogether),
        1 => Just(AnyCounter::LessTogether),
        1 => Just(AnyCounter::MuchMoreTogether),
        1 => Just(AnyCounter::OneEach),
    ];
    (any_snapshot(), any_settings(), counter)
        .prop_map(|(snapshot, settings, counter)| Case { snapshot, settings, counter }.count_stored())
}

/// A case whose counter adds up over lines.
pub(super) fn additive_case() -> impl Strategy<Value = Case> {
    (any_snapshot(), any_settings())
        .prop_map(|(snapshot, settings)| Case { snapshot, settings, counter: AnyCounter::Words }.count_stored())
}

fn any_settings() -> impl Strategy<Value = ContextSettings> {
    (500u32..9000, 16u32..4000, prop_oneof![2 => Just(1000u32), 3 => 500u32..=4000], 15u32..3000).prop_map(
        |(max, reserve, scale, minutes)| ContextSettings {
            model: "test-model".to_owned(),
            budget: TokenBudget::new(max, reserve.min(max / 2)).unwrap(),
            scale: Scale::from_thousandths(scale),
            session: SessionDuration::from_minutes(minutes).unwrap(),
            tool: None,
        },
    )
}

/// How many words something has: mostly few, sometimes too many.
fn words() -> impl Strategy<Value = u32> {
    prop_oneof![30 => 0u32..60, 5 => 60u32..500, 1 => 500u32..3000]
}

fn any_snapshot() -> impl Strategy<Value = Snapshot> {
    let remembered = (vec(any_fact(), 0..12), vec(words(), 0..5));
    let said = (vec(any_message(), 0..60), vec(words(), 0..3));
    let recalled = (vec((any::<Index>(), 0i64..=LAST_IN_REACH), 0..8), any::<bool>());
    let marks = (option::of(any::<Index>()), option::of(any::<Index>()), 0..8u8, option::of(1u32..30));
    (remembered, said, recalled, marks).prop_map(|((facts, summaries), (messages, current), recalled, marks)| {
        let messages = place(messages);
        let next = FIRST + i64::try_from(messages.len()).unwrap();
        let current = (next..).zip(current).map(|(id, words)| spoken(id, words, None)).collect();
        let mut made = snapshot(messages, current);
        made.facts = (1..)
            .zip(facts)
            .map(|(id, draft)| Fact { statement: text_of(9000 + id, draft.1), ..draft.0(id) })
            .collect();
        made.fact_scores = made.facts.iter().filter(|fact| fact.id.0 % 2 == 0).map(|fact| (fact.id, 9.5)).collect();
        made.summaries = (1..).zip(summaries).map(|(episode, words)| summary(episode, words)).collect();
        recall(&mut made, recalled);
        mark(&mut made, marks);
        made
    })
}

type FactDraft = (fn(i64) -> Fact, u32);

fn any_fact() -> impl Strategy<Value = FactDraft> {
    let make: [fn(i64) -> Fact; 5] = [
        |id| fact(id, 1),
        |id| Fact { created_at: Timestamp(20 - id), ..fact(id, 1) },
        |id| Fact { pinned: true, ..fact(id, 1) },
        |id| Fact { status: FactStatus::Pending, ..fact(id, 1) },
        |id| Fact { invalid_at: Some(NOW), ..fact(id, 1) },
    ];
    (prop_oneof![4 => Just(0usize), 1 => 1usize..5], words())
        .prop_map(move |(which, words)| (make[which], words.min(900)))
}

fn summary(episode: i64, words: u32) -> Summary {
    let covers = MessageRange { first: MessageId(1), last: MessageId(FIRST - 1) };
    Summary { episode: EpisodeId(episode), version: 1, text: text_of(8000 + episode, words), covers }
}

/// A message before it has a place: what it is, how long, how long after the one before, and in which turn.
#[derive(Clone, Debug)]
struct Draft {
    role: Role,
    kind: MessageKind,
    archived: bool,
    words: u32,
    pause: u32,
    turn: TurnStep,
}

#[derive(Clone, Copy, Debug)]
enum TurnStep {
    Next,
    Same,
    Previous,
    None,
}

fn any_message() -> impl Strategy<Value = Draft> {
    let role = prop_oneof![10 => Just(Role::User), 10 => Just(Role::Assistant), 1 => Just(Role::System), 1 => Just(Role::Tool)];
    let kind = prop_oneof![
        20 => Just(MessageKind::Text),
        2 => Just(MessageKind::Media),
        2 => Just(MessageKind::Command),
        1 => Just(MessageKind::Service),
    ];
    let turn = prop_oneof![
        4 => Just(TurnStep::Next),
        4 => Just(TurnStep::Same),
        1 => Just(TurnStep::Previous),
        1 => Just(TurnStep::None),
    ];
    (role, kind, prop::bool::weighted(0.1), words(), 0u32..60, turn)
        .prop_map(|(role, kind, archived, words, pause, turn)| Draft { role, kind, archived, words, pause, turn })
}

/// Gives drafts their ids, times and turns; the newest is said now.
fn place(drafts: Vec<Draft>) -> Vec<Message> {
    let mut age: u32 = drafts.iter().skip(1).map(|draft| draft.pause).sum();
    let mut last_turn = 0;
    let mut messages = Vec::new();
    for (id, draft) in (FIRST..).zip(drafts) {
        if id > FIRST {
            age -= draft.pause;
        }
        let turn = match draft.turn {
            TurnStep::None => None,
            TurnStep::Same => Some(last_turn),
            TurnStep::Previous => Some((last_turn - 1).max(0)),
            TurnStep::Next => {
                last_turn += 1;
                Some(last_turn)
            }
        };
        messages.push(Message {
            role: draft.role,
            kind: draft.kind,
            archived_at: draft.archived.then_some(NOW),
            at: NOW.minus_minutes(age),
            ..spoken(id, draft.words, turn)
        });
    }
    messages
}

fn spoken(id: i64, words: u32, turn: Option<i64>) -> Message {
    Message { turn: turn.map(TurnId), at: NOW, ..said(id, words) }
}

/// Lets recall find messages of the snapshot and before it, some of them twice.
fn recall(snapshot: &mut Snapshot, (found, older): (Vec<(Index, i64)>, bool)) {
    for (rank, (index, id)) in found.into_iter().enumerate() {
        let read: Vec<&Message> = snapshot.messages.iter().chain(&snapshot.current).collect();
        let message = match id {
            0..=40 if !read.is_empty() => (*index.get(&read)).clone(),
            0 => continue,
            id => said(id, 10),
        };
        let score = 10.0 - f64::from(u32::try_from(rank).unwrap());
        snapshot.recalled.push(Recalled {
            message,
            day: if id % 2 == 0 { "1 May" } else { "2 May" }.to_owned(),
            score,
        });
    }
    if older {
        let run = |first, last, archived| OlderMessages {
            range: MessageRange { first: MessageId(first), last: MessageId(last) },
            count: u32::try_from(last + 1 - first).unwrap(),
            tokens: TokenCount(10 * u32::try_from(last + 1 - first).unwrap()),
            archived,
        };
        snapshot.older = vec![run(1, LAST_IN_REACH, false), run(LAST_IN_REACH + 1, FIRST - 1, true)];
    }
}

type Marks = (Option<Index>, Option<Index>, u8, Option<u32>);

/// Sets the mark (one time in eight to a message that is not there), the reset and the clock.
fn mark(snapshot: &mut Snapshot, (mark, start, stray, clock): Marks) {
    if !snapshot.messages.is_empty() {
        snapshot.trim_mark = mark.map(|index| index.get(&snapshot.messages).id);
        snapshot.context_start = start.filter(|_| stray > 3).map(|index| index.get(&snapshot.messages).id);
    }
    if stray == 0 {
        snapshot.trim_mark = Some(MessageId(50));
    }
    snapshot.clock = clock.map(|words| text_of(7000, words));
}
