//! The app: the only place where things are wired.
//!
//! In order: the socket (a port in use is told before a database is touched), the store, the model, the engine; then
//! the doors, web and Telegram, and a task that asks after the model endpoint. One token tells all of them to stop.

mod announce;
mod connections;
mod listen;
mod replace;
mod stop;
mod webhook;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use self::connections::Limits;
use crate::{
    clock::{Clock, SystemClock},
    config::{Config, EmbeddingConfig, ModelConfig, TelegramConfig, TranscriptionConfig},
    engine::{Engine, ServiceState, Status},
    llm::{
        ChatModel, Learnt, Quirk,
        offline::OfflineModel,
        openai::{
            InvalidEndpoint, OpenAiModel, OpenAiOptions,
            embeddings::{EmbeddingModel, EmbeddingOptions},
            transcription::{TranscriptionModel, TranscriptionOptions},
        },
    },
    measure::Exporter,
    store::Store,
    telegram::{self, Updates},
    web::{self, WebConfig},
};

/// How long open connections may take to end. Supervisors wait ten seconds in all.
const CONNECTIONS_END: Duration = Duration::from_secs(4);
/// How long Telegram may take to send what is being sent.
const TELEGRAM_ENDS: Duration = Duration::from_secs(6);
/// How long the database may take to close.
const DATABASE_ENDS: Duration = Duration::from_secs(1);
/// How often the model endpoint is asked how it is, and how often while it is not well.
const PROBE_EVERY: Duration = Duration::from_secs(60);
const PROBE_AGAIN: Duration = Duration::from_secs(10);
/// How often measured values are sorted into their buckets.
const TIDY_EVERY: Duration = Duration::from_secs(30);

/// Why it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was told to.
    ForGood,
    /// To begin again, on this address, with the database that is to take the place of the present one.
    ToStartAnew(SocketAddr),
}

/// Runs the bot, the engine and the dashboard until told to stop.
///
/// # Errors
/// One line with the remedy, when it cannot start.
pub async fn serve(config: Config) -> anyhow::Result<Ended> {
    App::start(config).await?.run().await
}

/// Everything that runs.
struct App {
    /// What it was told.
    config: Config,
    /// The socket, open but not yet served.
    listener: TcpListener,
    /// The engine that the doors share.
    engine: Engine,
    /// The one reader of the machine's clock.
    clock: Arc<dyn Clock>,
    /// Listens to what is measured.
    figures: Exporter,
    /// Cancelled when all of it is to end.
    stop: CancellationToken,
}

impl App {
    async fn start(config: Config) -> anyhow::Result<Self> {
        let listener = listen::bind(config.listen).await?;
        let bound = listener.local_addr().context("failed to read the address that was bound")?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let figures = Exporter::install(&config.database, clock.now());
        replace::prepare(&config.database).await?;
        let store = Store::open(&config.database).await?;
        let learnt = lessons(&store).await?;
        let embeddings = config.embeddings.as_ref().map(|config| embeddings(config, learnt.clone())).transpose()?;
        let transcription = config.transcription.as_ref().map(transcription).transpose()?;
        let model = model(&config.model, learnt)?;
        let engine = Engine::start(store, model, Arc::clone(&clock), config.defaults.clone()).await?;
        engine.use_prices(config.prices.clone());
        if let Some(embeddings) = embeddings {
            engine.use_embeddings(embeddings);
        }
        engine.keep_uploads_beside(&config.database).await?;
        if let Some(bot) = config.telegram.as_ref().and_then(bot_of) {
            engine.set_bot(bot);
        }
        if let Some(transcription) = transcription {
            engine.use_transcription(transcription);
        }
        engine.set_public_url(&config.public_url.clone().unwrap_or_else(|| listen::local_url(bound)));
        Ok(Self { config, listener, engine, clock, figures, stop: CancellationToken::new() })
    }

    async fn run(self) -> anyhow::Result<Ended> {
        let bound = self.listener.local_addr()?;
        let told = CancellationToken::new();
        stop::on_signals(told.clone(), self.stop.clone()).context("failed to listen for signals")?;
        announce::announce(&self.config, &self.engine, bound).await?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), database = %self.config.database.display(), "serving");
        let (updates, webhook) = webhook::open(&self.config, &self.engine).await?;
        let router = web::router(self.engine.clone(), self.web_config(), webhook);
        let telegram = self.start_telegram(updates);
        tokio::spawn(replace::when_requested(self.config.database.clone(), self.stop.clone()));
        let probing = tokio::spawn(keep_probing(self.engine.clone(), self.stop.clone()));
        tokio::spawn(finish_console(self.engine.clone()));
        tokio::spawn(tidy(self.figures.clone()));
        let maintenance = tokio::spawn(maintain(self.engine.clone(), self.stop.clone()));
        let embedding = tokio::spawn(embed(self.engine.clone(), self.stop.clone()));
        let importing = tokio::spawn(import(self.engine.clone(), self.stop.clone()));
        let stop = self.stop.clone();
        let limits = Limits::standard(self.config.trusted_proxies.clone());
        let serving = connections::serve(self.listener, router, limits, stop.clone(), CONNECTIONS_END);
        tokio::join!(serving, end_of_telegram(telegram, stop.clone()));
        probing.abort();
        // What is cut off is rolled back, and taken up at the next start.
        maintenance.abort();
        embedding.abort();
        importing.abort();
        if timeout(DATABASE_ENDS, self.engine.close()).await.is_err() {
            tracing::debug!("the database was still busy; it is taken up at the next start");
        }
        // Whoever said stop means it, whatever else was going on.
        let anew = !told.is_cancelled() && replace::waits(&self.config.database);
        Ok(if anew { Ended::ToStartAnew(bound) } else { Ended::ForGood })
    }

    fn web_config(&self) -> WebConfig {
        let executable = std::env::current_exe().ok();
        WebConfig {
            public_url: self.engine.public_url().to_owned(),
            trusted_proxies: self.config.trusted_proxies.clone(),
            owner_password: self.config.owner_password.clone(),
            api_token: self.config.api_token.clone(),
            figures: self.figures.clone(),
            site: web::assets::Site::find(self.config.site.clone(), executable.as_deref()),
            clock: Arc::clone(&self.clock),
            shutdown: self.stop.clone(),
        }
    }

    fn start_telegram(&self, updates: Updates) -> Option<JoinHandle<()>> {
        let Some(config) = self.config.telegram.clone() else {
            self.engine.report_telegram(ServiceState::off("no bot token"));
            return None;
        };
        self.engine.report_telegram(ServiceState::degraded("connecting"));
        Some(tokio::spawn(telegram::run(config, updates, self.engine.clone(), self.stop.clone())))
    }
}

/// Lets Telegram send what is being sent once all is to stop, but not for ever.
async fn end_of_telegram(telegram: Option<JoinHandle<()>>, stop: CancellationToken) {
    stop.cancelled().await;
    if let Some(telegram) = telegram
        && timeout(TELEGRAM_ENDS, telegram).await.is_err()
    {
        tracing::warn!("Telegram was still busy; what is unanswered is answered at the next start");
    }
}

/// The model that answers: an endpoint's, or the offline one.
///
/// # Errors
/// When the endpoint's address or key cannot be used.
pub(crate) fn model(config: &ModelConfig, learnt: Vec<Learnt>) -> Result<Arc<dyn ChatModel>, InvalidEndpoint> {
    if config.is_offline() {
        return Ok(Arc::new(OfflineModel));
    }
    let options = OpenAiOptions {
        base_url: config.base_url.clone(),
        api_key: config.api_key.clone(),
        learnt,
        ..OpenAiOptions::default()
    };
    Ok(Arc::new(OpenAiModel::new(options)?))
}

/// The model that turns texts into vectors.
///
/// # Errors
/// When the endpoint's address or key cannot be used.
pub(crate) fn embeddings(config: &EmbeddingConfig, learnt: Vec<Learnt>) -> Result<EmbeddingModel, InvalidEndpoint> {
    EmbeddingModel::new(EmbeddingOptions {
        base_url: config.base_url.clone(),
        model: config.model.clone(),
        api_key: config.api_key.clone(),
        learnt,
        ..EmbeddingOptions::default()
    })
}

/// The model that transcribes recordings.
///
/// # Errors
/// When the endpoint's address or key cannot be used.
pub(crate) fn transcription(config: &TranscriptionConfig) -> Result<TranscriptionModel, InvalidEndpoint> {
    TranscriptionModel::new(TranscriptionOptions {
        base_url: config.base_url.clone(),
        model: config.model.clone(),
        api_key: config.api_key.clone(),
        ..TranscriptionOptions::default()
    })
}

/// What endpoints were found to refuse, from the database. A lesson of another version is skipped: it is learnt again.
async fn lessons(store: &Store) -> anyhow::Result<Vec<Learnt>> {
    let kept = store.lessons().await?;
    let known = kept.into_iter().filter_map(|(endpoint, model, name)| {
        let quirk = Quirk::ALL.into_iter().find(|quirk| quirk.as_str() == name)?;
        Some(Learnt { endpoint, model, quirk })
    });
    Ok(known.collect())
}

/// Answers in the console what the last stop left unanswered.
async fn finish_console(engine: Engine) {
    if let Err(error) = engine.answer_left_over_in_console().await {
        tracing::error!(%error, "failed to answer what the last stop left in the console");
    }
}

/// Keeps what was measured small when nobody asks for it.
async fn tidy(figures: Exporter) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        figures.tidy();
    }
}

/// Keeps memory in the background for as long as the process runs.
async fn maintain(engine: Engine, stop: CancellationToken) {
    engine.maintain(stop).await;
}

/// Gives messages their vectors for as long as the process runs.
async fn embed(engine: Engine, stop: CancellationToken) {
    engine.embed(stop).await;
}

/// Imports what is asked for, for as long as the process runs.
async fn import(engine: Engine, stop: CancellationToken) {
    engine.keep_importing(stop).await;
}

/// The number of the bot that a token is of: it begins with it.
pub(crate) fn bot_of(config: &TelegramConfig) -> Option<i64> {
    config.token.expose().split_once(':')?.0.parse().ok()
}

/// Asks the model endpoint how it is, at once and then for as long as the process runs.
async fn keep_probing(engine: Engine, stop: CancellationToken) {
    loop {
        engine.probe_model().await;
        let well = engine.health().await.model.status != Status::Degraded;
        let pause = if well { PROBE_EVERY } else { PROBE_AGAIN };
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
    }
}
