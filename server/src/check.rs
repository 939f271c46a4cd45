//! `souvenir check`: tries everything the process will lean on, and says of each how it is.
//!
//! One line each on stdout: what was tried, then `ok` with what was found, or `FAILED` with the remedy. Nothing is
//! changed: a database that is not there yet is not made, and no update is taken from Telegram.

use crate::config::Config;

/// Runs every check; whether all of them passed.
pub async fn run(config: &Config) -> bool {
    let _ = config;
    false
}
