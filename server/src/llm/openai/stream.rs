//! Reading an answer as it comes.
//!
//! Until the first text every trouble is a reason to ask again. After it, what was shown stays shown: a stream that
//! breaks gives [`ModelError::Interrupted`] with the text so far. A call of a tool comes in pieces, too: its name in one,
//! its arguments in many.

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
use crate::llm::{Completion, DeltaSender, ModelError, ToolCall, Usage};

/// Reads `pieces` to their end. `ended` is true once the endpoint has said that it is one.
pub(super) async fn read(
    mut pieces: impl Stream<Item = Result<Value, OpenAIError>> + Unpin,
    ended: Arc<AtomicBool>,
    deltas: &DeltaSender,
    limits: Limits,
    first_text_by: Instant,
    may_call: bool,
) -> Result<Completion, Failure> {
    let mut answer = Answer { may_call, ..Answer::default() };
    loop {
        let has_text = !answer.text.is_empty() || !answer.calls.is_empty();
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
    /// Whether calls are wanted at all; others are passed over.
    may_call: bool,
    /// The calls so far, each with the number that the endpoint gives it.
    calls: Vec<(u64, ToolCall)>,
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
        if self.may_call {
            self.take_calls(&said["tool_calls"]);
        }
        // A model that declines says so in a field of its own; to the person it is the answer.
        let text = [&said["content"], &said["refusal"]].into_iter().find_map(text_of)?;
        self.text.push_str(&text);
        Some(text)
    }

    /// Takes pieces of calls in. One that has a number goes on with the call of that number; some servers give none, and
    /// begin each call with its name.
    fn take_calls(&mut self, pieces: &Value) {
        for piece in pieces.as_array().map(Vec::as_slice).unwrap_or_default() {
            let function = &piece["function"];
            let name = function["name"].as_str().unwrap_or_default();
            let last = self.calls.last().map(|(index, _)| *index);
            let begins_another = || if name.is_empty() { last.unwrap_or(0) } else { last.map_or(0, |last| last + 1) };
            let index = piece["index"].as_u64().unwrap_or_else(begins_another);
            if !self.calls.iter().any(|(known, _)| *known == index) {
                self.calls.push((index, ToolCall::default()));
            }
            let Some((_, call)) = self.calls.iter_mut().find(|(known, _)| *known == index) else { continue };
            if let Some(id) = piece["id"].as_str().filter(|id| !id.is_empty()) {
                id.clone_into(&mut call.id);
            }
            call.name.push_str(name);
            match &function["arguments"] {
                Value::String(text) => call.arguments.push_str(text),
                // Some servers send what was meant instead of its text.
                Value::Null => {}
                meant => call.arguments.push_str(&meant.to_string()),
            }
        }
    }

    /// The end of a stream that ended as it should.
    fn finished(self) -> Result<Completion, Failure> {
        if self.text.trim().is_empty() && self.calls.is_empty() {
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
        if self.finish_reason.is_some() && !(self.text.is_empty() && self.calls.is_empty()) {
            return Ok(self.into_completion());
        }
        if self.text.is_empty() {
            return Err(failure);
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
            calls: named(self.calls),
            retries: 0,
        }
    }
}

/// The calls in order, each with a name of its own for its result.
fn named(calls: Vec<(u64, ToolCall)>) -> Vec<ToolCall> {
    let name = |(index, call): (u64, ToolCall)| match call.id.is_empty() {
        true => ToolCall { id: format!("call_{index}"), ..call },
        false => call,
    };
    calls.into_iter().map(name).collect()
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
