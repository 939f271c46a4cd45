//! `cargo xtask setup`: everything that building and testing need beyond Rust and a C compiler.

use anyhow::Context;

use crate::process::{run as run_command, say};
use crate::workspace::Workspace;
use crate::{axe, browser, wasm_toolchain};

pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    say("looking for what building and testing need");
    ensure_components(workspace)?;
    wasm_toolchain::ensure(workspace)?;
    browser::ensure()?;
    axe::ensure(workspace)?;
    say("everything is set up");
    Ok(())
}

/// rustfmt and Clippy, which rustup's smallest profile leaves out.
fn ensure_components(workspace: &Workspace) -> anyhow::Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let there = workspace.cargo().args([subcommand, "--version"]).output().is_ok_and(|it| it.status.success());
        if !there {
            say(format!("adding {component} with rustup"));
            run_command(workspace.command("rustup").args(["component", "add", component]))
                .with_context(|| format!("failed to install {component}"))?;
        }
    }
    Ok(())
}
