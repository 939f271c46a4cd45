//! `cargo xtask soak`: the real binary, many people, servers that fail, and the power going out. See [`souvenir_tests::soak`].
//!
//! The binary is `$SOUVENIR_BIN`. The exit status tells whether all that must hold held.

use std::process::ExitCode;

use clap::Parser;
use souvenir_tests::soak::{Plan, run};
use souvenir_tests::wire::now;

/// Many people, servers that fail, and the power going out
#[derive(Parser)]
struct Options {
    /// People, each in a chat of their own
    #[arg(long, default_value_t = 200)]
    chats: u64,
    /// Messages that they write in all
    #[arg(long, default_value_t = 10_000)]
    messages: u64,
    /// Faults, in per cent of Bot API and model calls
    #[arg(long, default_value_t = 5.0)]
    faults: f64,
    /// How often the app is killed with SIGKILL
    #[arg(long, default_value_t = 3)]
    kills: u64,
    /// Messages a second, in all
    #[arg(long, default_value_t = 30.0)]
    pace: f64,
    /// The Bot API server knows no rich messages: long replies go out in parts
    #[arg(long)]
    old_server: bool,
    /// Updates come by webhook
    #[arg(long)]
    webhook: bool,
    /// What chance is drawn from; without it, the time
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let plan = Plan {
        seed: options.seed.unwrap_or_else(|| now().as_secs()),
        chats: options.chats.max(1),
        messages: options.messages,
        faults: options.faults / 100.0,
        kills: options.kills,
        pace: options.pace.max(0.1),
        rich: !options.old_server,
        webhook: options.webhook,
    };
    println!("soaking with seed {}: about {:.0} s of talk", plan.seed, plan.messages as f64 / plan.pace);
    let report = run(&plan).await;
    println!("{report}");
    if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
