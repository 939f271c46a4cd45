//! `souvenir export`: everything held about a chat, while Souvenir runs or not.

use std::{fs::OpenOptions, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf};

use anyhow::Context;
use souvenir_memory::ChatId;

use crate::{
    clock::{Clock, SystemClock, TimeZone},
    command::{self, ChatName},
    config::Config,
    engine::export::{Export, Form, INSTANCE},
    store::Store,
};

/// What is to be written out.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// The chat.
    pub chat: ChatName,
    /// Where to; standard output without it.
    pub out: Option<PathBuf>,
    /// Whether for people.
    pub markdown: bool,
}

/// Writes a chat out.
///
/// # Errors
/// One line with the remedy.
pub async fn export(config: &Config, options: &ExportOptions) -> anyhow::Result<()> {
    let database = &config.database;
    command::must_exist(database)?;
    command::must_be_current(database).await?;
    let store = Store::open_to_read(database).await?;
    let chat = match options.chat {
        ChatName::Number(id) => Some(ChatId(id)),
        ChatName::Telegram(chat, thread) => store.telegram_chat_id(chat, thread).await?,
    };
    let record = match chat {
        Some(chat) => store.chat(chat).await?,
        None => None,
    };
    let chat = record.context(command::NO_SUCH_CHAT)?.id;
    let instance = store.installation(INSTANCE).await?;
    let instance = instance.context("this database was never served: start `souvenir serve` once")?;
    let zone = TimeZone::get(&config.defaults.time_zone.value).unwrap_or(TimeZone::UTC);
    let form = if options.markdown { Form::Markdown(zone) } else { Form::Lines };
    let mut export = Export::begin(&store, chat, &instance, form, SystemClock.now()).await?;
    let mut to: Box<dyn std::io::Write> = match &options.out {
        Some(path) => {
            let mut options = OpenOptions::new();
            let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
            Box::new(file.with_context(|| format!("{} cannot be written", path.display()))?)
        }
        None => Box::new(std::io::stdout().lock()),
    };
    while let Some(piece) = export.next().await? {
        to.write_all(piece.as_bytes())?;
    }
    to.flush()?;
    if let Some(path) = &options.out {
        eprintln!("Written to {}", path.display());
    }
    Ok(())
}
