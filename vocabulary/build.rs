//! Writes the tables of bpe-openai anew, without what counting never reads, and compressed.
//!
//! Its crate embeds whole tables: 47 MB for the two encodings, since they also serve to encode backwards, as shortly as
//! possible, or to decode. Counting reads five of the ten fields. The others are written empty, so that what is left is still read by the
//! crate's own `Deserialize`.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};

use bpe_openai::byte_pair_encoding::BytePairEncoding;
use flate2::{Compression, write::ZlibEncoder};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// The fields of a `BytePairEncoding` in their order, as MessagePack has them. Maps are sorted here, which compresses better.
#[derive(Serialize, Deserialize)]
struct Table {
    all_tokens: Vec<u8>,
    token_starts: Vec<u32>,
    bytes_hash_to_token: BTreeMap<u32, u32>,
    split_table: Vec<(u32, u32)>,
    pair_lookup: BTreeMap<(u32, u32), u32>,
    longest_searcher: ByteBuf,
    overlapping_searcher: ByteBuf,
    overlapping_searcher_rev: ByteBuf,
    next_prefix_match: Vec<u32>,
    hash_factor: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(env::var("OUT_DIR")?);
    write(&bpe_openai::o200k_base().bpe, &folder.join("o200k_base"))?;
    write(&bpe_openai::cl100k_base().bpe, &folder.join("cl100k_base"))?;
    Ok(())
}

/// Writes what counting reads of `whole`.
fn write(whole: &BytePairEncoding, to: &Path) -> Result<(), Box<dyn Error>> {
    let whole = table(whole)?;
    // An automaton cannot be empty; that of a single token is as small as they get.
    let least = table(&BytePairEncoding::from_dictionary([b"a".to_vec()], None))?;
    let counting = Table {
        all_tokens: Vec::new(),
        bytes_hash_to_token: BTreeMap::new(),
        overlapping_searcher: least.overlapping_searcher,
        overlapping_searcher_rev: least.overlapping_searcher_rev,
        ..whole
    };
    let mut compressed = ZlibEncoder::new(BufWriter::new(File::create(to)?), Compression::best());
    rmp_serde::encode::write(&mut compressed, &counting)?;
    compressed.finish()?;
    Ok(())
}

fn table(encoding: &BytePairEncoding) -> Result<Table, Box<dyn Error>> {
    Ok(rmp_serde::from_slice(&rmp_serde::to_vec(encoding)?)?)
}
