//! `souvenir forget`: forgets a message or a chat while Souvenir runs or not, and prints what went.
//!
//! What is to be forgotten is written into the database. A running Souvenir finds it there and does it, since only it
//! knows what is being answered just now; when none is running, this process does it.

use std::{
    io::{BufRead, IsTerminal, Write},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use souvenir_memory::{ChatId, MessageId};

use crate::{
    clock::{Clock, SystemClock},
    command::{self, ChatName},
    config::Config,
    engine::{Engine, ForgetReport},
    llm::offline::OfflineModel,
    store::{ForgetRequest, OpenError, Outcome, Scope, Store},
};

/// How often to look how far a running Souvenir is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long it may take to begin: it looks every second.
const BEGINS_WITHIN: Duration = Duration::from_secs(15);
/// How long it may take to end. A large file is written anew meanwhile.
const ENDS_WITHIN: Duration = Duration::from_secs(600);

/// What is to be forgotten.
#[derive(Clone, Debug)]
pub struct ForgetOptions {
    /// The chat.
    pub chat: ChatName,
    /// The message; none for the whole chat.
    pub message: Option<i64>,
    /// Whether not to ask.
    pub yes: bool,
}

/// Forgets, and prints the report.
///
/// # Errors
/// One line with the remedy; nothing is forgotten then, unless the line says that it is still going on.
pub async fn forget(config: &Config, options: &ForgetOptions) -> anyhow::Result<()> {
    let database = &config.database;
    command::must_exist(database)?;
    command::must_be_current(database).await?;
    let mut request = ForgetRequest::open(database).await?;
    let (chat, scope, told) = meant(&mut request, options).await?;
    if !options.yes && !confirmed(&told)? {
        println!("Nothing was forgotten.");
        return Ok(());
    }
    let id = request.ask(chat, &scope, SystemClock.now()).await?;
    let report = match Store::open(database).await {
        Ok(store) => do_it(config, store, &mut request, id).await?,
        Err(OpenError::Locked(_)) => have_it_done(&mut request, id, database).await?,
        Err(error) => {
            request.withdraw(id).await?;
            return Err(error.into());
        }
    };
    print(&report);
    request.close().await?;
    Ok(())
}

/// Finds what is meant, and says it in words.
async fn meant(request: &mut ForgetRequest, options: &ForgetOptions) -> anyhow::Result<(ChatId, Scope, String)> {
    let chat = match options.chat {
        ChatName::Number(id) => Some(ChatId(id)),
        ChatName::Telegram(chat, thread) => request.telegram_chat(chat, thread).await?,
    };
    let named = match chat {
        Some(chat) => request.title(chat).await?.map(|title| (chat, title)),
        None => None,
    };
    let Some((chat, title)) = named else { bail!(command::NO_SUCH_CHAT) };
    Ok(match options.message.map(MessageId) {
        Some(message) if !request.has_message(chat, message).await? => {
            bail!("there is no message {message} in chat {chat} (“{title}”)")
        }
        Some(message) => {
            let told = format!("message {message} of chat {chat} (“{title}”)");
            (chat, Scope::Messages(vec![message]), told)
        }
        None => (chat, Scope::Chat, format!("all of chat {chat} (“{title}”), its settings too")),
    })
}

/// Asks the person at the terminal.
fn confirmed(told: &str) -> anyhow::Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        bail!("this would forget {told}, which cannot be undone: pass --yes to do it without being asked");
    }
    print!("Forget {told}? It cannot be undone. [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Does it here: nobody serves this database.
async fn do_it(config: &Config, store: Store, request: &mut ForgetRequest, id: i64) -> anyhow::Result<ForgetReport> {
    let engine = Engine::start(store, Arc::new(OfflineModel), Arc::new(SystemClock), config.defaults.clone()).await?;
    engine.forget_what_was_asked().await?;
    let outcome = request.outcome(id).await?;
    engine.close().await;
    match outcome {
        Outcome::Forgotten(report) => Ok(report),
        Outcome::Failed(why) => bail!("{why}"),
        Outcome::Waits | Outcome::Begun => {
            bail!("failed to forget: the log says why; it is tried again at the next start")
        }
    }
}

/// Waits until the Souvenir that runs has done it.
async fn have_it_done(request: &mut ForgetRequest, id: i64, database: &Path) -> anyhow::Result<ForgetReport> {
    println!("Souvenir is running: it does this");
    let mut waited = Duration::ZERO;
    let mut seen = None;
    while waited < ENDS_WITHIN {
        match request.outcome(id).await.context("failed to read how far it is")? {
            Outcome::Failed(why) => bail!("{why}"),
            Outcome::Forgotten(report) if report.erased => return Ok(report),
            Outcome::Forgotten(report) => seen = Some(report),
            Outcome::Waits if waited >= BEGINS_WITHIN && request.withdraw(id).await? => bail!(
                "{} is open in a program that does not forget: stop it, and run this command again; nothing was forgotten",
                database.display()
            ),
            Outcome::Waits | Outcome::Begun => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
        waited += LOOK_EVERY;
    }
    seen.context("it is still going on; the running Souvenir ends it, and takes it up again should it be stopped")
}

fn print(report: &ForgetReport) {
    println!("Forgotten:");
    let lines = [
        (report.messages, "messages"),
        (report.revisions, "texts of them, edits included"),
        (report.replies, "messages of the bot that repeated them"),
        (report.index_entries, "entries of the search index"),
        (report.facts, "facts that rested on them alone"),
        (report.fact_versions, "versions of facts that stay"),
        (report.evidence, "pieces of evidence"),
        (report.summaries + report.period_summaries, "summaries"),
        (report.proposals, "proposals"),
        (report.operations, "records of what the memory model asked for"),
        (report.manifest_items, "items of manifests"),
    ];
    for (count, what) in lines.into_iter().filter(|(count, _)| *count > 0) {
        println!("{count:>8} {what}");
    }
    if report.facts_kept > 0 {
        println!("Kept, since they rest on more: {} facts", report.facts_kept);
    }
    if !report.kept_by_hand.is_empty() {
        let facts: Vec<String> = report.kept_by_hand.iter().map(ToString::to_string).collect();
        println!("Kept, though they repeat it, since a person wrote them: facts {}", facts.join(", "));
    }
    if report.remaking {
        println!("Summaries are made again without it while Souvenir runs.");
    }
    println!(
        "{}",
        if report.erased {
            "The bytes are gone from the database's file and its log. Backups made before are out of reach."
        } else {
            "The bytes are not gone from the file yet: that is done as soon as nobody reads from it, or at the next start."
        }
    );
}
