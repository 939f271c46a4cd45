//! Commands: which there are, how they are read, and who carries each out.

use souvenir_memory::{ChatId, FactSource, MessageId};
use teloxide::utils::command::BotCommands;

use super::{
    Door, again, context, facts, forget, goals, holdings::Holdings, language::Language, preferences, privacy, remember,
    replies, reply::Reply, search, session, summary, usage,
};
use crate::engine::EngineError;

/// The commands there are. Their lines in the menus are in [`replies::commands`], in every language.
#[derive(BotCommands, Clone, Debug, PartialEq, Eq)]
#[command(rename_rule = "lowercase")]
pub(super) enum Command {
    /// A greeting; with the pairing code, while there is no owner, the way to become the owner.
    Start(String),
    /// Stops the answer being written.
    Stop,
    /// Has the last question answered anew.
    Retry(String),
    /// Lists the commands.
    Help,
    /// Shows what is remembered, to be corrected, pinned and deleted.
    Facts(String),
    /// Finds what was said.
    Search(String),
    /// Takes a fact on the speaker's word.
    Remember(String),
    /// Forgets messages and what rests on them.
    Forget(String),
    /// Shows goals, and sets one.
    Goals(String),
    /// Sums up the last days.
    Summary(String),
    /// Shows what the next message would see.
    Context,
    /// Shows the session duration, or sets it.
    Session(String),
    /// Counts what is held.
    Memory,
    /// Begins a new conversation.
    Reset,
    /// What can be set from the chat.
    Settings(String),
    /// What was used, and what is left.
    Usage,
    /// What is kept, and who can read it.
    Privacy,
    /// Everything held about the chat, as a file.
    Export,
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
    /// Telegram's id of them.
    pub(super) user: i64,
    /// Telegram's id of the chat.
    pub(super) telegram_chat: i64,
    /// Whether nobody else is in the chat.
    pub(super) private: bool,
}

impl Speaker {
    /// Whose word it is when they tell something.
    pub(super) fn source(self) -> FactSource {
        if self.is_owner { FactSource::Owner } else { FactSource::Chatter }
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
pub(super) async fn execute(door: &Door, speaker: Speaker, command: &Spoken) -> Result<Reply, EngineError> {
    let Speaker { language, is_owner, .. } = speaker;
    let Spoken::Known(command) = command else { return Ok(Reply::text(replies::unknown_command(language))) };
    match command {
        Command::Start(_) => Ok(Reply::text(replies::hello(language))),
        // What was written arrives by itself, and says that it was stopped.
        Command::Stop if door.engine.stop_turn(speaker.chat) => Ok(Reply::silent()),
        Command::Stop => Ok(Reply::text(replies::nothing_to_stop(language))),
        Command::Retry(wish) => again::run(door, speaker, wish).await,
        Command::Settings(wish) => preferences::run(door, speaker, wish).await,
        Command::Usage => usage::run(door, speaker).await,
        Command::Privacy => Ok(privacy::run(speaker)),
        Command::Export => privacy::export(door, speaker).await,
        Command::Help => Ok(Reply::text(replies::help(language, is_owner))),
        Command::Facts(wish) => facts::run(door, speaker, wish).await,
        Command::Search(words) => search::run(door, speaker, words).await,
        Command::Remember(words) => remember::run(door, speaker, words).await,
        Command::Forget(wish) => forget::run(door, speaker, wish).await,
        Command::Goals(wish) => goals::run(door, speaker, wish).await,
        Command::Summary(days) => summary::run(door, speaker, days).await,
        Command::Context => context::run(&door.engine, speaker).await,
        Command::Session(wanted) if wanted.is_empty() || door.may_edit(speaker).await => {
            session::ask_or_set(&door.engine, speaker.chat, language, wanted).await
        }
        Command::Memory => {
            let held = Holdings::from(&door.engine.chat(speaker.chat).await?);
            Ok(Reply::text(replies::memory::memory(language, &held, is_owner)))
        }
        Command::Reset if door.may_edit(speaker).await => {
            door.engine.reset(speaker.chat, speaker.message).await?;
            Ok(Reply::text(replies::reset(language)))
        }
        Command::Session(_) | Command::Reset => Ok(Reply::alert(replies::only_administrators(language))),
        Command::Dashboard => dashboard(door, speaker).await,
    }
}

async fn dashboard(door: &Door, speaker: Speaker) -> Result<Reply, EngineError> {
    let language = speaker.language;
    if !speaker.is_owner {
        return Ok(Reply::text(replies::dashboard_refused(language)));
    }
    if !speaker.private {
        return Ok(Reply::text(replies::dashboard_in_private(language)));
    }
    let link = door.engine.make_signin_link().await?;
    let recorded = Some(replies::dashboard_sent(language));
    Ok(Reply { recorded, ..Reply::text(replies::dashboard(language, &link)) })
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
        assert_eq!(known("/remember two\nlines"), Command::Remember("two\nlines".to_owned()));
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
