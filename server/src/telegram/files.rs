//! Files that people send: fetched from the Bot API server when their message is about to be answered, and read by the engine.
//!
//! It happens in the lane of the chat, so that nobody else waits; a few at a time, within limits of size and time. Whatever
//! cannot be had or read is told, once, and the message stays as a note that something came. The address of a file holds the
//! bot's token, and is made in one place, where nobody sees it.

use std::{collections::HashSet, time::Duration};

use futures::{StreamExt, stream};
use serde::Deserialize;
use souvenir_memory::{ChatId, MessageId, media::FileKind};
use teloxide::{payloads::GetFile, types::FileId};

use super::{
    Door,
    api::CallError,
    disk,
    language::Language,
    pace::Backoff,
    replies::files::{self as texts, Told},
};
use crate::engine::{
    EngineError,
    files::{DueFile, Fetched, Taken, Unread},
};

/// Bots are given no larger files by Telegram's own server.
const LARGEST: u64 = 20 * 1024 * 1024;
/// No photo is larger; a picture sent as a file may be.
const LARGEST_PICTURE: u64 = 10 * 1024 * 1024;
/// Of a document the beginning will do: more than any context holds.
const BEGINNING: u64 = 1024 * 1024;
/// For a whole file.
const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(60);
const TRIES: u32 = 3;
/// No longer wait is obeyed while somebody waits for an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// So many files of one answer are fetched at once.
const AT_ONCE: usize = 4;

/// What `getFile` tells.
#[derive(Debug, Deserialize)]
struct Place {
    file_path: Option<String>,
    file_size: Option<u64>,
}

/// Why a file was not fetched.
enum Unfetched {
    TooLarge,
    Failed,
}

impl Door {
    /// Reads the files of what waits for an answer in a chat. Gives what there is to tell about them, and whether there is
    /// anything to answer now.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn read_files(
        &self,
        chat: ChatId,
        language: Language,
    ) -> Result<(Option<String>, bool), EngineError> {
        let mut tried: HashSet<(MessageId, bool)> = HashSet::new();
        let mut told = Vec::new();
        loop {
            let mut due = self.engine.files_due(chat).await?;
            due.retain(|file| tried.insert((file.message, file.of_reply)));
            if due.is_empty() {
                break;
            }
            // What comes meanwhile is read, too.
            told.extend(self.read(chat, due).await?);
        }
        let worth = tried.is_empty() || self.engine.is_worth_answering(chat).await?;
        Ok((texts::told(language, &told), worth))
    }

    async fn read(&self, chat: ChatId, due: Vec<DueFile>) -> Result<Vec<Told>, EngineError> {
        let among = due.iter().filter(|file| file.file.kind == FileKind::Document).count();
        let mut told = Vec::new();
        let mut wanted = Vec::new();
        for file in due {
            match self.engine.is_useless(chat, &file).await? {
                Some(why) => told.extend(Told::of(&file, &Taken::Unread(why))),
                None => wanted.push(file),
            }
        }
        let fetching = wanted.into_iter().map(|file| async move {
            let fetched = self.fetch(&file).await;
            (file, fetched)
        });
        let mut fetched = stream::iter(fetching).buffered(AT_ONCE);
        while let Some((file, fetched)) = fetched.next().await {
            let taken = match fetched {
                Ok(fetched) => self.engine.take_file(chat, &file, fetched, among).await?,
                Err(Unfetched::Failed) => Taken::Unread(self.engine.file_failed(&file).await?),
                Err(Unfetched::TooLarge) => {
                    self.engine.put_file_aside(&file).await?;
                    Taken::Unread(Unread::TooLarge)
                }
            };
            told.extend(Told::of(&file, &taken));
        }
        Ok(told)
    }

    /// Fetches a file, or the beginning of a document.
    async fn fetch(&self, file: &DueFile) -> Result<Fetched, Unfetched> {
        let most = match file.file.kind {
            FileKind::Picture => LARGEST_PICTURE,
            FileKind::Voice | FileKind::Audio => LARGEST,
            FileKind::Document => BEGINNING,
        };
        // Telegram gives out none of a file that is too large, not even its beginning.
        let limit = most.max(if file.file.kind == FileKind::Document { LARGEST } else { 0 });
        if file.file.bytes.is_some_and(|bytes| bytes > limit) {
            return Err(Unfetched::TooLarge);
        }
        let mut backoff = Backoff::new();
        for _ in 1..TRIES {
            let error = match self.try_fetch(file, most, limit).await {
                Ok(fetched) => return fetched,
                Err(error) => error,
            };
            let wait = match error {
                CallError::TooMany(wait) if wait <= LONGEST_WAIT => wait,
                CallError::Unreachable(_) | CallError::Unanswered(_) => backoff.next(),
                error => return Err(failed(file, &error)),
            };
            tracing::debug!(message.id = %file.message, "a file was not fetched; trying again");
            tokio::time::sleep(wait).await;
        }
        self.try_fetch(file, most, limit).await.unwrap_or_else(|error| Err(failed(file, &error)))
    }

    async fn try_fetch(&self, file: &DueFile, most: u64, limit: u64) -> Result<Result<Fetched, Unfetched>, CallError> {
        let place: Place = self.api.call(&GetFile::new(FileId(file.file.id.clone()))).await?;
        if place.file_size.is_some_and(|bytes| bytes > limit) {
            return Ok(Err(Unfetched::TooLarge));
        }
        let Some(path) = place.file_path else {
            return Err(CallError::Unanswered("a file without a path".to_owned()));
        };
        let (bytes, is_cut) = self.bytes(&path, most).await?;
        if is_cut && file.file.kind != FileKind::Document {
            return Ok(Err(Unfetched::TooLarge));
        }
        Ok(Ok(Fetched { bytes, is_cut }))
    }
}

impl Door {
    /// At most so many bytes of a file, from the server or, where both see the same disk, from there.
    async fn bytes(&self, path: &str, most: u64) -> Result<(Vec<u8>, bool), CallError> {
        let place = self.api.place_on_disk(path);
        let mut unread = None;
        if let Some(place) = &place {
            match disk::read(place, most).await {
                Ok(read) => return Ok(read),
                Err(error) => unread = Some(error),
            }
        }
        let downloaded = self.api.download(path, most, DOWNLOAD_TIMEOUT).await;
        if let (Err(CallError::Refused { .. }), Some(error)) = (&downloaded, unread) {
            tracing::warn!(
                %error,
                "the Bot API server runs with --local: it tells where on its own disk a file is, and that cannot be read \
                 here; let Souvenir read the server's folder, under the same path, or run the server without --local"
            );
        }
        downloaded
    }
}

fn failed(file: &DueFile, error: &CallError) -> Unfetched {
    match error {
        CallError::Refused { description, .. } if description.contains("file is too big") => Unfetched::TooLarge,
        error => {
            tracing::warn!(message.id = %file.message, %error, "a file was not fetched");
            Unfetched::Failed
        }
    }
}
