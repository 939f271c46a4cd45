//! An OpenAI-compatible embeddings server whose every whim a test decides.
//!
//! A text's vector is a bag of its words' beginnings, hashed into few dimensions: texts that share words are near each other,
//! and so are texts with words that a test says mean the same ([`EmbeddingServer::same_meaning`]). It records every text, and can
//! be away, slow, out of order, or of another mind about what a request may hold.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::wire::{Wire, soon};

/// A key that must never turn up in logs or pages.
pub const KEY: &str = "emb-souvenir-test-key-never-to-be-logged";
/// The dimensions of its vectors, until a test says otherwise.
const DIMENSIONS: usize = 64;
/// So many first letters of a word count: most inflections come after.
const STEM: usize = 5;

#[derive(Debug)]
struct State {
    /// What words mean, where that is not themselves.
    meanings: BTreeMap<String, String>,
    dimensions: usize,
    /// The status that every request gets.
    failing: Option<u16>,
    delay: Duration,
    refuses_purpose: bool,
    requests: Vec<Value>,
}

/// The server.
#[derive(Debug)]
pub struct EmbeddingServer {
    state: Arc<watch::Sender<State>>,
    wire: Wire,
}

impl EmbeddingServer {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let state = State {
            meanings: BTreeMap::new(),
            dimensions: DIMENSIONS,
            failing: None,
            delay: Duration::ZERO,
            refuses_purpose: false,
            requests: Vec::new(),
        };
        let state = Arc::new(watch::Sender::new(state));
        let router = Router::new()
            .route("/v1/embeddings", post(embed))
            .route("/v1/models", get(models))
            .with_state(Arc::clone(&state));
        Self { state, wire: Wire::start(router).await }
    }

    /// For `SOUVENIR_EMBEDDING_BASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.wire.address())
    }

    /// For `SOUVENIR_EMBEDDING_API_KEY`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        KEY
    }

    /// These words mean the same from now on.
    pub fn same_meaning(&self, words: &[&str]) {
        let first = words.first().map(|word| stem(word)).unwrap_or_default();
        let meanings: Vec<_> = words.iter().map(|word| (stem(word), first.clone())).collect();
        self.change(|state| state.meanings.extend(meanings));
    }

    /// Vectors have so many dimensions from now on.
    pub fn set_dimensions(&self, dimensions: usize) {
        self.change(|state| state.dimensions = dimensions);
    }

    /// Every request gets this status from now on, or vectors again.
    pub fn fail_with(&self, status: Option<u16>) {
        self.change(|state| state.failing = status);
    }

    /// Answers take so long from now on.
    pub fn answer_after(&self, delay: Duration) {
        self.change(|state| state.delay = delay);
    }

    /// Refuses requests with `input_type` from now on.
    pub fn refuse_purpose(&self) {
        self.change(|state| state.refuses_purpose = true);
    }

    /// Refuses connections and cuts those there are.
    pub fn go_down(&self) {
        self.wire.go_down();
    }

    /// Is there again, at the same port.
    pub async fn go_up(&self) {
        self.wire.go_up().await;
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        self.state.borrow().requests.clone()
    }

    /// All texts of all requests for a purpose (`query`, `passage`) so far.
    #[must_use]
    pub fn texts(&self, purpose: &str) -> Vec<String> {
        let of_purpose = |request: &Value| request["input_type"] == purpose;
        self.requests().iter().filter(|request| of_purpose(request)).flat_map(texts).collect()
    }

    /// Waits until so many requests have come.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn wait_for_requests(&self, count: usize) {
        let mut changes = self.state.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|state| state.requests.len() >= count).await;
        };
        soon(&format!("request {count} to the embeddings; there were {}", self.requests().len()), waiting).await;
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(change);
    }
}

async fn models() -> Json<Value> {
    Json(json!({"object": "list", "data": [{"id": "bag-of-words", "object": "model"}]}))
}

async fn embed(
    Extract(state): Extract<Arc<watch::Sender<State>>>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    state.send_modify(|state| state.requests.push(body.clone()));
    let delay = state.borrow().delay;
    tokio::time::sleep(delay).await;
    let state = state.borrow();
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if bearer != Some(&format!("Bearer {KEY}")) {
        return refusal(401, "Incorrect API key provided.");
    }
    if let Some(status) = state.failing {
        return refusal(status, "The server had an error while processing your request.");
    }
    if state.refuses_purpose && body.get("input_type").is_some() {
        return refusal(400, "Unrecognized request argument supplied: input_type");
    }
    let vectors = texts(&body)
        .into_iter()
        .enumerate()
        .map(|(index, text)| json!({"object": "embedding", "index": index, "embedding": vector(&state, &text)}));
    // The order is nobody's business: the index says whose each is.
    let data: Vec<Value> = vectors.rev().collect();
    Json(json!({"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": 0, "total_tokens": 0}}))
        .into_response()
}

fn refusal(status: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({"error": {"message": message, "type": "invalid_request_error", "code": null}})))
        .into_response()
}

fn texts(request: &Value) -> Vec<String> {
    let texts = request["input"].as_array().map(Vec::as_slice).unwrap_or_default();
    texts.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Each word adds to one dimension or takes from it.
fn vector(state: &State, text: &str) -> Vec<f64> {
    let mut vector = vec![0.0; state.dimensions];
    // No text is without direction, and none is nothing but this.
    vector[0] = 0.01;
    for word in text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() > 2) {
        let stem = stem(word);
        let meaning = state.meanings.get(&stem).unwrap_or(&stem);
        let mut hasher = DefaultHasher::new();
        meaning.hash(&mut hasher);
        let hash = hasher.finish();
        let place = usize::try_from(hash % state.dimensions as u64).unwrap_or(0);
        vector[place] += if hash & (1 << 40) == 0 { 1.0 } else { -1.0 };
    }
    vector
}

fn stem(word: &str) -> String {
    word.to_lowercase().chars().take(STEM).collect()
}
