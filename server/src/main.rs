//! The `souvenir` command: reads the settings, then serves or checks.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use std::os::unix::process::CommandExt as _;

use clap::{Parser, Subcommand};
use souvenir_server::{
    app::{self, Ended},
    backup::{self, BackupOptions},
    check, command,
    config::Config,
    export::{self, ExportOptions},
    forget::{self, ForgetOptions},
    import::{self, ImportFile},
    logging,
};

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

#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Run the bot, the engine and the dashboard (the default)
    Serve,
    /// Try the settings, the database, the Bot API and the model endpoint, and say how each is
    Check,
    /// Copy the database, which may be in use, to FILE or into a folder
    Backup {
        /// The copy; in a folder it gets a name with the time
        file: PathBuf,
        /// Replace a file that is there already
        #[arg(long)]
        force: bool,
        /// In a folder: remove all but the newest so many copies
        #[arg(long, value_name = "COPIES")]
        keep: Option<usize>,
    },
    /// Write out everything that is held about a chat, as JSON lines that can be imported again, or for people; Souvenir
    /// may be running
    Export {
        /// The chat: its number, or telegram:ID, or telegram:ID/THREAD
        #[arg(long, value_name = "ID", allow_hyphen_values = true)]
        chat: command::ChatName,
        /// The file; without it, standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Markdown, for people
        #[arg(long)]
        markdown: bool,
    },
    /// Forget a message, or a whole chat, with all that rests on it or repeats it, and print what went; Souvenir may be
    /// running
    Forget {
        /// The chat: its number, or telegram:ID, or telegram:ID/THREAD
        #[arg(long, value_name = "ID", allow_hyphen_values = true)]
        chat: command::ChatName,
        /// The message; without it, the whole chat
        #[arg(long, value_name = "ID")]
        message: Option<i64>,
        /// Do not ask whether that is meant
        #[arg(long)]
        yes: bool,
    },
    /// Bring in the history of a chat, or of all chats, as Telegram Desktop exports it (result.json), or an export of
    /// Souvenir's own; doing it again adds nothing; Souvenir may be running
    Import {
        /// The file
        file: PathBuf,
        /// The chat it goes to: its number, or telegram:ID, or telegram:ID/THREAD; without it, what was exported says
        #[arg(long, value_name = "ID", allow_hyphen_values = true)]
        chat: Option<command::ChatName>,
        /// Have the memory model sum up what came, whatever it costs; otherwise the cost is told first
        #[arg(long)]
        consolidate: bool,
    },
    /// Put a copy back in the place of the database, which is kept under another name; Souvenir may be running
    Restore {
        /// The copy
        file: PathBuf,
    },
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
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => match runtime.block_on(app::serve(config)) {
            Ok(Ended::ForGood) => Ok(()),
            Ok(Ended::ToStartAnew(bound)) => return failed(&start_anew(bound)),
            Err(error) => Err(error),
        },
        Command::Check => {
            return if runtime.block_on(check::run(&config)) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        Command::Backup { file, force, keep } => {
            runtime.block_on(backup::backup(&config, &file, BackupOptions { force, keep }))
        }
        Command::Export { chat, out, markdown } => {
            runtime.block_on(export::export(&config, &ExportOptions { chat, out, markdown }))
        }
        Command::Forget { chat, message, yes } => {
            runtime.block_on(forget::forget(&config, &ForgetOptions { chat, message, yes }))
        }
        Command::Import { file, chat, consolidate } => {
            runtime.block_on(import::import(&config, &ImportFile { file, chat, consolidate }))
        }
        Command::Restore { file } => runtime.block_on(backup::restore(&config, &file)),
    };
    // Everything is stored and closed: what still waits for a name server is not waited for.
    runtime.shutdown_background();
    done.map_or_else(|error| failed(&error), |()| ExitCode::SUCCESS)
}

/// Becomes a new process of the same program, on the address it has now: whatever this one held, locks and memory, is
/// let go of. Gives an error, or does not return.
fn start_anew(bound: SocketAddr) -> std::io::Error {
    // An executable that was replaced meanwhile has no path any more, but is still there.
    let executable = std::env::current_exe().ok().filter(|path| path.exists());
    let mut again = std::process::Command::new(executable.unwrap_or_else(|| PathBuf::from("/proc/self/exe")));
    again.args(std::env::args_os().skip(1)).env("SOUVENIR_LISTEN", bound.to_string()).exec()
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    logging::fatal(error);
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
