//! The client against a server that answers what each test lays out for it.

mod answers;
mod embeddings;
mod refusals;
mod trouble;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::Response,
};
use futures::StreamExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use souvenir_memory::{Role, TokenCount, context::ContextMessage};
use tokio::sync::mpsc;

use super::*;
use crate::llm::{Quirk, Usage};

const KEY: &str = "sk-never-to-be-seen";

/// A server with its answers laid out, and what it was asked.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<(String, Bytes)>>>,
}

#[derive(Clone)]
struct Laid {
    answers: Arc<Mutex<VecDeque<Response<Body>>>>,
    asked: Arc<Mutex<Vec<(String, Bytes)>>>,
}

async fn serve(answers: impl IntoIterator<Item = Response<Body>>) -> Server {
    let laid =
        Laid { answers: Arc::new(Mutex::new(answers.into_iter().collect())), asked: Arc::new(Mutex::new(Vec::new())) };
    let asked = Arc::clone(&laid.asked);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(laid);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Server { url, asked }
}

async fn answer(State(laid): State<Laid>, request: Request) -> Response<Body> {
    let path = format!("{} {}", request.method(), request.uri());
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
    laid.asked.lock().unwrap().push((path, body));
    let next = laid.answers.lock().unwrap().pop_front();
    next.unwrap_or_else(|| error(418, &json!("nothing is laid out")))
}

impl Server {
    fn model(&self) -> OpenAiModel {
        self.model_with(|_| {})
    }

    fn model_with(&self, change: impl FnOnce(&mut OpenAiOptions)) -> OpenAiModel {
        let mut options = OpenAiOptions {
            base_url: Some(self.url.clone()),
            api_key: Some(Secret::new(KEY)),
            retry: RetryPolicy { base: Duration::from_millis(2), ..RetryPolicy::default() },
            ..OpenAiOptions::default()
        };
        change(&mut options);
        OpenAiModel::new(options).unwrap()
    }

    fn bodies(&self) -> Vec<Value> {
        self.asked.lock().unwrap().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }
}

fn request() -> ChatRequest {
    let message = |role, content: &str| ContextMessage { role, content: content.to_owned(), tokens: TokenCount::ZERO };
    ChatRequest {
        model: "small".to_owned(),
        messages: vec![
            message(Role::System, "Be kind."),
            message(Role::User, "Hi"),
            message(Role::Assistant, "Hello"),
            message(Role::System, "It is now noon."),
            message(Role::User, "Как дела?"),
        ],
        max_output_tokens: TokenCount(500),
        reasoning_effort: Some("none".to_owned()),
        schema: None,
        toolbox: None,
        pictures: Vec::new(),
    }
}

async fn ask(model: &OpenAiModel) -> (Result<Completion, ModelError>, Vec<String>) {
    ask_for(model, &request()).await
}

async fn ask_for(model: &OpenAiModel, request: &ChatRequest) -> (Result<Completion, ModelError>, Vec<String>) {
    let (deltas, mut received) = mpsc::unbounded_channel();
    let result = model.complete(request, &deltas).await;
    drop(deltas);
    let mut pieces = Vec::new();
    while let Some(piece) = received.recv().await {
        pieces.push(piece);
    }
    (result, pieces)
}

fn error(status: u16, body: &Value) -> Response<Body> {
    Response::builder().status(status).body(Body::from(body.to_string())).unwrap()
}

fn refused(param: &str) -> Response<Body> {
    let message = format!("Unsupported parameter: '{param}' is not supported with this model.");
    let said = json!({"message": message, "param": param, "code": "unsupported_parameter"});
    error(400, &json!({ "error": said }))
}

fn text(piece: &str) -> String {
    format!("data: {}\n\n", json!({"model": "small-1", "choices": [{"delta": {"content": piece}}]}))
}

fn finish(reason: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"delta": {}, "finish_reason": reason}]}))
}

const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":70,\"completion_tokens\":5,\
                     \"prompt_tokens_details\":{\"cached_tokens\":64}}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// A stream of these events, word for word, each in a packet of its own.
fn stream(events: impl IntoIterator<Item = String>) -> Response<Body> {
    let pieces: Vec<_> = events.into_iter().map(Ok::<_, std::io::Error>).collect();
    Response::builder()
        .header("content-type", "text/event-stream; charset=utf-8")
        .body(Body::from_stream(futures::stream::iter(pieces)))
        .unwrap()
}

/// The same, and then the connection breaks.
fn broken(events: impl IntoIterator<Item = String>) -> Response<Body> {
    let events: Vec<_> = events.into_iter().map(Ok).collect();
    let cut = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        Err(std::io::Error::other("cut"))
    };
    let body = Body::from_stream(futures::stream::iter(events).chain(futures::stream::once(cut)));
    Response::builder().header("content-type", "text/event-stream").body(body).unwrap()
}

/// The same, and then nothing, for ever.
fn stuck(events: impl IntoIterator<Item = String>) -> Response<Body> {
    let events: Vec<_> = events.into_iter().map(Ok::<_, std::io::Error>).collect();
    let body = Body::from_stream(futures::stream::iter(events).chain(futures::stream::pending()));
    Response::builder().header("content-type", "text/event-stream").body(body).unwrap()
}

fn hello() -> Response<Body> {
    stream([text("Hel"), text("lo!"), finish("stop"), USAGE.to_owned(), DONE.to_owned()])
}
