//! `cargo xtask run`: from a checkout to a running Souvenir.

use std::process::Command;

use clap::Args;

use crate::process::{run as run_command, say};
use crate::site;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// Build the server with optimisations
    #[arg(long)]
    release: bool,

    /// What to pass to `souvenir serve`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    site::build(workspace)?;
    say("building the server");
    // The whole workspace is named so that dependencies get the features, and so the builds, that the tests use.
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--locked", "--workspace", "--bin", "souvenir"]);
    cargo.args(options.release.then_some("--release"));
    run_command(&mut cargo)?;

    let profile_directory = if options.release { "release" } else { "debug" };
    let mut souvenir = Command::new(workspace.souvenir(profile_directory));
    souvenir.arg("serve").args(&options.arguments).env("SOUVENIR_SITE", workspace.site());
    say("starting Souvenir (Ctrl-C stops it)");
    become_it(&mut souvenir)
}

/// Becomes the server, so that Ctrl-C and other signals reach it and its exit code is ours.
#[cfg(unix)]
fn become_it(souvenir: &mut Command) -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(souvenir.exec()).map_err(|error| anyhow::anyhow!("failed to start Souvenir: {error}"))
}

#[cfg(not(unix))]
fn become_it(souvenir: &mut Command) -> anyhow::Result<()> {
    run_command(souvenir)
}
