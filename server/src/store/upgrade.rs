//! What happens to a file before it is opened to serve: a copy that waits takes its place, and a database that an older
//! version wrote is copied before its schema is brought up to date.
//!
//! Whether a migration changes stored data is easily misjudged (one that rebuilds a table does), so each one counts.

use std::path::{Path, PathBuf};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    backup::{self, BackupError, IfTaken, with_suffix},
    inspect_file,
    open::{MIGRATIONS, lock},
    restore,
};

/// How many copies of earlier versions are kept.
const KEPT: usize = 3;

/// What was done to a file before it was opened.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// A copy took its place; the one before has this name, if there was one.
    pub restored: Option<Option<PathBuf>>,
    /// Migrations are due, and this is the copy made before them.
    pub copied: Option<PathBuf>,
}

/// Gets the file at `database` ready to be opened. `stamp` becomes part of the names of what is kept.
///
/// # Errors
/// [`BackupError`] when the file may not be used, or no copy can be made of it; it is as it was then.
pub async fn prepare(database: &Path, stamp: &str) -> Result<Prepared, BackupError> {
    let _held = lock(database)?;
    let mut prepared = Prepared::default();
    match restore::is_requested(database).await {
        Ok(true) => prepared.restored = Some(restore::swap(database, stamp)?),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "a copy that was to be restored cannot be, and is put away"),
    }
    inspect_file(database).await?;
    if migrations_are_due(database).await {
        let like = with_suffix(database, ".before-upgrade");
        let copy = with_suffix(&like, &format!("-{stamp}"));
        backup::copy(database, &copy, IfTaken::Replace).await?;
        backup::prune(&like, KEPT).map_err(|reason| BackupError::File { path: like, reason })?;
        prepared.copied = Some(copy);
    }
    Ok(prepared)
}

/// Whether the file holds a schema that is not the newest. One without any has nothing to lose.
pub async fn migrations_are_due(database: &Path) -> bool {
    let applied = applied(database).await.unwrap_or_default();
    !applied.is_empty() && MIGRATIONS.iter().any(|migration| !applied.contains(&migration.version))
}

async fn applied(database: &Path) -> sqlx::Result<Vec<i64>> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(&mut connection).await
}
