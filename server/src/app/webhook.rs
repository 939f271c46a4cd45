//! The webhook's address: HTTP on one side, Telegram's inbox on the other.
//!
//! Its route stands outside sessions and the gate, because whoever comes here shows a secret of its own. What the answer says is meant for the Bot API server alone: take it away, or bring it again.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    routing::post,
};

use crate::{
    config::{Config, TelegramMode},
    engine::Engine,
    logging, measure,
    telegram::{
        Updates,
        webhook::{self, Inbox, Reception},
    },
};

const SECRET: HeaderName = HeaderName::from_static("x-telegram-bot-api-secret-token");
/// Telegram's updates are some kilobytes; the longest message there can be, with all its entities, is far below this.
const BODY_LIMIT: usize = 1024 * 1024;

/// Where Telegram's updates come from, and the route that brings them, which leads nowhere without a webhook.
///
/// # Errors
/// When the database fails.
pub(super) async fn open(config: &Config, engine: &Engine) -> anyhow::Result<(Updates, Router)> {
    let mode = config.telegram.as_ref().map(|telegram| &telegram.mode);
    let Some(TelegramMode::Webhook { secret }) = mode else { return Ok((Updates::Polled, Router::new())) };
    let secret = match secret {
        Some(secret) => secret.clone(),
        None => engine.webhook_secret().await?,
    };
    logging::hide(&secret);
    let (inbox, deliveries) = webhook::open(engine.public_url(), secret);
    Ok((Updates::Delivered(deliveries), route(inbox)))
}

fn route(inbox: Inbox) -> Router {
    Router::new().route(webhook::PATH, post(deliver)).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(inbox)
}

async fn deliver(
    State(inbox): State<Inbox>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, BytesRejection> {
    let secret = headers.get(SECRET).map(HeaderValue::as_bytes);
    let body = body.inspect_err(|_| measure::webhook_called("unreadable"))?;
    let (outcome, status) = match inbox.deliver(secret, &body).await {
        Reception::Stored => ("stored", StatusCode::OK),
        // What cannot be read now cannot be read later either.
        Reception::Unreadable => ("unreadable", StatusCode::OK),
        Reception::WrongSecret => ("wrong_secret", StatusCode::UNAUTHORIZED),
        Reception::NotStored => ("not_stored", StatusCode::SERVICE_UNAVAILABLE),
    };
    measure::webhook_called(outcome);
    Ok(status)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        http::{Method, Request},
    };
    use tower::ServiceExt;

    use super::*;
    use crate::config::Secret;

    async fn status(method: Method, secret: Option<&str>, body: Vec<u8>) -> StatusCode {
        let (inbox, _deliveries) = webhook::open("https://me.example", Secret::new("a-secret-of-some-length"));
        let mut request = Request::builder().method(method).uri(webhook::PATH);
        if let Some(secret) = secret {
            request = request.header(SECRET, secret);
        }
        route(inbox).oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status()
    }

    #[tokio::test]
    async fn strangers_are_turned_away_without_a_word() {
        let update = br#"{"update_id": 1}"#.to_vec();
        assert_eq!(status(Method::POST, None, update.clone()).await, StatusCode::UNAUTHORIZED);
        assert_eq!(status(Method::POST, Some("a-guess"), update.clone()).await, StatusCode::UNAUTHORIZED);
        assert_eq!(status(Method::GET, None, Vec::new()).await, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(status(Method::POST, None, vec![b' '; BODY_LIMIT + 1]).await, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn what_can_never_be_read_is_taken_away() {
        let odd = b"not an update".to_vec();
        assert_eq!(status(Method::POST, Some("a-secret-of-some-length"), odd).await, StatusCode::OK);
    }
}
