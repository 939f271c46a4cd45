//! Recall in one file of a million messages in ten thousand chats.
//!
//! What is timed is what a turn does to recall: read the postings of a message's words, and the messages that rank best.
//! The file is filled through the store, whole chats at a time, which is much quicker than through turns. With vectors, both
//! rankings are made and united.

mod meaning;

use std::{hint::black_box, path::PathBuf};

use clap::Args;
use rand::{SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use souvenir_memory::{
    ChatId, Encoding, Source, Timestamp, TokenCount,
    recall::{self, Candidate, Near, Postings},
};
use souvenir_server::{
    store::{Counted, Durability, Indexed, NewMessage, Store, VectorModel},
    words,
};

use crate::{corpus::Corpus, now, quantile, size_of};

/// How many messages are ranked at the end: the most that a reply looks at.
const LOOKED_AT: usize = 480;
/// And of how many the texts are read: what a context of 8,000 tokens has room for when nothing is recent.
const QUOTED: usize = 120;

#[derive(Args)]
pub(crate) struct Options {
    /// The file; made if it is not there
    #[arg(long)]
    database: PathBuf,
    /// How many chats
    #[arg(long, default_value_t = 10_000)]
    chats: u32,
    /// How many messages each has
    #[arg(long, default_value_t = 100)]
    messages: u32,
    /// How many messages are asked about
    #[arg(long, default_value_t = 2_000)]
    queries: u32,
    /// Dimensions of the vectors that each message has; without them, recall goes by words alone
    #[arg(long)]
    dimensions: Option<u32>,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Value> {
    let fresh = !options.database.exists();
    if fresh {
        let store = Store::open_with(&options.database, Durability::Normal).await?;
        fill(&store, options).await?;
        // What is in the log is in the file once it is closed.
        store.close().await;
    }
    let store = Store::open_with(&options.database, Durability::Normal).await?;
    let bytes = size_of(&options.database)?;
    let (mut three_words, mut whole) = (Vec::new(), Vec::new());
    for query in 0..options.queries {
        let mut corpus = Corpus::seeded(u64::from(query) ^ 0xfeed);
        let chat = ChatId(i64::from(query.wrapping_mul(7_919) % options.chats) + 1);
        let terms: Vec<String> = words::terms(&corpus.message(query)).collect();
        three_words.push(ask(&store, chat, &terms[..terms.len().min(3)], None, options.messages).await?);
        whole.push(ask(&store, chat, &terms[..terms.len().min(24)], None, options.messages).await?);
    }
    let hybrid = match options.dimensions {
        Some(dimensions) => Some(by_both(&store, options, dimensions).await?),
        None => None,
    };
    store.close().await;
    Ok(json!({
        "messages": u64::from(options.chats) * u64::from(options.messages),
        "bytes": bytes,
        "three_words": quantiles(three_words),
        "whole_message": quantiles(whole),
        "hybrid": hybrid.map(quantiles),
        "bytes_with_vectors": options.dimensions.map(|_| size_of(&options.database)).transpose()?,
    }))
}

fn quantiles(mut micros: Vec<u64>) -> Value {
    micros.sort_unstable();
    json!({"p50_us": quantile(&micros, 0.5), "p99_us": quantile(&micros, 0.99)})
}

/// Recalls by the words of whole messages and by vectors.
async fn by_both(store: &Store, options: &Options, dimensions: u32) -> anyhow::Result<Vec<u64>> {
    let model = meaning::fill(store, dimensions).await?;
    let mut random = StdRng::seed_from_u64(0xfeed);
    let mut took = Vec::new();
    for query in 0..options.queries {
        let mut corpus = Corpus::seeded(u64::from(query) ^ 0xfeed);
        let chat = ChatId(i64::from(query.wrapping_mul(7_919) % options.chats) + 1);
        let terms: Vec<String> = words::terms(&corpus.message(query)).take(24).collect();
        let question = meaning::vector(&mut random, dimensions).unwrap_or_default();
        took.push(ask(store, chat, &terms, Some((&model, question)), options.messages).await?);
    }
    Ok(took)
}

/// Recalls once and says how many microseconds that took.
async fn ask(
    store: &Store,
    chat: ChatId,
    terms: &[String],
    question: Option<(&VectorModel, Vec<f32>)>,
    messages: u32,
) -> anyhow::Result<u64> {
    let began = now();
    let near: Vec<Near> = match question {
        Some((model, question)) => meaning::nearest(store, chat, model, question, LOOKED_AT).await?,
        None => Vec::new(),
    };
    let hits = store.postings(chat, terms, u32::MAX).await?;
    let postings = hits.into_iter().map(|hit| Postings { weight: 1.0, ordinals: hit.ordinals, is_all: hit.is_all });
    let words = recall::by_words(&postings.collect::<Vec<_>>(), messages, LOOKED_AT);
    let places = recall::choose(&words, &near, messages, LOOKED_AT);
    let listed = store.list_at(chat, &places, Encoding::O200kBase, Timestamp(i64::MAX), false).await?;
    let candidates = listed
        .iter()
        .map(|one| {
            (one.ordinal, Candidate { tokens: TokenCount(one.tokens), at: Timestamp(one.at), is_by_named: false })
        })
        .collect();
    let ranked = recall::rank(&words, &near, &candidates, TokenCount(35), 3_600_000);
    let best: Vec<u32> = ranked.iter().take(QUOTED).map(|found| found.ordinal).collect();
    black_box(store.messages_at(chat, &best, Encoding::O200kBase, Timestamp(i64::MAX)).await?);
    Ok(u64::try_from(began.elapsed().as_micros())?)
}

async fn fill(store: &Store, options: &Options) -> anyhow::Result<()> {
    for chat in 0..options.chats {
        fill_chat(store, chat, options.messages).await?;
    }
    Ok(())
}

/// One chat with all its messages in a single turn, which is quick and leaves the postings as many turns would.
async fn fill_chat(store: &Store, chat: u32, messages: u32) -> anyhow::Result<()> {
    let mut corpus = Corpus::seeded(u64::from(chat));
    let now = Timestamp(1_764_000_000_000);
    let id = store.create_console_chat("Recall", now).await?;
    for _ in 0..messages {
        let text = corpus.message(chat);
        store.receive(NewMessage::said(id, Source::Console, &text, now), now).await?;
    }
    let stored = store.unanswered(id).await?;
    let counted: Vec<Counted> = stored
        .iter()
        .map(|message| Counted { message: message.id, revision: message.revision, tokens: TokenCount(35) })
        .collect();
    store.open_turn(id, &stored, &counted, Encoding::O200kBase, now).await?;
    let entries: Vec<Indexed> = store
        .unindexed(id, messages)
        .await?
        .iter()
        .map(|message| Indexed { ordinal: message.ordinal, terms: words::terms(&message.text).collect() })
        .collect();
    store.index(id, &entries).await?;
    Ok(())
}
