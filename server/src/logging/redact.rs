//! What is written is looked through for secrets first: those that this process knows, and those that show by their looks.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::{PoisonError, RwLock},
};

use tracing_subscriber::fmt::MakeWriter;

use crate::config::{Config, Secret, TelegramMode};

/// Shorter ones stand in innocent words too.
const SHORTEST: usize = 8;
const HIDDEN: &str = "***";

static SECRETS: RwLock<Vec<String>> = RwLock::new(Vec::new());

/// Hides a secret from all that is logged from now on.
pub fn hide(secret: &Secret) {
    let secret = secret.expose();
    if secret.len() < SHORTEST {
        return;
    }
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    // As it is; as it stands within JSON and within what is shown for debugging; and as it stands in an address.
    let escaped = serde_json::Value::from(secret).to_string();
    let encoded = secret.replace(':', "%3A");
    for form in [secret, escaped.trim_matches('"'), &encoded] {
        if !secrets.iter().any(|known| known == form) {
            secrets.push(form.to_owned());
        }
    }
}

/// Hides the secrets among the settings.
pub(super) fn hide_settings(config: &Config) {
    let telegram = config.telegram.as_ref();
    let webhook = telegram.and_then(|telegram| match &telegram.mode {
        TelegramMode::Webhook { secret } => secret.as_ref(),
        TelegramMode::Polling => None,
    });
    let bot = telegram.map(|telegram| &telegram.token);
    let embeddings = config.embeddings.as_ref().and_then(|embeddings| embeddings.api_key.as_ref());
    let transcription = config.transcription.as_ref().and_then(|transcription| transcription.api_key.as_ref());
    let model = config.model.api_key.as_ref();
    let all =
        [bot, webhook, model, embeddings, transcription, config.api_token.as_ref(), config.owner_password.as_ref()];
    all.into_iter().flatten().for_each(hide);
}

/// The text without secrets.
pub(super) fn redacted(text: &str) -> Cow<'_, str> {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    let known = secrets.iter().filter(|secret| text.contains(secret.as_str()));
    let clean = known.fold(Cow::Borrowed(text), |text, secret| Cow::Owned(text.replace(secret, HIDDEN)));
    ["/signin/", "/bot"].into_iter().fold(clean, |text, before| match text.contains(before) {
        true => Cow::Owned(hide_after(&text, before)),
        false => text,
    })
}

/// Hides what follows `before` in an address, up to the end of that part of it, if it is as long as a token.
fn hide_after(text: &str, before: &str) -> String {
    const TOKEN: usize = 20;
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '%');
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(before) {
        let (head, tail) = rest.split_at(at + before.len());
        let end = tail.find(|c| !belongs(c)).unwrap_or(tail.len());
        clean.push_str(head);
        clean.push_str(if end >= TOKEN { HIDDEN } else { &tail[..end] });
        rest = &tail[end..];
    }
    clean.push_str(rest);
    clean
}

/// An event on one line: what servers and people send must not look like a line of ours.
fn one_line(text: &str) -> Cow<'_, str> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    if !line.contains(['\n', '\r']) {
        return Cow::Borrowed(text);
    }
    let end = &text[line.len()..];
    Cow::Owned(line.replace('\n', "\\n").replace('\r', "\\r") + end)
}

/// Replaces secrets in what is written. The subscriber writes a whole event at once, so none is ever cut in two.
pub(super) struct Redacting<M>(pub(super) M);

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for Redacting<M> {
    type Writer = RedactingWriter<M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        RedactingWriter(self.0.make_writer())
    }
}

pub(super) struct RedactingWriter<W>(W);

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(one_line(&redacted(&text)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_reaches_the_log() {
        hide(&Secret::new("12345:hunter2-and-more"));
        hide(&Secret::new("a \"quoted\" password"));
        let mut log = Vec::new();
        let mut writer = RedactingWriter(&mut log);
        writer.write_all(b"connecting to https://api.telegram.org/bot12345:hunter2-and-more/getMe\n").unwrap();
        writer.write_all(br#"{"fields":{"tried":"a \"quoted\" password"}}"#).unwrap();
        writer.write_all(b"\n").unwrap();
        writer.write_all(b"GET /x%3Fkey=12345%3Ahunter2-and-more\n").unwrap();
        writer.write_all("nothing secret here: \u{1f512}\n".as_bytes()).unwrap();
        let log = String::from_utf8(log).unwrap();
        assert_eq!(
            log,
            "connecting to https://api.telegram.org/bot***/getMe\n{\"fields\":{\"tried\":\"***\"}}\n\
             GET /x%3Fkey=***\nnothing secret here: \u{1f512}\n"
        );
    }

    #[test]
    fn what_others_send_cannot_look_like_a_line_of_ours() {
        let mut log = Vec::new();
        RedactingWriter(&mut log).write_all(b"WARN refused: oh\r\n2026-11-22 INFO all is well\n").unwrap();
        assert_eq!(log, b"WARN refused: oh\\r\\n2026-11-22 INFO all is well\n");
    }

    #[test]
    fn secrets_that_nobody_told_of_show_by_their_looks() {
        let link = "see http://127.0.0.1:3000/signin/0epsi8eSWbcTYsqS2MLfSFzMYK1zClQ4SW3l0PdPxCs and /signin/…";
        assert_eq!(redacted(link), "see http://127.0.0.1:3000/signin/*** and /signin/…");
        let other = "https://api.telegram.org/bot999:AAanother-bots-token-is-secret-too/getMe of /bots and /bot/x";
        assert_eq!(redacted(other), "https://api.telegram.org/bot***/getMe of /bots and /bot/x");
    }
}
