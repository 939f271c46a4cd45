//! `cargo xtask soak`: builds the server and the soak, and lets the one loose on the other.

use std::process::Command;

use clap::Args;

use crate::process::{run as run_command, say};
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// Soak a build without optimisations, which is quicker to make
    #[arg(long)]
    debug: bool,

    /// What to pass to the soak: --chats, --messages, --faults, --kills, --pace, --seed
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    say("building the server and the soak");
    // The whole workspace is named so that dependencies get the features, and so the builds, that the tests use.
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--workspace", "--bin", "souvenir", "--bin", "soak"]);
    cargo.args((!options.debug).then_some("--release"));
    run_command(&mut cargo)?;

    let profile_directory = if options.debug { "debug" } else { "release" };
    let souvenir = workspace.souvenir(profile_directory);
    let mut soak = Command::new(souvenir.with_file_name(format!("soak{}", std::env::consts::EXE_SUFFIX)));
    soak.args(&options.arguments).env("SOUVENIR_BIN", souvenir).env("SOUVENIR_SITE", workspace.site());
    run_command(&mut soak)
}
