//! A context on screen: sections with their items, what was left out, and the difference between two contexts.
//!
//! Built from manifests by pure functions here, so that the preview, a turn's page and what-if group, name and count
//! in the same way. Sections hold raw tokens; `scaling` is what the model's own tokenizer is expected to add, so that
//! sections, scaling, reserve and free always add up to the budget.

use serde::{Deserialize, Serialize};
use souvenir_memory::manifest::{ItemKind, ItemRef, LeftOut, Manifest, Section, Segment};

use super::Moment;
use crate::words;

/// The parts of a stacked bar, in tokens, in the order they are drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarView {
    /// The six sections in prompt order.
    pub sections: [u32; 6],
    /// What the model's tokenizer is expected to add to their sum.
    pub scaling: u32,
    /// Kept for the answer, and slack.
    pub reserve: u32,
    /// Unspent.
    pub free: u32,
}

impl BarView {
    /// The bar of a manifest.
    #[must_use]
    pub fn from_manifest(manifest: &Manifest) -> Self {
        Self {
            sections: Section::ALL.map(|section| manifest.used(section).0),
            scaling: manifest.totals.scaled.saturating_sub(manifest.totals.raw).0,
            reserve: manifest.budget.reserve.0,
            free: manifest.free().0,
        }
    }

    /// What is sent.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.sections.iter().sum::<u32>() + self.scaling
    }

    /// What may be sent at most.
    #[must_use]
    pub fn available(&self) -> u32 {
        self.sent() + self.free
    }

    /// The whole width: the budget.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.available() + self.reserve
    }
}

/// One item the model saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemView {
    /// What it is, and which: `fact 12 v3`, `message 4,402`.
    pub reference: String,
    /// Whose words, for messages.
    pub who: Option<String>,
    /// The text as the model saw it.
    pub text: String,
    /// When it was said.
    pub at: Option<Moment>,
    /// Its raw tokens.
    pub tokens: u32,
}

/// One section of the context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SectionView {
    /// Which.
    pub section: Section,
    /// What it may take at most, in raw tokens.
    pub cap: u32,
    /// What it takes, in raw tokens.
    pub used: u32,
    /// What it holds, in a few words: `29 messages, 08:41 to 14:18`.
    pub holds: String,
    /// Its items, in prompt order.
    pub items: Vec<ItemView>,
}

/// Something the model did not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutView {
    /// What it is: `fact 60`, `197 messages`.
    pub reference: String,
    /// Its text, or the range.
    pub text: String,
    /// Why, as a short clause.
    pub reason: String,
    /// Its raw tokens.
    pub tokens: u32,
}

/// One context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContextView {
    /// The bar, whose numbers the ledger repeats.
    pub bar: BarView,
    /// The six sections in prompt order.
    pub sections: Vec<SectionView>,
    /// What was left out, of what was examined.
    pub left_out: Vec<LeftOutView>,
    /// The window, in tokens.
    pub max_context_tokens: u32,
    /// Of the reserve, what is kept for the answer.
    pub reserve_for_response: u32,
    /// What raw counts are multiplied by: `1.000`.
    pub scale: String,
    /// The session duration, in minutes.
    pub session_minutes: u32,
    /// The model.
    pub model: String,
    /// The encoding of the raw counts.
    pub encoding: String,
    /// The hash of the request as sent, in hexadecimal; none for a preview.
    pub request_sha256: Option<String>,
    /// What the request costs; none when the model's price is not known.
    pub cost: Option<RequestCost>,
}

/// What a request costs without its answer, in dollars.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestCost {
    /// Where no cache serves any of it.
    pub new: f64,
    /// Where the cache serves what does not change from one reply to the next.
    pub usual: f64,
}

/// The words of one segment, as the engine gives them beside a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentText {
    /// The text as the model saw it.
    pub text: String,
    /// Whose words: `You`, `Souvenir`, a name.
    pub who: Option<String>,
    /// When it was said.
    pub at: Option<Moment>,
}

impl ContextView {
    /// A manifest with its texts: one for each segment and one for each item left out, in their order. Missing ones
    /// are shown without text.
    #[must_use]
    pub fn from_manifest(manifest: &Manifest, texts: &[SegmentText], left_out: &[Option<String>]) -> Self {
        let sections = Section::ALL.map(|section| section_view(manifest, section, texts)).into();
        let texts = left_out.iter().map(Option::as_deref).chain(std::iter::repeat(None));
        Self {
            bar: BarView::from_manifest(manifest),
            sections,
            left_out: manifest.left_out.iter().zip(texts).map(|(item, text)| left_out_view(item, text)).collect(),
            max_context_tokens: manifest.budget.max_context_tokens.0,
            reserve_for_response: manifest.budget.reserve_for_response.0,
            scale: format!("{:.3}", f64::from(manifest.totals.scale.thousandths()) / 1000.0),
            session_minutes: manifest.session_minutes,
            model: manifest.model.clone(),
            encoding: manifest.encoding.as_str().to_owned(),
            request_sha256: manifest.request_sha256.clone(),
            cost: None,
        }
    }
}

fn section_view(manifest: &Manifest, section: Section, texts: &[SegmentText]) -> SectionView {
    let empty = SegmentText::default();
    let items: Vec<(&Segment, ItemView)> = manifest
        .segments
        .iter()
        .enumerate()
        .filter(|(_, segment)| segment.section == section)
        .map(|(place, segment)| (segment, item_view(segment, texts.get(place).unwrap_or(&empty))))
        .collect();
    let cap = manifest.budget.sections.iter().find(|part| part.name == section).map_or(0, |part| part.cap.0);
    SectionView {
        section,
        cap,
        used: manifest.used(section).0,
        holds: holds(section, &items),
        items: items.into_iter().map(|(_, item)| item).collect(),
    }
}

fn item_view(segment: &Segment, words: &SegmentText) -> ItemView {
    ItemView {
        reference: reference(segment.kind, segment.item.as_ref()),
        who: words.who.clone(),
        text: words.text.clone(),
        at: words.at.clone(),
        tokens: segment.tokens.0,
    }
}

/// How far two requests begin alike: raw tokens of what both begin with, the last thing of it, and what comes then in the
/// second.
#[must_use]
pub fn alike(before: &Manifest, after: &Manifest) -> (u32, Option<String>, Option<String>) {
    let same = |(one, two): &(&Segment, &Segment)| {
        (one.section, one.kind, &one.item, one.tokens) == (two.section, two.kind, &two.item, two.tokens)
    };
    let count = before.segments.iter().zip(&after.segments).take_while(same).count();
    let named = |segment: &Segment| match segment.kind {
        ItemKind::Frame => words::context::frame_of(segment.section),
        _ => reference(segment.kind, segment.item.as_ref()),
    };
    let tokens = after.segments.iter().take(count).map(|segment| segment.tokens.0).sum();
    let last = count.checked_sub(1).and_then(|last| after.segments.get(last));
    (tokens, last.map(named), after.segments.get(count).map(named))
}

/// How an item is named: `fact 12 v3`.
fn reference(kind: ItemKind, item: Option<&ItemRef>) -> String {
    match (kind, item) {
        (_, Some(ItemRef::Message { message_id, .. })) => words::a_message(*message_id),
        (_, Some(ItemRef::Fact { fact_id, version })) => words::context::fact_version(*fact_id, *version),
        (_, Some(ItemRef::Summary { episode_id, .. })) => words::an_episode(*episode_id),
        (_, Some(ItemRef::Digest { digest_id })) => words::context::digest(*digest_id),
        (_, Some(ItemRef::Prompt { sha256 })) => words::context::prompt(sha256.get(..6).unwrap_or(sha256)),
        (_, Some(ItemRef::Forgotten { .. })) => words::FORGOTTEN.to_owned(),
        (kind, None) => words::context::item(kind).to_owned(),
    }
}

/// A section's contents in a few words.
fn holds(section: Section, items: &[(&Segment, ItemView)]) -> String {
    let of = |kind: ItemKind| items.iter().filter(move |(segment, _)| segment.kind == kind);
    match section {
        Section::System => of(ItemKind::Prompt).map(|(_, item)| item.reference.clone()).next().unwrap_or_default(),
        Section::Facts => words::facts(of(ItemKind::Fact).count()),
        Section::Summaries => words::context::summaries(of(ItemKind::Digest).count(), of(ItemKind::Summary).count()),
        Section::Recent => {
            let times: Vec<&Moment> = of(ItemKind::Message).filter_map(|(_, item)| item.at.as_ref()).collect();
            let messages = of(ItemKind::Message).count();
            match (times.first(), times.last()) {
                (Some(first), Some(last)) if times.len() > 1 => {
                    words::context::messages_between(messages, &in_day(first, last), &last.time)
                }
                (Some(only), _) => words::context::messages_at(messages, &only.time),
                _ => words::messages(messages),
            }
        }
        Section::Recalled => {
            let clock = of(ItemKind::Clock).next().is_some();
            words::context::recalled(of(ItemKind::Message).count(), of(ItemKind::Fact).count(), clock)
        }
        Section::Current => match of(ItemKind::Message).count() {
            0 => words::context::NO_MESSAGE_YET.to_owned(),
            n => words::messages(n),
        },
    }
}

/// The time of `moment`, with its day when that is not the day of `last`.
fn in_day(moment: &Moment, last: &Moment) -> String {
    if moment.day == last.day { moment.time.clone() } else { format!("{} {}", moment.short, moment.time) }
}

fn left_out_view(item: &LeftOut, text: Option<&str>) -> LeftOutView {
    let (name, fallback) = match item.range {
        Some(range) if item.count > 1 => {
            (words::messages(item.count), words::messages_from_to(range.first.0, range.last.0))
        }
        Some(range) => (words::a_message(range.first.0), String::new()),
        None => (reference(item.kind, item.item.as_ref()), String::new()),
    };
    let text = text.map_or(fallback, str::to_owned);
    LeftOutView { reference: name, text, reason: item.reason.to_string(), tokens: item.tokens.0 }
}
