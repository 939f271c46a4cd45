//! Why one attempt gave no answer, and whether another may.

use std::error::Error;

use async_openai::error::OpenAIError;

use super::{plain::clean, refusal::Refusal, transport::TransportError};
use crate::llm::ModelError;

/// One attempt's failure.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The endpoint said no, in words.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// Something between us and the endpoint, before any text.
    #[error("{0}")]
    Transient(String),
    /// No other attempt would help, or text has been shown already.
    #[error("{0}")]
    Final(ModelError),
}

impl Failure {
    pub(super) fn transient(message: impl Into<String>) -> Self {
        Self::Transient(message.into())
    }

    /// For the log: what happened without the endpoint's words, which may quote a message.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Refused(refusal) if refusal.status == 0 => "an error inside the stream".to_owned(),
            Self::Refused(refusal) => format!("status {}", refusal.status),
            Self::Transient(message) => message.clone(),
            Self::Final(_) => "no answer".to_owned(),
        }
    }
}

impl From<OpenAIError> for Failure {
    fn from(error: OpenAIError) -> Self {
        match error {
            OpenAIError::Boxed(inner) => match inner.downcast::<TransportError>() {
                Ok(error) => (*error).into(),
                Err(other) => Self::transient(clean(&other.to_string(), None)),
            },
            OpenAIError::Reqwest(error) => Self::transient(connection_trouble(&error)),
            OpenAIError::StreamError(_) => Self::transient("the connection was lost"),
            OpenAIError::JSONDeserialize(..) => Self::transient("it sent something that is not JSON"),
            other => Self::Final(ModelError::Refused(clean(&other.to_string(), None))),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Refused(refusal) => Self::Refused(refusal),
            TransportError::Connection(message) => Self::Transient(message),
        }
    }
}

impl From<Failure> for ModelError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into_error(),
            Failure::Transient(message) => Self::Unavailable(message),
            Failure::Final(error) => error,
        }
    }
}

/// A connection's trouble in a few words, without the address.
pub(super) fn connection_trouble(error: &async_openai_http::Error) -> String {
    if error.is_timeout() && error.is_connect() {
        return "no connection in time".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let what = if error.is_connect() { "no connection" } else { "the connection was lost" };
    let cause = clean(&cause.to_string(), None);
    // The number that the system gives an error helps nobody who reads its name.
    let cause = cause.split_once(" (os error").map_or(cause.as_str(), |(name, _)| name);
    format!("{what}: {cause}")
}
