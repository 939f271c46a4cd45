//! What is said on stdout at start: where it is, how to come in, and what is not set up.
//!
//! Scripts read these lines, so their wording stays. Logs go elsewhere.

use std::{
    io::{self, Write},
    net::SocketAddr,
};

use crate::{config::Config, engine::Engine};

/// Prints the lines.
///
/// # Errors
/// When the database fails. A closed stdout is no error.
pub(super) async fn announce(config: &Config, engine: &Engine, bound: SocketAddr) -> anyhow::Result<()> {
    let mut lines = vec![format!("Dashboard: {}", super::listen::local_url(bound))];
    if let Some(public_url) = &config.public_url {
        lines.push(format!("Public address: {public_url}"));
    }
    lines.push(format!("Sign in once: {}", engine.make_signin_link().await?));
    match &config.telegram {
        None => lines.push("No TELEGRAM_BOT_TOKEN: Telegram is off.".to_owned()),
        Some(telegram) if telegram.owner_id.is_none() && engine.telegram_owner().await?.is_none() => {
            lines.push(format!("Telegram pairing code: send /start {} to the bot", engine.pairing_code()));
        }
        Some(_) => {}
    }
    if config.model.is_offline() {
        lines.push("No model endpoint is set: the offline model answers.".to_owned());
    }
    print(&lines).ok();
    Ok(())
}

fn print(lines: &[String]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in lines {
        writeln!(stdout, "{line}")?;
    }
    stdout.flush()
}
