//! `souvenir check`: tries everything the process will lean on, and says of each how it is.
//!
//! One line each on stdout: what was tried, then `ok` with what was found, `off`, or `FAILED` with the remedy. Nothing
//! is changed: a database that is not there yet is not made, and no update is taken from Telegram.

mod machine;

use std::{fs::OpenOptions, io, path::Path, time::Duration};

use tokio::time::timeout;

use crate::{
    app,
    clock::{Clock, SystemClock},
    config::{Config, TelegramConfig, TelegramMode},
    engine::notices::{self, Notice},
    llm::{ModelError, openai::embeddings::EmbeddingError},
    store::{self, OpenError},
    telegram::{
        self,
        webhook::{self, WebhookState},
    },
};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What trying something gave.
enum Found {
    /// It works, and this is what was found.
    Ok(String),
    /// It is not set up.
    Off(String),
    /// It works today, but asks for the owner.
    Warning(String),
    /// It does not work; the remedy.
    Failed(String),
}

/// Runs every check; whether all of them passed.
pub async fn run(config: &Config) -> bool {
    let mut lines = vec![("settings", settings(config))];
    lines.extend(config.warnings.iter().map(|warning| ("settings", Found::Warning(warning.clone()))));
    lines.push(("database", database(&config.database).await));
    lines.extend(machine::look(config));
    lines.extend(bot_api(config).await.into_iter().map(|found| ("telegram", found)));
    lines.extend(model(config).await.into_iter().map(|found| ("model", found)));
    lines.extend(drift(config).await.into_iter().map(|found| ("model", found)));
    lines.push(("recall", recall(config).await));
    lines.extend(voice(config).await.into_iter().map(|found| ("voice", found)));
    for (what, found) in &lines {
        println!("{}", line(what, found));
    }
    !lines.iter().any(|(_, found)| matches!(found, Found::Failed(_)))
}

fn line(what: &str, found: &Found) -> String {
    let (word, detail) = match found {
        Found::Ok(detail) => ("ok", detail),
        Found::Off(detail) => ("off", detail),
        Found::Warning(detail) => ("warning", detail),
        Found::Failed(detail) => ("FAILED", detail),
    };
    format!("{what:<9} {word}: {detail}")
}

fn settings(config: &Config) -> Found {
    Found::Ok(match &config.file {
        Some(file) => format!("{} and the environment", file.display()),
        None => "the environment (there is no souvenir.toml here)".to_owned(),
    })
}

async fn database(path: &Path) -> Found {
    let exists = match writable(path) {
        Ok(exists) => exists,
        Err(error) => return Found::Failed(error.to_string()),
    };
    match store::inspect_file(path).await {
        Ok(()) if exists && store::migrations_are_due(path).await => {
            Found::Ok(format!("{}, of an older version; a copy is kept when it is brought up to date", path.display()))
        }
        Ok(()) if exists => Found::Ok(path.display().to_string()),
        Ok(()) => Found::Ok(format!("{} is not there yet; `souvenir serve` makes it", path.display())),
        Err(error) => Found::Failed(error.to_string()),
    }
}

/// Whether the file is there; an error if it, or its folder, could not be written.
fn writable(path: &Path) -> Result<bool, OpenError> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            if folder.is_dir() { Ok(false) } else { Err(OpenError::NoFolder(path.to_owned())) }
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            Err(OpenError::ReadOnly(path.to_owned()))
        }
        Err(error) => Err(OpenError::Other { path: path.to_owned(), reason: error.to_string() }),
    }
}

async fn bot_api(config: &Config) -> Vec<Found> {
    let Some(telegram) = &config.telegram else {
        return vec![Found::Off("no TELEGRAM_BOT_TOKEN: Telegram is off".to_owned())];
    };
    match timeout(PATIENCE, telegram::probe(telegram)).await {
        Ok(Ok(name)) => {
            let answers = Found::Ok(format!("the Bot API answers for {name}"));
            std::iter::once(answers).chain(updates(config, telegram).await).collect()
        }
        Ok(Err(error)) => vec![Found::Failed(error)],
        Err(_) => {
            vec![Found::Failed("the Bot API does not answer: check the network and TELEGRAM_API_URL".to_owned())]
        }
    }
}

/// Where Telegram's updates go at present, against where they are to go. That another program polls cannot be seen
/// without taking its updates away, and is not tried.
async fn updates(config: &Config, telegram: &TelegramConfig) -> Option<Found> {
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let webhook = match timeout(PATIENCE, webhook::probe(telegram, &public_url)).await {
        Ok(Ok(webhook)) => webhook,
        Ok(Err(error)) => return Some(Found::Failed(error)),
        Err(_) => return Some(Found::Failed("the Bot API does not tell of its webhook: try again".to_owned())),
    };
    let polling = telegram.mode == TelegramMode::Polling;
    Some(match webhook {
        WebhookState::None if polling => return None,
        WebhookState::None => Found::Ok(format!("no webhook is set yet; `souvenir serve` sets it to {public_url}")),
        WebhookState::At { host, .. } if polling => Found::Warning(format!(
            "a webhook at {host} takes this bot's updates: `souvenir serve` deletes it, since TELEGRAM_MODE is polling"
        )),
        WebhookState::At { ours: true, failure: Some(failure), waiting, .. } => Found::Warning(format!(
            "Telegram cannot deliver to {public_url}: {failure}; {waiting} updates wait: check that it leads here while \
             `souvenir serve` runs, with a certificate that is valid"
        )),
        WebhookState::At { ours: true, .. } => Found::Ok(format!("the webhook is set to {public_url}")),
        WebhookState::At { host, .. } => Found::Warning(format!(
            "a webhook at {host} takes this bot's updates: `souvenir serve` moves it to {public_url}"
        )),
    })
}

async fn model(config: &Config) -> Vec<Found> {
    if config.model.is_offline() {
        let note = "no OPENAI_API_KEY and no OPENAI_BASE_URL: the offline model answers";
        return vec![Found::Off(note.to_owned())];
    }
    let model = match app::model(&config.model, Vec::new()) {
        Ok(model) => model,
        Err(error) => return vec![Found::Failed(error.to_string())],
    };
    let mut names = vec![config.defaults.chat_model.value.clone(), config.defaults.memory_model.value.clone()];
    names.dedup();
    let health = match timeout(PATIENCE, model.probe(&names)).await {
        Ok(Ok(health)) => health,
        Ok(Err(error @ ModelError::Unavailable(_))) => {
            return vec![Found::Failed(format!("{error}: check OPENAI_BASE_URL and the network"))];
        }
        Ok(Err(error)) => return vec![Found::Failed(error.to_string())],
        Err(_) => return vec![Found::Failed("the model endpoint does not answer: check OPENAI_BASE_URL".to_owned())],
    };
    let answered = format!("the endpoint answers in {} ms; models {}", health.latency.as_millis(), names.join(" and "));
    let unlisted = health.unlisted.iter().map(|model| {
        let setting = if *model == names[0] { "SOUVENIR_CHAT_MODEL" } else { "SOUVENIR_MEMORY_MODEL" };
        Found::Warning(format!("the endpoint does not list {model}: set {setting} to one that it has"))
    });
    let announced =
        |model: &str| health.shutdown_dates.iter().find(|(name, _)| name == model).map(|(_, date)| date.as_str());
    let retiring = names.iter().filter_map(|model| {
        let notice = notices::retirement_notice(model, announced(model), SystemClock.now())?;
        Some(warning(&notice))
    });
    std::iter::once(Found::Ok(answered)).chain(unlisted).chain(retiring).collect()
}

/// How far the counts of models are from what they reported, where there is a database that tells.
async fn drift(config: &Config) -> Vec<Found> {
    if config.model.is_offline() || !config.database.exists() || store::migrations_are_due(&config.database).await {
        return Vec::new();
    }
    // That the file cannot be read is told above.
    let counts = store::counts_in(&config.database, notices::TURNS_LOOKED_AT).await.unwrap_or_default();
    notices::drift_notices(&counts).iter().map(warning).collect()
}

fn warning(notice: &Notice) -> Found {
    Found::Warning(format!("{} {}", notice.told, notice.remedy))
}

/// Whether messages can be found by meaning, and not by their words alone.
async fn recall(config: &Config) -> Found {
    let Some(embeddings) = &config.embeddings else {
        let note = "no SOUVENIR_EMBEDDING_MODEL and no SOUVENIR_EMBEDDING_BASE_URL: recall is lexical, by words alone";
        return Found::Off(note.to_owned());
    };
    let model = match app::embeddings(embeddings, Vec::new()) {
        Ok(model) => model,
        Err(error) => return Found::Failed(error.to_string()),
    };
    match timeout(PATIENCE, model.probe()).await {
        Ok(Ok(health)) => Found::Ok(format!(
            "{} makes vectors of {} dimensions, one in {} ms",
            health.model,
            health.dimensions,
            health.latency.as_millis()
        )),
        Ok(Err(error @ EmbeddingError::Unavailable(_))) => Found::Failed(format!(
            "{error}: check SOUVENIR_EMBEDDING_BASE_URL and the network; recall is lexical until it does"
        )),
        Ok(Err(error)) => Found::Failed(format!("{error}; recall is lexical until then")),
        Err(_) => Found::Failed("the embedding endpoint does not answer: check SOUVENIR_EMBEDDING_BASE_URL".to_owned()),
    }
}

/// Whether recordings can be transcribed. Nothing is transcribed to see: that would cost.
async fn voice(config: &Config) -> Vec<Found> {
    let Some(transcription) = &config.transcription else {
        let note = "no SOUVENIR_TRANSCRIPTION_MODEL and no SOUVENIR_TRANSCRIPTION_BASE_URL: voice messages are not \
                    transcribed";
        return vec![Found::Off(note.to_owned())];
    };
    let model = match app::transcription(transcription) {
        Ok(model) => model,
        Err(error) => return vec![Found::Failed(error.to_string())],
    };
    let name = model.name();
    match timeout(PATIENCE, model.probe()).await {
        Ok(Ok(health)) => {
            let answers = Found::Ok(format!("{name}; the endpoint answers in {} ms", health.latency.as_millis()));
            let unlisted = health.unlisted.iter().map(|model| {
                Found::Warning(format!(
                    "the endpoint does not list {model}: set SOUVENIR_TRANSCRIPTION_MODEL to one that it has"
                ))
            });
            let retiring = health.shutdown_dates.iter().map(|(model, date)| {
                Found::Warning(format!("{model} is switched off on {date}: set another model before then"))
            });
            std::iter::once(answers).chain(unlisted).chain(retiring).collect()
        }
        Ok(Err(error)) => vec![Found::Failed(format!(
            "{error}: check SOUVENIR_TRANSCRIPTION_BASE_URL and its key; voice messages are not transcribed until then"
        ))],
        Err(_) => vec![Found::Failed(
            "the endpoint that transcribes does not answer: check SOUVENIR_TRANSCRIPTION_BASE_URL".to_owned(),
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.db");
        assert!(matches!(database(&path).await, Found::Ok(detail) if detail.contains("not there yet")));
        assert!(!path.exists());
        let nowhere = folder.path().join("no/such/folder/new.db");
        assert!(matches!(database(&nowhere).await, Found::Failed(detail) if detail.contains("no/such/folder")));
    }

    #[test]
    fn each_line_says_what_was_tried_and_how_it_is() {
        assert_eq!(line("model", &Found::Failed("no".to_owned())), "model     FAILED: no");
    }
}
