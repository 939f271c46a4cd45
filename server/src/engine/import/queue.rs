//! Imports that a running process does for others: files named on the command line, and uploads.
//!
//! What is to be read is written down first, so a crash in the middle is taken up at the next start; what was read by then is
//! recognised.

use std::{path::PathBuf, time::Duration};

use souvenir_memory::{ChatId, Timestamp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Got, ImportOptions, ImportReport, write::AsyncTold};
use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result, inspect::Page, maintenance},
    store::{ImportRecord, ImportState},
};

/// How often to look whether the command line asked for something.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(300);

/// An import as doors see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportItem {
    /// Its number.
    pub id: i64,
    /// What the file is called.
    pub name: String,
    /// `queued`, `running`, `done`, `failed` or `stopped`.
    pub state: &'static str,
    /// Bytes read.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
    /// What came of it so far.
    pub report: ImportReport,
    /// Why it ended early, safe to show.
    pub error: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl From<ImportRecord> for ImportItem {
    fn from(record: ImportRecord) -> Self {
        Self {
            id: record.id,
            name: record.name,
            state: record.state.as_str(),
            done: record.done_bytes,
            total: record.total_bytes,
            report: serde_json::from_str(&record.report).unwrap_or_default(),
            error: record.error,
            asked_at: record.asked_at,
            finished_at: record.finished_at,
        }
    }
}

impl Engine {
    /// Imports, newest first, a page from `cursor` on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn imports(&self, cursor: Option<i64>, limit: u32) -> Result<Page<ImportItem>> {
        let records = self.store().imports(cursor, limit + 1).await?;
        let items = records.into_iter().map(ImportItem::from).collect();
        Ok(maintenance::page(items, limit, |item: &ImportItem| item.id))
    }

    /// One import.
    ///
    /// # Errors
    /// [`EngineError::NoImport`].
    pub async fn import(&self, id: i64) -> Result<ImportItem> {
        self.store().import(id).await?.map(ImportItem::from).ok_or(EngineError::NoImport(id))
    }

    /// Stops an import; what was read by then stays.
    ///
    /// # Errors
    /// [`EngineError::NoImport`].
    pub async fn stop_import(&self, id: i64) -> Result<ImportItem> {
        let record = self.store().import(id).await?.ok_or(EngineError::NoImport(id))?;
        if self.store().end_import(id, ImportState::Stopped, None, self.now()).await? {
            remove_copy(&record);
        }
        self.tell_import(id).await
    }

    /// Imports what is asked for until told to stop.
    pub async fn keep_importing(&self, stop: CancellationToken) {
        match self.store().recover_imports().await {
            Ok(0) => {}
            Ok(again) => tracing::info!(imports = again, "imports that the last stop cut off are taken up again"),
            Err(error) => tracing::error!(%error, "failed to take up imports"),
        }
        loop {
            match self.store().next_import().await {
                Ok(Some(record)) => {
                    if stop.run_until_cancelled(self.run_import(&record)).await.is_none() {
                        return;
                    }
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(%error, "failed to look for imports"),
            }
            let news = tokio::time::timeout(LOOK_EVERY, self.inner.imports.wake.notified());
            if stop.run_until_cancelled(news).await.is_none() {
                return;
            }
        }
    }

    async fn run_import(&self, record: &ImportRecord) {
        let id = record.id;
        let (state, error) = match self.try_import(record).await {
            Ok(()) => (ImportState::Done, None),
            Err(error) => {
                tracing::warn!(%error, import.id = id, "an import failed");
                (ImportState::Failed, Some(for_people(&error)))
            }
        };
        if let Err(error) = self.store().end_import(id, state, error.as_deref(), self.now()).await {
            tracing::error!(%error, import.id = id, "failed to end an import");
        }
        remove_copy(record);
        if let Err(error) = self.tell_import(id).await {
            tracing::error!(%error, import.id = id, "failed to tell of an import");
        }
    }

    async fn try_import(&self, record: &ImportRecord) -> Result<()> {
        let id = record.id;
        if !self.store().begin_import(id, self.now()).await? {
            return Ok(());
        }
        self.tell_import(id).await?;
        let path = PathBuf::from(record.path.as_deref().unwrap_or_default());
        let mut telling = Telling { engine: self, id, told: None };
        let mut report = self.import_file(&path, ImportOptions { chat: record.chat }, &mut telling).await?;
        report.waits = !record.consolidate && self.waits(&report).await?;
        telling.tell(record.total_bytes, record.total_bytes, &report).await?;
        tracing::info!(
            import.id = id,
            chats = report.chats.len(),
            added = report.sum(|chat| chat.added),
            already = report.sum(|chat| chat.already),
            bad = report.bad,
            "a file was imported"
        );
        if record.consolidate {
            for chat in report.filled() {
                self.consolidate_imported(chat).await?;
            }
        }
        match report.broken.filter(|_| report.chats.is_empty()) {
            Some(broken) => Err(EngineError::invalid("file", broken)),
            None => Ok(()),
        }
    }

    /// Whether something in the chats that were filled waits for the owner's word.
    async fn waits(&self, report: &ImportReport) -> Result<bool> {
        for chat in report.filled() {
            if self.waiting_import(chat).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn tell_import(&self, id: i64) -> Result<ImportItem> {
        let item = self.import(id).await?;
        let (state, done, total) = (item.state.to_owned(), item.done, item.total);
        self.emit(ChatEvent::Import { chat: ChatId(0), import: id, state, done, total });
        Ok(item)
    }
}

/// What pages may show of an error.
fn for_people(error: &EngineError) -> String {
    match error {
        EngineError::Store(_) | EngineError::Internal(_) => "internal error: the log has the details".to_owned(),
        other => other.to_string(),
    }
}

/// A copy of ours is not needed any more.
fn remove_copy(record: &ImportRecord) {
    if let Some(path) = record.path.as_ref().filter(|_| record.is_copy)
        && let Err(error) = std::fs::remove_file(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, import.id = record.id, "failed to remove an uploaded file");
    }
}

/// Keeps progress in the database, where the command line and pages find it.
struct Telling<'a> {
    engine: &'a Engine,
    id: i64,
    told: Option<Instant>,
}

impl Telling<'_> {
    async fn tell(&self, done: u64, total: u64, report: &ImportReport) -> Result<bool> {
        let json = serde_json::to_string(report).map_err(|error| EngineError::Internal(error.to_string()))?;
        let goes_on = self.engine.store().import_got_on(self.id, (done, total), &json).await?;
        self.engine.tell_import(self.id).await?;
        Ok(goes_on)
    }
}

#[async_trait::async_trait]
impl AsyncTold for Telling<'_> {
    async fn told(&mut self, got: Got<'_>) -> bool {
        if self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return true;
        }
        self.told = Some(Instant::now());
        // A database that cannot be written fails the next batch anyway.
        self.tell(got.done, got.total, got.report).await.unwrap_or(true)
    }
}
