//! Hysteresis over whole conversations: one turn after the other, each with the mark that the last one left.

use proptest::{collection::vec, prelude::*};

use super::{counters::Words, reading::cap_and_use, snapshots::*};
use crate::{
    Message, MessageId, Role, Timestamp, TokenBudget, TurnId,
    context::{Context, ContextMessage, build},
    manifest::{Manifest, Section},
};

/// A turn to come: the words of its questions, of its answer, and how many earlier messages recall finds.
type Exchange = (Vec<u32>, u32, usize);

fn exchanges() -> impl Strategy<Value = Vec<Exchange>> {
    vec((vec(1u32..250, 1..3), 1u32..400, 0usize..4), 1..60)
}

/// The messages of one exchange, the answer last, numbered from `next` on.
fn messages_of(exchange: &Exchange, next: i64, turn: i64) -> Vec<Message> {
    let (questions, answer, _) = exchange;
    let mut messages: Vec<Message> =
        (next..).zip(questions.iter().chain([answer])).map(|(id, words)| said(id, *words)).collect();
    for message in &mut messages {
        message.turn = Some(TurnId(turn));
        message.at = Timestamp(NOW.0 - 1);
    }
    if let Some(answer) = messages.last_mut() {
        answer.role = Role::Assistant;
    }
    messages
}

/// Lives through a conversation, and gives every context with the recent messages it could have shown.
fn live(exchanges: &[Exchange], budget: TokenBudget) -> Vec<(Vec<Message>, Context, Manifest)> {
    let mut so_far: Vec<Message> = Vec::new();
    let mut mark = None;
    let mut built = Vec::new();
    for (turn, exchange) in (0..).zip(exchanges) {
        let next = i64::try_from(so_far.len()).unwrap();
        let mut messages = messages_of(exchange, next, turn);
        let answer = messages.pop();
        let mut asked = snapshot(so_far.clone(), messages.clone());
        asked.trim_mark = mark;
        asked.clock = Some(format!("turn {turn}"));
        asked.recalled = so_far.iter().take(exchange.2).map(|message| hit(message, 1.0)).collect();
        let mut settings = settings(720);
        settings.budget = budget;
        if let Ok((context, manifest)) = build(&asked, &settings, NOW, &Words) {
            mark = context.trim_mark;
            built.push((so_far.clone(), context, manifest));
        }
        so_far.extend(messages);
        so_far.extend(answer);
    }
    built
}

/// What stands before the clock: the part that a provider's cache can serve again.
fn prefix(context: &Context) -> &[ContextMessage] {
    let tail = context.messages.iter().rposition(|message| message.role == Role::System).unwrap();
    &context.messages[..tail]
}

fn tokens_since(messages: &[Message], mark: Option<MessageId>) -> u32 {
    let since = messages.iter().filter(|message| mark.is_none_or(|mark| message.id >= mark));
    since.map(|message| message.tokens.0 + 3).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_prefix_stays_byte_for_byte_until_it_must_be_cut(exchanges in exchanges(), max in 1000u32..8000) {
        let built = live(&exchanges, TokenBudget::new(max, max / 8).unwrap());
        for pair in built.windows(2) {
            let [(_, before, _), (said, after, manifest)] = pair else { unreachable!() };
            let since_mark = tokens_since(said, before.trim_mark);
            let (cap, used) = cap_and_use(manifest, Section::Recent);
            if since_mark <= cap {
                prop_assert!(prefix(after).starts_with(prefix(before)));
                prop_assert_eq!(used, since_mark, "nothing since the mark is missing");
                let had_any = before.trim_mark.is_some();
                prop_assert!(!had_any || after.trim_mark == before.trim_mark);
            } else {
                let newest = said.last().and_then(|message| message.turn);
                let only_newest = after.trim_mark.is_some_and(|mark| {
                    said.iter().all(|message| message.id < mark || message.turn == newest)
                });
                prop_assert!(u64::from(used) * 100 <= u64::from(cap) * 70 || only_newest, "{used} of {cap}");
                prop_assert!(after.trim_mark.is_none() || after.trim_mark > before.trim_mark);
            }
        }
    }

    #[test]
    fn a_cut_gives_room_for_several_turns(turns in 20usize..60) {
        let exchange = (vec![50], 100, 0);
        let built = live(&vec![exchange; turns], TokenBudget::new(4000, 500).unwrap());
        let marks: Vec<_> = built.iter().map(|(_, context, _)| context.trim_mark).collect();
        let cuts = marks.windows(2).filter(|pair| pair[0] != pair[1]).count();
        prop_assert!(cuts <= 1 + turns / 5, "{cuts} cuts in {turns} turns");
    }
}
