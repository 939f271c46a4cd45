//! Recall: which old messages share rare words with the one being answered.
//!
//! Words are reduced to stems, so that `договора` finds `договор` and `vélos` finds `vélo`. A word counts the more the
//! fewer messages of the chat hold it. Only the postings of one chat are read, and of each word only the newest.

use souvenir_memory::MessageId;

use crate::{store::Hit, words};

/// At most so many words of one message are indexed.
const MAX_TERMS: usize = 400;
/// At most so many words of a message are searched for.
const MAX_QUERY_TERMS: usize = 24;
/// Texts up to so many bytes are read where they are: less work than handing them to another thread.
const INLINE_BYTES: usize = 4096;
/// At most so many messages are offered to the context builder.
const MAX_RECALLED: usize = 12;

/// The stems that a message is found by.
pub(super) async fn terms(text: &str) -> Vec<String> {
    first_terms(text, MAX_TERMS).await
}

/// The stems to search for: the first of a text, since the rest of a long one adds more noise than sense.
pub(super) async fn query_terms(text: &str) -> Vec<String> {
    first_terms(text, MAX_QUERY_TERMS).await
}

/// Looks for stems without holding up other tasks: in a long text on a thread of its own.
async fn first_terms(text: &str, most: usize) -> Vec<String> {
    let find = move |text: &str| words::terms(text).take(most).collect();
    if text.len() <= INLINE_BYTES {
        return find(text);
    }
    let owned = text.to_owned();
    let found = tokio::task::spawn_blocking(move || find(&owned)).await;
    // The task fails only while the runtime shuts down; then nobody minds the wait.
    found.unwrap_or_else(|_| find(text))
}

/// Messages by how much their words tell, best first, at most [`MAX_RECALLED`].
///
/// `messages` is the number of messages in the chat: a word held by few of them tells much.
#[must_use]
pub(super) fn rank(hits: &[Hit], messages: u32) -> Vec<(MessageId, f64)> {
    let mut ranked = scores(hits, messages);
    let best_first = |(id_a, a): &(MessageId, f64), (id_b, b): &(MessageId, f64)| b.total_cmp(a).then(id_b.cmp(id_a));
    // Thousands may share a word: the best are picked out before they are put in order.
    if ranked.len() > MAX_RECALLED {
        ranked.select_nth_unstable_by(MAX_RECALLED, best_first);
        ranked.truncate(MAX_RECALLED);
    }
    ranked.sort_by(best_first);
    // To the hundredth, as manifests keep them.
    ranked.into_iter().map(|(id, score)| (id, (score * 100.0).round() / 100.0)).collect()
}

/// Every message found, with the weights of its words.
///
/// The lists of hits are in order already, which sorting makes use of: less work than a map for thousands of messages.
fn scores(hits: &[Hit], messages: u32) -> Vec<(MessageId, f64)> {
    let mut scores: Vec<(MessageId, f64)> = Vec::with_capacity(hits.iter().map(|hit| hit.messages.len()).sum());
    for hit in hits {
        let found = f64::from(u32::try_from(hit.messages.len()).unwrap_or(u32::MAX));
        let weight = (1.0 + f64::from(messages.max(1)) / (found + 1.0)).ln();
        scores.extend(hit.messages.iter().map(|id| (*id, weight)));
    }
    scores.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
    scores.dedup_by(|(next, weight), (id, sum)| {
        let same = next == id;
        if same {
            *sum += *weight;
        }
        same
    });
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_outweigh_common_ones_and_newer_wins_a_tie() {
        let hit = |term: &str, ids: &[i64]| Hit {
            term: term.to_owned(),
            messages: ids.iter().map(|id| MessageId(*id)).collect(),
        };
        let ranked = rank(&[hit("rare", &[3]), hit("common", &[9, 8, 7, 6, 5, 4])], 100);
        assert_eq!(ranked[0].0, MessageId(3));
        assert_eq!(ranked[1].0, MessageId(9));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn megabytes_are_searched_for_words_while_other_tasks_go_on() {
        let text = "oak table ".repeat(300_000);
        let mut found = std::pin::pin!(terms(&text));
        // The only async thread of this runtime is free again before the first poll has an answer.
        assert!(futures::poll!(&mut found).is_pending());
        assert_eq!(found.await, terms("oak table").await);
    }

    #[test]
    fn a_message_that_holds_two_of_the_words_comes_before_those_that_hold_one() {
        let hit = |ids: &[i64]| Hit { term: String::new(), messages: ids.iter().map(|id| MessageId(*id)).collect() };
        let ranked = rank(&[hit(&[9, 5, 2]), hit(&[8, 5, 1])], 100);
        let single = ((1.0_f64 + 100.0 / 4.0).ln() * 100.0).round() / 100.0;
        assert_eq!(ranked[0], (MessageId(5), ((1.0_f64 + 100.0 / 4.0).ln() * 200.0).round() / 100.0));
        assert_eq!(ranked[1..], [9, 8, 2, 1].map(|id| (MessageId(id), single)));
    }

    #[test]
    fn of_very_many_messages_the_best_come_in_order() {
        let hit = |term: &str, ids: std::ops::Range<i64>| Hit {
            term: term.to_owned(),
            messages: ids.rev().map(MessageId).collect(),
        };
        let ranked = rank(&[hit("common", 0..400), hit("rarer", 100..105)], 1_000);
        let ids: Vec<i64> = ranked.iter().map(|(id, _)| id.0).collect();
        assert_eq!(ids, [104, 103, 102, 101, 100, 399, 398, 397, 396, 395, 394, 393]);
    }
}
