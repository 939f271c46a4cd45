//! Taking in what was read: each chat's records to where they belong, batch by batch, and what follows from it.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use souvenir_memory::{
    ChatId, Encoding, MessageId, MessageKind, Role, TokenCount,
    import::{ChatSort, ExportedChat, Record},
};
use tokio::sync::mpsc;

use super::{
    ChatReport, Filling, ImportReport,
    read::{Entry, Item, QUEUE, Reading, read},
    target::{Standing, Target},
};
use crate::{
    engine::{ChatEvent, Engine, EngineError, error::Result},
    store::ImportedMessage,
};

/// What is to be done with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// The chat to go to; otherwise what was exported says.
    pub chat: Option<ChatId>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Got<'a> {
    /// Bytes read.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
    /// What came of it so far.
    pub report: &'a ImportReport,
}

/// The chat that is being read.
struct Current<'a> {
    head: ExportedChat,
    target: Target,
    /// Keeps others from indexing it meanwhile.
    _filling: Filling<'a>,
}

/// What all of a file shares.
struct Work {
    options: ImportOptions,
    encoding: Encoding,
    bots: HashSet<i64>,
    forgotten: HashMap<MessageId, ChatId>,
    report: ImportReport,
}

impl Engine {
    /// Imports a file. `told` hears how far it is after each batch; its `false` ends the import there.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when the file cannot be opened; [`EngineError::NoChat`]; [`EngineError::Conflict`] when it was
    /// ended; or when the database fails. What was taken in by then stays.
    pub async fn import_file(
        &self,
        path: &Path,
        options: ImportOptions,
        told: &mut (dyn AsyncTold + Send),
    ) -> Result<ImportReport> {
        let _alone = self.inner.imports.alone.lock().await;
        let unreadable =
            |error: std::io::Error| EngineError::invalid("file", format!("the file cannot be read: {error}"));
        let total = tokio::fs::metadata(path).await.map_err(unreadable)?.len();
        if super::own::is_own(path).map_err(unreadable)? {
            let report = self.restore_file(path, &options).await?;
            told.told(Got { done: total, total, report: &report }).await;
            return Ok(report);
        }
        let settings = self.settings_at(options.chat, self.now()).await?;
        let encoding = Encoding::of_model(&settings.chat_model.value);
        let mut work = Work {
            options,
            encoding,
            bots: self.own_bots().await?,
            forgotten: self.store().forgotten_imports().await?,
            report: ImportReport::default(),
        };
        let done = Arc::new(AtomicU64::new(0));
        let (to, mut from) = mpsc::channel(QUEUE);
        let reading =
            Reading { encoding, zone: settings.zone(), one_chat: options.chat.is_some(), done: Arc::clone(&done) };
        let file = path.to_owned();
        let reader = tokio::task::spawn_blocking(move || read(&file, reading, to));
        let mut current = None;
        while let Some(item) = from.recv().await {
            self.take(&mut work, &mut current, item).await?;
            let got = Got { done: done.load(Ordering::Relaxed), total, report: &work.report };
            if !told.told(got).await {
                self.finish_chat(current.take()).await?;
                return Err(EngineError::conflict("the import was stopped; what was read by then is in"));
            }
        }
        let ended =
            reader.await.map_err(|error| EngineError::Internal(format!("reading an import failed: {error}")))?;
        self.finish_chat(current.take()).await?;
        ended.map_err(unreadable)?;
        told.told(Got { done: total, total, report: &work.report }).await;
        Ok(work.report)
    }

    /// Takes in one thing that was read.
    async fn take<'a>(&'a self, work: &mut Work, current: &mut Option<Current<'a>>, item: Item) -> Result<()> {
        match item {
            Item::Chat(head, person) => {
                self.finish_chat(current.take()).await?;
                let found = self.target(&head, person, &work.options, &work.bots).await?;
                let mut report = ChatReport::default();
                match found {
                    Ok(target) => {
                        report.chat = Some(target.chat.0);
                        report.made = target.made;
                        let filling = self.inner.imports.fill(target.chat);
                        *current = Some(Current { head, target, _filling: filling });
                    }
                    Err(why) => report.skipped = Some(why),
                }
                work.report.chats.push(report);
            }
            Item::Records(entries) => self.take_records(work, current.as_ref(), entries).await?,
            Item::Broken(why) => work.report.broken = Some(why),
        }
        Ok(())
    }

    async fn take_records(&self, work: &mut Work, current: Option<&Current<'_>>, entries: Vec<Entry>) -> Result<()> {
        let mut good = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry {
                Entry::Good(record, tokens) => good.push((record, tokens)),
                Entry::Bad(place) => work.report.is_bad(place),
            }
        }
        let Some(report) = work.report.chats.last_mut() else { return Ok(()) };
        report.read += good.len() as u64;
        let Some(current) = current else { return Ok(()) };
        let mut batch = Vec::with_capacity(good.len());
        for (record, tokens) in good {
            let by_bot = is_by_bot(&record, &current.head, &work.bots);
            match current.target.standing(&record, by_bot) {
                Standing::Before => batch.push(message(*record, tokens, by_bot, &current.head)),
                Standing::Received => report.already += 1,
                Standing::Missed => report.later += 1,
            }
        }
        let (chat, now) = (current.target.chat, self.now());
        let taken = self.store().import_batch(chat, work.encoding, &batch, &work.forgotten, now).await?;
        report.added += taken.added;
        report.already += taken.already;
        report.edited += taken.edited;
        report.forgotten += taken.forgotten;
        Ok(())
    }

    /// A chat's records are all in: its messages get their places, and the worker sees to the rest.
    async fn finish_chat(&self, current: Option<Current<'_>>) -> Result<()> {
        let Some(Current { target, _filling: filling, .. }) = current else { return Ok(()) };
        self.order(target.chat).await?;
        drop(filling);
        self.emit(ChatEvent::Settings { chat: target.chat });
        self.nudge(target.chat);
        Ok(())
    }
}

/// Hears how far an import is, and says whether it is to go on.
#[async_trait::async_trait]
pub trait AsyncTold {
    /// Told after each batch.
    async fn told(&mut self, got: Got<'_>) -> bool;
}

/// Whether a bot said something: ours, or the one that the chat is with.
fn is_by_bot(record: &Record, head: &ExportedChat, bots: &HashSet<i64>) -> bool {
    let other = head.id.filter(|_| head.sort == ChatSort::Bot);
    record.author_id.is_some_and(|author| bots.contains(&author) || other == Some(author))
}

fn message(record: Record, tokens: TokenCount, by_bot: bool, head: &ExportedChat) -> ImportedMessage {
    let is_command = head.sort == ChatSort::Bot && record.kind == MessageKind::Text && is_command(&record.text);
    let role = match record.kind {
        MessageKind::Service => Role::System,
        _ if by_bot => Role::Assistant,
        _ => Role::User,
    };
    let shared = head.numbers_are_shared();
    ImportedMessage {
        number: record.number,
        second: record.second,
        role,
        kind: if is_command { MessageKind::Command } else { record.kind },
        author: record.author.filter(|_| role != Role::Assistant),
        author_id: record.author_id,
        telegram_message_id: shared.then_some(record.number),
        reply_to: record.reply_to.filter(|_| shared),
        forwarded_from: record.forwarded_from,
        text: record.text,
        edited: record.edited,
        tokens,
    }
}

/// What is said to a bot as a command is never context.
fn is_command(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}
