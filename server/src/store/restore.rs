//! Putting a copy back, whether or not a Souvenir is running on the database.
//!
//! The copy is examined and laid beside the database under a name of its own: that is the request. Whoever holds the
//! database's lock fulfils it: this process when nobody else does, otherwise the one that is running, which lets its
//! work end and starts anew. A process that dies half-way has lost nothing: the request is still there at the next start.
//! The present database is never overwritten, only renamed.

use std::{
    fs::{self, File, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use super::{
    OpenError,
    backup::{BackupError, Contents, PRIVATE, Partial, copy_into, dated_copies, folder_of, with_suffix},
    inspect_file,
    open::lock,
};

/// What SQLite keeps beside a database that is open or was not closed.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// A copy that was examined and lies ready beside the database.
pub struct Staged {
    partial: Partial,
    /// What it holds.
    pub contents: Contents,
}

/// What became of a request to restore.
#[derive(Debug, PartialEq, Eq)]
pub enum Restored {
    /// It is done; the database that was there before, if there was one, has this name now.
    Done(Option<PathBuf>),
    /// A running process has the database and will do it.
    Asked,
}

/// Examines `file` and copies it beside `database`, without touching that.
///
/// # Errors
/// [`BackupError`] when it cannot be restored: damaged, another program's, a newer version's.
pub async fn stage(file: &Path, database: &Path) -> Result<Staged, BackupError> {
    let partial = Partial::beside(&request(database))?;
    let contents = copy_into(file, &partial.path).await?;
    belong_like(&partial.path, &real(database)).map_err(|reason| failed(&partial.path, reason))?;
    Ok(Staged { partial, contents })
}

impl Staged {
    /// Puts it in the place of `database`, or asks the process that has that open. `stamp` becomes part of the name that
    /// the present one gets.
    ///
    /// # Errors
    /// When files cannot be moved.
    pub fn put_back(self, database: &Path, stamp: &str) -> Result<Restored, BackupError> {
        let held = match lock(database) {
            Ok(held) => Some(held),
            Err(OpenError::Locked(_)) => None,
            Err(error) => return Err(error.into()),
        };
        // An earlier one's refusal must not be taken for this one's.
        fs::remove_file(refusal(database)).ok();
        self.partial.become_file(&request(database))?;
        match held {
            Some(_held) => Ok(Restored::Done(swap(database, stamp)?)),
            None => Ok(Restored::Asked),
        }
    }
}

/// Whether somebody asks for a copy to be put in the place of `database`.
///
/// # Errors
/// When that copy cannot be used; the request is put away then, and the database stays.
pub async fn is_requested(database: &Path) -> Result<bool, OpenError> {
    let request = request(database);
    if !request.exists() {
        return Ok(false);
    }
    match inspect_file(&request).await {
        Ok(()) => Ok(true),
        Err(error) => {
            // If even that fails, the request is refused again next time.
            fs::rename(&request, refusal(database)).ok();
            Err(error)
        }
    }
}

/// Takes a request back; whether it was still there.
pub fn withdraw(database: &Path) -> bool {
    fs::remove_file(request(database)).is_ok()
}

/// Whether the last request was put away because the copy cannot be used.
#[must_use]
pub fn refused(database: &Path) -> bool {
    refusal(database).exists()
}

/// Whether the request still waits.
#[must_use]
pub fn waits(database: &Path) -> bool {
    request(database).exists()
}

/// The databases that were put aside for a restored one, the newest last.
#[must_use]
pub fn put_aside(database: &Path) -> Vec<PathBuf> {
    let mut found = dated_copies(&aside(database)).unwrap_or_default();
    found.sort();
    found
}

/// Renames the present database and gives its name to the requested one. The caller holds the lock.
pub(super) fn swap(database: &Path, stamp: &str) -> Result<Option<PathBuf>, BackupError> {
    let database = &real(database);
    let kept = with_suffix(&aside(database), &format!("-{stamp}"));
    let was_there = fs::metadata(database).is_ok_and(|file| file.len() > 0);
    let moved = || -> io::Result<()> {
        if was_there {
            fs::rename(database, &kept)?;
        }
        // A log of the old database would be taken for one of the new.
        for companion in COMPANIONS {
            match fs::rename(with_suffix(database, companion), with_suffix(&kept, companion)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(request(database), database)?;
        File::open(folder_of(database))?.sync_all()
    };
    moved().map_err(|reason| failed(database, reason))?;
    Ok(was_there.then_some(kept))
}

/// The copy that waits to become the database.
fn request(database: &Path) -> PathBuf {
    with_suffix(&real(database), ".restore")
}

/// What such a copy becomes when it cannot be used.
fn refusal(database: &Path) -> PathBuf {
    with_suffix(&real(database), ".restore-refused")
}

fn aside(database: &Path) -> PathBuf {
    with_suffix(&real(database), ".before-restore")
}

/// The file that a link leads to: that is what has a log beside it, and what gives way.
fn real(database: &Path) -> PathBuf {
    fs::canonicalize(database).unwrap_or_else(|_| database.to_owned())
}

/// Gives a file the owner and the mode of the database it is to replace: root may restore for a service's user.
fn belong_like(file: &Path, database: &Path) -> io::Result<()> {
    let Ok(present) = fs::metadata(database) else { return Ok(()) };
    let own = fs::metadata(file)?;
    if (own.uid(), own.gid()) != (present.uid(), present.gid()) {
        chown(file, Some(present.uid()), Some(present.gid()))?;
    }
    fs::set_permissions(file, Permissions::from_mode(present.mode() & 0o7777 | PRIVATE))
}

fn failed(path: &Path, reason: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), reason }
}
