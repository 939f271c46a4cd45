//! One request: how it is written, sent, and tried again; and what a refusal of it is about.

use std::borrow::Cow;

use async_openai::Client;
use serde::Serialize;
use serde_json::Value;
use souvenir_memory::Encoding;
use tokio::time::{Instant, timeout};

use super::{EmbeddingError, EmbeddingModel, Failed, Purpose, Took, answer};
use crate::llm::{
    Quirk,
    openai::{
        MOST_CORRECTIONS, RetryPolicy,
        body::Sent,
        failure::Failure,
        millis,
        refusal::{Refusal, Verdict},
    },
    tokens::count_off_thread,
};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: Vec<Cow<'a, str>>,
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_type: Option<&'static str>,
}

impl EmbeddingModel {
    /// The vectors of these texts, in order. What may pass by itself is tried again.
    pub(super) async fn ask(
        &self,
        texts: &[String],
        purpose: Purpose,
        retry: RetryPolicy,
        took: &mut Took,
    ) -> Result<Vec<Vec<f32>>, Failed> {
        let name = self.name().await?;
        let began = Instant::now();
        let (mut tries, mut corrections) = (1, 0);
        loop {
            let with_type = !self.lessons.of(name).contains(&Quirk::NoInputType);
            let failure = match self.attempt(name, texts, purpose, with_type).await {
                Ok(answer) => {
                    took.tokens += match answer::tokens(&answer) {
                        Some(tokens) => tokens,
                        None => self.counted(name, texts).await,
                    };
                    return Ok(answer::read(&answer, texts.len(), &self.dimensions)?);
                }
                Err(failure) => failure,
            };
            let asked = match &failure {
                Failure::Refused(refusal) => {
                    let sent = Sent { input_type: with_type, ..Sent::default() };
                    if corrections < MOST_CORRECTIONS && self.lessons.learn(name, refusal, sent) {
                        corrections += 1;
                        continue;
                    }
                    if refusal.verdict() != Verdict::Transient || is_too_long(refusal) || is_too_many(refusal) {
                        return Err(failure.into());
                    }
                    refusal.retry_after
                }
                Failure::Transient(_) => None,
                Failure::Final(_) => return Err(failure.into()),
            };
            let Some(pause) = retry.pause_after(tries, began.elapsed(), asked, rand::random()) else {
                return Err(failure.into());
            };
            tracing::debug!(tries, pause_ms = millis(pause), reason = failure.label(), "the embedding endpoint failed");
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    /// About what texts take, where the endpoint does not say.
    async fn counted(&self, name: &str, texts: &[String]) -> u64 {
        let longest = self.longest_text.load(std::sync::atomic::Ordering::Relaxed);
        let sent: Vec<&str> = texts.iter().map(|text| cut(text, longest)).collect();
        count_off_thread(Encoding::of_model(name), &sent.join("\n")).await.0.into()
    }

    async fn attempt(&self, name: &str, texts: &[String], purpose: Purpose, with_type: bool) -> Result<Value, Failure> {
        // Models of this family were taught with these words before each text, and a server that takes no `input_type` adds none.
        let prefix = if !with_type && name.to_lowercase().contains("e5") { purpose.name() } else { "" };
        let longest = self.longest_text.load(std::sync::atomic::Ordering::Relaxed);
        let body = Body {
            model: name,
            input: texts.iter().map(|text| written(prefix, cut(text, longest))).collect(),
            encoding_format: "float",
            input_type: with_type.then(|| purpose.name()),
        };
        let client = Client::build(self.http.clone(), self.endpoint.clone()).with_http_service(self.transport());
        let asking = client.embeddings();
        let answer = timeout(self.timeouts.answer, asking.create_byot::<_, Value>(&body)).await;
        let too_slow = || Failure::transient(format!("no vectors within {} s", self.timeouts.answer.as_secs_f64()));
        let answer = answer.map_err(|_| too_slow())?.map_err(Failure::from)?;
        Refusal::in_stream(&answer).map_or(Ok(answer), |refusal| Err(Failure::Refused(Box::new(refusal))))
    }

    /// The only model of an endpoint that nobody named one for.
    pub(super) async fn only_model(&self) -> Result<String, EmbeddingError> {
        let client = Client::build(self.http.clone(), self.endpoint.clone()).with_http_service(self.transport());
        let list = client.models();
        let listed = match timeout(self.timeouts.models, list.list_byot::<Value>()).await {
            Ok(Ok(listed)) => listed,
            Ok(Err(error)) => match Failure::from(error) {
                // No list: a server of one model seldom minds what it is called.
                Failure::Refused(refusal) if matches!(refusal.status, 404 | 405 | 501) => Value::Null,
                failure => return Err(failure.into()),
            },
            Err(_) => return Err(EmbeddingError::Unavailable("no list of models in time".to_owned())),
        };
        let models: Vec<&str> =
            listed["data"].as_array().into_iter().flatten().filter_map(|model| model["id"].as_str()).collect();
        match models.as_slice() {
            [] => Ok("default".to_owned()),
            [only] => Ok((*only).to_owned()),
            several => Err(EmbeddingError::SeveralModels(several.len())),
        }
    }
}

/// Whether a refusal may be due to what the texts are, rather than to key, model or address.
pub(super) fn is_about_texts(refusal: &Refusal) -> bool {
    let overflow = refusal.verdict() == Verdict::Overflow;
    let refused = refusal.verdict() == Verdict::Refused && matches!(refusal.status, 400 | 413 | 422);
    overflow || refused || is_too_long(refusal) || is_too_many(refusal)
}

/// Whether a text is refused for its length, in the words of many servers.
pub(super) fn is_too_long(refusal: &Refusal) -> bool {
    refusal.status == 413
        || refusal.verdict() == Verdict::Overflow
        || refusal.says_any(&[
            "too long",
            "too large",
            "too many tokens",
            "maximum input length",
            "maximum sequence length",
            "input length exceeds",
            "exceeds the context length",
            "must have less than",
            "tokens per request",
            "longer than",
        ])
}

/// Whether there are too many texts in one request.
pub(super) fn is_too_many(refusal: &Refusal) -> bool {
    refusal.says_any(&["batch size", "array too long", "too many inputs", "number of inputs", "tokens per request"])
}

fn written<'a>(prefix: &str, text: &'a str) -> Cow<'a, str> {
    if prefix.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(format!("{prefix}: {text}")) }
}

/// The beginning of a text.
fn cut(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}
