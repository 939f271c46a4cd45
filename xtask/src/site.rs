//! `cargo xtask site`: what the browser downloads, in `target/site/pkg`, compressed ahead of time.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::fingerprint::{self, Stamp, files_below};
use crate::process::say;
use crate::workspace::Workspace;
use crate::{compress, stylesheet, wasm};

/// What compressed wasm and JavaScript may have together, in bytes.
const MOST_TO_LOAD: u64 = 350_000;

pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    let site = workspace.site();
    let package = site.join("pkg");
    fs::create_dir_all(&package).with_context(|| format!("failed to create {}", package.display()))?;

    wasm::build(workspace, &package)?;
    write_stylesheet(workspace, &package.join("souvenir.css"))?;
    copy_static_files(workspace, &site)?;
    compress_what_is_new(workspace, &site)?;
    keep_light(&package)
}

/// Fails when the first page asks the browser for more than it may.
fn keep_light(package: &Path) -> anyhow::Result<()> {
    let mut bytes = 0;
    for file in files_below(package)? {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(".wasm.br") || name.ends_with(".js.br") {
            bytes += fs::metadata(&file)?.len();
        }
    }
    say(format!("wasm and JavaScript: {} KB compressed, of {} KB", bytes / 1000, MOST_TO_LOAD / 1000));
    ensure!(bytes <= MOST_TO_LOAD, "wasm and JavaScript are too large: see what has been added to the frontend");
    Ok(())
}

fn write_stylesheet(workspace: &Workspace, to: &Path) -> anyhow::Result<()> {
    let main = workspace.path("style/main.css");
    let bundled = if main.exists() { stylesheet::bundle(&main)? } else { String::new() };
    write_if_changed(to, bundled.as_bytes())
}

/// Copies fonts and the like as they are: `style/static/icon.svg` is served as `/icon.svg`.
fn copy_static_files(workspace: &Workspace, site: &Path) -> anyhow::Result<()> {
    let from = workspace.path("style/static");
    for file in files_below(&from)? {
        let to = site.join(file.strip_prefix(&from)?);
        let contents = fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?;
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        write_if_changed(&to, &contents)?;
    }
    Ok(())
}

fn compress_what_is_new(workspace: &Workspace, site: &Path) -> anyhow::Result<()> {
    let stamp = Stamp::at(workspace.target("xtask/compressed.stamp"));
    let is_new = |fingerprint| !stamp.matches(fingerprint);
    if is_new(fingerprint::of(&[site.to_path_buf()])?) {
        say("compressing what the browser downloads");
        for file in files_below(site)? {
            compress::beside(&file)?;
        }
        stamp.write(fingerprint::of(&[site.to_path_buf()])?)?;
    }
    Ok(())
}

fn write_if_changed(path: &Path, contents: &[u8]) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|present| present == contents) {
        return Ok(());
    }
    fs::write(path, contents).with_context(|| format!("failed to write {}", path.display()))
}
