//! Settings from file and environment, checked at start.
//!
//! Environment over file over default; each value remembers where it came from, so that pages can show it. Everything
//! that can be wrong is found before anything starts, and said in one line: the setting by the name its owner used, the
//! value unless it is a secret, and the remedy. `docs/settings.md` lists the settings.

mod endpoints;
mod error;
mod keys;
mod parse;
mod prices;
mod sources;
mod telegram;
#[cfg(test)]
mod tests;
mod types;

use std::path::Path;

pub use error::ConfigError;
pub use types::{
    Allowed, ChatDefaults, Config, EmbeddingConfig, ModelConfig, ModelPrice, Origin, Secret, Sourced, SpendingDefaults,
    TelegramConfig, TelegramMode, TranscriptionConfig,
};

impl Config {
    /// Reads `path` (or `souvenir.toml` of the working directory, when there is one) and the environment.
    ///
    /// # Errors
    /// [`ConfigError`], for the first setting that cannot be used.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        parse::config(&sources::Sources::read(path, environment)?)
    }
}
