//! The dashboard as the browser gets it: the frontend compiled to wasm, and the JavaScript that loads it.
//!
//! wasm-bindgen runs inside this program as a library of the very version that the frontend is built with, so there is
//! no second tool to install and none that could disagree.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use wasm_bindgen_cli_support::Bindgen;

use crate::fingerprint::{self, Stamp};
use crate::process::{run, say};
use crate::wasm_toolchain;
use crate::workspace::Workspace;

/// The Cargo profile that makes the wasm small.
const PROFILE: &str = "wasm";

/// What Leptos calls the files: `souvenir.js` and `souvenir_bg.wasm`.
const OUTPUT_NAME: &str = "souvenir";

/// Compiles the frontend and writes what the browser loads into `directory`; says whether anything is new.
pub(crate) fn build(workspace: &Workspace, directory: &Path) -> anyhow::Result<bool> {
    let wasm = compile(workspace)?;
    let fingerprint = fingerprint::of(std::slice::from_ref(&wasm))?;
    let stamp = Stamp::at(workspace.target("xtask/wasm.stamp"));
    if stamp.matches(fingerprint) && directory.join("souvenir_bg.wasm").exists() {
        return Ok(false);
    }
    say("making the JavaScript that loads the wasm");
    bind(&wasm, directory)?;
    stamp.write(fingerprint)?;
    Ok(true)
}

fn compile(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let toolchain = wasm_toolchain::ensure(workspace)?;
    say("building the dashboard for the browser");
    // A target directory of its own: the host's build and this one then never wait for each other.
    let target = workspace.target("wasm");
    run(toolchain
        .cargo(workspace)
        .args(["build", "--locked", "--package", "souvenir-frontend", "--lib"])
        .args(["--no-default-features", "--features", "hydrate"])
        .args(["--target", wasm_toolchain::TARGET, "--profile", PROFILE])
        .arg("--target-dir")
        .arg(&target))?;
    Ok(target.join(wasm_toolchain::TARGET).join(PROFILE).join("souvenir_frontend.wasm"))
}

fn bind(wasm: &Path, directory: &Path) -> anyhow::Result<()> {
    // Snippets are named by a hash, so old ones would stay for ever.
    let snippets = directory.join("snippets");
    if snippets.exists() {
        fs::remove_dir_all(&snippets)?;
    }
    Bindgen::new()
        .input_path(wasm)
        .out_name(OUTPUT_NAME)
        .web(true)
        .and_then(|bindgen| bindgen.remove_name_section(true).remove_producers_section(true).generate(directory))
        .context("failed to make the JavaScript that loads the wasm")
}
