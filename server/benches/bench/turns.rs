//! Turns in a file with history: how long each takes and what it writes.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::{
    Synchronous, now, process, quantile,
    world::{World, conversation},
};

#[derive(Args)]
pub(crate) struct Options {
    /// The file; it is changed
    #[arg(long)]
    database: PathBuf,
    /// How many messages it holds
    #[arg(long)]
    messages: u32,
    /// How many turns to take
    #[arg(long)]
    turns: u32,
    /// How many turns to prepare; the same for runs that are compared, so that preparing costs the same
    #[arg(long, default_value_t = 400)]
    prepare: u32,
    /// SQLite's `synchronous`
    #[arg(long, default_value = "full")]
    synchronous: Synchronous,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Value> {
    let before = options.messages / 2;
    let pairs = conversation(before, options.prepare.max(options.turns));
    let mut world = World::open(&options.database, before, options.synchronous.into()).await?;
    let idle = process::resident_kib();
    let mut took = Vec::new();
    let written = process::written_bytes();
    for (question, reply) in pairs.into_iter().take(options.turns as usize) {
        let began = now();
        world.turn(&question, reply).await?;
        took.push(u64::try_from(began.elapsed().as_micros())?);
    }
    let written = process::written_bytes() - written;
    let measured = BTreeMap::from([
        ("context_tokens", u64::from(world.context_tokens())),
        ("written_bytes_per_turn", written / u64::from(options.turns.max(1))),
        ("idle_kib", idle),
        ("after_kib", process::resident_kib()),
    ]);
    world.engine.close().await;
    // The first turn loads the vocabulary and warms caches.
    let mut sorted = took.split_off(took.len().min(1));
    sorted.sort_unstable();
    Ok(json!({"p50_us": quantile(&sorted, 0.5), "p95_us": quantile(&sorted, 0.95), "measured": measured}))
}
