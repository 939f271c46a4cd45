//! Which known facts are shown to the memory model: those whose words the messages share, and those about the same place of
//! life (where somebody lives, what they work as), which is told in other words when it changes.

use std::collections::BTreeSet;

use souvenir_memory::{
    Fact, FactStatus,
    consolidation::{Utterance, touched},
};

use crate::words;

/// How many facts are shown.
const MOST_SHOWN: usize = 10;
/// What it counts that messages and a fact are about the same place of life: more than any few words they share, two for each.
const SAME_PLACE: usize = 8;

/// The facts that have most to do with the messages, oldest first.
pub(super) fn related<'a>(facts: &'a [Fact], utterances: &[Utterance]) -> Vec<&'a Fact> {
    let standing = facts.iter().filter(|fact| matches!(fact.status, FactStatus::Active | FactStatus::Pending));
    let said: BTreeSet<String> = utterances
        .iter()
        .flat_map(|utterance| {
            words::terms(&utterance.text).chain(words::terms(utterance.author.as_deref().unwrap_or_default()))
        })
        .collect();
    let spoken_of: BTreeSet<usize> = utterances.iter().flat_map(|utterance| touched(&utterance.text)).collect();
    let same_place = |fact: &Fact| touched(&fact.statement).iter().filter(|place| spoken_of.contains(place)).count();
    let rank = |fact: &Fact| shared(fact, &said) + SAME_PLACE * same_place(fact);
    let mut ranked: Vec<(usize, &Fact)> = standing.map(|fact| (rank(fact), fact)).collect();
    ranked.sort_by_key(|(shared, fact)| (std::cmp::Reverse(*shared), fact.id));
    ranked.truncate(MOST_SHOWN);
    let mut shown: Vec<&Fact> = ranked.into_iter().map(|(_, fact)| fact).collect();
    shown.sort_by_key(|fact| fact.id);
    shown
}

fn shared(fact: &Fact, said: &BTreeSet<String>) -> usize {
    let subject = fact.subject.as_deref().unwrap_or_default();
    // A name alone is shared by most facts of a chat; what is said of it tells more.
    let named = words::terms(subject).filter(|term| said.contains(term)).count().min(1);
    named + 2 * words::terms(&fact.statement).filter(|term| said.contains(term)).count()
}

#[cfg(test)]
mod tests {
    use souvenir_memory::{
        ChatId, FactId, FactKind, FactSource, MessageId, MessageKind, RevisionId, Role, Timestamp, TokenCount,
    };

    use super::*;

    fn fact(id: i64, statement: &str) -> Fact {
        Fact {
            id: FactId(id),
            chat: ChatId(1),
            version: 1,
            kind: FactKind::Identity,
            subject: Some("Ada".to_owned()),
            statement: statement.to_owned(),
            status: FactStatus::Active,
            pinned: false,
            source: FactSource::Extracted,
            confidence: 1.0,
            goal_state: None,
            due_at: None,
            valid_at: None,
            invalid_at: None,
            recorded_at: Timestamp(0),
            expired_at: None,
            created_at: Timestamp(0),
        }
    }

    fn says(text: &str) -> Utterance {
        Utterance {
            message: MessageId(1),
            revision: RevisionId(1),
            turn: None,
            role: Role::User,
            kind: MessageKind::Text,
            author: Some("Ada".to_owned()),
            borrowed: None,
            text: text.to_owned(),
            words_from: 0,
            tokens: TokenCount(1),
            at: Timestamp(0),
        }
    }

    #[test]
    fn what_a_message_changes_is_shown_though_it_shares_no_word() {
        let many = (1..=20).map(|id| fact(id, &format!("likes the {id}th symphony")));
        let facts: Vec<Fact> = many.chain([fact(30, "lives in Lyon"), fact(31, "works at Acme")]).collect();
        for (said, shown) in [
            ("We are moving to Paris, and I like symphonies!", 30),
            ("Мы переехали в Париж", 30),
            ("J’ai déménagé à Paris", 30),
            ("I start my new job on Monday", 31),
        ] {
            let related = related(&facts, &[says(said)]);
            assert_eq!(related.len(), MOST_SHOWN);
            assert!(related.iter().any(|fact| fact.id.0 == shown), "{said}");
        }
    }
}
