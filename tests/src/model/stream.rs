//! Answers in OpenAI's two shapes: a stream of server-sent events, or one object.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use serde_json::{Value, json};

use crate::wire::Cut;

/// What an answer is made of.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) model: String,
    pub(super) text: String,
    pub(super) usage: Value,
    /// Whether the request asked for the usage in the stream.
    pub(super) with_usage: bool,
    /// Whether the answer ended because it reached the number of tokens allowed.
    pub(super) cut_short: bool,
}

impl Answer {
    fn finish_reason(&self) -> &'static str {
        if self.cut_short { "length" } else { "stop" }
    }
}

/// The answer as one object.
pub(super) fn whole(answer: &Answer) -> Response {
    let body = json!({
        "id": "chatcmpl-test", "object": "chat.completion", "created": 1_790_000_000, "model": answer.model,
        "choices": [{
            "index": 0, "message": {"role": "assistant", "content": answer.text, "refusal": null},
            "logprobs": null, "finish_reason": answer.finish_reason(),
        }],
        "usage": answer.usage,
    });
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// The answer as a stream: a role, the words, the reason of its end, the usage if asked for.
///
/// With `cut_after`, the connection is cut once so many pieces with words have been sent; with `spoil`, one event in the
/// middle is not JSON.
pub(super) fn streamed(answer: &Answer, cut_after: Option<usize>, spoil: bool, cut: Cut) -> Response {
    let mut events = vec![chunk(answer, json!({"role": "assistant", "content": ""}), Value::Null)];
    events.extend(pieces(&answer.text).map(|piece| chunk(answer, json!({"content": piece}), Value::Null)));
    if spoil {
        events.insert(1, "{this is not JSON".to_owned());
    }
    events.push(chunk(answer, json!({}), json!(answer.finish_reason())));
    if answer.with_usage {
        events.push(usage_chunk(answer));
    }
    events.push("[DONE]".to_owned());

    let steps = futures::stream::iter(events.into_iter().enumerate()).then(move |(index, event)| {
        let cut = cut.clone();
        async move {
            if cut_after.is_some_and(|pieces| index > pieces) {
                // What was written before has to leave first; then the line is dead.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                cut.now();
            }
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(format!("data: {event}\n\n"))
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

/// A text word by word, nothing lost.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(' ')
}
