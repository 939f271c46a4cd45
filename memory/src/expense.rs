//! Why a turn cost more than it should, by comparison with the turn before it.
//!
//! # Strategy
//! A provider's cache serves what a request has in common with the one before, from its beginning on, for a tenth of the
//! price or less. What stands before recall and the message being answered is meant to stay the same from turn to turn, so
//! what of it did not, and what stayed but was charged in full all the same, are the reasons that matter most. The others
//! are extra requests, and extra tokens. Only what makes a difference is told: small ones are what conversations cost.

use crate::{
    Timestamp, TokenCount,
    manifest::{ItemKind, Manifest, Section, Segment},
};

/// Providers cache no shorter beginnings than this.
pub const LEAST_CACHED: u32 = 1_024;
/// Fewer tokens than this are not worth a word; caches round by about as much.
const LEAST_TOLD: u32 = 256;
/// Recall that takes this part of a request, in percent, and so many tokens is long.
const LONG_RECALL_PERCENT: u32 = 30;
const LONG_RECALL: u32 = 500;

/// What is known of a turn.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'a> {
    /// What the model saw.
    pub manifest: &'a Manifest,
    /// When it began.
    pub at: Timestamp,
    /// Tokens that came from the provider's cache, as far as it says.
    pub cached: Option<TokenCount>,
    /// Requests that were answered.
    pub requests: u32,
    /// Attempts that failed and were made again.
    pub retries: u32,
}

/// Why a turn cost more than it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It begins otherwise than the turn before: from there on nothing came from the cache.
    BrokenPrefix {
        /// Where it parts.
        section: Section,
        /// Tokens of the turn before that were to stay, and did not.
        tokens: TokenCount,
    },
    /// It begins as the turn before, whose beginning came from the cache, and was charged in full.
    Uncached {
        /// Tokens that the cache could have served.
        tokens: TokenCount,
        /// Time since the turn before, in minutes.
        minutes: i64,
    },
    /// Another model answered the turn before: each has a cache of its own.
    OtherModel {
        /// The model before.
        before: String,
        /// Tokens that the cache could have served.
        tokens: TokenCount,
    },
    /// Attempts failed before one was answered.
    Retried {
        /// How many.
        attempts: u32,
    },
    /// The model looked for more, with a request each time.
    Searched {
        /// Requests in all.
        requests: u32,
    },
    /// Recall brought much.
    LongRecall {
        /// Its tokens.
        tokens: TokenCount,
        /// Its part of the request, in percent.
        percent: u32,
    },
}

impl Reason {
    /// Its name on the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BrokenPrefix { .. } => "broken_prefix",
            Self::Uncached { .. } => "uncached",
            Self::OtherModel { .. } => "other_model",
            Self::Retried { .. } => "retried",
            Self::Searched { .. } => "searched",
            Self::LongRecall { .. } => "long_recall",
        }
    }

    /// Tokens that were charged in full and could have come from the cache.
    #[must_use]
    pub fn uncached(&self) -> Option<TokenCount> {
        match self {
            Self::BrokenPrefix { tokens, .. } | Self::Uncached { tokens, .. } | Self::OtherModel { tokens, .. } => {
                Some(*tokens)
            }
            Self::Retried { .. } | Self::Searched { .. } | Self::LongRecall { .. } => None,
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BrokenPrefix { section, tokens } => {
                let (changed, tokens) = (changed(*section), tokens.grouped());
                write!(f, "{changed} than in the turn before, so that {tokens} tokens were charged anew")
            }
            Self::Uncached { tokens, minutes } => write!(
                f,
                "it begins as the turn before, {} earlier, but the provider's cache no longer had its {} tokens",
                span(*minutes),
                tokens.grouped()
            ),
            Self::OtherModel { before, tokens } => write!(
                f,
                "{before} answered the turn before, and a cache is a model's own: {} tokens were charged anew",
                tokens.grouped()
            ),
            Self::Retried { attempts: 1 } => {
                f.write_str("one attempt failed before it was answered; some providers charge for that")
            }
            Self::Retried { attempts } => {
                write!(f, "{attempts} attempts failed before it was answered; some providers charge for those")
            }
            Self::Searched { requests } => {
                write!(f, "the model looked for more before it answered: {requests} requests instead of one")
            }
            Self::LongRecall { tokens, percent } => write!(
                f,
                "recall brought {} tokens of what was said before, {percent} % of the request; they are new each time",
                tokens.grouped()
            ),
        }
    }
}

/// Why a turn cost more than it should, what weighs most first; nothing when it did not.
#[must_use]
pub fn reasons(now: &Turn<'_>, before: Option<&Turn<'_>>) -> Vec<Reason> {
    let cache = before.and_then(|before| cache(now, before));
    let retried = (now.retries > 0).then_some(Reason::Retried { attempts: now.retries });
    let searched = (now.requests > 1).then_some(Reason::Searched { requests: now.requests });
    cache.into_iter().chain(searched).chain(retried).chain(long_recall(now.manifest)).collect()
}

/// What the cache could have served, and did not.
fn cache(now: &Turn<'_>, before: &Turn<'_>) -> Option<Reason> {
    let stable: TokenCount = stable(before.manifest).map(|segment| segment.tokens).sum();
    if stable.0 < LEAST_CACHED {
        return None;
    }
    if now.manifest.model != before.manifest.model {
        return Some(Reason::OtherModel { before: before.manifest.model.clone(), tokens: stable });
    }
    let alike = stable_alike(before.manifest, now.manifest);
    let shared: TokenCount = alike.iter().map(|segment| segment.tokens).sum();
    let lost = stable.saturating_sub(shared);
    if lost.0 >= LEAST_TOLD {
        let section = stable_at(before.manifest, alike.len()).unwrap_or(Section::Recent);
        return Some(Reason::BrokenPrefix { section, tokens: lost });
    }
    // A provider that has never served anything has no cache, or does not tell.
    let serves = before.cached.is_some_and(|cached| cached.0 > 0);
    let missed = now.manifest.totals.scale.apply(shared).saturating_sub(now.cached?);
    let minutes = now.at.millis_since(before.at).max(0) / 60_000;
    (serves && missed.0 >= (shared.0 / 2).max(LEAST_TOLD)).then_some(Reason::Uncached { tokens: missed, minutes })
}

/// The segments that are meant to stay as they are from turn to turn: all before recall.
fn stable(manifest: &Manifest) -> impl Iterator<Item = &Segment> {
    manifest.segments.iter().take_while(|segment| segment.section < Section::Recalled)
}

/// Those of them that a later request begins with, too.
fn stable_alike<'a>(before: &'a Manifest, now: &Manifest) -> Vec<&'a Segment> {
    let same = |one: &Segment, two: &Segment| {
        (one.section, one.kind, &one.item, one.tokens) == (two.section, two.kind, &two.item, two.tokens)
    };
    stable(before).zip(&now.segments).take_while(|(one, two)| same(one, two)).map(|(one, _)| one).collect()
}

fn stable_at(manifest: &Manifest, index: usize) -> Option<Section> {
    stable(manifest).nth(index).map(|segment| segment.section)
}

fn long_recall(manifest: &Manifest) -> Option<Reason> {
    let recalled = manifest.segments.iter().filter(|segment| {
        segment.section == Section::Recalled && !matches!(segment.kind, ItemKind::Clock | ItemKind::Call)
    });
    let tokens: TokenCount = recalled.map(|segment| segment.tokens).sum();
    let percent = u64::from(tokens.0) * 100 / u64::from(manifest.totals.raw.0.max(1));
    let percent = u32::try_from(percent).unwrap_or(100);
    (tokens.0 >= LONG_RECALL && percent >= LONG_RECALL_PERCENT).then_some(Reason::LongRecall { tokens, percent })
}

fn changed(section: Section) -> &'static str {
    match section {
        Section::System => "the system prompt is another",
        Section::Facts => "the facts are others",
        Section::Summaries => "the summaries are others",
        Section::Recent | Section::Recalled | Section::Current => {
            "the recent messages begin elsewhere (they were trimmed, or grew too old)"
        }
    }
}

fn span(minutes: i64) -> String {
    match minutes {
        0 => "less than a minute".to_owned(),
        1 => "a minute".to_owned(),
        2..120 => format!("{minutes} minutes"),
        _ => format!("{} hours", minutes / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Encoding, Scale,
        manifest::{BudgetUse, ItemRef, Totals},
    };

    const MINUTE: i64 = 60_000;

    fn segment(section: Section, kind: ItemKind, id: i64, tokens: u32) -> Segment {
        let item = (kind == ItemKind::Message).then_some(ItemRef::Message { message_id: id, revision_id: id });
        let item = item.or((kind == ItemKind::Fact).then_some(ItemRef::Fact { fact_id: id, version: 1 }));
        Segment { section, kind, item, tokens: TokenCount(tokens), score: None }
    }

    fn manifest(model: &str, segments: Vec<Segment>) -> Manifest {
        let raw: TokenCount = segments.iter().map(|segment| segment.tokens).sum();
        Manifest {
            budget: BudgetUse {
                max_context_tokens: TokenCount(8000),
                reserve: TokenCount(1280),
                reserve_for_response: TokenCount(1000),
                sections: Vec::new(),
            },
            segments,
            left_out: Vec::new(),
            totals: Totals { raw, scale: Scale::EXACT, scaled: raw, predicted: raw, reported: None, cached: None },
            model: model.to_owned(),
            encoding: Encoding::O200kBase,
            session_minutes: 360,
            built_at: Timestamp(0),
            request_sha256: None,
        }
    }

    /// A system prompt, a fact, messages of 800 tokens each, what was recalled, and a question.
    fn request(fact: i64, messages: std::ops::Range<i64>, recalled: u32) -> Manifest {
        let mut segments = vec![
            segment(Section::System, ItemKind::Prompt, 0, 300),
            segment(Section::Facts, ItemKind::Fact, fact, 100),
        ];
        segments.extend(messages.clone().map(|id| segment(Section::Recent, ItemKind::Message, id, 800)));
        segments.push(segment(Section::Recalled, ItemKind::Message, 1_000 + messages.end, recalled));
        segments.push(segment(Section::Recalled, ItemKind::Clock, 0, 20));
        segments.push(segment(Section::Current, ItemKind::Message, messages.end, 30));
        manifest("m", segments)
    }

    fn turn(manifest: &Manifest, minute: i64, cached: Option<u32>) -> Turn<'_> {
        Turn { manifest, at: Timestamp(minute * MINUTE), cached: cached.map(TokenCount), requests: 1, retries: 0 }
    }

    #[test]
    fn a_turn_that_goes_on_from_the_one_before_cost_what_it_should() {
        let (before, now) = (request(1, 1..4, 10), request(1, 1..6, 10));
        assert_eq!(reasons(&turn(&now, 1, Some(2_700)), Some(&turn(&before, 0, Some(1_900)))), []);
        assert_eq!(reasons(&turn(&now, 1, None), None), [], "nor can the first turn be blamed");
    }

    #[test]
    fn another_fact_breaks_everything_behind_it() {
        let (before, now) = (request(1, 1..4, 10), request(2, 1..6, 10));
        let found = reasons(&turn(&now, 1, Some(0)), Some(&turn(&before, 0, Some(1_900))));
        assert_eq!(found, [Reason::BrokenPrefix { section: Section::Facts, tokens: TokenCount(2_500) }]);
        assert_eq!(
            found[0].to_string(),
            "the facts are others than in the turn before, so that 2,500 tokens were charged anew"
        );
    }

    #[test]
    fn trimming_is_said_to_be_what_it_is() {
        let (before, now) = (request(1, 1..6, 10), request(1, 4..8, 10));
        let found = reasons(&turn(&now, 1, Some(0)), Some(&turn(&before, 0, Some(1_900))));
        assert_eq!(found, [Reason::BrokenPrefix { section: Section::Recent, tokens: TokenCount(4_000) }]);
        assert!(found[0].to_string().contains("trimmed"));
    }

    #[test]
    fn a_cache_that_let_go_is_blamed_only_if_it_ever_served() {
        let (before, now) = (request(1, 1..4, 10), request(1, 1..6, 10));
        let found = |cached, was| reasons(&turn(&now, 180, cached), Some(&turn(&before, 0, was)));
        assert_eq!(found(Some(0), Some(1_900)), [Reason::Uncached { tokens: TokenCount(2_800), minutes: 180 }]);
        assert!(found(Some(0), Some(1_900))[0].to_string().contains("3 hours earlier"));
        assert_eq!(found(Some(0), Some(0)), [], "this provider caches nothing");
        assert_eq!(found(None, Some(1_900)), [], "or does not say");
        assert_eq!(found(Some(2_560), Some(1_900)), [], "caches round");
    }

    #[test]
    fn each_model_has_a_cache_of_its_own() {
        let (before, mut now) = (request(1, 1..4, 10), request(1, 1..6, 10));
        "other".clone_into(&mut now.model);
        let found = reasons(&turn(&now, 1, Some(0)), Some(&turn(&before, 0, Some(1_900))));
        assert_eq!(found, [Reason::OtherModel { before: "m".to_owned(), tokens: TokenCount(2_800) }]);
    }

    #[test]
    fn requests_attempts_and_recall_are_told_by_number() {
        let now = request(1, 1..2, 900);
        let turn = Turn { requests: 3, retries: 2, ..turn(&now, 0, None) };
        let found = reasons(&turn, None);
        let codes: Vec<_> = found.iter().map(Reason::code).collect();
        assert_eq!(codes, ["searched", "retried", "long_recall"]);
        assert_eq!(found[2], Reason::LongRecall { tokens: TokenCount(900), percent: 41 });
        assert_eq!(found[0].uncached(), None);
    }

    #[test]
    fn short_requests_are_not_worth_a_word() {
        let (before, now) = (request(1, 1..1, 10), request(2, 1..1, 400));
        assert_eq!(reasons(&turn(&now, 1, Some(0)), Some(&turn(&before, 0, Some(0)))), []);
    }
}
