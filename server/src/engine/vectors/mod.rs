//! What is near in meaning: every message gets a vector in the background, and a question finds the nearest.
//!
//! A worker ([`work`]) embeds what has no vector yet, newest chats first; what is due is derived from watermarks, so nothing
//! is lost while the endpoint is away. [`nearest`] embeds a question and looks through one chat's vectors. Neither ever
//! holds up a reply or makes one fail: without an endpoint, or while it does not answer, recall goes by words alone.

mod cost;
mod nearest;
mod ordinary;
mod pace;
mod state;
mod work;

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock},
};

pub use crate::store::Progress;
use souvenir_memory::ChatId;
pub use state::VectorState;
use tokio::sync::Notify;

use super::Engine;
use crate::{llm::openai::embeddings::EmbeddingModel, store::VectorModel};

/// What the worker, those who nudge it and those who ask share.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    /// The endpoint, once the app has told of one.
    model: OnceLock<EmbeddingModel>,
    /// The same in the database, once it has made a vector.
    kept: Mutex<Option<VectorModel>>,
    wake: Notify,
    queries: nearest::Queries,
    /// Tokens of questions that were not written down yet.
    asked: Mutex<BTreeMap<ChatId, u64>>,
    state: Mutex<VectorState>,
}

impl Engine {
    /// Tells the engine of the model that turns texts into vectors. Without one, recall goes by words alone.
    pub fn use_embeddings(&self, model: EmbeddingModel) {
        // A second call changes nothing: one model at a time makes vectors.
        let _ = self.inner.vectors.model.set(model);
    }

    fn embeddings(&self) -> Option<&EmbeddingModel> {
        self.inner.vectors.model.get()
    }
}

impl Vectors {
    /// Tells the worker that something was said.
    pub(super) fn nudge(&self) {
        self.wake.notify_one();
    }

    /// Lets go of what questions were turned into.
    pub(super) fn forget_queries(&self) {
        self.queries.forget();
    }
}
