//! The offline model: no language model, and it says so. It answers from the context it is given.
//!
//! It works when there is neither key nor endpoint, so that a new owner sees at once what Souvenir keeps and finds.
//! [`notes`] reads from the context what is remembered; [`question`] tells what the message wants; [`reply`] picks and
//! quotes; [`texts`] has the words; [`consolidation`] keeps memory by plain patterns, and [`analysis`] goes over all of it. Nothing is made up: everything in quotes stands in the context. The same context
//! gives the same answer.

mod analysis;
mod consolidation;
mod notes;
mod question;
mod reply;
#[cfg(test)]
mod tests;
mod texts;

use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use souvenir_memory::{
    TokenCount, TokenCounter,
    context::request_tokens,
    prompt::{
        analysis::{DIFF_SCHEMA_NAME, WINDOW_SCHEMA_NAME},
        consolidation::Line,
    },
};
use tokio::time::Instant;

use super::{
    ChatModel, ChatRequest, Completion, DeltaSender, Learnt, ModelError, ModelHealth, Usage, tokens::BpeCounter,
};

/// What it is called where a model's name is wanted.
pub const NAME: &str = "offline";

/// A summary of quotes, as this model writes it: for one who wrote none that can be used.
#[must_use]
pub fn summary_of_quotes(lines: &[Line], so_far: Option<&str>) -> String {
    consolidation::summary_of(lines, so_far)
}

/// Whether an answer is of this model: it says nothing that people have not said.
#[must_use]
pub fn wrote(answer: &str) -> bool {
    texts::are_in(answer)
}

/// Answers from the context alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfflineModel;

/// An answer before it is sent.
struct Answer {
    text: String,
    cut: bool,
    usage: Usage,
    sha256: String,
}

/// Writes the answer. Takes milliseconds for a long context, so not on the async threads.
fn answer(request: &ChatRequest) -> Answer {
    let counter = BpeCounter::of_model(&request.model);
    let (whole, most) = match request.schema {
        // Half a JSON object is none.
        Some(schema) => (structured(schema.name, &request.messages), TokenCount(u32::MAX)),
        None => (reply::write(&request.messages), request.max_output_tokens),
    };
    let text = within(&whole, most, &counter);
    let seen = serde_json::to_vec(&request.messages).unwrap_or_default();
    Answer {
        cut: text.len() < whole.len(),
        usage: Usage {
            prompt: request_tokens(&request.messages, &counter),
            cached: None,
            completion: counter.count(text),
        },
        sha256: Sha256::digest(&seen).iter().map(|byte| format!("{byte:02x}")).collect(),
        text: text.to_owned(),
    }
}

/// The answer in the form that is asked for by this name.
fn structured(name: &str, messages: &[souvenir_memory::context::ContextMessage]) -> String {
    match name {
        WINDOW_SCHEMA_NAME => analysis::window(messages),
        DIFF_SCHEMA_NAME => analysis::diff(messages),
        _ => consolidation::write(messages),
    }
}

/// As many whole words of `text` as fit into `most` tokens.
fn within<'a>(text: &'a str, most: TokenCount, counter: &BpeCounter) -> &'a str {
    let mut text = text;
    while counter.count(text) > most {
        text = text.trim_end().rsplit_once(char::is_whitespace).map_or("", |(before, _)| before);
    }
    text
}

#[async_trait]
impl ChatModel for OfflineModel {
    async fn complete(&self, request: &ChatRequest, deltas: &DeltaSender) -> Result<Completion, ModelError> {
        let started = Instant::now();
        let asked = request.clone();
        let written = tokio::task::spawn_blocking(move || answer(&asked)).await;
        let answer = written.map_err(|error| ModelError::Unavailable(format!("the offline model stopped: {error}")))?;
        let first_token_ms = u64::try_from(started.elapsed().as_millis()).ok();
        for word in answer.text.split_inclusive(' ') {
            // Nobody may be listening; the answer is wanted all the same.
            let _ = deltas.send(word.to_owned());
        }
        Ok(Completion {
            text: answer.text,
            usage: Some(answer.usage),
            model: Some(NAME.to_owned()),
            finish_reason: Some(if answer.cut { "length" } else { "stop" }.to_owned()),
            request_sha256: answer.sha256,
            first_token_ms,
            calls: Vec::new(),
            retries: 0,
        })
    }

    fn is_language_model(&self) -> bool {
        false
    }

    async fn probe(&self, _models: &[String]) -> Result<ModelHealth, ModelError> {
        Ok(ModelHealth { latency: Duration::ZERO, shutdown_dates: Vec::new(), unlisted: Vec::new() })
    }

    fn learnt(&self) -> Vec<Learnt> {
        Vec::new()
    }
}
