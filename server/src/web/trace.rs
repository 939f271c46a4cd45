//! One line of log for a request, without what must not be logged: query strings, and the token of a sign-in link.

use std::any::Any;

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use super::error::Problem;

/// Runs a request within a span that names it, and logs how it ended.
pub(super) async fn request(request: Request, next: Next) -> Response {
    let path = without_token(request.uri().path()).to_owned();
    let span = tracing::info_span!("request", http.method = %request.method(), http.path = path);
    async {
        let response = next.run(request).await;
        tracing::debug!(http.status = response.status().as_u16(), "answered a request");
        response
    }
    .instrument(span)
    .await
}

fn without_token(path: &str) -> &str {
    if path.starts_with("/signin/") { "/signin/…" } else { path }
}

/// A panic in a handler is a defect: logged where it happens, answered like any internal error.
pub(super) fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error: the log has the details").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_token_never_reaches_the_log() {
        assert_eq!(without_token("/signin/very-secret"), "/signin/…");
        assert_eq!(without_token("/chats/3"), "/chats/3");
    }
}
