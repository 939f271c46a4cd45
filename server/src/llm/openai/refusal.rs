//! What an endpoint says when it says no, in the words of many servers, and what that means.
//!
//! OpenAI sends `{"error": {message, type, param, code}}`; llama.cpp the same with a number as code and counts of its
//! own; vLLM has had these fields at the top; Ollama has sent `{"error": "…"}`; FastAPI sends `{"detail": …}` with a
//! list of places. A proxy in between sends a page.

use std::{fmt, time::Duration};

use async_openai_http::header::HeaderMap;
use serde_json::Value;

use super::{
    plain::{clean, of_text},
    retry::asked_pause,
};
use crate::{config::Secret, llm::ModelError};

/// A refusal, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The HTTP status; 0 when the refusal came inside a stream.
    pub(super) status: u16,
    /// The endpoint's words, safe to show.
    pub(super) message: String,
    /// `code`, `type`, `param` and the places named, in small letters: what the refusal is about.
    pub(super) labels: Vec<String>,
    /// Prompt tokens as the endpoint counted them.
    pub(super) prompt_tokens: Option<u32>,
    /// Its window.
    pub(super) window: Option<u32>,
    /// How long it asks to wait.
    pub(super) retry_after: Option<Duration>,
}

/// What a refusal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The prompt is too long.
    Overflow,
    /// The key is wrong.
    Unauthorized,
    /// There is no such model.
    UnknownModel,
    /// It may pass by itself.
    Transient,
    /// Asking again the same way is useless.
    Refused,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status, self.message.as_str()) {
            (0 | 200, message) => f.write_str(message),
            (status, "") => write!(f, "status {status}"),
            (status, message) => write!(f, "status {status}: {message}"),
        }
    }
}

impl Refusal {
    /// Reads a response that is no success.
    pub(super) fn read(status: u16, headers: &HeaderMap, body: &[u8], key: Option<&Secret>) -> Self {
        let mut refusal = match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::of_value(&value, key),
            Err(_) => Self { message: of_text(&String::from_utf8_lossy(body), key), ..Self::default() },
        };
        refusal.status = status;
        refusal.retry_after = asked_pause(headers);
        refusal
    }

    /// Reads an error that came as an event of a stream; none if the event is none.
    pub(super) fn in_stream(event: &Value) -> Option<Self> {
        let is_error = event.get("error").is_some_and(|error| !error.is_null()) || event["object"] == "error";
        is_error.then(|| {
            let refusal = Self::of_value(event, None);
            let status = refusal.labels.iter().find_map(|label| label.parse().ok());
            Self { status: status.filter(|status| (400..600).contains(status)).unwrap_or(0), ..refusal }
        })
    }

    /// A page for people where an answer for programs should be.
    pub(super) fn web_page(status: u16) -> Self {
        let message = "a web page came instead of an answer: check OPENAI_BASE_URL, it often ends in /v1";
        Self { status, message: message.to_owned(), ..Self::default() }
    }

    fn of_value(value: &Value, key: Option<&Secret>) -> Self {
        let error = value.get("error").filter(|error| error.is_object()).unwrap_or(value);
        let message = [&error["message"], &value["error"], &value["message"], &value["detail"]]
            .into_iter()
            .find_map(words)
            .unwrap_or_default();
        let mut labels: Vec<String> =
            ["code", "type", "param"].iter().filter_map(|name| label(&error[*name])).collect();
        labels.extend(places(&value["detail"]));
        let lower = message.to_lowercase();
        Self {
            status: 0,
            prompt_tokens: number(&error["n_prompt_tokens"]).or_else(|| prompt_tokens_in(&lower)),
            window: number(&error["n_ctx"]).or_else(|| window_in(&lower)),
            message: clean(&message, key),
            labels,
            retry_after: None,
        }
    }

    /// What it means.
    pub(super) fn verdict(&self) -> Verdict {
        match self.status {
            401 | 403 | 407 => Verdict::Unauthorized,
            _ if self.is_overflow() => Verdict::Overflow,
            _ if self.is_unknown_model() => Verdict::UnknownModel,
            429 if self.has_label("insufficient_quota") => Verdict::Refused,
            501 | 505 => Verdict::Refused,
            0 | 408 | 409 | 425 | 429 | 500.. => Verdict::Transient,
            _ => Verdict::Refused,
        }
    }

    fn is_overflow(&self) -> bool {
        self.has_label("context_length_exceeded")
            || self.has_label("exceed_context_size_error")
            || self.says_any(&[
                "maximum context length",
                "exceeds the available context size",
                "context window",
                "context length exceeded",
                "prompt is too long",
                "exceeds the context",
            ])
    }

    fn is_unknown_model(&self) -> bool {
        self.has_label("model_not_found")
            || (matches!(self.status, 400 | 404 | 422)
                && self.says("model")
                && self.says_any(&["not found", "not exist", "unknown model", "invalid model", "no such model"]))
    }

    /// Whether one of the labels is `name`.
    pub(super) fn has_label(&self, name: &str) -> bool {
        self.labels.iter().any(|label| label == name)
    }

    /// Whether it is about `parameter`: by label, or by name in the message.
    pub(super) fn names(&self, parameter: &str) -> bool {
        self.labels.iter().any(|label| label == parameter || label.starts_with(&format!("{parameter}.")))
            || self.says(parameter)
    }

    /// Whether the message has `phrase`, in any case.
    pub(super) fn says(&self, phrase: &str) -> bool {
        self.message.to_lowercase().contains(phrase)
    }

    pub(super) fn says_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.says(phrase))
    }

    /// As an error for the engine and for people.
    pub(super) fn into_error(self) -> ModelError {
        let words = if self.message.is_empty() { self.to_string() } else { self.message.clone() };
        match self.verdict() {
            Verdict::Overflow => {
                ModelError::ContextOverflow { message: words, prompt_tokens: self.prompt_tokens, window: self.window }
            }
            Verdict::Unauthorized => ModelError::Unauthorized(words),
            Verdict::UnknownModel => ModelError::UnknownModel(words),
            Verdict::Transient => ModelError::Unavailable(match self.retry_after.map(|wait| wait.as_secs()) {
                Some(seconds) if seconds > 0 => {
                    format!("{}; it asks to wait {seconds} s", self.to_string().trim_end_matches('.'))
                }
                _ => self.to_string(),
            }),
            Verdict::Refused if (300..400).contains(&self.status) || self.status == 404 => ModelError::Refused(
                format!("{}; check OPENAI_BASE_URL, it often ends in /v1", self.to_string().trim_end_matches('.')),
            ),
            Verdict::Refused => ModelError::Refused(self.to_string()),
        }
    }
}

/// A message in any of the shapes there are: text, or FastAPI's list of what is wrong where.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Array(problems) => {
            let told = problems.iter().filter_map(|problem| {
                let what = problem["msg"].as_str()?;
                let place: Vec<String> = problem["loc"].as_array()?.iter().filter_map(label).collect();
                Some(format!("{}: {what}", place.join(".")))
            });
            Some(told.collect::<Vec<_>>().join("; ")).filter(|told| !told.is_empty())
        }
        Value::Object(inner) => inner.get("message").or_else(|| inner.get("error")).and_then(words),
        _ => None,
    }
}

/// The places that a list of FastAPI's names.
fn places(detail: &Value) -> Vec<String> {
    let problems = detail.as_array().map(Vec::as_slice).unwrap_or_default();
    problems.iter().filter_map(|problem| problem["loc"].as_array()).flatten().filter_map(label).collect()
}

fn label(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

/// Prompt tokens, where a message tells them in one of the known ways.
fn prompt_tokens_in(message: &str) -> Option<u32> {
    ["resulted in ", "your request has ", "your prompt contains at least ", "you requested ", "request ("]
        .iter()
        .find_map(|before| number_after(message, before))
}

/// The window, where a message tells it.
fn window_in(message: &str) -> Option<u32> {
    ["maximum context length is ", "context size (", "context window of "]
        .iter()
        .find_map(|before| number_after(message, before))
}

fn number_after(text: &str, before: &str) -> Option<u32> {
    let (_, rest) = text.split_once(before)?;
    let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: u16, body: &Value) -> Refusal {
        Refusal::read(status, &HeaderMap::new(), body.to_string().as_bytes(), None)
    }

    #[test]
    fn an_overflow_is_recognised_in_the_words_of_many_servers() {
        let openai = json!({"error": {
            "message": "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
            "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded",
        }});
        let llama = json!({"error": {
            "code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 9001, "n_ctx": 8192,
            "message": "the request exceeds the available context size, try increasing it",
        }});
        let vllm = json!({
            "object": "error", "type": "BadRequestError", "param": null, "code": 400,
            "message": "This model's maximum context length is 8192 tokens. However, you requested 9001 tokens \
                        (8001 in the messages, 1000 in the completion).",
        });
        for body in [openai, llama, vllm] {
            let error = read(400, &body).into_error();
            let ModelError::ContextOverflow { prompt_tokens, window, message } = error else { panic!("{error:?}") };
            assert_eq!((prompt_tokens, window), (Some(9001), Some(8192)), "{message}");
            assert!(message.contains("context"));
        }
    }

    #[test]
    fn each_refusal_has_its_meaning() {
        let said = |message: &str| json!({"error": {"message": message, "code": null}});
        let quota = json!({"error": {"message": "You exceeded your quota.", "code": "insufficient_quota"}});
        for (status, body, verdict) in [
            (401, said("Incorrect API key provided"), Verdict::Unauthorized),
            (403, said("Not in your country"), Verdict::Unauthorized),
            (404, said("The model `gpt-9` does not exist or you do not have access to it."), Verdict::UnknownModel),
            (404, json!({"error": "model 'small' not found"}), Verdict::UnknownModel),
            (404, json!({"detail": "Not Found"}), Verdict::Refused),
            (400, said("Invalid value"), Verdict::Refused),
            (429, said("Slow down"), Verdict::Transient),
            (429, quota, Verdict::Refused),
            (
                503,
                json!({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
                Verdict::Transient,
            ),
            (529, json!("overloaded"), Verdict::Transient),
        ] {
            assert_eq!(read(status, &body).verdict(), verdict, "{status} {body}");
        }
    }

    #[test]
    fn a_list_of_problems_is_told_with_its_places() {
        let refusal = read(
            422,
            &json!({"detail": [{
                "type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "Extra inputs are not permitted",
            }]}),
        );
        assert_eq!(refusal.message, "body.max_completion_tokens: Extra inputs are not permitted");
        assert!(refusal.has_label("max_completion_tokens"));
    }
}
