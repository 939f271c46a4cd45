//! The house's walls: which room may name which, and what must never reach the browser.
//!
//! Modules of one crate see each other, so the directions inside the server hold by agreement only. This reads the
//! sources for what they name; it does not understand Rust, it recognises paths (see `named_paths`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::fingerprint::files_below;
use crate::named_paths::{is_code, paths_named_in};
use crate::process::output;
use crate::wasm_toolchain;
use crate::workspace::Workspace;

/// What the files of a directory must not name, and why.
struct Wall {
    directory: &'static str,
    /// Paths, such as `crate::store` or `sqlx`, of which the first parts are compared.
    forbidden: &'static [&'static str],
    because: &'static str,
}

const WALLS: [Wall; 8] = [
    Wall {
        directory: "server/src/telegram",
        forbidden: &["crate::store", "crate::llm", "crate::web", "crate::app", "sqlx", "async_openai"],
        because: "telegram speaks to people and asks the engine for everything else",
    },
    Wall {
        directory: "server/src/web",
        forbidden: &["crate::store", "crate::llm", "crate::telegram", "sqlx", "async_openai", "teloxide"],
        because: "web shows what the engine tells it",
    },
    Wall {
        directory: "server/src/engine",
        forbidden: &[
            "crate::web",
            "crate::telegram",
            "crate::app",
            "sqlx",
            "async_openai",
            "teloxide",
            "axum",
            "leptos",
        ],
        because: "the engine does not know who asks, and the store keeps the SQL",
    },
    Wall {
        directory: "server/src/store",
        forbidden: &["crate::llm", "crate::engine", "crate::web", "crate::telegram", "crate::app"],
        because: "the store keeps what it is given and knows nobody",
    },
    Wall {
        directory: "server/src/llm",
        forbidden: &["crate::store", "crate::engine", "crate::web", "crate::telegram", "crate::app", "sqlx"],
        because: "a model answers a request and knows nobody",
    },
    Wall {
        directory: "server/src/config",
        forbidden: &["crate::app", "crate::engine", "crate::store", "crate::web", "crate::telegram"],
        because: "settings come before everything that uses them",
    },
    Wall {
        directory: "memory/src",
        forbidden: &[
            "tokio",
            "futures",
            "std::fs",
            "std::net",
            "std::thread",
            "std::env",
            "std::time::SystemTime",
            "std::time::Instant",
        ],
        because: "memory decides purely: no I/O, no clock, nothing to wait for",
    },
    Wall {
        directory: "frontend/src",
        forbidden: &["sqlx", "teloxide", "async_openai", "axum", "reqwest"],
        because: "pages reach the engine through the port `Dashboard` alone",
    },
];

/// Crates that have no business in a browser.
const NOT_IN_THE_BROWSER: [&str; 9] =
    ["sqlx", "tokio", "axum", "reqwest", "teloxide", "async-openai", "tiktoken-rs", "bpe-openai", "souvenir-server"];

/// Reads every source file behind a wall and fails with a list of what reaches through one.
pub(crate) fn check_directions(workspace: &Workspace) -> anyhow::Result<()> {
    let mut breaches = Vec::new();
    for wall in &WALLS {
        let directory = workspace.path(wall.directory);
        let mut files = files_below(&directory)?;
        // A room may be one file still.
        files.extend(files_below(&directory.with_extension("rs"))?);
        for file in files.iter().filter(|file| is_code(file)) {
            let source = fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
            let relative = file.strip_prefix(workspace.path("")).unwrap_or(file);
            breaches.extend(wall.breaches_in(&source, relative));
        }
    }
    if !breaches.is_empty() {
        bail!("the rooms' directions are not kept:\n{}", breaches.join("\n"));
    }
    Ok(())
}

/// Fails if what is compiled for the browser depends on something that belongs to the server.
pub(crate) fn check_wasm_wall(workspace: &Workspace) -> anyhow::Result<()> {
    let tree = output(
        workspace
            .cargo()
            .args(["tree", "--locked", "--quiet", "--prefix", "none", "--format", "{p}"])
            .args(["--target", wasm_toolchain::TARGET, "--edges", "normal"])
            .args(["--package", "souvenir-frontend", "--no-default-features", "--features", "hydrate"]),
    )?;
    let found = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| NOT_IN_THE_BROWSER.contains(name))
        .collect::<BTreeSet<_>>();
    if !found.is_empty() {
        bail!("the browser would have to download {}", found.into_iter().collect::<Vec<_>>().join(", "));
    }
    Ok(())
}

impl Wall {
    fn breaches_in(&self, source: &str, file: &Path) -> Vec<String> {
        let named = paths_named_in(source, file);
        self.forbidden
            .iter()
            .filter(|forbidden| {
                named.iter().any(|path| {
                    path.strip_prefix(**forbidden).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
                })
            })
            .map(|forbidden| format!("  {} names {forbidden}, but {}", file.display(), self.because))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: Wall =
        Wall { directory: "server/src/web", forbidden: &["crate::store", "sqlx"], because: "it is a wall" };

    fn breaches(source: &str) -> usize {
        WALL.breaches_in(source, Path::new("server/src/web/api/chats.rs")).len()
    }

    #[test]
    fn a_forbidden_path_is_found_however_it_is_written() {
        assert_eq!(breaches("use crate::store::Store;"), 1);
        assert_eq!(breaches("use crate::{engine, store::{Pool, Store}};"), 1);
        assert_eq!(breaches("use crate::{\n    engine::{Turn, turn},\n    store,\n};"), 1);
        assert_eq!(breaches("use super::super::super::store;"), 1);
        assert_eq!(breaches("fn f() { let x = crate::store::open(sqlx::query(\"\")); }"), 2);
    }

    #[test]
    fn what_only_looks_like_a_forbidden_path_is_left_alone() {
        assert_eq!(breaches("use crate::stores::Store; // not crate::store"), 0);
        assert_eq!(breaches("use crate::engine::{store, Engine};"), 0);
        assert_eq!(breaches("use super::store; // crate::web::store"), 0);
        assert_eq!(breaches("fn f(sqlx: bool) -> bool { sqlx }"), 0);
    }
}
