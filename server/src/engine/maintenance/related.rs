//! Which known facts are shown to the memory model: those whose words the messages share.

use std::collections::BTreeSet;

use souvenir_memory::{Fact, FactStatus, consolidation::Utterance};

use crate::words;

/// How many facts are shown.
const MOST_SHOWN: usize = 10;

/// The facts that have most to do with the messages, oldest first.
pub(super) fn related<'a>(facts: &'a [Fact], utterances: &[Utterance]) -> Vec<&'a Fact> {
    let standing = facts.iter().filter(|fact| matches!(fact.status, FactStatus::Active | FactStatus::Pending));
    let said: BTreeSet<String> = utterances
        .iter()
        .flat_map(|utterance| {
            words::terms(&utterance.text).chain(words::terms(utterance.author.as_deref().unwrap_or_default()))
        })
        .collect();
    let mut ranked: Vec<(usize, &Fact)> = standing.map(|fact| (shared(fact, &said), fact)).collect();
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
