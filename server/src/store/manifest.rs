//! Manifests as they are kept: MessagePack by columns. One is written with every reply, so they are kept small.
//!
//! A manifest lists some hundred messages whose numbers follow each other. By columns, each number as the distance from the
//! one before, and what repeats as a run, little stays but a byte a message for its tokens. Deflating that gained next to
//! nothing and cost more than all the rest. As JSON, which is how manifests were kept before, it takes three times the room.

use flate2::read::ZlibDecoder;
use serde::{Deserialize, Serialize};
use souvenir_memory::{
    Encoding, MessageId, Timestamp, TokenCount,
    manifest::{BudgetUse, ItemRef, LeftOut, Manifest, MessageRange, SectionUse, Segment, Totals},
};

use self::codes::{Hash, Why, item_kind, kind_code, section, section_code};
use super::{Result, StoreError};

mod codes;
#[cfg(test)]
mod tests;

/// The first byte of the form below. JSON was deflated with zlib's header, which begins with `0x78`.
const PACKED: u8 = 1;
const ZLIB: u8 = 0x78;

/// The bytes to keep of a manifest.
pub(super) fn pack(manifest: &Manifest) -> Result<Vec<u8>> {
    let mut body = vec![PACKED];
    rmp_serde::encode::write(&mut body, &Packed::of(manifest)).map_err(corrupt)?;
    Ok(body)
}

/// The manifest that [`pack`] was given, scores to the hundredth.
pub(super) fn unpack(body: &[u8]) -> Result<Manifest> {
    match body {
        [PACKED, packed @ ..] => rmp_serde::from_slice::<Packed>(packed).map_err(corrupt)?.manifest(),
        [ZLIB, ..] => serde_json::from_reader(ZlibDecoder::new(body)).map_err(corrupt),
        _ => Err(corrupt("a manifest of an unknown form")),
    }
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

#[derive(Serialize, Deserialize)]
struct Packed {
    /// The whole, the reserve, and the answer's part of it.
    budget: [TokenCount; 3],
    /// Section, cap, use.
    sections: Vec<(u8, TokenCount, TokenCount)>,
    /// Section and kind of each segment.
    parts: Runs<(u8, u8)>,
    names: Names,
    tokens: Vec<TokenCount>,
    /// In hundredths.
    scores: Runs<Option<i64>>,
    /// Kind, how many, their tokens, and why.
    left_out: Vec<(u8, u32, TokenCount, Why)>,
    left_out_names: Names,
    totals: Totals,
    model: String,
    encoding: Encoding,
    session_minutes: u32,
    built_at: Timestamp,
    request_sha256: Option<Hash>,
}

impl Packed {
    fn of(manifest: &Manifest) -> Self {
        let (segments, budget) = (&manifest.segments, &manifest.budget);
        let left_out_name = |out: &LeftOut| (out.item.clone(), out.range);
        Self {
            budget: [budget.max_context_tokens, budget.reserve, budget.reserve_for_response],
            sections: budget.sections.iter().map(|of| (section_code(of.name), of.cap, of.used)).collect(),
            parts: segments.iter().map(|segment| (section_code(segment.section), kind_code(segment.kind))).collect(),
            names: segments.iter().map(|segment| (segment.item.clone(), None)).collect(),
            tokens: segments.iter().map(|segment| segment.tokens).collect(),
            scores: segments.iter().map(|segment| segment.score.map(hundredths)).collect(),
            left_out: manifest
                .left_out
                .iter()
                .map(|out| (kind_code(out.kind), out.count, out.tokens, Why::of(&out.reason)))
                .collect(),
            left_out_names: manifest.left_out.iter().map(left_out_name).collect(),
            totals: manifest.totals,
            model: manifest.model.clone(),
            encoding: manifest.encoding,
            session_minutes: manifest.session_minutes,
            built_at: manifest.built_at,
            request_sha256: manifest.request_sha256.as_deref().map(Hash::of),
        }
    }

    fn manifest(self) -> Result<Manifest> {
        let names = self.names.read()?;
        let parts = self.parts.each().zip(names).zip(self.tokens).zip(self.scores.each());
        let segments: Result<_> = parts
            .map(|((((in_section, kind), (item, _)), tokens), score)| {
                let (section, kind) = (section(in_section)?, item_kind(kind)?);
                #[expect(clippy::cast_precision_loss, reason = "scores are small")]
                let score = score.map(|score| score as f64 / 100.0);
                Ok(Segment { section, kind, item, tokens, score })
            })
            .collect();
        let sections = self.sections.into_iter();
        let sections: Result<_> =
            sections.map(|(of, cap, used)| Ok(SectionUse { name: section(of)?, cap, used })).collect();
        let [max_context_tokens, reserve, reserve_for_response] = self.budget;
        let left_out = self.left_out.into_iter().zip(self.left_out_names.read()?);
        let left_out: Result<_> = left_out
            .map(|((kind, count, tokens, why), (item, range))| {
                Ok(LeftOut { kind: item_kind(kind)?, item, range, count, tokens, reason: why.reason()? })
            })
            .collect();
        Ok(Manifest {
            budget: BudgetUse { max_context_tokens, reserve, reserve_for_response, sections: sections? },
            segments: segments?,
            left_out: left_out?,
            totals: self.totals,
            model: self.model,
            encoding: self.encoding,
            session_minutes: self.session_minutes,
            built_at: self.built_at,
            request_sha256: self.request_sha256.map(Hash::text),
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "scores are small")]
fn hundredths(score: f64) -> i64 {
    (score * 100.0).round() as i64
}

/// Values of which many in a row are the same, each with how many.
#[derive(Serialize, Deserialize)]
struct Runs<T>(Vec<(T, usize)>);

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + PartialEq> Runs<T> {
    fn push(&mut self, value: T) {
        match self.0.last_mut() {
            Some((last, times)) if *last == value => *times += 1,
            _ => self.0.push((value, 1)),
        }
    }

    fn each(self) -> impl Iterator<Item = T> {
        self.0.into_iter().flat_map(|(value, times)| std::iter::repeat_n(value, times))
    }
}

impl<T: Copy + PartialEq> FromIterator<T> for Runs<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut runs = Self::default();
        values.into_iter().for_each(|value| runs.push(value));
        runs
    }
}

/// What an item or a range is, which says what its two numbers mean.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
enum Name {
    Nothing,
    Message,
    Fact,
    Summary,
    Prompt,
    Forgotten,
    Range,
}

impl Name {
    const ALL: [Self; 7] =
        [Self::Nothing, Self::Message, Self::Fact, Self::Summary, Self::Prompt, Self::Forgotten, Self::Range];
}

impl From<Name> for u8 {
    fn from(name: Name) -> Self {
        name as Self
    }
}

impl TryFrom<u8> for Name {
    type Error = String;

    fn try_from(code: u8) -> std::result::Result<Self, String> {
        Self::ALL.get(usize::from(code)).copied().ok_or_else(|| format!("a name of kind {code}"))
    }
}

/// What segments or things left out name, by columns.
#[derive(Default, Serialize, Deserialize)]
struct Names {
    kinds: Runs<Name>,
    /// The number of each, as the distance from the one before.
    numbers: Runs<i64>,
    /// Its version; of a message, how far its revision's number is from its own; of a range, how far its end is.
    versions: Runs<i64>,
    hashes: Vec<Hash>,
}

impl FromIterator<(Option<ItemRef>, Option<MessageRange>)> for Names {
    fn from_iter<I: IntoIterator<Item = (Option<ItemRef>, Option<MessageRange>)>>(named: I) -> Self {
        let mut names = Self::default();
        let mut last = 0;
        for name in named {
            let (kind, number, version) = match name {
                (Some(ItemRef::Message { message_id, revision_id }), _) => {
                    (Name::Message, message_id, revision_id - message_id)
                }
                (Some(ItemRef::Fact { fact_id, version }), _) => (Name::Fact, fact_id, i64::from(version)),
                (Some(ItemRef::Summary { episode_id, version }), _) => (Name::Summary, episode_id, i64::from(version)),
                (Some(ItemRef::Prompt { sha256 }), _) => {
                    names.hashes.push(Hash::of(&sha256));
                    (Name::Prompt, last, 0)
                }
                (Some(ItemRef::Forgotten { forgotten }), _) => (Name::Forgotten, last, i64::from(forgotten)),
                (None, Some(range)) => (Name::Range, range.first.0, range.last.0 - range.first.0),
                (None, None) => (Name::Nothing, last, 0),
            };
            names.kinds.push(kind);
            names.numbers.push(number - last);
            names.versions.push(version);
            last = number;
        }
        names
    }
}

impl Names {
    fn read(self) -> Result<Vec<(Option<ItemRef>, Option<MessageRange>)>> {
        let mut hashes = self.hashes.into_iter();
        let mut number = 0;
        let mut names = Vec::new();
        for ((kind, distance), version) in self.kinds.each().zip(self.numbers.each()).zip(self.versions.each()) {
            number += distance;
            let small = || u32::try_from(version).map_err(corrupt);
            let item = match kind {
                Name::Nothing | Name::Range => None,
                Name::Message => Some(ItemRef::Message { message_id: number, revision_id: number + version }),
                Name::Fact => Some(ItemRef::Fact { fact_id: number, version: small()? }),
                Name::Summary => Some(ItemRef::Summary { episode_id: number, version: small()? }),
                Name::Prompt => Some(ItemRef::Prompt { sha256: hashes.next().map_or_else(String::new, Hash::text) }),
                Name::Forgotten => Some(ItemRef::Forgotten { forgotten: version != 0 }),
            };
            let range = MessageRange { first: MessageId(number), last: MessageId(number + version) };
            names.push((item, (kind == Name::Range).then_some(range)));
        }
        Ok(names)
    }
}
