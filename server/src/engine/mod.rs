//! The memory engine: takes messages in, answers them, and tells what it knows.
//!
//! [`Engine`] is a cheap handle that doors (Telegram, web) share. Its parts: [`turn`] answers one message or burst;
//! [`inspect`] reads for pages and the API; [`facts`] and [`settings`] change what a person may change; [`forget`]
//! takes away; [`import`] brings in what was said elsewhere; [`recall`] finds old messages, [`vectors`] by their meaning, [`search`] for people; [`delivery`] keeps how far
//! replies have got; [`maintenance`] keeps memory in the background; [`events`] tells the doors what happened.
//!
//! # A message's way
//! A door calls [`Engine::receive`], which commits the message before anything else, then [`Engine::answer`]. Turns of a
//! chat run one after another; whatever arrived while the reply before was being made is answered together, and the
//! callers whose message went along get `None`. The caller that gets the [`Answer`] delivers it; until it is dropped no
//! other turn of that chat begins, so replies cannot overtake each other.

mod access;
mod again;
pub mod allowance;
pub mod announcements;
mod assemble;
mod bot_api;
pub mod delivery;
#[cfg(test)]
mod delivery_tests;
mod errands;
mod error;
pub mod events;
pub mod excerpt;
pub mod export;
pub mod facts;
pub mod files;
pub mod forget;
pub mod health;
pub mod import;
pub mod incoming;
pub mod inspect;
pub mod maintenance;
pub mod notices;
mod previews;
mod recall;
pub mod remember;
pub mod search;
#[cfg(test)]
mod search_tests;
pub mod settings;
pub mod spending;
pub mod spoken;
#[cfg(test)]
mod tests;
mod texts;
pub mod trial;
pub mod turn;
mod vectors;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use souvenir_memory::{ChatId, Encoding, MessageKind, NanoUsd, Role, Source, Timestamp, TokenCount};
use tokio::sync::broadcast;

pub use access::SessionRecords;
pub use again::Edited;
pub use bot_api::BotApiFeature;
pub use delivery::{Answer, Exit, PartOutcome, Plan, Planner};
pub use errands::{CommandAnswered, Errand};
pub use error::{EngineError, Result};
pub use events::ChatEvent;
pub use forget::{Forget, ForgetReport};
pub use health::{Health, ServiceState, Status};
pub use incoming::{Incoming, Origin, Quoted, Received, TelegramChat, UpdateKey};
pub use search::{FoundMessage, SearchMode, SearchQuery};
pub use turn::Written;
pub use vectors::{Progress, VectorState};

/// The day of the prices that costs are counted by.
pub use crate::llm::prices::AS_OF as PRICES_AS_OF;

use crate::{
    clock::Clock,
    config::{ChatDefaults, ModelPrice},
    llm::{ChatModel, Learnt, Usage, prices::PriceTable, tokens::count_off_thread},
    measure,
    store::{ChatKind, ChatRecord, Destination, Extras, NewMessage, Store, TelegramIdentity},
};

/// How many events a slow listener may lag behind before it misses some.
const EVENTS_KEPT: usize = 1024;

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    model: Arc<dyn ChatModel>,
    clock: Arc<dyn Clock>,
    defaults: ChatDefaults,
    public_url: OnceLock<String>,
    events: broadcast::Sender<ChatEvent>,
    /// The turn of each chat that has had one since the start.
    slots: Mutex<HashMap<ChatId, Arc<turn::Slot>>>,
    /// Told when a person wants a reply sent again.
    deliveries_asked: tokio::sync::Notify,
    /// Told when something is to be said in a chat without being asked.
    announcements_asked: tokio::sync::Notify,
    /// Prompts known to be in the database, so that they are not written with each turn.
    kept_prompts: Mutex<HashSet<String>>,
    /// Lessons about endpoints known to be in the database.
    kept_lessons: Mutex<HashSet<Learnt>>,
    /// Windows that models were found to have when they are smaller than a budget.
    windows: Mutex<HashMap<String, u32>>,
    reported: Mutex<health::Reported>,
    /// Held to write while something is forgotten, to read while a person changes what is remembered.
    forgetting: tokio::sync::RwLock<()>,
    /// Held while the database's file is written anew.
    erasing: tokio::sync::Mutex<()>,
    /// What the background worker and those who nudge it share.
    upkeep: maintenance::Upkeep,
    /// What is known of vectors.
    vectors: vectors::Vectors,
    /// Told when somebody is to hear of a budget.
    notices: tokio::sync::Notify,
    /// What models cost: the standard table unless the owner gave prices.
    prices: OnceLock<PriceTable>,
    /// What is being imported.
    imports: import::Imports,
    /// What is read of files.
    files: files::Files,
    pairing_code: String,
    hash_key: String,
}

impl Engine {
    /// Wires the engine up and takes up what a crash left behind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(
        store: Store,
        model: Arc<dyn ChatModel>,
        clock: Arc<dyn Clock>,
        defaults: ChatDefaults,
    ) -> Result<Self> {
        let now = clock.now();
        recover(&store, now).await?;
        store.drop_old_updates(Timestamp(now.0 - 7 * 86_400_000)).await?;
        // The installation's key for hashes of what is not to be kept.
        let hash_key = access::kept_token(&store, "hash_key").await?;
        access::kept_token(&store, export::INSTANCE).await?;
        let inner = Inner {
            store,
            model,
            clock,
            defaults,
            public_url: OnceLock::new(),
            events: broadcast::channel(EVENTS_KEPT).0,
            slots: Mutex::default(),
            deliveries_asked: tokio::sync::Notify::new(),
            announcements_asked: tokio::sync::Notify::new(),
            kept_prompts: Mutex::default(),
            kept_lessons: Mutex::default(),
            windows: Mutex::default(),
            reported: Mutex::default(),
            forgetting: tokio::sync::RwLock::default(),
            erasing: tokio::sync::Mutex::default(),
            upkeep: maintenance::Upkeep::default(),
            vectors: vectors::Vectors::default(),
            notices: tokio::sync::Notify::new(),
            prices: OnceLock::new(),
            imports: import::Imports::default(),
            files: files::Files::default(),
            pairing_code: access::pairing_code(),
            hash_key,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Stores a message before anything else happens to it. A repeated update is recognised and changes nothing.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], [`EngineError::NotConsole`], or when the database fails.
    pub async fn receive(&self, incoming: Incoming) -> Result<Received> {
        let now = self.now();
        let (destination, source) = match &incoming.origin {
            Origin::Telegram(chat) => (Destination::Telegram(identity(chat)), Source::Telegram),
            Origin::Console(chat) => {
                if self.record(*chat).await?.kind != ChatKind::Console {
                    return Err(EngineError::NotConsole(*chat));
                }
                (Destination::Chat(*chat), Source::Console)
            }
        };
        let new = NewMessage {
            destination,
            update: incoming.update.map(|update| (update.bot_id, update.update_id)),
            role: Role::User,
            kind: incoming.kind,
            source,
            author: incoming.author.as_deref(),
            author_id: incoming.author_id,
            telegram_message_id: incoming.telegram_message_id,
            reply_to: incoming.reply_to,
            forwarded_from: incoming.forwarded_from.as_deref(),
            text: &incoming.text,
            said_at: incoming.said_at.unwrap_or(now),
        };
        let overheard = if incoming.overheard { Some(self.counted_now(&incoming.text).await?) } else { None };
        let (quoted, files) = self.quoted(&incoming).await?;
        let quoted = quoted.as_ref().map(|quoted| (quoted.text.as_str(), quoted.author.as_deref()));
        let stored = self.store().receive_with(new, Extras { quoted, overheard, files: &files }, now).await?;
        if stored.repeated {
            measure::update_repeated();
        } else {
            measure::message_received(incoming.origin.kind_of_chat());
            let waits = incoming.kind == MessageKind::Text || !incoming.files.is_empty();
            if waits && !incoming.overheard {
                self.slot(stored.chat).wait_since(now);
            }
            self.emit(ChatEvent::Message { chat: stored.chat, id: stored.id });
        }
        Ok(Received { chat: stored.chat, message: stored.id, repeated: stored.repeated })
    }

    /// Whether an update was stored before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_received(&self, update: UpdateKey) -> Result<bool> {
        Ok(self.store().has_received(update.bot_id, update.update_id).await?)
    }

    /// The tokens of what no turn will count.
    async fn counted_now(&self, text: &str) -> Result<(Encoding, TokenCount)> {
        let encoding = Encoding::of_model(&self.settings_at(None, self.now()).await?.chat_model.value);
        Ok((encoding, count_off_thread(encoding, text).await))
    }

    /// Keeps what the bot said of its own accord: part of history, never of a context.
    ///
    /// # Errors
    /// [`EngineError::NoChat`], or when the database fails.
    pub async fn record_own_words(&self, chat: ChatId, text: &str) -> Result<()> {
        let record = self.record(chat).await?;
        let now = self.now();
        let stored = self.store().receive(own_words(&record, MessageKind::Command, text, now), now).await?;
        self.emit(ChatEvent::Message { chat, id: stored.id });
        Ok(())
    }

    /// Makes a console chat.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for an unusable title.
    pub async fn create_console_chat(&self, title: &str) -> Result<ChatId> {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        match title.chars().count() {
            0 => Err(EngineError::invalid("title", "title is empty: give the chat a name")),
            1..=200 => Ok(self.store().create_console_chat(&title, self.now()).await?),
            long => Err(EngineError::invalid("title", format!("title has {long} characters: use at most 200"))),
        }
    }

    /// Telegram chats in which a message waits for an answer: after a restart each is answered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unanswered_telegram_chats(&self) -> Result<Vec<(ChatId, TelegramChat)>> {
        let mut chats = Vec::new();
        for id in self.store().chats_unanswered().await? {
            if let Some(record) = self.store().chat(id).await?
                && let Some(telegram) = telegram_of(&record)
            {
                chats.push((id, telegram));
            }
        }
        Ok(chats)
    }

    /// What happens in all chats, from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<ChatEvent> {
        self.inner.events.subscribe()
    }

    /// Tells the engine under which address it is reached, once that is known.
    pub fn set_public_url(&self, url: &str) {
        // A second call changes nothing: the address is that of the first listener.
        let _ = self.inner.public_url.set(url.trim_end_matches('/').to_owned());
    }

    /// The address that links use, without a trailing slash.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.inner.public_url.get().map_or("http://127.0.0.1:3000", String::as_str)
    }

    /// Whether a language model answers; otherwise the offline model does.
    #[must_use]
    pub fn has_language_model(&self) -> bool {
        self.inner.model.is_language_model()
    }

    /// The present moment, by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Writes everything out and closes the database.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    /// Puts the owner's prices over those of the table. To be called once, before anything is paid for.
    pub fn use_prices(&self, own: Vec<ModelPrice>) {
        // A second call changes nothing.
        let _ = self.inner.prices.set(PriceTable::with(own));
    }

    fn prices(&self) -> &PriceTable {
        self.inner.prices.get_or_init(PriceTable::default)
    }

    /// What an answer of a model costs; none where the price is not known.
    fn cost(&self, model: &str, usage: Usage) -> Option<NanoUsd> {
        self.prices().cost(model, usage)
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn model(&self) -> &dyn ChatModel {
        &*self.inner.model
    }

    fn defaults(&self) -> &ChatDefaults {
        &self.inner.defaults
    }

    fn hash_key(&self) -> &[u8] {
        self.inner.hash_key.as_bytes()
    }

    fn emit(&self, event: ChatEvent) {
        // No listeners is no failure.
        let _ = self.inner.events.send(event);
    }

    async fn record(&self, chat: ChatId) -> Result<ChatRecord> {
        self.store().chat(chat).await?.ok_or(EngineError::NoChat(chat))
    }

    fn slot(&self, chat: ChatId) -> Arc<turn::Slot> {
        self.inner.slots.lock().unwrap_or_else(PoisonError::into_inner).entry(chat).or_default().clone()
    }
}

fn identity(chat: &TelegramChat) -> TelegramIdentity<'_> {
    TelegramIdentity {
        chat_id: chat.chat_id,
        thread_id: chat.thread_id,
        kind: if chat.private { ChatKind::Private } else { ChatKind::Group },
        title: &chat.title,
        language: chat.language.as_deref(),
    }
}

fn telegram_of(record: &ChatRecord) -> Option<TelegramChat> {
    let (chat_id, thread_id) = record.telegram?;
    Some(TelegramChat {
        chat_id,
        thread_id,
        private: record.kind == ChatKind::Private,
        title: record.title.clone(),
        language: record.language.clone(),
    })
}

/// Words of the bot that no model wrote.
fn own_words<'a>(record: &ChatRecord, kind: MessageKind, text: &'a str, now: Timestamp) -> NewMessage<'a> {
    NewMessage { role: Role::Assistant, kind, ..NewMessage::said(record.id, source_of(record.kind), text, now) }
}

fn source_of(kind: ChatKind) -> Source {
    if kind == ChatKind::Console { Source::Console } else { Source::Telegram }
}

/// Takes up what the last process left half done.
async fn recover(store: &Store, now: Timestamp) -> Result<()> {
    let turns = store.recover_turns(None, now).await?;
    if turns > 0 {
        tracing::warn!(turns, "turns were cut off by the last stop; their messages wait for an answer again");
    }
    let replies = store.recover_deliveries(now).await?;
    let commands = store.recover_errands(now).await?;
    store.recover_announcements().await?;
    if replies > 0 || commands > 0 {
        tracing::warn!(replies, commands, "messages were being sent at the last stop; whether they arrived is unknown");
    }
    Ok(())
}
