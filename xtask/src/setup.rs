//! `cargo xtask setup`: everything that building and testing need beyond Rust and a C compiler.

use crate::process::say;
use crate::workspace::Workspace;
use crate::{browser, wasm_toolchain};

pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    wasm_toolchain::ensure(workspace)?;
    browser::ensure()?;
    say("everything is set up");
    Ok(())
}
