//! Telegram: updates in, replies out.
//!
//! `poll` asks for updates, or `webhook` is brought them; `intake` takes each, which `update` reads; `receive` lets in who
//! may talk (`access`, within `limits`) and has the engine store what they say; `lane` does the work of each chat in order: answers by the
//! engine, `commands`, each in a file of its own, with the texts of `replies` for whoever has the `rights`, and what a `press`
//! of a button says. `preview` shows an answer while it is made; `deliver`, `say`, `note` and `send` bring answers out at a decent
//! `pace`, as `rich` messages or in the `format` that Telegram takes, through `api`, which reads each `answer` and
//! may lack some of the `abilities`; an `obstacle` is told. `take_up` goes on where the last process stopped.
//!
//! # Strategy
//! An update is stored before it is confirmed, so a crash loses nothing; the engine knows repeated updates, so nothing
//! is done twice. Whatever fails around us is a degraded state that heals by itself.

mod abilities;
mod access;
mod again;
mod albums;
mod announcements;
mod answer;
mod api;
mod commands;
mod context;
mod deliver;
mod disk;
mod facts;
mod files;
mod forget;
mod format;
mod goals;
mod group_preview;
mod holdings;
mod intake;
mod lane;
mod language;
mod limits;
mod media;
mod note;
mod notices;
mod obstacle;
mod pace;
mod poll;
mod preferences;
mod press;
mod preview;
mod privacy;
mod receive;
mod remember;
mod replies;
mod reply;
mod rich;
mod rights;
mod say;
mod search;
mod send;
mod session;
mod summary;
mod take_up;
mod update;
mod upload;
mod usage;
pub mod webhook;

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use teloxide::{
    payloads::{GetMe, SetMyCommands, SetMyCommandsSetters},
    types::BotCommand,
};
use tokio_util::sync::CancellationToken;

use self::{
    abilities::Abilities,
    access::Access,
    albums::Albums,
    api::{Api, CallError},
    lane::Lanes,
    language::Language,
    limits::Limits,
    pace::Backoff,
    preview::Drafts,
    send::Sender,
};
use crate::{
    config::TelegramConfig,
    engine::{Engine, ServiceState},
};

/// What is being sent when the process is to stop may take so long.
const LAST_WORDS: Duration = Duration::from_secs(8);

/// How this door is while the database takes nothing.
const NOT_STORED: &str = "messages cannot be stored; trying again";

/// Where updates come from.
pub enum Updates {
    /// We ask for them.
    Polled,
    /// They are brought to the other end of this.
    Delivered(webhook::Deliveries),
}

/// What all of this door share.
struct Door {
    engine: Engine,
    api: Api,
    sender: Arc<Sender>,
    drafts: Drafts,
    limits: Limits,
    albums: Albums,
    access: Access,
    me: Me,
    shutdown: CancellationToken,
}

/// The bot itself, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
struct Me {
    id: i64,
    #[serde(default)]
    username: String,
}

/// Serves Telegram until `shutdown` is cancelled, then finishes what is being sent, within eight seconds.
///
/// Never fails: a Bot API that is down, or refuses the token, is reported to the engine as a degraded state and tried
/// again.
pub async fn run(config: TelegramConfig, updates: Updates, engine: Engine, shutdown: CancellationToken) {
    let api = match Api::new(&config) {
        Ok(api) => api,
        Err(reason) => {
            tracing::error!(reason, "Telegram is not served");
            return engine.report_telegram(ServiceState::degraded(reason));
        }
    };
    let met = tokio::select! {
        me = meet(&api, &engine) => Some(me),
        () = shutdown.cancelled() => None,
    };
    let Some(me) = met else { return };
    let abilities = Abilities::load(engine.clone(), api.server()).await;
    let sender = Arc::new(Sender::new(api.clone(), abilities, shutdown.clone()));
    let (drafts, limits, access) = (Drafts::default(), Limits::new(&config), Access::new(&config));
    let albums = Albums::default();
    let door = Arc::new(Door { engine, api, sender, drafts, limits, albums, access, me, shutdown });
    tracing::info!(bot = door.me.username, "Telegram is served");
    let mut lanes = Lanes::new(Arc::clone(&door));
    lanes.aside(set_menus(Arc::clone(&door)));
    take_up::all(&door, &lanes).await;
    lanes.aside(notices::keep_telling(Arc::clone(&door)));
    lanes.aside(take_up::keep_sending(Arc::clone(&door), lanes.clone()));
    lanes.aside(announcements::keep_telling(Arc::clone(&door)));
    match updates {
        Updates::Polled => poll::run(&door, &mut lanes).await,
        Updates::Delivered(deliveries) => webhook::run(&door, &mut lanes, deliveries).await,
    }
    lanes.close(LAST_WORDS).await;
}

/// Calls the Bot API once, for `souvenir check`; gives the bot's name.
///
/// # Errors
/// What went wrong, with the remedy.
pub async fn probe(config: &TelegramConfig) -> Result<String, String> {
    let api = Api::new(config)?;
    let me: Me = api.call(&GetMe::new()).await.map_err(|error| remedy(&error))?;
    Ok(format!("@{}", me.username))
}

/// Asks the Bot API who we are, until it says so.
async fn meet(api: &Api, engine: &Engine) -> Me {
    let mut backoff = Backoff::new();
    let mut told = None;
    loop {
        let error = match api.call(&GetMe::new()).await {
            Ok(me) => return me,
            Err(error) => error,
        };
        let wait = match &error {
            CallError::TooMany(wait) => *wait,
            _ => backoff.next(),
        };
        let trouble = remedy(&error);
        if told.as_ref() != Some(&trouble) {
            tracing::warn!(error = trouble, "failed to reach Telegram; trying again until it works");
            engine.report_telegram(ServiceState::degraded(format!("{trouble}; trying again")));
            told = Some(trouble);
        }
        tokio::time::sleep(wait).await;
    }
}

/// What went wrong and what to do about it, in one line that holds no secret.
fn remedy(error: &CallError) -> String {
    match error {
        CallError::Unreachable(_) => format!("{error}: check the network and TELEGRAM_API_URL"),
        CallError::Refused { code: 401, .. } => format!(
            "{error}: the token is revoked or mistyped; set TELEGRAM_BOT_TOKEN to the one that @BotFather shows and \
             start again"
        ),
        CallError::Refused { code: 404, .. } => format!("{error}: check TELEGRAM_BOT_TOKEN and TELEGRAM_API_URL"),
        CallError::Refused { code: 409, .. } => {
            format!("{error}: another program takes this bot's updates; let only one program use this token")
        }
        _ => error.to_string(),
    }
}

/// Tells Telegram the commands, for its menus. The bot works without them.
async fn set_menus(door: Arc<Door>) {
    for language in Language::ALL {
        let commands = replies::commands(language).map(|(name, about)| BotCommand::new(name, about));
        let mut menu = SetMyCommands::new(commands);
        if let Some(code) = language.code() {
            menu = menu.language_code(code);
        }
        if let Err(error) = door.api.call::<_, serde_json::Value>(&menu).await {
            tracing::warn!(error = %error, "failed to set the command menus");
            return;
        }
    }
}
