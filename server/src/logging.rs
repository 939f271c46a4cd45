//! Logs on stderr: text for people, JSON for machines, and never a secret.
//!
//! Our own events hold none, but libraries at `debug` and below write URLs, and Telegram puts the bot's token in every
//! one. So whatever is written passes through [`Redacting`], which knows the secrets of this process.

use std::{
    io::{self, Stderr, Write},
    sync::Arc,
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::config::{Config, Secret};

/// Installs the subscriber. Does nothing when there is one already, as in tests.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    // async-openai quotes what it cannot read, which may be message text; its failures reach us as values anyway.
    let filter = match "async_openai=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    let writer = Redacting { secrets: secrets(config), inner: io::stderr };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    let installed = if config.log_json {
        lines.json().flatten_event(true).try_init()
    } else {
        lines.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).try_init()
    };
    if let Err(error) = installed {
        tracing::debug!(%error, "logging was set up before");
    }
}

fn secrets(config: &Config) -> Arc<[String]> {
    let telegram = config.telegram.as_ref().map(|telegram| &telegram.token);
    let all = [telegram, config.model.api_key.as_ref(), config.api_token.as_ref(), config.owner_password.as_ref()];
    all.into_iter().flatten().map(Secret::expose).filter(|secret| secret.len() >= 8).map(str::to_owned).collect()
}

/// Replaces secrets in what is written. The subscriber writes a whole event at once, so none is ever cut in two.
struct Redacting<M = fn() -> Stderr> {
    secrets: Arc<[String]>,
    inner: M,
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter { secrets: Arc::clone(&self.secrets), inner: self.inner.make_writer() }
    }
}

struct RedactingWriter<W> {
    secrets: Arc<[String]>,
    inner: W,
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        match self.secrets.iter().any(|secret| text.contains(secret.as_str())) {
            true => {
                let clean = self.secrets.iter().fold(text.into_owned(), |text, secret| text.replace(secret, "***"));
                self.inner.write_all(clean.as_bytes())?;
            }
            false => self.inner.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_reaches_the_log() {
        let mut log = Vec::new();
        let mut writer = RedactingWriter { secrets: Arc::from(["12345:hunter2".to_owned()]), inner: &mut log };
        writer.write_all(b"connecting to https://api.telegram.org/bot12345:hunter2/getMe\n").unwrap();
        writer.write_all("nothing secret here: \u{1f512}\n".as_bytes()).unwrap();
        let log = String::from_utf8(log).unwrap();
        assert_eq!(log, "connecting to https://api.telegram.org/bot***/getMe\nnothing secret here: \u{1f512}\n");
    }
}
