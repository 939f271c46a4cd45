//! `/search WORDS`: what was said here before, the best first, each with its date, its speaker and the piece in which the
//! words stand; buttons turn pages and lead to a message.
//!
//! A button cannot carry the words, and nothing is kept in the process: it names the command that asked ([`Wish`]), which is
//! read again. So it works after a restart, and no longer once the command is forgotten.

use souvenir_memory::MessageId;
use teloxide::types::InlineKeyboardMarkup;

use super::{
    Door,
    commands::{self, Command, Speaker, Spoken},
    facts::{page::turning, quote},
    press::button,
    replies::{recorded, search as texts},
    reply::Reply,
};
use crate::{
    clock,
    engine::{
        Engine, EngineError,
        excerpt::excerpt,
        search::{FoundMessage, LONGEST_QUERY, SearchMode, SearchQuery},
    },
};

/// So many hits are on a page, so that each has room for its words.
const ON_A_PAGE: usize = 4;
/// So many pages there are at most: what is not among the best is found by better words.
const MOST_PAGES: usize = 5;
/// So much of a message is quoted, in characters.
const QUOTED: usize = 240;

/// What stands after `/search`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wish {
    /// Say how.
    Ask,
    /// Search for these words.
    Words(String),
    /// Show another page of what a command asked for.
    Page { command: MessageId, page: usize },
    /// Show a message that was found, as a reply to it.
    Open(MessageId),
}

impl Wish {
    fn read(text: &str) -> Self {
        // What buttons say begins with a sign of its own, since anything else may be words to look for.
        let pressed: Vec<&str> = text.split_whitespace().collect();
        match pressed.as_slice() {
            [] => Self::Ask,
            ["@", command, page] => match (command.parse(), page.parse()) {
                (Ok(command), Ok(page)) => Self::Page { command: MessageId(command), page },
                _ => Self::Words(text.to_owned()),
            },
            ["#", id] if id.parse::<i64>().is_ok() => Self::Open(MessageId(id.parse().unwrap_or_default())),
            _ => Self::Words(text.to_owned()),
        }
    }

    fn data(&self) -> String {
        match self {
            Self::Ask | Self::Words(_) => "search".to_owned(),
            Self::Page { command, page } => format!("search:@:{command}:{page}"),
            Self::Open(message) => format!("search:#:{message}"),
        }
    }
}

/// Searches, turns a page, or leads to a message.
pub(super) async fn run(door: &Door, speaker: Speaker, said: &str) -> Result<Reply, EngineError> {
    let language = speaker.language;
    match Wish::read(said) {
        Wish::Ask => Ok(Reply::text(texts::how(language))),
        Wish::Words(words) => page(&door.engine, speaker, &words, speaker.message, 1).await,
        Wish::Page { command, page: number } => match asked(door, speaker, command).await? {
            Some(words) => Ok(page(&door.engine, speaker, &words, Some(command), number).await?.instead()),
            None => Ok(Reply::alert(texts::gone(language))),
        },
        Wish::Open(message) => open(&door.engine, speaker, message).await,
    }
}

/// The words that a command asked for; none when it is gone, or was another.
async fn asked(door: &Door, speaker: Speaker, command: MessageId) -> Result<Option<String>, EngineError> {
    let said = match door.engine.spoken(speaker.chat, command).await {
        Ok(said) => said,
        Err(EngineError::NoMessage(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(match commands::parse(&said.text, &door.me.username) {
        Some(Spoken::Known(Command::Search(words))) => Some(words),
        _ => None,
    })
}

/// One page of what was found.
async fn page(
    engine: &Engine,
    speaker: Speaker,
    words: &str,
    command: Option<MessageId>,
    number: usize,
) -> Result<Reply, EngineError> {
    let language = speaker.language;
    if words.chars().count() > LONGEST_QUERY {
        return Ok(Reply::text(texts::too_long(language, LONGEST_QUERY)));
    }
    let query = SearchQuery {
        text: words.to_owned(),
        mode: SearchMode::Hybrid,
        // What was put away is hidden from everybody but the owner, and in a group nobody is alone.
        archived: speaker.is_owner && speaker.private,
        before: None,
        most: ON_A_PAGE * MOST_PAGES,
    };
    let found = engine.search(speaker.chat, &query).await?;
    if found.is_empty() {
        return Ok(Reply {
            recorded: Some(recorded::found(language, 0)),
            ..Reply::text(texts::nothing(language, words))
        });
    }
    let pages = found.len().div_ceil(ON_A_PAGE);
    let number = number.clamp(1, pages);
    let first = (number - 1) * ON_A_PAGE;
    let shown = &found[first..found.len().min(first + ON_A_PAGE)];
    let zone = engine.settings(Some(speaker.chat)).await?.zone();
    let mut parts = vec![texts::title(language, words, found.len())];
    parts.extend(shown.iter().enumerate().map(|(index, hit)| {
        let when = clock::local(hit.message.at, &zone, language.moment_format());
        let piece = excerpt(&hit.message.text, &hit.marks, QUOTED);
        texts::hit(language, first + index + 1, hit, &when, &piece)
    }));
    let recorded = Some(recorded::found(language, found.len()));
    Ok(Reply { recorded, ..Reply::text(parts.join("\n\n")).with(keyboard(shown, first, command, (number, pages))) })
}

/// A button for each hit, and those that turn pages.
fn keyboard(
    shown: &[FoundMessage],
    first: usize,
    command: Option<MessageId>,
    (number, pages): (usize, usize),
) -> InlineKeyboardMarkup {
    let open = shown
        .iter()
        .enumerate()
        .map(|(index, hit)| button((first + index + 1).to_string(), Wish::Open(hit.message.id).data()));
    let mut rows = vec![open.collect::<Vec<_>>()];
    if let Some(command) = command {
        rows.extend(turning(number, pages, |page| Wish::Page { command, page }.data()));
    }
    InlineKeyboardMarkup::new(rows)
}

/// The whole message, as a reply to itself: Telegram leads there when it is tapped.
async fn open(engine: &Engine, speaker: Speaker, message: MessageId) -> Result<Reply, EngineError> {
    let said = match engine.spoken(speaker.chat, message).await {
        Ok(said) => said,
        Err(EngineError::NoMessage(_)) => return Ok(Reply::alert(texts::message_gone(speaker.language))),
        Err(error) => return Err(error),
    };
    let zone = engine.settings(Some(speaker.chat)).await?.zone();
    let when = clock::local(said.at, &zone, speaker.language.moment_format());
    let recorded = Some(recorded::message(speaker.language, message));
    Ok(Reply { recorded, answers: said.telegram_message_id, ..Reply::text(quote::of_message(speaker, &said, &when)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_button_reads_back_and_fits_whatever_the_numbers() {
        let far = MessageId(i64::MAX);
        for wish in [Wish::Page { command: far, page: usize::MAX }, Wish::Open(far)] {
            let data = wish.data();
            assert!(data.len() <= 64, "{data}");
            let (_, arguments) = data.split_once(':').unwrap();
            assert_eq!(Wish::read(&arguments.replace(':', " ")), wish);
        }
    }

    #[test]
    fn whatever_people_write_is_words() {
        for text in ["heron", "page 12 3", "# heron", "@ada 12", "12", "@ 1 2 3", "@ x 1"] {
            assert_eq!(Wish::read(text), Wish::Words(text.to_owned()), "{text}");
        }
        assert_eq!(Wish::read("  "), Wish::Ask);
    }
}
