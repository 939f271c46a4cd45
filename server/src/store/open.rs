//! Opening the file: the lock, the checks before anything is touched, the migrations.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection, SqliteConnection,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Store, backup::PRIVATE};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// How many connections read. A page needs one at a time; more only serve several readers at once.
const READERS: u32 = 4;

/// How long a write waits for the one before it. A large file is written anew after forgetting: a message that arrives then is
/// stored late rather than not at all.
const WRITERS_WAIT: Duration = Duration::from_mins(10);

/// How sure it is that what was committed survives a power cut. A crash of the process alone loses nothing either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Each commit waits for the disk: a message that was received is never lost.
    #[default]
    Full,
    /// The last moments may be lost, the file stays whole: for measuring, and for filling files to measure with.
    Normal,
}

/// Why the database cannot be used. Each is one line with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the database {} is locked: another souvenir, or another program, has it open; stop that one first", .0.display())]
    Locked(PathBuf),
    /// It cannot be written.
    #[error("the database {} cannot be written: give this user write access to the file and its folder", .0.display())]
    ReadOnly(PathBuf),
    /// It is no database, or a damaged one.
    #[error("the database {} is damaged or is no SQLite database: restore a copy, or set SOUVENIR_DATABASE to another file", .0.display())]
    Corrupt(PathBuf),
    /// It is a database of something else.
    #[error("the database {} belongs to another program: set SOUVENIR_DATABASE to a file of its own", .0.display())]
    Foreign(PathBuf),
    /// A newer souvenir made it.
    #[error("the database {} was written by a newer souvenir (schema {version}): install that version or a later one; the file is untouched", .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema version found.
        version: i64,
    },
    /// Its folder is not there.
    #[error("the database {} cannot be made: its folder does not exist; create it or set SOUVENIR_DATABASE", .0.display())]
    NoFolder(PathBuf),
    /// Anything else.
    #[error("the database {} cannot be opened: {reason}", .path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
}

impl Store {
    /// Opens the database at `path`, makes it if it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`]; a file that is refused is left as it was.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, Durability::default()).await
    }

    /// As [`Store::open`], with a durability of one's choice.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(path: &Path, durability: Durability) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        inspect_file(path).await?;
        let fail = |error| classify(path, &error);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WRITERS_WAIT)
            .connect_with(options(path, durability))
            .await
            .map_err(fail)?;
        MIGRATIONS.run(&write).await.map_err(|error| classify_migration(path, error))?;
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options(path, durability).read_only(true))
            .await
            .map_err(fail)?;
        Ok(Self { read, write, durability, marks: Arc::default(), _lock: Arc::new(lock) })
    }

    /// Opens the database at `path`, which is there and up to date, beside whoever has it: to read, whatever is asked of it.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_to_read(path: &Path) -> Result<Self, OpenError> {
        let options = options(path, Durability::default()).read_only(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
        let read = pool.map_err(|error| classify(path, &error))?;
        let file =
            File::open(path).map_err(|error| OpenError::Other { path: path.to_owned(), reason: error.to_string() })?;
        let (write, lock) = (read.clone(), Arc::new(file));
        Ok(Self { read, write, durability: Durability::default(), marks: Arc::default(), _lock: lock })
    }
}

/// Looks at an existing file without changing it: readable, ours, not newer. A missing or empty file is fine.
///
/// # Errors
/// [`OpenError`] when it may not be used.
pub async fn inspect_file(path: &Path) -> Result<(), OpenError> {
    if std::fs::metadata(path).map_or(true, |file| file.len() == 0) {
        return Ok(());
    }
    let fail = |error| classify(path, &error);
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(Duration::from_secs(2));
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(fail)?;
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(&mut connection)
        .await
        .map_err(fail)?;
    if tables.is_empty() {
        return Ok(());
    }
    if !tables.iter().any(|table| table == "_sqlx_migrations") || !tables.iter().any(|table| table == "chats") {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut connection)
        .await
        .map_err(fail)?;
    let ours = MIGRATIONS.iter().map(|migration| migration.version).max();
    match found {
        Some(version) if Some(version) > ours => Err(OpenError::Newer { path: path.to_owned(), version }),
        _ => Ok(()),
    }
}

/// Takes the file for this process. SQLite's own locks are of another kind and are not touched by this one.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    if path.metadata().is_ok_and(|file| file.permissions().readonly()) {
        return Err(OpenError::ReadOnly(path.to_owned()));
    }
    let file =
        OpenOptions::new().read(true).write(true).create(true).mode(PRIVATE).truncate(false).open(path).map_err(
            |error| match error.kind() {
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    OpenError::ReadOnly(path.to_owned())
                }
                std::io::ErrorKind::NotFound => OpenError::NoFolder(path.to_owned()),
                _ => OpenError::Other { path: path.to_owned(), reason: error.to_string() },
            },
        )?;
    match file.try_lock() {
        // Another process may have put another file in its place before this one had the lock.
        Ok(()) if is_still(&file, path) => Ok(file),
        Ok(()) => Err(OpenError::Locked(path.to_owned())),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(OpenError::Other { path: path.to_owned(), reason: error.to_string() }),
    }
}

fn is_still(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.metadata()) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// How every connection is opened.
///
/// No statistics are gathered (`PRAGMA optimize`): each query has its one index, and with statistics SQLite plans a query
/// anew for each value that is bound to it, which took a fifteenth of all instructions of a turn.
fn options(path: &Path, durability: Durability) -> SqliteConnectOptions {
    let synchronous = match durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::Normal => SqliteSynchronous::Normal,
    };
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("journal_size_limit", "67108864")
        // A checkpoint syncs twice and more: after 16 MB of log rather than 4, that is nothing to a turn.
        .pragma("wal_autocheckpoint", "4000")
}

fn classify(path: &Path, error: &sqlx::Error) -> OpenError {
    let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<i32>().ok());
    let path = path.to_owned();
    // The low byte is SQLite's primary result code: https://sqlite.org/rescode.html
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => OpenError::Locked(path),
        Some(8) => OpenError::ReadOnly(path),
        Some(11 | 26) => OpenError::Corrupt(path),
        _ => OpenError::Other { path, reason: error.to_string() },
    }
}

fn classify_migration(path: &Path, error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) => OpenError::Newer { path: path.to_owned(), version },
        MigrateError::Execute(error) => classify(path, &error),
        other => OpenError::Other { path: path.to_owned(), reason: other.to_string() },
    }
}
