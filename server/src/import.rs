//! `souvenir import`: brings in an export of Telegram Desktop or one of Souvenir's own, while Souvenir runs or not.
//!
//! A running Souvenir finds the request in the database and does it, since only it knows what is being answered and indexed just
//! now; when none is running, this process does it. Doing it again adds nothing that is there.

use std::{
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use souvenir_frontend::words;
use souvenir_memory::ChatId;

use crate::{
    app,
    clock::{Clock, SystemClock},
    command::{self, ChatName},
    config::Config,
    engine::{
        Engine,
        import::{AsyncTold, Got, ImportOptions, ImportReport},
        maintenance::Waiting,
    },
    store::{ForgetRequest, ImportRequest, ImportState, NewImport, OpenError, Store},
};

/// How often to look how far a running Souvenir is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long it may take to begin: it looks every second, but another import may come first.
const BEGINS_WITHIN: Duration = Duration::from_secs(15);
/// How wide the bar is, in characters.
const BAR: u64 = 30;

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct ImportFile {
    /// The file.
    pub file: PathBuf,
    /// The chat to go to; otherwise what was exported says.
    pub chat: Option<ChatName>,
    /// Whether what came is to be summed up without another word.
    pub consolidate: bool,
}

/// Imports, and prints the report.
///
/// # Errors
/// One line with the remedy. What was read by then is in; doing it again adds the rest.
pub async fn import(config: &Config, wish: &ImportFile) -> anyhow::Result<()> {
    let database = &config.database;
    let file = std::fs::canonicalize(&wish.file)
        .with_context(|| format!("the file {} cannot be opened", wish.file.display()))?;
    if !file.is_file() {
        bail!("{} is no file: give the result.json of an export", wish.file.display());
    }
    command::must_be_current(database).await?;
    let chat = match wish.chat {
        Some(name) => Some(named(database, name).await?),
        None => None,
    };
    match Store::open(database).await {
        Ok(store) => do_it(config, store, &file, chat, wish.consolidate).await,
        Err(OpenError::Locked(_)) => have_it_done(database, &file, chat, wish.consolidate).await,
        Err(error) => Err(error.into()),
    }
}

async fn named(database: &Path, name: ChatName) -> anyhow::Result<ChatId> {
    if !database.exists() {
        bail!(command::NO_SUCH_CHAT);
    }
    let mut request = ForgetRequest::open(database).await?;
    let chat = match name {
        ChatName::Number(id) => Some(ChatId(id)),
        ChatName::Telegram(chat, thread) => request.telegram_chat(chat, thread).await?,
    };
    let found = match chat {
        Some(chat) => request.title(chat).await?.map(|_| chat),
        None => None,
    };
    request.close().await?;
    found.context(command::NO_SUCH_CHAT)
}

/// Does it here: nobody serves this database.
async fn do_it(
    config: &Config,
    store: Store,
    file: &Path,
    chat: Option<ChatId>,
    consolidate: bool,
) -> anyhow::Result<()> {
    let model = app::model(&config.model, Vec::new())?;
    let engine = Engine::start(store, model, Arc::new(SystemClock), config.defaults.clone()).await?;
    if let Some(bot) = config.telegram.as_ref().and_then(app::bot_of) {
        engine.set_bot(bot);
    }
    let mut bar = Bar::default();
    let imported = engine.import_file(file, ImportOptions { chat }, &mut bar).await;
    bar.end();
    let report = imported?;
    print(&report);
    if consolidate {
        for chat in report.filled() {
            engine.consolidate_imported(chat).await?;
        }
        println!("What came is summed up as soon as Souvenir runs.");
    } else {
        tell_waiting(&engine.waiting_imports().await?);
    }
    engine.close().await;
    fail_if_broken(&report)
}

/// Waits until the Souvenir that runs has done it.
async fn have_it_done(database: &Path, file: &Path, chat: Option<ChatId>, consolidate: bool) -> anyhow::Result<()> {
    let Some(path) = file.to_str() else { bail!("the name of {} is no text: rename it", file.display()) };
    println!("Souvenir is running: it does this");
    let mut request = ImportRequest::open(database).await?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = std::fs::metadata(file)?.len();
    let new = NewImport { path, name: &name, is_copy: false, chat, consolidate, bytes };
    let id = request.ask(new, SystemClock.now()).await?;
    let (mut bar, mut waited) = (Bar::default(), Duration::ZERO);
    let record = loop {
        let record = request.look(id).await.context("failed to read how far it is")?;
        match record.state {
            ImportState::Queued if waited >= BEGINS_WITHIN && request.withdraw(id).await? => bail!(
                "{} is open in a program that does not import just now: try again, or stop it first; nothing was imported",
                database.display()
            ),
            ImportState::Queued => waited += LOOK_EVERY,
            ImportState::Running => {
                let report: ImportReport = serde_json::from_str(&record.report).unwrap_or_default();
                bar.show(record.done_bytes, record.total_bytes, &report);
            }
            ImportState::Done | ImportState::Failed | ImportState::Stopped => break record,
        }
        tokio::time::sleep(LOOK_EVERY).await;
    };
    bar.end();
    let report: ImportReport = serde_json::from_str(&record.report).unwrap_or_default();
    if let Some(error) = record.error {
        bail!("{error}; if the file can be read by you alone, upload it in the dashboard instead");
    }
    print(&report);
    if record.state == ImportState::Stopped {
        bail!("the import was stopped; what was read by then is in");
    }
    if report.waits {
        println!("The page of imports in the dashboard says what summing it up would cost, and begins it.");
    }
    fail_if_broken(&report)
}

fn fail_if_broken(report: &ImportReport) -> anyhow::Result<()> {
    match &report.broken {
        Some(broken) => bail!("{broken}; what stands before was imported"),
        None => Ok(()),
    }
}

fn print(report: &ImportReport) {
    for chat in &report.chats {
        let place = match (chat.chat, &chat.skipped) {
            (Some(id), _) if chat.made => format!("Chat {id}, made for it"),
            (Some(id), _) => format!("Chat {id}"),
            (None, why) => format!("A chat was skipped: {}", why.as_deref().unwrap_or("it has no place")),
        };
        match &chat.skipped {
            Some(why) if chat.chat.is_some() => println!("{place}: {why}"),
            _ => println!("{place}: {}", words::records_read(chat.read)),
        }
        for (count, what) in chat.told() {
            println!("{:>10} {what}", words::count_u64(count));
        }
    }
    if report.bad > 0 {
        println!("{}:", words::records_skipped(report.bad));
        report.places.iter().for_each(|place| println!("    {}", place.told()));
    }
}

fn tell_waiting(waiting: &[Waiting]) {
    for waiting in waiting {
        let cost =
            waiting.usd.map_or_else(|| "at a price that is not known".to_owned(), |usd| format!("for about ${usd:.2}"));
        println!(
            "{} in {} of chat {} to be summed up by {}, {cost}: run this again with --consolidate, or begin it in the dashboard.",
            words::plural(waiting.messages, "message", "messages"),
            words::plural(waiting.episodes, "episode", "episodes"),
            format_args!("{} {}", waiting.chat, if waiting.messages == 1 { "waits" } else { "wait" }),
            waiting.model
        );
    }
}

/// How far it is, on one line of the terminal; a line each tenth where there is no terminal.
#[derive(Debug, Default)]
struct Bar {
    shown: Option<u64>,
}

impl Bar {
    fn show(&mut self, done: u64, total: u64, report: &ImportReport) {
        let percent = (done * 100).checked_div(total).unwrap_or(100).min(100);
        let messages = report.sum(|chat| chat.read);
        if std::io::stderr().is_terminal() {
            let full = usize::try_from(percent * BAR / 100).unwrap_or(0);
            let (full, rest) = ("#".repeat(full), ".".repeat(usize::try_from(BAR).unwrap_or(0) - full));
            eprint!("\r[{full}{rest}] {percent:>3} %  {messages} messages");
            let _ = std::io::stderr().flush();
        } else if self.shown.is_none_or(|shown| percent / 10 > shown / 10) {
            eprintln!("{percent} %, {messages} messages");
        }
        self.shown = Some(percent);
    }

    fn end(&mut self) {
        if self.shown.take().is_some() && std::io::stderr().is_terminal() {
            eprintln!();
        }
    }
}

#[async_trait::async_trait]
impl AsyncTold for Bar {
    async fn told(&mut self, got: Got<'_>) -> bool {
        self.show(got.done, got.total, got.report);
        true
    }
}
