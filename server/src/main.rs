//! The `souvenir` command: reads the settings, then serves or checks.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use souvenir_server::{app, check, config::Config, logging};

/// A Telegram bot that remembers, and a dashboard that shows what it remembers.
///
/// One process, one SQLite file. Without any setting it serves a dashboard on http://127.0.0.1:3000 with a console chat
/// and a built-in offline model; TELEGRAM_BOT_TOKEN turns Telegram on, OPENAI_API_KEY or OPENAI_BASE_URL a language
/// model. docs/settings.md lists every setting.
#[derive(Debug, Parser)]
#[command(name = "souvenir", version)]
struct Arguments {
    /// The configuration file [default: souvenir.toml, when there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Command {
    /// Run the bot, the engine and the dashboard (the default)
    Serve,
    /// Try the settings, the database, the Bot API and the model endpoint, and say how each is
    Check,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A second installation is refused, which harms nothing.
    rustls::crypto::ring::default_provider().install_default().ok();
    let environment = std::env::vars_os();
    let environment = environment
        .filter_map(|(name, value)| name.into_string().ok().map(|name| (name, value.to_string_lossy().into_owned())));
    let config = match Config::load(arguments.config.as_deref(), environment) {
        Ok(config) => config,
        Err(error) => return failed(&error),
    };
    logging::start(&config);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => match runtime.block_on(app::serve(config)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error),
        },
        Command::Check => match runtime.block_on(check::run(&config)) {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        },
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("souvenir: {error:#}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
        let arguments = Arguments::parse_from(["souvenir", "check", "--config", "a.toml"]);
        assert!(matches!(arguments.command, Some(Command::Check)));
        assert!(Arguments::parse_from(["souvenir"]).command.is_none(), "serving is the default");
    }
}
