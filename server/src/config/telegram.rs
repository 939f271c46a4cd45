//! What the settings of Telegram mean, and what is refused: a webhook that Telegram could not reach, above all.

use reqwest::Url;

use super::{
    Allowed, ConfigError, Secret, TelegramConfig, TelegramMode,
    parse::{header_value, parsed, url},
    sources::Sources,
};

/// Telegram delivers to these ports alone.
const WEBHOOK_PORTS: [u16; 4] = [443, 80, 88, 8443];
/// Telegram takes up to 256 characters; a shorter secret than this could be guessed.
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 16..=256;

/// What a person may send in a minute by default: nobody types so fast, and a loop of two bots is stopped.
const MESSAGES_PER_MINUTE: u32 = 20;

/// Reads the settings; none without a token.
pub(super) fn config(sources: &Sources) -> Result<Option<TelegramConfig>, ConfigError> {
    let webhook = parsed(sources, "TELEGRAM_MODE", is_webhook)?.unwrap_or(false);
    let secret = parsed(sources, "TELEGRAM_WEBHOOK_SECRET", webhook_secret)?.map(Secret::new);
    let api_url = parsed(sources, "TELEGRAM_API_URL", url)?;
    let owner_id = parsed(sources, "TELEGRAM_OWNER_ID", owner_id)?;
    let allowed = parsed(sources, "TELEGRAM_ALLOWED", allowed)?.unwrap_or_default();
    let messages_per_minute = parsed(sources, "TELEGRAM_MESSAGES_PER_MINUTE", number)?.unwrap_or(MESSAGES_PER_MINUTE);
    let daily_tokens = parsed(sources, "TELEGRAM_DAILY_TOKENS", number)?.unwrap_or_default();
    let Some(token) = parsed(sources, "TELEGRAM_BOT_TOKEN", bot_token)?.map(Secret::new) else { return Ok(None) };
    let mode = if webhook { TelegramMode::Webhook { secret } } else { TelegramMode::Polling };
    let config = TelegramConfig { token, api_url, owner_id, allowed, mode, messages_per_minute, daily_tokens };
    if webhook && config.is_telegrams_own() {
        check_address(sources)?;
    }
    Ok(Some(config))
}

/// Settings of Telegram that somebody set although there is no token.
pub(super) fn without_token(sources: &Sources) -> Result<Vec<String>, ConfigError> {
    let mut warnings = Vec::new();
    for variable in [
        "TELEGRAM_API_URL",
        "TELEGRAM_MODE",
        "TELEGRAM_WEBHOOK_SECRET",
        "TELEGRAM_OWNER_ID",
        "TELEGRAM_ALLOWED",
        "TELEGRAM_MESSAGES_PER_MINUTE",
        "TELEGRAM_DAILY_TOKENS",
    ] {
        if sources.find(variable)?.is_some() {
            warnings.push(format!("{variable} is set, but TELEGRAM_BOT_TOKEN is not: Telegram stays off"));
        }
    }
    Ok(warnings)
}

/// Telegram's own server delivers to public HTTPS addresses at a few ports; a server of one's own to any.
fn check_address(sources: &Sources) -> Result<(), ConfigError> {
    let Some(found) = sources.find("SOUVENIR_PUBLIC_URL")? else {
        let mode = sources.find("TELEGRAM_MODE")?;
        let why = "Telegram needs an address to deliver to: set SOUVENIR_PUBLIC_URL to the https:// address that \
                   leads here, or use polling";
        return mode.map_or(Ok(()), |mode| Err(mode.refuse(why)));
    };
    let Ok(address) = Url::parse(found.text.trim()) else { return Ok(()) };
    if address.scheme() != "https" {
        return Err(found.refuse("Telegram delivers webhooks to https:// only: use one, or TELEGRAM_MODE=polling"));
    }
    match address.port_or_known_default() {
        Some(port) if !WEBHOOK_PORTS.contains(&port) => Err(found.refuse(format!(
            "Telegram delivers webhooks to the ports 443, 80, 88 and 8443 only, not to {port}: use one of those, or \
             TELEGRAM_MODE=polling"
        ))),
        _ => Ok(()),
    }
}

fn is_webhook(text: &str) -> Result<bool, String> {
    match text {
        "polling" => Ok(false),
        "webhook" => Ok(true),
        _ => Err("use polling or webhook".to_owned()),
    }
}

fn webhook_secret(text: &str) -> Result<String, String> {
    let usable = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if usable && SECRET_LENGTHS.contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err("cannot be used: Telegram takes letters, digits, _ and -, here 16 to 256 of them, for instance from \
         `openssl rand -hex 24`; without the setting one is made"
        .to_owned())
}

fn bot_token(text: &str) -> Result<String, String> {
    let usable = header_value(text).is_ok() && !text.contains(['/', '?', '#']);
    if usable {
        Ok(text.to_owned())
    } else {
        Err("does not look like a bot token: copy it again from @BotFather".to_owned())
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.replace([',', '_', ' '], "").parse().map_err(|_| "use a whole number, or 0 for no limit".to_owned())
}

fn owner_id(text: &str) -> Result<i64, String> {
    let id = text.parse().ok().filter(|id: &i64| *id > 0);
    id.ok_or_else(|| "use the owner's numeric user id, such as 123456789".to_owned())
}

fn allowed(text: &str) -> Result<Allowed, String> {
    if text == "*" {
        return Ok(Allowed::Everyone);
    }
    let ids = text.split([',', ' ']).filter(|part| !part.is_empty()).map(str::parse);
    ids.collect::<Result<Vec<i64>, _>>()
        .map(Allowed::Ids)
        .map_err(|_| "use numeric user and chat ids with commas between, or * for everybody".to_owned())
}
