//! How far vectors have got, for pages, the API and monitors.

use std::sync::PoisonError;

use crate::{
    engine::{Engine, ServiceState},
    store::Progress,
};

/// How far vectors have got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VectorState {
    /// The model that makes them, once it is known.
    pub model: Option<String>,
    /// Messages that were looked at, of all there are. Those without text get no vector.
    pub progress: Progress,
    /// Why there are no new ones at present, in words that are safe to show and to log.
    pub failure: Option<String>,
}

impl VectorState {
    /// The state of recall, in a few words.
    fn summary(&self) -> ServiceState {
        let Progress { done, total } = self.progress;
        let of_all = if done < total { format!(", {done} of {total} messages embedded") } else { String::new() };
        match &self.failure {
            Some(failure) => ServiceState::degraded(format!("words only: {failure}{of_all}; trying again")),
            None => ServiceState::ok(format!("words and meaning{of_all}")),
        }
    }
}

impl Engine {
    /// How far vectors have got; none without an endpoint that makes them.
    #[must_use]
    pub fn vector_state(&self) -> Option<VectorState> {
        self.embeddings()?;
        Some(self.inner.vectors.state.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// How recall finds: by words alone, or by meaning too.
    pub(in crate::engine) fn recall_state(&self) -> ServiceState {
        self.vector_state().map_or_else(|| ServiceState::ok("words only"), |state| state.summary())
    }

    pub(super) fn change_vector_state(&self, change: impl FnOnce(&mut VectorState)) {
        change(&mut self.inner.vectors.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Status;

    #[test]
    fn the_state_says_how_far_it_is_and_what_is_wrong() {
        let mut state = VectorState { progress: Progress { done: 7, total: 7 }, ..VectorState::default() };
        assert_eq!(state.summary(), ServiceState::ok("words and meaning"));
        state.progress.total = 9;
        assert_eq!(state.summary().detail, "words and meaning, 7 of 9 messages embedded");
        state.failure = Some("the endpoint does not answer".to_owned());
        let expected = "words only: the endpoint does not answer, 7 of 9 messages embedded; trying again";
        assert_eq!((state.summary().status, state.summary().detail.as_str()), (Status::Degraded, expected));
    }
}
