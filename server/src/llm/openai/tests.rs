//! The client against a server that answers what each test lays out for it.

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
    }
}

async fn ask(model: &OpenAiModel) -> (Result<Completion, ModelError>, Vec<String>) {
    let (deltas, mut received) = mpsc::unbounded_channel();
    let result = model.complete(&request(), &deltas).await;
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

#[tokio::test]
async fn an_answer_comes_piece_by_piece_with_its_usage() {
    let server = serve([hello()]).await;
    let (completion, pieces) = ask(&server.model()).await;
    let completion = completion.unwrap();
    assert_eq!(pieces, ["Hel", "lo!"]);
    assert_eq!(completion.text, "Hello!");
    let usage = Usage { prompt: TokenCount(70), cached: Some(TokenCount(64)), completion: TokenCount(5) };
    assert_eq!(completion.usage, Some(usage));
    assert_eq!(completion.model.as_deref(), Some("small-1"));
    assert_eq!(completion.finish_reason.as_deref(), Some("stop"));
    assert!(completion.first_token_ms.is_some());
    let (path, body) = server.asked.lock().unwrap()[0].clone();
    assert_eq!(path, "POST /v1/chat/completions");
    let sha256: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(completion.request_sha256, sha256);
}

#[tokio::test]
async fn usage_is_read_from_whichever_piece_has_it() {
    let last =
        json!({"choices": [{"delta": {"content": "!"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7}});
    let server = serve([stream([text("Hi"), format!("data: {last}\n\n"), DONE.to_owned()])]).await;
    let completion = ask(&server.model()).await.0.unwrap();
    assert_eq!(completion.usage.unwrap().prompt, TokenCount(7));
}

#[tokio::test]
async fn an_answer_in_one_piece_is_taken_as_well() {
    let whole = json!({
        "model": "small-1",
        "choices": [{"message": {"role": "assistant", "content": "Hello,\nyou"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 70, "completion_tokens": 5},
    });
    let response = Response::builder()
        .header("content-type", "application/json")
        .body(Body::from(serde_json::to_string_pretty(&whole).unwrap()))
        .unwrap();
    let server = serve([response]).await;
    let (completion, pieces) = ask(&server.model()).await;
    assert_eq!(pieces, ["Hello,\nyou"]);
    assert_eq!(completion.unwrap().usage.unwrap().completion, TokenCount(5));
}

#[tokio::test]
async fn comments_noise_and_pieces_cut_anywhere_do_not_disturb() {
    let events = [": waiting\n\n", "event: ping\ndata: ping\n\n", &text("Приве"), &text("т 🙂"), &finish("stop"), DONE];
    let bytes = events.concat().into_bytes();
    let pieces: Vec<_> = bytes.chunks(3).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    // Neither does a server that forgets to say what it sends.
    let server = serve([Response::new(Body::from_stream(futures::stream::iter(pieces)))]).await;
    assert_eq!(ask(&server.model()).await.0.unwrap().text, "Привет 🙂");
}

#[tokio::test]
async fn a_busy_endpoint_is_asked_again_when_it_wishes() {
    let busy = |header: &'static str, wait: &str| {
        let mut response = error(429, &json!({"error": {"message": "Rate limit", "code": "rate_limit_exceeded"}}));
        response.headers_mut().insert(header, wait.parse().unwrap());
        response
    };
    let server = serve([busy("retry-after", "0.05"), busy("retry-after-ms", "40"), hello()]).await;
    let started = Instant::now();
    let (completion, pieces) = ask(&server.model()).await;
    assert_eq!(completion.unwrap().text, "Hello!");
    assert_eq!(pieces.concat(), "Hello!");
    assert!(started.elapsed() >= Duration::from_millis(90));
    assert_eq!(server.bodies().len(), 3);
}

#[tokio::test]
async fn an_endpoint_that_stays_down_is_given_up_after_three_tries() {
    let down = || error(503, &json!({"error": {"code": 503, "message": "Loading model"}}));
    let server = serve([down(), down(), down(), hello()]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unavailable("status 503: Loading model".to_owned()));
    assert_eq!(server.bodies().len(), 3);
}

#[tokio::test]
async fn a_wait_too_long_is_told_instead_of_waited() {
    let mut busy = error(429, &json!({"error": {"message": "Daily limit"}}));
    busy.headers_mut().insert("retry-after", "3600".parse().unwrap());
    let server = serve([busy]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unavailable("status 429: Daily limit; it asks to wait 3600 s".to_owned()));
}

#[tokio::test]
async fn nobody_at_the_address_is_unavailable_without_naming_it() {
    let server = serve([]).await;
    let model = server.model_with(|options| options.base_url = Some("http://127.0.0.1:9/secret/v1".to_owned()));
    let ModelError::Unavailable(message) = ask(&model).await.0.unwrap_err() else { panic!() };
    assert_eq!(message, "no connection: Connection refused");
}

#[tokio::test]
async fn what_is_refused_is_left_out_at_once_and_for_good() {
    let answers = [refused("max_completion_tokens"), refused("reasoning_effort"), refused("stream_options")];
    let late = json!({"error": {"code": 500, "message": "Jinja Exception: System message must be at the beginning."}});
    let server = serve(answers.into_iter().chain([error(500, &late), hello(), hello()])).await;
    let model = server.model_with(|options| options.retry.tries = 1);
    assert_eq!(ask(&model).await.0.unwrap().text, "Hello!");
    assert_eq!(ask(&model).await.0.unwrap().text, "Hello!");
    let bodies = server.bodies();
    assert_eq!(bodies.len(), 6);
    assert_eq!(bodies[4], bodies[5]);
    assert_eq!(bodies[4]["max_tokens"], 500);
    for absent in ["max_completion_tokens", "reasoning_effort", "stream_options"] {
        assert_eq!(bodies[4][absent], Value::Null);
    }
    assert_eq!(bodies[4]["messages"][3]["content"], "<notes>\nIt is now noon.\n</notes>\n\nКак дела?");
    let learnt = model.learnt();
    assert_eq!(learnt.iter().map(|lesson| lesson.quirk).collect::<Vec<_>>(), Quirk::ALL);
    assert!(learnt.iter().all(|lesson| lesson.endpoint == server.url && lesson.model == "small"));
}

#[tokio::test]
async fn what_was_learnt_before_is_not_asked_for_again() {
    let server = serve([hello()]).await;
    let lesson = Learnt { endpoint: server.url.clone(), model: "small".to_owned(), quirk: Quirk::NoReasoningEffort };
    let model = server.model_with(|options| options.learnt = vec![lesson.clone()]);
    ask(&model).await.0.unwrap();
    assert_eq!(server.bodies()[0]["reasoning_effort"], Value::Null);
    assert_eq!(model.learnt(), [lesson]);
}

#[tokio::test]
async fn an_endpoint_that_contradicts_itself_is_not_asked_for_ever() {
    let refusals = (0..20).map(|round| match round % 2 {
        0 => refused("max_completion_tokens"),
        _ => error(400, &json!({"error": "'max_tokens' is not known, use 'max_completion_tokens'"})),
    });
    let server = serve(refusals).await;
    assert!(matches!(ask(&server.model()).await.0.unwrap_err(), ModelError::Refused(_)));
    assert_eq!(server.bodies().len(), MOST_CORRECTIONS + 1);
}

#[tokio::test]
async fn an_overflow_tells_both_numbers_and_is_not_repeated() {
    let said = json!({"error": {
        "code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": 4096,
        "message": "request (5000 tokens) exceeds the available context size (4096 tokens)",
    }});
    let server = serve([error(400, &said)]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    let ModelError::ContextOverflow { prompt_tokens, window, .. } = failure else { panic!("{failure:?}") };
    assert_eq!((prompt_tokens, window), (Some(5000), Some(4096)));
    assert_eq!(server.bodies().len(), 1);
}

#[tokio::test]
async fn a_refused_key_is_told_without_the_key() {
    let said = json!({"error": {"message": format!("Incorrect API key provided: {KEY}."), "code": "invalid_api_key"}});
    let server = serve([error(401, &said)]).await;
    let failure = ask(&server.model()).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unauthorized("Incorrect API key provided: ***.".to_owned()));
}

#[tokio::test]
async fn a_stream_that_breaks_after_text_keeps_the_text() {
    let server = serve([broken([text("Hel"), text("lo")]), hello()]).await;
    let (result, pieces) = ask(&server.model()).await;
    let ModelError::Interrupted { partial, message } = result.unwrap_err() else { panic!() };
    assert_eq!((partial.as_str(), message.as_str()), ("Hello", "the connection was lost"));
    assert_eq!(pieces.concat(), "Hello");
    assert_eq!(server.bodies().len(), 1);
}

#[tokio::test]
async fn a_stream_that_breaks_before_any_text_is_asked_for_again() {
    let role = format!("data: {}\n\n", json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}));
    let server = serve([broken([role.clone()]), stream([role]), hello()]).await;
    assert_eq!(ask(&server.model()).await.0.unwrap().text, "Hello!");
    assert_eq!(server.bodies().len(), 3);
}

#[tokio::test]
async fn a_stream_that_ends_without_saying_so_is_an_interruption() {
    let server = serve([stream([text("Hel")])]).await;
    assert!(matches!(ask(&server.model()).await.0.unwrap_err(), ModelError::Interrupted { .. }));
}

#[tokio::test]
async fn a_stream_that_breaks_after_its_last_piece_is_whole() {
    let server = serve([broken([text("Hello!"), finish("stop")]), stream([text("One"), DONE.to_owned()])]).await;
    let model = server.model();
    assert_eq!(ask(&model).await.0.unwrap().text, "Hello!");
    assert_eq!(ask(&model).await.0.unwrap().text, "One");
}

#[tokio::test]
async fn an_error_inside_a_stream_is_judged_like_any_other() {
    let said = |error: Value| format!("data: {}\n\n", json!({ "error": error }));
    let overloaded = said(json!({"message": "Overloaded", "type": "server_error", "code": 503}));
    let full = said(json!({"message": "too long", "type": "exceed_context_size_error", "code": 400}));
    let server = serve([stream([overloaded.clone()]), stream([full]), stream([text("Hi"), overloaded])]).await;
    let model = server.model();
    assert!(matches!(ask(&model).await.0.unwrap_err(), ModelError::ContextOverflow { .. }));
    let ModelError::Interrupted { message, .. } = ask(&model).await.0.unwrap_err() else { panic!() };
    assert_eq!(message, "status 503: Overloaded");
}

#[tokio::test]
async fn silence_has_an_end_before_and_after_the_first_text() {
    let server = serve([stuck([]), stuck([text("Hel")])]).await;
    let short = Duration::from_millis(200);
    let model = server.model_with(|options| {
        options.timeouts = Timeouts { first_token: short, between_pieces: short, ..Timeouts::default() };
        options.retry.window = short;
    });
    let failure = ask(&model).await.0.unwrap_err();
    assert_eq!(failure, ModelError::Unavailable("no text within 0.2 s".to_owned()));
    let failure = ask(&model).await.0.unwrap_err();
    let partial = "Hel".to_owned();
    assert_eq!(failure, ModelError::Interrupted { message: "the next piece took too long".to_owned(), partial });
}

#[tokio::test]
async fn an_empty_answer_is_none() {
    let server = serve([stream([finish("length"), DONE.to_owned()])]).await;
    let ModelError::Refused(message) = ask(&server.model()).await.0.unwrap_err() else { panic!() };
    assert!(message.contains("reasoning_effort"), "{message}");
}

#[tokio::test]
async fn a_wrong_address_that_shows_a_page_is_explained() {
    let page = || Response::builder().header("content-type", "text/html").body(Body::from("<html>")).unwrap();
    let server = serve([page(), page(), error(404, &json!({"detail": "Not Found"}))]).await;
    let model = server.model();
    for failure in
        [ask(&model).await.0.unwrap_err(), model.probe(&[]).await.unwrap_err(), ask(&model).await.0.unwrap_err()]
    {
        assert!(matches!(&failure, ModelError::Refused(message) if message.contains("OPENAI_BASE_URL")), "{failure}");
    }
}

#[tokio::test]
async fn a_probe_tells_when_models_go_away() {
    let models = json!({"data": [{"id": "small", "shutdown_date": "2026-12-11"}, {"id": "other"}]});
    let server =
        serve([error(200, &models), error(404, &json!({})), error(401, &json!({})), error(500, &json!({}))]).await;
    let model = server.model();
    let probe = || async { model.probe(&["small".to_owned()]).await };
    assert_eq!(probe().await.unwrap().shutdown_dates, [("small".to_owned(), "2026-12-11".to_owned())]);
    assert_eq!(probe().await.unwrap().shutdown_dates, []);
    assert!(matches!(probe().await.unwrap_err(), ModelError::Unauthorized(_)));
    assert!(matches!(probe().await.unwrap_err(), ModelError::Unavailable(_)));
    assert_eq!(server.asked.lock().unwrap()[0].0, "GET /v1/models");
}
