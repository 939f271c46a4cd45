//! The engine on a real file, with a clock set by hand and a model that answers at once.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde::Serialize;
use souvenir_memory::{
    ChatId, FactSource, MessageKind, Role, Timestamp, TokenCount, context::ContextMessage, tokens::ANSWER_PRIMING,
};
use souvenir_server::{
    clock::Clock,
    config::{ChatDefaults, Origin as Source, Sourced, SpendingDefaults},
    engine::{Engine, Exit, Incoming, Origin, PartOutcome, Plan, TelegramChat, UpdateKey, facts::FactDraft},
    hash,
    llm::{ChatModel, ChatRequest, Completion, DeltaSender, Learnt, ModelError, ModelHealth, Usage},
    store::{Durability, Store},
};

use crate::corpus::Corpus;

/// Between two turns: short enough that a session of six hours holds more than a context does.
const BETWEEN_TURNS_MS: i64 = 90_000;
/// When the conversation began.
const BEGIN: i64 = 1_764_000_000_000;

/// Tells the time it was last given.
#[derive(Default)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that stands.
    pub(crate) fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.0))
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Answers with prepared texts, after all the work that a request is before it goes out.
#[derive(Default)]
pub(crate) struct ReadyModel {
    replies: Mutex<VecDeque<String>>,
    /// The tokens of the last request.
    asked: Mutex<TokenCount>,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Spoken<'a>>,
    stream: bool,
    max_completion_tokens: u32,
}

#[derive(Serialize)]
struct Spoken<'a> {
    role: Role,
    content: &'a str,
}

impl<'a> Spoken<'a> {
    fn of(message: &'a ContextMessage) -> Self {
        Self { role: message.role, content: &message.content }
    }
}

#[async_trait]
impl ChatModel for ReadyModel {
    async fn complete(&self, request: &ChatRequest, deltas: &DeltaSender) -> Result<Completion, ModelError> {
        let body = Body {
            model: &request.model,
            messages: request.messages.iter().map(Spoken::of).collect(),
            stream: true,
            max_completion_tokens: request.max_output_tokens.0,
        };
        let bytes = serde_json::to_vec(&body).unwrap_or_default();
        let sha256 = hash::sha256(&bytes);
        let prompt = request.messages.iter().map(|message| message.tokens).sum::<TokenCount>() + ANSWER_PRIMING;
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = prompt;
        let text = self.replies.lock().unwrap_or_else(PoisonError::into_inner).pop_front().unwrap_or_default();
        for piece in text.split_inclusive(". ") {
            // Nobody listens.
            let _ = deltas.send(piece.to_owned());
        }
        Ok(Completion {
            text,
            usage: Some(Usage { prompt, cached: Some(TokenCount(prompt.0 / 2)), completion: TokenCount(40) }),
            model: Some(request.model.clone()),
            finish_reason: Some("stop".to_owned()),
            request_sha256: sha256,
            first_token_ms: Some(400),
            calls: Vec::new(),
            retries: 0,
        })
    }

    fn is_language_model(&self) -> bool {
        true
    }

    async fn probe(&self, _models: &[String]) -> Result<ModelHealth, ModelError> {
        Ok(ModelHealth { latency: Duration::ZERO, shutdown_dates: Vec::new(), unlisted: Vec::new() })
    }

    fn learnt(&self) -> Vec<Learnt> {
        Vec::new()
    }
}

/// A chat with a bot.
pub(crate) struct World {
    /// The engine.
    pub(crate) engine: Engine,
    clock: Arc<HandClock>,
    model: Arc<ReadyModel>,
    next_update: i64,
}

impl World {
    /// Opens a file in which `turns` turns were taken so far.
    pub(crate) async fn open(database: &Path, turns: u32, durability: Durability) -> anyhow::Result<Self> {
        let clock = Arc::new(HandClock(AtomicI64::new(BEGIN + i64::from(turns) * BETWEEN_TURNS_MS)));
        let model = Arc::new(ReadyModel::default());
        let store = Store::open_with(database, durability).await?;
        let engine = Engine::start(store, model.clone(), clock.clone(), defaults("Europe/Paris")).await?;
        Ok(Self { engine, clock, model, next_update: i64::from(turns) })
    }

    /// One turn: a message comes in, is answered, and its answer is sent.
    pub(crate) async fn turn(&mut self, question: &str, reply: String) -> anyhow::Result<ChatId> {
        self.model.replies.lock().unwrap_or_else(PoisonError::into_inner).push_back(reply);
        let received = self.engine.receive(self.incoming(question)).await?;
        let plan = Plan { format: "rich".to_owned(), parts: 1, at_once: true };
        let exit = Exit::InParts(Arc::new(move |_: &str, _: bool| plan.clone()));
        let answer = self.engine.answer_by(received.chat, exit).await?;
        let mut answer = answer.ok_or_else(|| anyhow::anyhow!("no answer"))?;
        anyhow::ensure!(!answer.failed, "the turn failed: {}", answer.text);
        let outcome = PartOutcome::Sent { telegram_message_id: self.next_update * 2 + 1 };
        self.engine.settle_part(&mut answer, outcome)?;
        self.next_update += 1;
        self.clock.0.fetch_add(BETWEEN_TURNS_MS, Ordering::Relaxed);
        Ok(received.chat)
    }

    /// A fact about the chat, learnt in a turn.
    pub(crate) async fn learn(&self, chat: ChatId, turn: u32) -> anyhow::Result<()> {
        let statement = Corpus::seeded(u64::from(turn) ^ 0xfac7).sentence_about(turn / 12);
        let draft = FactDraft { statement, ..FactDraft::default() };
        self.engine.add_fact(chat, draft, FactSource::Owner).await?;
        Ok(())
    }

    /// The tokens of the last context sent.
    pub(crate) fn context_tokens(&self) -> u32 {
        self.model.asked.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn incoming(&self, text: &str) -> Incoming {
        Incoming {
            origin: Origin::Telegram(TelegramChat {
                chat_id: 4_242_424_242,
                thread_id: None,
                private: true,
                title: "Vera".to_owned(),
                language: Some("fr".to_owned()),
            }),
            update: Some(UpdateKey { bot_id: 7_000_000_000, update_id: 100_000_000 + self.next_update }),
            telegram_message_id: Some(self.next_update * 2),
            author: Some("Vera".to_owned()),
            author_id: Some(4_242_424_242),
            text: text.to_owned(),
            kind: MessageKind::Text,
            said_at: None,
            reply_to: None,
            forwarded_from: None,
            quoted: None,
            overheard: false,
            files: Vec::new(),
        }
    }
}

/// Questions and replies of so many turns, from turn `first` on.
pub(crate) fn conversation(first: u32, turns: u32) -> Vec<(String, String)> {
    let pair = |turn: u32| {
        let mut corpus = Corpus::seeded(u64::from(turn));
        (corpus.message(turn / 12), corpus.message(turn / 12))
    };
    (first..first + turns).map(pair).collect()
}

/// Every setting at its default, in one zone.
pub(crate) fn defaults(zone: &str) -> ChatDefaults {
    fn plain<T>(value: T) -> Sourced<T> {
        Sourced { value, origin: Source::Default }
    }
    ChatDefaults {
        chat_model: plain("gpt-6.1-terra".to_owned()),
        memory_model: plain("gpt-6-luna".to_owned()),
        time_zone: plain(zone.to_owned()),
        max_context_tokens: plain(8000),
        reserve_tokens: plain(1000),
        spending: SpendingDefaults::default(),
    }
}
