//! An OpenAI-compatible model server whose every whim a test decides.
//!
//! It answers `POST /v1/chat/completions`, streamed or whole, and `GET /v1/models`; counts tokens exactly
//! ([`crate::tokens`]), knows what a provider's prompt cache would have served, and records every request. A test gives
//! it replies, makes it refuse parameters as other servers do, holds its answers back, or brings trouble. It never
//! understands anything: its answers are scripted, or name what it saw.

mod hearing;
mod refusal;
mod serve;
mod stream;
mod trouble;

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

pub use hearing::Heard;
pub use trouble::Trouble;

use crate::tokens;
use crate::wire::{Wire, soon};
use trouble::Dice;

/// A key that must never turn up in logs or pages.
pub const KEY: &str = "sk-souvenir-test-key-never-to-be-logged";

/// Makes an answer's text from the request.
pub type Replier = Arc<dyn Fn(&Value) -> String + Send + Sync>;

/// Makes calls of tools from the request: the names and the arguments as text. None when it answers instead.
pub type Caller = Arc<dyn Fn(&Value) -> Vec<(String, String)> + Send + Sync>;

/// Whose words errors are told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `{"error": {message, type, param, code}}` with a code as text.
    OpenAi,
    /// `{"error": {code, message, type}}` with a number as code, and counts for an overflow.
    LlamaCpp,
}

/// Trouble for one request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// 429 with a `Retry-After` header, in seconds.
    TooManyRequests(u64),
    /// This status with an error in the server's dialect.
    Status(u16),
    /// No answer, ever.
    Hang,
    /// The connection is cut before anything is said.
    Cut,
    /// The connection is cut after this many pieces of a stream (a whole answer is cut before its first byte).
    CutAfter(usize),
    /// 200 with something that is not JSON (in a stream: one such event).
    InvalidJson,
    /// The answer comes after this time.
    Delay(Duration),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The body.
    pub body: Value,
    /// The bearer key, when there was one.
    pub key: Option<String>,
    /// Tokens of the request, counted here.
    pub prompt_tokens: usize,
    /// The part of them that a provider's cache would have served.
    pub cached_tokens: usize,
    /// When it came, since the epoch.
    pub at: Duration,
    /// The status of the answer; `None` while there is none, and for a connection that was cut.
    pub status: Option<u16>,
    /// Whether whoever asked went away while the answer was being streamed.
    pub abandoned: bool,
}

impl Recorded {
    /// The messages as (role, text).
    #[must_use]
    pub fn messages(&self) -> Vec<(String, String)> {
        let messages = self.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let role = |message: &Value| message["role"].as_str().unwrap_or_default().to_owned();
        messages.iter().map(|message| (role(message), tokens::message_text(message))).collect()
    }

    /// The addresses of the pictures of the request, in order.
    #[must_use]
    pub fn pictures(&self) -> Vec<String> {
        let messages = self.body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let parts = messages.iter().filter_map(|message| message["content"].as_array()).flatten();
        parts.filter_map(|part| part["image_url"]["url"].as_str()).map(str::to_owned).collect()
    }

    /// All texts of the request in one, for "does it contain".
    #[must_use]
    pub fn text(&self) -> String {
        self.messages().into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
    }
}

pub(crate) struct State {
    key: Option<String>,
    replier: Replier,
    script: VecDeque<String>,
    caller: Option<Caller>,
    refuses: BTreeSet<String>,
    system_first_only: bool,
    dialect: Dialect,
    window: Option<usize>,
    reported_scale: f64,
    held: bool,
    /// Streams pause after so many pieces, while answers are held back.
    held_after: Option<usize>,
    /// Streams take so long for each piece.
    pace: Duration,
    faults: VecDeque<Fault>,
    dice: Option<Dice>,
    /// Whether requests are kept in full.
    keep: bool,
    models: Value,
    requests: Vec<Recorded>,
    /// What is heard in recordings.
    words: VecDeque<String>,
    /// How recordings are refused.
    deaf: VecDeque<u16>,
    heard: Vec<Heard>,
    /// Whether no pictures are taken.
    blind: bool,
}

impl State {
    fn answered(&self) -> usize {
        self.requests.iter().filter(|request| request.status.is_some()).count()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("requests", &self.requests.len()).finish_non_exhaustive()
    }
}

/// The server.
#[derive(Debug)]
pub struct ModelServer {
    state: Arc<watch::Sender<State>>,
    wire: Wire,
}

impl ModelServer {
    /// Starts it on a free port: it knows every parameter and answers with what it saw.
    pub async fn start() -> Self {
        let state = State {
            key: Some(KEY.to_owned()),
            replier: Arc::new(echo),
            script: VecDeque::new(),
            caller: None,
            refuses: BTreeSet::new(),
            system_first_only: false,
            dialect: Dialect::OpenAi,
            window: None,
            reported_scale: 1.0,
            held: false,
            held_after: None,
            pace: Duration::ZERO,
            faults: VecDeque::new(),
            dice: None,
            keep: true,
            models: json!([{"id": "gpt-6.1-terra", "object": "model"}, {"id": "gpt-6-luna", "object": "model"}]),
            requests: Vec::new(),
            words: VecDeque::new(),
            deaf: VecDeque::new(),
            heard: Vec::new(),
            blind: false,
        };
        let state = Arc::new(watch::Sender::new(state));
        let wire = Wire::start(serve::router(Arc::clone(&state))).await;
        Self { state, wire }
    }

    /// For `OPENAI_BASE_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.wire.address())
    }

    /// For `OPENAI_API_KEY`.
    #[must_use]
    pub fn key(&self) -> &'static str {
        KEY
    }

    /// Takes requests with any key or none.
    pub fn require_no_key(&self) {
        self.change(|state| state.key = None);
    }

    /// Answers with these texts, in order, before anything else.
    pub fn reply_with<T: Into<String>>(&self, texts: impl IntoIterator<Item = T>) {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        self.change(|state| state.script.extend(texts));
    }

    /// Answers from now on with what `replier` makes of the request.
    pub fn reply_by(&self, replier: impl Fn(&Value) -> String + Send + Sync + 'static) {
        self.change(|state| state.replier = Arc::new(replier));
    }

    /// Calls tools from now on instead of answering, wherever `caller` has calls for the request: it is asked only where there
    /// are tools.
    pub fn call_by(&self, caller: impl Fn(&Value) -> Vec<(String, String)> + Send + Sync + 'static) {
        self.change(|state| state.caller = Some(Arc::new(caller)));
    }

    /// Refuses requests with this parameter from now on, dots for what lies within (`response_format.json_schema`).
    pub fn refuse(&self, parameter: &str) {
        self.change(|state| state.refuses.insert(parameter.to_owned()));
    }

    /// Refuses pictures from now on, as models that see none do.
    pub fn refuse_pictures(&self) {
        self.change(|state| state.blind = true);
    }

    /// Refuses system messages anywhere but at the start, as some chat templates do.
    pub fn refuse_later_system_messages(&self) {
        self.change(|state| state.system_first_only = true);
    }

    /// Speaks this dialect of errors.
    pub fn speak(&self, dialect: Dialect) {
        self.change(|state| state.dialect = dialect);
    }

    /// Refuses requests of more tokens than this, as it counts them.
    pub fn limit_window(&self, tokens: usize) {
        self.change(|state| state.window = Some(tokens));
    }

    /// Counts this many tokens for each of ours, as a model with another tokenizer does.
    pub fn scale_tokens(&self, factor: f64) {
        self.change(|state| state.reported_scale = factor);
    }

    /// Takes requests and answers none until [`ModelServer::release`].
    pub fn hold(&self) {
        self.change(|state| state.held = true);
    }

    /// Takes requests and streams so many words of each answer, the rest after [`ModelServer::release`].
    pub fn hold_after(&self, words: usize) {
        self.change(|state| state.held_after = Some(words));
    }

    /// Takes so long for each word of a stream.
    pub fn write_slowly(&self, pace: Duration) {
        self.change(|state| state.pace = pace);
    }

    /// Answers what has been held, and what comes.
    pub fn release(&self) {
        self.change(|state| (state.held, state.held_after) = (false, None));
    }

    /// Waits until whoever made this request, the first being 0, has gone away from its stream.
    ///
    /// # Panics
    /// When they do not in time.
    pub async fn wait_until_abandoned(&self, request: usize) {
        let mut changes = self.state.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|state| state.requests.get(request).is_some_and(|it| it.abandoned)).await;
        };
        soon(&format!("request {request} to be abandoned"), waiting).await;
    }

    /// The next request meets this trouble; several are met in the order given.
    pub fn fail(&self, fault: Fault) {
        self.change(|state| state.faults.push_back(fault));
    }

    /// Trouble comes by chance from now on, or no more.
    pub fn trouble(&self, trouble: Option<Trouble>) {
        self.change(|state| state.dice = trouble.map(Dice::new));
    }

    /// From now on requests are counted but their bodies not kept, nor their tokens counted: for long runs.
    pub fn keep_no_requests(&self) {
        self.change(|state| state.keep = false);
    }

    /// What `GET /v1/models` lists: objects with `id` and perhaps `shutdown_date`.
    pub fn list_models(&self, models: Value) {
        self.change(|state| state.models = models);
    }

    /// Refuses connections and cuts those there are.
    pub fn go_down(&self) {
        self.wire.go_down();
    }

    /// Is there again, at the same port.
    pub async fn go_up(&self) {
        self.wire.go_up().await;
    }

    /// All chat completion requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.borrow().requests.clone()
    }

    /// How many there were so far.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.state.borrow().requests.len()
    }

    /// Waits until this many requests have come, and gives all.
    ///
    /// # Panics
    /// When they do not come in time.
    pub async fn wait_for_requests(&self, count: usize) -> Vec<Recorded> {
        let mut changes = self.state.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|state| state.requests.len() >= count).await;
        };
        soon(&format!("request {count} to the model; there were {}", self.requests().len()), waiting).await;
        self.requests()
    }

    /// How many requests have been answered so far, with whatever.
    #[must_use]
    pub fn answer_count(&self) -> usize {
        self.state.borrow().answered()
    }

    /// Waits until this many requests have been answered, with whatever.
    ///
    /// # Panics
    /// When they are not in time.
    pub async fn wait_for_answers(&self, count: usize) {
        let mut changes = self.state.subscribe();
        let waiting = async {
            // The sender lives as long as `self`.
            let _ = changes.wait_for(|state| state.answered() >= count).await;
        };
        soon(&format!("the model's answer {count}"), waiting).await;
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) {
        self.state.send_modify(|state| {
            change(state);
        });
    }
}

/// The answer of a model that nobody told what to say: what it saw, so that tests can look for it.
fn echo(request: &Value) -> String {
    let messages = request["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let user = messages.iter().rfind(|message| message["role"] == "user").map(tokens::message_text).unwrap_or_default();
    format!("I saw {} messages; the last one said: {user}", messages.len())
}
