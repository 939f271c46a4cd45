//! Recordings to words, by any OpenAI-compatible endpoint with `/audio/transcriptions`.
//!
//! A form with the recording and the model's name, and nothing that a server may not know. What may pass by itself is tried
//! again, as for answers.

use std::time::Duration;

use async_openai::config::Config;
use async_openai_http::{
    Client,
    multipart::{Form, Part},
};
use serde_json::Value;
use souvenir_memory::TokenCount;
use tokio::time::{Instant, timeout};

use super::{
    Endpoint, Failure, InvalidEndpoint, RetryPolicy, Verdict, millis,
    refusal::Refusal,
    transport::{self, MOST_JSON_BYTES, MOST_REFUSAL_BYTES, TransportError, content_type, read_up_to},
};
use crate::{
    config::Secret,
    llm::{ModelError, ModelHealth, Usage, openai::OpenAiModel, openai::OpenAiOptions},
};

/// How to reach an endpoint.
#[derive(Clone, Debug, Default)]
pub struct TranscriptionOptions {
    /// The endpoint, such as `https://api.example.com/v1`; none for OpenAI's.
    pub base_url: Option<String>,
    /// The model.
    pub model: String,
    /// The key; none where the endpoint wants none.
    pub api_key: Option<Secret>,
    /// When to try again.
    pub retry: RetryPolicy,
}

/// What is to be transcribed.
#[derive(Clone)]
pub struct Recording {
    /// The file.
    pub bytes: Vec<u8>,
    /// A name whose ending says what it is.
    pub name: String,
    /// Its media type.
    pub mime: String,
}

/// What is said in a recording, and what hearing it took as far as the endpoint says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The words; empty where nothing is said.
    pub words: String,
    /// Tokens, of models that are paid for by them.
    pub usage: Option<Usage>,
    /// How long the recording is, of models that are paid for by time.
    pub seconds: Option<u32>,
}

/// A model that transcribes.
#[derive(Debug)]
pub struct TranscriptionModel {
    endpoint: Endpoint,
    http: Client,
    model: String,
    retry: RetryPolicy,
    options: TranscriptionOptions,
}

/// For a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// For one try: a small machine takes its time over minutes of speech.
const ANSWER: Duration = Duration::from_secs(180);

impl TranscriptionModel {
    /// Prepares to talk to an endpoint; nothing is sent yet.
    ///
    /// # Errors
    /// When address or key cannot be used, or the system's certificates cannot be read.
    pub fn new(options: TranscriptionOptions) -> Result<Self, InvalidEndpoint> {
        let endpoint = Endpoint::new(options.base_url.as_deref(), options.api_key.clone())?;
        let http = transport::http_client(CONNECT).map_err(InvalidEndpoint::Tls)?;
        Ok(Self { endpoint, http, model: options.model.clone(), retry: options.retry, options })
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.model
    }

    /// What is said in a recording.
    ///
    /// # Errors
    /// [`ModelError`] once retries are used up.
    pub async fn transcribe(&self, recording: &Recording) -> Result<Heard, ModelError> {
        let (began, mut tries) = (Instant::now(), 1);
        loop {
            let too_slow = || Failure::transient(format!("no transcription within {} s", ANSWER.as_secs()));
            let failure = match timeout(ANSWER, self.attempt(recording)).await.unwrap_or_else(|_| Err(too_slow())) {
                Ok(heard) => return Ok(heard),
                Err(failure) => failure,
            };
            let asked = match &failure {
                Failure::Refused(refusal) if refusal.verdict() == Verdict::Transient => refusal.retry_after,
                Failure::Transient(_) => None,
                Failure::Refused(_) | Failure::Final(_) => return Err(failure.into()),
            };
            let Some(pause) = self.retry.pause_after(tries, began.elapsed(), asked, rand::random()) else {
                return Err(failure.into());
            };
            tracing::debug!(tries, pause_ms = millis(pause), reason = failure.label(), "a transcription failed");
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// Asks for the list of models, which costs nothing.
    ///
    /// # Errors
    /// [`ModelError`] when the endpoint does not answer.
    pub async fn probe(&self) -> Result<ModelHealth, ModelError> {
        let TranscriptionOptions { base_url, api_key, retry, .. } = self.options.clone();
        let options = OpenAiOptions { base_url, api_key, retry, ..OpenAiOptions::default() };
        let lists = OpenAiModel::new(options).map_err(|error| ModelError::Refused(error.to_string()))?;
        super::probe::probe(&lists, std::slice::from_ref(&self.model)).await
    }

    async fn attempt(&self, recording: &Recording) -> Result<Heard, Failure> {
        let file = Part::bytes(recording.bytes.clone())
            .file_name(recording.name.clone())
            .mime_str(&recording.mime)
            .map_err(|error| Failure::transient(super::plain::clean(&error.to_string(), None)))?;
        let form = Form::new().text("model", self.model.clone()).part("file", file);
        let request = self.http.post(self.endpoint.url("/audio/transcriptions"));
        let request = request.headers(self.endpoint.headers()).query(&self.endpoint.query()).multipart(form);
        let response = request.send().await.map_err(TransportError::from)?;
        if !response.status().is_success() {
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = read_up_to(MOST_REFUSAL_BYTES, response).await.unwrap_or_default();
            return Err(Failure::Refused(Box::new(Refusal::read(status, &headers, &body, self.endpoint.key()))));
        }
        let (status, kind) = (response.status().as_u16(), content_type(&response));
        if kind.starts_with("text/html") {
            return Err(Failure::Refused(Box::new(Refusal::web_page(status))));
        }
        heard(&kind, &read_up_to(MOST_JSON_BYTES, response).await?)
    }
}

/// The words of an answer: a JSON object with them, or nothing but them.
fn heard(kind: &str, body: &[u8]) -> Result<Heard, Failure> {
    if kind.starts_with("text/plain") {
        return Ok(Heard { words: String::from_utf8_lossy(body).trim().to_owned(), ..Heard::default() });
    }
    let answer: Value =
        serde_json::from_slice(body).map_err(|_| Failure::transient("it sent something that is not JSON"))?;
    if let Some(refusal) = Refusal::in_stream(&answer) {
        return Err(Failure::Refused(Box::new(refusal)));
    }
    let text = answer["text"].as_str().ok_or_else(|| Failure::transient("it sent no text"))?;
    let usage = &answer["usage"];
    let tokens = |name: &str| usage[name].as_u64().and_then(|tokens| u32::try_from(tokens).ok()).map(TokenCount);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length, which the cast keeps in bounds"
    )]
    let seconds = usage["seconds"].as_f64().map(|seconds| seconds.ceil() as u32);
    let usage = tokens("input_tokens").zip(tokens("output_tokens"));
    let usage = usage.map(|(prompt, completion)| Usage { prompt, cached: None, completion });
    Ok(Heard { words: text.trim().to_owned(), usage, seconds })
}
