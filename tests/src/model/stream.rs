//! Answers in OpenAI's two shapes: a stream of server-sent events, or one object.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::State;
use crate::wire::Cut;

/// How fast a stream comes, and whether it was read to its end.
pub(super) struct Pacing {
    state: Arc<watch::Sender<State>>,
    request: usize,
    ended: bool,
}

impl Pacing {
    pub(super) fn new(state: &Arc<watch::Sender<State>>, request: usize) -> Self {
        Self { state: Arc::clone(state), request, ended: false }
    }

    /// Waits until piece `index` is due; the first of them says nothing.
    async fn wait(&mut self, index: usize, last: bool) {
        let pace = self.state.borrow().pace;
        if !pace.is_zero() {
            tokio::time::sleep(pace).await;
        }
        let mut changes = self.state.subscribe();
        // The server lives as long as its streams.
        let _ = changes.wait_for(|state| state.held_after.is_none_or(|words| index <= words)).await;
        self.ended |= last;
    }
}

impl Drop for Pacing {
    fn drop(&mut self) {
        let (request, abandoned) = (self.request, !self.ended);
        self.state.send_modify(|state| {
            if let Some(request) = state.requests.get_mut(request) {
                request.abandoned = abandoned;
            }
        });
    }
}

/// What an answer is made of.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) model: String,
    pub(super) text: String,
    /// Tools called instead: names and arguments.
    pub(super) calls: Vec<(String, String)>,
    pub(super) usage: Value,
    /// Whether the request asked for the usage in the stream.
    pub(super) with_usage: bool,
    /// Whether the answer ended because it reached the number of tokens allowed.
    pub(super) cut_short: bool,
}

impl Answer {
    fn finish_reason(&self) -> &'static str {
        match (self.calls.is_empty(), self.cut_short) {
            (false, _) => "tool_calls",
            (true, true) => "length",
            (true, false) => "stop",
        }
    }
}

/// The answer as one object.
pub(super) fn whole(answer: &Answer) -> Response {
    let body = json!({
        "id": "chatcmpl-test", "object": "chat.completion", "created": 1_790_000_000, "model": answer.model,
        "choices": [{
            "index": 0, "message": message(answer), "logprobs": null, "finish_reason": answer.finish_reason(),
        }],
        "usage": answer.usage,
    });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The answer as a stream: a role, the words, the reason of its end, the usage if asked for.
///
/// With `cut_after`, the connection is cut once so many pieces with words have been sent; with `spoil`, one event in the
/// middle is not JSON.
pub(super) fn streamed(answer: &Answer, cut_after: Option<usize>, spoil: bool, cut: Cut, pacing: Pacing) -> Response {
    let mut events = vec![chunk(answer, json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend(answer.calls.iter().enumerate().flat_map(|(index, call)| call_chunks(answer, index, call)));
    events.extend(pieces(&answer.text).map(|piece| chunk(answer, json!({"content": piece}), Value::Null)));
    if spoil {
        events.insert(1, "{this is not JSON".to_owned());
    }
    events.push(chunk(answer, json!({}), json!(answer.finish_reason())));
    if answer.with_usage {
        events.push(usage_chunk(answer));
    }
    events.push("[DONE]".to_owned());

    let all = events.len();
    let start = (events.into_iter().enumerate(), pacing);
    let steps = futures::stream::unfold(start, move |(mut events, mut pacing)| {
        let cut = cut.clone();
        async move {
            let (index, event) = events.next()?;
            if cut_after.is_some_and(|pieces| index > pieces) {
                // What was written before has to leave first; then the line is dead.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                cut.now();
            }
            pacing.wait(index, index + 1 == all).await;
            tokio::task::yield_now().await;
            Some((Ok::<_, Infallible>(format!("data: {event}\n\n")), (events, pacing)))
        }
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(steps)).into_response()
}

fn chunk(answer: &Answer, delta: Value, finish_reason: Value) -> String {
    let mut chunk = json!({
        "id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": answer.model,
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}],
    });
    if answer.with_usage {
        chunk["usage"] = Value::Null;
    }
    chunk.to_string()
}

fn usage_chunk(answer: &Answer) -> String {
    json!({
        "id": "chatcmpl-test", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": answer.model,
        "choices": [], "usage": answer.usage,
    })
    .to_string()
}

fn message(answer: &Answer) -> Value {
    if answer.calls.is_empty() {
        return json!({"role": "assistant", "content": answer.text, "refusal": null});
    }
    let calls = answer.calls.iter().enumerate().map(|(index, (name, arguments))| {
        json!({"id": format!("call_test_{index}"), "type": "function", "function": {"name": name, "arguments": arguments}})
    });
    json!({"role": "assistant", "content": null, "refusal": null, "tool_calls": calls.collect::<Vec<_>>()})
}

/// A call as it is streamed: first its name, then its arguments a few characters at a time.
fn call_chunks(answer: &Answer, index: usize, (name, arguments): &(String, String)) -> Vec<String> {
    let piece = |call: Value| chunk(answer, json!({"tool_calls": [call]}), Value::Null);
    let id = format!("call_test_{index}");
    let mut chunks =
        vec![piece(json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}}))];
    let letters: Vec<char> = arguments.chars().collect();
    chunks.extend(
        letters.chunks(5).map(|letters| {
            piece(json!({"index": index, "function": {"arguments": letters.iter().collect::<String>()}}))
        }),
    );
    chunks
}

/// A text word by word, nothing lost.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}
