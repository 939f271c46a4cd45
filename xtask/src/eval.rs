//! `cargo xtask eval`: how much of what questions need the contexts hold that answer them, beside simpler memories.
//!
//! No language model is asked. What does the work is `server/benches/bench/eval`, built without optimisations, since it
//! measures no time. By meaning too where `SOUVENIR_EMBEDDING_BASE_URL` is set.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use crate::process::{output, run as run_command, say};
use crate::workspace::Workspace;

/// What recall should reach, by system and budget.
const GOALS: [(&str, [(&str, f64); 3]); 2] = [
    ("souvenir-lexical", [("2000", 0.85), ("4000", 0.90), ("8000", 0.94)]),
    ("souvenir-hybrid", [("2000", 0.90), ("4000", 0.94), ("8000", 0.97)]),
];

#[derive(Args)]
pub(crate) struct Options {
    /// A folder of conversations with questions, or one such file
    #[arg(long)]
    data: PathBuf,

    /// Tokens that a context may have beside the system prompt, the question and the reserve
    #[arg(long, value_delimiter = ',', default_values_t = [2_000, 4_000, 8_000])]
    budgets: Vec<u32>,

    /// Also ask about each message by itself, by its rarest words, and count those that are found within the smallest budget
    #[arg(long)]
    reach: bool,

    /// Write nothing but the scores, as {system: {budget: score}}
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    // The whole workspace is named so that dependencies get the features, and so the builds, that the tests use.
    let build = ["build", "--locked", "--workspace", "--exclude", "souvenir-frontend", "--bench", "bench"];
    run_command(workspace.cargo().args(build))?;
    let said = output(workspace.cargo().args(build).args(["--quiet", "--message-format", "json"]))?;
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    let program = built.next().context("Cargo does not say where it put the program that evaluates")?;
    if !options.json {
        say("asking every question; this takes some minutes");
    }
    let budgets = options.budgets.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut evaluation = Command::new(program);
    evaluation.arg("eval").arg("--data").arg(&options.data).args(["--budgets", &budgets]);
    evaluation.args(options.reach.then_some("--reach"));
    let said = output(&mut evaluation)?;
    let found: Value = serde_json::from_str(&said).with_context(|| format!("the scores are no JSON: {said}"))?;
    if options.json {
        println!("{}", found["scores"]);
    } else {
        print(&found);
    }
    Ok(())
}

fn print(found: &Value) {
    table("all conversations", &found["scores"]);
    let conversations = found["conversations"].as_object();
    for (name, scores) in conversations.into_iter().flatten() {
        table(name, scores);
    }
    for (name, reached) in found["reached"].as_object().into_iter().flatten() {
        println!(
            "\n{name}: {} of {} messages found by a question about them, within {} tokens",
            reached["reached"], reached["messages"], reached["budget"]
        );
    }
    println!("\n{} questions; a score is the mean part of a question's evidence in its context", found["questions"]);
    for (system, goals) in GOALS {
        for (budget, goal) in goals {
            if let Some(score) = found["scores"][system][budget].as_f64() {
                let verdict = if score >= goal { "met" } else { "not met" };
                println!("{system} at {budget}: {score:.3} of {goal:.2}, {verdict}");
            }
        }
    }
}

fn table(title: &str, scores: &Value) {
    let systems = scores.as_object();
    let budgets: BTreeSet<u32> = systems
        .into_iter()
        .flatten()
        .filter_map(|(_, by_budget)| by_budget.as_object())
        .flat_map(|by_budget| by_budget.keys())
        .filter_map(|budget| budget.parse().ok())
        .collect();
    print!("\n{title:<20}");
    budgets.iter().for_each(|budget| print!("{budget:>8}"));
    println!();
    for (system, by_budget) in systems.into_iter().flatten() {
        print!("{system:<20}");
        budgets.iter().for_each(|budget| print!("{:>8.3}", by_budget[budget.to_string()].as_f64().unwrap_or_default()));
        println!();
    }
}
