//! Whether a step has to be done again: a fingerprint of what it reads, kept in a stamp file once it is done.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// The contents of some files and directories, and their names, as one number.
pub(crate) fn of(paths: &[PathBuf]) -> anyhow::Result<u64> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        for file in files_below(path)? {
            file.hash(&mut hasher);
            fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?.hash(&mut hasher);
        }
    }
    Ok(hasher.finish())
}

/// Every file below a path in order; the path itself if it is a file, none if there is nothing.
pub(crate) fn files_below(path: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::new();
    let mut waiting = vec![path.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_file() {
            files.insert(path);
        } else if path.is_dir() {
            let failed = || format!("failed to list {}", path.display());
            for entry in fs::read_dir(&path).with_context(failed)? {
                waiting.push(entry.with_context(failed)?.path());
            }
        }
    }
    Ok(files)
}

/// A file that remembers the fingerprint a step was last done for.
pub(crate) struct Stamp(PathBuf);

impl Stamp {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn matches(&self, fingerprint: u64) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|kept| kept.trim() == format!("{fingerprint:016x}"))
    }

    pub(crate) fn write(&self, fingerprint: u64) -> anyhow::Result<()> {
        let failed = || format!("failed to write {}", self.0.display());
        if let Some(parent) = self.0.parent() {
            fs::create_dir_all(parent).with_context(failed)?;
        }
        fs::write(&self.0, format!("{fingerprint:016x}\n")).with_context(failed)
    }
}
