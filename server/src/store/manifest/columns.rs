//! Segments as columns.

use serde::{Deserialize, Serialize};
use souvenir_memory::{
    MessageId, TokenCount,
    manifest::{ItemRef, MessageRange, Segment},
};

use super::{
    Result,
    codes::{Hash, item_kind, kind_code, section, section_code},
    corrupt,
};

/// A run takes about so many bytes more than its value alone.
const BYTES_A_RUN: usize = 3;

/// Segments by columns.
#[derive(Serialize, Deserialize)]
pub(super) struct Columns {
    /// Section and kind of each.
    pub(super) parts: Runs<(u8, u8)>,
    pub(super) names: Names,
    pub(super) tokens: Vec<TokenCount>,
    /// In hundredths.
    pub(super) scores: Column<Option<i64>>,
}

impl Columns {
    pub(super) fn of(segments: &[Segment]) -> Self {
        Self {
            parts: segments.iter().map(|segment| (section_code(segment.section), kind_code(segment.kind))).collect(),
            names: segments.iter().map(|segment| (segment.item.clone(), None)).collect(),
            tokens: segments.iter().map(|segment| segment.tokens).collect(),
            scores: segments.iter().map(|segment| segment.score.map(hundredths)).collect(),
        }
    }

    pub(super) fn segments(self) -> Result<Vec<Segment>> {
        let names = self.names.read()?;
        let parts = self.parts.each().zip(names).zip(self.tokens).zip(self.scores.each());
        let segments = parts.map(|((((in_section, kind), (item, _)), tokens), score)| {
            let (section, kind) = (section(in_section)?, item_kind(kind)?);
            #[expect(clippy::cast_precision_loss, reason = "scores are small")]
            let score = score.map(|score| score as f64 / 100.0);
            Ok(Segment { section, kind, item, tokens, score })
        });
        segments.collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "scores are small")]
fn hundredths(score: f64) -> i64 {
    (score * 100.0).round() as i64
}

/// Values of which many in a row are the same, each with how many.
#[derive(Serialize, Deserialize)]
pub(super) struct Runs<T>(Vec<(T, usize)>);

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

/// Values in whichever form takes less room.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Column<T> {
    Runs(Runs<T>),
    Plain(Vec<T>),
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self::Plain(Vec::new())
    }
}

impl<T: Copy + PartialEq> Column<T> {
    fn each(self) -> impl Iterator<Item = T> {
        let (runs, plain) = match self {
            Self::Runs(runs) => (runs, Vec::new()),
            Self::Plain(plain) => (Runs::default(), plain),
        };
        runs.each().chain(plain)
    }
}

impl<T: Copy + PartialEq> FromIterator<T> for Column<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let plain: Vec<T> = values.into_iter().collect();
        let runs: Runs<T> = plain.iter().copied().collect();
        if runs.0.len() * BYTES_A_RUN < plain.len() { Self::Runs(runs) } else { Self::Plain(plain) }
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
    Digest,
}

impl Name {
    const ALL: [Self; 8] = [
        Self::Nothing,
        Self::Message,
        Self::Fact,
        Self::Summary,
        Self::Prompt,
        Self::Forgotten,
        Self::Range,
        Self::Digest,
    ];
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
pub(super) struct Names {
    kinds: Runs<Name>,
    /// The number of each, as the distance from the one before.
    numbers: Column<i64>,
    /// Its version; of a message, how far its revision's number is from its own; of a range, how far its end is.
    versions: Runs<i64>,
    pub(super) hashes: Vec<Hash>,
}

impl FromIterator<(Option<ItemRef>, Option<MessageRange>)> for Names {
    fn from_iter<I: IntoIterator<Item = (Option<ItemRef>, Option<MessageRange>)>>(named: I) -> Self {
        let mut names = Self::default();
        let mut distances = Vec::new();
        let mut last = 0;
        for name in named {
            let (kind, number, version) = match name {
                (Some(ItemRef::Message { message_id, revision_id }), _) => {
                    (Name::Message, message_id, revision_id - message_id)
                }
                (Some(ItemRef::Fact { fact_id, version }), _) => (Name::Fact, fact_id, i64::from(version)),
                (Some(ItemRef::Summary { episode_id, version }), _) => (Name::Summary, episode_id, i64::from(version)),
                (Some(ItemRef::Digest { digest_id }), _) => (Name::Digest, digest_id, 0),
                (Some(ItemRef::Prompt { sha256 }), _) => {
                    names.hashes.push(Hash::of(&sha256));
                    (Name::Prompt, last, 0)
                }
                (Some(ItemRef::Forgotten { forgotten }), _) => (Name::Forgotten, last, i64::from(forgotten)),
                (None, Some(range)) => (Name::Range, range.first.0, range.last.0 - range.first.0),
                (None, None) => (Name::Nothing, last, 0),
            };
            names.kinds.push(kind);
            distances.push(number - last);
            names.versions.push(version);
            last = number;
        }
        names.numbers = distances.into_iter().collect();
        names
    }
}

impl Names {
    pub(super) fn read(self) -> Result<Vec<(Option<ItemRef>, Option<MessageRange>)>> {
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
                Name::Digest => Some(ItemRef::Digest { digest_id: number }),
                Name::Prompt => Some(ItemRef::Prompt { sha256: hashes.next().map_or_else(String::new, Hash::text) }),
                Name::Forgotten => Some(ItemRef::Forgotten { forgotten: version != 0 }),
            };
            let range = MessageRange { first: MessageId(number), last: MessageId(number + version) };
            names.push((item, (kind == Name::Range).then_some(range)));
        }
        Ok(names)
    }
}
