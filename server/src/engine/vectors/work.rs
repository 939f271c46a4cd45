//! The worker that embeds what has no vector yet.
//!
//! It takes some messages of the newest chats that are not done, has them embedded in one request, and keeps the vectors in
//! one transaction with how far it got. So a stop loses at most one request's work, and a chat that somebody writes in comes
//! before a long history. When all is done, the vectors of models used before are dropped.

use std::time::Duration;

use souvenir_memory::{
    ChatId,
    vectors::{centre, keep, passage},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Engine, ordinary::ORDINARY, pace::Pace};
use crate::{
    engine::EngineError,
    llm::openai::embeddings::{EmbeddingError, EmbeddingModel, Took},
    measure,
    store::{NewVectors, Passages, StoreError, VectorModel},
};

/// How long a chat is left alone after something was said: question and answer are embedded together.
const SETTLES_IN: Duration = Duration::from_millis(300);
/// How often to look without anybody's nudge.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Messages of at most so many chats go in one request.
const CHATS_AT_ONCE: u32 = 32;
/// How often to see whether questions that are being embedded are done, and how long to let them go first.
const LET_PASS: Duration = Duration::from_millis(20);
const LET_PASS_AT_MOST: u32 = 100;

/// Why the worker could not go on.
#[derive(Debug, thiserror::Error)]
enum Obstacle {
    #[error(transparent)]
    Endpoint(#[from] EmbeddingError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

type Result<T, E = Obstacle> = std::result::Result<T, E>;

impl Engine {
    /// Embeds in the background until told to stop. Does nothing without an endpoint.
    pub async fn embed(&self, stop: CancellationToken) {
        let Some(embeddings) = self.embeddings() else { return };
        let mut pace = Pace::new();
        loop {
            let pause = match self.embed_all(embeddings, &mut pace).await {
                Ok(()) => None,
                Err(obstacle) => Some(self.stopped_by(&obstacle, &mut pace)),
            };
            let waiting = async {
                match pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => self.wait_for_news().await,
                }
            };
            if stop.run_until_cancelled(waiting).await.is_none() {
                if let Some(Err(error)) = self.pay_for_questions(embeddings).await {
                    tracing::error!(%error, "failed to write down what questions took");
                }
                return;
            }
        }
    }

    async fn pay_for_questions(&self, embeddings: &EmbeddingModel) -> Option<crate::engine::Result<()>> {
        Some(self.spend_on_questions(embeddings.known_name()?).await)
    }

    async fn wait_for_news(&self) {
        if tokio::time::timeout(LOOK_EVERY, self.inner.vectors.wake.notified()).await.is_ok() {
            tokio::time::sleep(SETTLES_IN).await;
        }
    }

    /// Embeds all there is, then drops what models before have left.
    async fn embed_all(&self, embeddings: &EmbeddingModel, pace: &mut Pace) -> Result<()> {
        let mut model = self.model_to_keep(embeddings).await?;
        self.spend_on_questions(&model.name).await?;
        let mut told = None;
        loop {
            if told.is_none_or(|told: Instant| told.elapsed() > Duration::from_secs(1)) {
                self.tell_progress(&model).await?;
                told = Some(Instant::now());
            }
            if !self.embed_some(embeddings, &mut model, pace).await? {
                break;
            }
        }
        if self.store().vectors_are_complete(model.id, self.now()).await? {
            while self.store().drop_other_vectors(model.id).await? {}
            tracing::info!(model = model.name, "the vectors of the models before were dropped");
        }
        Ok(self.tell_progress(&model).await?)
    }

    /// The model as the database knows it.
    async fn model_to_keep(&self, embeddings: &EmbeddingModel) -> Result<VectorModel> {
        let name = embeddings.name().await?;
        match self.store().vector_model(name).await? {
            Some(model) => {
                self.keeps_by(&model);
                Ok(model)
            }
            None => self.new_model(embeddings, name).await,
        }
    }

    /// Makes a model known, with its dimensions and its centre.
    async fn new_model(&self, embeddings: &EmbeddingModel, name: &str) -> Result<VectorModel> {
        let texts = ORDINARY.map(str::to_owned);
        let mut took = Took::default();
        let vectors = embeddings.passages(&texts, &mut took).await;
        self.spend_on_vectors(None, name, took.tokens).await?;
        let vectors: Vec<Vec<f32>> = vectors?.into_iter().flatten().collect();
        let nothing = || EmbeddingError::Malformed("no vector for any of some ordinary texts".to_owned());
        let found = vectors.first().map(Vec::len).ok_or_else(nothing)?;
        let model = self.store().vector_model_of(name, dimensions(found), &centre(&vectors), self.now()).await?;
        self.keeps_by(&model);
        Ok(model)
    }

    fn keeps_by(&self, model: &VectorModel) {
        let kept = &self.inner.vectors.kept;
        *kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(model.clone());
        self.change_vector_state(|state| state.model = Some(model.name.clone()));
    }

    /// Embeds the next few messages; false when there are none.
    async fn embed_some(&self, embeddings: &EmbeddingModel, model: &mut VectorModel, pace: &mut Pace) -> Result<bool> {
        let passages = self.next_passages(model, pace.texts()).await?;
        if passages.is_empty() {
            return Ok(false);
        }
        let texts: Vec<String> = passages
            .iter()
            .flat_map(|passages| &passages.messages)
            .map(|message| passage(&message.words, message.before.as_ref()))
            .collect();
        let lengths: Vec<(ChatId, usize)> = passages
            .iter()
            .flat_map(|passages| std::iter::repeat_n(passages.chat, passages.messages.len()))
            .zip(texts.iter().map(String::len))
            .collect();
        let vectors =
            if texts.is_empty() { Vec::new() } else { self.vectors_of(embeddings, &texts, &lengths, pace).await? };
        if let Some(found) =
            vectors.iter().flatten().map(|vector| dimensions(vector.len())).find(|d| *d != model.dimensions)
        {
            // Another model under the same name: what was read was read for the one before.
            tracing::info!(
                model = model.name,
                dimensions = found,
                "the embedding model makes other vectors than before"
            );
            *model = self.new_model(embeddings, &model.name).await?;
            return Ok(true);
        }
        self.store().keep_vectors(model, &together(model, passages, vectors)).await?;
        Ok(true)
    }

    /// The next messages that get vectors, of the newest chats that are not done.
    async fn next_passages(&self, model: &VectorModel, most: u32) -> Result<Vec<Passages>> {
        let (mut passages, mut left) = (Vec::new(), most);
        let chats = self.store().chats_to_embed(Some(model.id), CHATS_AT_ONCE).await?;
        for chat in self.affordable(&model.name, chats).await? {
            let read = self.store().passages(Some(model.id), chat, left).await?;
            left = left.saturating_sub(u32::try_from(read.messages.len()).unwrap_or(u32::MAX));
            passages.push(read);
            if left == 0 {
                break;
            }
        }
        Ok(passages)
    }

    async fn vectors_of(
        &self,
        embeddings: &EmbeddingModel,
        texts: &[String],
        lengths: &[(ChatId, usize)],
        pace: &mut Pace,
    ) -> Result<Vec<Option<Vec<f32>>>> {
        self.let_questions_pass().await;
        let began = Instant::now();
        let mut took = Took::default();
        let vectors = embeddings.passages(texts, &mut took).await;
        self.spend_on_passages(embeddings.name().await?, took, lengths).await?;
        self.keep_lessons_of(embeddings).await?;
        let vectors = vectors?;
        pace.took(texts.len(), began.elapsed());
        let made = vectors.iter().flatten().count();
        measure::messages_embedded(made);
        if made < vectors.len() {
            tracing::warn!(
                messages = vectors.len() - made,
                "the embedding endpoint refuses some messages; they get no vector"
            );
        }
        self.inner.vectors.queries.end_rest();
        self.change_vector_state(|state| state.failure = None);
        Ok(vectors)
    }

    async fn let_questions_pass(&self) {
        for _ in 0..LET_PASS_AT_MOST {
            if !self.inner.vectors.queries.are_waiting() {
                return;
            }
            tokio::time::sleep(LET_PASS).await;
        }
    }

    /// Stores what the endpoint was found to refuse, once.
    async fn keep_lessons_of(&self, embeddings: &EmbeddingModel) -> Result<(), StoreError> {
        for lesson in embeddings.learnt() {
            let kept = &self.inner.kept_lessons;
            if kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(lesson.clone()) {
                let quirk = lesson.quirk.as_str();
                self.store().keep_lesson(&lesson.endpoint, &lesson.model, quirk, self.now()).await?;
            }
        }
        Ok(())
    }

    async fn tell_progress(&self, model: &VectorModel) -> Result<(), StoreError> {
        let progress = self.store().vector_progress(Some(model.id)).await?;
        self.change_vector_state(|state| state.progress = progress);
        Ok(())
    }

    /// Notes why there are no vectors at present, and says how long to wait.
    fn stopped_by(&self, obstacle: &Obstacle, pace: &mut Pace) -> Duration {
        let pause = pace.failed();
        let failure = match obstacle {
            Obstacle::Endpoint(error) => {
                let failure = error.label();
                tracing::warn!(
                    reason = failure,
                    pause_s = pause.as_secs(),
                    "messages cannot be embedded; trying again"
                );
                failure
            }
            Obstacle::Store(error) => {
                tracing::error!(%error, "failed to embed messages");
                "the database failed".to_owned()
            }
            Obstacle::Engine(error) => {
                tracing::error!(%error, "failed to embed messages");
                "the database failed".to_owned()
            }
        };
        measure::embedding_failed();
        self.change_vector_state(|state| state.failure = Some(failure));
        pause
    }
}

fn dimensions(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Each chat's vectors by their ordinals. A message that the endpoint refuses is passed over.
fn together(model: &VectorModel, passages: Vec<Passages>, vectors: Vec<Option<Vec<f32>>>) -> Vec<NewVectors> {
    let mut vectors = vectors.into_iter();
    let of_chat = |read: Passages| {
        let made = read.messages.iter().zip(vectors.by_ref().take(read.messages.len()));
        let vectors =
            made.filter_map(|(message, vector)| Some((message.ordinal, keep(&vector?, &model.centre)))).collect();
        let revisions = read.messages.iter().map(|message| (message.ordinal, message.revision)).collect();
        NewVectors { chat: read.chat, vectors, read: revisions, through: read.through, forgotten: read.forgotten }
    };
    passages.into_iter().map(of_chat).collect()
}
