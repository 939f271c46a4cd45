//! Logs on stderr: text for people, JSON for machines, and never a secret.
//!
//! Our own events hold none, but libraries at `debug` and below write URLs, and Telegram puts the bot's token in every
//! one. So whatever is written passes through [`redact`], which knows the secrets of this process and the looks of
//! those it does not know. Panics are logged like everything else, without what they quote, which may be anybody's words.

mod redact;

use std::{io, panic::PanicHookInfo, sync::OnceLock};

use tracing_subscriber::EnvFilter;

pub use redact::hide;

use self::redact::Redacting;
use crate::config::Config;

/// Whether lines are JSON, once that is known.
static JSON: OnceLock<bool> = OnceLock::new();

/// Installs the subscriber and has panics logged. Does nothing when there is a subscriber already, as in tests.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // async-openai quotes what it cannot read, which may be message text; its failures reach us as values anyway.
    let filter = match "async_openai=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    redact::hide_settings(config);
    JSON.get_or_init(|| config.log_json);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Redacting(io::stderr));
    let installed = if config.log_json {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init()
    };
    match installed {
        Ok(()) => std::panic::set_hook(Box::new(log_panic)),
        Err(error) => tracing::debug!(%error, "logging was set up before"),
    }
}

/// Says on stderr why the process ends, in the form that the logs have. Before the settings are read, only the
/// environment tells which that is.
pub fn fatal(error: &dyn std::fmt::Display) {
    let told = format!("{error:#}");
    let told = redact::redacted(&told);
    if *JSON.get_or_init(|| std::env::var("SOUVENIR_LOG_FORMAT").is_ok_and(|format| format.trim() == "json")) {
        let line = serde_json::json!({"level": "ERROR", "message": told, "target": "souvenir"});
        eprintln!("{line}");
    } else {
        eprintln!("souvenir: {told}");
    }
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let words = panic.payload_as_str().map(without_quotes);
    tracing::error!(place, panic = words, "a task panicked: this is a defect of Souvenir");
}

/// A panic's words up to what they quote.
fn without_quotes(words: &str) -> &str {
    words.split(['"', '`', '\'']).next().unwrap_or_default().trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_quotes_nobody() {
        let words = "byte index 2 is not a char boundary; it is inside 'é' (bytes 1..3) of `my secret`";
        assert_eq!(without_quotes(words), "byte index 2 is not a char boundary; it is inside");
        assert_eq!(without_quotes("index out of bounds"), "index out of bounds");
        assert_eq!(without_quotes("called `Option::unwrap()` on a `None` value"), "called");
    }
}
