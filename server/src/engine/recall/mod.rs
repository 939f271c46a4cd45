//! Recall: the old messages that a reply, or a person who searches, needs.
//!
//! [`query`] says what a text looks for. The store gives where that stands in the chat, `nearest` what is close in meaning where
//! there are vectors; [`souvenir_memory::recall`] unites and ranks. Only one chat is ever read, and of it only what was
//! found: the work does not grow with history. Ranking asks no more of a message than its length, its time and its
//! speaker, so the texts that are read are those of the best alone.

mod dates;
mod query;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use query::{Query, index_terms};
use souvenir_memory::{
    ChatId, Encoding, Fact, FactId, Message, MessageId, Timestamp, TokenCount,
    context::Recalled,
    recall::{self, Candidate, Found, Near, Postings, Scored},
};

use super::{Engine, assemble::Request, error::Result};
use crate::{
    clock,
    store::{Hit, Listed},
    words,
};

/// How many messages are looked at however little room there is.
const FEWEST: usize = 32;
/// And however much there is.
const MOST: usize = 480;
/// So many are looked at for each that the room would hold if all were as long as the chat's are on average.
const LOOKED_AT: u32 = 2;
/// How many messages may wait for the index before a reply does not wait for it: after an import there are very many.
pub(super) const BACKLOG: u32 = 64;
/// So many matches more than what there is room for are read: the context's record names the first of those that found none.
const BEYOND: usize = 8;
/// No text has fewer bytes for each of its tokens, a few strange ones apart.
const BYTES_A_TOKEN: usize = 2;

/// How to look for something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Only before this message.
    pub(super) before: MessageId,
    /// Archive marks as they were then.
    pub(super) at: Timestamp,
    /// Whether archived messages are looked at too.
    pub(super) archived: bool,
    /// How many messages to look at, at most.
    pub(super) most: usize,
    /// Of those, only the best that have so many tokens together are read and given back, and a few more.
    pub(super) enough: TokenCount,
    /// Messages from this one on do not count among those tokens: they are in the context already.
    pub(super) recent: MessageId,
    /// Whether to look for the query's words.
    pub(super) by_words: bool,
    /// Whether to look for its meaning.
    pub(super) by_meaning: bool,
}

/// A message that was found.
#[derive(Clone, Debug)]
pub(super) struct Match {
    pub(super) message: Message,
    pub(super) found: Found,
}

impl Engine {
    /// What the reply to `request` needs of what was said before, for a context with `room` tokens for it. `recent` are the
    /// messages of this session: they say what a short question refers to.
    pub(super) async fn recall(
        &self,
        request: &Request<'_>,
        recent: &[Message],
        room: TokenCount,
        encoding: Encoding,
    ) -> Result<Vec<Recalled>> {
        let zone = request.settings.zone();
        let query = Query::of_turn(&request.current, recent, request.at, &zone).await;
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let average = request.totals.average();
        let by_room = usize::try_from(room.0 * LOOKED_AT / average.0.max(1)).unwrap_or(MOST);
        let reach = Reach {
            before: request.before,
            at: request.at,
            archived: false,
            most: (FEWEST + by_room).min(MOST),
            // Where recent messages are trimmed in this context, recall gets what that sets free.
            enough: room.max(TokenCount(request.scale.raw_limit(request.budget.recent()).0 / 2)),
            recent: recent.first().map_or(request.before, |first| first.id),
            by_words: true,
            by_meaning: true,
        };
        let matches = self.find(request.chat, &query, reach, encoding).await?;
        let best = matches.first().map_or(1.0, |best| best.found.score);
        let recalled = matches.into_iter().map(|one| Recalled {
            day: clock::local(one.message.at, &zone, "%-d %B %Y"),
            score: to_hundredths(one.found.score / best),
            message: one.message,
        });
        Ok(recalled.collect())
    }

    /// How well facts match what is being answered, on the scale of [`Recalled::score`]: the part of the question's own words
    /// that a fact has. Only where there are more facts than their section holds: otherwise all of them are shown.
    pub(super) async fn fact_scores(&self, request: &Request<'_>, facts: &[Fact]) -> BTreeMap<FactId, f64> {
        let cap = request.scale.raw_limit(request.budget.memory());
        let bytes: usize = facts.iter().map(|fact| fact.statement.len()).sum();
        if bytes < BYTES_A_TOKEN * cap.0 as usize {
            return BTreeMap::new();
        }
        let asked = request.current.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n");
        let zone = request.settings.zone();
        let query = Query::of_text(&asked, request.at, &zone).await;
        let own: BTreeSet<&str> = query.words().collect();
        let score = |fact: &Fact| {
            let text = format!("{} {}", fact.subject.as_deref().unwrap_or_default(), fact.statement);
            let shared = words::terms(&text).filter(|term| own.contains(term.as_str())).count();
            #[expect(clippy::cast_precision_loss, reason = "a few words")]
            let part = shared as f64 / own.len() as f64;
            (shared > 0).then(|| (fact.id, (part * 100.0).round() / 100.0))
        };
        facts.iter().filter_map(score).collect()
    }

    /// Looks for `query` in a chat; the best match first.
    pub(super) async fn find(
        &self,
        chat: ChatId,
        query: &Query,
        reach: Reach,
        encoding: Encoding,
    ) -> Result<Vec<Match>> {
        let record = self.record(chat).await?;
        let waiting = record.last_ordinal.saturating_sub(record.indexed_through);
        if waiting > 0 && waiting <= BACKLOG {
            self.index(chat).await?;
        }
        let before = self.store().ordinal_from(chat, reach.before).await?;
        let last = before.saturating_sub(1);
        let (words, meaning) =
            tokio::join!(self.by_words(chat, query, before, reach), self.by_meaning(chat, query, reach));
        let (words, meaning) = (words?, meaning);
        let places = recall::choose(&words, &meaning, last, reach.most);
        let listed = self.store().list_at(chat, &places, encoding, reach.at, reach.archived).await?;
        let named = query.named(listed.iter().filter_map(|one| one.author.as_deref()));
        let candidates: BTreeMap<u32, Candidate> = listed
            .iter()
            .map(|one| {
                let is_by_named = named.is_some() && one.author.as_deref() == named;
                (one.ordinal, Candidate { tokens: TokenCount(one.tokens), at: Timestamp(one.at), is_by_named })
            })
            .collect();
        let average = record.totals.average();
        let pause = self.settings_at(Some(chat), reach.at).await?.session_duration.value.minutes();
        let mut ranked = recall::rank(&words, &meaning, &candidates, average, i64::from(pause) * 60_000);
        ranked.truncate(enough(&ranked, &listed, reach));
        self.matches(chat, ranked, reach.at, encoding).await
    }

    /// What was found, with its messages.
    async fn matches(&self, chat: ChatId, ranked: Vec<Found>, at: Timestamp, encoding: Encoding) -> Result<Vec<Match>> {
        let places: Vec<u32> = ranked.iter().map(|found| found.ordinal).collect();
        let read = self.store().messages_at(chat, &places, encoding, at).await?;
        let ordinals: Vec<u32> = read.iter().map(|(ordinal, ..)| *ordinal).collect();
        let messages = read.into_iter().map(|(_, message, counted)| (message, counted)).collect();
        let messages = self.counted(messages, encoding).await?;
        let mut read: BTreeMap<u32, Message> = ordinals.into_iter().zip(messages).collect();
        let matches = ranked.into_iter().filter_map(|found| {
            let message = read.remove(&found.ordinal)?;
            Some(Match { message, found })
        });
        Ok(matches.collect())
    }

    async fn by_words(&self, chat: ChatId, query: &Query, before: u32, reach: Reach) -> Result<Vec<Scored>> {
        if !reach.by_words || query.terms.is_empty() {
            return Ok(Vec::new());
        }
        let terms: Vec<String> = query.terms.iter().map(|(term, _)| term.clone()).collect();
        let hits = self.store().postings(chat, &terms, before).await?;
        let postings: Vec<Postings> = hits.into_iter().map(|hit| query.weigh(hit)).collect();
        Ok(recall::by_words(&postings, before.saturating_sub(1), reach.most))
    }

    /// Nothing without vectors.
    async fn by_meaning(&self, chat: ChatId, query: &Query, reach: Reach) -> Vec<Near> {
        if !reach.by_meaning || query.text.trim().is_empty() {
            return Vec::new();
        }
        self.nearest(chat, &query.text, reach.before, reach.most).await.unwrap_or_default()
    }
}

/// How many of the best matches to read.
fn enough(ranked: &[Found], listed: &[Listed], reach: Reach) -> usize {
    let lengths: BTreeMap<u32, TokenCount> =
        listed.iter().filter(|one| one.id < reach.recent.0).map(|one| (one.ordinal, TokenCount(one.tokens))).collect();
    let mut tokens = TokenCount::ZERO;
    let fitting = ranked.iter().take_while(|found| {
        tokens += lengths.get(&found.ordinal).copied().unwrap_or_default();
        tokens <= reach.enough
    });
    fitting.count() + BEYOND
}

impl Query {
    fn weigh(&self, hit: Hit) -> Postings {
        let weight = self.terms.iter().find(|(term, _)| *term == hit.term).map_or(1.0, |(_, weight)| *weight);
        Postings { weight, ordinals: hit.ordinals, is_all: hit.is_all }
    }
}

/// As manifests keep scores.
fn to_hundredths(score: f32) -> f64 {
    (f64::from(score) * 100.0).round() / 100.0
}
