//! No blind spot, in figures: how each message of a chat can reach the next reply.

use std::collections::BTreeSet;

use souvenir_memory::{
    ChatId, MessageId, Timestamp, TokenCount,
    manifest::{ItemRef, Manifest, Section},
};

use crate::{
    engine::{Engine, Result, recall::BACKLOG},
    store::ChatRecord,
};

/// Up to so many that wait for the index are counted; of more, their places are.
const COUNTED: u32 = 4_096;

/// How the messages of a chat can reach the next reply, each in the nearest way only. What is archived does not, which is
/// what archiving is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InReach {
    /// In the context, word for word.
    pub verbatim: u64,
    /// Covered by a summary in the context.
    pub summaries: u64,
    /// The evidence of a fact in the context.
    pub facts: u64,
    /// Found by recall.
    pub recall: u64,
    /// Not found yet: so many wait for the index that a reply does not wait for them.
    pub waiting: u64,
}

/// What recall brought for the newest reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastRecalled {
    /// When the messages were said, oldest first.
    pub said: Vec<Timestamp>,
    /// Their tokens, with the words around them.
    pub tokens: TokenCount,
}

impl Engine {
    /// The figures for the context that the next reply would see.
    pub(super) async fn in_reach(&self, chat: &ChatRecord, next: &Manifest) -> Result<InReach> {
        let named = Named::by(next);
        let store = self.store();
        let mut known = named.messages;
        let verbatim = known.len() as u64;
        let mut fresh = |covered: Vec<MessageId>| covered.into_iter().filter(|id| known.insert(*id)).count() as u64;
        let summaries = fresh(store.covered_by_summaries(chat.id, &named.episodes).await?);
        let facts = fresh(store.covered_by_facts(chat.id, &named.facts).await?);
        // After an import there are very many, and some commands among them do not matter.
        let places = chat.last_ordinal.saturating_sub(chat.indexed_through);
        let unindexed =
            if places > COUNTED { places.into() } else { store.spoken_after(chat.id, chat.indexed_through).await? };
        let waiting = if unindexed > BACKLOG.into() { unindexed } else { 0 };
        let others = u64::from(chat.totals.live_messages).saturating_sub(verbatim + summaries + facts);
        let waiting = waiting.min(others);
        Ok(InReach { verbatim, summaries, facts, recall: others - waiting, waiting })
    }

    /// What recall brought for the newest reply; none when there is none yet.
    pub(super) async fn last_recalled(&self, chat: ChatId) -> Result<Option<LastRecalled>> {
        let newest = self.store().list_turns(chat, None, 1).await?.pop();
        let Some(newest) = newest else { return Ok(None) };
        let Some(manifest) = self.store().manifest(newest.id).await? else { return Ok(None) };
        let recalled = manifest.segments.iter().filter(|segment| segment.section == Section::Recalled);
        let messages: Vec<i64> = recalled
            .filter_map(|segment| match segment.item {
                Some(ItemRef::Message { message_id, .. }) => Some(message_id),
                _ => None,
            })
            .collect();
        let said = self.store().times_of(chat, &messages).await?;
        let tokens = if said.is_empty() { TokenCount::ZERO } else { manifest.used(Section::Recalled) };
        Ok(Some(LastRecalled { said, tokens }))
    }
}

/// What a manifest's segments name.
#[derive(Default)]
struct Named {
    messages: BTreeSet<MessageId>,
    episodes: Vec<i64>,
    facts: Vec<i64>,
}

impl Named {
    fn by(manifest: &Manifest) -> Self {
        let mut named = Self::default();
        for item in manifest.segments.iter().filter_map(|segment| segment.item.as_ref()) {
            match item {
                ItemRef::Message { message_id, .. } => {
                    named.messages.insert(MessageId(*message_id));
                }
                ItemRef::Summary { episode_id, .. } => named.episodes.push(*episode_id),
                ItemRef::Fact { fact_id, .. } => named.facts.push(*fact_id),
                // A digest says what a day was about, and not each thing that was said: nothing is reached by it alone.
                ItemRef::Digest { .. } | ItemRef::Prompt { .. } | ItemRef::Forgotten { .. } => {}
            }
        }
        named
    }
}
