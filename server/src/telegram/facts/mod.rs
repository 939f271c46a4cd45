//! `/facts`: what is remembered, page by page, and each fact to be corrected, pinned, deleted and traced to its words.
//!
//! All of it happens in one message that is edited in place. Each button is a `/facts` with arguments ([`Wish`]), so what a
//! press does is what typing it does, and a crash leaves it to be done again. A correction is a reply to a question that
//! names the fact: nothing is kept in the process.

pub(super) mod page;
pub(super) mod quote;
mod wish;

use souvenir_memory::{
    Fact, FactId, FactSource, FactStatus,
    fact::{InvalidStatement, clean_statement},
};

pub(super) use self::wish::correction;
use self::{page::Listing, wish::Wish};
use super::{Door, commands::Speaker, replies, reply::Reply};
use crate::{
    clock,
    engine::{
        Engine, EngineError, Forget,
        facts::{FactItem, FactPatch, FactQuery},
    },
};

/// Shows the facts of a chat, or does what a button says to one.
pub(super) async fn run(door: &Door, speaker: Speaker, wish: &str) -> Result<Reply, EngineError> {
    let wish = Wish::read(wish);
    let language = speaker.language;
    let done = match wish {
        Wish::List { page } => list(&door.engine, speaker, page).await,
        Wish::Show { fact, page } => show(&door.engine, speaker, fact, page).await,
        Wish::Quote { fact } => quote::show(&door.engine, speaker, fact).await,
        _ if !door.may_edit(speaker).await => return Ok(Reply::alert(replies::only_administrators(language))),
        Wish::Pin { fact, pinned, page } => pin(&door.engine, speaker, fact, pinned, page).await,
        Wish::Delete { fact, version, page } => delete(&door.engine, speaker, fact, version, page).await,
        Wish::Forget { fact, version, page } => forget(&door.engine, speaker, fact, version, page).await,
        Wish::Restore { fact, pinned, page } => restore(&door.engine, speaker, fact, pinned, page).await,
        Wish::Ask { fact } => ask(&door.engine, speaker, fact).await,
        Wish::Correct { fact, statement } => correct(&door.engine, speaker, fact, &statement).await,
        Wish::Version { fact, version } => earlier(&door.engine, speaker, fact, version).await,
    };
    match done {
        Err(EngineError::NoFact(_)) => gone(&door.engine, speaker).await,
        done => done,
    }
}

/// What a chat remembers now: what is in force, then what waits for a decision.
pub(super) async fn remembered(engine: &Engine, speaker: Speaker) -> Result<Vec<FactItem>, EngineError> {
    let now = engine.now();
    let mut items = engine.facts(speaker.chat, FactQuery::default()).await?;
    items.retain(|item| item.fact.is_in_force(now) || item.fact.status == FactStatus::Pending);
    items.sort_by_key(|item| item.fact.status == FactStatus::Pending);
    Ok(items)
}

async fn list(engine: &Engine, speaker: Speaker, page: usize) -> Result<Reply, EngineError> {
    let items = remembered(engine, speaker).await?;
    Ok(Listing { language: speaker.language, items: &items, page }.reply())
}

/// A fact in place of the list it was chosen from.
async fn show(engine: &Engine, speaker: Speaker, fact: FactId, page: usize) -> Result<Reply, EngineError> {
    let item = living(engine, speaker, fact).await?;
    let zone = engine.settings(Some(speaker.chat)).await?.zone();
    let date = |at| clock::local(at, &zone, speaker.language.date_format());
    let since = date(item.fact.recorded_at);
    let valid = item.fact.valid_at.map(date);
    let view = replies::facts::view(speaker.language, &item.fact, &since, valid.as_deref());
    Ok(Reply::text(view).with(page::of_fact(speaker.language, &item, page)).instead())
}

/// A fact that is not deleted.
async fn living(engine: &Engine, speaker: Speaker, fact: FactId) -> Result<FactItem, EngineError> {
    let item = engine.fact(speaker.chat, fact).await?;
    if item.fact.status == FactStatus::Tombstoned { Err(EngineError::NoFact(fact)) } else { Ok(item) }
}

/// The list, with word that a fact is gone.
async fn gone(engine: &Engine, speaker: Speaker) -> Result<Reply, EngineError> {
    Ok(list(engine, speaker, 1).await?.noticed(replies::facts::gone(speaker.language)))
}

async fn pin(engine: &Engine, speaker: Speaker, fact: FactId, pinned: bool, page: usize) -> Result<Reply, EngineError> {
    living(engine, speaker, fact).await?;
    let patch = FactPatch { pinned: Some(pinned), ..FactPatch::default() };
    engine.edit_fact(speaker.chat, fact, patch, speaker.source()).await?;
    let shown = show(engine, speaker, fact, page).await?;
    Ok(shown.noticed(replies::facts::pinned(speaker.language, pinned)))
}

/// Deletes a fact as it was shown; what has changed since is shown instead.
async fn delete(
    engine: &Engine,
    speaker: Speaker,
    fact: FactId,
    version: u32,
    page: usize,
) -> Result<Reply, EngineError> {
    let item = engine.fact(speaker.chat, fact).await?;
    let language = speaker.language;
    // Done before a crash, and now done again: the way back is shown once more.
    let again = item.fact.status == FactStatus::Tombstoned && item.fact.version == version + 1;
    if !again {
        if let Some(refused) = refused(speaker, &item.fact, version)? {
            return match refused {
                Refused::Changed => {
                    Ok(show(engine, speaker, fact, page).await?.noticed(replies::facts::changed(language)))
                }
                Refused::NotTheirs => Ok(Reply::alert(replies::facts::owners_word(language))),
            };
        }
        engine.delete_fact(speaker.chat, fact).await?;
    }
    let keyboard = page::of_deleted(language, &item, page, version + 1);
    let recorded = Some(replies::facts::gone(language));
    Ok(Reply { recorded, ..Reply::text(replies::facts::deleted(language, &item.fact)).with(keyboard).instead() })
}

/// Why a button does not do what it says.
enum Refused {
    Changed,
    NotTheirs,
}

/// Whether something stands against changing a fact that was shown in this version.
fn refused(speaker: Speaker, fact: &Fact, version: u32) -> Result<Option<Refused>, EngineError> {
    Ok(match fact {
        Fact { status: FactStatus::Tombstoned, id, .. } => return Err(EngineError::NoFact(*id)),
        Fact { source: FactSource::Owner, .. } if !speaker.is_owner => Some(Refused::NotTheirs),
        fact if fact.version != version => Some(Refused::Changed),
        _ => None,
    })
}

/// Forgets a fact that was deleted, as long as nobody has touched it since.
async fn forget(
    engine: &Engine,
    speaker: Speaker,
    fact: FactId,
    version: u32,
    page: usize,
) -> Result<Reply, EngineError> {
    let Fact { source, version: now, .. } = engine.fact(speaker.chat, fact).await?.fact;
    let language = speaker.language;
    if source == FactSource::Owner && !speaker.is_owner {
        return Ok(Reply::alert(replies::facts::owners_word(language)));
    }
    if now != version {
        return Ok(show(engine, speaker, fact, page).await?.noticed(replies::facts::changed(language)));
    }
    let report = engine.forget(speaker.chat, &Forget::Facts(vec![fact])).await?;
    let keyboard = page::of_forgotten(language, page);
    Ok(Reply::text(replies::facts::forgotten(language, report.erased)).with(keyboard).instead())
}

/// Undoes a deletion.
async fn restore(
    engine: &Engine,
    speaker: Speaker,
    fact: FactId,
    pinned: bool,
    page: usize,
) -> Result<Reply, EngineError> {
    engine.bring_back_fact(speaker.chat, fact, None, speaker.source()).await?;
    if pinned {
        let patch = FactPatch { pinned: Some(true), ..FactPatch::default() };
        engine.edit_fact(speaker.chat, fact, patch, speaker.source()).await?;
    }
    Ok(show(engine, speaker, fact, page).await?.noticed(replies::facts::restored(speaker.language)))
}

/// Asks for another wording, as a question to be replied to.
async fn ask(engine: &Engine, speaker: Speaker, fact: FactId) -> Result<Reply, EngineError> {
    let item = living(engine, speaker, fact).await?;
    if item.fact.source == FactSource::Owner && !speaker.is_owner {
        return Ok(Reply::alert(replies::facts::owners_word(speaker.language)));
    }
    let language = speaker.language;
    let asks = Some(replies::facts::wording_placeholder(language));
    let recorded = Some(replies::recorded::wording_of(language, fact));
    Ok(Reply { asks, recorded, ..Reply::text(replies::facts::ask_wording(language, &item.fact)) })
}

/// Takes another wording.
async fn correct(engine: &Engine, speaker: Speaker, fact: FactId, wording: &str) -> Result<Reply, EngineError> {
    let language = speaker.language;
    let before = living(engine, speaker, fact).await?.fact;
    if before.source == FactSource::Owner && !speaker.is_owner {
        return Ok(Reply::text(replies::facts::owners_word(language)));
    }
    let statement = match clean_statement(wording) {
        Ok(statement) if statement == before.statement => {
            return Ok(Reply::text(replies::facts::same_wording(language)));
        }
        Ok(statement) => statement,
        Err(InvalidStatement::Empty) => return Ok(Reply::text(replies::facts::unusable(language, 0))),
        Err(InvalidStatement::TooLong(long)) => return Ok(Reply::text(replies::facts::unusable(language, long))),
    };
    let patch = FactPatch { statement: Some(statement), ..FactPatch::default() };
    let item = engine.edit_fact(speaker.chat, fact, patch, speaker.source()).await?;
    let keyboard = page::of_corrected(language, &item, before.version);
    let recorded = Some(replies::remember::recorded(language));
    Ok(Reply { recorded, ..Reply::text(replies::facts::corrected(language, &item.fact)).with(keyboard) })
}

/// Undoes a correction: the earlier wording is the newest again.
async fn earlier(engine: &Engine, speaker: Speaker, fact: FactId, version: u32) -> Result<Reply, EngineError> {
    let item = living(engine, speaker, fact).await?;
    if item.fact.source == FactSource::Owner && !speaker.is_owner {
        return Ok(Reply::alert(replies::facts::owners_word(speaker.language)));
    }
    engine.bring_back_fact(speaker.chat, fact, Some(version), speaker.source()).await?;
    Ok(show(engine, speaker, fact, 1).await?.noticed(replies::facts::restored(speaker.language)))
}
