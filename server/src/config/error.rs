//! What is wrong with a configuration: one line that names the setting, its value and the remedy.

use std::path::PathBuf;

/// A configuration that cannot be used. Its text is one line and never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file that was asked for is not there or not readable.
    #[error("cannot read the configuration file {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The file is not TOML.
    #[error("the configuration file {} is not valid TOML: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and what, without the text of the line, which may be a secret.
        reason: String,
    },
    /// The file holds a key that means nothing.
    #[error("unknown setting `{key}` in {}: {remedy}", path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
        /// What was probably meant.
        remedy: String,
    },
    /// A setting has a value that cannot be used.
    #[error("{setting} {problem}")]
    Invalid {
        /// The setting, by the name its owner used: `SOUVENIR_LISTEN`, or `listen` with its file.
        setting: String,
        /// The value, unless it is a secret, and the remedy.
        problem: String,
    },
}
