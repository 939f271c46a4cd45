//! Search for people: the same finding as recall, with what speaks for each message and where in its text it stands.

use std::{collections::BTreeMap, ops::Range};

use souvenir_memory::{ChatId, Encoding, Message, MessageId, TokenCount, recall};

use super::{
    Engine,
    error::{EngineError, Result},
    recall::{Match, Query, Reach, index_terms},
};
use crate::{clock::TimeZone, words};

/// The longest text to search for, in characters.
pub const LONGEST_QUERY: usize = 500;
/// The most messages that one search gives.
pub const MOST_FOUND: usize = 100;
/// How many messages are looked at for each that is wanted: most are only neighbours of those that match.
const LOOKED_AT: usize = 6;
const FEWEST_LOOKED_AT: usize = 60;

/// How to search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchMode {
    /// By words and, where there is an embedding model, by meaning.
    #[default]
    Hybrid,
    /// By words alone.
    Lexical,
    /// By meaning alone; finds nothing without an embedding model.
    Semantic,
}

impl std::str::FromStr for SearchMode {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "hybrid" => Ok(Self::Hybrid),
            "lexical" => Ok(Self::Lexical),
            "semantic" => Ok(Self::Semantic),
            other => Err(format!("mode is “{other}”: use hybrid, lexical or semantic")),
        }
    }
}

/// What to search for.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    /// Words, names and dates, at most [`LONGEST_QUERY`] characters.
    pub text: String,
    /// How.
    pub mode: SearchMode,
    /// Archived messages too.
    pub archived: bool,
    /// Only messages before this one.
    pub before: Option<MessageId>,
    /// How many messages to give, at most [`MOST_FOUND`].
    pub most: usize,
}

/// A message that was found, and why.
#[derive(Clone, Debug)]
pub struct FoundMessage {
    /// The message.
    pub message: Message,
    /// How well it matches: 1 for the best of this search.
    pub score: f64,
    /// What of the query it has: words as they stand in it, the speaker's name, the day.
    pub matched: Vec<String>,
    /// Where its text has the query's words, in bytes, in order.
    pub marks: Vec<Range<usize>>,
    /// Its rank by words, from 1.
    pub word_rank: Option<u32>,
    /// Its rank by meaning, from 1.
    pub meaning_rank: Option<u32>,
    /// A better match right beside it, which spoke for it.
    pub beside: Option<MessageId>,
}

impl Engine {
    /// Whether anything is found by meaning: there is an endpoint that makes vectors.
    #[must_use]
    pub fn finds_by_meaning(&self) -> bool {
        self.vector_state().is_some()
    }

    /// Searches one chat; the best match first.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], a query that is empty or too long, or when the database fails.
    pub async fn search(&self, chat: ChatId, search: &SearchQuery) -> Result<Vec<FoundMessage>> {
        let text = search.text.trim();
        let length = text.chars().count();
        if length == 0 || length > LONGEST_QUERY {
            return Err(EngineError::invalid(
                "q",
                format!("{length} characters: search for 1 to {LONGEST_QUERY}, such as a word, a name or a date"),
            ));
        }
        self.record(chat).await?;
        let now = self.now();
        let settings = self.settings_at(Some(chat), now).await?;
        let zone = settings.zone();
        let query = Query::of_text(text, now, &zone).await;
        let most = search.most.clamp(1, MOST_FOUND);
        let reach = Reach {
            before: search.before.unwrap_or(MessageId(i64::MAX)),
            at: now,
            archived: search.archived,
            most: (most * LOOKED_AT).max(FEWEST_LOOKED_AT),
            enough: TokenCount(u32::MAX),
            recent: MessageId(i64::MAX),
            by_words: search.mode != SearchMode::Semantic,
            by_meaning: search.mode != SearchMode::Lexical,
        };
        let matches = self.find(chat, &query, reach, Encoding::of_model(&settings.chat_model.value)).await?;
        let ids: BTreeMap<u32, MessageId> = matches.iter().map(|one| (one.found.ordinal, one.message.id)).collect();
        // Some message is always the nearest; what only is no farther than the others was not looked for.
        let near_enough = recall::stands_out(matches.iter().filter_map(|one| one.found.similarity));
        let mut found = Vec::new();
        for mut one in matches {
            if one.found.similarity < near_enough {
                one.found.by_meaning = None;
            }
            let explained = explain(one, &query, &ids, &zone).await;
            // Neighbours that match nothing themselves help a model to understand; a person opens the place.
            if explained.score > 0.0 {
                found.push(explained);
            }
        }
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.message.id.cmp(&a.message.id)));
        found.truncate(most);
        among_themselves(&mut found);
        Ok(found)
    }
}

/// Scores and ranks among what is shown: the neighbours that were passed over had theirs, too.
fn among_themselves(found: &mut [FoundMessage]) {
    let best = found.first().map_or(1.0, |best| best.score.max(f64::MIN_POSITIVE));
    for hit in found.iter_mut() {
        hit.score = (hit.score / best * 100.0).round() / 100.0;
    }
    renumber(found, |hit| &mut hit.word_rank);
    renumber(found, |hit| &mut hit.meaning_rank);
}

fn renumber(found: &mut [FoundMessage], rank: impl Fn(&mut FoundMessage) -> &mut Option<u32>) {
    let mut ranks: Vec<u32> = found.iter_mut().filter_map(|hit| *rank(hit)).collect();
    ranks.sort_unstable();
    for hit in found {
        let rank = rank(hit);
        *rank = rank.and_then(|old| u32::try_from(ranks.partition_point(|known| *known < old) + 1).ok());
    }
}

async fn explain(one: Match, query: &Query, ids: &BTreeMap<u32, MessageId>, zone: &TimeZone) -> FoundMessage {
    let Match { message, found } = one;
    let wanted = |term: &str| query.terms.iter().any(|(known, _)| known == term);
    let marks: Vec<Range<usize>> = words::places(&message.text)
        .filter(|place| words::terms(&message.text[place.clone()]).any(|term| wanted(&term)))
        .collect();
    let mut matched: Vec<String> = marks.iter().map(|place| message.text[place.clone()].to_lowercase()).collect();
    matched.sort();
    matched.dedup();
    // Speaker and day are among the terms that the message is indexed by, and nowhere in its text.
    let others = index_terms("", message.author.as_deref(), message.at, zone).await;
    for term in others.iter().filter(|term| wanted(term)) {
        let is_day = term.chars().nth(1).is_some_and(char::is_numeric);
        let what = if is_day {
            crate::clock::local(message.at, zone, "%-d %B %Y")
        } else {
            message.author.clone().unwrap_or_default()
        };
        if !matched.contains(&what) {
            matched.push(what);
        }
    }
    // A person looks for the message itself: what its neighbours lend it, by their words too, counts for a model alone.
    let word_rank = found.by_words.filter(|_| !matched.is_empty());
    let ranks = [word_rank, found.by_meaning];
    FoundMessage {
        score: ranks.into_iter().flatten().map(|rank| f64::from(recall::reciprocal(rank))).sum(),
        matched,
        marks,
        word_rank,
        meaning_rank: found.by_meaning,
        beside: found.beside.and_then(|place| ids.get(&place).copied()),
        message,
    }
}
