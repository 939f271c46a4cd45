//! The outside world for Souvenir's tests: a Bot API server, a model server, a browser, and a harness that runs the real
//! binary between them.
//!
//! Nothing here links the server: what the tests know of it is what any user knows, that is its command line, its
//! environment, its HTTP interface and its database file. A test therefore reads as a story: start the servers, start
//! the app, say something, and look at what came out on the other side. Waiting is by notification with a limit
//! ([`patience`]), never by sleeping for a guessed time.

pub mod bot_api;
pub mod browser;
pub mod corpus;
pub mod embeddings;
pub mod harness;
pub mod model;
pub mod soak;
pub mod story;
pub mod story_later;
pub mod tokens;
pub mod wire;
pub mod year;

use std::time::Duration;

/// How long a test waits for something that should happen soon.
///
/// Generous, because a loaded machine is slow and a passing test never waits for it; `SOUVENIR_TEST_PATIENCE` (seconds)
/// overrides it.
#[must_use]
pub fn patience() -> Duration {
    let seconds = std::env::var("SOUVENIR_TEST_PATIENCE").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(60))
}
