//! Manifests as they are kept: MessagePack by columns. One is written with every reply, so they are kept small.
//!
//! A manifest lists some hundred messages whose numbers follow each other. By columns, each number as the distance from the
//! one before, and what repeats as a run, little stays but a byte a message for its tokens. Deflating that gained next to
//! nothing and cost more than all the rest. As JSON, which is how manifests were kept before, it takes three times the room.
//!
//! Most of a context was in the one before: its prefix, which a provider's cache serves. Manifests name that once for
//! many turns ([`Prefix`]).

use flate2::read::ZlibDecoder;
use serde::{Deserialize, Serialize};
use souvenir_memory::{
    Encoding, Timestamp, TokenCount,
    manifest::{BudgetUse, LeftOut, Manifest, Section, SectionUse, Segment, Totals},
};

use self::{
    codes::{Hash, Why, item_kind, kind_code, section, section_code},
    columns::{Column, Columns, Names, Runs},
};
use super::{Result, StoreError};

mod codes;
mod columns;
#[cfg(test)]
mod tests;

/// The first byte of the form below. JSON was deflated with zlib's header, which begins with `0x78`.
const PACKED: u8 = 1;
const ZLIB: u8 = 0x78;

/// A prefix is given up for another once more than one part in so many of what could stand in it does not…
const STALE_SHARE: usize = 4;
/// …and never for so few.
const FEWEST_UNSHARED: usize = 16;

/// The segments that the manifests of several turns begin with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Prefix {
    pub(super) segments: Vec<Segment>,
}

impl Prefix {
    /// What of a manifest is likely to come again: all before what was found for one message alone.
    pub(super) fn of(manifest: &Manifest) -> Self {
        let stable = manifest.segments.iter().take_while(|segment| segment.section <= Section::Recent);
        Self { segments: stable.cloned().collect() }
    }

    /// How many segments of a manifest are those of the prefix.
    fn shared(&self, manifest: &Manifest) -> usize {
        self.segments.iter().zip(&manifest.segments).take_while(|(own, its)| own == its).count()
    }

    /// Whether so much of what this one holds is missing in `kept` that it is worth keeping by itself.
    pub(super) fn is_worth_keeping_beside(&self, kept: Option<&Self>) -> bool {
        let shared =
            kept.map_or(0, |kept| kept.segments.iter().zip(&self.segments).take_while(|(own, its)| own == its).count());
        self.segments.len() - shared > FEWEST_UNSHARED.max(self.segments.len() / STALE_SHARE)
    }

    /// The bytes to keep of it.
    pub(super) fn pack(&self) -> Result<Vec<u8>> {
        rmp_serde::to_vec(&Columns::of(&self.segments)).map_err(corrupt)
    }

    /// What [`Self::pack`] gave.
    pub(super) fn unpack(body: &[u8]) -> Result<Self> {
        let columns: Columns = rmp_serde::from_slice(body).map_err(corrupt)?;
        Ok(Self { segments: columns.segments()? })
    }
}

/// The bytes to keep of a manifest, beside a prefix that is kept by itself.
pub(super) fn pack(manifest: &Manifest, prefix: Option<&Prefix>) -> Result<Vec<u8>> {
    let mut body = vec![PACKED];
    let shared = prefix.map_or(0, |prefix| prefix.shared(manifest));
    rmp_serde::encode::write(&mut body, &Packed::of(manifest, shared)).map_err(corrupt)?;
    Ok(body)
}

/// The manifest that [`pack`] was given with the same prefix, scores to the hundredth.
pub(super) fn unpack(body: &[u8], prefix: Option<&Prefix>) -> Result<Manifest> {
    match body {
        [PACKED, packed @ ..] => rmp_serde::from_slice::<Packed>(packed).map_err(corrupt)?.manifest(prefix),
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
    /// The segments after those of the prefix.
    parts: Runs<(u8, u8)>,
    names: Names,
    tokens: Vec<TokenCount>,
    scores: Column<Option<i64>>,
    /// Kind, how many, their tokens, and why.
    left_out: Vec<(u8, u32, TokenCount, Why)>,
    left_out_names: Names,
    totals: Totals,
    model: String,
    encoding: Encoding,
    session_minutes: u32,
    built_at: Timestamp,
    request_sha256: Option<Hash>,
    /// How many segments of the prefix come first. Manifests from before there were any do not have this.
    #[serde(default)]
    shared: usize,
}

impl Packed {
    fn of(manifest: &Manifest, shared: usize) -> Self {
        let budget = &manifest.budget;
        let Columns { parts, names, tokens, scores } = Columns::of(&manifest.segments[shared..]);
        let left_out_name = |out: &LeftOut| (out.item.clone(), out.range);
        Self {
            budget: [budget.max_context_tokens, budget.reserve, budget.reserve_for_response],
            sections: budget.sections.iter().map(|of| (section_code(of.name), of.cap, of.used)).collect(),
            parts,
            names,
            tokens,
            scores,
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
            shared,
        }
    }

    fn manifest(self, prefix: Option<&Prefix>) -> Result<Manifest> {
        let shared = prefix.map_or(&[] as &[Segment], |prefix| &prefix.segments).get(..self.shared);
        let mut segments = shared.ok_or_else(|| corrupt("a manifest whose prefix is missing"))?.to_vec();
        let own = Columns { parts: self.parts, names: self.names, tokens: self.tokens, scores: self.scores };
        segments.extend(own.segments()?);
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
            segments,
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
