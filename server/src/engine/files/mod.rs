//! What comes with a message and is no text: pictures for the model to see, recordings to be transcribed, documents to be read.
//!
//! A message is stored with the way to ask for its file. The door that can ask does so before it has the message answered:
//! [`Engine::files_due`] says for what, and [`Engine::take_file`] is given the bytes, or [`Engine::file_failed`] why there are
//! none. Words become part of the message, as a new revision; a picture is held in memory until its turn has ended. No file is
//! ever stored. A file that was not read when a process ended is still due.

mod pictures;
mod text;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use souvenir_memory::{
    ChatId, Encoding, MessageId,
    media::{self, FileKind},
};
use tokio::time::Instant;

pub(super) use self::pictures::Shown;
pub use crate::store::FileRecord as DueFile;
use crate::{
    llm::{
        Picture, Quirk,
        openai::transcription::{Recording, TranscriptionModel},
        tokens::count_off_thread,
        vision,
    },
    measure::ModelCall,
    store::Reading,
};

use super::{
    Engine,
    error::Result,
    settings::{Settings, Sight},
    spending::Purpose,
    spoken::LONGEST_QUOTE,
};

/// A file that could not be read so often is not tried again.
const MOST_TRIES: u32 = 3;

/// What those who read files share.
#[derive(Debug, Default)]
pub(super) struct Files {
    transcription: OnceLock<TranscriptionModel>,
    /// The pictures of messages that wait for an answer, or are being answered; with whether they came with what those reply to.
    pictures: Mutex<HashMap<(ChatId, MessageId, bool), Arc<Picture>>>,
}

/// A file's bytes, as they came.
#[derive(Clone)]
pub struct Fetched {
    /// The bytes, or the first of them.
    pub bytes: Vec<u8>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All of it is there for the model.
    Whole,
    /// As much as there is room for: the first lines of all, where that is known.
    Partly {
        /// The lines that were read.
        lines: usize,
        /// All there are; none where the file is so large that nobody counted.
        of: Option<usize>,
    },
    /// Nothing of it.
    Unread(Unread),
}

/// Why a file is not read. It is kept as a note that it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The chat's model sees no pictures.
    Blind,
    /// No model transcribes.
    Deaf,
    /// It is larger than what is fetched.
    TooLarge,
    /// It is no picture, or no text, that can be read.
    Unreadable,
    /// Nothing was said in it.
    Silent,
    /// It could not be fetched, or whoever transcribes did not answer. Whether it is tried again.
    Failed {
        /// With the next answer.
        again: bool,
    },
}

impl Files {
    /// Lets go of a chat's pictures.
    pub(super) fn forget(&self, chat: ChatId) {
        self.pictures.lock().unwrap_or_else(PoisonError::into_inner).retain(|(of, ..), _| *of != chat);
    }
}

impl Engine {
    /// Tells the engine of the model that transcribes recordings. Without one they are notes only.
    pub fn use_transcription(&self, model: TranscriptionModel) {
        // A second call changes nothing.
        let _ = self.inner.files.transcription.set(model);
    }

    /// The files of messages that wait for an answer and are not at hand, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn files_due(&self, chat: ChatId) -> Result<Vec<DueFile>> {
        let mut due = self.store().files_due(chat).await?;
        let held = self.inner.files.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        due.retain(|file| !held.contains_key(&(chat, file.message, file.of_reply)));
        Ok(due)
    }

    /// Why a file need not even be fetched; none where it is to be.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](super::EngineError::NoChat), or when the database fails.
    pub async fn is_useless(&self, chat: ChatId, file: &DueFile) -> Result<Option<Unread>> {
        let settings = self.settings(Some(chat)).await?;
        let why = match file.file.kind {
            FileKind::Picture if !self.sees(&settings) => Some(Unread::Blind),
            kind if kind.is_sound() && self.inner.files.transcription.get().is_none() => Some(Unread::Deaf),
            _ => None,
        };
        if why.is_some() {
            self.store().file_failed(file, true).await?;
        }
        Ok(why)
    }

    /// Reads a file that was fetched, among so many of the same answer.
    ///
    /// # Errors
    /// When the database fails. A model that fails is no error: see [`Taken`].
    pub async fn take_file(&self, chat: ChatId, file: &DueFile, fetched: Fetched, among: usize) -> Result<Taken> {
        let taken = match file.file.kind {
            FileKind::Picture => self.take_picture(chat, file, &fetched),
            FileKind::Voice | FileKind::Audio => self.take_recording(chat, file, fetched).await?,
            FileKind::Document => self.take_document(chat, file, &fetched, among).await?,
        };
        match &taken {
            Taken::Unread(Unread::Failed { .. }) => self.file_failed(file).await.map(Taken::Unread),
            Taken::Unread(_) => self.store().file_failed(file, true).await.map(|()| taken).map_err(Into::into),
            Taken::Whole | Taken::Partly { .. } => Ok(taken),
        }
    }

    /// Notes that a file could not be fetched, or read; says whether it is tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn file_failed(&self, file: &DueFile) -> Result<Unread> {
        let again = file.tries + 1 < MOST_TRIES;
        self.store().file_failed(file, !again).await?;
        Ok(Unread::Failed { again })
    }

    /// Notes that a file is never to be fetched again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_file_aside(&self, file: &DueFile) -> Result<()> {
        Ok(self.store().file_failed(file, true).await?)
    }

    /// Whether anything waits that an answer could be about: words, or a picture that the model will see.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_worth_answering(&self, chat: ChatId) -> Result<bool> {
        let waiting = self.store().unanswered(chat).await?;
        let held = self.inner.files.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(waiting.iter().any(|message| {
            !media::is_wordless(message.kind, &message.text) || held.contains_key(&(chat, message.id, false))
        }))
    }

    /// Whether a chat's model is shown pictures.
    pub(super) fn sees(&self, settings: &Settings) -> bool {
        let model = &settings.chat_model.value;
        let refused = || self.model().learnt().iter().any(|it| it.quirk == Quirk::NoPictures && it.model == *model);
        match settings.pictures.value {
            Sight::Off => false,
            Sight::On => self.has_language_model() && !refused(),
            Sight::Auto => self.has_language_model() && vision::is_known(model) != Some(false) && !refused(),
        }
    }

    async fn take_recording(&self, chat: ChatId, file: &DueFile, fetched: Fetched) -> Result<Taken> {
        let Some(model) = self.inner.files.transcription.get() else { return Ok(Taken::Unread(Unread::Deaf)) };
        let began = Instant::now();
        let recording = Recording {
            bytes: fetched.bytes,
            name: recording_name(file),
            mime: file.file.mime.clone().unwrap_or_else(|| "audio/ogg".to_owned()),
        };
        let heard = model.transcribe(&recording).await;
        let outcome = heard.as_ref().map_or_else(|error| error.name(), |_| "answered");
        ModelCall { model: model.name(), outcome, took: began.elapsed(), first_token: None }.count();
        if let Ok(heard) = &heard {
            // The endpoint knows best how long it was.
            let seconds = heard.seconds.or(file.file.seconds);
            let took = (heard.usage.unwrap_or_default(), seconds);
            self.spend_besides(Some(chat), Purpose::Transcription, model.name(), took).await?;
        }
        match heard.map(|heard| heard.words) {
            Ok(words) if words.is_empty() => Ok(Taken::Unread(Unread::Silent)),
            Ok(words) => {
                let how = if file.file.kind.is_sound() { "transcribed" } else { "" };
                self.keep_reading(chat, file, Reading { how, text: &words }).await?;
                Ok(Taken::Whole)
            }
            Err(error) => {
                tracing::warn!(chat.id = %chat, message.id = %file.message, reason = error.name(), "a recording was not transcribed");
                Ok(Taken::Unread(Unread::Failed { again: true }))
            }
        }
    }

    /// Makes what was read part of the message, or of what it quotes.
    async fn keep_reading(&self, chat: ChatId, file: &DueFile, reading: Reading<'_>) -> Result<()> {
        let Some(beside) = self.store().text_beside(chat, file.message, file.of_reply).await? else { return Ok(()) };
        let text = media::with_reading(&beside, reading.how, reading.text);
        if file.of_reply {
            let quoted: String = text.chars().take(LONGEST_QUOTE).collect();
            return Ok(self.store().keep_quoted_reading(file.message, &quoted).await?);
        }
        let settings = self.settings_at(Some(chat), self.now()).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let counted = (encoding, count_off_thread(encoding, &text).await);
        let stored = (text.as_str(), reading.text.len());
        if let Some(revised) = self.store().keep_reading(chat, file.message, stored, counted, self.now()).await? {
            self.follow_revision(chat, revised, &text).await?;
        }
        Ok(())
    }
}

/// Endpoints go by the name to know what it is.
fn recording_name(file: &DueFile) -> String {
    let extension = match file.file.mime.as_deref().unwrap_or_default() {
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/mp4" | "audio/x-m4a" | "audio/m4a" | "audio/aac" => "m4a",
        "audio/wav" | "audio/x-wav" => "wav",
        "audio/flac" | "audio/x-flac" => "flac",
        "audio/webm" => "webm",
        "video/mp4" => "mp4",
        _ => "ogg",
    };
    format!("recording.{extension}")
}
