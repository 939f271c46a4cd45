//! The build itself.

use super::{Built, ContextSettings, Snapshot};
use crate::{Timestamp, TokenCounter};

/// Builds the context that answers `snapshot.current`, and its manifest.
///
/// # Errors
/// [`super::MessageTooLarge`] when the current messages alone do not fit.
pub fn build(_snapshot: &Snapshot, _settings: &ContextSettings, _now: Timestamp, _counter: &dyn TokenCounter) -> Built {
    unimplemented!()
}
