//! The tables by which tokens are counted exactly, small enough to be part of the binary.
//!
//! `bpe-openai` counts, but its own tables would be half of what is shipped. The build script takes from them what
//! counting reads, and compresses it: 8 MB instead of 47. They are read as they are decompressed, so that only the tables
//! themselves are ever held. Nothing here names the crate's own tables, or they would be linked as well.

use std::io::BufReader;

use bpe_openai::{Tokenizer, byte_pair_encoding::BytePairEncoding};
use flate2::read::ZlibDecoder;

#[cfg(test)]
mod tests;

/// Where a text is split before pairs are merged, for `o200k_base`.
const O200K_PIECES: &str = concat!(
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+$",
);
/// The same for `cl100k_base`.
const CL100K_PIECES: &str = concat!(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}",
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+$",
);

/// Counts the tokens of texts in one encoding. It cannot encode or decode: the tables for that were left out.
pub struct Vocabulary(Tokenizer);

impl Vocabulary {
    /// Reads the tables of `o200k_base`: a tenth of a second, and 20 MB for as long as it is kept.
    #[must_use]
    pub fn o200k_base() -> Self {
        Self::read(include_bytes!(concat!(env!("OUT_DIR"), "/o200k_base")), O200K_PIECES)
    }

    /// Reads the tables of `cl100k_base`: half of what the other takes.
    #[must_use]
    pub fn cl100k_base() -> Self {
        Self::read(include_bytes!(concat!(env!("OUT_DIR"), "/cl100k_base")), CL100K_PIECES)
    }

    /// How many tokens `text` has. Linear in its length, whatever it is.
    #[must_use]
    pub fn count(&self, text: &str) -> usize {
        self.0.count(text)
    }

    fn read(compressed: &[u8], pieces: &str) -> Self {
        let tables = BufReader::new(ZlibDecoder::new(compressed));
        let encoding: BytePairEncoding = rmp_serde::from_read(tables).expect("the build script wrote these tables");
        // White space before a word: all of it but the last character, which the word takes (a look-ahead to the crate).
        let patterns = [(pieces, false), (r"\s+\s", true), (r"\s+", false)];
        Self(Tokenizer::new_lookahead(encoding, &patterns, false).expect("the patterns are constant"))
    }
}

impl std::fmt::Debug for Vocabulary {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Vocabulary")
    }
}
