//! Recall: which old messages share rare words with the one being answered.
//!
//! Words are reduced to stems, so that `договора` finds `договор` and `vélos` finds `vélo`. A word counts the more the
//! fewer messages of the chat hold it. Only the postings of one chat are read, and of each word only the newest.

use std::collections::BTreeMap;

use souvenir_memory::MessageId;

use crate::{store::Hit, words};

/// At most so many words of one message are indexed.
const MAX_TERMS: usize = 400;
/// At most so many words of a message are searched for.
const MAX_QUERY_TERMS: usize = 24;
/// At most so many messages are offered to the context builder.
const MAX_RECALLED: usize = 12;

/// The stems that a message is found by.
#[must_use]
pub(super) fn terms(text: &str) -> Vec<String> {
    words::terms(text).take(MAX_TERMS).collect()
}

/// The stems to search for: the first of a text, since the rest of a long one adds more noise than sense.
#[must_use]
pub(super) fn query_terms(text: &str) -> Vec<String> {
    words::terms(text).take(MAX_QUERY_TERMS).collect()
}

/// Messages by how much their words tell, best first, at most [`MAX_RECALLED`].
///
/// `messages` is the number of messages in the chat: a word held by few of them tells much.
#[must_use]
pub(super) fn rank(hits: &[Hit], messages: u32) -> Vec<(MessageId, f64)> {
    let mut scores: BTreeMap<MessageId, f64> = BTreeMap::new();
    for hit in hits {
        let found = f64::from(u32::try_from(hit.messages.len()).unwrap_or(u32::MAX));
        let weight = (1.0 + f64::from(messages.max(1)) / (found + 1.0)).ln();
        for id in &hit.messages {
            *scores.entry(*id).or_default() += weight;
        }
    }
    let mut ranked: Vec<_> = scores.into_iter().collect();
    ranked.sort_by(|(id_a, a), (id_b, b)| b.total_cmp(a).then(id_b.cmp(id_a)));
    ranked.truncate(MAX_RECALLED);
    // To the hundredth, as manifests keep them.
    ranked.into_iter().map(|(id, score)| (id, (score * 100.0).round() / 100.0)).collect()
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
}
