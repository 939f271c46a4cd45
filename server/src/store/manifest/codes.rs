//! What stands in stored manifests as numbers and bytes: sections, kinds, reasons and hashes.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};
use souvenir_memory::manifest::{ItemKind, Reason, Section};

use super::{Result, corrupt};

/// The number of a section in stored manifests: never given to another.
pub(super) fn section_code(section: Section) -> u8 {
    match section {
        Section::System => 0,
        Section::Facts => 1,
        Section::Summaries => 2,
        Section::Recent => 3,
        Section::Recalled => 4,
        Section::Current => 5,
    }
}

pub(super) fn section(code: u8) -> Result<Section> {
    let found = Section::ALL.into_iter().find(|section| section_code(*section) == code);
    found.ok_or_else(|| corrupt(format!("section {code}")))
}

/// The number of a kind in stored manifests: never given to another.
pub(super) fn kind_code(kind: ItemKind) -> u8 {
    match kind {
        ItemKind::Prompt => 0,
        ItemKind::Frame => 1,
        ItemKind::Fact => 2,
        ItemKind::Summary => 3,
        ItemKind::Message => 4,
        ItemKind::Clock => 5,
        ItemKind::Priming => 6,
        ItemKind::Tool => 7,
        ItemKind::Call => 8,
        ItemKind::Digest => 9,
    }
}

pub(super) fn item_kind(code: u8) -> Result<ItemKind> {
    use ItemKind::{Call, Clock, Digest, Fact, Frame, Message, Priming, Prompt, Summary, Tool};
    let kinds = [Prompt, Frame, Fact, Summary, Message, Clock, Priming, Tool, Call, Digest];
    let found = kinds.into_iter().find(|kind| kind_code(*kind) == code);
    found.ok_or_else(|| corrupt(format!("an item of kind {code}")))
}

/// Why something was left out, as the reason's number and the number that it tells. The numbers are never given to another.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Why {
    Code(u8, u32),
    /// As manifests were kept before.
    Named(Reason),
}

impl Why {
    pub(super) fn of(reason: &Reason) -> Self {
        match *reason {
            Reason::OlderThanSession { minutes } => Self::Code(0, minutes),
            Reason::BeforeReset => Self::Code(1, 0),
            Reason::Archived => Self::Code(2, 0),
            Reason::NotConversation => Self::Code(3, 0),
            Reason::NoRoom { cap } => Self::Code(4, cap),
            Reason::Trimmed => Self::Code(5, 0),
            Reason::RankedLower { rank } => Self::Code(6, rank),
            Reason::Pending => Self::Code(7, 0),
            Reason::NotInForce => Self::Code(8, 0),
        }
    }

    pub(super) fn reason(self) -> Result<Reason> {
        Ok(match self {
            Self::Named(reason) => reason,
            Self::Code(0, minutes) => Reason::OlderThanSession { minutes },
            Self::Code(1, _) => Reason::BeforeReset,
            Self::Code(2, _) => Reason::Archived,
            Self::Code(3, _) => Reason::NotConversation,
            Self::Code(4, cap) => Reason::NoRoom { cap },
            Self::Code(5, _) => Reason::Trimmed,
            Self::Code(6, rank) => Reason::RankedLower { rank },
            Self::Code(7, _) => Reason::Pending,
            Self::Code(8, _) => Reason::NotInForce,
            Self::Code(code, _) => return Err(corrupt(format!("reason {code}"))),
        })
    }
}

/// A SHA-256: in hexadecimal everywhere else, here its bytes.
pub(super) enum Hash {
    Bytes(Vec<u8>),
    /// As manifests were kept before, and what is no hash.
    Text(String),
}

impl Hash {
    pub(super) fn of(text: &str) -> Self {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let digits = |at: usize| text.get(at..at + 2).filter(|two| two.bytes().all(is_digit));
        let byte = |at| u8::from_str_radix(digits(at)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(byte).collect();
        bytes.map_or_else(|| Self::Text(text.to_owned()), Self::Bytes)
    }

    pub(super) fn text(self) -> String {
        match self {
            Self::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Self::Text(text) => text,
        }
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(BytesOrText)
    }
}

/// Takes either for what it is; serde's own types for bytes and texts take each other's.
struct BytesOrText;

impl Visitor<'_> for BytesOrText {
    type Value = Hash;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a hash")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> std::result::Result<Hash, E> {
        Ok(Hash::Bytes(bytes.to_vec()))
    }

    fn visit_str<E: Error>(self, text: &str) -> std::result::Result<Hash, E> {
        Ok(Hash::Text(text.to_owned()))
    }
}
