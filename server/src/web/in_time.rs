//! Request bodies, read whole and within a time: nobody holds a handler by sending a byte a minute.
//!
//! It stands behind the gate, so that strangers' bodies are read only where strangers may send any. Bodies are small
//! ([`BODY_LIMIT`]) and every handler wants the whole of them, but for those that take files. What is somewhat too large is read all the same and thrown
//! away: a client that is cut off while it sends never sees the answer that tells it why.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream, Bytes, HttpBody},
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;

use super::{BODY_LIMIT, error::Problem};

/// How long a body may take: a megabyte in this time is a slow telephone.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// Beyond this, in bytes, nothing is read any more.
const POLITENESS: usize = 8 * BODY_LIMIT;

/// What is too large is thrown away for as long as it keeps coming, with no pause longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The addresses that take files of any size, piece by piece.
pub(super) const UPLOADS: [&str; 2] = ["/api/imports", "/imports/upload"];

/// Reads the body within `patience`, then goes on. Files are left to those who take them.
pub(super) async fn read(State(patience): State<Duration>, request: Request, next: Next) -> Response {
    if UPLOADS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(patience, whole(body)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => Problem::new(StatusCode::REQUEST_TIMEOUT, "the request body did not arrive in time").into_response(),
    }
}

async fn whole(body: Body) -> Result<Bytes, Problem> {
    let announced = body.size_hint().lower();
    let (mut pieces, mut kept) = (body.into_data_stream(), Vec::new());
    let is_small = |length: usize| length <= BODY_LIMIT;
    if !usize::try_from(announced).is_ok_and(is_small) {
        return Err(too_large(pieces).await);
    }
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Problem::malformed("the request body broke off"))?;
        if !is_small(kept.len() + piece.len()) {
            return Err(too_large(pieces).await);
        }
        kept.extend_from_slice(&piece);
    }
    Ok(kept.into())
}

async fn too_large(mut pieces: BodyDataStream) -> Problem {
    let mut length = 0;
    while let Ok(Some(Ok(piece))) = tokio::time::timeout(LONGEST_PAUSE, pieces.next()).await {
        length += piece.len();
        if length > POLITENESS {
            break;
        }
    }
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the request body is larger than 1 MB")
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::{Router, body::Bytes, middleware::from_fn_with_state, routing::post};
    use futures::{StreamExt, stream};
    use tower::ServiceExt;

    use super::*;

    async fn status(body: Body, patience: Duration) -> StatusCode {
        let router = Router::new().route("/", post(async |body: Bytes| body.len().to_string()));
        let router = router.layer(from_fn_with_state(patience, read));
        router.oneshot(Request::post("/").body(body).unwrap()).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"x"))]);
        let body = Body::from_stream(first.chain(stream::pending()));
        assert_eq!(status(body, Duration::from_millis(20)).await, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_body_is_passed_on_whole_or_refused() {
        assert_eq!(status(Body::from("hello"), PATIENCE).await, StatusCode::OK);
        assert_eq!(status(Body::from(vec![b'x'; BODY_LIMIT + 1]), PATIENCE).await, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
