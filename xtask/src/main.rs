//! Souvenir's developer commands: `cargo xtask <command>`.
//!
//! Each command is one module and can be run again at any time: it looks at what is there, does what is missing and
//! says so. The parts they are made of stand beside them.

mod apt;
mod browser;
mod compress;
mod fingerprint;
mod process;
mod run;
mod setup;
mod site;
mod stylesheet;
mod wasm;
mod wasm_toolchain;
mod workspace;

use clap::Parser;

use crate::workspace::Workspace;

/// Souvenir's developer commands
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
enum Command {
    /// Set up what is missing, build everything and start Souvenir
    Run(run::Options),
    /// Install what building and testing need: the wasm target, Chromium and its driver
    Setup,
    /// Build what the browser downloads into `target/site`
    Site,
}

fn main() -> anyhow::Result<()> {
    let command = Command::parse();
    let workspace = Workspace::find()?;
    match command {
        Command::Run(options) => run::run(&workspace, &options),
        Command::Setup => setup::run(&workspace),
        Command::Site => site::build(&workspace),
    }
}
