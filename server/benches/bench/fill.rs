//! Files with history: one conversation, grown turn by turn through the engine, copied at each size.
//!
//! There is no faster way past the engine: what is measured is what the engine writes, manifests and postings included.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use souvenir_server::store::Durability;

use crate::{
    size_of,
    world::{World, conversation},
};

/// Texts are made in portions of so many turns.
const PORTION: u32 = 500;
/// A fact is learnt in each of the first turns: as many as a context shows at most, whatever its history.
const TURNS_WITH_A_FACT: u32 = 40;

#[derive(Args)]
pub(crate) struct Options {
    /// Where the files go; those already there are kept
    #[arg(long)]
    folder: PathBuf,
    /// Messages of history, smallest first
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<u32>,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Value> {
    std::fs::create_dir_all(&options.folder)?;
    let growing = options.folder.join("growing.db");
    for leftover in ["growing.db", "growing.db-wal", "growing.db-shm"] {
        // They are there only if a run was broken off.
        std::fs::remove_file(options.folder.join(leftover)).ok();
    }
    let mut sizes = Map::new();
    let mut turns = 0;
    for &size in &options.sizes {
        let file = options.folder.join(format!("{size}.db"));
        if !file.exists() {
            grow(&growing, turns, size / 2).await?;
            std::fs::copy(&growing, &file)?;
        } else {
            std::fs::copy(&file, &growing)?;
        }
        turns = size / 2;
        sizes.insert(size.to_string(), json!({"bytes": size_of(&file)?, "text_bytes": text_bytes(turns)}));
    }
    std::fs::remove_file(&growing)?;
    Ok(sizes.into())
}

async fn grow(database: &Path, from: u32, to: u32) -> anyhow::Result<()> {
    let mut world = World::open(database, from, Durability::Normal).await?;
    for first in (from..to).step_by(PORTION as usize) {
        for (turn, (question, reply)) in (first..).zip(conversation(first, PORTION.min(to - first))) {
            let chat = world.turn(&question, reply).await?;
            if turn < TURNS_WITH_A_FACT {
                world.learn(chat, turn).await?;
            }
        }
    }
    world.engine.close().await;
    Ok(())
}

/// What people wrote in so many turns, in bytes.
fn text_bytes(turns: u32) -> usize {
    let portion = |first| conversation(first, PORTION.min(turns - first));
    (0..turns).step_by(PORTION as usize).flat_map(portion).map(|(question, reply)| question.len() + reply.len()).sum()
}
