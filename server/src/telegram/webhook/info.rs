//! What the Bot API server says of the webhook, and what that means for us: decided here, acted upon by the keeper.

use serde::{Deserialize, Serialize};
use teloxide::requests::Payload;

use super::super::{api::Api, intake, remedy};
use crate::config::TelegramConfig;

/// `getWebhookInfo`. Ours, like its answer: teloxide refuses kinds of updates that it does not know.
#[derive(Serialize)]
pub(super) struct GetWebhookInfo {}

impl Payload for GetWebhookInfo {
    type Output = Info;
    const NAME: &'static str = "GetWebhookInfo";
}

/// As much of the answer as matters here.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(super) struct Info {
    /// Empty when none is set.
    pub(super) url: String,
    pub(super) pending_update_count: u64,
    /// The Unix time of the last delivery that failed.
    last_error_date: Option<i64>,
    last_error_message: Option<String>,
    allowed_updates: Option<Vec<String>>,
}

/// What is wrong with the webhook that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// There is none.
    Gone,
    /// It leads elsewhere; the host alone, since addresses may hold secrets.
    Elsewhere(String),
    /// It brings other kinds of updates than were asked for.
    OtherKinds,
    /// It brings another secret than ours.
    OtherSecret,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gone => f.write_str("somebody deleted the webhook"),
            Self::Elsewhere(host) => write!(f, "somebody set the webhook to another address, at {host}"),
            Self::OtherKinds => f.write_str("somebody set the webhook with other kinds of updates"),
            Self::OtherSecret => f.write_str("somebody set the webhook with another secret"),
        }
    }
}

/// Deliveries that fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failing {
    /// The Unix time of the last one.
    pub(super) at: i64,
    /// In the server's words, without addresses.
    pub(super) why: String,
}

impl Info {
    /// What somebody changed, if anything. `known_failure` is the last failure that was known before: a newer one that
    /// says 401 means that the server brings a secret that is not ours.
    pub(super) fn change(&self, url: &str, known_failure: Option<i64>) -> Option<Change> {
        if self.url.is_empty() {
            return Some(Change::Gone);
        }
        if self.url != url {
            return Some(Change::Elsewhere(host_of(&self.url)));
        }
        let same = |kinds: &Vec<String>| {
            [intake::ALLOWED_UPDATES, intake::OLD_UPDATES].iter().any(|ours| {
                kinds.len() == ours.len() && ours.iter().all(|kind| kinds.iter().any(|other| other == kind))
            })
        };
        // A server that does not tell the kinds is believed.
        if !self.allowed_updates.as_ref().is_none_or(same) {
            return Some(Change::OtherKinds);
        }
        let refused =
            self.failure().is_some_and(|failure| failure.why.contains("401") && Some(failure.at) > known_failure);
        refused.then_some(Change::OtherSecret)
    }

    /// The last delivery that failed, if any did.
    pub(super) fn failure(&self) -> Option<Failing> {
        let why = self.last_error_message.as_deref().unwrap_or("without a reason");
        self.last_error_date.map(|at| Failing { at, why: without_addresses(why) })
    }
}

fn host_of(url: &str) -> String {
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_else(|| "an address that cannot be read".to_owned())
}

/// Words that hold an address are left out: nobody can say what stands in it.
fn without_addresses(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().map(|word| if word.contains("://") { "…" } else { word }).collect();
    words.join(" ")
}

/// What `souvenir check` tells of the webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookState {
    /// None is set.
    None,
    /// It is set to this host, and how deliveries go: the last failure, if updates wait because of one.
    At {
        /// The host; addresses may hold secrets.
        host: String,
        /// Whether it is `url`.
        ours: bool,
        /// Why the last delivery failed.
        failure: Option<String>,
        /// Updates that wait at the server.
        waiting: u64,
    },
}

/// Asks the Bot API server for the webhook, and compares it with the one at `public_url`.
///
/// # Errors
/// What went wrong, with the remedy.
pub async fn probe(config: &TelegramConfig, public_url: &str) -> Result<WebhookState, String> {
    let info: Info = Api::new(config)?.call(&GetWebhookInfo {}).await.map_err(|error| remedy(&error))?;
    if info.url.is_empty() {
        return Ok(WebhookState::None);
    }
    let failure = info.failure().filter(|_| info.pending_update_count > 0).map(|failure| failure.why);
    Ok(WebhookState::At {
        host: host_of(&info.url),
        ours: info.url == format!("{public_url}{}", super::PATH),
        failure,
        waiting: info.pending_update_count,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const OURS: &str = "https://me.example/telegram/webhook";

    fn info(more: Value) -> Info {
        let mut info = json!({"url": OURS, "has_custom_certificate": false, "pending_update_count": 0,
            "allowed_updates": ["callback_query", "message", "edited_message", "my_chat_member",
                "stopped_message_generation"]});
        info.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(info).unwrap()
    }

    #[test]
    fn the_webhook_we_set_is_recognised() {
        assert_eq!(info(json!({})).change(OURS, None), None);
        let silent: Info = serde_json::from_value(json!({"url": OURS})).unwrap();
        assert_eq!(silent.change(OURS, None), None, "a server that does not tell the kinds of updates");
    }

    #[test]
    fn whatever_somebody_changed_is_named_without_the_address() {
        assert_eq!(info(json!({"url": ""})).change(OURS, None), Some(Change::Gone));
        let elsewhere = info(json!({"url": "https://other.example/bot12:token"})).change(OURS, None).unwrap();
        assert_eq!(elsewhere.to_string(), "somebody set the webhook to another address, at other.example");
        assert_eq!(info(json!({"allowed_updates": ["message"]})).change(OURS, None), Some(Change::OtherKinds));
    }

    #[test]
    fn a_refused_secret_is_taken_for_a_change_once() {
        let refused =
            json!({"last_error_date": 100, "last_error_message": "Wrong response from the webhook: 401 Unauthorized"});
        assert_eq!(info(refused.clone()).change(OURS, None), Some(Change::OtherSecret));
        assert_eq!(info(refused.clone()).change(OURS, Some(99)), Some(Change::OtherSecret));
        assert_eq!(info(refused).change(OURS, Some(100)), None);
        let down = json!({"last_error_date": 100, "last_error_message": "Connection refused"});
        assert_eq!(info(down).change(OURS, None), None);
    }

    #[test]
    fn failures_are_told_without_addresses() {
        let failed =
            json!({"last_error_date": 100, "last_error_message": "no host in https://me.example/secret given"});
        assert_eq!(info(failed).failure().unwrap().why, "no host in … given");
    }
}
