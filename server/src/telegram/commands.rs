//! Commands: what each does, and what it says.

use souvenir_memory::{ChatId, MessageId};
use teloxide::{types::InlineKeyboardMarkup, utils::command::BotCommands};

use super::{format, holdings::Holdings, language::Language, replies, session};
use crate::engine::{Engine, EngineError};

/// The commands there are. Their lines in the menus are in [`replies::commands`], in every language.
#[derive(BotCommands, Clone, Debug, PartialEq, Eq)]
#[command(rename_rule = "lowercase")]
pub(super) enum Command {
    /// A greeting; with the pairing code, while there is no owner, the way to become the owner.
    Start(String),
    /// Lists the commands.
    Help,
    /// Shows the session duration, or sets it.
    Session(String),
    /// Counts what is held.
    Memory,
    /// Begins a new conversation.
    Reset,
    /// A sign-in link, for the owner.
    Dashboard,
}

/// What a message that looks like a command is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spoken {
    /// One of ours.
    Known(Command),
    /// None of ours.
    Unknown,
}

/// Who said a command, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speaker {
    pub(super) chat: ChatId,
    /// The command's own message.
    pub(super) message: Option<MessageId>,
    pub(super) language: Language,
    pub(super) is_owner: bool,
}

/// What a command says.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) markdown: String,
    pub(super) keyboard: Option<InlineKeyboardMarkup>,
    /// What is stored in its place, where it holds a secret.
    pub(super) recorded: Option<String>,
}

impl Reply {
    /// A text and nothing more.
    pub(super) fn text(markdown: String) -> Self {
        Self { markdown, keyboard: None, recorded: None }
    }

    /// What is stored of it: plain text without secrets.
    pub(super) fn record(&self) -> String {
        self.recorded.clone().unwrap_or_else(|| format::plain(&self.markdown))
    }
}

/// The command that `text` is; `None` when it is no command, such as `/usr/bin`.
pub(super) fn parse(text: &str, bot_name: &str) -> Option<Spoken> {
    let rest = text.strip_prefix('/')?;
    let (word, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (command, addressee) = word.split_once('@').unwrap_or((word, bot_name));
    if command.is_empty() || !command.chars().all(name) || !addressee.chars().all(name) {
        return None;
    }
    let line = format!("/{}@{addressee} {}", command.to_ascii_lowercase(), arguments.trim());
    Some(Command::parse(&line, bot_name).map_or(Spoken::Unknown, Spoken::Known))
}

/// Does what the command says.
pub(super) async fn execute(engine: &Engine, speaker: Speaker, command: &Spoken) -> Result<Reply, EngineError> {
    let Speaker { chat, message, language, is_owner } = speaker;
    let Spoken::Known(command) = command else { return Ok(Reply::text(replies::unknown_command(language))) };
    Ok(match command {
        Command::Start(_) => Reply::text(replies::hello(language)),
        Command::Help => Reply::text(replies::help(language, is_owner)),
        Command::Session(wanted) => session::ask_or_set(engine, chat, language, wanted).await?,
        Command::Memory => {
            let held = Holdings::from(&engine.chat(chat).await?);
            Reply::text(replies::memory(language, &held, is_owner))
        }
        Command::Reset => {
            engine.reset(chat, message).await?;
            Reply::text(replies::reset(language))
        }
        Command::Dashboard if is_owner => {
            let link = engine.make_signin_link().await?;
            let recorded = Some(replies::dashboard_sent(language));
            Reply { recorded, ..Reply::text(replies::dashboard(language, &link)) }
        }
        Command::Dashboard => Reply::text(replies::dashboard_refused(language)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Command {
        match parse(text, "souvenir_bot") {
            Some(Spoken::Known(command)) => command,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn commands_are_known_with_arguments_address_and_in_any_case() {
        assert_eq!(known("/help"), Command::Help);
        assert_eq!(known("/HELP please"), Command::Help);
        assert_eq!(known("/memory@Souvenir_Bot"), Command::Memory);
        assert_eq!(known("/start  K7QF-2XMA "), Command::Start("K7QF-2XMA".to_owned()));
        assert_eq!(known("/session\n45"), Command::Session("45".to_owned()));
    }

    #[test]
    fn other_commands_are_unknown_and_paths_are_no_commands() {
        assert_eq!(parse("/frobnicate", "b"), Some(Spoken::Unknown));
        assert_eq!(parse("/help@other_bot", "b"), Some(Spoken::Unknown));
        for text in ["hello", "/usr/bin/env", "/ help", "/", " /help", "/привет"] {
            assert_eq!(parse(text, "b"), None, "{text}");
        }
    }

    #[test]
    fn the_menus_hold_every_command() {
        let ours: Vec<String> = Command::bot_commands()
            .into_iter()
            .map(|command| command.command.trim_start_matches('/').to_owned())
            .collect();
        for language in Language::ALL {
            assert_eq!(replies::commands(language).map(|(name, _)| name.to_owned()).to_vec(), ours);
        }
    }

    #[test]
    fn a_link_that_signs_in_is_not_stored() {
        let link = "http://localhost/signin/secret";
        let reply = Reply {
            recorded: Some(replies::dashboard_sent(Language::English)),
            ..Reply::text(replies::dashboard(Language::English, link))
        };
        assert!(reply.markdown.contains(link));
        assert!(!reply.record().contains("secret"));
    }
}
