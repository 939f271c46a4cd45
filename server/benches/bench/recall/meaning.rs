//! The same with vectors: random ones, since what they mean makes no difference to how long it takes to compare them.

use std::sync::Arc;

use rand::{Rng, SeedableRng, rngs::StdRng};
use souvenir_memory::{
    ChatId, MessageId, Timestamp,
    recall::Near,
    vectors::{Probe, keep, unit},
};
use souvenir_server::store::{NewVectors, Store, VectorModel};

/// So many chats get their vectors in one transaction.
const CHATS_AT_ONCE: u32 = 250;

/// Gives every message that has none a vector, through the store.
pub(super) async fn fill(store: &Store, dimensions: u32) -> anyhow::Result<VectorModel> {
    let model = store.vector_model_of("random", dimensions, &[], Timestamp(0)).await?;
    let mut random = StdRng::seed_from_u64(dimensions.into());
    loop {
        let chats = store.chats_to_embed(Some(model.id), CHATS_AT_ONCE).await?;
        if chats.is_empty() {
            return Ok(model);
        }
        let mut batch = Vec::with_capacity(chats.len());
        for chat in chats {
            let read = store.passages(Some(model.id), chat, u32::MAX).await?;
            let vectors = read
                .messages
                .iter()
                .filter_map(|message| Some((message.ordinal, keep(&vector(&mut random, dimensions)?, &[]))))
                .collect();
            let revisions = read.messages.iter().map(|message| (message.ordinal, message.revision)).collect();
            let (chat, through, forgotten) = (read.chat, read.through, read.forgotten);
            batch.push(NewVectors { chat, vectors, read: revisions, through, forgotten });
        }
        store.keep_vectors(&model, &batch).await?;
    }
}

/// A vector of no meaning.
pub(super) fn vector(random: &mut StdRng, dimensions: u32) -> Option<Vec<f32>> {
    unit((0..dimensions).map(|_| random.random_range(-1.0..1.0)).collect())
}

/// What is nearest to a question in a chat.
pub(super) async fn nearest(
    store: &Store,
    chat: ChatId,
    model: &VectorModel,
    question: Vec<f32>,
    most: usize,
) -> anyhow::Result<Vec<Near>> {
    let probe = Arc::new(Probe::new(question));
    let found = store.nearest(chat, model, &probe, MessageId(i64::MAX), most).await?;
    Ok(found.into_iter().map(|(ordinal, similarity)| Near { ordinal, similarity }).collect())
}
