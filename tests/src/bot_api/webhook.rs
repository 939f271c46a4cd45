//! `setWebhook`, `deleteWebhook` and `getWebhookInfo`: what Telegram takes as a webhook, and what it says of it.

use std::time::Duration;

use reqwest::Url;
use serde_json::{Value, json};

use super::params::{boolean, integer, structure, text};
use super::refusal::Refusal;
use super::state::State;
use crate::wire::now;

/// The ports Telegram delivers to.
const PORTS: [u16; 4] = [443, 80, 88, 8443];
const DEFAULT_CONNECTIONS: i64 = 40;
const MOST_CONNECTIONS: i64 = 100;
/// What a server of one's own allows.
const MOST_LOCAL_CONNECTIONS: i64 = 100_000;
const LONGEST_SECRET: usize = 256;

/// A webhook that was set, and how it fares.
#[derive(Clone, Debug)]
pub(super) struct Webhook {
    /// The address as it was given.
    pub(super) given: String,
    pub(super) url: Url,
    pub(super) secret: Option<String>,
    pub(super) max_connections: usize,
    /// When a delivery last failed, and how.
    pub(super) last_error: Option<(Duration, String)>,
    /// Which webhook this is of all that were set: whoever delivers to an older one stops.
    pub(super) number: u64,
}

pub(super) fn set(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    let address = text(params, "url").unwrap_or_default();
    if address.is_empty() {
        return delete(state, params);
    }
    let url = checked_url(address, state.local)?;
    let secret = checked_secret(params)?;
    let most = if state.local { MOST_LOCAL_CONNECTIONS } else { MOST_CONNECTIONS };
    let max_connections = integer(params, "max_connections").unwrap_or(DEFAULT_CONNECTIONS).clamp(1, most);
    state.allow(structure(params, "allowed_updates")?)?;
    if boolean(params, "drop_pending_updates") {
        state.drop_pending();
    }
    state.end_poll("Conflict: terminated by setWebhook request");
    state.webhooks_set += 1;
    state.webhook = Some(Webhook {
        given: address.to_owned(),
        url,
        secret,
        max_connections: usize::try_from(max_connections).unwrap_or(1),
        last_error: None,
        number: state.webhooks_set,
    });
    Ok(json!(true))
}

pub(super) fn delete(state: &mut State, params: &Value) -> Result<Value, Refusal> {
    state.webhook = None;
    if boolean(params, "drop_pending_updates") {
        state.drop_pending();
    }
    Ok(json!(true))
}

pub(super) fn info(state: &State) -> Value {
    let mut info = json!({
        "url": "", "has_custom_certificate": false, "pending_update_count": state.queue.len() + state.again.len(),
    });
    if let Some(webhook) = &state.webhook {
        info["url"] = json!(webhook.given);
        info["max_connections"] = json!(webhook.max_connections);
        if let Some((at, message)) = &webhook.last_error {
            info["last_error_date"] = json!(at.as_secs());
            info["last_error_message"] = json!(message);
        }
    }
    if let Some(allowed) = &state.allowed {
        info["allowed_updates"] = json!(allowed);
    }
    info
}

impl State {
    /// Forgets what was not delivered yet.
    fn drop_pending(&mut self) {
        self.queue.clear();
        self.again.clear();
    }

    /// Notes a failed delivery to the webhook of this number.
    pub(super) fn note_webhook_error(&mut self, number: u64, message: String) {
        if let Some(webhook) = self.webhook.as_mut().filter(|webhook| webhook.number == number) {
            webhook.last_error = Some((now(), message));
        }
    }
}

fn checked_url(address: &str, local: bool) -> Result<Url, Refusal> {
    let url = Url::parse(address).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| Refusal::bad("Bad Request: invalid webhook URL specified"))?;
    if local && matches!(url.scheme(), "http" | "https") {
        return Ok(url);
    }
    if url.scheme() != "https" {
        return Err(Refusal::bad("Bad Request: bad webhook: An HTTPS URL must be provided for webhook"));
    }
    if !url.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) {
        return Err(Refusal::bad("Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"));
    }
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if host == "localhost" || host.parse().is_ok_and(is_reserved) {
        return Err(Refusal::bad(&format!("Bad Request: bad webhook: IP address {host} is reserved")));
    }
    Ok(url)
}

fn is_reserved(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
        std::net::IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local(),
    }
}

fn checked_secret(params: &Value) -> Result<Option<String>, Refusal> {
    let Some(secret) = text(params, "secret_token").filter(|secret| !secret.is_empty()) else { return Ok(None) };
    if secret.len() > LONGEST_SECRET {
        return Err(Refusal::bad("Bad Request: secret token is too long"));
    }
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return Err(Refusal::bad("Bad Request: secret token contains unallowed characters"));
    }
    Ok(Some(secret.to_owned()))
}
