//! `/remember`: a fact on somebody's word, from what stands after the command or in the message it replies to.

use souvenir_memory::{MessageId, MessageKind, Role, fact::InvalidStatement, fact::clean_statement, media};

use super::{Door, commands::Speaker, facts, replies, reply::Reply};
use crate::engine::{EngineError, facts::FactDraft, remember::Remembered, spoken::Spoken};

/// Words that somebody uses of themselves. A fact that says "I" says nothing without who said it.
const OF_ONESELF: [&str; 36] = [
    "i",
    "i'm",
    "i’m",
    "i've",
    "i’ve",
    "i'd",
    "i’d",
    "i'll",
    "i’ll",
    "my",
    "me",
    "mine",
    "we",
    "our",
    "us",
    "я",
    "мне",
    "меня",
    "мной",
    "мой",
    "моя",
    "моё",
    "мое",
    "мои",
    "моей",
    "моего",
    "мы",
    "наш",
    "наша",
    "je",
    "j",
    "moi",
    "mon",
    "ma",
    "mes",
    "nous",
];

/// What is to be remembered, and the message whose words they are.
struct Words {
    text: String,
    author: Option<String>,
    message: Option<MessageId>,
}

/// Takes a fact down.
pub(super) async fn run(door: &Door, speaker: Speaker, said: &str) -> Result<Reply, EngineError> {
    let language = speaker.language;
    if !door.may_edit(speaker).await {
        return Ok(Reply::alert(replies::only_administrators(language)));
    }
    let words = match words(door, speaker, said).await? {
        Ok(words) => words,
        Err(how) => return Ok(Reply::text(how)),
    };
    match clean_statement(&words.text) {
        Err(InvalidStatement::Empty) => Ok(Reply::text(replies::remember::how(language))),
        Err(InvalidStatement::TooLong(characters)) => Ok(Reply::text(replies::facts::unusable(language, characters))),
        Ok(statement) => {
            let subject = words.author.filter(|_| speaks_of_oneself(&statement));
            let draft = FactDraft { statement, subject, ..FactDraft::default() };
            let remembered = door.engine.remember(speaker.chat, draft, speaker.source(), words.message).await?;
            Ok(told(speaker, &remembered))
        }
    }
}

fn told(speaker: Speaker, remembered: &Remembered) -> Reply {
    let language = speaker.language;
    match remembered {
        Remembered::New(item) => Reply {
            recorded: Some(replies::remember::recorded(language)),
            ..Reply::text(replies::remember::remembered(language, &item.fact))
                .with(facts::page::undo_adding(language, item))
        },
        Remembered::Known(item) => Reply {
            recorded: Some(replies::remember::recorded(language)),
            ..Reply::text(replies::remember::known(language, &item.fact)).with(facts::page::open(language, item))
        },
    }
}

/// The words after the command, or those of the message it replies to; else what to tell the speaker.
async fn words(door: &Door, speaker: Speaker, said: &str) -> Result<Result<Words, String>, EngineError> {
    let language = speaker.language;
    let Some(command) = speaker.message else { return Ok(Err(replies::remember::how(language))) };
    let command = door.engine.spoken(speaker.chat, command).await?;
    if !said.is_empty() {
        return Ok(Ok(Words { text: said.to_owned(), author: command.author, message: None }));
    }
    let Some(replied) = command.reply_to else { return Ok(Err(replies::remember::how(language))) };
    Ok(match door.engine.spoken_in_telegram(speaker.chat, replied).await? {
        None => Err(replies::remember::not_held(language)),
        Some(replied) if !is_of_words(&replied) => Err(replies::remember::how(language)),
        Some(replied) => {
            let by_person = replied.role == Role::User;
            Ok(Words { text: replied.text, author: replied.author, message: by_person.then_some(replied.id) })
        }
    })
}

/// Whether a message has words that may be remembered: commands are never evidence, and a picture alone says nothing.
fn is_of_words(message: &Spoken) -> bool {
    message.kind != MessageKind::Command && !media::is_wordless(message.kind, &message.text)
}

/// Whether a statement speaks of whoever made it.
fn speaks_of_oneself(statement: &str) -> bool {
    let edge = |c: char| !c.is_alphanumeric() && c != '\'' && c != '’';
    let mut words = statement.split(edge).map(str::to_lowercase);
    words.any(|word| {
        let elided = word.split_once(['\'', '’']).map_or("", |(before, _)| before);
        OF_ONESELF.contains(&word.as_str()) || matches!(elided, "j" | "m")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_about_oneself_is_known_in_each_language() {
        for own in ["I am allergic to nuts", "I'm Ada", "Call my mother Maja", "У меня аллергия", "J’habite à Lyon"]
        {
            assert!(speaks_of_oneself(own), "{own}");
        }
        for other in ["Ada lives in Lyon", "The icing is blue", "Мыло куплено", "Il est tard", "Jeanne aime le thé"]
        {
            assert!(!speaks_of_oneself(other), "{other}");
        }
    }
}
