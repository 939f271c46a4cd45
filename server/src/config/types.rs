//! What the settings are once they are known to be right.

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use souvenir_memory::{NanoUsd, TokenBudget};

/// A value that must never be shown: its `Debug` is `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Where a setting's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File,
    /// The environment.
    Environment,
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its origin.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    /// A value that nobody set.
    pub fn by_default(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }
}

/// Everything that is fixed while the process runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the dashboard and API listen; port 0 picks one.
    pub listen: SocketAddr,
    /// The SQLite file.
    pub database: PathBuf,
    /// What links and cookies use, without a trailing slash; none to derive it from the address bound.
    pub public_url: Option<String>,
    /// The reverse proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The dashboard's password.
    pub owner_password: Option<Secret>,
    /// The bearer token of the API, at least 24 characters.
    pub api_token: Option<Secret>,
    /// Telegram, when there is a token.
    pub telegram: Option<TelegramConfig>,
    /// The language models.
    pub model: ModelConfig,
    /// The endpoint that turns texts into vectors; none leaves recall to words.
    pub embeddings: Option<EmbeddingConfig>,
    /// What models cost, where the owner knows better than the table.
    pub prices: Vec<ModelPrice>,
    /// The endpoint that transcribes recordings; none leaves them unheard.
    pub transcription: Option<TranscriptionConfig>,
    /// What a chat's settings fall back to.
    pub defaults: ChatDefaults,
    /// The tracing filter.
    pub log: String,
    /// JSON instead of text in the logs.
    pub log_json: bool,
    /// The folder of the built dashboard; none to look where it usually is.
    pub site: Option<PathBuf>,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    /// What looks like a slip in the settings but does no harm, a line each.
    pub warnings: Vec<String>,
}

/// How to reach Telegram and who may talk.
#[derive(Clone, Debug)]
pub struct TelegramConfig {
    /// The bot's token.
    pub token: Secret,
    /// The Bot API server; none for Telegram's own.
    pub api_url: Option<String>,
    /// The owner, when set; otherwise the first to send the pairing code.
    pub owner_id: Option<i64>,
    /// Who else may talk.
    pub allowed: Allowed,
    /// How updates come in.
    pub mode: TelegramMode,
    /// Messages of one person that are answered in a minute; 0 for any number.
    pub messages_per_minute: u32,
    /// Tokens that answers to one person may take in a day; 0 for any number.
    pub daily_tokens: u64,
}

impl TelegramConfig {
    /// Whether the Bot API server is Telegram's own, which has rules for webhooks that others do not have.
    #[must_use]
    pub fn is_telegrams_own(&self) -> bool {
        let host = |url: &String| reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        self.api_url.as_ref().is_none_or(|url| host(url).is_some_and(|host| host == "api.telegram.org"))
    }
}

/// How updates come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TelegramMode {
    /// Souvenir asks for them.
    #[default]
    Polling,
    /// The Bot API server brings them to our public address.
    Webhook {
        /// What it has to show; none to have one made and kept.
        secret: Option<Secret>,
    },
}

/// Who may talk to the bot beside its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Allowed {
    /// Nobody.
    #[default]
    OwnerOnly,
    /// These users and chats.
    Ids(Vec<i64>),
    /// Everybody.
    Everyone,
}

/// How to reach the language models.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    /// The key, when there is one.
    pub api_key: Option<Secret>,
    /// The endpoint, such as `https://api.example.com/v1`; none for OpenAI's.
    pub base_url: Option<String>,
}

impl ModelConfig {
    /// Whether there is any endpoint; without one the offline model answers.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.api_key.is_none() && self.base_url.is_none()
    }
}

/// How to reach the model that turns texts into vectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddingConfig {
    /// The endpoint, such as `https://api.example.com/v1`; none for OpenAI's.
    pub base_url: Option<String>,
    /// The model; none for the only one that the endpoint has.
    pub model: Option<String>,
    /// The key: its own, or the chat endpoint's where that is the same one.
    pub api_key: Option<Secret>,
}

/// What a model costs, as the owner says: billionths of a dollar a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPrice {
    /// The model.
    pub model: String,
    /// A token of the prompt.
    pub input: u64,
    /// A token of the prompt that comes from the provider's cache.
    pub cached: u64,
    /// A token of the answer.
    pub output: u64,
    /// A minute of a recording, for models that are paid for by time; the others are 0 then.
    pub minute: Option<u64>,
}

/// How to reach the model that transcribes recordings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptionConfig {
    /// The endpoint, such as `https://api.example.com/v1`; none for OpenAI's.
    pub base_url: Option<String>,
    /// The model.
    pub model: String,
    /// The key: its own, or the chat endpoint's where that is the same one.
    pub api_key: Option<Secret>,
}

/// What each chat starts from, and where that was set.
#[derive(Clone, Debug)]
pub struct ChatDefaults {
    /// The model that replies.
    pub chat_model: Sourced<String>,
    /// The model that keeps memory.
    pub memory_model: Sourced<String>,
    /// The IANA name of the time zone.
    pub time_zone: Sourced<String>,
    /// The whole window.
    pub max_context_tokens: Sourced<u32>,
    /// The part kept for the answer.
    pub reserve_tokens: Sourced<u32>,
    /// What may be spent in a day.
    pub spending: SpendingDefaults,
}

/// What may be spent in a day, unless the dashboard says otherwise; zero stands for any amount.
#[derive(Clone, Debug)]
pub struct SpendingDefaults {
    /// Money, in all chats together.
    pub daily_usd: Sourced<NanoUsd>,
    /// Tokens, in all chats together.
    pub daily_tokens: Sourced<u64>,
    /// Money, in each chat.
    pub chat_daily_usd: Sourced<NanoUsd>,
    /// Tokens, in each chat.
    pub chat_daily_tokens: Sourced<u64>,
}

impl Default for SpendingDefaults {
    fn default() -> Self {
        let (usd, tokens) = (Sourced::by_default(NanoUsd(0)), Sourced::by_default(0));
        Self { daily_usd: usd.clone(), daily_tokens: tokens.clone(), chat_daily_usd: usd, chat_daily_tokens: tokens }
    }
}

impl ChatDefaults {
    /// The two numbers as a budget; they were checked at start.
    #[must_use]
    pub fn budget(&self) -> TokenBudget {
        TokenBudget::new(self.max_context_tokens.value, self.reserve_tokens.value).unwrap_or_default()
    }
}
