//! `cargo xtask prepare`: descriptions of all queries, so that building needs no database.
//!
//! sqlx' macros describe each query they expand: with a database at hand they ask it, and write the answer to
//! `SQLX_OFFLINE_DIR`. So the server is checked once with a database that has just been made of the migrations. The
//! macros cannot tell Cargo that they read a database, hence a crate that has not changed is marked as changed for the
//! time of that check.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, bail};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::fingerprint::{self, Stamp, files_below};
use crate::process::{run as run_command, say};
use crate::workspace::Workspace;

/// Where the descriptions are committed.
const COMMITTED: &str = "server/.sqlx";

pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    say("describing the queries");
    let described = describe_with(
        workspace,
        workspace.cargo().args(["check", "--locked", "--package", "souvenir-server", "--all-targets"]),
    )?;
    let committed = workspace.path(COMMITTED);
    if committed.exists() {
        fs::remove_dir_all(&committed)?;
    }
    fs::create_dir_all(&committed)?;
    for (name, description) in &described {
        fs::write(committed.join(name), description)?;
    }
    say(format!("{} queries are described in {COMMITTED}", described.len()));
    Ok(())
}

/// Whether the queries or the schema have changed since [`Freshness::compare_with`] last found them described as they are.
pub(crate) struct Freshness {
    stamp: Stamp,
    fingerprint: u64,
}

impl Freshness {
    pub(crate) fn of(workspace: &Workspace) -> anyhow::Result<Self> {
        let read = ["server/src", "migrations", COMMITTED, "Cargo.lock"];
        Ok(Self {
            stamp: Stamp::at(workspace.target("xtask/queries.stamp")),
            fingerprint: fingerprint::of(&read.map(|path| workspace.path(path)))?,
        })
    }

    pub(crate) fn is_known(&self) -> bool {
        self.stamp.matches(self.fingerprint)
    }

    /// Runs a command that compiles the server, and fails unless what it describes is what is committed.
    pub(crate) fn compare_with(&self, workspace: &Workspace, compile: &mut Command) -> anyhow::Result<()> {
        let described = describe_with(workspace, compile)?;
        let committed = read_descriptions(&workspace.path(COMMITTED))?;
        let differing = differences(&described, &committed);
        if !differing.is_empty() {
            bail!(
                "the descriptions in {COMMITTED} are not those of the queries; please run `cargo xtask prepare` and \
                 commit what it writes:\n{}",
                differing.join("\n")
            );
        }
        self.stamp.write(self.fingerprint)
    }
}

type Descriptions = BTreeMap<String, String>;

/// Runs a command that compiles the server, with a database made of the migrations; gives what the macros wrote.
fn describe_with(workspace: &Workspace, compile: &mut Command) -> anyhow::Result<Descriptions> {
    let scratch = workspace.target("xtask/queries");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    let described = scratch.join("described");
    fs::create_dir_all(&described)?;
    let database = scratch.join("schema.db");
    migrate(&workspace.path("migrations"), &database).context("failed to make a database of the migrations")?;

    let _changed = MarkedAsChanged::mark(workspace.path("server/src/lib.rs"))?;
    run_command(
        compile
            .env("DATABASE_URL", format!("sqlite://{}", database.display()))
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", &described),
    )?;
    read_descriptions(&described)
}

fn migrate(migrations: &Path, database: &Path) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection: SqliteConnection =
            SqliteConnectOptions::new().filename(database).create_if_missing(true).connect().await?;
        let migrator = Migrator::new(migrations.to_path_buf()).await?;
        migrator.run(&mut connection).await?;
        connection.close().await?;
        Ok(())
    })
}

fn read_descriptions(directory: &Path) -> anyhow::Result<Descriptions> {
    files_below(directory)?
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok((name.into_owned(), fs::read_to_string(&path)?))
        })
        .collect()
}

fn differences(described: &Descriptions, committed: &Descriptions) -> Vec<String> {
    let missing_or_other = described.iter().filter_map(|(name, description)| match committed.get(name) {
        None => Some(format!("  missing: {name}")),
        Some(kept) if kept != description => Some(format!("  outdated: {name}")),
        Some(_) => None,
    });
    let superfluous =
        committed.keys().filter(|name| !described.contains_key(*name)).map(|name| format!("  of no query: {name}"));
    missing_or_other.chain(superfluous).collect()
}

/// A file that Cargo takes for changed until this is dropped, when it gets its time of change back: the other builds
/// then need not be done again.
struct MarkedAsChanged {
    path: PathBuf,
    modified: SystemTime,
}

impl MarkedAsChanged {
    fn mark(path: PathBuf) -> anyhow::Result<Self> {
        let failed = || format!("failed to mark {} as changed", path.display());
        let modified = fs::metadata(&path).and_then(|it| it.modified()).with_context(failed)?;
        let file = File::options().append(true).open(&path).with_context(failed)?;
        file.set_modified(now()).with_context(failed)?;
        Ok(Self { path, modified })
    }
}

impl Drop for MarkedAsChanged {
    fn drop(&mut self) {
        // Should this fail, a build will take longer than it had to.
        if let Ok(file) = File::options().append(true).open(&self.path) {
            file.set_modified(self.modified).ok();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a file's time of change is compared with the machine's clock by Cargo")]
fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptions(pairs: &[(&str, &str)]) -> Descriptions {
        pairs.iter().map(|(name, description)| ((*name).to_owned(), (*description).to_owned())).collect()
    }

    #[test]
    fn every_way_in_which_descriptions_differ_is_named() {
        let described = descriptions(&[("same", "1"), ("new", "1"), ("changed", "2")]);
        let committed = descriptions(&[("same", "1"), ("old", "1"), ("changed", "1")]);
        assert_eq!(
            differences(&described, &committed),
            ["  outdated: changed", "  missing: new", "  of no query: old"]
        );
    }
}
