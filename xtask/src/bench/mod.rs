//! `cargo xtask bench`: what a turn costs without the model, beside the goals, all in one run.
//!
//! Times on a machine that does other things say little, so what counts is counted: instructions by callgrind, as (150
//! turns − 50 turns) / 100; fsyncs by strace; bytes by the kernel. The program under all of these is
//! `server/benches/bench`, one measurement a run. Files with history are grown once for a version of the code and kept
//! in the target directory.

mod memory;
mod program;
mod report;

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value, json};

use self::program::Program;
use crate::fingerprint;
use crate::process::say;
use crate::workspace::Workspace;

/// Turns that are timed at each size.
const TIMED_TURNS: u32 = 300;

#[derive(Args)]
pub(crate) struct Options {
    /// Messages of history to measure at, smallest first
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 10_000, 100_000])]
    sizes: Vec<u32>,

    /// Also measure recall among a million messages in ten thousand chats; filling that file takes a quarter of an hour
    #[arg(long)]
    recall: bool,

    /// Write the figures as JSON to standard output, after everything else
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let program = Program::build(workspace)?;
    let files = Files::grow(workspace, &program, &options.sizes)?;
    let mut turns = Map::new();
    for &size in &options.sizes {
        turns.insert(size.to_string(), files.measure(&program, size)?);
    }
    say("counting fsyncs");
    let middle = options.sizes[options.sizes.len() / 2];
    let fsyncs = json!({
        "full": files.fsyncs(&program, middle, "full")?,
        "normal": files.fsyncs(&program, middle, "normal")?,
    });
    say("counting tokens");
    let tokens = program.run(&["tokens"])?;
    say("looking at the memory of an idle process");
    let memory = memory::measure(workspace)?;
    let recall = if options.recall { measure_recall(workspace, &program)? } else { Value::Null };
    let figures = json!({
        "sizes": files.sizes, "turns": turns, "fsyncs": fsyncs, "tokens": tokens, "memory": memory, "recall": recall,
    });
    if options.json {
        println!("{figures}");
    } else {
        report::print(&figures, &options.sizes);
    }
    Ok(())
}

fn measure_recall(workspace: &Workspace, program: &Program) -> anyhow::Result<Value> {
    say("recall among a million messages");
    let folder = workspace.target("bench");
    fs::create_dir_all(&folder)?;
    let database = folder.join(format!("recall-{:016x}.db", schema(workspace)?));
    program.run(&["recall", "--database", &database.to_string_lossy(), "--dimensions", "384"])
}

/// What the layout of a file depends on.
fn schema(workspace: &Workspace) -> anyhow::Result<u64> {
    fingerprint::of(
        &["migrations", "server/src/store", "server/benches", "memory/src"].map(|path| workspace.path(path)),
    )
}

/// Files with history, one a size.
struct Files {
    folder: PathBuf,
    sizes: Value,
}

impl Files {
    fn grow(workspace: &Workspace, program: &Program, sizes: &[u32]) -> anyhow::Result<Self> {
        say("growing a chat through the engine; this takes minutes, once for a version of the code");
        let folder = workspace.target("bench").join(format!("{:016x}", schema(workspace)?));
        let list = sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let sizes = program.run(&["fill", "--folder", &folder.to_string_lossy(), "--sizes", &list])?;
        Ok(Self { folder, sizes })
    }

    fn measure(&self, program: &Program, size: u32) -> anyhow::Result<Value> {
        say(format!("turns at {size} messages of history"));
        let full = program.run(&self.turns(size, TIMED_TURNS, "full")?)?;
        let normal = program.run(&self.turns(size, TIMED_TURNS, "normal")?)?;
        let short = program.instructions(&self.turns(size, 50, "full")?, &self.folder.join("short.callgrind"))?;
        let long = self.folder.join(format!("{size}.callgrind"));
        let long = program.instructions(&self.turns(size, 150, "full")?, &long)?;
        Ok(json!({"full": full, "normal": normal, "instructions": (long - short) / 100}))
    }

    /// Fsyncs a turn, of 100 turns.
    fn fsyncs(&self, program: &Program, size: u32, synchronous: &str) -> anyhow::Result<Value> {
        let short = program.fsyncs(&self.turns(size, 50, synchronous)?, &self.folder.join("strace"))?;
        let long = program.fsyncs(&self.turns(size, 150, synchronous)?, &self.folder.join("strace"))?;
        Ok(short.zip(long).map_or(Value::Null, |(short, long)| json!((long - short) as f64 / 100.0)))
    }

    /// Arguments that take turns in a fresh copy of a file.
    fn turns(&self, size: u32, turns: u32, synchronous: &str) -> anyhow::Result<Vec<String>> {
        let copy = self.folder.join("copy.db");
        for leftover in ["copy.db-wal", "copy.db-shm"] {
            // They are there only if a run was broken off.
            fs::remove_file(self.folder.join(leftover)).ok();
        }
        let file = self.folder.join(format!("{size}.db"));
        fs::copy(&file, &copy).with_context(|| format!("failed to copy {}", file.display()))?;
        let (size, turns, copy) = (size.to_string(), turns.to_string(), copy.to_string_lossy().into_owned());
        let arguments =
            ["turns", "--database", &copy, "--messages", &size, "--turns", &turns, "--synchronous", synchronous];
        Ok(arguments.map(str::to_owned).to_vec())
    }
}
