//! Server-sent events, read one by one.

use std::collections::VecDeque;

use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use crate::wire::soon;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name; `message` when it has none.
    pub name: String,
    /// Its data.
    pub data: String,
}

impl Event {
    /// The data as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or(Value::Null)
    }
}

/// An open stream of events.
#[derive(Debug)]
pub struct Events {
    response: Response,
    buffer: String,
    ready: VecDeque<Event>,
}

impl Events {
    /// Sends `request` and expects a stream.
    ///
    /// # Panics
    /// When the answer is something else.
    pub async fn open(request: RequestBuilder) -> Self {
        let response = soon("an event stream", request.send()).await.expect("the app answers");
        let kind = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(
            response.status().is_success() && kind.starts_with("text/event-stream"),
            "not an event stream: {} {kind}",
            response.status()
        );
        Self { response, buffer: String::new(), ready: VecDeque::new() }
    }

    /// The next event; none when the stream has ended.
    ///
    /// # Panics
    /// When none comes in time, or the stream breaks.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let chunk = soon("an event", self.response.chunk()).await.expect("the stream holds")?;
            self.buffer.push_str(&String::from_utf8_lossy(&chunk).replace("\r\n", "\n"));
            while let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let event = parse(block);
                self.buffer = rest.to_owned();
                self.ready.extend(event);
            }
        }
    }

    /// The next event that fits; others are passed over.
    ///
    /// # Panics
    /// When the stream ends first, or it does not come in time.
    pub async fn next_that(&mut self, what: &str, fits: impl Fn(&Event) -> bool) -> Event {
        let mut seen = Vec::new();
        let searching = async {
            while let Some(event) = self.next().await {
                if fits(&event) {
                    return Some(event);
                }
                seen.push(event);
            }
            None
        };
        match soon(what, searching).await {
            Some(event) => event,
            None => panic!("the stream ended without {what}; there were {seen:?}"),
        }
    }

    /// All events until the stream ends.
    pub async fn to_end(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

/// One block of lines as an event; comments (pings) are none.
fn parse(block: &str) -> Option<Event> {
    let mut name = "message".to_owned();
    let mut data = Vec::new();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.to_owned(),
            "data" => data.push(value),
            _ => {}
        }
    }
    (!data.is_empty()).then(|| Event { name, data: data.join("\n") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_parsed_and_comments_passed_over() {
        let event = parse("event: delta\ndata: one\ndata: two").expect("an event");
        assert_eq!((event.name.as_str(), event.data.as_str()), ("delta", "one\ntwo"));
        assert_eq!(parse(": ping"), None);
    }
}
