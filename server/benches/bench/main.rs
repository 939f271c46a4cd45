//! What `cargo xtask bench` measures, one thing a run, so that each can also be run under valgrind or strace.
//!
//! Everything goes through the public engine and a real SQLite file. Only the model is ours: it serialises the request,
//! hashes it as the real one does, and answers at once. Results are one line of JSON on stdout, for xtask to put beside
//! the goals.

mod corpus;
mod eval;
mod fill;
mod process;
mod recall;
mod tokens;
mod turns;
mod world;

use std::{path::Path, time::Instant};

use clap::{Parser, ValueEnum};
use souvenir_server::store::Durability;

/// What to measure.
#[derive(Parser)]
enum Command {
    /// Grow a chat by turns and keep a copy of the file at each size
    Fill(fill::Options),
    /// Answer messages in a file that `fill` made
    Turns(turns::Options),
    /// Count texts that tokenizers are afraid of
    Tokens,
    /// Recall in a file of very many messages
    Recall(recall::Options),
    /// How much of what questions need is in the contexts that answer them
    Eval(eval::Options),
}

/// SQLite's `synchronous`, as it is given on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum Synchronous {
    Full,
    Normal,
}

impl From<Synchronous> for Durability {
    fn from(synchronous: Synchronous) -> Self {
        match synchronous {
            Synchronous::Full => Self::Full,
            Synchronous::Normal => Self::Normal,
        }
    }
}

fn main() -> anyhow::Result<()> {
    // `cargo bench` adds a flag of its own, which says nothing here.
    let command = Command::parse_from(std::env::args().filter(|argument| argument != "--bench"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = match command {
        Command::Fill(options) => runtime.block_on(fill::run(&options))?,
        Command::Turns(options) => runtime.block_on(turns::run(&options))?,
        Command::Tokens => tokens::run(),
        Command::Recall(options) => runtime.block_on(recall::run(&options))?,
        Command::Eval(options) => runtime.block_on(eval::run(&options))?,
    };
    println!("{measured}");
    Ok(())
}

/// The size of a database in bytes, once everything is in the one file.
fn size_of(database: &Path) -> anyhow::Result<u64> {
    Ok(std::fs::metadata(database)?.len())
}

#[expect(clippy::disallowed_methods, reason = "what is measured is how long something takes")]
fn now() -> Instant {
    Instant::now()
}

/// The value below which a share of `sorted` lies: 0.5 is the median.
fn quantile(sorted: &[u64], share: f64) -> u64 {
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index"
    )]
    let place = (last as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or_default()
}
