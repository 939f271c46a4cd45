//! Why there are no vectors.

use super::request;
use crate::llm::{
    ModelError,
    openai::{
        failure::Failure,
        refusal::{Refusal, Verdict},
    },
};

/// Why there are no vectors. Messages are safe to show to the owner: no secrets, no URLs. An endpoint's words may quote what it
/// was sent, so logs get [`EmbeddingError::label`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmbeddingError {
    /// The key is refused.
    #[error("the embedding endpoint refuses the key ({0}): check SOUVENIR_EMBEDDING_API_KEY")]
    Unauthorized(String),
    /// There is no such model.
    #[error("the embedding endpoint does not know this model ({0}): check SOUVENIR_EMBEDDING_MODEL")]
    UnknownModel(String),
    /// It has more than one model, and nobody said which.
    #[error("the embedding endpoint has {0} models: set SOUVENIR_EMBEDDING_MODEL to one that makes vectors")]
    SeveralModels(usize),
    /// It is out of reach, overloaded, or too slow; retries are used up.
    #[error("the embedding endpoint does not answer: {0}")]
    Unavailable(String),
    /// It refuses the request, and nothing that was tried helped.
    #[error("the embedding endpoint refused the request: {message}")]
    Refused {
        /// The HTTP status; 0 where there was none.
        status: u16,
        /// The endpoint's words.
        message: String,
    },
    /// What it sent are no vectors for the texts.
    #[error("the embedding endpoint sent {0}")]
    Malformed(String),
    /// Another model answers than did before.
    #[error(
        "the embedding endpoint sent vectors of {found} dimensions, and of {before} before: if it has another model now, \
         start Souvenir again"
    )]
    OtherDimensions {
        /// What came.
        found: usize,
        /// What had come.
        before: usize,
    },
}

/// Why a request brought no vectors.
#[derive(Clone, Debug)]
pub(super) enum Failed {
    /// The endpoint failed or refused.
    Endpoint(Failure),
    /// What it sent is of no use.
    Answer(EmbeddingError),
}

impl Failed {
    /// What the endpoint said, where it said no.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Endpoint(Failure::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    /// Whether other texts may do better.
    pub(super) fn is_about_texts(&self) -> bool {
        matches!(self, Self::Answer(EmbeddingError::Malformed(_)))
            || self.refusal().is_some_and(request::is_about_texts)
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::Endpoint(failure)
    }
}

impl From<EmbeddingError> for Failed {
    fn from(error: EmbeddingError) -> Self {
        Self::Answer(error)
    }
}

impl From<Failed> for EmbeddingError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Endpoint(failure) => failure.into(),
            Failed::Answer(error) => error,
        }
    }
}

impl EmbeddingError {
    /// What happened without words that may quote a message.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Unauthorized(_) => "the endpoint refuses the key: check SOUVENIR_EMBEDDING_API_KEY".to_owned(),
            Self::UnknownModel(_) => "the endpoint does not know this model: check SOUVENIR_EMBEDDING_MODEL".to_owned(),
            Self::SeveralModels(_) | Self::Malformed(_) | Self::OtherDimensions { .. } => self.to_string(),
            Self::Unavailable(_) => "the endpoint does not answer".to_owned(),
            Self::Refused { status: 0, .. } => "the endpoint refuses; `souvenir check` says more".to_owned(),
            Self::Refused { status, .. } => {
                format!("the endpoint refuses with status {status}; `souvenir check` says more")
            }
        }
    }
}

impl From<Failure> for EmbeddingError {
    fn from(failure: Failure) -> Self {
        let status = match &failure {
            Failure::Refused(refusal) if refusal.verdict() != Verdict::Transient => refusal.status,
            _ => 0,
        };
        // The same words as for answers, but for the name of the setting.
        let here = |words: String| words.replace("OPENAI_BASE_URL", "SOUVENIR_EMBEDDING_BASE_URL");
        match ModelError::from(failure) {
            ModelError::Unauthorized(words) => Self::Unauthorized(words),
            ModelError::UnknownModel(words) => Self::UnknownModel(words),
            ModelError::Unavailable(words) => Self::Unavailable(here(words)),
            ModelError::Refused(words) | ModelError::ContextOverflow { message: words, .. } => {
                Self::Refused { status, message: here(words) }
            }
            ModelError::Interrupted { message, .. } => Self::Unavailable(message),
        }
    }
}
