//! Texts to vectors, by any OpenAI-compatible endpoint with `/embeddings`.
//!
//! Requests are bounded in texts and characters. What an endpoint refuses is found out in steps, since each says it in other
//! words: a field it does not know is left out from then on ([`super::lessons`]); of several texts each half is tried by itself;
//! a text that is too long is cut, and so are later ones; and a text that is refused while others are taken gets no vector,
//! so that it does not stand in their way for ever. What may pass by itself is tried again, as for answers.
//!
//! Vectors are checked (count, order, dimensions, numbers) and have unit length afterwards.

mod answer;
mod error;
mod request;

use std::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

pub use error::EmbeddingError;
use error::Failed;
use tokio::{sync::OnceCell, time::Instant};

use super::{Endpoint, InvalidEndpoint, Learnt, Lessons, RetryPolicy, Transport, transport};
use crate::config::Secret;

/// At most so many texts in one request, until an endpoint is found to take fewer.
const MOST_TEXTS: usize = 64;
/// At most so many characters in one request of several texts.
const MOST_CHARACTERS: usize = 64_000;
/// Longer texts are cut, until an endpoint is found to take less.
const LONGEST_TEXT: usize = 8_000;
/// No endpoint's limit is smaller, in characters.
const SHORTEST_CUT: usize = 200;
/// What is embedded to see whether that works.
const TRIAL: &str = "A first message, to see whether this works.";

/// What a text is embedded for. Many models place questions and what answers them by different rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To find others by it.
    Query,
    /// To be found.
    Passage,
}

impl Purpose {
    /// Its name as endpoints know it.
    fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Passage => "passage",
        }
    }
}

/// How to reach an endpoint.
#[derive(Clone, Debug, Default)]
pub struct EmbeddingOptions {
    /// The endpoint, such as `https://api.example.com/v1`; none for OpenAI's.
    pub base_url: Option<String>,
    /// The model; none for the only one that the endpoint has.
    pub model: Option<String>,
    /// The key; none where the endpoint wants none.
    pub api_key: Option<Secret>,
    /// What was learnt before, of any endpoint.
    pub learnt: Vec<Learnt>,
    /// How long to wait for what.
    pub timeouts: EmbeddingTimeouts,
    /// When to try again.
    pub retry: RetryPolicy,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddingTimeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the answer to one request: a small machine takes its time over many texts.
    pub answer: Duration,
    /// For the list of models.
    pub models: Duration,
    /// For a question's vector, by whoever has to answer the question.
    pub question: Duration,
}

impl Default for EmbeddingTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(120),
            models: Duration::from_secs(10),
            question: Duration::from_secs(1),
        }
    }
}

/// What requests took so far, those too that nothing came of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Took {
    /// Tokens of texts: as the endpoint counts them, and where it does not, as we do.
    pub tokens: u64,
}

/// How an endpoint is, when tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddingHealth {
    /// The model.
    pub model: String,
    /// The dimensions of its vectors.
    pub dimensions: usize,
    /// How long it took to embed a short text.
    pub latency: Duration,
}

/// A model that turns texts into vectors.
#[derive(Debug)]
pub struct EmbeddingModel {
    endpoint: Endpoint,
    http: async_openai_http::Client,
    lessons: Lessons,
    /// As configured, or as the endpoint tells.
    name: OnceCell<String>,
    /// Of the first vectors that came; 0 before.
    dimensions: AtomicUsize,
    most_texts: AtomicUsize,
    longest_text: AtomicUsize,
    timeouts: EmbeddingTimeouts,
    retry: RetryPolicy,
}

impl EmbeddingModel {
    /// Prepares to talk to an endpoint; nothing is sent yet.
    ///
    /// # Errors
    /// When address or key cannot be used, or the system's certificates cannot be read.
    pub fn new(options: EmbeddingOptions) -> Result<Self, InvalidEndpoint> {
        let endpoint = Endpoint::new(options.base_url.as_deref(), options.api_key)?;
        let http = transport::http_client(options.timeouts.connect).map_err(InvalidEndpoint::Tls)?;
        let lessons = Lessons::new(endpoint.name().to_owned(), options.learnt);
        Ok(Self {
            endpoint,
            http,
            lessons,
            name: OnceCell::new_with(options.model),
            dimensions: AtomicUsize::new(0),
            most_texts: AtomicUsize::new(MOST_TEXTS),
            longest_text: AtomicUsize::new(LONGEST_TEXT),
            timeouts: options.timeouts,
            retry: options.retry,
        })
    }

    /// The model's name: what was configured, or the only one the endpoint has.
    ///
    /// # Errors
    /// [`EmbeddingError`] when the endpoint has to tell and does not.
    pub async fn name(&self) -> Result<&str, EmbeddingError> {
        Ok(self.name.get_or_try_init(|| self.only_model()).await?)
    }

    /// The model's name, where it is known without asking.
    #[must_use]
    pub fn known_name(&self) -> Option<&str> {
        self.name.get().map(String::as_str)
    }

    /// The vector of each of `texts`, to be found by; none for a text that the endpoint refuses while it takes others.
    ///
    /// # Errors
    /// [`EmbeddingError`] once retries are used up.
    pub async fn passages(&self, texts: &[String], took: &mut Took) -> Result<Vec<Option<Vec<f32>>>, EmbeddingError> {
        let mut vectors: Vec<Option<Vec<f32>>> = vec![None; texts.len()];
        let mut refused = Vec::new();
        let mut left = self.requests(texts);
        left.reverse();
        while let Some(range) = left.pop() {
            let failed = match self.ask(&texts[range.clone()], Purpose::Passage, self.retry, took).await {
                Ok(found) => {
                    for (place, vector) in vectors[range].iter_mut().zip(found) {
                        *place = Some(vector);
                    }
                    continue;
                }
                Err(failed) => failed,
            };
            if !failed.is_about_texts() {
                return Err(failed.into());
            } else if range.len() > 1 {
                left.extend(self.halves(range, &failed).into_iter().rev());
            } else if self.cut_shorter(&texts[range.start], &failed) {
                left.push(range);
            } else {
                refused.push(failed);
            }
        }
        // A text may be to blame. Where none at all is taken, it is not the texts.
        let all = refused.len() == texts.len();
        match refused.pop() {
            Some(failed) if all && !self.takes_anything(took).await => Err(failed.into()),
            _ => Ok(vectors),
        }
    }

    /// The vector to find others by. It is tried once: somebody waits.
    ///
    /// # Errors
    /// [`EmbeddingError`] at the first failure.
    pub async fn query(&self, text: &str, took: &mut Took) -> Result<Vec<f32>, EmbeddingError> {
        let once = RetryPolicy { tries: 1, ..self.retry };
        let texts = [text.to_owned()];
        loop {
            match self.ask(&texts, Purpose::Query, once, took).await {
                Ok(mut vectors) => return vectors.pop().ok_or_else(|| EmbeddingError::Malformed("nothing".to_owned())),
                Err(failed) if self.cut_shorter(text, &failed) => {}
                Err(failed) => return Err(failed.into()),
            }
        }
    }

    /// Embeds a short text to see whether that works.
    ///
    /// # Errors
    /// [`EmbeddingError`] when it does not.
    pub async fn probe(&self) -> Result<EmbeddingHealth, EmbeddingError> {
        let model = self.name().await?.to_owned();
        let began = Instant::now();
        let vector = self.query(TRIAL, &mut Took::default()).await?;
        Ok(EmbeddingHealth { model, dimensions: vector.len(), latency: began.elapsed() })
    }

    /// How long a question's vector is to be waited for.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.timeouts.question
    }

    /// What was learnt of endpoints so far, to be stored.
    #[must_use]
    pub fn learnt(&self) -> Vec<Learnt> {
        self.lessons.all()
    }

    fn transport(&self) -> Transport {
        Transport::whole(self.http.clone(), self.endpoint.key().cloned())
    }

    async fn takes_anything(&self, took: &mut Took) -> bool {
        self.query(TRIAL, took).await.is_ok()
    }

    /// Which texts go together in one request.
    fn requests(&self, texts: &[String]) -> Vec<Range<usize>> {
        let most = self.most_texts.load(Ordering::Relaxed);
        let (mut ranges, mut start, mut characters) = (Vec::new(), 0, 0);
        for (place, text) in texts.iter().enumerate() {
            let length = text.len().min(LONGEST_TEXT);
            if place > start && (place - start >= most || characters + length > MOST_CHARACTERS) {
                ranges.push(start..place);
                (start, characters) = (place, 0);
            }
            characters += length;
        }
        if start < texts.len() {
            ranges.push(start..texts.len());
        }
        ranges
    }

    /// Both halves of what was refused; where it was refused for being too many, later requests are smaller.
    fn halves(&self, range: Range<usize>, failed: &Failed) -> [Range<usize>; 2] {
        let half = range.len().div_ceil(2);
        if failed.refusal().is_some_and(request::is_too_many) {
            self.most_texts.fetch_min(half, Ordering::Relaxed);
        }
        [range.start..range.start + half, range.start + half..range.end]
    }

    /// Whether a text that was refused for its length can be cut further; from then on all are.
    fn cut_shorter(&self, text: &str, failed: &Failed) -> bool {
        let Some(refusal) = failed.refusal() else { return false };
        let sent = text.chars().count().min(self.longest_text.load(Ordering::Relaxed));
        if !request::is_too_long(refusal) || sent <= SHORTEST_CUT {
            return false;
        }
        let fits = match (refusal.window, refusal.prompt_tokens) {
            // A tenth less than what should just fit: tokens are not equally long.
            (Some(window), Some(tokens)) if window < tokens => {
                sent * usize::try_from(window).unwrap_or(0) / usize::try_from(tokens).unwrap_or(1).max(1) * 9 / 10
            }
            _ => sent / 2,
        };
        let limit = fits.clamp(SHORTEST_CUT, sent - 1);
        self.longest_text.fetch_min(limit, Ordering::Relaxed);
        tracing::info!(characters = limit, "learnt how long a text the embedding endpoint takes");
        true
    }
}
