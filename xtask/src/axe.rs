//! axe-core, which looks for what keeps people out of a page: one file from npm, of one version, never committed.
//!
//! What is there already is used: an earlier download, or a package installed by hand. Whatever it comes from, it is the very
//! file whose checksum stands here, or it is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha256};

use crate::process::{find_program, output, run, say};
use crate::workspace::Workspace;

const VERSION: &str = "4.14.1";
/// SHA-256 of `axe.min.js`.
const CHECKSUM: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";
/// The file in the package.
const FILE: &str = "axe.min.js";

/// Where the tests look for it.
pub(crate) fn path(workspace: &Workspace) -> PathBuf {
    workspace.target("xtask").join(format!("axe-core-{VERSION}.min.js"))
}

/// Sees to it that it lies at [`path`].
pub(crate) fn ensure(workspace: &Workspace) -> anyhow::Result<()> {
    let path = path(workspace);
    if is_the_one(&path) {
        return Ok(());
    }
    let found = installed(workspace).into_iter().find(|candidate| is_the_one(candidate));
    let file = match found {
        Some(file) => fs::read(file)?,
        None => download(workspace).with_context(remedy)?,
    };
    if checksum(&file) != CHECKSUM {
        bail!(
            "what npm gave as axe-core {VERSION} has the checksum {}, not {CHECKSUM}: it is not used",
            checksum(&file)
        );
    }
    fs::create_dir_all(workspace.target("xtask"))?;
    fs::write(path, file)?;
    Ok(())
}

fn remedy() -> String {
    format!(
        "failed to get axe-core {VERSION}, which the accessibility tests need: please install it by hand with \
         `npm install --global axe-core@{VERSION}`, or set SOUVENIR_AXE to its {FILE}"
    )
}

/// Where somebody may have installed it.
fn installed(workspace: &Workspace) -> Vec<PathBuf> {
    let mut places = vec![workspace.path("node_modules")];
    if find_program("npm").is_some()
        && let Ok(global) = output(Command::new("npm").args(["root", "--global"]))
    {
        places.push(PathBuf::from(global.trim()));
    }
    let by_hand = std::env::var_os("SOUVENIR_AXE").map(PathBuf::from);
    by_hand.into_iter().chain(places.into_iter().map(|place| place.join("axe-core").join(FILE))).collect()
}

/// The file out of the package as npm packs it.
fn download(workspace: &Workspace) -> anyhow::Result<Vec<u8>> {
    if find_program("npm").is_none() {
        bail!("there is no npm on this machine");
    }
    say(format!("the accessibility tests need axe-core {VERSION}"));
    let folder = tempfile::tempdir()?;
    run(workspace
        .command("npm")
        .args(["pack", "--silent", "--pack-destination"])
        .arg(folder.path())
        .arg(format!("axe-core@{VERSION}")))?;
    let package = fs::File::open(folder.path().join(format!("axe-core-{VERSION}.tgz")))?;
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut GzDecoder::new(package), &mut unpacked)?;
    member(&unpacked, &format!("package/{FILE}")).with_context(|| format!("the package has no {FILE}"))
}

/// A file of a tar archive: headers of 512 bytes, each followed by its file, filled up to 512 bytes.
fn member(archive: &[u8], name: &str) -> Option<Vec<u8>> {
    const BLOCK: usize = 512;
    let mut rest = archive;
    while rest.len() >= BLOCK {
        let (header, body) = rest.split_at(BLOCK);
        let text = |range: std::ops::Range<usize>| {
            let field = header.get(range).unwrap_or_default();
            String::from_utf8_lossy(field).trim_end_matches(['\0', ' ']).to_owned()
        };
        let size = usize::from_str_radix(text(124..135).trim(), 8).ok()?;
        if text(0..100) == name {
            return body.get(..size).map(<[u8]>::to_vec);
        }
        rest = body.get(size.div_ceil(BLOCK) * BLOCK..)?;
    }
    None
}

fn is_the_one(path: &Path) -> bool {
    fs::read(path).is_ok_and(|file| checksum(&file) == CHECKSUM)
}

fn checksum(file: &[u8]) -> String {
    Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, content: &str) -> Vec<u8> {
        let mut block = vec![0_u8; 512];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        block.extend_from_slice(content.as_bytes());
        block.resize(block.len().div_ceil(512) * 512, 0);
        block
    }

    #[test]
    fn a_file_is_found_in_an_archive_behind_others() {
        let archive = [entry("package/package.json", "{}"), entry("package/axe.min.js", "axe")].concat();
        assert_eq!(member(&archive, "package/axe.min.js").as_deref(), Some(b"axe".as_slice()));
        assert_eq!(member(&archive, "package/other.js"), None);
    }

    #[test]
    fn another_file_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        fs::write(&file, "something else").unwrap();
        assert!(!is_the_one(&file));
    }
}
