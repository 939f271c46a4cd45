//! Another database in the place of the present one: `souvenir restore` asks for it by a file beside the database.
//!
//! A running process cannot change what it stands on. It lets its work end as on SIGTERM, and starts anew; the start
//! puts the file in its place, so a crash in between changes nothing.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::{
    clock::{self, Clock, SystemClock},
    store,
};

pub(super) use store::waits;

/// How often to look. Looking is one call to the file system.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Puts a waiting copy in its place and copies a database of an older version, before it is opened.
///
/// # Errors
/// When the file may not be used.
pub(super) async fn prepare(database: &Path) -> anyhow::Result<()> {
    let prepared = store::prepare(database, &clock::stamp(SystemClock.now())).await?;
    if let Some(before) = prepared.restored {
        let before = before.unwrap_or_default();
        tracing::warn!(before = %before.display(), "the database was replaced by a copy that was to be restored");
    }
    if let Some(copy) = prepared.copied {
        tracing::info!(copy = %copy.display(), "the database is of an older version: a copy is kept of it");
    }
    Ok(())
}

/// Cancels `stop` once a copy waits to take the place of the database.
pub(super) async fn when_requested(database: PathBuf, stop: CancellationToken) {
    loop {
        if stop.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
            return;
        }
        match store::is_requested(&database).await {
            Ok(false) => {}
            Ok(true) => {
                tracing::info!("stopping, to start anew with another database");
                return stop.cancel();
            }
            Err(error) => tracing::error!(%error, "a copy that was to be restored cannot be, and is put away"),
        }
    }
}
