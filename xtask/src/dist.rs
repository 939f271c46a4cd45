//! `cargo xtask dist`: the one file that is copied to a server, tried as its users will use it.
//!
//! It is built with Cargo's release profile as it is: what the benchmarks and the soak measure is then what is shipped.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use sha2::{Digest, Sha256};

use crate::process::{run as run_command, say};
use crate::workspace::Workspace;
use crate::{site, trial};

/// What the file may weigh at most, in bytes.
const MOST: u64 = 40_000_000;

pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    site::build(workspace)?;
    say("building the server with the dashboard in it");
    run_command(
        workspace
            .cargo()
            .args(["build", "--locked", "--package", "souvenir-server", "--bin", "souvenir"])
            .args(["--release", "--features", "embed-site"])
            .env("SOUVENIR_EMBED_SITE", workspace.site()),
    )?;
    let shipped = copy_out(workspace)?;
    let bytes = fs::metadata(&shipped)?.len();
    trial::run(&shipped)?;
    say(format!("{}: {:.1} MB, and SHA256SUMS beside it", shipped.display(), bytes as f64 / 1e6));
    ensure!(bytes <= MOST, "it is larger than the {} MB that it may have", MOST / 1_000_000);
    Ok(())
}

/// Puts the binary and its checksum where they are easily found.
fn copy_out(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let built = workspace.souvenir("release");
    let folder = workspace.target("dist");
    fs::create_dir_all(&folder).with_context(|| format!("failed to create {}", folder.display()))?;
    let name = Path::new(built.file_name().context("failed to name the binary")?);
    let shipped = folder.join(name);
    // A server that was started from there keeps its file; writing into it would be refused.
    fs::remove_file(&shipped).ok();
    fs::copy(&built, &shipped).with_context(|| format!("failed to copy {}", built.display()))?;
    let sum: String = Sha256::digest(fs::read(&shipped)?).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(folder.join("SHA256SUMS"), format!("{sum}  {}\n", name.display()))?;
    Ok(shipped)
}
