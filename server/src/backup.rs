//! `souvenir backup` and `souvenir restore`: copies of the database, made and put back while Souvenir runs or not.
//!
//! A backup needs nobody's help. A restore does when a Souvenir is running: the copy is laid beside the database, and
//! the running one puts it in its place and starts anew.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};

use crate::{
    clock::{self, Clock, SystemClock},
    config::Config,
    store::{self, Contents, IfTaken, Restored},
};

/// How long a running Souvenir may take to end its work and start anew. It gives itself ten seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often to look whether it has.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How a backup is to be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackupOptions {
    /// Replace a file that is there already.
    pub force: bool,
    /// In a folder: how many dated copies to keep, this one included.
    pub keep: Option<usize>,
}

/// Makes a copy at `target`, or in it with a name that holds the time when it is a folder.
///
/// # Errors
/// One line with the remedy.
pub async fn backup(config: &Config, target: &Path, options: BackupOptions) -> anyhow::Result<()> {
    let dated = target.is_dir();
    if options.keep.is_some() && !dated {
        bail!("--keep counts copies in a folder, and {} is none: create it, or leave --keep out", target.display());
    }
    let like = target.join(config.database.file_stem().unwrap_or("souvenir".as_ref()));
    let file = if dated { dated_file(&like) } else { target.to_owned() };
    let if_taken = if options.force { IfTaken::Replace } else { IfTaken::Refuse };
    let contents = store::copy(&config.database, &file, if_taken).await?;
    println!("Backup: {} ({})", file.display(), describe(contents));
    if let Some(keep) = options.keep {
        let removed = store::prune(&like, keep.max(1)).context("failed to remove older copies")?;
        println!("Older copies removed: {removed}");
    }
    Ok(())
}

/// Puts the copy `file` in the place of the database, which is kept under another name.
///
/// # Errors
/// One line with the remedy; the database is as it was.
pub async fn restore(config: &Config, file: &Path) -> anyhow::Result<()> {
    let database = &config.database;
    let before = store::put_aside(database);
    let staged = store::stage(file, database).await?;
    println!("Copy: {} ({})", file.display(), describe(staged.contents));
    let kept = match staged.put_back(database, &clock::stamp(SystemClock.now()))? {
        Restored::Done(kept) => kept,
        Restored::Asked => {
            println!("Souvenir is running: it ends its work, puts the copy back and starts anew");
            taken_up(database).await?;
            store::put_aside(database).into_iter().find(|path| !before.contains(path))
        }
    };
    println!("Restored: {}", database.display());
    if let Some(kept) = kept {
        println!("The database before it: {}", kept.display());
    }
    if is_replicated(database) {
        println!(
            "Litestream replicates this database and must begin anew: stop it, run `litestream reset` on the database, \
             start it"
        );
    }
    Ok(())
}

/// Waits until a running Souvenir has done it.
async fn taken_up(database: &Path) -> anyhow::Result<()> {
    let done = async {
        while store::waits(database) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    if tokio::time::timeout(PATIENCE, done).await.is_err() && store::withdraw(database) {
        bail!(
            "{} is open in a program that does not put the copy back: stop it, and run this command again; nothing was \
             changed",
            database.display()
        );
    }
    if store::refused(database) {
        bail!("the running Souvenir cannot use this copy: its log says why; the database is as it was");
    }
    Ok(())
}

/// Whether Litestream keeps its state beside the database. It would take the new one for the old one, changed.
fn is_replicated(database: &Path) -> bool {
    let name = database.file_name().unwrap_or_default().to_string_lossy();
    database.with_file_name(format!(".{name}-litestream")).exists()
}

fn dated_file(like: &Path) -> PathBuf {
    let mut name = like.as_os_str().to_owned();
    name.push(format!("-{}.db", clock::stamp(SystemClock.now())));
    PathBuf::from(name)
}

fn describe(contents: Contents) -> String {
    let Contents { chats, messages, bytes } = contents;
    format!("{chats} chats, {messages} messages, {:.1} MB", bytes as f64 / 1e6)
}
