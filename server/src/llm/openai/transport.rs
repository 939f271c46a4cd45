//! The HTTP layer under `async-openai`: sends once, and reads what the crate would hide.
//!
//! The crate's own layer repeats requests by itself, forgets the headers of errors, and takes an error whose `code`
//! is a number for a broken answer (llama.cpp and vLLM send such). This one tries once, reads every refusal from the
//! whole response, and hands streams on. A server that answers a request for a stream with one JSON object gets its
//! object wrapped as a stream of one event, so that there is one way to read answers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use async_openai_http::{Body, Client, Method, Response, header::CONTENT_TYPE, redirect};
use futures::{FutureExt, StreamExt, future::BoxFuture};

use super::{failure::connection_trouble, refusal::Refusal};
use crate::config::Secret;

/// No refusal worth reading is longer.
pub(super) const MOST_REFUSAL_BYTES: usize = 64 * 1024;
/// No answer in one piece, and no list of models, is longer.
pub(super) const MOST_JSON_BYTES: usize = 32 * 1024 * 1024;
/// The end of a stream, with and without the customary space.
const END_MARKS: [&[u8]; 2] = [b"data: [DONE]", b"data:[DONE]"];

/// Why there is no response to read.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum TransportError {
    /// The endpoint answered with something else than success.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// No response, or not a whole one.
    #[error("{0}")]
    Connection(String),
}

impl From<TransportError> for OpenAIError {
    fn from(error: TransportError) -> Self {
        Self::Boxed(Box::new(error))
    }
}

impl From<async_openai_http::Error> for TransportError {
    fn from(error: async_openai_http::Error) -> Self {
        Self::Connection(connection_trouble(&error))
    }
}

/// The connections of one endpoint. Redirects are refused: following one would turn a question into a mere visit.
pub(super) fn http_client(connect: Duration) -> Result<Client, String> {
    // The TLS library wants to be told whose cryptography to use; main has said so, tests and examples need not.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .connect_timeout(connect)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("souvenir/", env!("CARGO_PKG_VERSION")))
        .build();
    client.map_err(|error| connection_trouble(&error))
}

/// Sends the requests of one answer.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    http: Client,
    key: Option<Secret>,
    /// Whether what is posted is answered by a stream.
    streamed: bool,
    ended: Arc<AtomicBool>,
}

impl Transport {
    pub(super) fn new(http: Client, key: Option<Secret>) -> Self {
        Self { http, key, streamed: true, ended: Arc::default() }
    }

    /// For what is answered by one JSON object.
    pub(super) fn whole(http: Client, key: Option<Secret>) -> Self {
        Self { streamed: false, ..Self::new(http, key) }
    }

    /// Becomes true when a stream says that it ends. `async-openai` does not tell that from a connection that ends.
    pub(super) fn ended(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.ended)
    }

    async fn send(self, request: HttpRequestFactory) -> Result<Response, TransportError> {
        let request = request.build().await.map_err(|_| TransportError::Connection("no request".to_owned()))?;
        let posted = request.method() == Method::POST;
        let wants_stream = posted && self.streamed;
        let response = self.http.execute(request).await?;
        if !response.status().is_success() {
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = read_up_to(MOST_REFUSAL_BYTES, response).await.unwrap_or_default();
            let refusal = Refusal::read(status, &headers, &body, self.key.as_ref());
            return Err(TransportError::Refused(Box::new(refusal)));
        }
        match content_type(&response) {
            kind if kind.starts_with("text/html") => {
                Err(TransportError::Refused(Box::new(Refusal::web_page(response.status().as_u16()))))
            }
            kind if wants_stream && kind.starts_with("application/json") => self.as_stream(response).await,
            _ if wants_stream => Ok(watch_the_end(response, self.ended)),
            _ if posted => {
                let body = read_up_to(MOST_JSON_BYTES, response).await?;
                Ok(http::Response::new(Body::from(body)).into())
            }
            _ => Ok(response),
        }
    }

    async fn as_stream(&self, response: Response) -> Result<Response, TransportError> {
        let body = read_up_to(MOST_JSON_BYTES, response).await?;
        self.ended.store(true, Ordering::Relaxed);
        let Ok(answer) = serde_json::from_slice::<serde_json::Value>(&body) else {
            return Err(TransportError::Connection("it sent something that is not JSON".to_owned()));
        };
        // Written anew, the object is on one line, as an event has to be.
        Ok(http::Response::new(Body::from(format!("data: {answer}\n\n"))).into())
    }
}

impl tower::Service<HttpRequestFactory> for Transport {
    type Response = Response;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<Response, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        self.clone().send(request).boxed()
    }
}

pub(super) fn content_type(response: &Response) -> String {
    let value = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

pub(super) async fn read_up_to(most: usize, mut response: Response) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() >= most {
            body.truncate(most);
            break;
        }
    }
    Ok(body)
}

/// The same stream, with `ended` set once its end mark has passed.
fn watch_the_end(response: Response, ended: Arc<AtomicBool>) -> Response {
    let mut tail: Vec<u8> = Vec::new();
    let pieces = response.bytes_stream().inspect(move |piece| {
        let Ok(piece) = piece else { return };
        tail.extend_from_slice(piece);
        if END_MARKS.iter().any(|mark| tail.windows(mark.len()).any(|window| window == *mark)) {
            ended.store(true, Ordering::Relaxed);
        }
        // A mark may be cut in two; keep what may be its beginning.
        tail.drain(..tail.len().saturating_sub(END_MARKS[0].len()));
    });
    http::Response::new(Body::wrap_stream(pieces)).into()
}
