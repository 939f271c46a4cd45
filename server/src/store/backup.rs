//! Copies of the database: consistent while it is written to, checked before they count, and nobody else's to read.
//!
//! SQLite itself makes the copy (`VACUUM INTO`), inside one read transaction: what is written meanwhile is not in it, and
//! what was deleted is in none of its free pages. The copy grows under another name and gets its own once it is whole,
//! so a file that bears the name of a backup is one.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{OpenError, inspect_file};

/// What may be read and written by the owner alone, as everything that holds conversations.
pub(super) const PRIVATE: u32 = 0o600;
/// How long to wait for another program's lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Chats.
    pub chats: i64,
    /// Messages of all chats.
    pub messages: i64,
    /// The file's size.
    pub bytes: u64,
}

/// Why there is no copy. Each is one line with the remedy; what was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to copy.
    #[error("there is no database at {}: name an existing file", .0.display())]
    Nothing(PathBuf),
    /// The file is taken.
    #[error("{} is there already: choose another name, or pass --force to replace it", .0.display())]
    Taken(PathBuf),
    /// The copy would replace what it is a copy of.
    #[error("{} is the database itself: choose another name", .0.display())]
    Itself(PathBuf),
    /// The file cannot be used as a database of ours.
    #[error(transparent)]
    Unusable(#[from] OpenError),
    /// SQLite found damage.
    #[error("{} is damaged ({finding}): use an older copy", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first thing that SQLite found.
        finding: String,
    },
    /// SQLite could not copy.
    #[error("{} cannot be copied to {}: {reason}", .from.display(), .to.display())]
    Copy {
        /// The original.
        from: PathBuf,
        /// The copy.
        to: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// A file could not be made, moved or removed.
    #[error("{} cannot be written: {reason}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
}

/// What to do when the file of a copy is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfTaken {
    /// Leave it and give up.
    Refuse,
    /// Put the new copy in its place, once that is whole.
    Replace,
}

/// Makes a consistent copy of `database` at `to`, which may happen while it is written to.
///
/// # Errors
/// [`BackupError`]; then `to` is as it was before.
pub async fn copy(database: &Path, to: &Path, if_taken: IfTaken) -> Result<Contents, BackupError> {
    if is_same_file(database, to) {
        return Err(BackupError::Itself(to.to_owned()));
    }
    if if_taken == IfTaken::Refuse && to.exists() {
        return Err(BackupError::Taken(to.to_owned()));
    }
    let partial = Partial::beside(to)?;
    let contents = copy_into(database, &partial.path).await?;
    partial.become_file(to)?;
    Ok(contents)
}

/// Copies into an empty file that is there, checks the copy, and sees that it is on the disk.
pub(super) async fn copy_into(database: &Path, to: &Path) -> Result<Contents, BackupError> {
    if !fs::metadata(database).is_ok_and(|file| file.is_file() && file.len() > 0) {
        return Err(BackupError::Nothing(database.to_owned()));
    }
    inspect_file(database).await?;
    let failed = |error: sqlx::Error| BackupError::Copy {
        from: database.to_owned(),
        to: to.to_owned(),
        reason: said_by_sqlite(&error),
    };
    let mut connection = connect(database).await.map_err(failed)?;
    let target = to.to_string_lossy();
    sqlx::query("VACUUM INTO ?").bind(target.as_ref()).execute(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    let contents = examine(to).await?;
    // SQLite leaves it to the system when a copy reaches the disk.
    let synced = File::open(to).and_then(|file| file.sync_all());
    synced.map_err(|reason| BackupError::File { path: to.to_owned(), reason })?;
    Ok(contents)
}

/// Reads all of a database at rest and counts what it holds.
///
/// # Errors
/// [`BackupError::Damaged`] with the first finding.
async fn examine(path: &Path) -> Result<Contents, BackupError> {
    let damaged = |finding: String| BackupError::Damaged { path: path.to_owned(), finding };
    let failed = |error: sqlx::Error| damaged(said_by_sqlite(&error));
    let mut connection = connect(path).await.map_err(failed)?;
    let finding: String =
        sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await.map_err(failed)?;
    if finding != "ok" {
        return Err(damaged(finding));
    }
    let stray = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut connection).await.map_err(failed)?;
    if stray.is_some() {
        return Err(damaged("a row refers to one that is not there".to_owned()));
    }
    let counts = "SELECT (SELECT count(*) FROM chats), (SELECT count(*) FROM messages)";
    let (chats, messages) = sqlx::query_as(counts).fetch_one(&mut connection).await.map_err(failed)?;
    connection.close().await.map_err(failed)?;
    Ok(Contents { chats, messages, bytes: fs::metadata(path).map_or(0, |file| file.len()) })
}

async fn connect(path: &Path) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(PATIENCE);
    SqliteConnection::connect_with(&options).await
}

/// SQLite's own words, without the wrapping of those who pass them on.
fn said_by_sqlite(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// Removes all but the newest `keep` of the files whose names begin with that of `like` and a date; gives how many.
///
/// # Errors
/// When the folder cannot be read or a file not be removed.
pub fn prune(like: &Path, keep: usize) -> io::Result<usize> {
    let mut copies = dated_copies(like)?;
    copies.sort();
    let surplus = copies.len().saturating_sub(keep);
    copies[..surplus].iter().try_for_each(fs::remove_file)?;
    Ok(surplus)
}

/// The files beside `like` that are called as it is, a dash and a moment.
pub(super) fn dated_copies(like: &Path) -> io::Result<Vec<PathBuf>> {
    let stem = like.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_copy = |name: &str| {
        let moment = name.strip_prefix(&stem).and_then(|rest| rest.strip_prefix('-'));
        let moment = moment.map(|moment| moment.strip_suffix(".db").unwrap_or(moment));
        // 20261122T131800Z
        moment.is_some_and(|moment| moment.len() == 16 && moment.starts_with("20") && moment.ends_with('Z'))
    };
    let entries = fs::read_dir(folder_of(like))?.collect::<io::Result<Vec<_>>>()?;
    Ok(entries
        .into_iter()
        .filter(|entry| is_copy(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.path())
        .collect())
}

/// The folder that holds a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The name of a file with something added to its end.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// A file that is being written. Dropped before it got its name, it is removed.
pub(super) struct Partial {
    /// Where it is for now.
    pub(super) path: PathBuf,
}

impl Partial {
    /// Makes an empty file beside the one it is to become.
    pub(super) fn beside(to: &Path) -> Result<Self, BackupError> {
        let path = with_suffix(to, &format!(".{}.partial", std::process::id()));
        let made = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&path);
        let failed = |reason| BackupError::File { path: to.to_owned(), reason };
        made.and_then(|file| file.set_permissions(Permissions::from_mode(PRIVATE))).map_err(failed)?;
        Ok(Self { path })
    }

    /// Gives it its name, for good.
    pub(super) fn become_file(self, to: &Path) -> Result<(), BackupError> {
        let synced = fs::rename(&self.path, to).and_then(|()| File::open(folder_of(to))?.sync_all());
        synced.map_err(|reason| BackupError::File { path: to.to_owned(), reason })
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Once it has its name there is nothing to remove here.
        fs::remove_file(&self.path).ok();
        fs::remove_file(with_suffix(&self.path, "-journal")).ok();
    }
}
