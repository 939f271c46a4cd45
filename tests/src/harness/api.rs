//! The HTTP API, called as a script would call it.

use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::Events;
use crate::wire::soon;

/// A caller with a bearer token.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    token: String,
    client: Client,
}

/// What a call gave.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub json: Value,
}

impl Api {
    pub(super) fn new(base: &str, token: &str) -> Self {
        Self { base: base.to_owned(), token: token.to_owned(), client: Client::new() }
    }

    /// The same API, called with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self::new(&self.base, token)
    }

    /// A request to `path`, for what the short ways do not cover.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// Makes a call and gives whatever it answers.
    ///
    /// # Panics
    /// When there is no answer in time.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        answer(request).await
    }

    /// Makes a call that must succeed and gives its JSON.
    ///
    /// # Panics
    /// When the status is not one of success.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let answer = self.call(method.clone(), path, body).await;
        assert!((200..300).contains(&answer.status), "{method} {path} gave {}: {}", answer.status, answer.text);
        answer.json
    }

    /// `GET` that must succeed.
    pub async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, None).await
    }

    /// `POST` that must succeed.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// `PATCH` that must succeed.
    pub async fn patch(&self, path: &str, body: Value) -> Value {
        self.ask(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE` that must succeed.
    pub async fn delete(&self, path: &str) -> Value {
        self.ask(Method::DELETE, path, None).await
    }

    /// The items of a list, following its cursors to the end.
    ///
    /// # Panics
    /// When the list has another shape.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let page = match &cursor {
                Some(cursor) => self.get(&format!("{path}{join}cursor={cursor}")).await,
                None => self.get(path).await,
            };
            items.extend(page["items"].as_array().unwrap_or_else(|| panic!("{path} has no items: {page}")).clone());
            match &page["next_cursor"] {
                Value::Null => return items,
                Value::String(next) => cursor = Some(next.clone()),
                next => cursor = Some(next.to_string()),
            }
        }
    }

    /// Makes a console chat and gives its id.
    ///
    /// # Panics
    /// When it has none.
    pub async fn console_chat(&self, title: &str) -> i64 {
        let chat = self.post("/api/chats", json!({"title": title})).await;
        chat["id"].as_i64().unwrap_or_else(|| panic!("no id in {chat}"))
    }

    /// Says something in a console chat and gives the answer `{message_id, turn_id, reply}`.
    pub async fn say(&self, chat: i64, text: &str) -> Value {
        self.post(&format!("/api/chats/{chat}/messages"), json!({"text": text})).await
    }

    /// Opens a stream of server-sent events.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn events(&self, path: &str) -> Events {
        let request = self.request(Method::GET, path).header(ACCEPT, "text/event-stream");
        Events::open(request).await
    }

    /// Says something in a console chat and gives the answer as a stream of events.
    pub async fn say_streaming(&self, chat: i64, text: &str) -> Events {
        let request = self.request(Method::POST, &format!("/api/chats/{chat}/messages"));
        Events::open(request.header(ACCEPT, "text/event-stream").json(&json!({"text": text}))).await
    }
}

/// Sends a request and reads its answer to the end.
async fn answer(request: RequestBuilder) -> Answer {
    let response = soon("an answer of the app", request.send()).await.expect("the app answers");
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = soon("the end of an answer", response.text()).await.expect("the answer is whole");
    let json = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, headers, text, json }
}

impl Answer {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Sends any request, for callers with a client of their own.
    pub async fn to(request: RequestBuilder) -> Self {
        answer(request).await
    }
}
