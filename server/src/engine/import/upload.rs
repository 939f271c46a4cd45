//! Uploads: kept beside the database for as long as they are needed, and not a moment longer.

use std::path::{Path, PathBuf};

use souvenir_memory::ChatId;
use tokio::io::AsyncWriteExt as _;

use super::ImportItem;
use crate::{
    engine::{Engine, EngineError, error::Result},
    hash,
    store::NewImport,
};

/// Between the name of the database and that of an upload.
const MARK: &str = ".import-";

/// A file that is being uploaded. Unless it is queued it goes again.
#[derive(Debug)]
pub struct Upload {
    path: PathBuf,
    file: tokio::fs::File,
    bytes: u64,
    is_queued: bool,
}

impl Upload {
    /// Adds a piece.
    ///
    /// # Errors
    /// [`EngineError::Internal`] when the disk is full or fails.
    pub async fn write(&mut self, piece: &[u8]) -> Result<()> {
        self.bytes += piece.len() as u64;
        self.file.write_all(piece).await.map_err(|error| disk(&error))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.is_queued {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn disk(error: &std::io::Error) -> EngineError {
    EngineError::Internal(format!("an upload could not be kept: {error}"))
}

impl Engine {
    /// Tells the engine where the database is: uploads are kept beside it. What earlier ones left behind goes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_uploads_beside(&self, database: &Path) -> Result<()> {
        let _ = self.inner.imports.beside.set(database.to_owned());
        let needed = self.store().import_copies().await?;
        let (Some(folder), Some(name)) = (database.parent(), database.file_name()) else { return Ok(()) };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let prefix = format!("{}{MARK}", name.to_string_lossy());
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let is_ours = entry.file_name().to_string_lossy().starts_with(&prefix);
            let path = entry.path();
            if is_ours && !needed.iter().any(|needed| Path::new(needed).file_name() == path.file_name()) {
                let _ = std::fs::remove_file(&path);
            }
        }
        Ok(())
    }

    /// Begins to take a file up.
    ///
    /// # Errors
    /// [`EngineError::Internal`] when nothing can be written beside the database.
    pub async fn upload(&self) -> Result<Upload> {
        let nowhere = || EngineError::Internal("there is no place for uploads".to_owned());
        let database = self.inner.imports.beside.get().ok_or_else(nowhere)?;
        let name = database.file_name().ok_or_else(nowhere)?.to_string_lossy().into_owned();
        let chance: [u8; 16] = rand::random();
        let path = database.with_file_name(format!("{name}{MARK}{}", &hash::sha256(&chance)[..24]));
        let mut options = tokio::fs::OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path).await.map_err(|error| disk(&error))?;
        Ok(Upload { path, file, bytes: 0, is_queued: false })
    }

    /// Has an uploaded file imported.
    ///
    /// # Errors
    /// [`EngineError::NoChat`]; [`EngineError::Invalid`] for an empty file.
    pub async fn queue_upload(
        &self,
        mut upload: Upload,
        name: &str,
        chat: Option<ChatId>,
        consolidate: bool,
    ) -> Result<ImportItem> {
        if let Some(chat) = chat {
            self.record(chat).await?;
        }
        if upload.bytes == 0 {
            return Err(EngineError::invalid("file", "the file is empty: choose the result.json of an export"));
        }
        upload.file.flush().await.map_err(|error| disk(&error))?;
        upload.file.sync_all().await.map_err(|error| disk(&error))?;
        let path = upload.path.to_string_lossy().into_owned();
        let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
        let name = if name.trim().is_empty() { "upload" } else { name.trim() };
        let new = NewImport { path: &path, name, is_copy: true, chat, consolidate, bytes: upload.bytes };
        let id = self.store().queue_import(new, self.now()).await?;
        upload.is_queued = true;
        self.inner.imports.wake.notify_one();
        self.tell_import(id).await
    }
}
