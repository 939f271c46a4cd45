//! What a context holds that can be quoted.

use souvenir_memory::{
    Role,
    context::ContextMessage,
    prompt::{self, lines_between, recalled_lines},
};

use super::question::{Wish, wish_of};

/// The bot's own name in quotes of earlier messages: it does not quote itself.
const OURSELVES: &str = "Souvenir";
/// How someone without a name is called in quotes of earlier messages.
const NAMELESS: &str = "user";

/// Something remembered, as it stands in the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// A fact's line.
    Fact(String),
    /// An episode's summary.
    Summary(String),
    /// A message found by recall.
    Recalled {
        /// The day it was said, as the context tells it.
        said: String,
        /// Who said it, if they have a name.
        who: Option<String>,
        /// The text.
        text: String,
    },
    /// A message of this conversation.
    Recent(String),
}

impl Note {
    /// The text to search.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Fact(text) | Self::Summary(text) | Self::Recent(text) | Self::Recalled { text, .. } => text,
        }
    }

    /// Whether it tells something, rather than asking or greeting: those are worth quoting only for want of better.
    pub(super) fn tells(&self) -> bool {
        match self {
            Self::Fact(_) | Self::Summary(_) => true,
            Self::Recent(text) | Self::Recalled { text, .. } => matches!(wish_of(text), Wish::Statement(_)),
        }
    }
}

/// A context, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// What is remembered: facts, summaries, recalled messages, recent ones; each kind in the order it stands in.
    pub(super) items: Vec<Note>,
    /// The message being answered, or the burst of them, a line each.
    pub(super) current: String,
    /// Whether the bot has said anything in this context.
    pub(super) answered_before: bool,
}

impl Notes {
    /// Reads a context as [`souvenir_memory::context::build`] made it.
    pub(super) fn read(messages: &[ContextMessage]) -> Self {
        let current = messages.iter().rev().take_while(|message| message.role == Role::User).count();
        let (before, current) = messages.split_at(messages.len() - current);
        let lines = |open, close| {
            let systems = before.iter().filter(|message| message.role == Role::System);
            systems.flat_map(move |message| lines_between(&message.content, open, close))
        };
        let facts = lines(prompt::FACTS_OPEN, prompt::FACTS_CLOSE).map(|line| Note::Fact(line.to_owned()));
        let summaries =
            lines(prompt::SUMMARIES_OPEN, prompt::SUMMARIES_CLOSE).map(|line| Note::Summary(line.to_owned()));
        let systems = before.iter().filter(|message| message.role == Role::System);
        let recalled = systems.flat_map(|message| recalled_lines(&message.content)).filter_map(recalled);
        let said = before.iter().filter(|message| message.role == Role::User);
        let recent = said.map(|message| Note::Recent(message.content.clone()));
        Self {
            items: facts.chain(summaries).chain(recalled).chain(recent).collect(),
            current: current.iter().map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n"),
            answered_before: before.iter().any(|message| message.role == Role::Assistant),
        }
    }
}

/// Reads `Ann: text`; nothing for what the bot said, and the whole as text if it is not so.
fn recalled((said, line): (&str, &str)) -> Option<Note> {
    if prompt::RECALLED_FACTS.starts_with(said) {
        return Some(Note::Fact(line.to_owned()));
    }
    let Some((who, text)) = line.split_once(": ") else { return Some(Note::Summary(line.to_owned())) };
    let who = Some(who).filter(|who| *who != NAMELESS).map(str::to_owned);
    (who.as_deref() != Some(OURSELVES)).then(|| Note::Recalled { said: said.to_owned(), who, text: text.to_owned() })
}
