//! Souvenir's developer commands: `cargo xtask <command>`.
//!
//! Each command is one module and can be run again at any time: it looks at what is there, does what is missing and
//! says so. The parts they are made of stand beside them.

mod apt;
mod architecture;
mod audit;
mod axe;
mod bench;
mod browser;
mod compress;
mod dist;
mod eval;
mod fingerprint;
mod fuzz_api;
mod named_paths;
mod prepare;
mod process;
mod run;
mod screenshots;
mod setup;
mod site;
mod soak;
mod stylesheet;
mod test;
mod test_results;
mod texts;
mod trial;
mod wasm;
mod wasm_toolchain;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::workspace::Workspace;

/// Souvenir's developer commands
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
enum Command {
    /// Set up what is missing, build everything and start Souvenir
    Run(run::Options),
    /// Set up what is missing and run every check and every test
    Test(test::Options),
    /// Run every check but the tests: formatting, Clippy, rustdoc, query data and the walls
    Check,
    /// Install what building and testing need: the wasm target, Chromium and its driver, axe-core
    Setup,
    /// Build what the browser downloads into `target/site`
    Site,
    /// Build the one file that is copied to a server, into `target/dist`, and try it
    Dist,
    /// Many people, servers that fail, and the power going out: soak a release build
    Soak(soak::Options),
    /// Look at every dependency: licences, sources, bans, and known holes where their list can be fetched
    Audit(audit::Options),
    /// Ask the API of a running server everything that its description allows, and more (Schemathesis)
    FuzzApi(fuzz_api::Options),
    /// Measure how much of what questions need is in the contexts that answer them
    Eval(eval::Options),
    /// Measure what a turn costs without the model, beside the goals
    Bench(bench::Options),
    /// Take pictures of every page of the dashboard, into `docs/pictures`
    Screenshots(screenshots::Options),
    /// Describe the queries anew in `server/.sqlx`, after a change to a query or a migration
    Prepare,
}

fn main() -> ExitCode {
    let command = Command::parse();
    match Workspace::find().and_then(|workspace| carry_out(&command, &workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: &Command, workspace: &Workspace) -> anyhow::Result<()> {
    match command {
        Command::Run(options) => run::run(workspace, options),
        Command::Test(options) => test::run(workspace, options),
        Command::Check => test::check(workspace),
        Command::Setup => setup::run(workspace),
        Command::Site => site::build(workspace),
        Command::Dist => dist::run(workspace),
        Command::Soak(options) => soak::run(workspace, options),
        Command::Audit(options) => audit::run(workspace, options),
        Command::FuzzApi(options) => fuzz_api::run(workspace, options),
        Command::Eval(options) => eval::run(workspace, options),
        Command::Bench(options) => bench::run(workspace, options),
        Command::Screenshots(options) => screenshots::run(workspace, options),
        Command::Prepare => prepare::run(workspace),
    }
}
