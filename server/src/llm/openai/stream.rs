//! Reading an answer as it comes.
//!
//! Until the first text every trouble is a reason to ask again. After it, what was shown stays shown: a stream that
//! breaks gives [`ModelError::Interrupted`] with the text so far.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_openai::error::OpenAIError;
use futures::{Stream, StreamExt};
use serde_json::Value;
use souvenir_memory::TokenCount;
use tokio::time::Instant;

use super::{Limits, failure::Failure, refusal::Refusal};
use crate::llm::{Completion, DeltaSender, ModelError, Usage};

/// Reads `pieces` to their end. `ended` is true once the endpoint has said that it is one.
pub(super) async fn read(
    mut pieces: impl Stream<Item = Result<Value, OpenAIError>> + Unpin,
    ended: Arc<AtomicBool>,
    deltas: &DeltaSender,
    limits: Limits,
    first_text_by: Instant,
) -> Result<Completion, Failure> {
    let mut answer = Answer::default();
    loop {
        let has_text = !answer.text.is_empty();
        let until = if has_text { limits.next_piece_by() } else { first_text_by };
        let piece = match tokio::time::timeout_at(until, pieces.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(error))) if is_noise(&error) => continue,
            Ok(Some(Err(error))) => return answer.broken(error.into()),
            Ok(None) if ended.load(Ordering::Relaxed) => return answer.finished(),
            Ok(None) => return answer.broken(Failure::transient("the stream ended in the middle")),
            Err(_) if has_text => return answer.broken(Failure::transient("the next piece took too long")),
            Err(_) => return answer.broken(limits.too_slow()),
        };
        if let Some(refusal) = Refusal::in_stream(&piece) {
            return answer.broken(Failure::Refused(Box::new(refusal)));
        }
        if let Some(text) = answer.take_in(&piece) {
            answer.first_token_ms.get_or_insert_with(|| limits.elapsed_ms());
            // Nobody may be listening; the answer is wanted all the same.
            let _ = deltas.send(text);
        }
    }
}

/// Some servers keep a stream alive with events that are not even meant to be JSON.
fn is_noise(error: &OpenAIError) -> bool {
    matches!(error, OpenAIError::JSONDeserialize(_, content) if !content.trim_start().starts_with('{'))
}

/// What has come so far.
#[derive(Debug, Default)]
struct Answer {
    text: String,
    usage: Option<Usage>,
    model: Option<String>,
    finish_reason: Option<String>,
    first_token_ms: Option<u64>,
}

impl Answer {
    /// Takes a piece in, and gives its text if it has any.
    ///
    /// The piece is a chunk of a stream (`delta`) or a whole answer (`message`).
    fn take_in(&mut self, piece: &Value) -> Option<String> {
        if let Some(model) = piece["model"].as_str().filter(|model| !model.is_empty()) {
            self.model = Some(model.to_owned());
        }
        self.usage = usage(&piece["usage"]).or(self.usage);
        let choice = &piece["choices"][0];
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.finish_reason = Some(reason.to_owned());
        }
        let said = if choice["delta"].is_object() { &choice["delta"] } else { &choice["message"] };
        // A model that declines says so in a field of its own; to the person it is the answer.
        let text = [&said["content"], &said["refusal"]].into_iter().find_map(text_of)?;
        self.text.push_str(&text);
        Some(text)
    }

    /// The end of a stream that ended as it should.
    fn finished(self) -> Result<Completion, Failure> {
        if self.text.trim().is_empty() {
            let reason = self.finish_reason.as_deref().unwrap_or("no reason given");
            let remedy = if reason == "length" {
                "; all of the reserve went into reasoning: raise reserve_tokens or lower reasoning_effort"
            } else {
                ""
            };
            return Err(Failure::Final(ModelError::Refused(format!("the answer is empty ({reason}){remedy}"))));
        }
        Ok(self.into_completion())
    }

    /// The end of a stream that did not. One that broke after its last piece is whole none the less.
    fn broken(self, failure: Failure) -> Result<Completion, Failure> {
        if self.text.is_empty() {
            return Err(failure);
        }
        if self.finish_reason.is_some() {
            return Ok(self.into_completion());
        }
        Err(Failure::Final(ModelError::Interrupted { message: failure.to_string(), partial: self.text }))
    }

    fn into_completion(self) -> Completion {
        Completion {
            text: self.text,
            usage: self.usage,
            model: self.model,
            finish_reason: self.finish_reason,
            request_sha256: String::new(),
            first_token_ms: self.first_token_ms,
        }
    }
}

/// Text, or a list of parts with text; nothing if it is empty.
fn text_of(content: &Value) -> Option<String> {
    let text = match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

fn usage(usage: &Value) -> Option<Usage> {
    let tokens = |value: &Value| value.as_u64().map(|count| TokenCount(u32::try_from(count).unwrap_or(u32::MAX)));
    Some(Usage {
        prompt: tokens(&usage["prompt_tokens"])?,
        cached: tokens(&usage["prompt_tokens_details"]["cached_tokens"]),
        completion: tokens(&usage["completion_tokens"]).unwrap_or_default(),
    })
}
