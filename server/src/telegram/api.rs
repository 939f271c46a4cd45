//! One call of the Bot API, with errors that say what is known of its outcome.
//!
//! teloxide gives the client, the address, the payloads and the types. The call itself is ours, because a sender has to
//! know three things that teloxide's request does not tell: whether the request left at all, the HTTP status, and this
//! at once (it sleeps ten seconds within every 5xx). Results are read as the caller's type, which may ask for less than
//! the method gives: a message that was sent must not become an error because of a field nobody needs.

use std::{path::PathBuf, time::Duration};

use reqwest::Url;
use serde::{Serialize, de::DeserializeOwned};
use teloxide::{Bot, requests::Payload};

use super::{answer, disk};
use crate::{config::TelegramConfig, measure};

/// A call other than a long poll takes this long at most.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The Bot API of one bot. Cheap to clone.
#[derive(Clone)]
pub(super) struct Api {
    bot: Bot,
}

/// Why a call did not succeed. No variant holds the token or an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// The request did not leave: nothing has happened.
    #[error("the Bot API cannot be reached ({0})")]
    Unreachable(String),
    /// The request may have left and its outcome is unknown.
    #[error("no answer from the Bot API ({0})")]
    Unanswered(String),
    /// Not now, but after this time.
    #[error("the Bot API asks to wait {} s", .0.as_secs())]
    TooMany(Duration),
    /// The group has become a supergroup: nothing has happened, and it is to be addressed by this id from now on.
    #[error("the group has become a supergroup")]
    Migrated(i64),
    /// Definitely not.
    #[error("the Bot API refuses: {code} {description}")]
    Refused {
        /// The error code, or the HTTP status.
        code: u16,
        /// In the server's words.
        description: String,
    },
}

impl CallError {
    /// Its name among the figures.
    fn name(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Unanswered(_) => "unanswered",
            Self::TooMany(_) => "flood",
            Self::Migrated(_) => "migrated",
            Self::Refused { .. } => "refused",
        }
    }
}

impl Api {
    /// The Bot API that `config` names.
    ///
    /// # Errors
    /// A sentence that names the setting, when its address cannot be used.
    pub(super) fn new(config: &TelegramConfig) -> Result<Self, String> {
        let address = config.api_url.as_deref().unwrap_or(teloxide::net::TELEGRAM_API_URL);
        let url = Url::parse(address).ok().filter(Url::has_host);
        let url = url
            .ok_or_else(|| format!("TELEGRAM_API_URL is {address}: use an address such as https://api.telegram.org"))?;
        // The token stands in every address, and following a redirect would tell the address to whoever it leads to, as
        // the `Referer`. The Bot API never redirects.
        let mut client = teloxide::net::default_reqwest_settings()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none());
        if matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
            // A proxy is for the way out; it would not find a server on this machine.
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| format!("the HTTP client cannot be made: {}", told(error)))?;
        Ok(Self { bot: Bot::with_client(config.token.expose(), client).set_api_url(url) })
    }

    /// Its address, without the token.
    pub(super) fn server(&self) -> String {
        self.bot.api_url().to_string()
    }

    /// Calls the method of `payload` and reads its result as `T`.
    pub(super) async fn call<P, T>(&self, payload: &P) -> Result<T, CallError>
    where
        P: Payload + Serialize,
        T: DeserializeOwned,
    {
        let timeout = CALL_TIMEOUT + payload.timeout_hint().unwrap_or_default();
        self.counted(P::NAME, self.post(P::NAME, |request| request.json(payload), timeout).await)
    }

    /// Counts a call among the figures.
    pub(super) fn counted<T>(&self, method: &'static str, result: Result<T, CallError>) -> Result<T, CallError> {
        measure::telegram_called(method, result.as_ref().map_or_else(CallError::name, |_| "ok"));
        if let Err(CallError::TooMany(wait)) = &result {
            measure::flood_paused(*wait);
        }
        result
    }

    /// Makes a call with what `fill` puts into the request.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        method: &str,
        fill: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
        timeout: Duration,
    ) -> Result<T, CallError> {
        let request = fill(self.bot.client().post(self.method_url(method))).timeout(timeout);
        let response = request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                CallError::Unreachable(told(error))
            } else {
                CallError::Unanswered(told(error))
            }
        })?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| CallError::Unanswered(told(error)))?;
        let result = answer::result(status, &body).map_err(|error| self.without_token(error))?;
        serde_json::from_value(result).map_err(|error| CallError::Unanswered(format!("an odd result: {error}")))
    }

    /// Fetches at most so many bytes of a file that `getFile` named; with whether there are more.
    pub(super) async fn download(
        &self,
        path: &str,
        most: u64,
        timeout: Duration,
    ) -> Result<(Vec<u8>, bool), CallError> {
        self.counted("Download", self.fetch(path, most, timeout).await)
    }

    async fn fetch(&self, path: &str, most: u64, timeout: Duration) -> Result<(Vec<u8>, bool), CallError> {
        let request = self.bot.client().get(self.file_url(path)).timeout(timeout);
        let mut response = request.send().await.map_err(|error| CallError::Unreachable(told(error)))?;
        let status = response.status();
        if !status.is_success() {
            let error = match status.as_u16() {
                429 => CallError::TooMany(answer::UNSPECIFIED_WAIT),
                500.. => CallError::Unanswered(format!("HTTP {status}")),
                code => CallError::Refused { code, description: answer::reason(status) },
            };
            return Err(error);
        }
        let mut bytes = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| CallError::Unanswered(told(error)))? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > most {
                bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
                return Ok((bytes, true));
            }
        }
        Ok((bytes, false))
    }

    /// Where on disk the server says that a file of this bot is; none where it is to be fetched.
    pub(super) fn place_on_disk(&self, path: &str) -> Option<PathBuf> {
        disk::place(path, self.bot.token())
    }

    /// Where a file is; the path stays within what is there for files, whatever is in it.
    fn file_url(&self, path: &str) -> Url {
        let mut url = self.bot.api_url();
        if let Ok(mut segments) = url.path_segments_mut() {
            let parts = path.split('/').filter(|part| !part.is_empty());
            segments.pop_if_empty().push("file").push(&format!("bot{}", self.bot.token())).extend(parts);
        }
        url
    }

    /// The token stands in every address, so addresses are made here and never shown. Methods are written as the Bot API
    /// writes them: teloxide begins them with a capital, which Telegram's own server does not mind, and others do.
    fn method_url(&self, method: &str) -> Url {
        let mut method = method.to_owned();
        if let Some(first) = method.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        let mut url = self.bot.api_url();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(&format!("bot{}", self.bot.token())).push(&method);
        }
        url
    }

    /// A server may repeat the path it was asked for.
    fn without_token(&self, error: CallError) -> CallError {
        match error {
            CallError::Refused { code, description } => {
                CallError::Refused { code, description: description.replace(self.bot.token(), "***") }
            }
            other => other,
        }
    }
}

/// The innermost cause: it says most, and holds no address.
fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Allowed, Secret, TelegramMode};

    fn api(url: Option<&str>) -> Result<Api, String> {
        Api::new(&TelegramConfig {
            token: Secret::new("12:secret"),
            api_url: url.map(str::to_owned),
            owner_id: None,
            allowed: Allowed::OwnerOnly,
            mode: TelegramMode::Polling,
            messages_per_minute: 0,
            daily_tokens: 0,
        })
    }

    #[test]
    fn a_servers_path_is_kept_with_or_without_a_slash() {
        for url in ["http://localhost:8081/tg", "http://localhost:8081/tg/"] {
            assert_eq!(
                api(Some(url)).unwrap().method_url("GetMe").as_str(),
                "http://localhost:8081/tg/bot12:secret/getMe"
            );
        }
        assert_eq!(api(None).unwrap().method_url("GetMe").as_str(), "https://api.telegram.org/bot12:secret/getMe");
        let file = |path: &str| api(Some("http://localhost:8081/tg")).unwrap().file_url(path).to_string();
        assert_eq!(file("photos/file 1.jpg"), "http://localhost:8081/tg/file/bot12:secret/photos/file%201.jpg");
        assert_eq!(file("/../../x?y#z"), "http://localhost:8081/tg/file/bot12:secret/x%3Fy%23z");
        assert!(api(Some("somewhere")).err().unwrap().contains("TELEGRAM_API_URL"));
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_was_never_asked_and_the_token_is_not_told() {
        let api = api(Some("http://127.0.0.1:1")).unwrap();
        let error = api.call::<_, serde_json::Value>(&teloxide::payloads::GetMe::new()).await.unwrap_err();
        assert!(matches!(error, CallError::Unreachable(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}
