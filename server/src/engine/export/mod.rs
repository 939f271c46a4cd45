//! Everything held about a chat, for whoever wants it elsewhere: as JSON lines that can be read back, or as Markdown for people.

mod markdown;

use souvenir_memory::{ChatId, Timestamp};

use super::{Engine, access, error::Result};
use crate::{
    clock::TimeZone,
    store::{self, Document, Store},
};
use markdown::Markdown;

/// The name under which the installation keeps its own name.
pub(crate) const INSTANCE: &str = "instance";

/// How lines begin that are for the owner alone.
const FOR_THE_OWNER: [&str; 2] = ["{\"type\":\"manifest\"", "{\"type\":\"prompt\""];

/// For whom a chat is written out.
#[derive(Clone, Debug)]
pub enum Form {
    /// For programs: a line of JSON each.
    Lines,
    /// For people, with times of this zone.
    Markdown(TimeZone),
}

/// A chat that is being written out, a piece at a time.
#[derive(Debug)]
pub struct Export {
    document: Document,
    markdown: Option<Markdown>,
}

impl Export {
    /// Begins to write a chat out, which is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(store: &Store, chat: ChatId, instance: &str, form: Form, now: Timestamp) -> store::Result<Self> {
        let document = store.document(chat, instance, now).await?;
        let markdown = match form {
            Form::Lines => None,
            Form::Markdown(zone) => Some(Markdown::new(zone)),
        };
        Ok(Self { document, markdown })
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self) -> store::Result<Option<String>> {
        while let Some(lines) = self.document.next().await? {
            let piece: String = match &mut self.markdown {
                None => lines.iter().map(|line| format!("{line}\n")).collect(),
                Some(markdown) => lines.iter().map(|line| markdown.line(line)).collect(),
            };
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }
}

impl Engine {
    /// Begins to write a chat out.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](super::EngineError::NoChat), or when the database fails.
    pub async fn begin_export(&self, chat: ChatId, markdown: bool) -> Result<Export> {
        self.record(chat).await?;
        let zone = self.settings_at(Some(chat), self.now()).await?.zone();
        let form = if markdown { Form::Markdown(zone) } else { Form::Lines };
        let instance = self.instance().await?;
        Ok(Export::begin(self.store(), chat, &instance, form, self.now()).await?)
    }

    /// A chat as JSON lines, all at once, for those who talk in it: without the owner's prompts, and without what models saw of
    /// each turn, which would be many times the rest and holds no word that is not in it.
    ///
    /// # Errors
    /// [`EngineError::NoChat`](super::EngineError::NoChat), or when the database fails.
    pub async fn export(&self, chat: ChatId) -> Result<String> {
        let mut export = self.begin_export(chat, false).await?;
        let mut text = String::new();
        while let Some(piece) = export.next().await? {
            let lines = piece.lines().filter(|line| !FOR_THE_OWNER.iter().any(|word| line.starts_with(word)));
            lines.for_each(|line| text.extend([line, "\n"]));
        }
        Ok(text)
    }

    /// The name of this installation, by which it knows its own exports again.
    pub(super) async fn instance(&self) -> Result<String> {
        access::kept_token(self.store(), INSTANCE).await
    }
}
