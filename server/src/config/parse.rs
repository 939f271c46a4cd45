//! What each setting's text means, and what is refused.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use souvenir_memory::{NanoUsd, TokenBudget, money::InvalidAmount, tokens::InvalidBudget};

use super::{
    ChatDefaults, Config, ConfigError, ModelConfig, Origin, Secret, Sourced, SpendingDefaults, endpoints, prices,
    sources::{Found, Sources},
    telegram,
};
use crate::clock;

/// A shorter bearer token could be guessed.
const API_TOKEN_LENGTH: usize = 24;
/// More tokens than this in a day are a slip.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// Reads every setting.
pub(super) fn config(sources: &Sources) -> Result<Config, ConfigError> {
    let telegram = telegram::config(sources)?;
    let mut warnings = sources.warnings.clone();
    if telegram.is_none() {
        warnings.extend(telegram::without_token(sources)?);
    }
    let model = ModelConfig {
        api_key: parsed(sources, "OPENAI_API_KEY", header_value)?.map(Secret::new),
        base_url: parsed(sources, "OPENAI_BASE_URL", url_with_query)?,
    };
    let (embeddings, transcription) =
        (endpoints::embeddings(sources, &model)?, endpoints::transcription(sources, &model)?);
    warnings.extend(endpoints::without_effect(sources, embeddings.as_ref(), transcription.as_ref())?);
    warnings.extend(sources.open_secrets()?);
    Ok(Config {
        listen: parsed(sources, "SOUVENIR_LISTEN", listen)?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000))),
        database: PathBuf::from(text(sources, "SOUVENIR_DATABASE")?.unwrap_or_else(|| "souvenir.db".to_owned())),
        public_url: parsed(sources, "SOUVENIR_PUBLIC_URL", public_url)?,
        trusted_proxies: parsed(sources, "SOUVENIR_TRUSTED_PROXIES", networks)?.unwrap_or_default(),
        owner_password: sources.find("SOUVENIR_OWNER_PASSWORD")?.map(|found| Secret::new(found.text)),
        api_token: parsed(sources, "SOUVENIR_API_TOKEN", api_token)?.map(Secret::new),
        telegram,
        model,
        embeddings,
        prices: parsed(sources, "SOUVENIR_PRICES", prices::table)?.unwrap_or_default(),
        transcription,
        defaults: defaults(sources)?,
        log: parsed(sources, "SOUVENIR_LOG", log_filter)?.unwrap_or_else(|| "info".to_owned()),
        log_json: parsed(sources, "SOUVENIR_LOG_FORMAT", log_format)?.unwrap_or(false),
        site: parsed(sources, "SOUVENIR_SITE", |site| Ok(PathBuf::from(site)))?,
        file: sources.file_read(),
        warnings,
    })
}

fn defaults(sources: &Sources) -> Result<ChatDefaults, ConfigError> {
    let chat_model = sourced(sources, "SOUVENIR_CHAT_MODEL", |name| Ok(name.to_owned()), "gpt-6.1-terra".to_owned())?;
    let memory_model = sourced(sources, "SOUVENIR_MEMORY_MODEL", |name| Ok(name.to_owned()), "gpt-6-luna".to_owned())?;
    let time_zone = sourced(sources, "SOUVENIR_TIME_ZONE", time_zone, "UTC".to_owned())?;
    let standard = TokenBudget::default();
    let max = sourced(sources, "SOUVENIR_MAX_CONTEXT_TOKENS", tokens, standard.max_context_tokens.0)?;
    let reserve = sourced(sources, "SOUVENIR_RESERVE_TOKENS", tokens, standard.reserve_for_response.0)?;
    if let Err(error) = TokenBudget::new(max.value, reserve.value) {
        return Err(budget_error(sources, &error)?);
    }
    let spending = spending(sources)?;
    Ok(ChatDefaults { chat_model, memory_model, time_zone, max_context_tokens: max, reserve_tokens: reserve, spending })
}

/// What may be spent in a day: nothing is limited unless somebody says so.
fn spending(sources: &Sources) -> Result<SpendingDefaults, ConfigError> {
    Ok(SpendingDefaults {
        daily_usd: sourced(sources, "SOUVENIR_DAILY_USD", dollars, NanoUsd(0))?,
        daily_tokens: sourced(sources, "SOUVENIR_DAILY_TOKENS", any_tokens, 0)?,
        chat_daily_usd: sourced(sources, "SOUVENIR_CHAT_DAILY_USD", dollars, NanoUsd(0))?,
        chat_daily_tokens: sourced(sources, "SOUVENIR_CHAT_DAILY_TOKENS", any_tokens, 0)?,
    })
}

/// Puts the blame on the number that somebody set: the standard ones agree with each other.
fn budget_error(sources: &Sources, error: &InvalidBudget) -> Result<ConfigError, ConfigError> {
    let max = sources.find("SOUVENIR_MAX_CONTEXT_TOKENS")?;
    let reserve = sources.find("SOUVENIR_RESERVE_TOKENS")?;
    let (found, why) = match error {
        InvalidBudget::TooSmall(_) => (max, format!("use at least {}", TokenBudget::MIN_CONTEXT)),
        InvalidBudget::ReserveTooSmall(_) => {
            (reserve, "use at least 16, or the model has no room for an answer".to_owned())
        }
        InvalidBudget::ReserveTooLarge { reserve: asked, max: whole } if reserve.is_some() => {
            (reserve, format!("use at most half of the {whole} context tokens, {} (not {asked})", whole / 2))
        }
        InvalidBudget::ReserveTooLarge { reserve: kept, .. } => {
            (max, format!("use at least {}, or lower SOUVENIR_RESERVE_TOKENS, which is {kept}", kept * 2))
        }
    };
    let problem = error.to_string();
    Ok(found.map_or(ConfigError::Invalid { setting: "the token budget".to_owned(), problem }, |it| it.refuse(why)))
}

pub(super) fn text(sources: &Sources, variable: &'static str) -> Result<Option<String>, ConfigError> {
    parsed(sources, variable, |text| Ok(text.to_owned()))
}

/// Reads a setting with `parse`, whose error is what is wrong and the remedy.
pub(super) fn parsed<T>(
    sources: &Sources,
    variable: &'static str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, ConfigError> {
    let read = |found: Found| parse(found.text.trim()).map_err(|why| found.refuse(why));
    sources.find(variable)?.map(read).transpose()
}

fn sourced<T>(
    sources: &Sources,
    variable: &'static str,
    parse: impl FnOnce(&str) -> Result<T, String>,
    default: T,
) -> Result<Sourced<T>, ConfigError> {
    let origin = sources.find(variable)?.map_or(Origin::Default, |found| found.origin);
    Ok(Sourced { value: parsed(sources, variable, parse)?.unwrap_or(default), origin })
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    numeric.parse().map_err(|_| {
        "use an IP address and a port, such as 127.0.0.1:3000 or 0.0.0.0:3000 (port 0 picks one)".to_owned()
    })
}

pub(super) fn url(text: &str) -> Result<String, String> {
    if text.contains(['?', '#']) {
        return Err("take out what follows “?” or “#”".to_owned());
    }
    url_with_query(text).map(|text| text.trim_end_matches('/').to_owned())
}

/// Some model endpoints want their version there.
pub(super) fn url_with_query(text: &str) -> Result<String, String> {
    let parsed = reqwest::Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or("use a URL that begins with http:// or https://")?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("take the user name and password out of the URL".to_owned());
    }
    Ok(text.to_owned())
}

fn public_url(text: &str) -> Result<String, String> {
    let checked = url(text)?;
    let has_path = reqwest::Url::parse(&checked).is_ok_and(|url| url.path() != "/");
    if has_path {
        Err("give the dashboard a host name of its own; a path is not supported".to_owned())
    } else {
        Ok(checked)
    }
}

/// Addresses and networks, with commas or spaces between.
fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let network = |part: &str| part.parse().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    parts
        .map(network)
        .collect::<Option<_>>()
        .ok_or_else(|| "use addresses or networks with commas between, such as 127.0.0.1, 10.0.0.0/8".to_owned())
}

fn api_token(text: &str) -> Result<String, String> {
    let length = text.chars().count();
    if length < API_TOKEN_LENGTH {
        return Err(format!(
            "has {length} characters: use at least {API_TOKEN_LENGTH}, for instance from `openssl rand -hex 24`"
        ));
    }
    header_value(text)
}

pub(super) fn header_value(text: &str) -> Result<String, String> {
    let sendable = text.chars().all(|c| c.is_ascii_graphic());
    if sendable { Ok(text.to_owned()) } else { Err("holds spaces or letters beyond ASCII: copy it again".to_owned()) }
}

fn time_zone(text: &str) -> Result<String, String> {
    clock::zone(text).map(|_| text.to_owned()).map_err(|_| "use an IANA name, such as Europe/Paris or UTC".to_owned())
}

fn tokens(text: &str) -> Result<u32, String> {
    text.replace(['_', ' '], "").parse().map_err(|_| "use a whole number of tokens, such as 8000".to_owned())
}

fn any_tokens(text: &str) -> Result<u64, String> {
    let number = text.replace(['_', ' '], "").parse().ok().filter(|tokens| *tokens <= MOST_TOKENS);
    number.ok_or_else(|| "use a whole number of tokens, such as 500000, or 0 for no limit".to_owned())
}

fn dollars(text: &str) -> Result<NanoUsd, String> {
    text.parse().map_err(|error: InvalidAmount| format!("{error}, or 0 for no limit"))
}

fn log_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|_| {
        "use a level (error, warn, info, debug, trace) or filters such as info,souvenir_server=debug".to_owned()
    })
}

fn log_format(text: &str) -> Result<bool, String> {
    match text {
        "json" => Ok(true),
        "text" => Ok(false),
        _ => Err("use json or text".to_owned()),
    }
}
