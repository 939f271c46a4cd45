//! The messages that are nearest to a question.
//!
//! Somebody waits for the reply, so the question's vector is waited for only so long; one that comes later is kept for when
//! the same is asked again. After a failure nobody waits for a while, so that an endpoint that is away costs one reply a
//! second and not each; the worker, which goes on trying, ends that as soon as the endpoint is back.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use souvenir_memory::{ChatId, MessageId, recall::Near, vectors::Probe};
use tokio::time::{Instant, timeout};

use super::Engine;
use crate::{hash, llm::openai::embeddings::Took, measure, store::VectorModel};

/// How long the endpoint has for a question, whoever waits.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(15);
/// How long nobody asks after a failure; twice as long after the next, up to the most.
const REST: Duration = Duration::from_secs(15);
const LONGEST_REST: Duration = Duration::from_mins(4);
/// Of a question no more is embedded, in characters.
const MOST_TEXT: usize = 2_000;
/// How many questions' vectors are kept, and for how long.
const KEPT: usize = 64;
const KEPT_FOR: Duration = Duration::from_mins(5);

/// What is known of questions.
#[derive(Debug, Default)]
pub(super) struct Queries {
    known: Mutex<Known>,
    /// How many are being embedded: the worker lets them go first.
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct Known {
    /// By the hash of the text, newest last.
    vectors: VecDeque<(String, Instant, Vec<f32>)>,
    /// Until when nobody asks.
    rests_until: Option<Instant>,
    failures: u32,
}

impl Engine {
    /// The messages of a chat before `before` that are nearest in meaning to `text`, best first, at most `most`. Archived
    /// messages are among them.
    ///
    /// None when there is nothing to tell by: no endpoint, one that does not answer in about a second, or an empty text.
    pub async fn nearest(&self, chat: ChatId, text: &str, before: MessageId, most: usize) -> Option<Vec<Near>> {
        let vector = self.query_vector(chat, text).await?;
        let found = self.nearest_to(chat, vector, before, most).await;
        found
            .inspect_err(|error| tracing::error!(%error, chat.id = %chat, "failed to look through a chat's vectors"))
            .ok()
    }

    async fn nearest_to(
        &self,
        chat: ChatId,
        vector: Vec<f32>,
        before: MessageId,
        most: usize,
    ) -> crate::store::Result<Vec<Near>> {
        let Some(model) = self.kept_model(vector.len()).await? else { return Ok(Vec::new()) };
        let probe = Arc::new(Probe::new(vector));
        let found = self.store().nearest(chat, &model, &probe, before, most).await?;
        Ok(found.into_iter().map(|(ordinal, similarity)| Near { ordinal, similarity }).collect())
    }

    /// The model as the database knows it; none before its first vector.
    async fn kept_model(&self, dimensions: usize) -> crate::store::Result<Option<VectorModel>> {
        let fits = |model: &VectorModel| usize::try_from(model.dimensions) == Ok(dimensions);
        let known = self.inner.vectors.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(model) = known {
            return Ok(Some(model).filter(fits));
        }
        let Some(Ok(name)) = self.embeddings().map(|model| model.known_name().ok_or(())) else { return Ok(None) };
        Ok(self.store().vector_model(name).await?.filter(fits))
    }

    /// The vector of a question, kept or made.
    async fn query_vector(&self, chat: ChatId, text: &str) -> Option<Vec<f32>> {
        let patience = self.embeddings()?.patience();
        let text = text.trim();
        let text = text.char_indices().nth(MOST_TEXT).map_or(text, |(end, _)| &text[..end]);
        if text.is_empty() {
            return None;
        }
        let key = hash::sha256(text.as_bytes());
        let queries = &self.inner.vectors.queries;
        if let Some(vector) = queries.recall(&key, Instant::now()) {
            return Some(vector);
        }
        if queries.rests(Instant::now()) {
            return None;
        }
        let (engine, text) = (self.clone(), text.to_owned());
        // In a task of its own: what comes too late for this reply is kept for the next.
        let asking = tokio::spawn(async move { engine.embed_query(chat, key, &text).await });
        match timeout(patience, asking).await {
            Ok(vector) => vector.ok().flatten(),
            Err(_) => {
                queries.rest(Instant::now());
                tracing::warn!(
                    "the embedding endpoint takes too long for a question; recall goes by words alone for now"
                );
                None
            }
        }
    }

    async fn embed_query(&self, chat: ChatId, key: String, text: &str) -> Option<Vec<f32>> {
        let queries = &self.inner.vectors.queries;
        let _waiting = Waiting::begin(&queries.waiting);
        let began = Instant::now();
        let embeddings = self.embeddings()?;
        let patience = embeddings.patience();
        let mut took = Took::default();
        let answer = timeout(GIVEN_UP_AFTER.max(patience), embeddings.query(text, &mut took)).await;
        self.note_question(chat, took);
        measure::question_embedded(began.elapsed(), matches!(answer, Ok(Ok(_))));
        match answer {
            Ok(Ok(vector)) => {
                queries.keep(key, vector.clone(), Instant::now());
                if began.elapsed() < patience {
                    queries.end_rest();
                }
                Some(vector)
            }
            Ok(Err(error)) => {
                queries.rest(Instant::now());
                tracing::warn!(
                    reason = error.label(),
                    "a question could not be embedded; recall goes by words alone for now"
                );
                None
            }
            Err(_) => None,
        }
    }
}

impl Queries {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, key: &str, now: Instant) -> Option<Vec<f32>> {
        let known = self.known();
        let (_, made, vector) = known.vectors.iter().find(|(kept, ..)| kept == key)?;
        (now - *made < KEPT_FOR).then(|| vector.clone())
    }

    fn keep(&self, key: String, vector: Vec<f32>, now: Instant) {
        let mut known = self.known();
        known.vectors.retain(|(kept, made, _)| *kept != key && now - *made < KEPT_FOR);
        if known.vectors.len() >= KEPT {
            known.vectors.pop_front();
        }
        known.vectors.push_back((key, now, vector));
    }

    /// Lets go of every vector.
    pub(super) fn forget(&self) {
        self.known().vectors.clear();
    }

    fn rests(&self, now: Instant) -> bool {
        self.known().rests_until.is_some_and(|until| now < until)
    }

    /// Nobody asks for a while.
    fn rest(&self, now: Instant) {
        let mut known = self.known();
        let rest = REST.saturating_mul(1 << known.failures.min(8)).min(LONGEST_REST);
        known.failures = known.failures.saturating_add(1);
        known.rests_until = Some(now + rest);
    }

    /// The endpoint answers.
    pub(super) fn end_rest(&self) {
        let mut known = self.known();
        (known.rests_until, known.failures) = (None, 0);
    }

    /// Whether questions are being embedded.
    pub(super) fn are_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// A question that is being embedded, counted until it is done.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_known_for_some_minutes_and_not_after_a_forgetting() {
        let (queries, now) = (Queries::default(), Instant::now());
        queries.keep("a".to_owned(), vec![1.0], now);
        assert_eq!(queries.recall("a", now), Some(vec![1.0]));
        assert_eq!(queries.recall("b", now), None);
        assert_eq!(queries.recall("a", now + KEPT_FOR), None);
        queries.forget();
        assert_eq!(queries.recall("a", now), None);
        for key in 0..=KEPT {
            queries.keep(key.to_string(), vec![1.0], now);
        }
        assert_eq!((queries.recall("0", now), queries.known().vectors.len()), (None, KEPT));
    }

    #[test]
    fn after_each_failure_nobody_asks_for_longer_until_an_answer_comes() {
        let (queries, mut now) = (Queries::default(), Instant::now());
        assert!(!queries.rests(now));
        for expected in [15, 30, 60, 120, 240, 240] {
            queries.rest(now);
            now += Duration::from_secs(expected);
            assert!(queries.rests(now - Duration::from_millis(1)), "{expected}");
            assert!(!queries.rests(now), "{expected}");
        }
        queries.rest(now);
        queries.end_rest();
        assert!(!queries.rests(now));
        queries.rest(now);
        assert!(!queries.rests(now + REST));
    }
}
