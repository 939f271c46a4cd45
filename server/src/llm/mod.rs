//! Language models: one trait, two implementations.
//!
//! [`openai`] asks any OpenAI-compatible endpoint; [`offline`] answers from the context alone when there is none.
//! [`openai::embeddings`] turns texts into vectors. [`tokens`] counts. Nothing here knows the database: what an endpoint is found to refuse is reported through
//! [`Learnt`] and handed back in at start.

pub mod offline;
pub mod openai;
mod picture;
pub mod prices;
pub mod retirement;
pub mod tokens;
pub mod vision;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use souvenir_memory::{TokenCount, context::ContextMessage};
use tokio::sync::mpsc;

pub use self::picture::Picture;

/// Receives the answer piece by piece, in order. A closed receiver is no reason to stop.
pub type DeltaSender = mpsc::UnboundedSender<String>;

/// What to ask.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    /// The model's name as the endpoint knows it.
    pub model: String,
    /// The messages, as the context builder made them.
    pub messages: Vec<ContextMessage>,
    /// The longest answer, reasoning included.
    pub max_output_tokens: TokenCount,
    /// `none`, `minimal`, `low`, …; none to leave it to the endpoint.
    pub reasoning_effort: Option<String>,
    /// The form of the answer; none for plain text.
    pub schema: Option<AnswerSchema>,
    /// What the model may call before it answers; none for nothing.
    pub toolbox: Option<Toolbox>,
    /// What is shown with messages: the place of each among them, and a picture.
    pub pictures: Vec<(usize, Arc<Picture>)>,
}

/// A tool that the model may call, and what it has called so far for this answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolbox {
    /// The tool.
    pub tool: Tool,
    /// The rounds so far, in order.
    pub rounds: Vec<Round>,
    /// Whether it may be called once more.
    pub access: ToolAccess,
}

/// A function with one text as its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its argument's name.
    pub argument: &'static str,
    /// What that is.
    pub argument_description: &'static str,
}

/// Whether a tool may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolAccess {
    /// As the model likes.
    Open,
    /// It is shown, so that the rounds make sense, and the model is told not to call it.
    Closed,
    /// It is not shown, and what it found is told in a note: for models that do not listen.
    Gone,
}

/// What the model called at once, and what came of each call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// What it said besides.
    pub text: String,
    /// The calls, each with its result.
    pub calls: Vec<(ToolCall, String)>,
}

/// One call of a tool, as the model wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCall {
    /// The endpoint's name for it; made up where it gives none.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// Its arguments: JSON, or what the model takes for it.
    pub arguments: String,
}

/// The form an answer is to have: a JSON object by a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerSchema {
    /// Its name.
    pub name: &'static str,
    /// The JSON schema, every field required.
    pub schema: &'static str,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The whole answer.
    pub text: String,
    /// What the endpoint reported, if it did.
    pub usage: Option<Usage>,
    /// The model that answered, as the endpoint names it.
    pub model: Option<String>,
    /// Why it ended, in the endpoint's words: `stop`, `length`, …
    pub finish_reason: Option<String>,
    /// The SHA-256 of the request body as sent, in hexadecimal.
    pub request_sha256: String,
    /// From the request to the first piece of text, in milliseconds.
    pub first_token_ms: Option<u64>,
    /// What the model calls before it answers; empty when it has answered.
    pub calls: Vec<ToolCall>,
    /// Attempts before this one that failed.
    pub retries: u32,
}

/// Tokens as the endpoint counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// The prompt's.
    pub prompt: TokenCount,
    /// Those of the prompt that came from the endpoint's cache.
    pub cached: Option<TokenCount>,
    /// The answer's, reasoning included.
    pub completion: TokenCount,
}

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let cached = match (self.cached, other.cached) {
            (None, None) => None,
            (one, two) => Some(one.unwrap_or_default() + two.unwrap_or_default()),
        };
        Self { prompt: self.prompt + other.prompt, cached, completion: self.completion + other.completion }
    }
}

/// Why there is no answer. Messages are safe to show: no secrets, no URLs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The prompt is larger than the model's window, whatever we counted.
    #[error("the model's window is too small: {message}")]
    ContextOverflow {
        /// The endpoint's words.
        message: String,
        /// Prompt tokens as the endpoint counted them, where it says.
        prompt_tokens: Option<u32>,
        /// Its window, where it says.
        window: Option<u32>,
    },
    /// The key is refused.
    #[error("the model endpoint refuses the key ({0}): check OPENAI_API_KEY")]
    Unauthorized(String),
    /// There is no such model.
    #[error("the model endpoint does not know this model: {0}")]
    UnknownModel(String),
    /// The endpoint is out of reach, overloaded, or too slow; retries are used up.
    #[error("the model endpoint does not answer: {0}")]
    Unavailable(String),
    /// The endpoint refuses the request and no lesson helped.
    #[error("the model endpoint refused the request: {0}")]
    Refused(String),
    /// The answer broke off; what came before is kept.
    #[error("the answer broke off: {message}")]
    Interrupted {
        /// What happened.
        message: String,
        /// The text so far.
        partial: String,
    },
}

impl ModelError {
    /// Its name among the figures.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ContextOverflow { .. } => "context_overflow",
            Self::Unauthorized(_) => "unauthorized",
            Self::UnknownModel(_) => "unknown_model",
            Self::Unavailable(_) => "unavailable",
            Self::Refused(_) => "refused",
            Self::Interrupted { .. } => "interrupted",
        }
    }
}

/// Something an endpoint was found to refuse, for a model. Remembered so that it is asked for only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quirk {
    /// Knows only `max_tokens`.
    MaxTokens,
    /// No `reasoning_effort`.
    NoReasoningEffort,
    /// No `stream_options`, so no usage in a stream.
    NoStreamOptions,
    /// System messages only at the start: the later one goes into the user's message.
    SystemFirstOnly,
    /// No `json_schema`: the schema goes into the prompt.
    NoJsonSchema,
    /// No `input_type` with a text to embed.
    NoInputType,
    /// No `tools`: the model answers without.
    NoTools,
    /// No pictures: the model reads that there was one.
    NoPictures,
}

impl Quirk {
    /// Every quirk there is.
    pub const ALL: [Self; 8] = [
        Self::MaxTokens,
        Self::NoReasoningEffort,
        Self::NoStreamOptions,
        Self::SystemFirstOnly,
        Self::NoJsonSchema,
        Self::NoInputType,
        Self::NoTools,
        Self::NoPictures,
    ];

    /// Its name in the database and in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens_only",
            Self::NoReasoningEffort => "no_reasoning_effort",
            Self::NoStreamOptions => "no_stream_options",
            Self::SystemFirstOnly => "system_first_only",
            Self::NoJsonSchema => "no_json_schema",
            Self::NoInputType => "no_input_type",
            Self::NoTools => "no_tools",
            Self::NoPictures => "no_pictures",
        }
    }
}

/// A lesson about an endpoint and model, to be stored by whoever keeps such things.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Learnt {
    /// The endpoint, without credentials.
    pub endpoint: String,
    /// The model.
    pub model: String,
    /// What it does not take.
    pub quirk: Quirk,
}

/// How a model endpoint is, when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelHealth {
    /// How long it took to answer.
    pub latency: Duration,
    /// When each of the models asked about is switched off, as the endpoint announces it: `2026-12-11`.
    pub shutdown_dates: Vec<(String, String)>,
    /// Those of the models asked about that the endpoint's list lacks; none when it has no list.
    pub unlisted: Vec<String>,
}

/// Answers a conversation.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Asks, and sends the answer piece by piece to `deltas` while it comes.
    ///
    /// # Errors
    /// [`ModelError`] once retries are used up.
    async fn complete(&self, request: &ChatRequest, deltas: &DeltaSender) -> Result<Completion, ModelError>;

    /// Whether this is a language model at all; the offline model is none and says so.
    fn is_language_model(&self) -> bool;

    /// Calls the endpoint without cost (the list of models) to see whether it is there.
    ///
    /// # Errors
    /// [`ModelError`] when it is not.
    async fn probe(&self, models: &[String]) -> Result<ModelHealth, ModelError>;

    /// What was learnt of endpoints so far, to be stored.
    fn learnt(&self) -> Vec<Learnt>;
}
