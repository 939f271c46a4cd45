//! `cargo xtask audit`: what we depend on, by `deny.toml`.
//!
//! Licences, sources and bans are checked from the lock file, without a network. Known holes are checked against the
//! RustSec database, which cargo-deny clones from where it is published; where that cannot be reached this says so in
//! plain words, and fails only when it was told to insist.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::Args;

use crate::process::{find_program, run as run_command, say};
use crate::workspace::Workspace;

/// The version that the settings in `deny.toml` are written for.
const VERSION: &str = "0.20.2";

#[derive(Args)]
pub(crate) struct Options {
    /// Fail when the database of known holes cannot be fetched, instead of saying so
    #[arg(long)]
    insist: bool,
}

/// Fails for a dependency that must not be there; without `--insist` not for a database that is out of reach.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    let deny = find_or_install(workspace)?;
    say("checking licences, bans and sources");
    run_command(workspace.command(&deny).args(["--locked", "check", "bans", "licenses", "sources"]))?;
    say("fetching the database of known holes");
    let fetched = workspace.command(&deny).args(["fetch", "db"]).stderr(Stdio::null()).status();
    if !fetched.context("failed to start cargo-deny")?.success() {
        let told = "the database of known holes cannot be fetched from here: advisories were NOT checked";
        if options.insist {
            bail!("{told}");
        }
        say(told);
        return Ok(());
    }
    run_command(workspace.command(&deny).args(["--locked", "check", "--disable-fetch", "advisories"]))?;
    say("no known hole");
    Ok(())
}

/// The one on the path, or our own below the target directory, built the first time.
fn find_or_install(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let tools = workspace.target("tools");
    let own = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if let Some(found) = [Some(own.clone()), find_program("cargo-deny")].into_iter().flatten().find(works) {
        return Ok(found);
    }
    say(format!("building cargo-deny {VERSION}, which takes some minutes"));
    let build = workspace.target("tools-build");
    let mut install = workspace.cargo();
    install.args(["install", "cargo-deny", "--locked", "--version", VERSION, "--root"]).arg(&tools);
    run_command(install.env("CARGO_TARGET_DIR", &build))?;
    Ok(own)
}

fn works(program: &PathBuf) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
}
