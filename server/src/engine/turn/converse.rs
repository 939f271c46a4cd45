//! Asking the model until it has answered: where it may search, it can look further into what was said first.
//!
//! Each round of calls is part of the next request, and so of the budget: what does not fit any more is left out by whole
//! messages. After the third call the model is told to answer; one that calls all the same is asked once more without the
//! tool, with what it has found as a note. So no turn makes more than five requests.

use std::{collections::BTreeSet, time::Duration};

use souvenir_memory::{
    MessageId, TokenBudget, TokenCount,
    manifest::{ItemKind, ItemRef, Manifest, Section, Segment},
    prompt::{
        recalled_heading, recalled_line,
        search::{self as tool, Quote},
        speaker,
    },
    tokens::MESSAGE_OVERHEAD,
};
use tokio::time::Instant;

use super::Work;
use crate::{
    clock,
    engine::{
        assemble::count,
        search::{FoundMessage, LONGEST_QUERY, SearchMode, SearchQuery},
    },
    llm::{ChatRequest, Completion, DeltaSender, ModelError, Round, Tool, ToolAccess, ToolCall, Toolbox, Usage},
    store::{ModelSearch, SearchOutcome},
};

/// So many messages are looked at for one call.
const MOST_FOUND: usize = 12;
/// Between what a model says before it searches and what it says after.
const GAP: &str = "\n\n";

/// What the model looked for so far, and what that took.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// What it was given, for the manifest.
    pub(super) segments: Vec<Segment>,
    /// What it looked for, for the record.
    pub(super) searches: Vec<ModelSearch>,
    /// What all requests together took.
    pub(super) spent: Option<Usage>,
    /// How many were answered.
    pub(super) requests: u32,
    /// Attempts that failed and were made again.
    pub(super) retries: u32,
    /// What it said before it searched.
    said: String,
    /// When it first said anything, from the first request on.
    first_text: Option<Duration>,
    /// The messages that it has seen.
    seen: BTreeSet<MessageId>,
}

/// What a call came to.
struct Looked {
    result: String,
    lines: Vec<Segment>,
    query: Option<String>,
    outcome: SearchOutcome,
}

impl Looked {
    fn told(result: &str, query: Option<String>, outcome: SearchOutcome) -> Self {
        Self { result: result.to_owned(), lines: Vec::new(), query, outcome }
    }
}

/// The tool as endpoints are told of it, where the context was built for it.
pub(super) fn toolbox(manifest: &Manifest) -> Option<Toolbox> {
    let has_tool = manifest.segments.iter().any(|segment| segment.kind == ItemKind::Tool);
    has_tool.then(|| Toolbox {
        tool: Tool {
            name: tool::NAME,
            description: tool::DESCRIPTION,
            argument: tool::ARGUMENT,
            argument_description: tool::ARGUMENT_DESCRIPTION,
        },
        rounds: Vec::new(),
        access: ToolAccess::Open,
    })
}

impl Work<'_> {
    /// Asks until there is an answer. What the model looks for meanwhile is written into `looks` as it happens, so that it is
    /// there when this is stopped.
    pub(super) async fn converse(
        &self,
        request: &mut ChatRequest,
        looks: &mut Looks,
        (manifest, budget): (&Manifest, TokenBudget),
        deltas: &DeltaSender,
    ) -> Result<Completion, ModelError> {
        let began = Instant::now();
        looks.seen = named(manifest);
        loop {
            let asked = Instant::now();
            let answered = self.engine.model().complete(request, deltas).await;
            self.count(Some(&answered), asked.elapsed());
            let completion = answered?;
            looks.note(&completion, asked.duration_since(began));
            let Some(toolbox) = request.toolbox.as_mut().filter(|_| !completion.calls.is_empty()) else {
                return Ok(looks.whole(completion));
            };
            match toolbox.access {
                ToolAccess::Open => {
                    let round = self.search_round(completion, looks, (manifest, budget), deltas).await;
                    let often = looks.searches.len() >= tool::MOST_CALLS;
                    toolbox.access = if round.is_none() || often { ToolAccess::Closed } else { ToolAccess::Open };
                    toolbox.rounds.extend(round);
                }
                ToolAccess::Closed if completion.text.trim().is_empty() => toolbox.access = ToolAccess::Gone,
                ToolAccess::Closed | ToolAccess::Gone => return Ok(looks.whole(completion)),
            }
        }
    }

    /// Does what the model calls for; none when the budget holds no more rounds.
    async fn search_round(
        &self,
        asked: Completion,
        looks: &mut Looks,
        (manifest, budget): (&Manifest, TokenBudget),
        deltas: &DeltaSender,
    ) -> Option<Round> {
        let limit = manifest.totals.scale.raw_limit(budget.hard_limit());
        let used = manifest.totals.raw + looks.segments.iter().map(|segment| segment.tokens).sum::<TokenCount>();
        let call = |call: &ToolCall| tool::call_tokens(&call.name, &call.arguments, &self.counter()) + MESSAGE_OVERHEAD;
        // Whatever comes of it, each call has to be told something.
        let least = asked.calls.iter().map(|each| call(each) + self.tokens(tool::NO_ROOM)).sum::<TokenCount>();
        let said = MESSAGE_OVERHEAD + self.tokens(&asked.text);
        let mut room = limit.saturating_sub(used).saturating_sub(said);
        if least > room {
            looks.searches.extend(asked.calls.iter().map(|each| ModelSearch {
                query: tool::query(&each.arguments).ok(),
                outcome: SearchOutcome::NoRoom,
                found: Vec::new(),
                tokens: TokenCount::ZERO,
            }));
            return None;
        }
        looks.say(&asked.text, deltas);
        room = room.saturating_sub(least);
        let mut round = Round { text: asked.text, calls: Vec::with_capacity(asked.calls.len()) };
        let mut around = said;
        for each in asked.calls {
            // Its share of what was set aside is its own again.
            let allowed = room + self.tokens(tool::NO_ROOM);
            let looked = self.look_for(&each, looks, allowed).await;
            let result = self.tokens(&looked.result);
            room = (room + self.tokens(tool::NO_ROOM)).saturating_sub(result);
            looks.keep(looked.segments_of(around + call(&each), result), &looked);
            around = TokenCount::ZERO;
            round.calls.push((each, looked.result));
        }
        Some(round)
    }

    /// What one call comes to, in at most so many tokens.
    async fn look_for(&self, call: &ToolCall, looks: &mut Looks, room: TokenCount) -> Looked {
        if call.name != tool::NAME {
            return Looked::told(tool::UNKNOWN, None, SearchOutcome::UnknownTool);
        }
        let words = match tool::query(&call.arguments) {
            Ok(words) => words,
            Err(why) => return Looked::told(why, None, SearchOutcome::Unreadable),
        };
        if looks.searches.len() >= tool::MOST_CALLS {
            return Looked::told(tool::NO_MORE, Some(words), SearchOutcome::TooMany);
        }
        let query = SearchQuery {
            text: words.chars().take(LONGEST_QUERY).collect(),
            mode: SearchMode::Hybrid,
            archived: false,
            before: self.current.first().map(|message| message.id),
            most: MOST_FOUND,
        };
        let found = match self.engine.search(self.record.id, &query).await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, chat.id = %self.record.id, "failed to search for the model");
                return Looked::told(tool::NOTHING, Some(words), SearchOutcome::Failed);
            }
        };
        self.shown(found, words, looks, room).await
    }

    /// As many of the messages as there is room for, none that the model has seen.
    async fn shown(&self, found: Vec<FoundMessage>, words: String, looks: &mut Looks, room: TokenCount) -> Looked {
        if found.is_empty() {
            return Looked::told(tool::NOTHING, Some(words), SearchOutcome::Nothing);
        }
        let new: Vec<FoundMessage> = found.into_iter().filter(|hit| !looks.seen.contains(&hit.message.id)).collect();
        if new.is_empty() {
            return Looked::told(tool::STANDS_ABOVE, Some(words), SearchOutcome::Above);
        }
        let zone = self.settings.zone();
        let mut left = room.saturating_sub(self.tokens(&tool::found(&[])));
        let mut taken: Vec<(FoundMessage, Quote, TokenCount)> = Vec::new();
        for hit in new {
            let quote = Quote {
                day: clock::local(hit.message.at, &zone, "%-d %B %Y"),
                line: recalled_line(speaker(&hit.message), &hit.message.text),
            };
            // Each may stand alone under its day.
            let cost = self.tokens(&recalled_heading(&quote.day)) + self.tokens(&quote.line);
            if cost <= left {
                left = left.saturating_sub(cost);
                looks.seen.insert(hit.message.id);
                taken.push((hit, quote, cost));
            }
        }
        if taken.is_empty() {
            return Looked::told(tool::NO_ROOM, Some(words), SearchOutcome::NoRoom);
        }
        let lines = taken.iter().map(|(hit, quote, _)| {
            let (message, tokens) = (&hit.message, self.tokens(&quote.line));
            let item = ItemRef::Message { message_id: message.id.0, revision_id: message.revision.0 };
            recalled(ItemKind::Message, Some(item), tokens, Some(hit.score))
        });
        let lines = lines.collect();
        taken.sort_by_key(|(hit, ..)| (hit.message.at, hit.message.id));
        let quotes: Vec<Quote> = taken.into_iter().map(|(_, quote, _)| quote).collect();
        Looked { result: tool::found(&quotes), lines, query: Some(words), outcome: SearchOutcome::Found }
    }

    fn tokens(&self, text: &str) -> TokenCount {
        count(self.encoding, text)
    }

    fn counter(&self) -> crate::llm::tokens::BpeCounter {
        crate::llm::tokens::BpeCounter::new(self.encoding)
    }
}

impl Looked {
    /// The call with the words around what it came to, and each message: together `call` and `result` tokens.
    fn segments_of(&self, call: TokenCount, result: TokenCount) -> Vec<Segment> {
        let lines: TokenCount = self.lines.iter().map(|segment| segment.tokens).sum();
        let frame = recalled(ItemKind::Call, None, call + result.saturating_sub(lines), None);
        std::iter::once(frame).chain(self.lines.iter().cloned()).collect()
    }
}

impl Looks {
    fn keep(&mut self, segments: Vec<Segment>, looked: &Looked) {
        let found = looked.lines.iter().filter_map(|segment| match segment.item {
            Some(ItemRef::Message { message_id, .. }) => Some(MessageId(message_id)),
            _ => None,
        });
        self.searches.push(ModelSearch {
            query: looked.query.clone(),
            outcome: looked.outcome,
            found: found.collect(),
            tokens: segments.iter().map(|segment| segment.tokens).sum(),
        });
        self.segments.extend(segments);
    }

    /// What a request took, and when it first said something.
    fn note(&mut self, completion: &Completion, after: Duration) {
        if let Some(usage) = completion.usage {
            self.spent = Some(self.spent.map_or(usage, |spent| spent + usage));
        }
        self.requests += 1;
        self.retries += completion.retries;
        let first = completion.first_token_ms.map(|ms| after + Duration::from_millis(ms));
        self.first_text = self.first_text.or(first);
    }

    /// Keeps what was said before a search, and parts it from what comes.
    fn say(&mut self, text: &str, deltas: &DeltaSender) {
        if !text.trim().is_empty() {
            self.said.push_str(text);
            self.said.push_str(GAP);
            // Nobody may be listening.
            let _ = deltas.send(GAP.to_owned());
        }
    }

    /// The answer with what was said before it.
    fn whole(&mut self, completion: Completion) -> Completion {
        let first_token_ms = self.first_text.map(|first| u64::try_from(first.as_millis()).unwrap_or(u64::MAX));
        let text = std::mem::take(&mut self.said) + &completion.text;
        Completion { text, first_token_ms, calls: Vec::new(), ..completion }
    }
}

fn recalled(kind: ItemKind, item: Option<ItemRef>, tokens: TokenCount, score: Option<f64>) -> Segment {
    Segment { section: Section::Recalled, kind, item, tokens, score }
}

/// The messages that stand in a context.
fn named(manifest: &Manifest) -> BTreeSet<MessageId> {
    let messages = manifest.segments.iter().filter_map(|segment| match segment.item {
        Some(ItemRef::Message { message_id, .. }) => Some(MessageId(message_id)),
        _ => None,
    });
    messages.collect()
}
