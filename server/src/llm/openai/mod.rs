//! Any OpenAI-compatible endpoint, through `async-openai`: answers here, vectors in [`embeddings`], recordings in
//! [`transcription`].
//!
//! Requests are made and streams are read by `async-openai` with types of our own, since servers differ in more
//! than its types allow. Its HTTP layer is replaced by [`transport`], which sees status, headers and bodies; so the
//! crate's own retries do not run, and ours are the only ones. One answer goes like this:
//!
//! 1. [`body`] writes the request as this endpoint takes it for this model;
//! 2. [`stream`] reads the answer, under three limits of time: to the first text, between pieces, as a whole;
//! 3. a refusal is read by [`refusal`] and shown by [`plain`]; if it names something that can be left out, [`lessons`] remembers that
//!    and the request goes out again at once;
//! 4. what may pass by itself is tried again by [`retry`], as long as no text has been shown.

mod body;
pub mod embeddings;
mod endpoint;
mod failure;
mod lessons;
mod plain;
mod probe;
mod refusal;
mod retry;
mod stream;
#[cfg(test)]
mod tests;
pub mod transcription;
mod transport;

use std::{collections::BTreeSet, time::Duration};

use async_openai::Client;
use async_trait::async_trait;
use endpoint::Endpoint;
pub use endpoint::InvalidEndpoint;
use failure::Failure;
use lessons::Lessons;
use refusal::Verdict;
pub use retry::RetryPolicy;
use tokio::time::Instant;
use transport::Transport;

use super::{ChatModel, ChatRequest, Completion, DeltaSender, Learnt, ModelError, ModelHealth, Quirk};
use crate::{config::Secret, measure};

/// More corrections of one request than there are things to learn mean that the endpoint contradicts itself.
const MOST_CORRECTIONS: usize = 6;

/// How to reach an endpoint.
#[derive(Clone, Debug, Default)]
pub struct OpenAiOptions {
    /// The endpoint, such as `https://api.example.com/v1`; none for OpenAI's.
    pub base_url: Option<String>,
    /// The key; none where the endpoint wants none.
    pub api_key: Option<Secret>,
    /// What was learnt before, of any endpoint.
    pub learnt: Vec<Learnt>,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// When to try again.
    pub retry: RetryPolicy,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// From sending to the first text: a large prompt takes minutes on a small machine.
    pub first_token: Duration,
    /// From one piece of the answer to the next.
    pub between_pieces: Duration,
    /// For the whole answer, retries included.
    pub whole: Duration,
    /// For the list of models.
    pub probe: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_secs(120),
            between_pieces: Duration::from_secs(60),
            whole: Duration::from_secs(600),
            probe: Duration::from_secs(10),
        }
    }
}

/// A language model behind an OpenAI-compatible endpoint.
#[derive(Debug)]
pub struct OpenAiModel {
    endpoint: Endpoint,
    http: async_openai_http::Client,
    lessons: Lessons,
    timeouts: Timeouts,
    retry: RetryPolicy,
}

impl OpenAiModel {
    /// Prepares to talk to an endpoint; nothing is sent yet.
    ///
    /// # Errors
    /// When address or key cannot be used, or the system's certificates cannot be read.
    pub fn new(options: OpenAiOptions) -> Result<Self, InvalidEndpoint> {
        let endpoint = Endpoint::new(options.base_url.as_deref(), options.api_key)?;
        let http = transport::http_client(options.timeouts.connect).map_err(InvalidEndpoint::Tls)?;
        let lessons = Lessons::new(endpoint.name().to_owned(), options.learnt);
        Ok(Self { endpoint, http, lessons, timeouts: options.timeouts, retry: options.retry })
    }

    /// A client whose requests all go through `transport`.
    fn client(&self, transport: Transport) -> Client<Endpoint> {
        Client::build(self.http.clone(), self.endpoint.clone()).with_http_service(transport)
    }

    fn transport(&self) -> Transport {
        Transport::new(self.http.clone(), self.endpoint.key().cloned())
    }

    /// One request, as an endpoint with these quirks takes it.
    async fn attempt(
        &self,
        request: &ChatRequest,
        quirks: &BTreeSet<Quirk>,
        deltas: &DeltaSender,
        limits: Limits,
    ) -> Result<Completion, Failure> {
        let body = body::write(request, quirks);
        let request_sha256 = body.sha256();
        let transport = self.transport();
        let ended = transport.ended();
        let client = self.client(transport);
        let chat = client.chat();
        let opening = chat.create_stream_byot(&body);
        let first_text_by = limits.first_text_by(Instant::now());
        let answer = tokio::time::timeout_at(first_text_by, opening).await;
        let pieces = answer.map_err(|_| limits.too_slow())?.map_err(Failure::from)?;
        let may_call = body::sent(request, quirks).tools;
        let mut completion = stream::read(pieces, ended, deltas, limits, first_text_by, may_call).await?;
        completion.request_sha256 = request_sha256;
        Ok(completion)
    }

    /// How long to wait before trying again; none to give up.
    fn pause_before_retry(&self, failure: &Failure, tries: u32, limits: Limits) -> Option<Duration> {
        let asked = match failure {
            Failure::Refused(refusal) if refusal.verdict() == Verdict::Transient => refusal.retry_after,
            Failure::Transient(_) => None,
            Failure::Refused(_) | Failure::Final(_) => return None,
        };
        self.retry.pause_after(tries, limits.started.elapsed(), asked, rand::random())
    }
}

/// The limits of time of one answer, and when it began.
#[derive(Clone, Copy, Debug)]
struct Limits {
    started: Instant,
    timeouts: Timeouts,
}

impl Limits {
    fn first_text_by(self, sent: Instant) -> Instant {
        (sent + self.timeouts.first_token).min(self.whole_by())
    }

    fn next_piece_by(self) -> Instant {
        (Instant::now() + self.timeouts.between_pieces).min(self.whole_by())
    }

    fn whole_by(self) -> Instant {
        self.started + self.timeouts.whole
    }

    fn elapsed_ms(self) -> u64 {
        millis(self.started.elapsed())
    }

    fn too_slow(self) -> Failure {
        let waited = self.timeouts.first_token.min(self.timeouts.whole).as_secs_f64();
        Failure::transient(format!("no text within {waited} s"))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait]
impl ChatModel for OpenAiModel {
    async fn complete(&self, request: &ChatRequest, deltas: &DeltaSender) -> Result<Completion, ModelError> {
        let limits = Limits { started: Instant::now(), timeouts: self.timeouts };
        let (mut tries, mut corrections) = (1, 0);
        loop {
            let quirks = self.lessons.of(&request.model);
            let failure = match self.attempt(request, &quirks, deltas, limits).await {
                Ok(completion) => return Ok(Completion { retries: tries - 1, ..completion }),
                Err(failure) => failure,
            };
            if let Failure::Refused(refusal) = &failure
                && corrections < MOST_CORRECTIONS
                && self.lessons.learn(&request.model, refusal, body::sent(request, &quirks))
            {
                corrections += 1;
                continue;
            }
            let Some(pause) = self.pause_before_retry(&failure, tries, limits) else { return Err(failure.into()) };
            tracing::info!(
                model = request.model,
                tries,
                pause_ms = millis(pause),
                reason = failure.label(),
                "the model endpoint failed; trying again"
            );
            measure::model_retried(&request.model);
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    fn is_language_model(&self) -> bool {
        true
    }

    async fn probe(&self, models: &[String]) -> Result<ModelHealth, ModelError> {
        probe::probe(self, models).await
    }

    fn learnt(&self) -> Vec<Learnt> {
        self.lessons.all()
    }
}
