//! The app: the only place where things are wired.

use crate::config::Config;

/// Runs the bot, the engine and the dashboard until told to stop.
///
/// # Errors
/// One line with the remedy, when it cannot start.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    anyhow::bail!("cannot serve on {} yet", config.listen)
}
