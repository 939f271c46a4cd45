//! How much of what a question needs is in the context that answers it, on conversations between people.
//!
//! Each conversation is put into a chat of its own. Each question is asked a day after the last message, so that nothing is in
//! `short_term`, and its context is built by the engine as for a reply. The score of a question is the part of its evidence
//! that stands in the context word for word; the budget is the tokens of everything in the context but the system prompt,
//! the question and the reserve.
//!
//! What is out of reach is looked for apart ([`reach`]): each message is asked about by itself.

mod baselines;
mod conversation;
mod reach;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use souvenir_memory::{
    ChatId, Encoding, MessageId, Timestamp, TokenBudget, TokenCount, TokenCounter,
    manifest::{ItemRef, Manifest, Section},
    prompt::DEFAULT_SYSTEM_PROMPT,
    tokens::{ANSWER_PRIMING, MESSAGE_OVERHEAD},
};
use souvenir_server::{
    config::Secret,
    engine::{Engine, inspect::WhatIf},
    llm::{
        openai::embeddings::{EmbeddingModel, EmbeddingOptions, EmbeddingTimeouts},
        tokens::BpeCounter,
    },
    store::{Counted, Durability, NewMessage, Store},
};

use tokio_util::sync::CancellationToken;

use self::conversation::{Conversation, Question};
use crate::world::{HandClock, ReadyModel, defaults};

/// How long after the last message questions are asked.
const A_DAY_MS: i64 = 86_400_000;
const ENCODING: Encoding = Encoding::O200kBase;
/// The part of a window that is kept for the answer where it is not too small for that.
const RESERVE: u32 = 1000;
/// How often to look whether all messages have their vectors.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a question's vector is waited for: what answers late here is to count all the same.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(crate) struct Options {
    /// A folder of conversations, or one file
    #[arg(long)]
    data: PathBuf,
    /// Tokens a context may have beside the system prompt, the question and the reserve
    #[arg(long, value_delimiter = ',', default_values_t = [2_000, 4_000, 8_000])]
    budgets: Vec<u32>,
    /// Also ask about each message by itself, and count those that stand in the context of that
    #[arg(long)]
    reach: bool,
}

/// Scores by system and budget, as sums over questions.
#[derive(Default)]
struct Scores {
    sums: BTreeMap<(String, u32), f64>,
    questions: u32,
}

impl Scores {
    fn add(&mut self, system: &str, budget: u32, score: f64) {
        *self.sums.entry((system.to_owned(), budget)).or_default() += score;
    }

    fn means(&self) -> Value {
        let mut systems: BTreeMap<&str, BTreeMap<String, f64>> = BTreeMap::new();
        for ((system, budget), sum) in &self.sums {
            let mean = (sum / f64::from(self.questions.max(1)) * 10_000.0).round() / 10_000.0;
            systems.entry(system).or_default().insert(budget.to_string(), mean);
        }
        json!(systems)
    }
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Value> {
    let embeddings = endpoint();
    let mut scores = Scores::default();
    let (mut each, mut reached) = (BTreeMap::new(), BTreeMap::new());
    for path in conversation::files(&options.data)? {
        let conversation = Conversation::read(&path)?;
        let mut own = Scores::default();
        let chat = Chat::fill(&conversation).await?;
        let by_meaning = match &embeddings {
            Some(options) => Some(chat.with_vectors(&conversation, options.clone()).await?),
            None => None,
        };
        for question in &conversation.questions {
            own.questions += 1;
            for &budget in &options.budgets {
                own.add("souvenir-lexical", budget, chat.score(&chat.engine, question, budget).await?);
                if let Some(engine) = &by_meaning {
                    own.add("souvenir-hybrid", budget, chat.score(engine, question, budget).await?);
                    let order = chat.by_vectors(engine, &question.text).await?;
                    own.add("vectors", budget, baselines::score(&conversation, question, &order, budget));
                }
                for (system, score) in baselines::scores(&conversation, question, budget) {
                    own.add(system, budget, score);
                }
            }
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if options.reach {
            let engine = by_meaning.as_ref().unwrap_or(&chat.engine);
            let budget = options.budgets.iter().copied().min().unwrap_or_default();
            reached.insert(name.clone(), chat.reached(engine, &conversation, budget).await?);
        }
        chat.store.close().await;
        scores.questions += own.questions;
        own.sums.iter().for_each(|((system, budget), sum)| scores.add(system, *budget, *sum));
        each.insert(name, own.means());
    }
    ensure!(scores.questions > 0, "no question in {} names evidence", options.data.display());
    Ok(json!({"scores": scores.means(), "questions": scores.questions, "conversations": each, "reached": reached}))
}

/// A conversation in a chat of its own, and the engine that answers there.
struct Chat {
    engine: Engine,
    store: Store,
    chat: ChatId,
    /// The message of each turn, by its place.
    messages: Vec<MessageId>,
    _folder: tempfile::TempDir,
}

impl Chat {
    async fn fill(conversation: &Conversation) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let store = Store::open_with(&folder.path().join("souvenir.db"), Durability::Normal).await?;
        let last = conversation.turns.last().context("a conversation without messages")?.at;
        let chat = store.create_console_chat("Conversation", conversation.turns[0].at).await?;
        let mut messages = Vec::with_capacity(conversation.turns.len());
        for turn in &conversation.turns {
            messages.push(store.receive(message(chat, turn), turn.at).await?.id);
        }
        // Every message is one that was answered: counted, and part of the chat's totals.
        let stored = store.unanswered(chat).await?;
        let counter = BpeCounter::new(ENCODING);
        let counted: Vec<Counted> = stored
            .iter()
            .map(|stored| Counted {
                message: stored.id,
                revision: stored.revision,
                tokens: counter.count(&stored.text),
            })
            .collect();
        store.open_turn(chat, &stored, &counted, ENCODING, last).await?;
        let engine = engine(&store, conversation).await?;
        engine.bring_index_up_to_date(chat).await?;
        Ok(Self { engine, store, chat, messages, _folder: folder })
    }

    /// Another engine on the same chat, once every message has a vector.
    async fn with_vectors(&self, conversation: &Conversation, options: EmbeddingOptions) -> anyhow::Result<Engine> {
        let engine = engine(&self.store, conversation).await?;
        engine.use_embeddings(EmbeddingModel::new(options)?);
        let stop = CancellationToken::new();
        let worker = tokio::spawn({
            let (engine, stop) = (engine.clone(), stop.clone());
            async move { engine.embed(stop).await }
        });
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let state = engine.vector_state().unwrap_or_default();
            if let Some(failure) = state.failure {
                bail!("the embedding endpoint failed: {failure}");
            }
            if state.progress.total > 0 && state.progress.done == state.progress.total {
                break;
            }
        }
        stop.cancel();
        worker.await?;
        Ok(engine)
    }

    /// The turns nearest to a question, best first.
    async fn by_vectors(&self, engine: &Engine, question: &str) -> anyhow::Result<Vec<usize>> {
        let near = engine.nearest(self.chat, question, MessageId(i64::MAX), self.messages.len()).await;
        let near = near.context("the embedding endpoint did not answer in time")?;
        Ok(near.into_iter().map(|near| near.ordinal as usize - 1).collect())
    }

    /// The part of a question's evidence that stands in the context which answers it.
    async fn score(&self, engine: &Engine, question: &Question, budget: u32) -> anyhow::Result<f64> {
        let shown = self.shown(engine, &question.text, budget).await?;
        Ok(question.covered(|turn| self.messages.get(turn).is_some_and(|message| shown.contains(message))))
    }

    /// How many messages stand in the context of the question about them, of how many.
    async fn reached(&self, engine: &Engine, conversation: &Conversation, budget: u32) -> anyhow::Result<Value> {
        let mut reached = 0;
        for (question, message) in reach::questions(conversation).iter().zip(&self.messages) {
            reached += u32::from(self.shown(engine, question, budget).await?.contains(message));
        }
        Ok(json!({"messages": self.messages.len(), "reached": reached, "budget": budget}))
    }

    /// The messages that stand word for word in the context which answers `question`.
    async fn shown(&self, engine: &Engine, question: &str, budget: u32) -> anyhow::Result<BTreeSet<MessageId>> {
        let window = window(question, budget)?;
        let what_if =
            WhatIf { session_duration: None, max_context_tokens: Some(window), text: Some(question.to_owned()) };
        let preview = engine.preview(self.chat, what_if).await?;
        let used = used(&preview.manifest);
        ensure!(used.0 <= budget, "a context of {used} tokens exceeds the budget of {budget}");
        let of_messages = preview.manifest.segments.iter().filter_map(|segment| match segment.item {
            Some(ItemRef::Message { message_id, .. }) => Some(MessageId(message_id)),
            _ => None,
        });
        Ok(of_messages.collect())
    }
}

/// An engine a day after the last message.
async fn engine(store: &Store, conversation: &Conversation) -> anyhow::Result<Engine> {
    let last = conversation.turns.last().map_or(Timestamp(0), |turn| turn.at);
    let clock = Arc::new(HandClock::at(Timestamp(last.0 + A_DAY_MS)));
    Ok(Engine::start(store.clone(), Arc::new(ReadyModel::default()), clock, defaults("UTC")).await?)
}

/// The embedding endpoint that the environment names, if it names one.
fn endpoint() -> Option<EmbeddingOptions> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some(EmbeddingOptions {
        base_url: Some(set("SOUVENIR_EMBEDDING_BASE_URL")?),
        model: set("SOUVENIR_EMBEDDING_MODEL"),
        api_key: set("SOUVENIR_EMBEDDING_API_KEY").map(Secret::new),
        timeouts: EmbeddingTimeouts { question: PATIENCE, ..EmbeddingTimeouts::default() },
        ..EmbeddingOptions::default()
    })
}

fn message(chat: ChatId, turn: &conversation::Turn) -> NewMessage<'_> {
    NewMessage {
        author: Some(&turn.speaker),
        ..NewMessage::said(chat, souvenir_memory::Source::Import, &turn.text, turn.at)
    }
}

/// The smallest window that leaves `budget` tokens beside the system prompt, the question and the reserve.
fn window(question: &str, budget: u32) -> anyhow::Result<u32> {
    let counter = BpeCounter::new(ENCODING);
    let fixed = counter.count(DEFAULT_SYSTEM_PROMPT)
        + counter.count(question.trim())
        + ANSWER_PRIMING
        + MESSAGE_OVERHEAD
        + MESSAGE_OVERHEAD;
    let fits = |window: u32| {
        TokenBudget::new(window, RESERVE.min(window / 2))
            .is_ok_and(|split| split.available() >= fixed + TokenCount(budget))
    };
    (budget..4 * budget + 8_000).find(|window| fits(*window)).context("no window holds such a question")
}

/// The tokens of everything but the system prompt, the question and what primes the answer.
fn used(manifest: &Manifest) -> TokenCount {
    [Section::Facts, Section::Summaries, Section::Recent, Section::Recalled]
        .into_iter()
        .map(|section| manifest.used(section))
        .sum()
}
